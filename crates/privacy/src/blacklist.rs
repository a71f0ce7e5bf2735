//! Identifiers and addresses that must not be reached, whatever was agreed.

use serde::{Deserialize, Serialize};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Identifier, Millis, Page, Result, WorkspaceId};

const BLACKLIST: &str = "blacklist";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blocked {
    pub reason: String,
    #[serde(with = "as_number")]
    pub at: Millis,
}

fn key(workspace: WorkspaceId, id: &Identifier) -> Key {
    Key::of(workspace).text(&id.id_type).text(&id.value.trim().to_lowercase())
}

pub(crate) fn add(work: &mut Work, workspace: WorkspaceId, id: &Identifier, blocked: &Blocked) -> Result<()> {
    work.put(BLACKLIST, key(workspace, id), serde_json::to_vec(blocked)?);
    Ok(())
}

pub(crate) fn remove(work: &mut Work, workspace: WorkspaceId, id: &Identifier) {
    work.delete(BLACKLIST, key(workspace, id));
}

/// The first of these identifiers that stands on the list.
pub fn is_blocked(read: &dyn Read, workspace: WorkspaceId, ids: &[Identifier]) -> Result<Option<Blocked>> {
    for id in ids {
        if let Some(value) = read.get(BLACKLIST, key(workspace, id).as_slice())? {
            return Ok(Some(serde_json::from_slice(&value)?));
        }
    }
    Ok(None)
}

pub(crate) fn list(read: &dyn Read, workspace: WorkspaceId, q: &str, limit: usize, after: Option<Vec<u8>>) -> Result<Page<(Identifier, Blocked)>> {
    let start = Key::of(workspace);
    let from = after.unwrap_or_else(|| start.0.clone());
    let to = weft_profile_kv::key::after_prefix(start.as_slice());
    let mut page = Page { items: Vec::new(), next: None };
    read.scan(BLACKLIST, &from, &to, &mut |raw, value| {
        if page.items.len() == limit {
            page.next = Some(crate::http::cursor(raw));
            return Ok(false);
        }
        let mut parts = Parts(raw);
        if let (Some(_), Some(t), Some(v)) = (parts.u32(), parts.text(), parts.text())
            && v.contains(&q.to_lowercase())
        {
            page.items.push((Identifier::new(t, v), serde_json::from_slice(value)?));
        }
        Ok(true)
    })?;
    Ok(page)
}
