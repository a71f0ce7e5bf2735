//! What a tag says of a thing.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use weft_condition::{Condition, EventTest, Facts, Fault, NamedTest, error_of, holds, mentions};
use weft_http_kit::utoipa::{self, ToSchema};

use crate::figures::{Figure, MOST_DAYS};
use crate::kernel::{Error, Millis, Result};

const MOST_VALUES: usize = 100;
const LONGEST_VALUE: usize = 100;
/// Begins the name of a fact that is a figure; no attribute's name has it.
const FIGURE: char = '\u{1}';

/// A rule as people write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagRule)]
pub(crate) struct Draft {
    /// The first value whose condition holds is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Step>>,
    /// The value of every other thing; no other has one when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Or all things of the type in the order of a figure, cut by their share of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// Or the values that are given by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Vec<Named>>,
}

/// A value and the condition under which a thing has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagValue)]
pub(crate) struct Step {
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `all`, `any` and `not` of `{"attribute": {"name", operator}}` and `{"figure": {"event", "of", "days", operator}}`.
    #[schema(value_type = Object)]
    pub condition: Value,
}

/// A value and what people read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagNamed)]
pub(crate) struct Named {
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What is counted of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ThingFigure)]
pub(crate) enum Of {
    #[default]
    Events,
    Quantity,
    Amount,
}

impl Of {
    pub fn of(self, figure: &Figure) -> Decimal {
        match self {
            Self::Events => figure.events.into(),
            Self::Quantity => figure.sum.quantity,
            Self::Amount => figure.sum.amount,
        }
    }
}

/// A figure of a thing: events of one name on the last days, today among them. Days begin in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub event: String,
    pub of: Of,
    pub days: u32,
}

/// All things of a type, the best first: those that make up the first 70 % of it together are A, and so on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagShare)]
pub(crate) struct Share {
    pub event: String,
    #[serde(default)]
    pub of: Of,
    pub days: u32,
    pub values: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ThingTagPart)]
pub(crate) struct Part {
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Until so many hundredths of the whole; the last until 100.
    pub to: u32,
}

impl Share {
    pub fn asked(&self) -> Asked {
        Asked { event: self.event.clone(), of: self.of, days: self.days }
    }
    /// The value of a thing before which so much of the whole is reached.
    pub fn value_at(&self, before: Decimal, whole: Decimal) -> Option<&str> {
        let reached = before.saturating_mul(Decimal::ONE_HUNDRED);
        let part = self.values.iter().find(|part| reached < whole.saturating_mul(part.to.into()));
        part.or(self.values.last()).map(|part| part.value.as_str())
    }
    fn check(&self) -> Result<()> {
        if self.event.trim().is_empty() || !(1..=MOST_DAYS).contains(&self.days) {
            return Err(wrong("rule.share", "name an event, and 1 to 400 days"));
        }
        let rises = self.values.windows(2).all(|pair| pair[0].to < pair[1].to);
        if self.values.first().is_none_or(|part| part.to == 0) || !rises || self.values.last().is_none_or(|part| part.to != 100) {
            return Err(wrong("rule.share.values", "give parts that rise, such as 70, 90 and 100"));
        }
        check_values("rule.share.values", self.values.iter().map(|part| part.value.as_str()))
    }
}

/// Ready to be asked.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Ladder { steps: Vec<(String, Condition)>, otherwise: Option<String> },
    Share { share: Share, otherwise: Option<String> },
    Assigned { values: Vec<String> },
}

fn wrong(field: &str, what: impl Into<String>) -> Error {
    let what = what.into();
    Error::invalid("catalog.rule_invalid", format!("this rule cannot be asked: {what}")).field(field, what)
}

