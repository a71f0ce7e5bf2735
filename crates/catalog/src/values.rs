//! What things are called: by tag and thing, and how many by value.

use serde::{Deserialize, Serialize};
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::definition;
use crate::kernel::time::as_number;
use crate::kernel::{Millis, Result, WorkspaceId};

/// tag, thing → value
const VALUES: &str = "catalog_tag_values";
/// tag, value → how many things
const SIZES: &str = "catalog_tag_sizes";

/// What a thing is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tagged {
    #[serde(rename = "v")]
    pub value: String,
    #[serde(rename = "s", with = "as_number")]
    pub since: Millis,
}

fn of(workspace: WorkspaceId, tag: &str) -> Key {
    Key::of(workspace).text(tag)
}

pub fn value(read: &dyn Read, workspace: WorkspaceId, tag: &str, id: &str) -> Result<Option<Tagged>> {
    Ok(read.get(VALUES, of(workspace, tag).text(id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// Every tag of a thing, by name.
pub fn of_thing(read: &dyn Read, workspace: WorkspaceId, kind: &str, id: &str) -> Result<Vec<(String, Tagged)>> {
    let mut found = Vec::new();
    for stored in definition::all_stored(read, workspace)?.into_iter().filter(|s| s.of == kind) {
        found.extend(value(read, workspace, &stored.name, id)?.map(|tagged| (stored.name, tagged)));
    }
    Ok(found)
}

/// How many things are called what.
pub(crate) fn sizes(read: &dyn Read, workspace: WorkspaceId, tag: &str) -> Result<Vec<(String, u64)>> {
    let prefix = of(workspace, tag);
    let mut found = Vec::new();
    read.scan_prefix(SIZES, prefix.as_slice(), &mut |key, value| {
        if let (Some(called), Ok(count)) = (Parts(&key[prefix.as_slice().len()..]).text(), value.try_into()) {
            found.push((called, u64::from_be_bytes(count)));
        }
        Ok(true)
    })?;
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}

/// Visits the things that have a value, by id, from one on.
pub(crate) fn each(read: &dyn Read, workspace: WorkspaceId, tag: &str, from: &str, visit: &mut dyn FnMut(String, Tagged) -> Result<bool>) -> Result<()> {
    let prefix = of(workspace, tag);
    let (begin, end) = (prefix.clone().text(from), after_prefix(prefix.as_slice()));
    read.scan(VALUES, begin.as_slice(), &end, &mut |key, value| match Parts(&key[prefix.as_slice().len()..]).text() {
        Some(id) => visit(id, serde_json::from_slice(value)?),
        None => Ok(true),
    })
}

fn add(work: &mut Work, workspace: WorkspaceId, tag: &str, value: &str, by: i64) -> Result<()> {
    let key = of(workspace, tag).text(value);
    let before = work.get(SIZES, key.as_slice())?.and_then(|v| v.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes);
    match before.saturating_add_signed(by) {
        0 => work.delete(SIZES, key),
        count => work.put(SIZES, key, count.to_be_bytes().to_vec()),
    }
    Ok(())
}

/// Says whether that changed anything.
pub(crate) fn set(work: &mut Work, workspace: WorkspaceId, tag: &str, id: &str, called: Option<&str>, at: Millis) -> Result<bool> {
    let before = value(work, workspace, tag, id)?.map(|t| t.value);
    if before.as_deref() == called {
        return Ok(false);
    }
    if let Some(before) = before {
        add(work, workspace, tag, &before, -1)?;
    }
    let key = of(workspace, tag).text(id);
    match called {
        Some(called) => {
            add(work, workspace, tag, called, 1)?;
            work.put(VALUES, key, serde_json::to_vec(&Tagged { value: called.to_owned(), since: at })?);
        }
        None => work.delete(VALUES, key),
    }
    Ok(true)
}

/// Nothing is called by it any more.
pub(crate) fn clear(work: &mut Work, workspace: WorkspaceId, tag: &str) -> Result<()> {
    for space in [VALUES, SIZES] {
        work.delete_prefix(space, of(workspace, tag).as_slice())?;
    }
    Ok(())
}
