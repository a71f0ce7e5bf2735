//! What surrounds a person's document when a condition is asked of it: her segments, her consents, the zone.

use std::cell::Cell;

use jiff::tz::TimeZone;
use weft_context_kit::workspace_of;
use weft_profile_kv::Read;
use weft_profiles::{Around, PersonFacts};

use crate::kernel::{Atom, Error, Result, SegmentId, WorkspaceId};
use crate::membership;

pub struct Surroundings<'a> {
    read: &'a dyn Read,
    workspace: WorkspaceId,
    person: Atom,
    zone: &'a TimeZone,
    failed: Cell<Option<Error>>,
}

impl<'a> Surroundings<'a> {
    pub fn of(read: &'a dyn Read, workspace: WorkspaceId, person: Atom, zone: &'a TimeZone) -> Self {
        Self { read, workspace, person, zone, failed: Cell::new(None) }
    }
    /// Facts of this person; ask `sound` of both after a verdict.
    pub fn facts(&'a self) -> Result<PersonFacts<'a>> {
        PersonFacts::new(self.read, self.workspace, self.person, self)
    }
    pub fn sound(&self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
    fn or_fail(&self, verdict: Result<bool>) -> bool {
        verdict.unwrap_or_else(|e| {
            self.failed.set(Some(e));
            false
        })
    }
}

impl Around for Surroundings<'_> {
    fn zone(&self) -> &TimeZone {
        self.zone
    }
    fn in_segment(&self, segment: &SegmentId) -> bool {
        self.or_fail(membership::contains(self.read, self.workspace, segment, self.person))
    }
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool {
        let ids = weft_identity::all_identifiers(self.read, self.workspace, self.person);
        self.or_fail(ids.and_then(|ids| weft_privacy::is_granted(self.read, self.workspace, &ids, purpose, channel)))
    }
}

pub fn zone_of(read: &dyn Read, workspace: WorkspaceId) -> Result<TimeZone> {
    Ok(workspace_of(read, workspace)?.zone())
}
