//! The property tests are only worth what they draw: of each kind of node, cases that hold and cases that do not.

mod common;

use std::collections::BTreeMap;

use common::{NOW, Person, condition, person, tree, zone_of_workspace};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use weft_condition::{Aggregate, Condition, Window, holds, next_change};

/// Every node of the tree.
fn nodes(condition: &Condition) -> Vec<&Condition> {
    let below = match condition {
        Condition::All(children) | Condition::Any(children) => children.iter().flat_map(nodes).collect(),
        Condition::Not(child) => nodes(child),
        _ => Vec::new(),
    };
    std::iter::once(condition).chain(below).collect()
}

/// What a node is an instance of.
fn kinds(condition: &Condition) -> Vec<String> {
    let Condition::Event(event) = condition else { return vec![condition.kind().to_owned()] };
    let aggregate = match &event.aggregate {
        Aggregate::Occurs => "occurs".to_owned(),
        Aggregate::Count(_) => "count".to_owned(),
        Aggregate::Of { function, .. } => function.key().to_owned(),
    };
    let window = match &event.window {
        Window::Ever => "ever",
        Window::Within(_) => "within",
        Window::Between(..) => "between",
        Window::Since(_) => "since",
    };
    vec![aggregate, window.to_owned()]
}

#[test]
fn every_kind_of_node_is_drawn_both_true_and_false() {
    let mut runner = TestRunner::deterministic();
    let drawn = (tree(), zone_of_workspace().prop_flat_map(|zone| prop::collection::vec(person(zone), 6)));
    let mut seen: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let (mut mixed, mut waits, mut turns) = (0, 0, 0);
    for _ in 0..3_000 {
        let (tree, everybody) = drawn.new_tree(&mut runner).unwrap().current();
        let condition = condition(&tree);
        let verdicts: Vec<bool> = everybody.iter().map(|p| holds(&condition, p, NOW)).collect();
        mixed += usize::from(verdicts.contains(&true) && verdicts.contains(&false));
        for person in &everybody {
            for node in nodes(&condition) {
                for kind in kinds(node) {
                    seen.entry(kind).or_default()[usize::from(holds(node, person, NOW))] += 1;
                }
            }
            // Without events dated ahead, which wake a condition whether or not they matter to it.
            let person = Person { events: person.events.iter().filter(|e| e.ts <= NOW).cloned().collect(), ..person.clone() };
            if let Some(next) = next_change(&condition, &person, NOW) {
                waits += 1;
                turns += usize::from(holds(&condition, &person, next) != holds(&condition, &person, NOW));
            }
        }
    }
    let expected = [
        "all", "any", "not", "occurs", "count", "sum", "avg", "min", "max", "distinct", "first", "last", "ever", "within", "between", "since",
        "sequence", "trait", "tag", "segment", "consent", "property",
    ];
    for kind in expected {
        let [no, yes] = seen.get(kind).copied().unwrap_or_default();
        // Where no event is at hand, a property's verdict depends on `exists` alone.
        assert!(no >= 50 && yes >= 50, "{kind}: {no} false, {yes} true; {seen:?}");
    }
    assert!(mixed >= 1_000, "{mixed} of 3000 trees divide the people");
    assert!(waits >= 300 && turns * 2 >= waits, "{waits} verdicts wait for time, {turns} of them really turn when they are asked again");
}
