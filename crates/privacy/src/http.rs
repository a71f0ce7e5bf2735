//! Consent and black list over HTTP. A change goes in by the front door, like a stranger's.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use base64::Engine;
use serde::{Deserialize, Serialize};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::ToSchema;
use weft_http_kit::{Answer, Body, Caller, Done, ListQuery, Lock, QueryOf, Routes, foreign_cursor, utoipa};

use crate::blacklist;
use crate::consent::MARKETING;
use crate::kernel::event::{id_types, names};
use crate::kernel::{Actor, Error, Event, Identifier, MessageId, Millis, Page, SourceId, WorkspaceId};

/// Who asks for the change stands in the event's source.
const CONSOLE: &str = "console";

pub(crate) fn routes(parts: &Parts) -> Routes {
    let parts = Arc::new(parts.clone());
    Routes::new()
        .post("set_consent", "/people/{id}:consent", Lock::Permission("privacy:write"), set_consent, &parts)
        .summary("Record that a person granted or withdrew consent")
        .takes::<ConsentChange>()
        .gives::<Done>()
        .get("list_blacklist", "/blacklist", Lock::Permission("privacy:read"), list_blacklist, &parts)
        .summary("Identifiers that must not be reached")
        .lists::<BlacklistLine>()
        .post("add_to_blacklist", "/blacklist", Lock::Permission("privacy:write"), add_to_blacklist, &parts)
        .summary("Put an identifier on the black list")
        .takes::<BlacklistEntry>()
        .gives::<Done>()
        .delete("remove_from_blacklist", "/blacklist/{identifier_type}/{value}", Lock::Permission("privacy:write"), remove_from_blacklist, &parts)
        .summary("Take an identifier off the black list")
        .gives::<Done>()
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentChange {
    /// `marketing`, `tracking`, or a purpose of your own.
    #[serde(default = "marketing")]
    pub purpose: String,
    /// `email`, `sms`, …; `*` for all.
    #[serde(default = "any")]
    pub channel: String,
    pub granted: bool,
}
fn marketing() -> String {
    MARKETING.to_owned()
}
fn any() -> String {
    "*".to_owned()
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlacklistEntry {
    /// `email`, `phone`, `user_id`, …
    identifier_type: String,
    value: String,
    #[serde(default)]
    reason: String,
}

/// The event that says what a person said.
pub fn consent_event(workspace: WorkspaceId, source: &str, ids: Vec<Identifier>, change: &ConsentChange, now: Millis) -> Event {
    let name = if change.granted { names::CONSENT_GRANTED } else { names::CONSENT_WITHDRAWN };
    let mut event = Event::track(workspace, SourceId::from(source), MessageId::new().0, name, now)
        .with_property("purpose", change.purpose.clone())
        .with_property("channel", change.channel.clone());
    event.identifiers = ids;
    event
}

fn by(event: Event, actor: &Actor) -> Event {
    event.with_property("by", actor.to_string())
}

async fn set_consent(State(parts): State<Arc<Parts>>, caller: Caller, Path(id): Path<String>, Body(change): Body<ConsentChange>) -> Answer<Done> {
    let ids = vec![Identifier::new(id_types::PERSON, id)];
    let event = by(consent_event(caller.workspace(), CONSOLE, ids, &change, parts.clock.now()), caller.actor());
    tell(&parts, event).await
}

async fn tell(parts: &Parts, event: Event) -> Answer<Done> {
    parts.tell(vec![event]).await?;
    Ok(Json(Done {}))
}

pub(crate) fn cursor(key: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key)
}
fn from_cursor(caller: &Caller, text: &str) -> Result<Vec<u8>, Error> {
    let key = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok();
    // A cursor of another workspace is no cursor.
    key.filter(|k| k.starts_with(&caller.workspace().0.to_be_bytes()))
        .ok_or_else(foreign_cursor)
}

#[derive(Serialize, ToSchema)]
struct BlacklistLine {
    identifier_type: String,
    value: String,
    reason: String,
    #[schema(value_type = String)]
    at: Millis,
}

async fn list_blacklist(State(parts): State<Arc<Parts>>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<BlacklistLine>> {
    let after = query.cursor.as_deref().map(|c| from_cursor(&caller, c)).transpose()?;
    let page = blocking(move || blacklist::list(&*parts.state, caller.workspace(), &query.q, query.limit(), after)).await?;
    Ok(Json(page.map(|(id, blocked)| BlacklistLine { identifier_type: id.id_type, value: id.value, reason: blocked.reason, at: blocked.at })))
}

async fn add_to_blacklist(State(parts): State<Arc<Parts>>, caller: Caller, Body(entry): Body<BlacklistEntry>) -> Answer<Done> {
    if entry.identifier_type.trim().is_empty() || entry.value.trim().is_empty() {
        return Err(Error::invalid("privacy.blacklist_empty", "say which identifier: its type and its value").field("value", "must not be empty").into());
    }
    let event = Event::track(caller.workspace(), SourceId::from(CONSOLE), MessageId::new().0, names::BLACKLIST_ADDED, parts.clock.now())
        .with_property("identifier_type", entry.identifier_type)
        .with_property("value", entry.value)
        .with_property("reason", entry.reason);
    tell(&parts, by(event, caller.actor())).await
}

async fn remove_from_blacklist(State(parts): State<Arc<Parts>>, caller: Caller, Path((identifier_type, value)): Path<(String, String)>) -> Answer<Done> {
    let event = Event::track(caller.workspace(), SourceId::from(CONSOLE), MessageId::new().0, names::BLACKLIST_REMOVED, parts.clock.now())
        .with_property("identifier_type", identifier_type)
        .with_property("value", value);
    tell(&parts, by(event, caller.actor())).await
}
