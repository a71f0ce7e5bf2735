//! The log as all threads see it: its segments, its two ends, its queue, and whether it is broken.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::{oneshot, watch};

use crate::disk;
use crate::errors;
use crate::frame::LogId;
use crate::kernel::{Error, Result};
use crate::segment::{Bookmarks, OpenFiles, Segment};

pub(crate) struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) id: LogId,
    pub(crate) segment_bytes: u64,
    pub(crate) index_every: u32,
    pub(crate) files: OpenFiles,
    pub(crate) bookmarks: Bookmarks,
    /// Oldest first; the last one is the live one.
    segments: RwLock<Vec<Arc<Segment>>>,
    first: AtomicU64,
    next: watch::Sender<u64>,
    inbox: Mutex<Inbox>,
    arrived: Condvar,
    broken: OnceLock<String>,
    /// Trims go one after the other.
    trimming: Mutex<()>,
}

/// An append that waits for the disk.
pub(crate) struct Waiting {
    pub(crate) records: Vec<Bytes>,
    pub(crate) answer: oneshot::Sender<Result<u64>>,
}

impl Waiting {
    /// Who has gone away is not told.
    pub(crate) fn refuse(self, error: Error) {
        drop(self.answer.send(Err(error)));
    }
}

#[derive(Default)]
struct Inbox {
    waiting: Vec<Waiting>,
    /// The writer is woken when so many wait.
    wanted: usize,
    is_closing: bool,
}

impl Log {
    pub(crate) fn new(
        dir: PathBuf,
        id: LogId,
        options: &crate::Options,
        segments: Vec<Arc<Segment>>,
        next: u64,
    ) -> Self {
        Self {
            dir,
            id,
            segment_bytes: options.segment_bytes,
            index_every: options.index_every_bytes,
            files: OpenFiles::default(),
            bookmarks: Bookmarks::default(),
            first: AtomicU64::new(segments.first().map_or(next, |s| s.first)),
            segments: RwLock::new(segments),
            next: watch::Sender::new(next),
            inbox: Mutex::default(),
            arrived: Condvar::new(),
            broken: OnceLock::new(),
            trimming: Mutex::new(()),
        }
    }

    pub(crate) fn first(&self) -> u64 {
        self.first.load(Ordering::Acquire)
    }
    pub(crate) fn next(&self) -> u64 {
        *self.next.borrow()
    }
    pub(crate) async fn wait_past(&self, position: u64) {
        let mut next = self.next.subscribe();
        // Fails only when the sender is gone, and the sender is ours.
        drop(next.wait_for(|next| *next > position).await);
    }
    /// Lets readers see all below `next`.
    pub(crate) fn publish(&self, next: u64) {
        self.next.send_replace(next);
    }

    /// The segment that holds `position`, and the first position of the one behind it.
    pub(crate) fn segment_of(&self, position: u64) -> Option<(Arc<Segment>, u64)> {
        let segments = self.segments.read();
        let behind = segments.partition_point(|s| s.first <= position);
        let segment = segments.get(behind.checked_sub(1)?)?.clone();
        Some((segment, segments.get(behind).map_or(u64::MAX, |s| s.first)))
    }
    /// Makes this the live segment. One in which nothing was written yet had the same name, and is gone.
    pub(crate) fn add_segment(&self, segment: Arc<Segment>) {
        let mut segments = self.segments.write();
        segments.retain(|s| s.first != segment.first);
        self.files.forget(segment.first);
        segments.push(segment);
    }

    pub(crate) fn failure(&self) -> Option<Error> {
        self.broken.get().map(|why| errors::failed(why))
    }
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }
    /// From here on nothing is acknowledged. The first reason stays; all who wait are told.
    pub(crate) fn break_down(&self, why: String) -> Error {
        tracing::error!(why, "the log takes no more appends");
        let why = self.broken.get_or_init(|| why);
        let stranded = std::mem::take(&mut self.inbox.lock().waiting);
        for waiting in stranded {
            waiting.refuse(errors::failed(why));
        }
        errors::failed(why)
    }

    /// Hands an append to the writer, or refuses it if there is none any more.
    pub(crate) fn enqueue(&self, waiting: Waiting) {
        let mut inbox = self.inbox.lock();
        // Looked at under the lock: who breaks the log empties the queue after saying so.
        if let Some(failure) = self.failure() {
            drop(inbox);
            return waiting.refuse(failure);
        }
        inbox.waiting.push(waiting);
        let is_enough = inbox.waiting.len() >= inbox.wanted;
        drop(inbox);
        if is_enough {
            self.arrived.notify_one();
        }
    }
    /// All appends that wait; blocks until there are some. `None` when the log closes and none is left.
    ///
    /// The `answered` who were just told will mostly come with their next append. They are waited for a little, since
    /// otherwise those who queued during the last sync go ahead alone and the two halves take turns for ever.
    pub(crate) fn take_waiting(&self, answered: usize, patience: Duration) -> Option<Vec<Waiting>> {
        let mut inbox = self.inbox.lock();
        let expected = inbox.waiting.len() + answered;
        while inbox.waiting.is_empty() {
            if inbox.is_closing {
                return None;
            }
            inbox.wanted = 1;
            self.arrived.wait(&mut inbox);
        }
        if inbox.waiting.len() < expected && !inbox.is_closing {
            inbox.wanted = expected;
            self.arrived.wait_for(&mut inbox, patience);
        }
        Some(std::mem::take(&mut inbox.waiting))
    }
    pub(crate) fn close(&self) {
        self.inbox.lock().is_closing = true;
        self.arrived.notify_one();
    }

    /// Unlinks whole segments below `before`, the oldest first, and each durably before the next, so that a crash
    /// never leaves a hole.
    pub(crate) fn trim(&self, before: u64) -> Result<()> {
        let _one_at_a_time = self.trimming.lock();
        while let Some((oldest, kept_from)) = self.removable(before) {
            self.first.store(kept_from, Ordering::Release);
            match fs::remove_file(&oldest.path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(errors::cannot_open(&oldest.path, &e)),
                _ => {}
            }
            if let Err(e) = disk::sync_directory(&self.dir) {
                return Err(self.break_down(format!("its directory could not be synced ({e})")));
            }
            self.segments.write().retain(|s| s.first != oldest.first);
            self.files.forget(oldest.first);
        }
        Ok(())
    }
    /// The oldest segment, if all of it is below `before` and it is not the live one.
    fn removable(&self, before: u64) -> Option<(Arc<Segment>, u64)> {
        match self.segments.read().as_slice() {
            [oldest, behind, ..] if behind.first <= before => Some((oldest.clone(), behind.first)),
            _ => None,
        }
    }
}
