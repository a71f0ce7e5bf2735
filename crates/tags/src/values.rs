//! Who is called what: by person since when, and, where values are few, by value.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::pieces::{self, Name};
use weft_profile_kv::{Read, Work};

use crate::definition;
use crate::kernel::time::as_number;
use crate::kernel::{Atom, Millis, Result, WorkspaceId};

/// tag, person → value
const VALUES: &str = "tag_values";
/// person → her tags with their values, for who judges her by many
const HERS: &str = "tags_of_person";
/// tag, value → people, in pieces
const PEOPLE: &str = "tag_people";
/// tag → how many have a value
const SIZES: &str = "tag_sizes";

/// What somebody is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tagged {
    #[serde(rename = "v")]
    pub value: Value,
    #[serde(rename = "s", with = "as_number")]
    pub since: Millis,
}

fn of(workspace: WorkspaceId, tag: &str) -> Key {
    Key::of(workspace).text(tag)
}

/// What somebody is called by one tag, and since when.
pub fn tagged(read: &dyn Read, workspace: WorkspaceId, tag: &str, person: Atom) -> Result<Option<Tagged>> {
    Ok(read.get(VALUES, of(workspace, tag).atom(person).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

pub fn value(read: &dyn Read, workspace: WorkspaceId, tag: &str, person: Atom) -> Result<Option<Value>> {
    Ok(tagged(read, workspace, tag, person)?.map(|t| t.value))
}

/// Every tag of a person, by name.
pub fn of_person(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<(String, Tagged)>> {
    let mut found = Vec::new();
    for name in definition::names(read, workspace)? {
        if let Some(tagged) = tagged(read, workspace, &name, person)? {
            found.push((name, tagged));
        }
    }
    Ok(found)
}

/// How many have a value.
pub fn size(read: &dyn Read, workspace: WorkspaceId, tag: &str) -> Result<u64> {
    Ok(read.get(SIZES, of(workspace, tag).as_slice())?.and_then(|v| v.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes))
}

/// Those who are called so.
pub(crate) fn people(read: &dyn Read, workspace: WorkspaceId, tag: &str, value: &str) -> Result<RoaringBitmap> {
    pieces::all(read, PEOPLE, &of(workspace, tag).text(value))
}

/// Where those are kept who are called so, of a tag that is kept by value.
pub fn people_called(workspace: WorkspaceId, tag: &str, value: &str) -> Name {
    Name::of(PEOPLE, of(workspace, tag).text(value))
}

/// The people of a figure are not kept by value.
pub fn is_kept_by_value(read: &dyn Read, workspace: WorkspaceId, tag: &str) -> Result<bool> {
    Ok(definition::stored(read, workspace, tag)?.is_some_and(|stored| stored.rule.statistic.is_none()))
}

/// Visits everybody who has a value, by person, from `from` on.
pub fn each(read: &dyn Read, workspace: WorkspaceId, tag: &str, from: Atom, visit: &mut dyn FnMut(Atom, Tagged) -> Result<bool>) -> Result<()> {
    let prefix = of(workspace, tag);
    let end = weft_profile_kv::key::after_prefix(prefix.as_slice());
    read.scan(VALUES, prefix.clone().atom(from).as_slice(), &end, &mut |key, value| match Parts(&key[prefix.0.len()..]).u32() {
        Some(person) => visit(person, serde_json::from_slice(value)?),
        None => Ok(true),
    })
}

/// What one person is called, at hand to be changed.
pub(crate) struct Hers {
    workspace: WorkspaceId,
    person: Atom,
    values: BTreeMap<String, Value>,
    is_changed: bool,
}

impl Hers {
    pub(crate) fn of(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Self> {
        let stored = read.get(HERS, Key::of(workspace).atom(person).as_slice())?;
        let values = stored.map(|bytes| serde_json::from_slice(&bytes)).transpose()?.unwrap_or_default();
        Ok(Self { workspace, person, values, is_changed: false })
    }

    /// Says whether that changed anything.
    pub(crate) fn set(&mut self, work: &mut Work, tag: &str, value: Option<Value>, is_kept_by_value: bool, at: Millis) -> Result<bool> {
        let (workspace, person) = (self.workspace, self.person);
        let before = self.values.get(tag);
        if before == value.as_ref() {
            return Ok(false);
        }
        if is_kept_by_value {
            for (text, is_in) in [(before, false), (value.as_ref(), true)] {
                if let Some(Value::String(text)) = text {
                    pieces::set(work, PEOPLE, &of(workspace, tag).text(text), person, is_in)?;
                }
            }
        }
        let by = i64::from(value.is_some()) - i64::from(before.is_some());
        if by != 0 {
            let size = size(work, workspace, tag)?.saturating_add_signed(by);
            work.put(SIZES, of(workspace, tag), size.to_be_bytes().to_vec());
        }
        let key = of(workspace, tag).atom(person);
        self.is_changed = true;
        match value {
            Some(value) => {
                work.put(VALUES, key, serde_json::to_vec(&Tagged { value: value.clone(), since: at })?);
                self.values.insert(tag.to_owned(), value);
            }
            None => {
                work.delete(VALUES, key);
                self.values.remove(tag);
            }
        }
        Ok(true)
    }

    /// Makes it true.
    pub(crate) fn keep(self, work: &mut Work) -> Result<()> {
        let key = Key::of(self.workspace).atom(self.person);
        match self.is_changed {
            true if self.values.is_empty() => work.delete(HERS, key),
            true => work.put(HERS, key, serde_json::to_vec(&self.values)?),
            false => {}
        }
        Ok(())
    }
}

/// Nobody is called by it any more.
pub(crate) fn clear(work: &mut Work, workspace: WorkspaceId, tag: &str) -> Result<()> {
    let mut people = Vec::new();
    each(work, workspace, tag, 0, &mut |person, _| {
        people.push(person);
        Ok(true)
    })?;
    for person in people {
        let mut hers = Hers::of(work, workspace, person)?;
        hers.is_changed = hers.values.remove(tag).is_some();
        hers.keep(work)?;
    }
    for space in [VALUES, PEOPLE, SIZES] {
        work.delete_prefix(space, of(workspace, tag).as_slice())?;
    }
    Ok(())
}
