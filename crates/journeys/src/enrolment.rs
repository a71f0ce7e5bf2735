//! A person's way through a journey: where she is, how she came there, and why.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Atom, JourneyId, Millis, Result, WorkspaceId};

/// (journey, person) → Enrolment
const ENROLMENTS: &str = "enrolments";
/// (person, journey) → nothing
const OF_PERSON: &str = "enrolments_of_person";
/// Ways of earlier entries that are kept.
const PAST: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlaceState)]
pub enum State {
    In,
    /// Came to an end of the plan.
    Done,
    /// Left before: goal reached, exit rule, journey stopped, merged.
    Exited,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTaken {
    pub node: String,
    #[serde(with = "as_number")]
    pub at: Millis,
    pub what: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// One entry into a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// 1 for the first entry.
    pub entry: u32,
    pub version: u32,
    pub state: State,
    /// Where she is; empty when she is out.
    pub node: String,
    #[serde(with = "as_number")]
    pub entered_at: Millis,
    pub reason: String,
    pub steps: Vec<StepTaken>,
    /// When time alone moves her on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// The timer fired while the journey was paused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<String>,
    /// When the goal's window began.
    #[serde(with = "as_number")]
    pub assigned_at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_reason: Option<String>,
    /// sent, opened, clicked: once each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<String>,
    /// Properties of the event that let her in, for templates.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub event: serde_json::Map<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Enrolment>,
}

impl Enrolment {
    pub(crate) fn new(entry: u32, version: u32, at: Millis, reason: &str) -> Self {
        Self {
            entry,
            version,
            state: State::In,
            node: String::new(),
            entered_at: at,
            reason: reason.to_owned(),
            steps: Vec::new(),
            due: None,
            held: false,
            arm: None,
            assigned_at: at,
            converted_at: None,
            value: None,
            exit_reason: None,
            touched: Vec::new(),
            event: serde_json::Map::new(),
            past: Vec::new(),
        }
    }
    pub(crate) fn step(&mut self, node: &str, at: Millis, what: &str, reason: impl Into<String>) {
        self.steps.push(StepTaken { node: node.to_owned(), at, what: what.to_owned(), reason: reason.into() });
    }
    pub(crate) fn leave(&mut self, state: State, at: Millis, reason: &str) {
        let node = std::mem::take(&mut self.node);
        self.step(&node, at, if state == State::Done { "finished" } else { "left" }, reason);
        self.state = state;
        self.due = None;
        self.held = false;
        self.exit_reason = Some(reason.to_owned());
    }
    /// A new entry; the former one becomes past.
    pub(crate) fn again(mut self, version: u32, at: Millis, reason: &str) -> Self {
        let mut past = std::mem::take(&mut self.past);
        let mut next = Self::new(self.entry + 1, version, at, reason);
        past.push(self);
        let surplus = past.len().saturating_sub(PAST);
        past.drain(..surplus);
        next.past = past;
        next
    }
}

fn key(workspace: WorkspaceId, journey: &JourneyId, person: Atom) -> Key {
    Key::of(workspace).text(journey.as_str()).atom(person)
}

/// Where a person is in a journey, or was last.
pub fn get(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId, person: Atom) -> Result<Option<Enrolment>> {
    Ok(read.get(ENROLMENTS, key(workspace, journey, person).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, person: Atom, enrolment: &Enrolment) -> Result<()> {
    work.put(ENROLMENTS, key(workspace, journey, person), serde_json::to_vec(enrolment)?);
    work.put(OF_PERSON, Key::of(workspace).atom(person).text(journey.as_str()), Vec::new());
    Ok(())
}

pub(crate) fn remove(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, person: Atom) {
    work.delete(ENROLMENTS, key(workspace, journey, person));
    work.delete(OF_PERSON, Key::of(workspace).atom(person).text(journey.as_str()));
}

/// The journeys a person ever entered.
pub(crate) fn of_person(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<JourneyId>> {
    let prefix = Key::of(workspace).atom(person);
    let mut found = Vec::new();
    read.scan_prefix(OF_PERSON, prefix.as_slice(), &mut |key, _| {
        found.extend(Parts(&key[prefix.0.len()..]).text().map(JourneyId));
        Ok(true)
    })?;
    Ok(found)
}

/// Everybody who ever entered, by number, from `from` on.
pub(crate) fn of_journey(
    read: &dyn Read,
    workspace: WorkspaceId,
    journey: &JourneyId,
    from: Atom,
    visit: &mut dyn FnMut(Atom, Enrolment) -> Result<bool>,
) -> Result<()> {
    let prefix = Key::of(workspace).text(journey.as_str());
    let end = weft_profile_kv::key::after_prefix(prefix.as_slice());
    read.scan(ENROLMENTS, prefix.clone().atom(from).as_slice(), &end, &mut |key, value| {
        match Parts(&key[prefix.0.len()..]).u32() {
            Some(person) => visit(person, serde_json::from_slice(value)?),
            None => Ok(true),
        }
    })
}
