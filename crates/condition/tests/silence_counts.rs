//! When time alone may turn a verdict: until the moment that is told it stays, and asking again always gets on.

mod common;

use common::{NOW, Person, person, tree, zone_of_workspace};
use proptest::prelude::*;
use serde_json::{Value, json};
use weft_condition::{Outlook, holds, mentions, next_change, outlook};
use weft_kernel::Millis;

/// Moments near which something may happen to this person.
fn interesting(person: &Person) -> Vec<i64> {
    let spans = [0, 1000, Millis::HOUR, Millis::DAY, 7 * Millis::DAY, 84 * Millis::HOUR, -Millis::DAY, -3 * Millis::HOUR];
    let told = person.events.iter().flat_map(|e| e.properties.as_object().into_iter().flatten().map(|(_, v)| v)).chain(person.traits.values()).chain(person.tags.values());
    let times: Vec<i64> = told.filter_map(|v| weft_condition::time_of(v, &person.zone)).map(|t| t.0).chain(person.events.iter().map(|e| e.ts.0)).collect();
    times.iter().flat_map(|t| spans.iter().flat_map(move |s| [t + s - 1, t + s, t + s + 1])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(ProptestConfig::default().cases.max(1_000)) })]

    #[test]
    fn a_verdict_stays_until_the_moment_told(
        tree in tree(),
        person in zone_of_workspace().prop_flat_map(person),
        random in prop::collection::vec(0..40 * Millis::DAY, 8),
    ) {
        let condition = common::condition(&tree);
        let mut now = NOW;
        for _ in 0..12 {
            let verdict = holds(&condition, &person, now);
            let next = next_change(&condition, &person, now);
            prop_assert_eq!(outlook(&condition, &person, now), Outlook { holds: holds(&condition, &person, now), until: next });
            let until = next.map_or(NOW.0 + 60 * Millis::DAY, |n| n.0);
            prop_assert!(until > now.0 || next.is_none());
            let moments = interesting(&person).into_iter().chain(random.iter().map(|r| now.0 + r)).chain([now.0 + 1, until - 1]);
            for at in moments.filter(|at| (now.0..until).contains(at)) {
                prop_assert_eq!(holds(&condition, &person, Millis(at)), verdict, "at {} of {}..{:?}", at, now.0, next);
            }
            match next {
                Some(next) => now = next,
                None => break,
            }
        }
    }

    #[test]
    fn what_has_no_time_in_it_never_turns_alone(tree in tree(), person in zone_of_workspace().prop_flat_map(person)) {
        let condition = common::condition(&tree);
        let person = Person { events: person.events.iter().filter(|e| e.ts <= NOW).cloned().collect(), ..person };
        if !mentions(&condition).any_time {
            prop_assert_eq!(next_change(&condition, &person, NOW), None);
        }
    }
}

fn next(tree: Value, person: &Person) -> Option<i64> {
    next_change(&common::condition(&tree), person, NOW).map(|n| n.0 - NOW.0)
}

#[test]
fn a_rolling_window_turns_when_the_deciding_event_leaves() {
    let ago = |days: i64| Millis(NOW.0 - days * Millis::DAY);
    let person = Person::nobody().with_event("buy", ago(6), json!({"value": 1})).with_event("buy", ago(3), json!({"value": 5})).with_event("buy", ago(1), json!({"value": 1}));
    let buy = |aggregate: Value| {
        let mut event = json!({"name": "buy", "within": "7d"});
        event.as_object_mut().unwrap().extend(aggregate.as_object().unwrap().clone());
        json!({"event": event})
    };
    assert_eq!(next(buy(json!({})), &person), Some(6 * Millis::DAY), "the last to leave decides");
    assert_eq!(next(buy(json!({"count": {"gte": 3}})), &person), Some(Millis::DAY));
    assert_eq!(next(buy(json!({"count": {"gte": 2}})), &person), Some(4 * Millis::DAY));
    assert_eq!(next(buy(json!({"count": {"lte": 1}})), &person), Some(4 * Millis::DAY));
    assert_eq!(next(buy(json!({"sum": {"property": "value", "gte": 6}})), &person), Some(4 * Millis::DAY));
    assert_eq!(next(buy(json!({"max": {"property": "value", "eq": 5}})), &person), Some(4 * Millis::DAY));
    assert_eq!(next(buy(json!({"avg": {"property": "value", "gt": 2.5}})), &person), Some(Millis::DAY));
    assert_eq!(next(buy(json!({"first": {"property": "value", "eq": 1}})), &person), Some(Millis::DAY));
    assert_eq!(next(buy(json!({"count": {"gte": 4}})), &person), None, "silence adds nothing");
    assert_eq!(next(json!({"not": {"event": {"name": "view", "within": "7d"}}}), &person), None);
}

#[test]
fn a_tree_waits_for_the_child_that_keeps_it_as_it_is() {
    let person = Person::nobody().with_event("buy", Millis(NOW.0 - Millis::HOUR), json!({})).with_event("view", Millis(NOW.0 - Millis::HOUR), json!({}));
    let buy = json!({"event": {"name": "buy", "within": "2h"}});
    let view = json!({"event": {"name": "view", "within": "5h"}});
    assert_eq!(next(json!({"all": [buy, view]}), &person), Some(Millis::HOUR));
    assert_eq!(next(json!({"any": [buy, view]}), &person), Some(4 * Millis::HOUR));
    assert_eq!(next(json!({"all": [{"not": buy}, {"not": view}]}), &person), Some(4 * Millis::HOUR));
    assert_eq!(next(json!({"all": [buy, {"segment": "seg_a"}]}), &person), None, "what is false for good waits for nothing");
}

#[test]
fn relative_times_and_events_dated_ahead() {
    let mut person = Person::nobody();
    person.traits.insert("renewal".to_owned(), json!(NOW.0 + 10 * Millis::DAY));
    assert_eq!(next(json!({"trait": {"name": "renewal", "before": "+3d"}}), &person), Some(7 * Millis::DAY + 1));
    assert_eq!(next(json!({"trait": {"name": "renewal", "after": "+3d"}}), &person), Some(7 * Millis::DAY));
    assert_eq!(next(json!({"trait": {"name": "renewal", "after": "2026-01-01"}}), &person), None);
    let person = person.with_event("visit", Millis(NOW.0 + Millis::DAY), json!({}));
    assert_eq!(next(json!({"event": {"name": "visit"}}), &person), Some(Millis::DAY));
    assert!(!holds(&common::condition(&json!({"event": {"name": "visit"}})), &person, NOW));
    assert!(holds(&common::condition(&json!({"event": {"name": "visit"}})), &person, Millis(NOW.0 + Millis::DAY)));
}
