//! What can go wrong: settings that do not fit the records, and being stopped.

use thiserror::Error;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    #[error("a record has {given} values, and there are {columns} columns")]
    Width { given: usize, columns: usize },
    #[error("more than {0} records")]
    TooMany(usize),
    #[error("settings: {0}")]
    Settings(String),
    #[error("stopped on request")]
    Cancelled,
}
