//! The record of the log, written straight from the request: the same JSON that `kernel::Record` reads.

use std::ops::Range;

use bytes::Bytes;

use crate::kernel::EventKind;
use crate::protocols::json::{Fault, Text, copy_entries};
use crate::protocols::time::Moment;
use crate::protocols::{Refused, Stamp};

/// The records of one request, behind one another in one buffer.
pub(crate) struct Records {
    out: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

impl Records {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes), ranges: Vec::new() }
    }

    /// Writes one event. What `write` refuses leaves nothing behind.
    pub(crate) fn event(&mut self, write: impl FnOnce(&mut Draft) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let start = self.out.len();
        self.out.extend_from_slice(b"E{");
        match write(&mut Draft { out: &mut self.out }) {
            Ok(()) => {
                // Every field ends in a comma; the last one's place is taken by the brace.
                if let Some(last) = self.out.last_mut() {
                    *last = b'}';
                }
                self.ranges.push(start..self.out.len());
                Ok(())
            }
            Err(wrong) => {
                self.out.truncate(start);
                Err(wrong)
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<Bytes> {
        let whole = Bytes::from(self.out);
        self.ranges.into_iter().map(|range| whole.slice(range)).collect()
    }
}

/// Why one event is refused: a code of this room, and a sentence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wrong {
    pub code: &'static str,
    pub detail: String,
}

impl Wrong {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
    pub(crate) fn of_type(field: &str, expected: &str) -> Self {
        Self::new("collect.wrong_type", format!("{field} must be {expected}"))
    }
    pub(crate) fn at(self, index: usize) -> Refused {
        Refused { index, code: self.code, detail: self.detail }
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooDeep => Self::new("collect.too_deep", format!("values may be nested {} deep", crate::protocols::json::MAX_DEPTH)),
            Fault::NumberOutOfRange => Self::new("collect.number_out_of_range", "a number is larger than a double can hold"),
        }
    }
}

/// An event being written, field by field; each field is written with a comma behind it. The order does not matter.
pub(crate) struct Draft<'o> {
    out: &'o mut Vec<u8>,
}

impl Draft<'_> {
    pub(crate) fn stamp(&mut self, stamp: &Stamp) {
        self.number("w", i64::from(stamp.workspace.0));
        self.text("s", &Text::plain(stamp.source.as_str()));
        self.number("r", stamp.received_at.0);
    }
    pub(crate) fn what(&mut self, id: &Text, kind: EventKind, name: &Text) {
        self.text("i", id);
        self.text("k", &Text::plain(kind_name(kind)));
        self.text("n", name);
    }
    pub(crate) fn moment(&mut self, moment: Moment) {
        self.number("t", moment.ts.0);
        if let Some(original) = moment.original {
            self.number("o", original);
        }
    }
    pub(crate) fn historical(&mut self) {
        self.raw("h", b"true");
    }
    pub(crate) fn text(&mut self, key: &str, text: &Text) {
        self.key(key);
        text.write(self.out);
        self.out.push(b',');
    }
    pub(crate) fn identifiers<'a>(&mut self, identifiers: impl Iterator<Item = (&'a Text<'a>, &'a Text<'a>)>) {
        let start = self.out.len();
        self.key("ids");
        self.out.push(b'[');
        let empty = self.out.len();
        for (id_type, value) in identifiers {
            self.pair(id_type, value);
            self.out.push(b',');
        }
        if self.out.len() == empty {
            self.out.truncate(start);
            return;
        }
        self.close(b']');
    }
    pub(crate) fn identifier(&mut self, key: &str, id_type: &Text, value: &Text) {
        self.key(key);
        self.pair(id_type, value);
        self.out.push(b',');
    }
    /// Begins an object; `Entries::end` writes it, or leaves it out when it stayed empty.
    pub(crate) fn object(&mut self, key: &str) -> Entries<'_> {
        let start = self.out.len();
        self.key(key);
        self.out.push(b'{');
        Entries { out: self.out, start, count: 0 }
    }

    fn number(&mut self, key: &str, value: i64) {
        self.raw(key, value.to_string().as_bytes());
    }
    fn raw(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.extend_from_slice(value);
        self.out.push(b',');
    }
    fn key(&mut self, key: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
    fn pair(&mut self, id_type: &Text, value: &Text) {
        self.out.extend_from_slice(b"{\"t\":");
        id_type.write(self.out);
        self.out.extend_from_slice(b",\"v\":");
        value.write(self.out);
        self.out.push(b'}');
    }
    fn close(&mut self, bracket: u8) {
        if let Some(comma) = self.out.last_mut() {
            *comma = bracket;
        }
        self.out.push(b',');
    }
}

/// The entries of an object of the record, gathered from several places.
pub(crate) struct Entries<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    count: usize,
}

