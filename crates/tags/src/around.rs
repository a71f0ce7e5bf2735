//! What surrounds a person's document when a tag's rule is asked of it: her consents, her other tags, the zone.

use std::cell::Cell;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use weft_profile_kv::Read;
use weft_profiles::{Around, PersonFacts, Recall};

use crate::kernel::{Atom, Error, Result, SegmentId, WorkspaceId};
use crate::values;

pub struct Surroundings<'a> {
    pub read: &'a dyn Read,
    pub workspace: WorkspaceId,
    pub person: Atom,
    zone: &'a TimeZone,
    recall: Arc<Recall>,
    failed: Cell<Option<Error>>,
}

impl<'a> Surroundings<'a> {
    pub fn of(read: &'a dyn Read, workspace: WorkspaceId, person: Atom, zone: &'a TimeZone) -> Self {
        Self { read, workspace, person, zone, recall: Arc::default(), failed: Cell::new(None) }
    }
    /// What was read of her for other questions, since anything happened to her last.
    pub fn recalling(self, recall: Arc<Recall>) -> Self {
        Self { recall, ..self }
    }
    pub fn recall(&self) -> Arc<Recall> {
        self.recall.clone()
    }
    /// Facts of this person; ask `sound` of both after a verdict.
    pub fn facts(&'a self) -> PersonFacts<'a> {
        PersonFacts::new(self.read, self.workspace, self.person, self, self.recall())
    }
    pub fn sound(&self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
    /// The condition language cannot fail; the store can. The failure is kept, and `sound` tells it.
    pub fn or_fail<T: Default>(&self, found: Result<T>) -> T {
        found.unwrap_or_else(|e| {
            self.failed.set(Some(e));
            T::default()
        })
    }
}

impl Around for Surroundings<'_> {
    fn zone(&self) -> &TimeZone {
        self.zone
    }
    /// Rules that name a segment are refused.
    fn in_segment(&self, _segment: &SegmentId) -> bool {
        false
    }
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool {
        let ids = weft_identity::all_identifiers(self.read, self.workspace, self.person);
        self.or_fail(ids.and_then(|ids| weft_privacy::is_granted(self.read, self.workspace, &ids, purpose, channel)))
    }
    fn tag(&self, name: &str) -> Option<Value> {
        self.or_fail(values::value(self.read, self.workspace, name, self.person))
    }
}
