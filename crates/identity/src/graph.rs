//! The identity graph in the state store: identifiers, their atoms, the links between atoms, and whose root is whose.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_event_pipeline::Split;
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Atom, Error, EventKind, Identifier, Millis, PersonId, Result, WorkspaceId, event::id_types};
use crate::settings::Settings;

/// (type, value) → atom
const IDS: &str = "ids";
/// atom → identifier and when it was first seen
const ATOMS: &str = "atoms";
/// atom → root, where it is another
const ROOTS: &str = "roots";
/// root → all atoms, where there is more than one
const COMPONENTS: &str = "components";
/// atom, atom → evidence, under the smaller one first; the other way round nothing, so that either finds the other
const LINKS: &str = "links";
/// atom, atom → somebody took them apart, and they stay apart; kept in both directions
const APART: &str = "kept_apart";
/// atom, atom → a link that a guard rail refused, the last time it was tried
const REFUSALS: &str = "link_refusals";
/// atom → when its person was last seen to use it; kept of what the newest claim wins
const CLAIMED: &str = "last_claimed";
const NEXT: &str = "next_atom";
/// types of identifiers that were ever seen
const TYPES: &str = "id_types";

/// An identifier that we know, and since when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    #[serde(flatten)]
    pub identifier: Identifier,
    #[serde(rename = "at", with = "as_number")]
    pub first_seen: Millis,
}

/// Why two atoms are one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub event_id: String,
    pub kind: EventKind,
    #[serde(with = "as_number")]
    pub at: Millis,
    pub identifiers: Vec<Identifier>,
    /// What else speaks for it: who joined them by hand and why, how alike their records are.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub detail: Map<String, Value>,
}

/// Why two atoms are kept apart, and the link between them that was cut, if there was one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// `by_hand`, `shared` or `newest`.
    pub cause: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub by: String,
    #[serde(with = "as_number")]
    pub at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Evidence>,
}

/// Two identifiers that are kept apart: `a` is this person's.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    pub a: Atom,
    pub b: Atom,
    pub separation: Separation,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub a: Atom,
    pub b: Atom,
    pub evidence: Evidence,
}

/// A link that was not made, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    pub reason: String,
    pub evidence: Evidence,
}

fn atom_key(workspace: WorkspaceId, atom: Atom) -> Key {
    Key::of(workspace).atom(atom)
}

fn id_key(workspace: WorkspaceId, id: &Identifier) -> Key {
    Key::of(workspace).text(&id.id_type).text(&id.value)
}

fn number(bytes: &[u8]) -> Result<u32> {
    bytes.try_into().map(u32::from_be_bytes).map_err(|_| Error::bug("identity.number_unreadable", "a number in the identity graph is not 4 bytes"))
}

/// The atom of one identifier, if it was ever seen.
pub fn atom_of(read: &dyn Read, workspace: WorkspaceId, id: &Identifier) -> Result<Option<Atom>> {
    if id.id_type == id_types::PERSON {
        let atom = PersonId::from(id.value.as_str()).atom().filter(|(w, _)| *w == workspace).map(|(_, atom)| atom);
        return match atom {
            Some(atom) if read.get(ATOMS, atom_key(workspace, atom).as_slice())?.is_some() => Ok(Some(atom)),
            _ => Ok(None),
        };
    }
    read.get(IDS, id_key(workspace, id).as_slice())?.map(|v| number(&v)).transpose()
}

