#![doc = include_str!("../README.md")]

pub mod id;
pub mod time;
pub mod error;
pub mod event;
pub mod record;
pub mod scope;
pub mod page;
pub mod money;
pub mod secret;
pub mod sign;
pub mod vault;

pub use error::{Error, ErrorKind, Result};
pub use event::{Event, EventKind, IdType, Identifier};
pub use id::*;
pub use page::Page;
pub use record::{Control, Record};
pub use scope::{Actor, Scope};
pub use secret::{Pii, Sensitive};
pub use time::{Clock, FakeClock, Millis, SystemClock};
pub use vault::Vault;
