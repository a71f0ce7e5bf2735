//! What a tag says of a person, and until when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use weft_condition::{Aggregate, Condition, EventTest, Facts, Function, Mentions, Test, measure, mentions, next_measure, outlook};
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Error, Millis, Result};

const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 100;

/// A rule as people write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagRule)]
pub struct Draft {
    /// A ladder: the first value whose condition holds is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Step>>,
    /// The value of everybody else; nobody else has one when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Or a figure over events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// When people are judged again: at once by what happens and by time, or once a night.
    #[serde(default, skip_serializing_if = "Refresh::is_at_once")]
    pub refresh: Refresh,
    /// Or what people were said to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Assigned>,
}

/// How fresh a tag is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TagRefresh)]
pub enum Refresh {
    /// At once.
    #[default]
    Event,
    /// Every night at two, in the workspace's time: as of then.
    Day,
}

impl Refresh {
    fn is_at_once(&self) -> bool {
        *self == Refresh::Event
    }
}

/// Values that are not judged but said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignedTag)]
pub struct Assigned {
    pub by: Assigner,
    /// The values there are; any text when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Named>>,
}

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assigner {
    Model,
    Hand,
}

/// A value and what people read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignedValue)]
pub struct Named {
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A value, and the condition under which a person has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagValue)]
pub struct Step {
    pub value: String,
    /// What people read, by language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[schema(value_type = Object)]
    pub condition: Value,
}

/// An aggregate over a person's events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    /// As in a condition: `name`, `where`, and a window.
    #[schema(value_type = Object)]
    pub event: Map<String, Value>,
    /// `count`, `sum`, `avg`, `min`, `max`, `distinct`, `first` or `last`.
    pub function: String,
    /// The property it is of; not for `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
}

/// Ready to be asked.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Ladder { steps: Vec<(String, Condition)>, otherwise: Option<String> },
    Statistic(Box<EventTest>),
    Assigned,
}

fn wrong(field: &str, what: impl Into<String>) -> Error {
    let what = what.into();
    Error::invalid("tags.rule_invalid", format!("this rule cannot be asked: {what}")).field(field, what)
}

impl Draft {
    /// Is its value found by asking, and of what sort? What is kept of one sort means nothing to another.
    pub(crate) fn sort(&self) -> u8 {
        match (&self.statistic, &self.assigned) {
            (Some(_), _) => 1,
            (_, Some(_)) => 2,
            _ => 0,
        }
    }
    pub fn is_by(&self, assigner: Assigner) -> bool {
        self.assigned.as_ref().is_some_and(|a| a.by == assigner)
    }
    pub(crate) fn parse(&self) -> Result<Rule> {
        let rule = match (&self.values, &self.statistic, &self.assigned) {
            (Some(steps), None, None) => ladder(steps, self.otherwise.as_deref())?,
            (None, Some(statistic), None) if self.otherwise.is_none() => Rule::Statistic(Box::new(statistic.parse()?)),
            (None, None, Some(_)) if self.refresh == Refresh::Day => return Err(wrong("rule.refresh", "what is assigned is not judged, by night or otherwise")),
            (None, None, Some(assigned)) if self.otherwise.is_none() => assigned.parse()?,
            _ => {
                return Err(wrong("rule", "give either values, a statistic, or that it is assigned"));
            }
        };
        if !rule.mentions().segments.is_empty() {
            return Err(Error::invalid("tags.segment_named", "a tag cannot be built on a segment, since segments are built on tags; use the segment's condition")
                .field("rule", "names a segment"));
        }
        Ok(rule)
    }
}

fn ladder(steps: &[Step], otherwise: Option<&str>) -> Result<Rule> {
    if steps.is_empty() || steps.len() > MOST_VALUES {
        return Err(wrong("rule.values", "give 1 to 100 values"));
    }
    let mut seen = BTreeSet::new();
    let mut parsed = Vec::with_capacity(steps.len());
    for (i, step) in steps.iter().enumerate() {
        let value = step.value.trim();
        if value.is_empty() || value.chars().count() > LONGEST_VALUE {
            return Err(wrong(&format!("rule.values.{i}.value"), "must be 1 to 100 characters"));
        }
        if !seen.insert(value) || otherwise == Some(value) {
            return Err(wrong(&format!("rule.values.{i}.value"), "stands there twice"));
        }
        let condition = weft_condition::parse(&step.condition).map_err(|faults| {
            let error = weft_condition::error_of(&faults);
            let fields = error.fields.clone();
            fields.into_iter().fold(Error { fields: Default::default(), ..error }, |e, (path, what)| e.field(format!("rule.values.{i}.{path}"), what))
        })?;
        parsed.push((value.to_owned(), condition));
    }
    Ok(Rule::Ladder { steps: parsed, otherwise: otherwise.map(str::trim).filter(|o| !o.is_empty()).map(str::to_owned) })
}

