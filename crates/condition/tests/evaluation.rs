//! What the language says of one person: reading, aggregates, windows, evidence.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod common;

use common::{NOW, Person, condition};
use serde_json::{Value, json};
use weft_condition::{Condition, Evidence, Op, Span, Window, codes, explain, holds, parse};
use weft_kernel::Millis;

fn ago(millis: i64) -> Millis {
    Millis(NOW.0 - millis)
}
fn asks(tree: Value, person: &Person) -> bool {
    holds(&condition(&tree), person, NOW)
}

#[test]
fn windows_have_exact_edges() {
    let day = Millis::DAY;
    let buy = |at: Millis| Person::nobody().with_event("buy", at, json!({}));
    let within = json!({"event": {"name": "buy", "within": "7d"}});
    for (at, expected) in [(ago(7 * day), false), (ago(7 * day - 1), true), (ago(0), true), (ago(-1), false)] {
        assert_eq!(asks(within.clone(), &buy(at)), expected, "{at}");
    }
    let start = Millis::parse("2026-03-01T00:00:00Z").unwrap();
    let end = Millis::parse("2026-03-08T00:00:00Z").unwrap();
    let between = json!({"event": {"name": "buy", "between": ["2026-03-01", "2026-03-08T00:00:00Z"]}});
    for (at, expected) in [(start.minus(1), false), (start, true), (end.minus(1), true), (end, false)] {
        assert_eq!(asks(between.clone(), &buy(at)), expected, "{at}");
    }
    let since = json!({"event": {"name": "buy", "since": {"trait": "born", "within": "1d"}}});
    for (at, expected) in [(start.minus(1), false), (start, true), (start.plus(day), true), (start.plus(day + 1), false)] {
        let mut person = buy(at);
        person.traits.insert("born".to_owned(), json!("2026-03-01"));
        assert_eq!(asks(since.clone(), &person), expected, "{at}");
    }
}

#[test]
fn dates_begin_at_midnight_in_the_zone() {
    let mut person = Person::nobody().with_event("buy", Millis::parse("2026-02-28T16:00:00Z").unwrap(), json!({}));
    let march = json!({"event": {"name": "buy", "between": ["2026-03-01", "2026-04-01"]}});
    assert!(!asks(march.clone(), &person));
    person.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    assert!(asks(march, &person));
}

#[test]
fn a_window_since_an_event_begins_at_its_first_or_last() {
    let person = Person::nobody()
        .with_event("register", ago(9), json!({}))
        .with_event("buy", ago(8), json!({}))
        .with_event("register", ago(7), json!({}))
        .with_event("register", ago(-5), json!({}));
    assert!(asks(json!({"event": {"name": "buy", "since": {"event": "register", "which": "first"}}}), &person));
    assert!(!asks(json!({"event": {"name": "buy", "since": {"event": "register", "which": "last"}}}), &person), "the last so far, not the one dated ahead");
    assert!(!asks(json!({"event": {"name": "buy", "count": {"eq": 0}, "since": {"event": "login"}}}), &person), "no anchor, no window");
    assert!(asks(json!({"event": {"name": "register", "since": {"event": "register"}}}), &person), "the anchor belongs to it");
}

#[test]
fn a_tree_is_read_and_written_the_same() {
    let trees = [
        json!({"all": [{"any": [{"not": {"segment": "seg_1"}}]}, {"consent": {"purpose": "a"}}]}),
        json!({"event": {"name": "*", "where": {"property": "a.b", "gte": 1, "lt": 2}, "last": {"property": "c", "after": "-7d"}, "since": {"event": "d", "which": "first", "within": "1d12h"}}}),
        json!({"event": {"name": "a", "distinct": {"property": "b", "in": [1, 2]}, "between": ["2026-01-01", "2026-02-01T00:00:00+08:00"]}}),
        json!({"sequence": {"steps": [{"name": "a", "where": {"not": {"property": "b", "exists": false}}}, {"name": "c"}], "within": "2w"}}),
        json!({"property": {"name": "page.url", "matches": "^/a"}}),
    ];
    for tree in trees {
        let read: Condition = serde_json::from_value(tree.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), tree);
        assert_eq!(parse(&tree).unwrap(), read);
    }
}

