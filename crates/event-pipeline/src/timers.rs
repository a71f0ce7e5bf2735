//! Timers: what should be looked at again when the log's time has come. They are state, like all else.

use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Millis, Result, WorkspaceId};

const TIMERS: &str = "timers";

fn key(step: &str, workspace: WorkspaceId, due: Millis, key: &[u8]) -> Vec<u8> {
    let mut out = Key::raw().time(due).text(step).u32(workspace.0).0;
    out.extend_from_slice(key);
    out
}

pub(crate) fn set(work: &mut Work, step: &str, workspace: WorkspaceId, due: Millis, of: &[u8]) {
    work.put(TIMERS, key(step, workspace, due, of), Vec::new());
}
pub(crate) fn cancel(work: &mut Work, step: &str, workspace: WorkspaceId, due: Millis, of: &[u8]) {
    work.delete(TIMERS, key(step, workspace, due, of));
}

pub(crate) struct Due {
    pub raw: Vec<u8>,
    pub due: Millis,
    pub step: String,
    pub workspace: WorkspaceId,
    pub key: Vec<u8>,
}

/// The first `most` timers due at or before `now`, earliest first.
pub(crate) fn due(read: &dyn Read, now: Millis, most: usize) -> Result<Vec<Due>> {
    let mut found = Vec::new();
    let to = Key::raw().time(now.plus(1));
    read.scan(TIMERS, &[], to.as_slice(), &mut |raw, _| {
        let mut parts = Parts(raw);
        if let (Some(due), Some(step), Some(workspace)) = (parts.time(), parts.text(), parts.u32()) {
            found.push(Due { raw: raw.to_vec(), due, step, workspace: WorkspaceId(workspace), key: parts.0.to_vec() });
        }
        Ok(found.len() < most)
    })?;
    Ok(found)
}

pub(crate) fn done(work: &mut Work, timer: &Due) {
    work.delete(TIMERS, timer.raw.clone());
}

/// When the next timer is due, so that the scheduler knows when to tick.
pub fn next_due(read: &dyn Read) -> Result<Option<Millis>> {
    let mut next = None;
    read.scan(TIMERS, &[], &[0xff; 16], &mut |raw, _| {
        next = Parts(raw).time();
        Ok(false)
    })?;
    Ok(next)
}
