//! What stands in the log: events, definitions, and the ticking of the clock.
//! State is a function of these three and of nothing else.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::id::WorkspaceId;
use crate::time::{Millis, as_number};

/// A definition that people changed in the console and that the pipeline must obey from here on:
/// a segment, a published journey, the caps. Replaying the log replays them in their place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Names this change; the same change told twice is one.
    pub id: String,
    #[serde(rename = "w")]
    pub workspace: WorkspaceId,
    #[serde(with = "as_number")]
    pub at: Millis,
    /// Which room obeys: `segments`, `journeys`, `channels`, …
    pub room: String,
    /// `segment_defined`, `journey_published`, …
    pub what: String,
    pub body: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Event(Box<Event>),
    Control(Box<Control>),
    /// Time has come this far: timers that are due fire here, at this place in the log, also when replayed.
    Clock(Millis),
}

const EVENT: u8 = b'E';
const CONTROL: u8 = b'D';
const CLOCK: u8 = b'C';

impl Record {
    /// One letter for what it is, then JSON. See docs/formats/log.md.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(512);
        match self {
            Record::Event(event) => {
                out.push(EVENT);
                serde_json::to_writer(&mut out, event)?;
            }
            Record::Control(control) => {
                out.push(CONTROL);
                serde_json::to_writer(&mut out, control)?;
            }
            Record::Clock(at) => {
                out.push(CLOCK);
                out.extend_from_slice(at.0.to_string().as_bytes());
            }
        }
        Ok(out)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let unreadable = |why: String| Error::bug("kernel.record_unreadable", why);
        match bytes.split_first() {
            Some((&EVENT, rest)) => {
                serde_json::from_slice(rest).map(|e| Record::Event(Box::new(e))).map_err(|e| unreadable(e.to_string()))
            }
            Some((&CONTROL, rest)) => {
                serde_json::from_slice(rest).map(|c| Record::Control(Box::new(c))).map_err(|e| unreadable(e.to_string()))
            }
            Some((&CLOCK, rest)) => std::str::from_utf8(rest)
                .ok()
                .and_then(|t| t.parse().ok())
                .map(|ms| Record::Clock(Millis(ms)))
                .ok_or_else(|| unreadable("a clock record without a number".into())),
            other => Err(unreadable(format!("unknown kind {:?}", other.map(|(k, _)| k)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SourceId;

    #[test]
    fn records_come_back_as_they_went() {
        let event = Event::track(WorkspaceId(1), SourceId::from("src_1"), "m1", "purchase", Millis(5))
            .with_identifier("user_id", "42")
            .with_property("value", "12.30");
        for record in [
            Record::Event(Box::new(event)),
            Record::Clock(Millis(77)),
            Record::Control(Box::new(Control {
                id: "c".into(),
                workspace: WorkspaceId(1),
                at: Millis(9),
                room: "segments".into(),
                what: "segment_defined".into(),
                body: serde_json::json!({"a": 1}),
            })),
        ] {
            assert_eq!(Record::decode(&record.encode().unwrap()).unwrap(), record);
        }
        assert!(Record::decode(b"").is_err());
        assert!(Record::decode(b"Zx").is_err());
        assert!(Record::decode(b"E{").is_err());
    }
}