#[test]
fn what_is_refused_is_named() {
    let error = |tree: Value| serde_json::from_value::<Condition>(tree).unwrap_err().to_string();
    assert_eq!(
        error(json!({"event": {"name": "a", "whithin": "7d"}})),
        "/event/whithin: unknown key \"whithin\"; known here: name, where, count, sum, avg, min, max, distinct, first, last, within, between, since"
    );
    assert_eq!(
        error(json!({"all": [{"segment": 3}, {"trait": {"eq": 1}}]})),
        "/all/0/segment: expected a text, found a number; /all/1/trait: \"name\" is missing"
    );
    assert_eq!(
        error(json!({"segment": "a", "tag": {"name": "b", "eq": 1}})),
        "/: a node has exactly one key, and this one has \"segment\", \"tag\"; put them into an \"all\""
    );
    assert_eq!(
        error(json!({"event": {"name": "a", "count": {"gte": 1}, "max": {"property": "b", "gt": 1}}})),
        "/event: \"count\" and \"max\" stand side by side; there can be only one aggregate; for two, write two events in an \"all\""
    );
}

#[test]
fn what_was_saved_stays_readable_and_a_fault_makes_its_node_false() {
    let tree = json!({"event": {"name": "buy", "count": {"gte": 0}, "within": "some day"}});
    assert_eq!(parse(&tree).unwrap_err()[0].code, codes::BAD_DURATION);
    let stored: Condition = serde_json::from_value(tree).unwrap();
    assert!(!holds(&stored, &Person::nobody(), NOW));
    let tree = json!({"trait": {"name": "a", "matches": "("}});
    let mut person = Person::nobody();
    person.traits.insert("a".to_owned(), json!("("));
    assert!(!holds(&serde_json::from_value::<Condition>(tree).unwrap(), &person, NOW));
}

#[test]
fn trees_can_be_built_in_code() {
    let built = Condition::All(vec![
        Condition::trait_is("city", Op::In, json!(["上海"])),
        Condition::tag_is("vip", Op::Exists, true).negated(),
        Condition::event_occurs("buy", Window::Within(Span::new("7d"))).negated().negated(),
    ]);
    let written = json!({"all": [
        {"trait": {"name": "city", "in": ["上海"]}},
        {"not": {"tag": {"name": "vip", "exists": true}}},
        {"event": {"name": "buy", "within": "7d"}},
    ]});
    assert_eq!(built, condition(&written));
    assert_eq!(built.to_json(), written);
}

#[test]
fn an_explanation_shows_what_each_verdict_rests_on() {
    let mut person = Person::nobody()
        .with_event("buy", ago(3 * Millis::DAY), json!({"value": "19.90"}))
        .with_event("buy", ago(Millis::DAY), json!({"value": 0.2}))
        .with_event("buy", ago(90 * Millis::DAY), json!({"value": 500}));
    person.traits.insert("city".to_owned(), json!("北京"));
    let tree = condition(&json!({"all": [
        {"event": {"name": "buy", "sum": {"property": "value", "gte": 20}, "within": "30d"}},
        {"not": {"trait": {"name": "city", "eq": "上海"}}},
        {"event": {"name": "buy", "since": {"trait": "birthday"}}},
        {"sequence": {"steps": [{"name": "buy"}, {"name": "buy"}], "within": "7d"}},
    ]}));
    let explanation = explain(&tree, &person, NOW);
    assert!(!explanation.verdict);
    let verdicts: Vec<_> = explanation.children.iter().map(|c| (c.path.as_str(), c.kind, c.verdict)).collect();
    assert_eq!(verdicts, [("/all/0", "event", true), ("/all/1", "not", true), ("/all/2", "event", false), ("/all/3", "sequence", true)]);
    assert_eq!(
        explanation.children[0].evidence,
        Some(Evidence::Events {
            count: 2,
            outcome: Some(json!("20.1")),
            first: Some(ago(3 * Millis::DAY)),
            latest: Some(ago(Millis::DAY)),
            from: Some(ago(30 * Millis::DAY - 1)),
            to: ago(-1),
        })
    );
    let city = &explanation.children[1].children[0];
    assert_eq!((city.path.as_str(), city.verdict), ("/all/1/not", false));
    assert_eq!(city.evidence, Some(Evidence::Value { value: Some(json!("北京")) }));
    assert_eq!(explanation.children[2].evidence, Some(Evidence::NoAnchor));
    assert_eq!(explanation.children[3].evidence, Some(Evidence::Chain { began: Some(ago(3 * Millis::DAY)), ended: Some(ago(Millis::DAY)) }));
    let written = serde_json::to_value(&explanation.children[1]).unwrap();
    assert_eq!(
        written,
        json!({"kind": "not", "path": "/all/1", "verdict": true, "children": [
            {"kind": "trait", "path": "/all/1/not", "verdict": false, "evidence": {"kind": "value", "value": "北京"}}
        ]})
    );
}
