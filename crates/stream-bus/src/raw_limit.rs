//! What this machine's disk can do at most for a log: the same bytes, nothing but writing and syncing.

use std::path::Path;
use std::time::Instant;

use crate::disk;
use crate::errors;
use crate::kernel::{Error, Result};

/// The file is written round and round; it is large enough that nothing overwrites what was just synced.
const FILE_BYTES: usize = 64 * 1024 * 1024;

/// The yardstick of the log's benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawLimit {
    pub bytes_per_second: f64,
    pub batches_per_second: f64,
    /// One sync for each group.
    pub syncs_per_second: f64,
    pub bytes: u64,
    pub batches: u64,
    pub syncs: u64,
    /// How long it really ran.
    pub seconds: f64,
}

/// For about `seconds`, appends batches of `batch_bytes` to a pre-written file in `dir`, `group` batches in one write
/// and one fdatasync. The file is removed afterwards.
pub fn run(dir: &Path, batch_bytes: usize, group: usize, seconds: f64) -> Result<RawLimit> {
    if batch_bytes == 0 || group == 0 {
        return Err(Error::invalid("stream_bus.benchmark_invalid", "a batch and a group have at least one byte and batch"));
    }
    let path = dir.join("raw-limit.tmp");
    let measured = measure(&path, batch_bytes, group, seconds).map_err(|e| errors::cannot_open(&path, &e));
    drop(std::fs::remove_file(&path));
    measured
}

fn measure(path: &Path, batch_bytes: usize, group: usize, seconds: f64) -> std::io::Result<RawLimit> {
    let bytes = vec![b'x'; batch_bytes * group];
    let room = FILE_BYTES.max(4 * bytes.len()) as u64;
    let file = std::fs::File::options().read(true).write(true).create_new(true).open(path)?;
    disk::reserve(&file, room)?;
    disk::write_zeros(&file, 0, room)?;
    file.sync_all()?;

    let begun = Instant::now();
    let (mut offset, mut syncs) = (0, 0u64);
    while begun.elapsed().as_secs_f64() < seconds || syncs == 0 {
        if offset + bytes.len() as u64 > room {
            offset = 0;
        }
        disk::write(&file, &bytes, offset)?;
        disk::sync(&file)?;
        offset += bytes.len() as u64;
        syncs += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let batches = syncs * group as u64;
    let total = syncs * bytes.len() as u64;
    Ok(RawLimit {
        bytes_per_second: total as f64 / seconds,
        batches_per_second: batches as f64 / seconds,
        syncs_per_second: syncs as f64 / seconds,
        bytes: total,
        batches,
        syncs,
        seconds,
    })
}
