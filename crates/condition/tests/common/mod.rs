//! People in memory, and random trees and people for the property tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::borrow::Cow;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_condition::{ANY_EVENT, Condition, Facts, LazyJson, PastEvent, lookup};
use weft_kernel::{Millis, SegmentId};

/// 2026-03-29T12:00:00Z, hours after the clocks of one of the zones have changed.
pub const NOW: Millis = Millis(1_774_785_600_000);

/// What is known of one person, in the form in which fixtures write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    #[serde(default = "utc", deserialize_with = "zone")]
    pub zone: TimeZone,
    #[serde(default)]
    pub traits: Map<String, Value>,
    #[serde(default)]
    pub tags: Map<String, Value>,
    #[serde(default)]
    pub segments: Vec<String>,
    #[serde(default)]
    pub consents: Vec<Consent>,
    #[serde(default)]
    pub events: Vec<Past>,
    #[serde(default)]
    pub at_hand: Option<Map<String, Value>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    pub purpose: String,
    pub channel: String,
    pub granted: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub name: String,
    pub ts: Millis,
    #[serde(default)]
    pub position: u64,
    #[serde(default)]
    pub properties: Value,
}

fn utc() -> TimeZone {
    TimeZone::UTC
}

fn zone<'de, D: serde::Deserializer<'de>>(d: D) -> Result<TimeZone, D::Error> {
    jiff::fmt::serde::tz::required::deserialize(d)
}

impl Person {
    pub fn nobody() -> Self {
        serde_json::from_value(json!({})).unwrap()
    }
    /// Puts events in order; those without a position have their place in the list.
    pub fn sorted(mut self) -> Self {
        for (i, event) in self.events.iter_mut().enumerate() {
            if event.position == 0 {
                event.position = i as u64 + 1;
            }
        }
        self.events.sort_by_key(|e| (e.ts, e.position));
        self
    }
    pub fn with_event(mut self, name: &str, ts: Millis, properties: Value) -> Self {
        let position = self.events.len() as u64 + 1;
        self.events.push(Past { name: name.to_owned(), ts, position, properties });
        self.sorted()
    }
}

impl Facts for Person {
    fn zone(&self) -> &TimeZone {
        &self.zone
    }
    fn trait_value(&self, name: &str) -> Option<Cow<'_, Value>> {
        lookup(&self.traits, name).map(Cow::Borrowed)
    }
    fn tag(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.tags.get(name).map(Cow::Borrowed)
    }
    fn in_segment(&self, id: &SegmentId) -> bool {
        self.segments.iter().any(|s| s == id.as_str())
    }
    fn consent(&self, purpose: &str, channel: Option<&str>) -> bool {
        self.consents.iter().any(|c| c.granted && c.purpose == purpose && channel.is_none_or(|channel| c.channel == channel))
    }
    fn events(&self, name: &str, from: Option<Millis>, to: Option<Millis>, visit: &mut dyn FnMut(&PastEvent<'_>) -> bool) {
        let wanted = |e: &&Past| {
            (name == ANY_EVENT || e.name == name) && from.is_none_or(|from| e.ts >= from) && to.is_none_or(|to| e.ts < to)
        };
        for event in self.events.iter().filter(wanted) {
            let text = event.properties.to_string();
            let past = PastEvent { ts: event.ts, position: event.position, properties: &LazyJson::new(text.as_bytes()) };
            if !visit(&past) {
                return;
            }
        }
    }
    fn event_at_hand(&self) -> Option<&Map<String, Value>> {
        self.at_hand.as_ref()
    }
}

pub fn condition(tree: &Value) -> Condition {
    weft_condition::parse(tree).unwrap_or_else(|faults| panic!("{tree}: {faults:?}"))
}

// ---- Random trees. They are drawn as JSON, so that they pass the same door as everybody's. ----

fn one_of<const N: usize>(items: [Value; N]) -> impl Strategy<Value = Value> {
    select(items.to_vec())
}

fn event_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("view"), 3 => Just("buy"), 2 => Just("register"), 1 => Just("*")]
}

fn property_name() -> impl Strategy<Value = &'static str> {
    select(vec!["value", "sku", "page.url", "when", "flag"])
}

