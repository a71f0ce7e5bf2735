//! A tag's definition, as the log told it to the pipeline.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use weft_condition::Mentions;
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Error, Millis, Result, TagId, WorkspaceId};
use crate::rule::{Draft, Refresh, Rule};

pub(crate) const ROOM: &str = "tags";
pub(crate) const TAG_DEFINED: &str = "tag_defined";
pub(crate) const TAG_ARCHIVED: &str = "tag_archived";
/// name → definition
const DEFINITIONS: &str = "tag_definitions";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub id: TagId,
    /// What conditions call it; it never changes.
    pub name: String,
    pub version: u32,
    pub rule: Draft,
    /// The next person to be judged by this version; none when everybody was.
    #[serde(default)]
    pub filling_from: Option<Atom>,
    /// When everybody is judged again, of a tag that is refreshed by night.
    #[serde(default)]
    pub next_night: Option<Millis>,
    /// The fill under way is the night's, not that of a new rule.
    #[serde(default)]
    pub is_by_night: bool,
}

/// Ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub name: String,
    pub rule: Rule,
    pub mentions: Mentions,
    /// Judged by night only.
    pub is_nightly: bool,
}

impl Definition {
    fn of(stored: Stored) -> Result<Self> {
        let rule = stored.rule.parse()?;
        Ok(Self { is_nightly: stored.rule.refresh == Refresh::Day, name: stored.name, mentions: rule.mentions(), rule })
    }
}

/// What others may know of a tag.
#[derive(Clone, Debug)]
pub struct AsDefined {
    pub id: TagId,
    pub name: String,
    pub rule: Draft,
    /// When everybody was judged by the rule, this is how her value at another moment is found.
    asked: Rule,
}

impl AsDefined {
    /// What the rule says of these facts as of a moment; `None` of a tag whose values are assigned.
    pub fn at(&self, facts: &dyn weft_condition::Facts, moment: crate::kernel::Millis) -> Option<Option<serde_json::Value>> {
        (!matches!(self.asked, Rule::Assigned)).then(|| self.asked.judge(facts, moment).0)
    }
    pub fn mentions(&self) -> Mentions {
        self.asked.mentions()
    }
    /// Is it built on that tag?
    pub fn is_built_on(&self, name: &str) -> bool {
        self.asked.mentions().tags.contains(name)
    }
}

/// The definition the pipeline obeys now.
pub fn defined(read: &dyn Read, workspace: WorkspaceId, name: &str) -> Result<Option<AsDefined>> {
    let Some(stored) = stored(read, workspace, name)? else { return Ok(None) };
    Ok(Some(AsDefined { asked: stored.rule.parse()?, id: stored.id, name: stored.name, rule: stored.rule }))
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

pub(crate) fn all(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<Definition>> {
    let mut found = Vec::new();
    read.scan_prefix(DEFINITIONS, Key::of(workspace).as_slice(), &mut |_, value| {
        found.push(Definition::of(serde_json::from_slice(value)?)?);
        Ok(true)
    })?;
    Ok(found)
}

pub fn names(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<String>> {
    let mut found = Vec::new();
    read.scan_prefix(DEFINITIONS, Key::of(workspace).as_slice(), &mut |key, _| {
        found.extend(Parts(&key[4..]).text());
        Ok(true)
    })?;
    Ok(found)
}

/// Would a tag that says this come to depend on itself, or on one that is not there?
pub(crate) fn refuse_cycle(read: &dyn Read, workspace: WorkspaceId, name: &str, rule: &Rule) -> Result<()> {
    let mut to_visit: Vec<String> = rule.mentions().tags.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(next) = to_visit.pop() {
        if next == name {
            return Err(Error::invalid("tags.cycle", "this tag would depend on itself").field("rule", "names a tag that depends on this one"));
        }
        if seen.insert(next.clone()) {
            let found = stored(read, workspace, &next)?.ok_or_else(|| {
                Error::invalid("tags.tag_not_found", format!("the rule names the tag {next}, which does not exist")).field("rule", format!("unknown tag {next}"))
            })?;
            to_visit.extend(found.rule.parse()?.mentions().tags);
        }
    }
    Ok(())
}
