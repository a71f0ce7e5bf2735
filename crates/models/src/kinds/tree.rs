//! What sorts of people do it: a decision tree whose leaves are conditions that people read.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_condition::{Condition, holds};

use super::{LEARNING, Outcome, Work, condition, named, no_columns, plain, require, rounded, too_few};
use crate::domain::tree::{Condition as LeafCondition, Node, Rule, Split, Target, Test, Tree, TreeOptions};
use crate::kernel::{Error, Result};
use crate::people::Feature;

const FEWEST: usize = 50;
const CONFIDENCE: f64 = 0.95;
const LONGEST_LABEL: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Who does it.
    outcome: Value,
    #[serde(default)]
    max_depth: Option<usize>,
    /// People in a leaf, at least.
    #[serde(default)]
    min_leaf: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    outcome: Condition,
    max_depth: usize,
    min_leaf: Option<usize>,
}

impl Plan {
    pub fn outcome(&self) -> &Condition {
        &self.outcome
    }
    pub fn of(settings: Settings) -> Result<Self> {
        let max_depth = settings.max_depth.unwrap_or(4);
        require((2..=6).contains(&max_depth), "settings.max_depth", "between 2 and 6")?;
        require(settings.min_leaf.is_none_or(|n| n >= 5), "settings.min_leaf", "5 at least")?;
        Ok(Self { outcome: condition("settings.outcome", &settings.outcome)?, max_depth, min_leaf: settings.min_leaf })
    }
}

pub(super) fn run(plan: &Plan, work: &Work) -> Result<Outcome> {
    let wanted = work.reading.wanted(work.population.as_ref());
    let at = work.reading.at;
    let (table, did) = work.reading.table_with(&work.sources, None, &|person, facts| Ok(wanted(person, facts).then(|| holds(&plan.outcome, facts, at))))?;
    let n = table.people.len();
    if n < FEWEST {
        return Err(too_few(n, FEWEST));
    }
    if table.features.columns().is_empty() {
        return Err(no_columns());
    }
    work.reading.running.tell(LEARNING, 0, 1);
    let positives = did.iter().filter(|d| **d).count();
    if positives == 0 || positives == n {
        return Err(Error::conflict("models.outcome_constant", "everybody does it, or nobody; there is nothing to tell apart"));
    }
    let min_leaf = plan.min_leaf.unwrap_or((n / 100).clamp(20, 1_000)).min(n / 2);
    let tree = Tree::fit(&table.features, &Target::yes_no(did), &TreeOptions { max_depth: plan.max_depth, min_leaf, ..TreeOptions::default() })?;
    let rules = tree.rules(1, CONFIDENCE)?;
    let places = tree.leaves_of(&table.features, 2)?;
    let value_of = |leaf: u32| rules.iter().position(|r| r.leaf == leaf).map(|i| (i + 1).to_string());
    let leaves: Vec<Value> = rules.iter().enumerate().map(|(i, rule)| leaf(i, rule, &work.features)).collect();
    Ok(Outcome {
        people: n as u64,
        values: table.people.iter().zip(&places).map(|(person, leaf)| (*person, value_of(*leaf))).collect(),
        named: rules.iter().enumerate().map(|(i, rule)| named((i + 1).to_string(), sentence(rule))).collect(),
        notes: table.notes,
        result: json!({
            "people": n, "positives": positives, "rate": rounded(positives as f64 / n as f64),
            "nodes": nodes(&tree), "leaves": leaves,
            "importance": tree.importance().iter().map(|(feature, share)| json!({"feature": feature, "share": rounded(*share)})).collect::<Vec<_>>(),
        }),
    })
}

/// The label of a leaf, short enough for a tag.
fn sentence(rule: &Rule) -> String {
    let mut text = String::new();
    for part in rule.conditions.iter().map(|c| format!("{} {}", plain(&c.feature), test_text(&c.test))) {
        let joined = if text.is_empty() { part } else { format!("{text}, {part}") };
        if joined.chars().count() > LONGEST_LABEL {
            text.push_str(", …");
            break;
        }
        text = joined;
    }
    if text.is_empty() { "*".into() } else { text }
}

fn short(value: f64) -> String {
    rounded((value * 100.0).round() / 100.0).to_string()
}

fn test_text(test: &Test) -> String {
    match test {
        Test::AtMost { most } => format!("≤ {}", short(*most)),
        Test::MoreThan { more_than } => format!("> {}", short(*more_than)),
        Test::Between { more_than, most } => format!("{} – {}", short(*more_than), short(*most)),
        Test::OneOf { values } => values.join(" / "),
        Test::Known => "✓".into(),
        Test::Unknown => "?".into(),
    }
}

fn leaf(number: usize, rule: &Rule, features: &[Feature]) -> Value {
    let part = |c: &LeafCondition| {
        let test = match &c.test {
            Test::AtMost { most } => json!({"at_most": most}),
            Test::MoreThan { more_than } => json!({"more_than": more_than}),
            Test::Between { more_than, most } => json!({"between": [more_than, most]}),
            Test::OneOf { values } => json!({"one_of": values}),
            Test::Known => json!({"unknown": false}),
            Test::Unknown => json!({"unknown": true}),
        };
        json!({"feature": c.feature, "test": test, "or_unknown": c.or_unknown})
    };
    json!({
        "value": (number + 1).to_string(),
        "rule": rule.conditions.iter().map(part).collect::<Vec<_>>(),
        "condition": said(rule, features),
        "people": rule.people, "share": rounded(rule.share), "rate": rounded(rule.value),
        "low": rule.interval.map(|i| rounded(i.low)), "high": rule.interval.map(|i| rounded(i.high)), "lift": rule.lift.map(rounded),
    })
}

