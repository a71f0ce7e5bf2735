//! A segment's definition, as the log told it to the pipeline.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_condition::{Condition, Mentions, mentions};
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Error, Result, SegmentId, WorkspaceId};
use crate::sample::Sample;
use crate::sharing::no_such;

pub(crate) const ROOM: &str = "segments";
pub(crate) const SEGMENT_DEFINED: &str = "segment_defined";
pub(crate) const SEGMENT_ARCHIVED: &str = "segment_archived";
pub(crate) const LIST_CHANGED: &str = "list_changed";
pub(crate) const SEGMENT_USED_AS: &str = "segment_used_as";
const DEFINITIONS: &str = "segment_definitions";

/// People put on a list or taken off it, by one of their identifiers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ListChange {
    pub id: SegmentId,
    pub id_type: String,
    pub ids: Vec<String>,
    pub is_in: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub id: SegmentId,
    pub name: String,
    pub version: u32,
    /// Null for what is no rule.
    #[serde(default)]
    pub condition: Value,
    /// A share of everybody is drawn by lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// Who belongs was said person by person.
    #[serde(default)]
    pub is_list: bool,
    /// A list begins with the members that this one has at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_of: Option<SegmentId>,
    /// The next person to be judged by this version; none when everybody was.
    #[serde(default)]
    pub filling_from: Option<Atom>,
}

/// Who belongs.
#[derive(Clone, Debug)]
pub enum Rule {
    Condition(Condition),
    List,
    Sample(Sample),
}

/// Ready to be asked.
#[derive(Clone, Debug)]
pub struct Definition {
    pub id: SegmentId,
    pub name: String,
    pub version: u32,
    pub rule: Rule,
    pub mentions: Mentions,
    /// Everybody has been judged by this version.
    pub is_filled: bool,
}

impl Definition {
    fn of(stored: Stored) -> Result<Self> {
        let (rule, mentions) = if stored.is_list {
            (Rule::List, Mentions::default())
        } else if let Some(sample) = stored.sample {
            (Rule::Sample(sample), Mentions::default())
        } else {
            let condition = weft_condition::parse(&stored.condition).map_err(|faults| weft_condition::error_of(&faults))?;
            let mentions = mentions(&condition);
            (Rule::Condition(condition), mentions)
        };
        Ok(Self { id: stored.id, name: stored.name, version: stored.version, rule, mentions, is_filled: stored.filling_from.is_none() })
    }
}

fn key(workspace: WorkspaceId, id: &SegmentId) -> Key {
    Key::of(workspace).text(id.as_str())
}

pub(crate) fn stored(read: &dyn Read, workspace: WorkspaceId, id: &SegmentId) -> Result<Option<Stored>> {
    Ok(read.get(DEFINITIONS, key(workspace, id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// The definition the pipeline obeys now.
pub fn definition(read: &dyn Read, workspace: WorkspaceId, id: &SegmentId) -> Result<Option<Definition>> {
    stored(read, workspace, id)?.map(Definition::of).transpose()
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, stored: &Stored) -> Result<()> {
    work.put(DEFINITIONS, key(workspace, &stored.id), serde_json::to_vec(stored)?);
    Ok(())
}

pub(crate) fn remove(work: &mut Work, workspace: WorkspaceId, id: &SegmentId) {
    work.delete(DEFINITIONS, key(workspace, id));
}

pub fn all(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<Definition>> {
    let mut found = Vec::new();
    read.scan_prefix(DEFINITIONS, Key::of(workspace).as_slice(), &mut |_, value| {
        found.push(Definition::of(serde_json::from_slice(value)?)?);
        Ok(true)
    })?;
    Ok(found)
}

/// Would a segment that says this come to depend on itself?
pub(crate) fn refuse_cycle(read: &dyn Read, workspace: WorkspaceId, id: &SegmentId, condition: &Condition) -> Result<()> {
    let mut to_visit: Vec<SegmentId> = mentions(condition).segments.into_iter().collect();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(next) = to_visit.pop() {
        if next == *id {
            return Err(Error::invalid("segments.cycle", "this segment would depend on itself").field("condition", "names a segment that depends on this one"));
        }
        if seen.insert(next.clone()) {
            let found = definition(read, workspace, &next)?.ok_or_else(|| no_such(&next))?;
            to_visit.extend(found.mentions.segments);
        }
    }
    Ok(())
}