fn check_values<'a>(field: &str, values: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (i, value) in values.enumerate() {
        let at = format!("{field}.{i}.value");
        if value.trim() != value || value.is_empty() || value.chars().count() > LONGEST_VALUE {
            return Err(wrong(&at, "must be 1 to 100 characters, with no space around them"));
        }
        if !seen.insert(value) {
            return Err(wrong(&at, "stands there twice"));
        }
    }
    if seen.is_empty() || seen.len() > MOST_VALUES {
        return Err(wrong(field, "give 1 to 100 values"));
    }
    Ok(())
}

impl Draft {
    /// What is kept of one sort means nothing to another.
    pub fn sort(&self) -> u8 {
        match (&self.share, &self.assigned) {
            (Some(_), _) => 1,
            (_, Some(_)) => 2,
            _ => 0,
        }
    }
    pub fn parse(&self) -> Result<Rule> {
        let otherwise = self.otherwise.as_deref().map(str::trim).filter(|o| !o.is_empty()).map(str::to_owned);
        match (&self.values, &self.share, &self.assigned) {
            (Some(steps), None, None) => {
                let all = steps.iter().map(|s| s.value.as_str()).chain(otherwise.as_deref());
                check_values("rule.values", all)?;
                let steps = steps.iter().enumerate().map(|(i, s)| Ok((s.value.clone(), condition(&s.condition, i)?))).collect::<Result<_>>()?;
                Ok(Rule::Ladder { steps, otherwise })
            }
            (None, Some(share), None) => {
                share.check()?;
                if share.values.iter().any(|part| otherwise.as_ref() == Some(&part.value)) {
                    return Err(wrong("rule.otherwise", "stands there twice"));
                }
                Ok(Rule::Share { share: share.clone(), otherwise })
            }
            (None, None, Some(values)) if otherwise.is_none() => {
                check_values("rule.assigned", values.iter().map(|v| v.value.as_str()))?;
                Ok(Rule::Assigned { values: values.iter().map(|v| v.value.clone()).collect() })
            }
            _ => Err(wrong("rule", "give either values, a share, or the values that are given by hand")),
        }
    }
}

impl Rule {
    /// The value, of what is asked thing by thing.
    pub fn judge(&self, facts: &dyn Facts, now: Millis) -> Option<String> {
        match self {
            Self::Ladder { steps, otherwise } => {
                steps.iter().find(|(_, condition)| holds(condition, facts, now)).map(|(value, _)| value.clone()).or_else(|| otherwise.clone())
            }
            Self::Share { .. } | Self::Assigned { .. } => None,
        }
    }
    /// Events whose figures it asks for, thing by thing.
    pub fn events(&self) -> BTreeSet<String> {
        let Self::Ladder { steps, .. } = self else { return BTreeSet::new() };
        let names = steps.iter().flat_map(|(_, condition)| mentions(condition).traits);
        names.filter_map(|name| asked_of(&name)).map(|asked| asked.event).collect()
    }
    /// May the passing of time alone change a value?
    pub fn is_nightly(&self) -> bool {
        match self {
            Self::Ladder { steps, .. } => !self.events().is_empty() || steps.iter().any(|(_, condition)| mentions(condition).any_time),
            Self::Share { .. } => true,
            Self::Assigned { .. } => false,
        }
    }
}

fn name_of(asked: &Asked) -> String {
    format!("{FIGURE}{}{FIGURE}{}{FIGURE}{}", asked.of as u8, asked.days, asked.event)
}

/// The figure that a fact of this name is, if it is one.
pub(crate) fn asked_of(name: &str) -> Option<Asked> {
    let mut parts = name.strip_prefix(FIGURE)?.splitn(3, FIGURE);
    let of = match parts.next()? {
        "0" => Of::Events,
        "1" => Of::Quantity,
        _ => Of::Amount,
    };
    Some(Asked { of, days: parts.next()?.parse().ok()?, event: parts.next()?.to_owned() })
}

