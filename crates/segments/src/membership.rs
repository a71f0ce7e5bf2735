//! Who is in: a bitmap of dense person numbers for each segment, and per person since when.

use roaring::RoaringBitmap;
use serde::Serialize;
use weft_bitmap::Set;
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::pieces::{self, Name};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Atom, Millis, Result, SegmentId, WorkspaceId};

/// segment → members, in pieces
const MEMBERS: &str = "members";
/// person, segment → since when
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

/// Puts a person in or takes her out. Says whether that changed anything.
pub(crate) fn set(work: &mut Work, workspace: WorkspaceId, segment: &SegmentId, person: Atom, is_member: bool, at: Millis) -> Result<bool> {
    if !pieces::set(work, MEMBERS, &of(workspace, segment), person, is_member)? {
        return Ok(false);
    }
    let since = Key::of(workspace).atom(person).text(segment.as_str());
    if is_member {
        work.put(SINCE, since, at.0.to_be_bytes().to_vec());
    } else {
        work.delete(SINCE, since);
    }
    let key = of(workspace, segment);
    let size = number(work, SIZES, key.as_slice())?.saturating_add_signed(if is_member { 1 } else { -1 });
    work.put(SIZES, key, size.to_be_bytes().to_vec());
    count_day(work, workspace, segment, is_member, at)?;
    Ok(true)
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
    let mut found = Vec::new();
    let prefix = Key::of(workspace).atom(person);
    read.scan_prefix(SINCE, prefix.as_slice(), &mut |key, value| {
        if let Some(segment) = Parts(&key[prefix.0.len()..]).text() {
            found.push(Membership { segment: SegmentId(segment), since: since(value) });
        }
        Ok(true)
    })?;
    Ok(found)
}

pub(crate) fn since_when(read: &dyn Read, workspace: WorkspaceId, segment: &SegmentId, person: Atom) -> Result<Option<Millis>> {
    Ok(read.get(SINCE, Key::of(workspace).atom(person).text(segment.as_str()).as_slice())?.map(|v| since(&v)))
}

fn since(value: &[u8]) -> Millis {
    Millis(value.try_into().map(i64::from_be_bytes).unwrap_or(0))
}

#[cfg(test)]
pub(crate) fn write_for_tests(work: &mut Work, workspace: WorkspaceId, segment: &SegmentId, members: &RoaringBitmap) -> Result<()> {
    pieces::write(work, MEMBERS, &of(workspace, segment), members)
}
