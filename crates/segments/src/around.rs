//! What surrounds a person's document when a condition is asked of it: her segments, and what lies below them.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use weft_context_kit::workspace_of;
use weft_profile_kv::Read;
use weft_profiles::{Around, PersonFacts, Recall};

use crate::kernel::{Atom, Result, SegmentId, WorkspaceId};
use crate::membership;

pub struct Surroundings<'a> {
    beneath: weft_tags::Surroundings<'a>,
}

impl<'a> Surroundings<'a> {
    pub fn of(read: &'a dyn Read, workspace: WorkspaceId, person: Atom, zone: &'a TimeZone) -> Self {
        Self { beneath: weft_tags::Surroundings::of(read, workspace, person, zone) }
    }
    /// What was read of her for other questions, since anything happened to her last.
    pub fn recalling(self, recall: Arc<Recall>) -> Self {
        Self { beneath: self.beneath.recalling(recall) }
    }
    /// Facts of this person; ask `sound` of both after a verdict.
    pub fn facts(&'a self) -> PersonFacts<'a> {
        PersonFacts::new(self.beneath.read, self.beneath.workspace, self.beneath.person, self, self.beneath.recall())
    }
    pub fn sound(&self) -> Result<()> {
        self.beneath.sound()
    }
}

impl Around for Surroundings<'_> {
    fn zone(&self) -> &TimeZone {
        self.beneath.zone()
    }
    fn in_segment(&self, segment: &SegmentId) -> bool {
        let b = &self.beneath;
        b.or_fail(membership::contains(b.read, b.workspace, segment, b.person))
    }
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool {
        self.beneath.consent(purpose, channel)
    }
    fn tag(&self, name: &str) -> Option<Value> {
        self.beneath.tag(name)
    }
}

pub fn zone_of(read: &dyn Read, workspace: WorkspaceId) -> Result<TimeZone> {
    Ok(workspace_of(read, workspace)?.zone())
}
