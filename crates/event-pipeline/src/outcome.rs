//! What became of each event, counted per source and hour. Nothing vanishes.

use serde::{Deserialize, Serialize};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Millis, Result, SourceId, WorkspaceId};

pub const OUTCOMES: &str = "outcomes";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum Outcome {
    /// In the log, the profile and the lake.
    Stored,
    /// Its id was seen before.
    Duplicate,
    /// Kept apart: it breaks the tracking plan, or a step could not digest it.
    Quarantined(String),
    /// The person did not agree to it.
    Withheld(String),
    /// Refused at the door; the sender was told.
    Rejected(String),
}

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Stored => "stored",
            Outcome::Duplicate => "duplicate",
            Outcome::Quarantined(_) => "quarantined",
            Outcome::Withheld(_) => "withheld",
            Outcome::Rejected(_) => "rejected",
        }
    }
    pub fn reason(&self) -> &str {
        match self {
            Outcome::Quarantined(r) | Outcome::Withheld(r) | Outcome::Rejected(r) => r,
            _ => "",
        }
    }
}

fn hour(at: Millis) -> Millis {
    Millis(at.0.div_euclid(Millis::HOUR) * Millis::HOUR)
}

/// Adds to the count of an outcome in the hour of `at` (the time of receipt).
pub fn count(work: &mut Work, workspace: WorkspaceId, source: &SourceId, at: Millis, outcome: &Outcome, by: u64) -> Result<()> {
    let key = Key::of(workspace).time(hour(at)).text(source.as_str()).text(outcome.name()).text(outcome.reason());
    let before = work.get(OUTCOMES, key.as_slice())?.and_then(|v| v.as_ref().try_into().ok().map(u64::from_be_bytes)).unwrap_or(0);
    work.put(OUTCOMES, key, (before + by).to_be_bytes().to_vec());
    Ok(())
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeCount {
    pub hour: Millis,
    pub source: SourceId,
    pub outcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    pub count: u64,
}

#[derive(Clone, Debug, Default)]
pub struct OutcomeFilter {
    pub from: Option<Millis>,
    pub to: Option<Millis>,
    pub source: Option<SourceId>,
}

/// The counts of a period, oldest hour first.
pub fn list(read: &dyn Read, workspace: WorkspaceId, filter: &OutcomeFilter) -> Result<Vec<OutcomeCount>> {
    let from = Key::of(workspace).time(filter.from.map_or(Millis(i64::MIN), hour));
    let to = Key::of(workspace).time(filter.to.unwrap_or(Millis(i64::MAX)));
    let mut counts = Vec::new();
    read.scan(OUTCOMES, from.as_slice(), to.as_slice(), &mut |key, value| {
        let mut parts = Parts(key);
        let (Some(_), Some(hour), Some(source), Some(outcome), Some(reason)) =
            (parts.u32(), parts.time(), parts.text(), parts.text(), parts.text())
        else {
            return Ok(true);
        };
        if filter.source.as_ref().is_none_or(|s| s.as_str() == source) {
            let count = value.try_into().map(u64::from_be_bytes).unwrap_or(0);
            counts.push(OutcomeCount { hour, source: SourceId(source), outcome, reason, count });
        }
        Ok(true)
    })?;
    Ok(counts)
}