impl Assigned {
    fn parse(&self) -> Result<Rule> {
        let mut seen = BTreeSet::new();
        for (i, named) in self.values.iter().flatten().enumerate() {
            let field = format!("rule.assigned.values.{i}.value");
            if i >= MOST_VALUES || named.value.trim().is_empty() || named.value.chars().count() > LONGEST_VALUE {
                return Err(wrong(&field, "give at most 100 values of 1 to 100 characters"));
            }
            if !seen.insert(named.value.trim()) {
                return Err(wrong(&field, "stands there twice"));
            }
        }
        Ok(Rule::Assigned)
    }
}

impl Statistic {
    /// Ready to be measured.
    pub fn parse(&self) -> Result<EventTest> {
        let condition = weft_condition::parse(&json!({"event": self.event})).map_err(|faults| weft_condition::error_of(&faults))?;
        let Condition::Event(mut event) = condition else { return Err(wrong("rule.statistic.event", "must be an event")) };
        if event.aggregate != Aggregate::Occurs {
            return Err(wrong("rule.statistic.event", "name the function beside the event, not in it"));
        }
        event.aggregate = match (self.function.as_str(), &self.property) {
            ("count", None) => Aggregate::Count(Test(Vec::new())),
            ("count", Some(_)) => {
                return Err(wrong("rule.statistic.property", "counting needs no property"));
            }
            (name, property) => {
                let function = Function::ALL.into_iter().find(|f| f.key() == name).ok_or_else(|| wrong("rule.statistic.function", "is not one of count, sum, avg, min, max, distinct, first, last"))?;
                let property = property.as_deref().map(str::trim).filter(|p| !p.is_empty()).ok_or_else(|| wrong("rule.statistic.property", "say of which property"))?;
                Aggregate::Of { function, property: property.to_owned(), test: Test(Vec::new()) }
            }
        };
        Ok(*event)
    }
}

impl Rule {
    pub fn mentions(&self) -> Mentions {
        match self {
            Rule::Ladder { steps, .. } => steps.iter().fold(Mentions::default(), |mut all, (_, condition)| {
                all.extend(mentions(condition));
                all
            }),
            Rule::Statistic(event) => mentions(&Condition::Event(event.clone())),
            Rule::Assigned => Mentions::default(),
        }
    }
    /// Its values are few: people are kept by value, too.
    pub fn has_few_values(&self) -> bool {
        !matches!(self, Rule::Statistic(_))
    }

    /// The value, and the first moment at which it may change with no new event. What is assigned is not asked here.
    pub fn judge(&self, facts: &dyn Facts, now: Millis) -> (Option<Value>, Option<Millis>) {
        match self {
            Rule::Ladder { steps, otherwise } => {
                let mut until: Option<Millis> = None;
                for (value, condition) in steps {
                    let outlook = outlook(condition, facts, now);
                    until = [until, outlook.until].into_iter().flatten().min();
                    if outlook.holds {
                        return (Some(Value::String(value.clone())), until);
                    }
                }
                (otherwise.clone().map(Value::String), until)
            }
            Rule::Statistic(event) => (measure(event, facts, now).map(number), next_measure(event, facts, now)),
            Rule::Assigned => (None, None),
        }
    }
}

/// Aggregates are told as text, so that no digit is lost; as a number where a number holds it.
fn number(value: Value) -> Value {
    match &value {
        Value::String(text) => text.parse::<serde_json::Number>().ok().filter(|n| n.to_string() == *text).map_or(value, Value::Number),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: Value) -> Result<Rule> {
        serde_json::from_value::<Draft>(json).unwrap().parse()
    }
    fn fault(json: Value) -> (String, &'static str) {
        let error = draft(json).unwrap_err();
        (error.fields.keys().next().cloned().unwrap_or_default(), error.code)
    }

    #[test]
    fn wrong_rules_name_the_field() {
        let buys = json!({"event": {"name": "purchase"}});
        assert_eq!(fault(json!({})), ("rule".into(), "tags.rule_invalid"));
        assert_eq!(fault(json!({"values": []})).0, "rule.values");
        assert_eq!(fault(json!({"values": [{"value": "a", "condition": buys}, {"value": "a", "condition": buys}]})).0, "rule.values.1.value");
        assert_eq!(fault(json!({"values": [{"value": "a", "condition": {"nonsense": 1}}]})).1, "condition.faulty");
        assert_eq!(fault(json!({"values": [{"value": "a", "condition": {"segment": "seg_1"}}]})).1, "tags.segment_named");
        assert_eq!(fault(json!({"statistic": {"event": {"name": "purchase"}, "function": "sum"}})).0, "rule.statistic.property");
        assert_eq!(fault(json!({"statistic": {"event": {"name": "purchase"}, "function": "median", "property": "x"}})).0, "rule.statistic.function");
        assert_eq!(fault(json!({"statistic": {"event": {"name": "purchase", "count": {"gte": 2}}, "function": "count"}})).0, "rule.statistic.event");
    }

    #[test]
    fn a_figure_is_a_number_where_a_number_holds_it() {
        assert_eq!(number(json!("12.5")), json!(12.5));
        assert_eq!(number(json!("7")), json!(7));
        assert_eq!(number(json!("0.1000000000000000000000000001")), json!("0.1000000000000000000000000001"));
        assert_eq!(number(json!("tea")), json!("tea"));
    }
}