impl Entries<'_> {
    /// Copies the entries of a JSON object; see [`copy_entries`].
    pub(crate) fn all_of<'a>(&mut self, raw: &'a str, keep: impl FnMut(&'a str, &'a str) -> bool) -> Result<(), Fault> {
        let before = self.out.len();
        if self.count > 0 {
            self.out.push(b',');
        }
        let count = copy_entries(raw, self.out, keep)?;
        if count == 0 {
            self.out.truncate(before);
        }
        self.count += count;
        Ok(())
    }
    /// One entry more; `key` is as it stands in JSON, without quotes.
    pub(crate) fn add(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Fault>) -> Result<(), Fault> {
        if self.count > 0 {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.count += 1;
        write(self.out)
    }
    pub(crate) fn end(self) {
        if self.count == 0 {
            self.out.truncate(self.start);
        } else {
            self.out.extend_from_slice(b"},");
        }
    }
}

fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Track => "track",
        EventKind::Identify => "identify",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
        EventKind::Group => "group",
        EventKind::Alias => "alias",
        EventKind::SignUp => "sign_up",
        EventKind::ProfileSet => "profile_set",
        EventKind::ProfileSetOnce => "profile_set_once",
        EventKind::ProfileIncrement => "profile_increment",
        EventKind::ProfileAppend => "profile_append",
        EventKind::ProfileUnset => "profile_unset",
        EventKind::ProfileDelete => "profile_delete",
        EventKind::ThingSet => "thing_set",
        EventKind::ThingSetOnce => "thing_set_once",
        EventKind::ThingIncrement => "thing_increment",
        EventKind::ThingAppend => "thing_append",
        EventKind::ThingUnset => "thing_unset",
        EventKind::ThingDelete => "thing_delete",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Event, Identifier, Millis, Record, SourceId, WorkspaceId};

    #[test]
    fn kinds_are_called_as_the_kernel_calls_them() {
        use EventKind::*;
        for kind in [
            Track, Identify, Page, Screen, Group, Alias, SignUp, ProfileSet, ProfileSetOnce, ProfileIncrement, ProfileAppend, ProfileUnset,
            ProfileDelete, ThingSet, ThingSetOnce, ThingIncrement, ThingAppend, ThingUnset, ThingDelete,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind_name(kind));
        }
    }

    #[test]
    fn what_is_written_is_what_the_kernel_reads() {
        let stamp = Stamp { workspace: WorkspaceId(7), source: SourceId::from("src_1"), received_at: Millis(2_000) };
        let mut records = Records::with_capacity(0);
        let refused = records.event(|_| Err(Wrong::of_type("userId", "a text")));
        assert_eq!(refused, Err(Wrong::new("collect.wrong_type", "userId must be a text")));
        records
            .event(|draft| {
                draft.what(&Text::plain("m1"), EventKind::Track, &Text::owned("购买 \"now\"".into()));
                draft.stamp(&stamp);
                draft.moment(Moment { ts: Millis(1_000), original: Some(900) });
                draft.identifiers([(&Text::plain("user_id"), &Text::plain("42")), (&Text::plain("anonymous_id"), &Text::plain("a"))].into_iter());
                draft.identifier("pv", &Text::plain("anonymous_id"), &Text::plain("b"));
                draft.identifier("th", &Text::plain("group"), &Text::plain("g"));
                let mut properties = draft.object("p");
                properties.all_of("{}", |_, _| true)?;
                properties.all_of(r#"{"a": 1, "b": 2}"#, |key, _| key != "a")?;
                properties.add("c", |out| {
                    out.push(b'3');
                    Ok(())
                })?;
                properties.end();
                draft.object("tr").end();
                draft.text("ch", &Text::plain("web"));
                draft.historical();
                Ok(())
            })
            .unwrap();
        records
            .event(|draft| {
                draft.what(&Text::plain("m2"), EventKind::ThingDelete, &Text::plain("item_delete"));
                draft.stamp(&stamp);
                draft.moment(Moment { ts: Millis(1_000), original: None });
                draft.identifiers(std::iter::empty());
                Ok(())
            })
            .unwrap();
        let decoded: Vec<Record> = records.finish().iter().map(|r| Record::decode(r).unwrap()).collect();

        let mut first = Event::track(WorkspaceId(7), SourceId::from("src_1"), "m1", "购买 \"now\"", Millis(1_000))
            .with_identifier("user_id", "42")
            .with_identifier("anonymous_id", "a")
            .with_property("b", 2)
            .with_property("c", 3);
        first.received_at = Millis(2_000);
        first.original_ts = Some(900);
        first.previous = Some(Identifier::new("anonymous_id", "b"));
        first.thing = Some(Identifier::new("group", "g"));
        first.channel = Some("web".into());
        first.historical = true;
        let mut second = Event::track(WorkspaceId(7), SourceId::from("src_1"), "m2", "item_delete", Millis(1_000));
        second.kind = EventKind::ThingDelete;
        second.received_at = Millis(2_000);
        assert_eq!(decoded, [Record::Event(Box::new(first)), Record::Event(Box::new(second))]);
    }
}
