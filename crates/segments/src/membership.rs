//! Who is in: a bitmap of dense person numbers for each segment, and per person since when.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use serde::Serialize;
use weft_bitmap::Set;
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::pieces::{self, Name};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Millis, Result, SegmentId, WorkspaceId};

/// segment → members, in pieces
const MEMBERS: &str = "members";
/// person → her segments, each since when
const SINCE: &str = "member_since";
const SIZES: &str = "segment_sizes";
/// segment, day → entered, left
const DAYS: &str = "segment_days";

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Membership {
    pub segment: SegmentId,
    pub since: Millis,
}

fn of(workspace: WorkspaceId, segment: &SegmentId) -> Key {
    Key::of(workspace).text(segment.as_str())
}

pub fn contains(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId, person: Atom) -> Result<bool> {
    pieces::contains(read, MEMBERS, &of(workspace, segment), person)
}

/// Where the members are kept.
pub(crate) fn name(workspace: WorkspaceId, segment: &SegmentId) -> Name {
    Name::of(MEMBERS, of(workspace, segment))
}

/// The members of several, as of one moment.
pub(crate) fn sets(read: &dyn Read, workspace: WorkspaceId, segments: &[String]) -> Result<Vec<Set>> {
    let names: Vec<Name> = segments.iter().map(|id| name(workspace, &SegmentId(id.clone()))).collect();
    read.sets(&names)
}

/// All members.
pub fn bitmap(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId) -> Result<RoaringBitmap> {
    pieces::all(read, MEMBERS, &of(workspace, segment))
}

/// Some members.
pub(crate) fn some(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId, most: usize) -> Result<Vec<Atom>> {
    pieces::first(read, MEMBERS, &of(workspace, segment), most)
}

fn number(read: &dyn Read, space: &'static str, key: &[u8]) -> Result<u64> {
    Ok(read.get(space, key)?.and_then(|v| v.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes))
}

pub fn size(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId) -> Result<u64> {
    number(read, SIZES, of(workspace, segment).as_slice())
}

/// What one person is in, at hand to be changed.
pub(crate) struct Hers {
    workspace: WorkspaceId,
    person: Atom,
    since: BTreeMap<String, Millis>,
    is_changed: bool,
}

impl Hers {
    pub(crate) fn of(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Self> {
        let stored = read.get(SINCE, Key::of(workspace).atom(person).as_slice())?;
        let mut since = BTreeMap::new();
        let mut parts = Parts(stored.as_deref().unwrap_or_default());
        while let (Some(segment), Some(at)) = (parts.text(), parts.time()) {
            since.insert(segment, at);
        }
        Ok(Self { workspace, person, since, is_changed: false })
    }

    /// Puts her in or takes her out. Says whether that changed anything.
    pub(crate) fn set(&mut self, work: &mut Work, segment: &SegmentId, is_member: bool, at: Millis) -> Result<bool> {
        let (workspace, person) = (self.workspace, self.person);
        if self.since.contains_key(segment.as_str()) == is_member {
            return Ok(false);
        }
        if is_member {
            self.since.insert(segment.0.clone(), at);
        } else {
            self.since.remove(segment.as_str());
        }
        self.is_changed = true;
        pieces::set(work, MEMBERS, &of(workspace, segment), person, is_member)?;
        let key = of(workspace, segment);
        let size = number(work, SIZES, key.as_slice())?.saturating_add_signed(if is_member { 1 } else { -1 });
        work.put(SIZES, key, size.to_be_bytes().to_vec());
        count_day(work, workspace, segment, is_member, at)?;
        Ok(true)
    }

    /// Makes it true.
    pub(crate) fn keep(self, work: &mut Work) {
        let key = Key::of(self.workspace).atom(self.person);
        match self.is_changed {
            true if self.since.is_empty() => work.delete(SINCE, key),
            true => work.put(SINCE, key, self.since.iter().fold(Key::raw(), |key, (segment, at)| key.text(segment).time(*at))),
            false => {}
        }
    }
}

/// Takes a person out of all she is in.
pub(crate) fn leave_all(work: &mut Work, workspace: WorkspaceId, person: Atom, at: Millis) -> Result<()> {
    let mut hers = Hers::of(work, workspace, person)?;
    for segment in hers.since.keys().cloned().collect::<Vec<_>>() {
        hers.set(work, &SegmentId(segment), false, at)?;
    }
    hers.keep(work);
    Ok(())
}

/// Takes a person out of one.
pub(crate) fn leave(work: &mut Work, workspace: WorkspaceId, segment: &SegmentId, person: Atom, at: Millis) -> Result<()> {
    let mut hers = Hers::of(work, workspace, person)?;
    hers.set(work, segment, false, at)?;
    hers.keep(work);
    Ok(())
}

fn count_day(work: &mut Work, workspace: WorkspaceId, segment: &SegmentId, entered: bool, at: Millis) -> Result<()> {
    let day = Millis(at.0.div_euclid(Millis::DAY) * Millis::DAY);
    let key = of(workspace, segment).time(day);
    let (mut came, mut went) = work.get(DAYS, key.as_slice())?.and_then(|v| two(&v)).unwrap_or((0, 0));
    *(if entered { &mut came } else { &mut went }) += 1;
    work.put(DAYS, key, [came.to_be_bytes(), went.to_be_bytes()].concat());
    Ok(())
}

fn two(value: &[u8]) -> Option<(u64, u64)> {
    let mut parts = Parts(value);
    Some((parts.u64()?, parts.u64()?))
}

/// Entered and left per day (UTC), oldest first.
pub(crate) fn days(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId) -> Result<Vec<(Millis, u64, u64)>> {
    let mut found = Vec::new();
    let prefix = of(workspace, segment);
    read.scan_prefix(DAYS, prefix.as_slice(), &mut |key, value| {
        if let (Some(day), Some((came, went))) = (Parts(&key[prefix.0.len()..]).time(), two(value)) {
            found.push((day, came, went));
        }
        Ok(true)
    })?;
    Ok(found)
}

/// The segments a person is in.
pub fn of_person(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<Membership>> {
    let hers = Hers::of(read, workspace, person)?;
    Ok(hers.since.into_iter().map(|(segment, since)| Membership { segment: SegmentId(segment), since }).collect())
}

pub(crate) fn since_when(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId, person: Atom) -> Result<Option<Millis>> {
    Ok(Hers::of(read, workspace, person)?.since.get(segment.as_str()).copied())
}

#[cfg(test)]
pub(crate) fn write_for_tests(work: &mut Work, workspace: WorkspaceId, segment: &SegmentId, members: &RoaringBitmap) -> Result<()> {
    pieces::write(work, MEMBERS, &of(workspace, segment), members)
}
