//! The event: the one shape in which everything that happens comes in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{SourceId, WorkspaceId};
use crate::time::{Millis, as_number};

/// What the sender meant. The first six are the calls of the Segment protocol;
/// the rest are the operations of the Sensors protocol that have no Segment twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
    /// Sensors `track_signup`: an alias that is also a fact (`$SignUp`).
    SignUp,
    ProfileSet,
    ProfileSetOnce,
    ProfileIncrement,
    ProfileAppend,
    ProfileUnset,
    ProfileDelete,
    ThingSet,
    ThingSetOnce,
    ThingIncrement,
    ThingAppend,
    ThingUnset,
    ThingDelete,
}

impl EventKind {
    /// Does it tell us something about the person, rather than that something happened?
    pub fn changes_profile(self) -> bool {
        use EventKind::*;
        matches!(self, Identify | ProfileSet | ProfileSetOnce | ProfileIncrement | ProfileAppend | ProfileUnset | ProfileDelete)
    }
    pub fn is_thing(self) -> bool {
        use EventKind::*;
        matches!(self, ThingSet | ThingSetOnce | ThingIncrement | ThingAppend | ThingUnset | ThingDelete)
    }
    /// May it say that two identifiers are one person?
    pub fn links(self) -> bool {
        use EventKind::*;
        matches!(self, Identify | Alias | SignUp | ProfileSet | ProfileSetOnce)
    }
}

/// Name of a kind of identifier: `anonymous_id`, `user_id`, `email`, `phone`, `openid`, …
pub type IdType = String;

/// One thing by which a person may be known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    #[serde(rename = "t")]
    pub id_type: IdType,
    #[serde(rename = "v")]
    pub value: String,
}

impl Identifier {
    pub fn new(id_type: impl Into<String>, value: impl Into<String>) -> Self {
        Self { id_type: id_type.into(), value: value.into() }
    }
}

/// Identifier types with a meaning of their own.
pub mod id_types {
    pub const ANONYMOUS: &str = "anonymous_id";
    pub const USER: &str = "user_id";
    /// Our own person id, carried by events that the house itself makes.
    pub const PERSON: &str = "person";
}

/// Names of the events that the house itself makes. The brand's events keep the brand's names.
pub mod names {
    pub const SEGMENT_ENTERED: &str = "segment_entered";
    pub const SEGMENT_LEFT: &str = "segment_left";
    pub const JOURNEY_ENTERED: &str = "journey_entered";
    pub const JOURNEY_EXITED: &str = "journey_exited";
    pub const EXPERIMENT_EXPOSED: &str = "experiment_exposed";
    pub const MESSAGE_ATTEMPTED: &str = "message_attempted";
    pub const MESSAGE_SENT: &str = "message_sent";
    pub const MESSAGE_FAILED: &str = "message_failed";
    pub const MESSAGE_SUPPRESSED: &str = "message_suppressed";
    pub const MESSAGE_UNKNOWN: &str = "message_unknown";
    pub const MESSAGE_DELIVERED: &str = "message_delivered";
    pub const MESSAGE_OPENED: &str = "message_opened";
    pub const MESSAGE_CLICKED: &str = "message_clicked";
    pub const CONSENT_GRANTED: &str = "consent_granted";
    pub const CONSENT_WITHDRAWN: &str = "consent_withdrawn";
    pub const BLACKLIST_ADDED: &str = "blacklist_added";
    pub const BLACKLIST_REMOVED: &str = "blacklist_removed";
    pub const PURCHASE: &str = "purchase";
    pub const REFUND: &str = "refund";
    pub const ORDER_CANCELLED: &str = "order_cancelled";
    /// A source says what a thing is: `type`, `id`, `name`, `attributes`. It needs no person.
    pub const ENTITY_CHANGED: &str = "entity_changed";
}

/// Stored as JSON with short keys (docs/formats/log.md). Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The client's message id where it gave one. Two events with one id are one event.
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "w")]
    pub workspace: WorkspaceId,
    #[serde(rename = "s")]
    pub source: SourceId,
    #[serde(rename = "k")]
    pub kind: EventKind,
    /// `purchase`, `view_item`; for pages and screens `page` and `screen`; for profile calls the call.
    #[serde(rename = "n")]
    pub name: String,
    /// When it happened, corrected for the skew of the client's clock.
    #[serde(rename = "t", with = "as_number")]
    pub ts: Millis,
    #[serde(rename = "r", with = "as_number")]
    pub received_at: Millis,
    /// What the client claimed, when it differs from `ts`.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub original_ts: Option<i64>,
    /// All identifiers the event carries, strongest first.
    #[serde(rename = "ids", default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// For alias and sign-up: the identifier that turns out to be the same person.
    #[serde(rename = "pv", default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Identifier>,
    /// For thing operations: `(type, id)` of the thing. For group: `("group", id)`.
    #[serde(rename = "th", default, skip_serializing_if = "Option::is_none")]
    pub thing: Option<Identifier>,
    #[serde(rename = "p", default, skip_serializing_if = "Map::is_empty")]
    pub properties: Map<String, Value>,
    /// Traits told by identify, group and the profile calls.
    #[serde(rename = "tr", default, skip_serializing_if = "Map::is_empty")]
    pub traits: Map<String, Value>,
    /// Names of traits whose value stands here sealed (`Vault`), as a text. Only the front door says so.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<String>,
    #[serde(rename = "c", default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
    #[serde(rename = "ch", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Written from a file about the past: it changes what we know, but wakes nobody by itself.
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    pub historical: bool,
}

impl Event {
    /// The least an event needs; the rest is filled in by the caller.
    pub fn track(workspace: WorkspaceId, source: SourceId, id: impl Into<String>, name: impl Into<String>, at: Millis) -> Self {
        Self {
            id: id.into(),
            workspace,
            source,
            kind: EventKind::Track,
            name: name.into(),
            ts: at,
            received_at: at,
            original_ts: None,
            identifiers: Vec::new(),
            previous: None,
            thing: None,
            properties: Map::new(),
            traits: Map::new(),
            sealed: Vec::new(),
            context: Map::new(),
            channel: None,
            historical: false,
        }
    }
    pub fn with_identifier(mut self, id_type: &str, value: impl Into<String>) -> Self {
        self.identifiers.push(Identifier::new(id_type, value));
        self
    }
    pub fn with_property(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }
    pub fn with_trait(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.traits.insert(name.to_owned(), value.into());
        self
    }
    pub fn identifier(&self, id_type: &str) -> Option<&str> {
        self.identifiers.iter().find(|i| i.id_type == id_type).map(|i| i.value.as_str())
    }
    /// Told by a room of the house, not by a source outside: only such events are believed about what we did.
    pub fn is_ours(&self) -> bool {
        !self.source.as_str().starts_with("src_")
    }
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }
}
