//! What stands behind every way of sending: whose key it is, the log, and the counting of what is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::{Error, Millis, Result, SourceId, WorkspaceId};
use crate::pipeline::FrontDoor;
use crate::protocols::{Parsed, Refused, Stamp};
use crate::refusals::{self, Refusals, nobody};
use crate::sources::Sources;

/// Refusals that an answer spells out; the rest are only counted.
const TOLD: usize = 50;

/// Cloning shares everything.
#[derive(Clone)]
pub(crate) struct Gate {
    pub door: Arc<dyn FrontDoor>,
    pub sources: Sources,
    pub refusals: Arc<Refusals>,
}

/// What became of a request of which at least something got in.
#[derive(Debug, PartialEq)]
pub(crate) struct Delivered {
    pub accepted: usize,
    pub refused: Vec<Refused>,
}

impl Gate {
    /// Whose events these are. The first key given decides; a wrong one is not forgiven because of a right one behind it.
    pub(crate) fn stamp(&self, keys: impl IntoIterator<Item = String>) -> Result<Stamp> {
        let received_at: Millis = self.door.now();
        let missing = || Error::unauthenticated("collect.write_key_missing", "send the write key of a source: as the user name of Basic authorization, or as token");
        let wrong = || Error::unauthenticated("collect.write_key_wrong", "no source has this write key; look it up under Sources in the console");
        let key = keys.into_iter().find(|key| !key.is_empty()).ok_or_else(missing)?;
        let holder = self.sources.by_key(&key).ok_or_else(wrong)?;
        Ok(Stamp { workspace: holder.workspace, source: holder.source, received_at })
    }

    /// Writes what was accepted, and beside it how much was not. Durable when this returns.
    pub(crate) async fn deliver(&self, stamp: &Stamp, parsed: Parsed) -> Result<Delivered> {
        let Parsed { accepted: mut records, refused } = parsed;
        let accepted = records.len();
        if accepted == 0 {
            return match refused.is_empty() {
                true => Ok(Delivered { accepted, refused }),
                false => Err(self.all_refused(stamp, &refused)),
            };
        }
        for (reason, count) in per_reason(&refused) {
            records.push(refusals::record(stamp.workspace, &stamp.source, reason, count, stamp.received_at)?);
        }
        self.door.append(records).await.map_err(untaken)?;
        Ok(Delivered { accepted, refused })
    }

    fn all_refused(&self, stamp: &Stamp, refused: &[Refused]) -> Error {
        for (reason, count) in per_reason(refused) {
            self.refusals.add(stamp.workspace, &stamp.source, reason, count);
        }
        if let [only] = refused {
            return Error::invalid(only.code, only.detail.clone()).param("index", only.index);
        }
        let error = Error::invalid("collect.all_refused", format!("none of the {} events could be accepted", refused.len()));
        refused.iter().take(TOLD).fold(error, |e, r| e.field(format!("batch[{}]", r.index), format!("{}: {}", r.code, r.detail)))
    }

    /// A request that was refused before its events could be told apart; it counts as one.
    pub(crate) fn refused(&self, stamp: Option<&Stamp>, error: &Error) {
        let (workspace, source): (WorkspaceId, SourceId) = stamp.map_or_else(nobody, |s| (s.workspace, s.source.clone()));
        self.refusals.add(workspace, &source, error.code, 1);
    }
}

/// The sender is told what she can do; of what broke inside, only that the disk is full: she may be the one who can help.
fn untaken(error: Error) -> Error {
    tracing::error!(%error, "the log did not take the events; the sender was told to send them again");
    match error.code {
        "stream_bus.disk_full" => Error::unavailable("collect.disk_full", "there is no room for more events on the house's disk; none of these was kept, send them again later"),
        _ => Error::unavailable("collect.log_unavailable", "the events could not be written; send them again"),
    }
}

fn per_reason(refused: &[Refused]) -> BTreeMap<&'static str, u64> {
    refused.iter().fold(BTreeMap::new(), |mut counts, r| {
        *counts.entry(r.code).or_default() += 1;
        counts
    })
}

impl Delivered {
    /// What the sender is told: Segment's answer, and what was refused if anything was.
    pub(crate) fn told(&self) -> serde_json::Value {
        match self.refused.as_slice() {
            [] => serde_json::json!({"success": true}),
            refused => serde_json::json!({
                "success": true,
                "accepted": self.accepted,
                "refused_count": refused.len(),
                "refused": &refused[..refused.len().min(TOLD)],
            }),
        }
    }
}
