//! The tracking plan: which events a brand expects, and what their properties must be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::event::names;
use crate::kernel::{Event, EventKind, money};

const OBEYED: [&str; 4] = [names::CONSENT_GRANTED, names::CONSENT_WITHDRAWN, names::BLACKLIST_ADDED, names::BLACKLIST_REMOVED];

/// One per workspace. An empty plan allows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    #[serde(default)]
    pub events: BTreeMap<String, EventRule>,
    /// Quarantine events that the plan does not name. Of what outsiders track only: pages, identities and profiles have
    /// no names to misspell.
    #[serde(default)]
    pub refuse_unknown: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default)]
    pub required: Vec<String>,
    #[serde(default)]
    pub properties: BTreeMap<String, ValueKind>,
    /// No longer wanted: quarantined.
    #[serde(default)]
    pub blocked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    Text,
    /// A JSON number, or a text that is one (money).
    Number,
    Bool,
    List,
    Object,
}

impl ValueKind {
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(Self::Bool),
            Value::Number(_) => Some(Self::Number),
            Value::String(s) if s.len() <= 32 && money::parse(s).is_some() => Some(Self::Number),
            Value::String(_) => Some(Self::Text),
            Value::Array(_) => Some(Self::List),
            Value::Object(_) => Some(Self::Object),
        }
    }
    fn admits(self, value: &Value) -> bool {
        match self {
            // Digits are text too: an article number.
            Self::Text => value.is_string(),
            Self::Number => money::decimal(value).is_some(),
            other => Self::of(value) == Some(other),
        }
    }
}

impl Plan {
    /// Why the event breaks the plan, if it does.
    pub fn objection(&self, event: &Event) -> Option<String> {
        // The plan is for what outsiders send. What a person says of her consent is obeyed, however it is written.
        if event.is_ours() || OBEYED.contains(&event.name.as_str()) {
            return None;
        }
        let Some(rule) = self.events.get(&event.name) else {
            let is_unknown = self.refuse_unknown && event.kind == EventKind::Track;
            return is_unknown.then(|| "plan.unknown_event".to_owned());
        };
        if rule.blocked {
            return Some("plan.blocked_event".to_owned());
        }
        let present = |name: &String| event.properties.get(name).is_some_and(|v| !v.is_null());
        if let Some(missing) = rule.required.iter().find(|name| !present(name)) {
            return Some(format!("plan.missing_property:{missing}"));
        }
        let wrong = rule.properties.iter().find(|(name, kind)| event.properties.get(*name).is_some_and(|v| !v.is_null() && !kind.admits(v)));
        wrong.map(|(name, _)| format!("plan.wrong_type:{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Millis, SourceId, WorkspaceId};
    use serde_json::json;

    fn event(properties: Value) -> Event {
        let mut e = Event::track(WorkspaceId(1), SourceId::from("src_shop"), "1", "purchase", Millis(0));
        e.properties = properties.as_object().cloned().unwrap_or_default();
        e
    }

    #[test]
    fn the_plan_says_what_is_wrong() {
        let plan: Plan = serde_json::from_value(json!({"events": {"purchase": {"required": ["value"], "properties": {"value": "number", "sku": "text"}}}})).unwrap();
        assert_eq!(plan.objection(&event(json!({"value": "12.5", "sku": "0012"}))), None);
        assert_eq!(plan.objection(&event(json!({"value": null}))), Some("plan.missing_property:value".into()));
        assert_eq!(plan.objection(&event(json!({"value": "dear"}))), Some("plan.wrong_type:value".into()));
        assert_eq!(plan.objection(&event(json!({"value": 1, "sku": 12}))), Some("plan.wrong_type:sku".into()));
    }

    #[test]
    fn it_judges_what_outsiders_track_and_nothing_else() {
        let plan = Plan { refuse_unknown: true, events: [("consent_withdrawn".to_owned(), EventRule { blocked: true, ..EventRule::default() })].into() };
        let told = |source: &str, kind: EventKind, name: &str| {
            let mut e = Event::track(WorkspaceId(1), SourceId::from(source), "1", name, Millis(0));
            e.kind = kind;
            plan.objection(&e)
        };
        assert_eq!(told("src_shop", EventKind::Track, "purchse"), Some("plan.unknown_event".into()));
        assert_eq!(told("src_shop", EventKind::Page, "page"), None);
        assert_eq!(told("src_shop", EventKind::Identify, "identify"), None);
        assert_eq!(told("src_shop", EventKind::Track, "consent_withdrawn"), None);
        assert_eq!(told("journeys", EventKind::Track, "journey_entered"), None);
        assert_eq!(told("console", EventKind::Track, "consent_withdrawn"), None);
    }
}
