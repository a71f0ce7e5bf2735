//! An event as people read it; the log writes it with short keys.

use serde::Serialize;
use serde_json::{Map, Value};
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Event, EventKind, Identifier, Millis, SourceId};

/// An event as it was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    pub id: String,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: EventKind,
    #[schema(value_type = String)]
    pub ts: Millis,
    #[schema(value_type = String)]
    pub received_at: Millis,
    #[schema(value_type = String)]
    pub source: SourceId,
    pub channel: Option<String>,
    /// Each with its type `t` and its value `v`.
    #[schema(value_type = Vec<Object>)]
    pub identifiers: Vec<Identifier>,
    #[schema(value_type = Object)]
    pub properties: Map<String, Value>,
    #[schema(value_type = Object)]
    pub traits: Map<String, Value>,
    /// Names of traits that the event tells and that are sensitive: their values are sealed, and shown on the person's page only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sealed_traits: Vec<String>,
}

impl From<Event> for EventView {
    fn from(mut e: Event) -> Self {
        e.traits.retain(|name, _| !e.sealed.contains(name));
        Self {
            id: e.id,
            name: e.name,
            kind: e.kind,
            ts: e.ts,
            received_at: e.received_at,
            source: e.source,
            channel: e.channel,
            identifiers: e.identifiers,
            properties: e.properties,
            traits: e.traits,
            sealed_traits: e.sealed,
        }
    }
}
