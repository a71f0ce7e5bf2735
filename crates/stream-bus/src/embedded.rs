//! Engine one: the log in files of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::oneshot;

use crate::disk;
use crate::errors;
use crate::frame;
use crate::kernel::Result;
use crate::lock::{self, DirectoryLock};
use crate::log::{Log, Waiting};
use crate::reader;
use crate::recovery::{self, Recovered};
use crate::writer::Writer;
use crate::{APPEND_BYTES_MAX, Options, StreamBus};

/// An open log. Dropping it writes what still waits, marks the log as closed and lets the directory go.
pub(crate) struct EmbeddedLog {
    log: Arc<Log>,
    writer: Option<JoinHandle<()>>,
    _lock: DirectoryLock,
}

impl EmbeddedLog {
    pub(crate) fn open(dir: PathBuf, options: Options) -> Result<Self> {
        let options = within_limits(options);
        make_directory(&dir)?;
        let lock = lock::take(&dir)?;
        let Recovered { log: id, segments, live, next } = recovery::recover(&dir, &options)?;
        let log = Arc::new(Log::new(dir.clone(), id, &options, segments, next));
        let writer = Writer::new(log.clone(), live, next);
        let thread = std::thread::Builder::new().name("log-writer".into()).spawn(move || writer.run());
        let writer = thread.map_err(|e| errors::cannot_open(&dir, &e))?;
        Ok(Self { log, writer: Some(writer), _lock: lock })
    }
}

/// Offsets in the index have 32 bits, and an index entry for each few bytes would be larger than the log.
fn within_limits(options: Options) -> Options {
    const GIB: u64 = 1024 * 1024 * 1024;
    Options {
        segment_bytes: options.segment_bytes.clamp(8 * 1024, GIB),
        index_every_bytes: options.index_every_bytes.max(64),
        verify: options.verify,
    }
}

/// Makes the directory, durably if it was not there.
fn make_directory(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(|e| errors::cannot_open(dir, &e))?;
    match dir.parent().filter(|p| !p.as_os_str().is_empty()) {
        Some(parent) => disk::sync_directory(parent).map_err(|e| errors::cannot_open(parent, &e)),
        None => Ok(()),
    }
}

#[async_trait]
impl StreamBus for EmbeddedLog {
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        let bytes = frame::encoded_len(&records);
        if bytes > APPEND_BYTES_MAX {
            return Err(errors::append_too_large(bytes, APPEND_BYTES_MAX));
        }
        if records.is_empty() {
            return self.log.failure().map_or_else(|| Ok(self.log.next()), Err);
        }
        let (answer, answered) = oneshot::channel();
        self.log.enqueue(Waiting { records, answer });
        answered.await.unwrap_or_else(|_| Err(errors::failed("its writer stopped")))
    }

    fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Vec<(u64, Bytes)>> {
        reader::read(&self.log, from, max_records, max_bytes)
    }

    fn first(&self) -> u64 {
        self.log.first()
    }

    fn next(&self) -> u64 {
        self.log.next()
    }

    async fn wait_past(&self, position: u64) {
        self.log.wait_past(position).await;
    }

    fn trim(&self, before: u64) -> Result<()> {
        self.log.trim(before)
    }

    fn failed(&self) -> Option<String> {
        self.log.broken().map(str::to_owned)
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.log.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the log's writer panicked");
        }
    }
}
