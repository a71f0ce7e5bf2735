//! What the log tells this room: things, types, tags. And the definition of a tag as the pipeline obeys it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work};

use crate::kernel::{Millis, Result, WorkspaceId};
use crate::rule::{Draft, Rule};
use crate::thing::{How, Told};
use crate::types::Settings;

pub const ROOM: &str = "catalog";
pub(crate) const THINGS_TOLD: &str = "things_told";
pub(crate) const TYPE_DEFINED: &str = "type_defined";
pub(crate) const TAG_DEFINED: &str = "tag_defined";
pub(crate) const TAG_ARCHIVED: &str = "tag_archived";
pub(crate) const TAG_ASSIGNED: &str = "tag_assigned";
/// name → definition
const DEFINITIONS: &str = "catalog_tags";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ThingsTold {
    #[serde(rename = "type")]
    pub of: String,
    pub how: How,
    pub by: String,
    pub things: Vec<Told>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TypeDefined {
    #[serde(rename = "type")]
    pub of: String,
    pub settings: Settings,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TagAssigned {
    pub name: String,
    pub ids: Vec<String>,
    /// Null takes it away.
    pub value: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub id: String,
    /// It never changes.
    pub name: String,
    /// The type of the things it is of; it never changes.
    #[serde(rename = "type")]
    pub of: String,
    pub version: u32,
    pub rule: Draft,
    /// Things are being judged by it; none when all were.
    #[serde(default)]
    pub filling: Option<Filling>,
    /// Counts the fills, so that a timer knows whether another has overtaken its own.
    #[serde(default)]
    pub fills: u32,
    #[serde(default)]
    pub next_night: Option<Millis>,
}

/// How far a fill is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Filling {
    /// The next thing to be judged, or to be put in its place of a share.
    From(String),
    /// Every thing stands in its place; so much of the whole was handed out.
    Giving(Decimal),
}

/// Ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub name: String,
    pub of: String,
    pub rule: Rule,
    /// Events whose figures it asks for, thing by thing.
    pub events: BTreeSet<String>,
    pub is_nightly: bool,
}

impl Definition {
    pub fn of(stored: Stored) -> Result<Self> {
        let rule = stored.rule.parse()?;
        Ok(Self { name: stored.name, of: stored.of, events: rule.events(), is_nightly: rule.is_nightly(), rule })
    }
    pub fn is_asked_of_each(&self) -> bool {
        matches!(self.rule, Rule::Ladder { .. })
    }
}

fn key(workspace: WorkspaceId, name: &str) -> Key {
    Key::of(workspace).text(name)
}

pub(crate) fn stored(read: &dyn Read, workspace: WorkspaceId, name: &str) -> Result<Option<Stored>> {
    Ok(read.get(DEFINITIONS, key(workspace, name).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, stored: &Stored) -> Result<()> {
    work.put(DEFINITIONS, key(workspace, &stored.name), serde_json::to_vec(stored)?);
    Ok(())
}

pub(crate) fn remove(work: &mut Work, workspace: WorkspaceId, name: &str) {
    work.delete(DEFINITIONS, key(workspace, name));
}

pub(crate) fn all_stored(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    read.scan_prefix(DEFINITIONS, Key::of(workspace).as_slice(), &mut |_, value| {
        found.push(serde_json::from_slice(value)?);
        Ok(true)
    })?;
    Ok(found)
}