/// The person that an atom belongs to now: the smallest atom of its component.
pub fn root(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Atom> {
    Ok(read.get(ROOTS, atom_key(workspace, atom).as_slice())?.map(|v| number(&v)).transpose()?.unwrap_or(atom))
}

/// People one of whose identifiers, of any type, begins with `text`.
pub fn beginning_with(read: &dyn Read, workspace: WorkspaceId, text: &str, limit: usize) -> Result<Vec<Atom>> {
    let mut types = Vec::new();
    read.scan_prefix(TYPES, Key::of(workspace).as_slice(), &mut |key, _| {
        types.extend(Parts(&key[4..]).text());
        Ok(true)
    })?;
    let mut found = Vec::new();
    for id_type in types {
        // Without the closing zero: a beginning is enough.
        let mut prefix = Key::of(workspace).text(&id_type).text(text).0;
        prefix.pop();
        read.scan_prefix(IDS, &prefix, &mut |_, value| {
            let person = root(read, workspace, number(value)?)?;
            if !found.contains(&person) {
                found.push(person);
            }
            Ok(found.len() < limit)
        })?;
    }
    found.truncate(limit);
    Ok(found)
}

/// All atoms of a person, smallest first.
pub fn atoms(read: &dyn Read, workspace: WorkspaceId, root: Atom) -> Result<Vec<Atom>> {
    match read.get(COMPONENTS, atom_key(workspace, root).as_slice())? {
        Some(bytes) => bytes.chunks_exact(4).map(number).collect(),
        None => Ok(vec![root]),
    }
}

/// The person known by an identifier.
pub fn find(read: &dyn Read, workspace: WorkspaceId, id: &Identifier) -> Result<Option<Atom>> {
    match atom_of(read, workspace, id)? {
        Some(atom) => root(read, workspace, atom).map(Some),
        None => Ok(None),
    }
}

/// The person of an id that we once gave, also after she was merged into another.
pub fn person(read: &dyn Read, workspace: WorkspaceId, id: &PersonId) -> Result<Option<Atom>> {
    find(read, workspace, &Identifier::new(id_types::PERSON, id.as_str()))
}

/// All identifiers of a person, in the order they were first seen.
pub fn identifiers(read: &dyn Read, workspace: WorkspaceId, root: Atom) -> Result<Vec<Known>> {
    atoms(read, workspace, root)?.into_iter().filter_map(|atom| known(read, workspace, atom).transpose()).collect()
}

/// The identifier of an atom.
pub fn known(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Option<Known>> {
    Ok(read.get(ATOMS, atom_key(workspace, atom).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// Every identifier of a person, and her own ids from before each merge: what was said under any of them holds for her.
pub fn all_identifiers(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<Identifier>> {
    let mut ids: Vec<Identifier> = identifiers(read, workspace, person)?.into_iter().map(|k| k.identifier).collect();
    for atom in atoms(read, workspace, person)? {
        ids.push(Identifier::new(id_types::PERSON, PersonId::of(workspace, atom).0));
    }
    Ok(ids)
}

/// The links that hold a person together.
pub fn links(read: &dyn Read, workspace: WorkspaceId, root: Atom) -> Result<Vec<Link>> {
    let mut found = Vec::new();
    for a in atoms(read, workspace, root)? {
        read.scan_prefix(LINKS, atom_key(workspace, a).as_slice(), &mut |key, value| {
            let mut parts = Parts(key);
            if let (Some(_), Some(a), Some(b)) = (parts.u32(), parts.u32(), parts.u32())
                && a < b
            {
                found.push(Link { a, b, evidence: serde_json::from_slice(value)? });
            }
            Ok(true)
        })?;
    }
    Ok(found)
}

/// Links that a guard rail refused for this person.
pub fn refusals(read: &dyn Read, workspace: WorkspaceId, root: Atom) -> Result<Vec<Refusal>> {
    let mut found = Vec::new();
    for atom in atoms(read, workspace, root)? {
        read.scan_prefix(REFUSALS, atom_key(workspace, atom).as_slice(), &mut |_, value| {
            found.push(serde_json::from_slice(value)?);
            Ok(true)
        })?;
    }
    Ok(found)
}

/// Every atom whose root is another, as (atom, root): what the lake needs to show merged people as one.
pub fn merged(read: &dyn Read, workspace: WorkspaceId, visit: &mut dyn FnMut(Atom, Atom)) -> Result<()> {
    read.scan_prefix(ROOTS, Key::of(workspace).as_slice(), &mut |key, value| {
        let mut parts = Parts(key);
        if let (Some(_), Some(atom)) = (parts.u32(), parts.u32()) {
            visit(atom, number(value)?);
        }
        Ok(true)
    })
}

/// How many atoms were ever made in a workspace.
pub fn count(read: &dyn Read, workspace: WorkspaceId) -> Result<u32> {
    Ok(read.get(NEXT, Key::of(workspace).as_slice())?.map(|v| number(&v)).transpose()?.unwrap_or(0))
}

pub(crate) fn create(work: &mut Work, workspace: WorkspaceId, id: &Identifier, at: Millis) -> Result<Atom> {
    let atom = count(work, workspace)?;
    work.put(NEXT, Key::of(workspace), (atom + 1).to_be_bytes().to_vec());
    work.put(IDS, id_key(workspace, id), atom.to_be_bytes().to_vec());
    let type_key = Key::of(workspace).text(&id.id_type);
    if work.get(TYPES, type_key.as_slice())?.is_none() {
        work.put(TYPES, type_key, Vec::new());
    }
    work.put(ATOMS, atom_key(workspace, atom), serde_json::to_vec(&Known { identifier: id.clone(), first_seen: at })?);
    Ok(atom)
}

pub(crate) fn is_linked(read: &dyn Read, workspace: WorkspaceId, a: Atom, b: Atom) -> Result<bool> {
    Ok(read.get(LINKS, atom_key(workspace, a).atom(b).as_slice())?.is_some())
}

pub(crate) fn link(work: &mut Work, workspace: WorkspaceId, a: Atom, b: Atom, evidence: &Evidence) -> Result<()> {
    let (first, second) = (a.min(b), a.max(b));
    work.put(LINKS, atom_key(workspace, first).atom(second), serde_json::to_vec(evidence)?);
    work.put(LINKS, atom_key(workspace, second).atom(first), Vec::new());
    Ok(())
}

/// When this was last said to be its person's; nothing was kept of what was said before the newest began to win.
pub(crate) fn last_claimed(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Option<Millis>> {
    Ok(read.get(CLAIMED, atom_key(workspace, atom).as_slice())?.and_then(|v| Parts(&v).time()))
}

pub(crate) fn claim(work: &mut Work, workspace: WorkspaceId, atom: Atom, at: Millis) -> Result<()> {
    if last_claimed(work, workspace, atom)?.is_none_or(|last| last < at) {
        work.put(CLAIMED, atom_key(workspace, atom), Key::raw().time(at));
    }
    Ok(())
}

/// The newest word that this atom belongs to those it is linked to.
pub(crate) fn newest_link(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Option<Millis>> {
    let mut others = Vec::new();
    read.scan_prefix(LINKS, atom_key(workspace, atom).as_slice(), &mut |key, _| {
        let mut parts = Parts(key);
        if let (Some(_), Some(_), Some(other)) = (parts.u32(), parts.u32(), parts.u32()) {
            others.push(other);
        }
        Ok(true)
    })?;
    let mut newest = None;
    for other in others {
        if let Some(bytes) = read.get(LINKS, atom_key(workspace, atom.min(other)).atom(atom.max(other)).as_slice())? {
            let evidence: Evidence = serde_json::from_slice(&bytes)?;
            newest = newest.max(Some(evidence.at));
        }
    }
    Ok(newest)
}

pub(crate) fn refuse(work: &mut Work, workspace: WorkspaceId, a: Atom, b: Atom, refusal: &Refusal) -> Result<()> {
    work.put(REFUSALS, atom_key(workspace, a).atom(b), serde_json::to_vec(refusal)?);
    Ok(())
}

/// What keeps this person from others.
pub fn apart(read: &dyn Read, workspace: WorkspaceId, root: Atom) -> Result<Vec<Apart>> {
    let mut found = Vec::new();
    for atom in atoms(read, workspace, root)? {
        read.scan_prefix(APART, atom_key(workspace, atom).as_slice(), &mut |key, value| {
            let mut parts = Parts(key);
            if let (Some(_), Some(a), Some(b)) = (parts.u32(), parts.u32(), parts.u32()) {
                found.push(Apart { a, b, separation: serde_json::from_slice(value)? });
            }
            Ok(true)
        })?;
    }
    Ok(found)
}

/// Pairs of kept-apart atoms that a join of these two people would bring together again.
pub(crate) fn between(read: &dyn Read, workspace: WorkspaceId, root_a: Atom, root_b: Atom) -> Result<Vec<(Atom, Atom)>> {
    let kept: Vec<(Atom, Atom)> = apart(read, workspace, root_a)?.into_iter().map(|apart| (apart.a, apart.b)).collect();
    if kept.is_empty() {
        return Ok(kept);
    }
    let others: BTreeSet<Atom> = atoms(read, workspace, root_b)?.into_iter().collect();
    Ok(kept.into_iter().filter(|(_, b)| others.contains(b)).collect())
}

/// Did somebody take these two apart, or say that they are two?
pub fn are_apart(read: &dyn Read, workspace: WorkspaceId, root_a: Atom, root_b: Atom) -> Result<bool> {
    Ok(!between(read, workspace, root_a, root_b)?.is_empty())
}

pub(crate) fn keep_apart(work: &mut Work, workspace: WorkspaceId, a: Atom, b: Atom, separation: &Separation) -> Result<()> {
    let body = serde_json::to_vec(separation)?;
    work.put(APART, atom_key(workspace, a).atom(b), body.clone());
    work.put(APART, atom_key(workspace, b).atom(a), body);
    Ok(())
}

/// They may be joined again.
pub(crate) fn reconcile(work: &mut Work, workspace: WorkspaceId, pairs: &[(Atom, Atom)]) {
    for (a, b) in pairs {
        work.delete(APART, atom_key(workspace, *a).atom(*b));
        work.delete(APART, atom_key(workspace, *b).atom(*a));
    }
}

/// The atom of the heaviest identifier among these; the older of two that weigh the same.
pub(crate) fn heaviest(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom], settings: &Settings) -> Result<Option<Atom>> {
    let mut best: Option<(u8, Atom)> = None;
    for atom in atoms {
        let Some(known) = known(read, workspace, *atom)? else { continue };
        let weight = settings.weight(&known.identifier.id_type);
        if best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, *atom));
        }
    }
    Ok(best.map(|(_, atom)| atom))
}

/// What a person falls into when `out` is taken from her: groups of atoms that still hold together, smallest atom first.
pub fn groups_without(read: &dyn Read, workspace: WorkspaceId, root: Atom, out: &BTreeSet<Atom>) -> Result<Vec<Vec<Atom>>> {
    let links = links(read, workspace, root)?;
    let mut left: BTreeSet<Atom> = atoms(read, workspace, root)?.into_iter().collect();
    let mut groups = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut group = vec![first];
        let mut next = 0;
        while let Some(atom) = group.get(next).copied() {
            next += 1;
            for link in links.iter().filter(|l| l.a == atom || l.b == atom) {
                let other = if link.a == atom { link.b } else { link.a };
                if out.contains(&atom) == out.contains(&other) && left.remove(&other) {
                    group.push(other);
                }
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    Ok(groups)
}

/// Takes `out` from a person: links across are cut and kept as separations, and only this component is made anew.
/// `staying` names the atom whose group goes on being her.
pub(crate) fn take_apart(work: &mut Work, workspace: WorkspaceId, root: Atom, out: &BTreeSet<Atom>, staying: Atom, separation: &Separation) -> Result<Split> {
    let groups = groups_without(work, workspace, root, out)?;
    for link in links(work, workspace, root)?.into_iter().filter(|l| out.contains(&l.a) != out.contains(&l.b)) {
        work.delete(LINKS, atom_key(workspace, link.a).atom(link.b));
        work.delete(LINKS, atom_key(workspace, link.b).atom(link.a));
        keep_apart(work, workspace, link.a, link.b, &Separation { cut: Some(link.evidence), ..separation.clone() })?;
    }
    let mut stays = root;
    for group in &groups {
        let Some(first) = group.first().copied() else { continue };
        if group.contains(&staying) {
            stays = first;
        }
        put_component(work, workspace, first, group);
    }
    Ok(Split { whole: root, stays, parts: groups.into_iter().filter_map(|g| g.first().copied()).collect() })
}

fn put_component(work: &mut Work, workspace: WorkspaceId, root: Atom, members: &[Atom]) {
    for atom in members {
        let key = atom_key(workspace, *atom);
        if *atom == root { work.delete(ROOTS, key) } else { work.put(ROOTS, key, root.to_be_bytes().to_vec()) }
    }
    let key = atom_key(workspace, root);
    if members.len() > 1 {
        work.put(COMPONENTS, key, members.iter().flat_map(|atom| atom.to_be_bytes()).collect::<Vec<u8>>());
    } else {
        work.delete(COMPONENTS, key);
    }
}

/// Joins two components. The smaller root stays; returns (winner, loser).
pub(crate) fn join(work: &mut Work, workspace: WorkspaceId, a: Atom, b: Atom) -> Result<(Atom, Atom)> {
    let (winner, loser) = (a.min(b), a.max(b));
    let mut members = atoms(work, workspace, winner)?;
    let moved = atoms(work, workspace, loser)?;
    for atom in &moved {
        work.put(ROOTS, atom_key(workspace, *atom), winner.to_be_bytes().to_vec());
    }
    members.extend(moved);
    members.sort_unstable();
    let body = members.iter().flat_map(|atom| atom.to_be_bytes()).collect::<Vec<u8>>();
    work.delete(COMPONENTS, atom_key(workspace, loser));
    work.put(COMPONENTS, atom_key(workspace, winner), body);
    Ok((winner, loser))
}