/// A condition over a thing in the house's one language: its attributes are facts by their names, and its figures facts
/// with names of their own, so operators, checks and their sentences are the same as everywhere.
fn condition(written: &Value, step: usize) -> Result<Condition> {
    let at = |path: &str| format!("rule.values.{step}.condition{path}");
    let common = in_common_words(written, "").map_err(|(path, what)| wrong(&at(&path), what))?;
    let parsed = weft_condition::parse(&common).map_err(|faults| {
        let faults: Vec<Fault> = faults.into_iter().map(|f| Fault { path: in_own_words(&f.path), ..f }).collect();
        let error = error_of(&faults);
        let fields = error.fields.clone();
        fields.into_iter().fold(Error { fields: Default::default(), ..error }, |e, (path, what)| e.field(at(&path), what))
    })?;
    Ok(as_facts(parsed))
}

type Wrong = (String, String);

fn in_common_words(written: &Value, path: &str) -> Result<Value, Wrong> {
    let fault = |path: String, what: &str| Err((path, what.to_owned()));
    let Some((key, inner)) = written.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next()) else {
        return fault(path.to_owned(), "a node is an object with one key: all, any, not, attribute or figure");
    };
    let below = format!("{path}/{key}");
    match (key.as_str(), inner) {
        ("all" | "any", Value::Array(list)) => {
            let list = list.iter().enumerate().map(|(i, child)| in_common_words(child, &format!("{below}/{i}"))).collect::<Result<Vec<_>, _>>()?;
            Ok(json!({key.clone(): list}))
        }
        ("not", child) => Ok(json!({"not": in_common_words(child, &below)?})),
        ("attribute", test) => Ok(json!({"trait": test})),
        ("figure", Value::Object(test)) => figure(test).map_err(|(field, what)| (format!("{below}{field}"), what)),
        _ => fault(path.to_owned(), "of a thing one asks all, any, not, attribute and figure"),
    }
}

/// `{"event", "of", "days", operator}` as a count, so that only what compares numbers is taken.
fn figure(test: &Map<String, Value>) -> Result<Value, Wrong> {
    let mut test = test.clone();
    let event = test.shift_remove("event").and_then(|e| e.as_str().map(|e| e.trim().to_owned())).filter(|e| !e.is_empty());
    let Some(event) = event.filter(|e| !e.contains(FIGURE)) else { return Err(("/event".into(), "name an event".into())) };
    let of = test.shift_remove("of").map_or(Ok(Of::Events), serde_json::from_value).map_err(|_| ("/of".to_owned(), "is one of events, quantity and amount".to_owned()))?;
    let days = test.shift_remove("days").map_or(Some(MOST_DAYS.into()), |d| d.as_u64()).and_then(|d| u32::try_from(d).ok());
    let Some(days) = days.filter(|d| (1..=MOST_DAYS).contains(d)) else { return Err(("/days".into(), "is 1 to 400".into())) };
    if let Some((op, _)) = test.iter().find(|(_, operand)| operand.is_string() || operand.as_array().is_some_and(|l| l.iter().any(Value::is_string))) {
        return Err((format!("/{op}"), "compares with a number".into()));
    }
    Ok(json!({"event": {"name": name_of(&Asked { event, of, days }), "count": test}}))
}

/// Where a fault is in what was written.
fn in_own_words(path: &str) -> String {
    path.replace("/event/count", "/figure").replace("/event/name", "/figure/event").replace("/event", "/figure").replace("/trait", "/attribute")
}

