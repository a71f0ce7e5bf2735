//! Events that break the tracking plan: kept with their reason, and tried again when the plan was wrong.

use serde::{Deserialize, Serialize};
use weft_event_pipeline::Cx;
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Control, Event, Page, Result, WorkspaceId};

/// (position) → [`Kept`]
const QUARANTINE: &str = "quarantine";
/// Rows looked at for one page; a search that finds few is told where to go on.
const LOOKED_AT: usize = 20_000;

#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub reason: String,
    pub event: Event,
}

/// Which of them go through the front door again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Retry {
    pub positions: Vec<u64>,
}

fn key(workspace: WorkspaceId, position: u64) -> Key {
    Key::of(workspace).u64(position)
}

pub(crate) fn keep(work: &mut Work, position: u64, reason: &str, event: &Event) -> Result<()> {
    let kept = Kept { reason: reason.to_owned(), event: event.clone() };
    work.put(QUARANTINE, key(event.workspace, position), serde_json::to_vec(&kept)?);
    Ok(())
}

/// Takes them out, and sends them through the front door under the plan as it is now. What still breaks it comes back.
pub(crate) fn retry(cx: &mut Cx, control: &Control) -> Result<()> {
    let retry: Retry = serde_json::from_value(control.body.clone())?;
    for position in retry.positions {
        let key = key(control.workspace, position);
        let Some(bytes) = cx.work.get(QUARANTINE, key.as_slice())? else { continue };
        let kept: Kept = serde_json::from_slice(&bytes)?;
        cx.work.delete(QUARANTINE, key);
        // It is let in now; when it happened stays what it was.
        cx.emit(Event { received_at: cx.now, ..kept.event });
    }
    Ok(())
}

fn position_of(key: &[u8]) -> Option<u64> {
    let mut parts = Parts(key);
    parts.u32()?;
    parts.u64()
}

/// All positions, oldest first, up to `most`.
pub(crate) fn positions(read: &dyn Read, workspace: WorkspaceId, most: usize) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    read.scan_prefix(QUARANTINE, Key::of(workspace).as_slice(), &mut |key, _| {
        found.extend(position_of(key));
        Ok(found.len() < most)
    })?;
    Ok(found)
}

/// Newest first, before `before`; `q` is part of the event's name, id, reason or an identifier.
pub(crate) fn list(read: &dyn Read, workspace: WorkspaceId, q: &str, reason: &str, before: Option<u64>, limit: usize) -> Result<Page<(u64, Kept)>> {
    let from = Key::of(workspace);
    let to = before.map_or_else(|| after_prefix(from.as_slice()), |position| key(workspace, position).0);
    let mut page = Page { items: Vec::new(), next: None };
    let (mut looked_at, mut last) = (0, 0);
    read.scan_back(QUARANTINE, from.as_slice(), &to, &mut |key, value| {
        if page.items.len() == limit || looked_at == LOOKED_AT {
            page.next = Some(last.to_string());
            return Ok(false);
        }
        let (Some(position), kept) = (position_of(key), serde_json::from_slice::<Kept>(value)?) else { return Ok(true) };
        (looked_at, last) = (looked_at + 1, position);
        if kept.reason.starts_with(reason) && speaks_of(&kept, q) {
            page.items.push((position, kept));
        }
        Ok(true)
    })?;
    Ok(page)
}

fn speaks_of(kept: &Kept, q: &str) -> bool {
    let event = &kept.event;
    let mut texts = [event.name.as_str(), event.id.as_str(), kept.reason.as_str()].into_iter().chain(event.identifiers.iter().map(|i| i.value.as_str()));
    q.is_empty() || texts.any(|text| text.contains(q))
}
