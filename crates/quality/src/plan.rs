//! The tracking plan: which events a brand expects, and what their properties must be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Event, money};

/// One per workspace. An empty plan allows everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    #[serde(default)]
    pub events: BTreeMap<String, EventRule>,
    /// Quarantine events that the plan does not name.
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
        let Some(rule) = self.events.get(&event.name) else {
            return self.refuse_unknown.then(|| "plan.unknown_event".to_owned());
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
        let mut e = Event::track(WorkspaceId(1), SourceId::from("s"), "1", "purchase", Millis(0));
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
}
