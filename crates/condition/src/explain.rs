//! Why is this person in? The tree again, each node with its verdict and what it rests on.

use serde::Serialize;
use serde_json::Value;

use crate::eval::{at_hand, holds, marks_of};
use crate::facts::Facts;
use crate::fold::Fold;
use crate::json::at;
use crate::kernel::Millis;
use crate::sequence::happened_in_order;
use crate::tree::{Condition, EventTest, SequenceTest};
use crate::when::Moment;

/// A node's verdict and evidence. Values are those of the facts: who may not see the facts may not see this.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The node's key: `all`, `event`, …
    pub kind: &'static str,
    /// JSON pointer of the node in the tree; empty is the root.
    pub path: String,
    pub verdict: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Explanation>,
}

impl Explanation {
    /// The same for eyes that may not see what is told of people: verdicts stay. A window may begin at a trait, so no evidence is left.
    pub fn without_evidence(mut self) -> Self {
        self.evidence = None;
        self.children = self.children.into_iter().map(Self::without_evidence).collect();
        self
    }
}

/// What a verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// The fact's value, or nothing where it is missing.
    Value { value: Option<Value> },
    /// The matching events in the window.
    Events {
        count: u64,
        /// What the aggregate came to: a count, a decimal as text, or the value seen.
        outcome: Option<Value>,
        first: Option<Millis>,
        latest: Option<Millis>,
        /// The window, `from <= ts < to`; without a beginning where it is the whole history.
        from: Option<Millis>,
        to: Millis,
    },
    /// The window has no beginning, because its anchor is missing.
    NoAnchor,
    /// The first and last event of the chain that was found.
    Chain { began: Option<Millis>, ended: Option<Millis> },
}

/// The verdict of every node, and what it rests on.
pub fn explain(condition: &Condition, facts: &dyn Facts, now: Millis) -> Explanation {
    node(condition, facts, now, String::new())
}

fn node(condition: &Condition, facts: &dyn Facts, now: Millis, path: String) -> Explanation {
    let moment = Moment { now, zone: facts.zone() };
    let inner = at(&path, condition.kind());
    let children = match condition {
        Condition::All(children) | Condition::Any(children) => {
            children.iter().enumerate().map(|(i, child)| node(child, facts, now, at(&inner, i))).collect()
        }
        Condition::Not(child) => vec![node(child, facts, now, inner)],
        _ => Vec::new(),
    };
    let value = |fact: Option<Value>| Some(Evidence::Value { value: fact.filter(|v| !v.is_null()) });
    let evidence = match condition {
        Condition::Event(event) => Some(events(event, facts, moment)),
        Condition::Sequence(sequence) => Some(chain(sequence, facts, moment)),
        Condition::Trait(test) => value(facts.trait_value(&test.name).map(|v| v.into_owned())),
        Condition::Tag(test) => value(facts.tag(&test.name).map(|v| v.into_owned())),
        Condition::Property(test) => value(at_hand(facts, &test.name).cloned()),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Segment(_) | Condition::Consent(_) => None,
    };
    Explanation { kind: condition.kind(), path, verdict: holds(condition, facts, now), evidence, children }
}

fn events(event: &EventTest, facts: &dyn Facts, moment: Moment<'_>) -> Evidence {
    let Some(stretch) = event.window.stretch(facts, moment) else { return Evidence::NoAnchor };
    let (mut fold, mut first, mut latest) = (Fold::new(&event.aggregate), None, None);
    event.each_match(facts, moment, stretch, &mut |past, value| {
        fold.add(past.ts, past.position, value);
        first.get_or_insert(past.ts);
        latest = Some(past.ts);
        true
    });
    Evidence::Events { count: fold.count, outcome: fold.outcome(), first, latest, from: stretch.from, to: stretch.to }
}

fn chain(sequence: &SequenceTest, facts: &dyn Facts, moment: Moment<'_>) -> Evidence {
    let found = marks_of(sequence, facts, moment).and_then(|(marks, within)| happened_in_order(&marks, sequence.steps.len(), within));
    Evidence::Chain { began: found.map(|f| f.0), ended: found.map(|f| f.1) }
}
