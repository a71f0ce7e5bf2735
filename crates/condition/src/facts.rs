//! Where facts come from: the trait a room implements for its person, event or page.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::kernel::{Millis, SegmentId};

/// What is known about whom the condition is asked of. A fact that is not known is `None`; JSON null is the same.
pub trait Facts {
    /// The workspace's zone, in which dates begin.
    fn zone(&self) -> &TimeZone;
    /// A trait of the person. Use [`lookup`] so that dotted names mean the same everywhere.
    fn trait_value(&self, name: &str) -> Option<Cow<'_, Value>>;
    /// The value of a tag; a tag that is only set or not set has the value `true`.
    fn tag(&self, name: &str) -> Option<Cow<'_, Value>>;
    fn in_segment(&self, id: &SegmentId) -> bool;
    /// Is it granted? Without a channel: on any channel.
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool;
    /// Visits the events of this name (`*`: of any) with `from <= ts < to_exclusive`, by ascending time and then
    /// position, until `visit` says false. Positions are unique in a person's history.
    fn events(&self, name: &str, from: Option<Millis>, to_exclusive: Option<Millis>, visit: &mut dyn FnMut(&PastEvent<'_>) -> bool);
    /// The properties of the event at hand, where there is one.
    fn event_at_hand(&self) -> Option<&Map<String, Value>>;
}

/// An event of the history.
#[derive(Clone, Copy)]
pub struct PastEvent<'a> {
    pub ts: Millis,
    /// Its place in the log; decides the order of events of the same millisecond.
    pub position: u64,
    pub properties: &'a dyn Properties,
}

/// Properties that are read only if a condition asks for them.
pub trait Properties {
    /// The value at a name or dotted path.
    fn get(&self, path: &str) -> Option<Cow<'_, Value>>;
}

/// The value at `path`: a key of exactly that name if there is one, otherwise down through objects at the dots.
pub fn lookup<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = map.get(path) {
        return Some(value);
    }
    let (head, rest) = path.split_once('.')?;
    lookup(map.get(head)?.as_object()?, rest)
}

impl Properties for Map<String, Value> {
    fn get(&self, path: &str) -> Option<Cow<'_, Value>> {
        lookup(self, path).map(Cow::Borrowed)
    }
}

/// The properties of an event that has none, or whose properties nobody will ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProperties;

impl Properties for NoProperties {
    fn get(&self, _path: &str) -> Option<Cow<'_, Value>> {
        None
    }
}

/// JSON text that is parsed when first asked. What is not an object has no properties.
#[derive(Debug)]
pub struct LazyJson<'a> {
    text: &'a [u8],
    parsed: OnceCell<Map<String, Value>>,
}

impl<'a> LazyJson<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, parsed: OnceCell::new() }
    }
    /// All of them.
    pub fn map(&self) -> &Map<String, Value> {
        self.parsed.get_or_init(|| serde_json::from_slice(self.text).unwrap_or_default())
    }
}

impl Properties for LazyJson<'_> {
    fn get(&self, path: &str) -> Option<Cow<'_, Value>> {
        lookup(self.map(), path).map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_a_key_first_and_a_way_second() {
        let Value::Object(map) = json!({"page.url": "flat", "page": {"url": "deep", "a": {"b.c": 1}}, "n": null}) else { panic!() };
        assert_eq!(lookup(&map, "page.url"), Some(&json!("flat")));
        assert_eq!(lookup(&map, "page.a.b.c"), Some(&json!(1)));
        assert_eq!(lookup(&map, "page.b"), None);
        assert_eq!(lookup(&map, "n.x"), None);
    }

    #[test]
    fn text_that_is_no_object_has_no_properties() {
        assert_eq!(LazyJson::new(b"[1,2]").get("a"), None);
        assert_eq!(LazyJson::new(b"{broken").get("a"), None);
        assert_eq!(LazyJson::new(br#"{"a":1}"#).get("a").as_deref(), Some(&json!(1)));
    }
}