fn trait_name() -> impl Strategy<Value = &'static str> {
    select(vec!["age", "city", "born", "likes", "deep.er"])
}

/// A price that a client multiplied in doubles, and the same as it should be.
fn product() -> impl Strategy<Value = Value> {
    (0..400_i64, 1..14_i64, any::<bool>()).prop_map(|(cents, tenths, exact)| {
        if exact { json!((cents * tenths) as f64 / 1000.0) } else { json!((cents as f64 / 100.0) * (tenths as f64 / 10.0)) }
    })
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![(-3..6_i64).prop_map(Value::from), (-30..60_i64).prop_map(|n| json!(n as f64 / 10.0)), one_of([json!("2"), json!("0.5"), json!(1.5)]), product()]
}

fn text() -> impl Strategy<Value = Value> {
    one_of([json!("coffee"), json!("tea"), json!("上海"), json!("2"), json!("2.0"), json!(""), json!("😀"), json!("/shop/1")])
}

fn time() -> impl Strategy<Value = Value> {
    one_of([
        json!("2026-03-29"), json!("2026-03-28"), json!("2026-03-22T12:00:00Z"), json!("2026-03-29T03:00:00"), json!("2026-03-30"),
        json!("2026-04-01T12:00:00.000+08:00"), json!(NOW.0), json!(NOW.0 - Millis::DAY), json!(NOW.0 - Millis::DAY + 1), json!(NOW.0 + 3 * Millis::HOUR),
    ])
}

/// A value as events and traits have them, odd ones included.
pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => number(), 3 => text(), 2 => time(),
        2 => one_of([json!(true), json!(false), json!(null), json!(["coffee", 2, "上海"]), json!([]), json!({"a": 1}), json!(1e300), json!(u64::MAX), json!(1e-30), json!("NaN")]),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![3 => number(), 2 => text(), 1 => one_of([json!(true), json!(false)])]
}

fn ordered() -> impl Strategy<Value = Value> {
    prop_oneof![3 => number(), 1 => text()]
}

fn moment() -> impl Strategy<Value = Value> {
    prop_oneof![2 => time(), 2 => one_of([json!("-1d"), json!("+1d"), json!("-7d"), json!("+3h"), json!("-1h")])]
}

fn comparison() -> BoxedStrategy<(&'static str, Value)> {
    prop_oneof![of_number(), of_text(), of_time(), of_anything()].boxed()
}

fn of_number() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        2 => (select(vec!["eq", "ne"]), number()),
        6 => (select(vec!["gt", "gte", "lt", "lte"]), number()),
        1 => (select(vec!["in", "nin"]), prop::collection::vec(number(), 1..4).prop_map(Value::from)),
        1 => (Just("between"), (number(), number()).prop_map(|(a, b)| json!([a, b]))),
    ]
}

fn of_text() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (select(vec!["eq", "ne", "contains", "gt", "lte"]), text()),
        (select(vec!["in", "nin"]), prop::collection::vec(text(), 1..4).prop_map(Value::from)),
        (Just("starts_with"), one_of([json!("/shop"), json!("c"), json!("")])),
        (Just("matches"), one_of([json!("^c.*e$"), json!(r"\d"), json!("海")])),
    ]
}

fn of_time() -> impl Strategy<Value = (&'static str, Value)> {
    (select(vec!["before", "after"]), moment())
}

fn of_anything() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        (Just("exists"), any::<bool>().prop_map(Value::from)),
        (select(vec!["eq", "ne", "contains"]), scalar()),
        (Just("between"), (ordered(), ordered()).prop_map(|(a, b)| json!([a, b]))),
    ]
}

/// A comparison that mostly suits the values that a fact of this name mostly has.
fn comparison_of(name: &str) -> BoxedStrategy<(&'static str, Value)> {
    let suiting = match name {
        "value" | "age" => of_number().boxed(),
        "sku" | "city" | "page.url" | "rfm" => of_text().boxed(),
        "when" | "born" => of_time().boxed(),
        _ => of_anything().boxed(),
    };
    prop_oneof![4 => suiting, 1 => comparison()].boxed()
}