/// Figures are asked for by name, as attributes are.
fn as_facts(condition: Condition) -> Condition {
    let all = |children: Vec<Condition>| children.into_iter().map(as_facts).collect();
    match condition {
        Condition::All(children) => Condition::All(all(children)),
        Condition::Any(children) => Condition::Any(all(children)),
        Condition::Not(child) => Condition::Not(Box::new(as_facts(*child))),
        Condition::Event(event) => {
            let EventTest { name, aggregate, .. } = *event;
            match aggregate {
                weft_condition::Aggregate::Count(test) => Condition::Trait(NamedTest { name, test }),
                other => Condition::Event(Box::new(EventTest { name, filter: None, aggregate: other, window: weft_condition::Window::Ever })),
            }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(rule: Value) -> (String, &'static str) {
        let error = serde_json::from_value::<Draft>(rule).unwrap().parse().unwrap_err();
        (error.fields.keys().next().cloned().unwrap_or_default(), error.code)
    }
    fn ladder(condition: Value) -> Value {
        json!({"values": [{"value": "a", "condition": condition}]})
    }

    #[test]
    fn wrong_rules_name_the_place_as_it_was_written() {
        let at = |condition: Value| fault(ladder(condition)).0.replace("rule.values.0.condition", "");
        assert_eq!(fault(json!({})), ("rule".into(), "catalog.rule_invalid"));
        assert_eq!(fault(json!({"values": []})).0, "rule.values");
        assert_eq!(at(json!({"trait": {"name": "a", "eq": 1}})), "");
        assert_eq!(at(json!({"all": [{"event": {"name": "a"}}]})), "/all/0");
        assert_eq!(at(json!({"all": [{"attribute": {"name": "a", "gtee": 1}}]})), "/all/0/attribute/gtee");
        assert_eq!(at(json!({"attribute": {"eq": 1}})), "/attribute");
        assert_eq!(at(json!({"figure": {"event": "buy", "gte": "50"}})), "/figure/gte");
        assert_eq!(at(json!({"figure": {"event": "buy", "contains": 5}})), "/figure/contains");
        assert_eq!(at(json!({"figure": {"event": "buy"}})), "/figure");
        assert_eq!(at(json!({"figure": {"event": "buy", "days": 401, "gte": 1}})), "/figure/days");
        assert_eq!(at(json!({"figure": {"event": "buy", "of": "people", "gte": 1}})), "/figure/of");
        assert_eq!(fault(json!({"values": [{"value": "a", "condition": {"attribute": {"name": "x", "eq": 1}}}], "otherwise": "a"})).0, "rule.values.1.value");
        assert_eq!(fault(json!({"assigned": []})).0, "rule.assigned");
        let parts = |to: [u32; 2]| json!({"share": {"event": "buy", "days": 30, "values": [{"value": "A", "to": to[0]}, {"value": "B", "to": to[1]}]}});
        assert_eq!(fault(parts([70, 90])).0, "rule.share.values");
        assert_eq!(fault(parts([100, 100])).0, "rule.share.values");
    }

    #[test]
    fn a_rule_knows_what_it_waits_for() {
        let parse = |rule: Value| serde_json::from_value::<Draft>(rule).unwrap().parse().unwrap();
        let sold = json!({"figure": {"event": "Order Completed", "of": "amount", "days": 30, "gte": 50}});
        let rule = parse(ladder(json!({"all": [{"attribute": {"name": "price", "gte": 100}}, sold]})));
        assert_eq!((rule.events(), rule.is_nightly()), (["Order Completed".to_owned()].into(), true));
        let asked = Asked { event: "a b".into(), of: Of::Amount, days: 7 };
        assert_eq!(asked_of(&name_of(&asked)), Some(asked));
        assert!(!parse(ladder(json!({"attribute": {"name": "price", "gte": 100}}))).is_nightly());
        assert!(parse(ladder(json!({"attribute": {"name": "launched", "after": "-30d"}}))).is_nightly());
    }

    #[test]
    fn shares_are_cut_where_what_came_before_ends() {
        let share: Share = serde_json::from_value(json!({"event": "buy", "days": 90, "values": [{"value": "A", "to": 70}, {"value": "B", "to": 90}, {"value": "C", "to": 100}]})).unwrap();
        let at = |before: i64| share.value_at(before.into(), 1_000.into()).unwrap().to_owned();
        assert_eq!([at(0), at(699), at(700), at(899), at(900), at(999)], ["A", "A", "B", "B", "C", "C"]);
    }
}
