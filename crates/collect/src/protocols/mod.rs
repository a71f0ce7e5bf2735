//! The protocols that clients speak, each from bytes to records of the log. Pure: no clock, no network.

pub(crate) mod json;
pub(crate) mod record;
pub mod segment;
pub mod sensors;
pub(crate) mod time;

use bytes::Bytes;

use crate::kernel::{Millis, SourceId, WorkspaceId};
use crate::protocols::json::{Reading, Text};
use crate::protocols::record::Wrong;

/// Longest name of an event, in characters.
pub const MAX_NAME: usize = 200;
/// Longest identifier, in bytes; what is longer identifies nobody.
pub const MAX_IDENTIFIER: usize = 512;

/// What the door adds to every event.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    pub workspace: WorkspaceId,
    pub source: SourceId,
    pub received_at: Millis,
}

/// What became of a request: nothing in it is lost because something else in it is wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// Encoded records, ready for the log.
    pub accepted: Vec<Bytes>,
    pub refused: Vec<Refused>,
}

/// One event that did not get in. `index` is its place in the batch, from 0.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Refused {
    pub index: usize,
    pub code: &'static str,
    pub detail: String,
}

/// A text that may be missing.
pub(crate) fn optional<'a>(raw: Option<&'a str>, field: &str) -> Result<Option<Text<'a>>, Wrong> {
    match json::text(raw) {
        Reading::Absent => Ok(None),
        Reading::Text(text) => Ok(Some(text)),
        Reading::Wrong => Err(Wrong::of_type(field, "a text")),
    }
}

/// An identifier that may be missing.
pub(crate) fn identifier<'a>(raw: Option<&'a str>, field: &str) -> Result<Option<Text<'a>>, Wrong> {
    let found = optional(raw, field)?;
    if found.as_ref().is_some_and(|id| id.as_str().len() > MAX_IDENTIFIER) {
        return Err(Wrong::new("collect.identifier_too_long", format!("{field} may have {MAX_IDENTIFIER} bytes")));
    }
    Ok(found)
}

/// The name of an event, which must be there.
pub(crate) fn name<'a>(raw: Option<&'a str>, field: &str) -> Result<Text<'a>, Wrong> {
    if raw.is_some_and(|raw| !raw.starts_with('"')) && raw != Some("null") {
        return Err(Wrong::of_type(field, "a text"));
    }
    let Some(name) = optional(raw, field)? else {
        return Err(Wrong::new("collect.name_missing", format!("{field} must name the event")));
    };
    if name.as_str().len() > MAX_NAME && name.as_str().chars().count() > MAX_NAME {
        return Err(Wrong::new("collect.name_too_long", format!("{field} may have {MAX_NAME} characters")));
    }
    Ok(name)
}

/// A JSON object that may be missing.
pub(crate) fn object<'a>(raw: Option<&'a str>, field: &str) -> Result<Option<&'a str>, Wrong> {
    match raw {
        Some(raw) if !json::is_object(raw) => Err(Wrong::of_type(field, "an object")),
        other => Ok(other),
    }
}

/// A time that may be missing.
pub(crate) fn moment(raw: Option<&str>, field: &str) -> Result<Option<i64>, Wrong> {
    match raw {
        None | Some("\"\"") => Ok(None),
        Some(raw) => time::read(raw).map(Some).ok_or_else(|| Wrong::of_type(field, "a time such as 2026-11-22T03:00:12.045Z")),
    }
}

/// Nobody but the house itself may speak of people by our own person ids.
pub(crate) fn may_claim(id_type: &str) -> bool {
    id_type != crate::kernel::event::id_types::PERSON
}
