#![doc = include_str!("../README.md")]

mod bounds;
mod compact;
pub mod events;
mod file;
mod lake;
mod log;
mod scan;
mod snapshot;
mod stored;
mod table;
mod vacuum;

pub(crate) use weft_kernel as kernel;

pub use compact::Compaction;
pub use lake::Lake;
pub use snapshot::LakeFile;
pub use table::{Appended, Pinned, Table};
pub use vacuum::Vacuumed;

use kernel::Error;

/// Whatever goes wrong below us and is nobody's fault above: the disk, the log, a file that is not what it was.
pub(crate) fn failed(cause: impl std::fmt::Display) -> Error {
    Error::unavailable("event_lake.failed", cause.to_string())
}