/// A value that a fact of this name mostly has.
fn value_of(name: &str) -> BoxedStrategy<Value> {
    let suiting = match name {
        "value" | "age" => number().boxed(),
        "sku" | "city" | "page.url" | "rfm" => text().boxed(),
        "when" | "born" => time().boxed(),
        _ => value().boxed(),
    };
    prop_oneof![4 => suiting, 1 => value()].boxed()
}

/// Some of these names, each with a value of its own.
fn facts<const N: usize>(names: [&'static str; N]) -> impl Strategy<Value = Map<String, Value>> {
    names.map(|name| prop::option::weighted(0.7, value_of(name)).prop_map(move |v| v.map(|v| (name.to_owned(), v)))).to_vec().prop_map(|some| some.into_iter().flatten().collect())
}

fn small_count() -> impl Strategy<Value = (&'static str, Value)> {
    (select(vec!["eq", "ne", "gt", "gte", "lt", "lte"]), (0..4_i64).prop_map(Value::from))
}

fn test_of(key: &'static str, name: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    let test = name.prop_flat_map(|name| (Just(name), prop_oneof![4 => prop::collection::vec(comparison_of(name), 1), 1 => prop::collection::vec(comparison_of(name), 2)]));
    test.prop_map(move |(name, comparisons)| {
        let mut map = Map::new();
        map.insert(key.to_owned(), json!(name));
        map.extend(comparisons.into_iter().map(|(op, operand)| (op.to_owned(), operand)));
        Value::Object(map)
    })
}

fn filter() -> impl Strategy<Value = Value> {
    test_of("property", property_name()).prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|w| json!({"all": w})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|w| json!({"any": w})),
            inner.prop_map(|w| json!({"not": w})),
        ]
    })
}

fn span() -> impl Strategy<Value = &'static str> {
    select(vec!["1h", "1d", "7d", "3d12h", "5w"])
}

fn aggregate() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    let of = |function: &'static str| {
        let property = if matches!(function, "first" | "last" | "distinct") { property_name().boxed() } else { prop_oneof![4 => Just("value"), 1 => property_name()].boxed() };
        let asked = property.prop_flat_map(move |property| {
            let comparison = match function {
                "first" | "last" => comparison_of(property),
                "distinct" => small_count().boxed(),
                _ => of_number().boxed(),
            };
            (Just(property), comparison)
        });
        asked.prop_map(move |(property, (op, operand))| Some((function, json!({"property": property, op: operand}))))
    };
    prop_oneof![
        3 => Just(None),
        3 => small_count().prop_map(|(op, n)| Some(("count", json!({op: n})))),
        5 => select(vec!["sum", "avg", "min", "max", "distinct", "first", "last"]).prop_flat_map(of),
    ]
}

fn window() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    let date = || select(vec!["2026-03-22", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-29T11:00:00Z"]);
    let since = (prop_oneof![trait_name().prop_map(|t| json!({"trait": t})), (event_name(), select(vec!["first", "last"])).prop_map(|(e, w)| json!({"event": e, "which": w}))], prop::option::of(span()))
        .prop_map(|(mut since, within)| {
            if let (Some(within), Some(map)) = (within, since.as_object_mut()) {
                map.insert("within".to_owned(), json!(within));
            }
            Some(("since", since))
        });
    prop_oneof![
        2 => Just(None),
        4 => span().prop_map(|s| Some(("within", json!(s)))),
        2 => (date(), date()).prop_map(|(a, b)| Some(("between", json!([a, b])))),
        2 => since,
    ]
}

fn event() -> impl Strategy<Value = Value> {
    (event_name(), prop::option::weighted(0.35, filter()), aggregate(), window()).prop_map(|(name, filter, aggregate, window)| {
        let mut map = Map::new();
        map.insert("name".to_owned(), json!(name));
        let parts = [filter.map(|f| ("where", f)), aggregate, window];
        map.extend(parts.into_iter().flatten().map(|(key, value)| (key.to_owned(), value)));
        json!({"event": map})
    })
}

fn sequence() -> impl Strategy<Value = Value> {
    let step = (event_name(), prop::option::weighted(0.3, filter())).prop_map(|(name, filter)| match filter {
        Some(filter) => json!({"name": name, "where": filter}),
        None => json!({"name": name}),
    });
    (prop::collection::vec(step, 2..4), span()).prop_map(|(steps, within)| json!({"sequence": {"steps": steps, "within": within}}))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => event(),
        2 => sequence(),
        2 => test_of("name", trait_name()).prop_map(|t| json!({"trait": t})),
        2 => test_of("name", select(vec!["rfm", "vip"])).prop_map(|t| json!({"tag": t})),
        1 => test_of("name", property_name()).prop_map(|t| json!({"property": t})),
        1 => select(vec!["seg_a", "seg_b"]).prop_map(|s| json!({"segment": s})),
        1 => (select(vec!["marketing", "analytics"]), prop::option::of(select(vec!["sms", "email"]))).prop_map(|(p, c)| match c {
            Some(c) => json!({"consent": {"purpose": p, "channel": c}}),
            None => json!({"consent": {"purpose": p}}),
        }),
    ]
}

