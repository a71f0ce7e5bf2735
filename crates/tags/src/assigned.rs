//! What people were said to be, by a model or by hand. It is kept by atom, so that it follows its people when they are joined or taken apart.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_context_kit::Parts;
use weft_meta_store::Unit;
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work};

use crate::definition::ROOM;
use crate::kernel::{Atom, Identifier, Millis, Result, WorkspaceId};

pub(crate) const TAG_ASSIGNED: &str = "tag_assigned";
/// tag, atom → what was said last
const ASSIGNED: &str = "tag_assigned";
/// People that one entry of the log names: events wait no longer than that takes.
const AT_ONCE: usize = 500;

/// What the log says of some people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub name: String,
    /// Null takes the value away.
    pub people: Vec<(Identifier, Value)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Said {
    #[serde(rename = "v")]
    value: Value,
    #[serde(rename = "s")]
    at: Millis,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    until: Option<Millis>,
}

fn of(workspace: WorkspaceId, tag: &str) -> Key {
    Key::of(workspace).text(tag)
}

pub(crate) fn say(work: &mut Work, workspace: WorkspaceId, tag: &str, atom: Atom, value: Value, at: Millis, until: Option<Millis>) -> Result<()> {
    work.put(ASSIGNED, of(workspace, tag).atom(atom), serde_json::to_vec(&Said { value, at, until })?);
    Ok(())
}

/// What was said last of any of her identifiers, and when it ends. Of two that were said at once the older identifier's counts.
pub(crate) fn judge(read: &dyn Read, workspace: WorkspaceId, tag: &str, person: Atom, now: Millis) -> Result<(Option<Value>, Option<Millis>)> {
    let mut newest: Option<Said> = None;
    for atom in weft_identity::atoms(read, workspace, person)? {
        let Some(bytes) = read.get(ASSIGNED, of(workspace, tag).atom(atom).as_slice())? else { continue };
        let said: Said = serde_json::from_slice(&bytes)?;
        if newest.as_ref().is_none_or(|n| said.at > n.at) {
            newest = Some(said);
        }
    }
    let lasting = newest.filter(|said| said.until.is_none_or(|until| now < until) && !said.value.is_null());
    Ok(lasting.map_or((None, None), |said| (Some(said.value), said.until)))
}

pub(crate) fn clear(work: &mut Work, workspace: WorkspaceId, tag: &str) -> Result<()> {
    work.delete_prefix(ASSIGNED, of(workspace, tag).as_slice())
}

/// The next few; says whether that was all.
pub(crate) fn clear_some(work: &mut Work, workspace: WorkspaceId, tag: &str, most: usize) -> Result<bool> {
    work.delete_some(ASSIGNED, of(workspace, tag).as_slice(), most)
}

/// Tells the log what people are called from now on; `None` takes the value away. Who is called so already is left out, unless it would end.
/// Says how many that changes.
pub fn assign(parts: &Parts, unit: &mut Unit, workspace: WorkspaceId, tag: &str, people: &[(Atom, Option<Value>)], until: Option<Millis>) -> Result<u64> {
    let read = &*parts.state;
    let mut changed = Vec::new();
    for (person, value) in people {
        let (stands, ends) = judge(read, workspace, tag, *person, unit.now())?;
        if until.is_none() && ends.is_none() && stands == *value {
            continue;
        }
        if let Some(known) = weft_identity::known(read, workspace, *person)? {
            changed.push((known.identifier, value.clone().unwrap_or(Value::Null)));
        }
    }
    for people in changed.chunks(AT_ONCE) {
        unit.announce(ROOM, TAG_ASSIGNED, json!(Assignment { name: tag.to_owned(), people: people.to_vec(), until }));
    }
    Ok(changed.len() as u64)
}
