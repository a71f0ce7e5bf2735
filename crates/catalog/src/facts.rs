//! A thing as facts of the condition language: attributes and figures by name.

use std::borrow::Cow;
use std::cell::Cell;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use weft_condition::{Facts, PastEvent, lookup};
use weft_profile_kv::Read;

use crate::figures::{self, day_of, first_day};
use crate::kernel::{Error, Millis, Result, SegmentId, WorkspaceId};
use crate::rule::{Asked, asked_of};
use crate::thing::Thing;

pub(crate) struct ThingFacts<'a> {
    read: &'a dyn Read,
    workspace: WorkspaceId,
    of: &'a str,
    id: &'a str,
    thing: &'a Thing,
    zone: &'a TimeZone,
    now: Millis,
    failed: Cell<Option<Error>>,
}

/// Whose figure, in which workspace, of which type.
pub(crate) fn figure(read: &dyn Read, workspace: WorkspaceId, of: &str, id: &str, asked: &Asked, now: Millis) -> Result<rust_decimal::Decimal> {
    let days = (first_day(now, asked.days), day_of(now));
    Ok(asked.of.of(&figures::total(read, workspace, of, id, &asked.event, days)?))
}

impl<'a> ThingFacts<'a> {
    pub fn new(read: &'a dyn Read, workspace: WorkspaceId, (of, id): (&'a str, &'a str), thing: &'a Thing, zone: &'a TimeZone, now: Millis) -> Self {
        Self { read, workspace, of, id, thing, zone, now, failed: Cell::new(None) }
    }
    /// The condition language cannot fail; the store can. The failure is kept, and told here.
    pub fn sound(&self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
    fn figure(&self, asked: &Asked) -> Option<Value> {
        match figure(self.read, self.workspace, self.of, self.id, asked, self.now) {
            Ok(figure) => Some(Value::String(figure.normalize().to_string())),
            Err(e) => {
                self.failed.set(Some(e));
                None
            }
        }
    }
}

impl Facts for ThingFacts<'_> {
    fn zone(&self) -> &TimeZone {
        self.zone
    }
    fn trait_value(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some(asked) = asked_of(name) {
            return self.figure(&asked).map(Cow::Owned);
        }
        match name {
            "id" => Some(Cow::Owned(self.id.into())),
            "name" if !self.thing.name.is_empty() => Some(Cow::Owned(self.thing.name.as_str().into())),
            name => lookup(&self.thing.attributes, name).map(Cow::Borrowed),
        }
    }
    /// Rules that ask for any of the following are refused.
    fn tag(&self, _name: &str) -> Option<Cow<'_, Value>> {
        None
    }
    fn in_segment(&self, _id: &SegmentId) -> bool {
        false
    }
    fn consent(&self, _purpose: &str, _channel: Option<&str>) -> bool {
        false
    }
    fn events(&self, _name: &str, _from: Option<Millis>, _to: Option<Millis>, _visit: &mut dyn FnMut(&PastEvent<'_>) -> bool) {}
    fn event_at_hand(&self) -> Option<&Map<String, Value>> {
        None
    }
}
