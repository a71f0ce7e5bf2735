//! Who there is: every person, when first and last seen, and by which words she can be found.

use serde::{Deserialize, Serialize};
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::document::Document;
use crate::rules::TraitRules;
use crate::kernel::time::as_number;
use crate::kernel::{Atom, Millis, Result, WorkspaceId};

/// root → Seen; also the universe over which conditions count
const PEOPLE: &str = "people";
/// (word, root) → nothing
const WORDS: &str = "people_by_word";
const TOTAL: &str = "people_total";

/// Traits whose beginning finds a person.
const FINDABLE: [&str; 8] = ["name", "$name", "nickname", "email", "$email", "phone", "mobile", "full_name"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    #[serde(rename = "f", with = "as_number")]
    pub first: Millis,
    #[serde(rename = "l", with = "as_number")]
    pub last: Millis,
    #[serde(rename = "n")]
    pub events: u64,
}

impl Seen {
    pub(crate) fn and(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last), events: self.events + other.events }
    }
}

fn key(workspace: WorkspaceId, person: Atom) -> Key {
    Key::of(workspace).atom(person)
}

pub fn seen(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Option<Seen>> {
    Ok(read.get(PEOPLE, key(workspace, person).as_slice())?.and_then(|v| decode(&v)))
}

fn decode(v: &[u8]) -> Option<Seen> {
    let mut parts = Parts(v);
    Some(Seen { first: parts.time()?, last: parts.time()?, events: parts.u64()? })
}

fn put(work: &mut Work, workspace: WorkspaceId, person: Atom, seen: Seen) {
    work.put(PEOPLE, key(workspace, person), Key::raw().time(seen.first).time(seen.last).u64(seen.events));
}

/// Counts an event towards a person; makes her if she is new.
pub(crate) fn see(work: &mut Work, workspace: WorkspaceId, person: Atom, at: Millis) -> Result<()> {
    let next = match seen(work, workspace, person)? {
        Some(s) => Seen { first: s.first.min(at), last: s.last.max(at), events: s.events + 1 },
        None => {
            add_to_total(work, workspace, 1)?;
            Seen { first: at, last: at, events: 1 }
        }
    };
    put(work, workspace, person, next);
    Ok(())
}

/// One of two stays.
pub(crate) fn merge(work: &mut Work, workspace: WorkspaceId, winner: Atom, loser: Atom) -> Result<()> {
    let Some(lost) = seen(work, workspace, loser)? else { return Ok(()) };
    let merged = match seen(work, workspace, winner)? {
        Some(s) => {
            add_to_total(work, workspace, -1)?;
            s.and(lost)
        }
        None => lost,
    };
    work.delete(PEOPLE, key(workspace, loser));
    put(work, workspace, winner, merged);
    Ok(())
}

/// She is not there any more, or not as she was.
pub(crate) fn forget(work: &mut Work, workspace: WorkspaceId, person: Atom) -> Result<()> {
    if seen(work, workspace, person)?.is_some() {
        work.delete(PEOPLE, key(workspace, person));
        add_to_total(work, workspace, -1)?;
    }
    Ok(())
}

/// She is there, and this is how much is known to have happened to her.
pub(crate) fn remember(work: &mut Work, workspace: WorkspaceId, person: Atom, as_seen: Seen) -> Result<()> {
    forget(work, workspace, person)?;
    put(work, workspace, person, as_seen);
    add_to_total(work, workspace, 1)
}

fn add_to_total(work: &mut Work, workspace: WorkspaceId, by: i64) -> Result<()> {
    let total = count(work, workspace)?.saturating_add_signed(by);
    work.put(TOTAL, Key::of(workspace), total.to_be_bytes().to_vec());
    Ok(())
}

/// How many people there are.
pub fn count(read: &dyn Read, workspace: WorkspaceId) -> Result<u64> {
    Ok(read.get(TOTAL, Key::of(workspace).as_slice())?.and_then(|v| v.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes))
}

/// Visits people in the order they came, from `from` on.
pub fn all(read: &dyn Read, workspace: WorkspaceId, from: Atom, visit: &mut dyn FnMut(Atom, Seen) -> Result<bool>) -> Result<()> {
    let end = after_prefix(Key::of(workspace).as_slice());
    read.scan(PEOPLE, key(workspace, from).as_slice(), &end, &mut |raw, value| visit_person(raw, value, visit))
}

/// Visits people newest first, before `before`.
pub(crate) fn newest(read: &dyn Read, workspace: WorkspaceId, before: Option<Atom>, visit: &mut dyn FnMut(Atom, Seen) -> Result<bool>) -> Result<()> {
    let start = Key::of(workspace);
    let end = before.map_or_else(|| after_prefix(start.as_slice()), |atom| key(workspace, atom).0);
    read.scan_back(PEOPLE, start.as_slice(), &end, &mut |raw, value| visit_person(raw, value, visit))
}

/// Visits people newest first, until `visit` says false.
pub fn newest_people(read: &dyn Read, workspace: WorkspaceId, visit: &mut dyn FnMut(Atom) -> Result<bool>) -> Result<()> {
    newest(read, workspace, None, &mut |person, _| visit(person))
}

fn visit_person(raw: &[u8], value: &[u8], visit: &mut dyn FnMut(Atom, Seen) -> Result<bool>) -> Result<bool> {
    let mut parts = Parts(raw);
    match (parts.u32(), parts.u32(), decode(value)) {
        (Some(_), Some(atom), Some(seen)) => visit(atom, seen),
        _ => Ok(true),
    }
}

/// Not those of what is sensitive: they would stand in clear in the keys.
fn words(document: &Document, rules: &TraitRules) -> Vec<String> {
    let findable = FINDABLE.iter().filter(|name| !rules.is_sensitive(name));
    findable.filter_map(|name| document.get(name)?.as_str()).map(str::to_lowercase).filter(|w| !w.is_empty() && w.len() <= 128).collect()
}

/// Does one of her words begin so?
pub(crate) fn is_found_by(document: &Document, rules: &TraitRules, q: &str) -> bool {
    let q = q.to_lowercase();
    words(document, rules).iter().any(|word| word.starts_with(&q))
}

/// Keeps the words in step with the document.
pub(crate) fn index(work: &mut Work, workspace: WorkspaceId, person: Atom, rules: &TraitRules, before: &Document, after: &Document) {
    let (old, new) = (words(before, rules), words(after, rules));
    for word in old.iter().filter(|w| !new.contains(w)) {
        work.delete(WORDS, Key::of(workspace).text(word).atom(person));
    }
    for word in new.iter().filter(|w| !old.contains(w)) {
        work.put(WORDS, Key::of(workspace).text(word).atom(person), Vec::new());
    }
}

/// People one of whose words begins with `q`.
pub(crate) fn by_word(read: &dyn Read, workspace: WorkspaceId, q: &str, limit: usize) -> Result<Vec<Atom>> {
    let mut found = Vec::new();
    // Without the closing zero: a beginning is enough.
    let mut prefix = Key::of(workspace).text(&q.to_lowercase()).0;
    prefix.pop();
    read.scan_prefix(WORDS, &prefix, &mut |key, _| {
        let atom = key.get(key.len() - 4..).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
        if let Some(atom) = atom
            && !found.contains(&atom)
        {
            found.push(atom);
        }
        Ok(found.len() < limit)
    })?;
    Ok(found)
}
