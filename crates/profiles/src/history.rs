//! Everything that happened to a person, by name and time, so that any condition can be asked of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Event, EventKind, Millis, Result, WorkspaceId};
use crate::people::Seen;

/// atom, name, ts, position → what happened
const HISTORY: &str = "history";

/// What stands beside the properties.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Head {
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "k")]
    kind: EventKind,
    #[serde(rename = "s")]
    source: String,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
}

/// One thing that happened, as the time line shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Happened {
    pub id: String,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: EventKind,
    #[schema(value_type = String)]
    pub ts: Millis,
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[schema(value_type = Object)]
    pub properties: Map<String, Value>,
    #[serde(skip)]
    pub position: u64,
}

fn of(workspace: WorkspaceId, atom: Atom) -> Key {
    Key::of(workspace).atom(atom)
}

/// Two bytes of length, the head, then the properties as they came: a condition parses them only when it must.
pub(crate) fn put(work: &mut Work, atom: Atom, position: u64, event: &Event) -> Result<()> {
    let head = Head { id: event.id.clone(), kind: event.kind, source: event.source.to_string(), channel: event.channel.clone() };
    let head = serde_json::to_vec(&head)?;
    let mut value = (head.len() as u16).to_be_bytes().to_vec();
    value.extend_from_slice(&head);
    serde_json::to_writer(&mut value, &event.properties)?;
    let key = of(event.workspace, atom).text(&event.name).time(event.ts).u64(position);
    work.put(HISTORY, key, value);
    Ok(())
}

pub(crate) fn properties(value: &[u8]) -> &[u8] {
    split(value).1
}

fn split(value: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = value.split_first_chunk::<2>() else { return (&[], &[]) };
    rest.split_at_checked(u16::from_be_bytes(*length) as usize).unwrap_or((&[], &[]))
}

/// The time and position at the end of a key.
fn when(key: &[u8]) -> Option<(Millis, u64)> {
    let mut tail = Parts(key.get(key.len().checked_sub(16)?..)?);
    Some((tail.time()?, tail.u64()?))
}

/// Visits events of one name of one atom with `from <= ts < to`, by time and position.
pub(crate) fn of_name(
    read: &dyn Read,
    workspace: WorkspaceId,
    atom: Atom,
    name: &str,
    (from, to): (Option<Millis>, Option<Millis>),
    visit: &mut dyn FnMut(Millis, u64, &[u8]) -> bool,
) -> Result<()> {
    let prefix = of(workspace, atom).text(name);
    let start = from.map_or_else(|| prefix.0.clone(), |at| prefix.clone().time(at).0);
    let end = to.map_or_else(|| after_prefix(&prefix.0), |at| prefix.clone().time(at).0);
    read.scan(HISTORY, &start, &end, &mut |key, value| {
        Ok(when(key).is_none_or(|(ts, position)| visit(ts, position, properties(value))))
    })
}

/// Visits events of one name of one atom, newest first.
pub(crate) fn newest_first(read: &dyn Read, workspace: WorkspaceId, atom: Atom, name: &str, visit: &mut dyn FnMut(Millis, u64, &[u8]) -> bool) -> Result<()> {
    let prefix = of(workspace, atom).text(name);
    read.scan_back(HISTORY, &prefix.0, &after_prefix(&prefix.0), &mut |key, value| {
        Ok(when(key).is_none_or(|(ts, position)| visit(ts, position, properties(value))))
    })
}

/// Names that occur in an atom's history, found by leaping from name to name.
pub(crate) fn names(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Vec<String>> {
    let prefix = of(workspace, atom);
    let end = after_prefix(prefix.as_slice());
    let mut from = prefix.0.clone();
    let mut names = Vec::new();
    loop {
        let mut found = None;
        read.scan(HISTORY, &from, &end, &mut |key, _| {
            found = Parts(&key[prefix.0.len()..]).text();
            Ok(false)
        })?;
        let Some(name) = found else { return Ok(names) };
        from = after_prefix(&prefix.clone().text(&name).0);
        names.push(name);
    }
}

/// How much happened to an atom, and between when; nothing when nothing did.
pub(crate) fn tally(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Option<Seen>> {
    let mut all: Option<Seen> = None;
    read.scan_prefix(HISTORY, of(workspace, atom).as_slice(), &mut |key, _| {
        if let Some((at, _)) = when(key) {
            let one = Seen { first: at, last: at, events: 1 };
            all = Some(all.map_or(one, |a| a.and(one)));
        }
        Ok(true)
    })?;
    Ok(all)
}

/// A person's time line, newest first, before `before` (time, position), of one name or of all.
pub fn timeline(
    read: &dyn Read,
    workspace: WorkspaceId,
    atoms: &[Atom],
    name: Option<&str>,
    before: Option<(Millis, u64)>,
    limit: usize,
) -> Result<Vec<Happened>> {
    let mut all = Vec::new();
    for atom in atoms {
        let names = match name {
            Some(name) => vec![name.to_owned()],
            None => names(read, workspace, *atom)?,
        };
        for name in names {
            newest_of_name(read, workspace, *atom, &name, before, limit, &mut all)?;
        }
    }
    all.sort_by_key(|h| std::cmp::Reverse((h.ts, h.position)));
    all.truncate(limit);
    Ok(all)
}

fn newest_of_name(
    read: &dyn Read,
    workspace: WorkspaceId,
    atom: Atom,
    name: &str,
    before: Option<(Millis, u64)>,
    limit: usize,
    out: &mut Vec<Happened>,
) -> Result<()> {
    let prefix = of(workspace, atom).text(name);
    let end = before.map_or_else(|| after_prefix(&prefix.0), |(ts, position)| prefix.clone().time(ts).u64(position).0);
    let mut count = 0;
    read.scan_back(HISTORY, &prefix.0, &end, &mut |key, value| {
        if let Some((ts, position)) = when(key) {
            let (head, properties) = split(value);
            let head: Head = serde_json::from_slice(head)?;
            let properties = serde_json::from_slice(properties).unwrap_or_default();
            out.push(Happened { id: head.id, name: name.to_owned(), kind: head.kind, ts, source: head.source, channel: head.channel, properties, position });
            count += 1;
        }
        Ok(count < limit)
    })
}
