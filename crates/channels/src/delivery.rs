//! One line of the ledger: a message to a person, from the wish to its end.

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::time::as_number;
use crate::kernel::{Atom, JourneyId, MessageId, Millis, TemplateId, WorkspaceId};

/// Every delivery ends as sent, failed, suppressed or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryState)]
pub enum State {
    /// Through the gate, waiting to leave.
    Queued,
    /// Not now: quiet hours, or a gateway that asked for patience.
    Deferred,
    /// Told to the log that we try; what happens from here on may have reached the person.
    Attempting,
    Sent,
    Failed,
    Suppressed,
    /// We tried and cannot know. Never tried again by itself where the channel cannot recognise a repetition.
    Unknown,
}

impl State {
    pub const ALL: [State; 7] =
        [State::Queued, State::Deferred, State::Attempting, State::Sent, State::Failed, State::Suppressed, State::Unknown];
    pub fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Deferred => "deferred",
            State::Attempting => "attempting",
            State::Sent => "sent",
            State::Failed => "failed",
            State::Suppressed => "suppressed",
            State::Unknown => "unknown",
        }
    }
    pub fn is_final(self) -> bool {
        matches!(self, State::Sent | State::Failed | State::Suppressed | State::Unknown)
    }
}

/// What somebody wants sent. The id is made from the cause, so asking twice is asking once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    pub id: MessageId,
    pub workspace: WorkspaceId,
    pub person: Atom,
    pub channel: String,
    pub template: TemplateId,
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<JourneyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Properties of the event that began it, for the template.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub event: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    #[serde(with = "as_number")]
    pub at: Millis,
    pub what: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    #[serde(flatten)]
    pub intent: Intent,
    pub state: State,
    /// Why it is suppressed, deferred, failed or unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Where it goes; empty when there is no address.
    #[serde(default)]
    pub to: String,
    #[serde(with = "as_number")]
    pub created_at: Millis,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// When it may be tried (again).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    pub steps: Vec<Moment>,
}

impl Delivery {
    pub(crate) fn new(intent: Intent, to: String, at: Millis) -> Self {
        Self {
            intent,
            state: State::Queued,
            reason: String::new(),
            to,
            created_at: at,
            attempts: 0,
            sent_at: None,
            delivered_at: None,
            opened_at: None,
            clicked_at: None,
            provider_id: None,
            due: None,
            steps: Vec::new(),
        }
    }
    pub(crate) fn step(&mut self, at: Millis, what: &str, reason: &str) {
        self.steps.push(Moment { at, what: what.to_owned(), reason: reason.to_owned() });
    }
    pub(crate) fn become_(&mut self, state: State, reason: &str, at: Millis) {
        self.state = state;
        reason.clone_into(&mut self.reason);
        self.step(at, state.name(), reason);
    }
}
