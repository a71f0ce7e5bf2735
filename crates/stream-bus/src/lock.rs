//! One process, one log: a lock on the directory that dies with its holder.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::errors;
use crate::kernel::Result;

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct DirectoryLock(File);

impl Drop for DirectoryLock {
    /// Said aloud, because closing is not enough: a process that is just being forked has the same open file.
    fn drop(&mut self) {
        if let Err(e) = flock(&self.0, FlockOperation::Unlock) {
            tracing::warn!(error = %e, "the lock of the log's directory could not be released");
        }
    }
}

pub(crate) fn take(dir: &Path) -> Result<DirectoryLock> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| errors::cannot_open(&path, &e))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(DirectoryLock(file)),
        Err(Errno::WOULDBLOCK) => Err(errors::locked(dir)),
        Err(e) => Err(errors::cannot_open(&path, &e.into())),
    }
}
