//! Events that a step caused and that are not in the log yet. Kept with the state that caused them,
//! removed when they come back by the front door.

use std::collections::HashSet;

use weft_profile_kv::{Read, Work};

use crate::kernel::{Event, Result};

const EMITS: &str = "emits";

/// Their ids, in memory: every event is asked whether it is one of them, and hardly any is. Read from the store when first asked.
#[derive(Default)]
pub(crate) struct Waiting(Option<HashSet<Vec<u8>>>);

impl Waiting {
    fn ids(&mut self, read: &dyn Read) -> Result<&mut HashSet<Vec<u8>>> {
        let ids = match self.0.take() {
            Some(ids) => ids,
            None => {
                let mut ids = HashSet::new();
                read.scan(BY_ID, &[], &[0xff; 16], &mut |id, _| {
                    ids.insert(id.to_vec());
                    Ok(true)
                })?;
                ids
            }
        };
        Ok(self.0.insert(ids))
    }
    /// Says false if it waits to be appended already: its cause emitted it before.
    pub(crate) fn keep(&mut self, work: &mut Work, position: u64, number: u32, event: &Event) -> Result<bool> {
        let id = id_key(event);
        if !self.ids(work)?.insert(id.clone()) {
            return Ok(false);
        }
        // In order of emission; a second space finds them by id.
        let mut key = position.to_be_bytes().to_vec();
        key.extend_from_slice(&number.to_be_bytes());
        work.put(BY_ID, id, key.clone());
        work.put(EMITS, key, serde_json::to_vec(event)?);
        Ok(true)
    }

    pub(crate) fn arrived(&mut self, work: &mut Work, event: &Event) -> Result<()> {
        let id = id_key(event);
        if self.ids(work)?.remove(&id)
            && let Some(key) = work.get(BY_ID, &id)?
        {
            work.delete(EMITS, key.to_vec());
            work.delete(BY_ID, id);
        }
        Ok(())
    }
}

const BY_ID: &str = "emits_by_id";

/// An id is one within a workspace, and what outsiders call their events is nothing to ours.
fn id_key(event: &Event) -> Vec<u8> {
    let mut key = event.workspace.0.to_be_bytes().to_vec();
    key.push(u8::from(event.is_ours()));
    key.extend_from_slice(event.id.as_bytes());
    key
}

/// All that is left over when the log has been read to its end: a crash stood between state and log.
pub(crate) fn left_over(read: &dyn Read) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    read.scan(EMITS, &[], &[0xff; 16], &mut |_, value| {
        events.push(serde_json::from_slice(value)?);
        Ok(true)
    })?;
    Ok(events)
}
