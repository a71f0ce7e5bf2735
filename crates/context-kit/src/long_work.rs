//! Work that takes a while: it shows how far it is, it can be cancelled, and there is one of its kind at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Error, Millis, Result, WorkspaceId};

/// One piece of work under way.
pub struct Running {
    stages: &'static [&'static str],
    stage: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
    started_at: Millis,
}

/// How far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    pub done: u64,
    /// 0 while nobody knows.
    pub total: u64,
    #[schema(value_type = String)]
    pub started_at: Millis,
}

impl Running {
    pub fn new(stages: &'static [&'static str], started_at: Millis) -> Self {
        let zero = AtomicU64::default;
        Self { stages, stage: zero(), done: zero(), total: zero(), cancelled: AtomicBool::default(), started_at }
    }
    pub fn tell(&self, stage: usize, done: u64, total: u64) {
        self.stage.store(stage as u64, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
    /// For those who work beside each other.
    pub fn add(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }
    pub fn progress(&self) -> Progress {
        let stage = self.stages.get(self.stage.load(Ordering::Relaxed) as usize).copied().unwrap_or_default();
        Progress { stage, done: self.done.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed), started_at: self.started_at }
    }
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
    pub fn goes_on(&self) -> bool {
        !self.cancelled.load(Ordering::Relaxed)
    }
    /// An error where it was cancelled; asked now and then by who works.
    pub fn check(&self) -> Result<()> {
        if self.goes_on() { Ok(()) } else { Err(Error::conflict("kernel.cancelled", "it was cancelled")) }
    }
}

type Key = (WorkspaceId, String);

/// All that is under way, by workspace and name.
#[derive(Clone, Default)]
pub struct LongWork(Arc<Mutex<HashMap<Key, Arc<Running>>>>);

impl LongWork {
    pub fn of(&self, workspace: WorkspaceId, name: &str) -> Option<Arc<Running>> {
        self.0.lock().get(&(workspace, name.to_owned())).cloned()
    }
    /// The house is left.
    pub fn cancel_all(&self) {
        self.0.lock().values().for_each(|running| running.cancel());
    }
    /// Nothing where it is under way already.
    pub fn begin(&self, workspace: WorkspaceId, name: &str, stages: &'static [&'static str], now: Millis) -> Option<Ticket> {
        let key = (workspace, name.to_owned());
        let mut all = self.0.lock();
        if all.contains_key(&key) {
            return None;
        }
        let running = Arc::new(Running::new(stages, now));
        all.insert(key.clone(), running.clone());
        Some(Ticket { work: self.clone(), key, running })
    }
}

/// Held by who does it. However that ends, the work may begin again; and when the house is left, nothing waits for it.
pub struct Ticket {
    work: LongWork,
    key: Key,
    pub running: Arc<Running>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.running.cancel();
        self.work.0.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_again_however_it_ended() {
        let all = LongWork::default();
        let w = WorkspaceId(1);
        let ticket = all.begin(w, "a", &["reading", "writing"], Millis(5)).unwrap();
        assert!(all.begin(w, "a", &["reading"], Millis(6)).is_none());
        assert!(all.begin(WorkspaceId(2), "a", &["reading"], Millis(6)).is_some());
        ticket.running.tell(1, 3, 10);
        let progress = all.of(w, "a").unwrap().progress();
        assert_eq!((progress.stage, progress.done, progress.total, progress.started_at), ("writing", 3, 10, Millis(5)));
        assert!(ticket.running.check().is_ok());
        all.of(w, "a").unwrap().cancel();
        assert_eq!(ticket.running.check().unwrap_err().code, "kernel.cancelled");
        drop(ticket);
        assert!(all.of(w, "a").is_none());
    }
}