/// A tree of up to four levels.
pub fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|c| json!({"all": c})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|c| json!({"any": c})),
            inner.prop_map(|c| json!({"not": c})),
        ]
    })
}

// ---- Random people. ----

/// Times that fall on the edges of the windows, and a few in the future.
fn event_time() -> impl Strategy<Value = Millis> {
    let base = select(vec![0, 1000, Millis::HOUR, Millis::DAY, 7 * Millis::DAY, 84 * Millis::HOUR, 30 * Millis::DAY, -Millis::HOUR, -Millis::DAY]);
    let edge = select(vec![0, 1, -1, 500, Millis::HOUR]);
    (base, edge).prop_map(|(base, edge)| Millis(NOW.0 - base + edge))
}

fn properties() -> impl Strategy<Value = Value> {
    (facts(["value", "sku", "when", "flag"]), prop::option::weighted(0.1, value()), prop::option::weighted(0.5, value_of("page.url"))).prop_map(|(mut map, flat, url)| {
        map.extend(flat.map(|flat| ("page.url".to_owned(), flat)));
        map.extend(url.map(|url| ("page".to_owned(), json!({"url": url}))));
        Value::Object(map)
    })
}

pub fn zone_of_workspace() -> impl Strategy<Value = TimeZone> {
    let zones = ["UTC0", "CST-8", "AAA-2BBB,M3.5.0/0,M10.5.0/0"];
    select(zones.map(|z| TimeZone::posix(z).unwrap()).to_vec())
}

/// A person in this zone. Positions are unique and do not follow time.
pub fn person(zone: TimeZone) -> impl Strategy<Value = Person> {
    let past = (prop_oneof![4 => Just("view"), 4 => Just("buy"), 2 => Just("register"), 1 => Just("other")], event_time(), properties());
    let traits = facts(["age", "city", "born", "likes"]);
    let consents = prop::collection::vec((select(vec!["marketing", "analytics"]), select(vec!["sms", "email"]), any::<bool>()), 0..4);
    let parts = (prop::collection::vec(past, 0..10), traits, facts(["rfm", "vip"]), prop::sample::subsequence(vec!["seg_a", "seg_b"], 0..=2), consents, prop::option::weighted(0.5, value()));
    parts.prop_map(
        move |(events, mut traits, tags, segments, consents, deep)| {
            traits.extend(deep.map(|deep| ("deep".to_owned(), json!({"er": deep}))));
            let events = events.into_iter().enumerate();
            let events = events.map(|(i, (name, ts, properties))| Past { name: name.to_owned(), ts, position: (i as u64 * 7) % 10 + 1, properties });
            let mut seen = std::collections::BTreeSet::new();
            let consents = consents.into_iter().filter(|(p, c, _)| seen.insert((*p, *c)));
            Person {
                zone: zone.clone(),
                traits,
                tags,
                segments: segments.into_iter().map(str::to_owned).collect(),
                consents: consents.map(|(p, c, granted)| Consent { purpose: p.to_owned(), channel: c.to_owned(), granted }).collect(),
                events: events.collect(),
                at_hand: None,
            }
            .sorted()
        },
    )
}
