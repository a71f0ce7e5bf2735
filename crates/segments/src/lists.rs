//! Lists: people whom somebody named. What is kept are atoms, so that a list follows its people when they are joined or taken apart.

use roaring::RoaringBitmap;
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work, pieces};

use crate::kernel::{Atom, Result, SegmentId, WorkspaceId};

/// list → atoms that were put on it, in pieces
const LISTED: &str = "segment_listed";

fn of(workspace: WorkspaceId, list: &SegmentId) -> Key {
    Key::of(workspace).text(list.as_str())
}

/// Is one of her identifiers on the list?
pub(crate) fn is_listed(read: &dyn Read, workspace: WorkspaceId, list: &SegmentId, person: Atom) -> Result<bool> {
    for atom in weft_identity::atoms(read, workspace, person)? {
        if pieces::contains(read, LISTED, &of(workspace, list), atom)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn put_on(work: &mut Work, workspace: WorkspaceId, list: &SegmentId, atom: Atom) -> Result<()> {
    pieces::set(work, LISTED, &of(workspace, list), atom, true).map(drop)
}

/// She is not on it by any of her identifiers.
pub(crate) fn take_off(work: &mut Work, workspace: WorkspaceId, list: &SegmentId, person: Atom) -> Result<()> {
    for atom in weft_identity::atoms(work, workspace, person)? {
        pieces::set(work, LISTED, &of(workspace, list), atom, false)?;
    }
    Ok(())
}

/// The list is these people.
pub(crate) fn write(work: &mut Work, workspace: WorkspaceId, list: &SegmentId, people: &RoaringBitmap) -> Result<()> {
    clear(work, workspace, list)?;
    pieces::write(work, LISTED, &of(workspace, list), people)
}

pub(crate) fn clear(work: &mut Work, workspace: WorkspaceId, list: &SegmentId) -> Result<()> {
    work.delete_prefix(LISTED, of(workspace, list).as_slice())
}