/// The leaf as a condition for a segment; nothing where a part of it cannot be said in one.
fn said(rule: &Rule, features: &[Feature]) -> Option<Value> {
    let mut all = Vec::new();
    for part in &rule.conditions {
        let feature = features.iter().find(|f| f.label == part.feature)?;
        all.push(part_said(part, feature)?);
    }
    (!all.is_empty()).then(|| json!({"all": all}))
}

fn part_said(part: &LeafCondition, feature: &Feature) -> Option<Value> {
    let test = |node: &dyn Fn(Map<String, Value>) -> Option<Value>, unknown: Option<Value>| -> Option<Value> {
        let known = match &part.test {
            Test::Unknown => return unknown,
            Test::Known => return Some(json!({"not": unknown?})),
            Test::AtMost { most } => node(one("lte", json!(most)))?,
            Test::MoreThan { more_than } => node(one("gt", json!(more_than)))?,
            Test::Between { more_than, most } => {
                let mut both = one("gt", json!(more_than));
                both.insert("lte".into(), json!(most));
                node(both)?
            }
            Test::OneOf { values } => node(one("in", json!(values)))?,
        };
        Some(match unknown.filter(|_| part.or_unknown) {
            Some(unknown) => json!({"any": [known, unknown]}),
            None => known,
        })
    };
    if let Some((kind, name)) = feature.of_trait.as_ref().map(|n| ("trait", n)).or(feature.tag.as_ref().map(|n| ("tag", n))) {
        let node = |mut tests: Map<String, Value>| {
            tests.insert("name".into(), json!(name));
            Some(json!({kind: tests}))
        };
        return test(&node, Some(json!({kind: {"name": name, "exists": false}})));
    }
    if let Some(statistic) = &feature.statistic {
        let node = |mut tests: Map<String, Value>| {
            let mut event = statistic.event.clone();
            if let Some(property) = &statistic.property {
                tests.insert("property".into(), json!(property));
            }
            event.insert(statistic.function.clone(), Value::Object(tests));
            Some(json!({"event": event}))
        };
        // A count or a sum of nothing is 0, and so is known.
        let unknown = (!matches!(statistic.function.as_str(), "count" | "sum" | "distinct")).then(|| json!({"not": {"event": statistic.event}}));
        return test(&node, unknown);
    }
    let recency = feature.recency.as_ref()?;
    let within = |days: f64| {
        let mut event = recency.event.clone();
        event.insert("within".into(), json!(format!("{}s", (days * 86_400.0).round().max(1.0) as i64)));
        json!({"event": event})
    };
    let ever = json!({"event": recency.event});
    let node = |tests: Map<String, Value>| {
        let bound = |name: &str| tests.get(name).and_then(Value::as_f64);
        match (bound("gt"), bound("lte")) {
            (None, Some(most)) => Some(within(most)),
            (Some(more), None) => Some(json!({"all": [ever, {"not": within(more)}]})),
            (Some(more), Some(most)) => Some(json!({"all": [within(most), {"not": within(more)}]})),
            (None, None) => None,
        }
    };
    test(&node, Some(json!({"not": ever})))
}

fn one(key: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value)])
}

/// The tree as it is drawn: each node with the test that leads to it.
fn nodes(tree: &Tree) -> Vec<Value> {
    let mut drawn = Vec::with_capacity(tree.nodes.len());
    let mut ways: Vec<(usize, Option<usize>, Option<String>, Option<String>)> = vec![(0, None, None, None)];
    while let Some((id, parent, feature, test)) = ways.pop() {
        let Some(node) = tree.nodes.get(id) else { continue };
        let rate = node.counts.get(1).map_or(0.0, |did| *did as f64 / (node.people.max(1)) as f64);
        drawn.push(json!({"id": id, "parent": parent, "feature": feature, "test": test, "people": node.people, "rate": rounded(rate), "is_leaf": node.branch.is_none()}));
        if let Some((name, left, right)) = branches(tree, node) {
            let branch = node.branch.as_ref();
            ways.extend(branch.map(|b| (b.right as usize, Some(id), Some(name.clone()), Some(right))));
            ways.extend(branch.map(|b| (b.left as usize, Some(id), Some(name), Some(left))));
        }
    }
    drawn
}

fn branches(tree: &Tree, node: &Node) -> Option<(String, String, String)> {
    let branch = node.branch.as_ref()?;
    let feature = tree.features.get(branch.feature as usize)?;
    let (left, right) = match &branch.split {
        Split::Number { threshold } => (format!("≤ {}", short(*threshold)), format!("> {}", short(*threshold))),
        Split::Category { left, right } => {
            let names = |codes: &[u32]| {
                let known: Vec<&str> = codes.iter().filter_map(|c| feature.dictionary.as_ref()?.get(*c as usize).map(String::as_str)).collect();
                known.join(" / ")
            };
            (names(left), names(right))
        }
    };
    let unknown = |text: String, is_here: bool| {
        if branch.saw_missing && is_here { format!("{text} / ?") } else { text }
    };
    Some((feature.name.clone(), unknown(left, branch.missing_left), unknown(right, !branch.missing_left)))
}
