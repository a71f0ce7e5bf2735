//! One meaning: the same tree over the same facts gives the same people in memory and in the query engine.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{NOW, Past, Person, person, tree, zone_of_workspace};
use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, UInt64Array};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use proptest::prelude::*;
use serde_json::{Value, json};
use weft_condition::batch::{Tables, people};
use weft_condition::{Condition, holds, next_change};
use weft_kernel::Millis;

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(items.map(Some).collect::<StringArray>())
}

/// A table in two partitions, so that aggregates are made of parts.
fn table(name: &str, columns: Vec<(&str, ArrayRef)>) -> LogicalPlan {
    let whole = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    let half = whole.num_rows() / 2;
    let parts = vec![vec![whole.slice(0, half)], vec![whole.slice(half, whole.num_rows() - half)]];
    let provider = MemTable::try_new(whole.schema(), parts).unwrap();
    LogicalPlanBuilder::scan(name, provider_as_source(Arc::new(provider)), None).unwrap().build().unwrap()
}

fn id(i: usize) -> String {
    format!("per_{i}")
}

/// The tables as the lake has them. The events of nobody are of a person who does not exist.
fn tables(everybody: &[Person]) -> Tables {
    let ids: Vec<String> = (0..everybody.len()).map(id).collect();
    let traits: Vec<String> = everybody.iter().map(|p| Value::Object(p.traits.clone()).to_string()).collect();
    let mut events: Vec<(String, &Past)> =
        everybody.iter().enumerate().flat_map(|(i, p)| p.events.iter().map(move |e| (id(i), e))).collect();
    events.extend(everybody.iter().flat_map(|p| p.events.iter().map(|e| ("per_of_nobody".to_owned(), e))).take(3));
    // Not in the order of time, and the two parts mix people.
    events.sort_by_key(|(person, e)| (e.position * 31 % 7, person.clone()));
    let properties: Vec<String> = events.iter().map(|(_, e)| e.properties.to_string()).collect();
    let tags: Vec<(String, &str, String)> =
        everybody.iter().enumerate().flat_map(|(i, p)| p.tags.iter().map(move |(k, v)| (id(i), k.as_str(), v.to_string()))).collect();
    let segments: Vec<(String, &str)> =
        everybody.iter().enumerate().flat_map(|(i, p)| p.segments.iter().map(move |s| (id(i), s.as_str()))).collect();
    let consents: Vec<(String, &common::Consent)> =
        everybody.iter().enumerate().flat_map(|(i, p)| p.consents.iter().map(move |c| (id(i), c))).collect();
    Tables {
        people: table("people", vec![("person", texts(ids.iter().map(String::as_str))), ("traits", texts(traits.iter().map(String::as_str)))]),
        tags: table("tags", vec![
            ("person", texts(tags.iter().map(|t| t.0.as_str()))),
            ("name", texts(tags.iter().map(|t| t.1))),
            ("value", texts(tags.iter().map(|t| t.2.as_str()))),
        ]),
        memberships: table("memberships", vec![
            ("person", texts(segments.iter().map(|s| s.0.as_str()))),
            ("segment", texts(segments.iter().map(|s| s.1))),
        ]),
        consents: table("consents", vec![
            ("person", texts(consents.iter().map(|c| c.0.as_str()))),
            ("purpose", texts(consents.iter().map(|c| c.1.purpose.as_str()))),
            ("channel", texts(consents.iter().map(|c| c.1.channel.as_str()))),
            ("granted", Arc::new(consents.iter().map(|c| Some(c.1.granted)).collect::<BooleanArray>())),
        ]),
        events: table("events", vec![
            ("person", texts(events.iter().map(|e| e.0.as_str()))),
            ("name", texts(events.iter().map(|e| e.1.name.as_str()))),
            ("ts", Arc::new(events.iter().map(|e| Some(e.1.ts.0)).collect::<Int64Array>())),
            ("position", Arc::new(events.iter().map(|e| Some(e.1.position)).collect::<UInt64Array>())),
            ("properties", texts(properties.iter().map(String::as_str))),
        ]),
    }
}

async fn batch(condition: &Condition, tables: &Tables, now: Millis, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    let plan = people(condition, tables, now, zone).unwrap();
    assert_eq!(plan.schema().fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), ["person"]);
    let batches = context.execute_logical_plan(plan).await.unwrap().collect().await.unwrap();
    let mut found: Vec<String> =
        batches.iter().flat_map(|b| b.column(0).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>()).collect();
    found.sort();
    found
}

fn stream(condition: &Condition, everybody: &[Person], now: Millis) -> Vec<String> {
    let found: BTreeSet<String> = everybody.iter().enumerate().filter(|(_, p)| holds(condition, *p, now)).map(|(i, _)| id(i)).collect();
    found.into_iter().collect()
}

