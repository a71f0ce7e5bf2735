//! A person's facts, as the condition language asks for them.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use serde_json::{Map, Value};
use weft_condition::{Facts, LazyJson, PastEvent};
use weft_profile_kv::Read;

use crate::history;
use crate::kernel::{Atom, Millis, Result, SegmentId, WorkspaceId};
use crate::recall::{Recall, Recent};

/// What this room does not know of a person, and those above it do.
pub trait Around {
    fn zone(&self) -> &jiff::tz::TimeZone;
    fn in_segment(&self, segment: &SegmentId) -> bool;
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool;
    fn tag(&self, name: &str) -> Option<Value>;
}

pub struct PersonFacts<'a> {
    read: &'a dyn Read,
    workspace: WorkspaceId,
    person: Atom,
    recall: Arc<Recall>,
    around: &'a dyn Around,
    at_hand: Option<&'a Map<String, Value>>,
    /// The condition language cannot fail; the store can. The first failure is kept and must be asked for.
    failed: Cell<Option<crate::kernel::Error>>,
}

impl<'a> PersonFacts<'a> {
    /// `recall` holds what was read of her for other questions, since anything happened to her last.
    pub fn new(read: &'a dyn Read, workspace: WorkspaceId, person: Atom, around: &'a dyn Around, recall: Arc<Recall>) -> Self {
        Self { read, workspace, person, recall, around, at_hand: None, failed: Cell::new(None) }
    }
    pub fn with_event(mut self, properties: &'a Map<String, Value>) -> Self {
        self.at_hand = Some(properties);
        self
    }
    /// To be asked after each verdict: was the store read without failure?
    pub fn sound(&self) -> Result<()> {
        match self.failed.take() {
            Some(e) => Err(e),
            None => Ok(()),
        }
    }
    fn or_fail<T>(&self, found: Result<T>) -> Option<T> {
        found.map_err(|e| self.failed.set(Some(e))).ok()
    }
    fn histories(&self, name: &str) -> Result<Vec<(Atom, String)>> {
        let mut found = Vec::new();
        for atom in self.recall.atoms(self.read, self.workspace, self.person)? {
            match name {
                "*" => found.extend(history::names(self.read, self.workspace, *atom)?.into_iter().map(|n| (*atom, n))),
                name => found.push((*atom, name.to_owned())),
            }
        }
        Ok(found)
    }
    fn read_events(&self, name: &str, period: (Option<Millis>, Option<Millis>), visit: &mut dyn FnMut(&PastEvent<'_>) -> bool) -> Result<()> {
        let recent = self.recall.events(name, || Recent::load(self.read, self.workspace, &self.histories(name)?))?;
        let Some(kept) = recent.as_ref().and_then(|recent| recent.between(period.0, period.1)) else { return self.read_far_back(&self.histories(name)?, period, visit) };
        for event in kept {
            if !visit(&PastEvent { ts: event.ts, position: event.position, properties: event }) {
                break;
            }
        }
        Ok(())
    }
    fn read_far_back(&self, histories: &[(Atom, String)], period: (Option<Millis>, Option<Millis>), visit: &mut dyn FnMut(&PastEvent<'_>) -> bool) -> Result<()> {
        if let [(atom, name)] = histories {
            return history::of_name(self.read, self.workspace, *atom, name, period, &mut |ts, position, json| {
                visit(&PastEvent { ts, position, properties: &LazyJson::new(json) })
            });
        }
        // Several histories make one: gathered, then put in order.
        let mut all: Vec<(Millis, u64, Vec<u8>)> = Vec::new();
        for (atom, name) in histories {
            history::of_name(self.read, self.workspace, *atom, name, period, &mut |ts, position, json| {
                all.push((ts, position, json.to_vec()));
                true
            })?;
        }
        all.sort_by_key(|(ts, position, _)| (*ts, *position));
        for (ts, position, json) in &all {
            if !visit(&PastEvent { ts: *ts, position: *position, properties: &LazyJson::new(json) }) {
                break;
            }
        }
        Ok(())
    }
}

impl Facts for PersonFacts<'_> {
    fn zone(&self) -> &jiff::tz::TimeZone {
        self.around.zone()
    }
    fn trait_value(&self, name: &str) -> Option<Cow<'_, Value>> {
        let document = self.or_fail(self.recall.document(self.read, self.workspace, self.person))?;
        if let Some(value) = document.get(name) {
            return Some(Cow::Borrowed(value));
        }
        let (head, rest) = name.split_once('.')?;
        weft_condition::lookup(document.get(head)?.as_object()?, rest).map(Cow::Borrowed)
    }
    fn tag(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.around.tag(name).map(Cow::Owned)
    }
    fn in_segment(&self, id: &SegmentId) -> bool {
        self.around.in_segment(id)
    }
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool {
        self.around.consent(purpose, channel)
    }
    fn events(&self, name: &str, from: Option<Millis>, to_exclusive: Option<Millis>, visit: &mut dyn FnMut(&PastEvent<'_>) -> bool) {
        self.or_fail(self.read_events(name, (from, to_exclusive), visit));
    }
    fn event_at_hand(&self) -> Option<&Map<String, Value>> {
        self.at_hand
    }
}
