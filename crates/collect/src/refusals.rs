//! What was refused is told to the log too, so that it is counted: with the events it came with, or once a second.

use std::collections::BTreeMap;

use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::kernel::id::base32;
use crate::kernel::{Control, Millis, Record, Result, SourceId, WorkspaceId};
use crate::pipeline::FrontDoor;

/// The room and the verb of the control by which refusals stand in the log.
pub const ROOM: &str = "collect";
pub const REFUSED: &str = "refused";

/// Where requests are counted that do not say whose they are.
pub(crate) fn nobody() -> (WorkspaceId, SourceId) {
    (WorkspaceId(0), SourceId::from("unknown"))
}

/// The body of the control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedCount {
    pub source: SourceId,
    /// The code of the refusal.
    pub reason: String,
    pub count: u64,
}

/// A control record that says how many were refused, and why.
pub(crate) fn record(workspace: WorkspaceId, source: &SourceId, reason: &str, count: u64, at: Millis) -> Result<Bytes> {
    let body = serde_json::to_value(RefusedCount { source: source.clone(), reason: reason.to_owned(), count })?;
    let id = format!("ctl_{}", base32(uuid::Uuid::now_v7().as_u128()));
    let control = Control { id, workspace, at, room: ROOM.into(), what: REFUSED.into(), body };
    Record::Control(Box::new(control)).encode().map(Bytes::from)
}

type Counts = BTreeMap<(WorkspaceId, SourceId, &'static str), u64>;

/// Requests refused as a whole, counted here until the next flush: a flood of wrong keys must not flood the log.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Counts>);

impl Refusals {
    pub(crate) fn add(&self, workspace: WorkspaceId, source: &SourceId, reason: &'static str, count: u64) {
        *self.0.lock().entry((workspace, source.clone(), reason)).or_default() += count;
    }

    /// Tells the log. What it does not take is kept for the next time.
    pub(crate) async fn flush(&self, door: &dyn FrontDoor) -> Result<()> {
        let counts = std::mem::take(&mut *self.0.lock());
        if counts.is_empty() {
            return Ok(());
        }
        let now = door.now();
        let records = counts.iter().map(|((workspace, source, reason), count)| record(*workspace, source, reason, *count, now));
        let told = match records.collect::<Result<Vec<_>>>() {
            Ok(records) => door.append(records).await.map(|_| ()),
            Err(error) => Err(error),
        };
        if told.is_err() {
            counts.into_iter().for_each(|((workspace, source, reason), count)| self.add(workspace, &source, reason, count));
        }
        told
    }
}