fn agree(tree: &Value, everybody: &[Person], zone: &jiff::tz::TimeZone) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let condition = common::condition(tree);
    let tables = tables(everybody);
    let mut moments = vec![NOW];
    moments.extend(everybody.iter().filter_map(|p| next_change(&condition, p, NOW)).min());
    for now in moments {
        let batch = runtime.block_on(batch(&condition, &tables, now, zone));
        assert_eq!(batch, stream(&condition, everybody, now), "at {now}: {tree}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batch_and_stream_give_the_same_people(
        tree in tree(),
        (zone, everybody) in zone_of_workspace().prop_flat_map(|zone| (Just(zone.clone()), prop::collection::vec(person(zone), 0..7))),
    ) {
        agree(&tree, &everybody, &zone);
    }
}

/// Each kind of node once by hand, so that a gap in the drawing does not hide one.
#[test]
fn every_node_agrees_for_a_fixed_crowd() {
    let at = |days: i64| Millis(NOW.0 - days * Millis::DAY);
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let nobody = || Person { zone: zone.clone(), ..Person::nobody() };
    let mut buyer = nobody().with_event("view", at(3), json!({"category": "coffee", "value": 1})).with_event("buy", at(2), json!({"value": "19.90"})).with_event("buy", at(1), json!({"value": 0.1}));
    buyer.traits.insert("city".to_owned(), json!("上海"));
    buyer.traits.insert("birthday".to_owned(), json!("2026-03-27"));
    buyer.tags.insert("rfm".to_owned(), json!("high_value"));
    buyer.segments.push("seg_a".to_owned());
    buyer.consents.push(common::Consent { purpose: "marketing".to_owned(), channel: "sms".to_owned(), granted: true });
    let viewer = nobody().with_event("view", at(1), json!({"category": "tea"})).with_event("view", at(0), json!(null));
    // Registered twice, bought in between: exactly a day after the first time, and a millisecond later.
    let returner = nobody().with_event("register", at(6), json!({})).with_event("buy", at(5), json!({"value": 30})).with_event("register", at(4), json!({}));
    let late = nobody().with_event("register", at(6), json!({})).with_event("buy", at(5).plus(1), json!({"value": 30}));
    let everybody = [buyer, viewer, nobody(), returner, late];
    let trees = [
        json!({"event": {"name": "buy", "sum": {"property": "value", "eq": 20}}}),
        json!({"event": {"name": "buy", "count": {"lt": 1}, "within": "7d"}}),
        json!({"event": {"name": "*", "count": {"gte": 2}, "within": "7d"}}),
        json!({"event": {"name": "view", "where": {"not": {"property": "category", "eq": "coffee"}}}}),
        json!({"event": {"name": "buy", "count": {"eq": 0}, "since": {"trait": "birthday"}}}),
        json!({"event": {"name": "buy", "since": {"trait": "birthday", "within": "12h"}}}),
        json!({"event": {"name": "buy", "avg": {"property": "value", "eq": 10}, "since": {"event": "view", "which": "first"}}}),
        json!({"event": {"name": "buy", "last": {"property": "value", "eq": "0.1"}, "between": ["2026-03-01", "2026-04-01"]}}),
        json!({"sequence": {"steps": [{"name": "view"}, {"name": "buy", "where": {"property": "value", "gt": 10}}], "within": "1d"}}),
        json!({"any": [{"trait": {"name": "city", "eq": "上海"}}, {"event": {"name": "view", "within": "1d"}}]}),
        json!({"not": {"any": [{"segment": "seg_a"}, {"tag": {"name": "rfm", "exists": true}}]}}),
        json!({"all": [{"consent": {"purpose": "marketing"}}, {"not": {"consent": {"purpose": "marketing", "channel": "email"}}}]}),
        json!({"tag": {"name": "rfm", "exists": false}}),
        json!({"event": {"name": "buy", "since": {"event": "register", "which": "first"}}}),
        json!({"event": {"name": "buy", "since": {"event": "register", "which": "last"}}}),
        json!({"event": {"name": "buy", "since": {"event": "register", "which": "first", "within": "1d"}}}),
        json!({"event": {"name": "buy", "within": "5d"}}),
        json!({"sequence": {"steps": [{"name": "register"}, {"name": "buy"}], "within": "1d"}}),
        json!({"property": {"name": "value", "exists": false}}),
        json!({"not": {"not": {"event": {"name": "buy"}}}}),
    ];
    let holding: Vec<usize> = trees
        .iter()
        .map(|tree| {
            agree(tree, &everybody, &zone);
            stream(&common::condition(tree), &everybody, NOW).len()
        })
        .collect();
    assert_eq!(holding, [1, 2, 4, 1, 0, 0, 1, 1, 1, 2, 4, 1, 4, 2, 1, 1, 2, 1, 5, 3]);
}
