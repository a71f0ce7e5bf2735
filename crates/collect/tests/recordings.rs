//! What real clients sent is let in, and means what a plain reading of it means.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Map, Value};
use support::recorded::{self, Recorded};
use support::{Bench, WORKSPACE, bytes, read};
use weft_kernel::{Event, EventKind, Identifier, Millis, SourceId};

/// The same events by the slow way: the whole of them as values, and the mapping of the README word by word.
mod slow {
    use super::*;

    fn text(v: &Value) -> Option<String> {
        v.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
    }
    fn map(v: &Value) -> Map<String, Value> {
        v.as_object().cloned().unwrap_or_default()
    }
    fn at(v: &Value) -> Option<i64> {
        v.as_i64().or_else(|| Millis::parse(v.as_str()?).map(|m| m.0))
    }
    fn kind(name: &str) -> EventKind {
        serde_json::from_value(Value::from(name)).unwrap()
    }
    fn base(kind: EventKind, name: &str, claimed: Option<i64>, sent: Option<i64>, now: Millis) -> Event {
        let mut event = Event::track(WORKSPACE, SourceId::from(""), "", name, now);
        event.kind = kind;
        if let (Some(claimed), Some(sent)) = (claimed, sent) {
            event.ts = Millis(now.0 - (sent - claimed));
        } else if let Some(claimed) = claimed {
            event.ts = Millis(claimed.min(now.0));
        }
        event.original_ts = claimed.filter(|c| *c != event.ts.0);
        event
    }

    pub fn segment(m: &Value, path: &str, now: Millis) -> Event {
        let short = [("p", "page"), ("t", "track"), ("i", "identify"), ("s", "screen"), ("g", "group"), ("a", "alias")];
        let of_path = short.iter().find(|(s, _)| path == format!("/v1/{s}")).map(|(_, long)| *long);
        let call = of_path.or(m["type"].as_str()).unwrap();
        let name = if call == "track" { m["event"].as_str().unwrap() } else { call };
        let mut event = base(kind(call), name, at(&m["timestamp"]), at(&m["sentAt"]), now);
        event.id = text(&m["messageId"]).unwrap();
        for (id_type, field) in [("user_id", "userId"), ("anonymous_id", "anonymousId")] {
            event.identifiers.extend(text(&m[field]).map(|v| Identifier::new(id_type, v)));
        }
        event.properties = map(&m["properties"]);
        if matches!(call, "page" | "screen") {
            for field in ["name", "category"] {
                if let Some(value) = text(&m[field]) {
                    event.properties.entry(field).or_insert(value.into());
                }
            }
        }
        if matches!(call, "identify" | "group") {
            event.traits = map(&m["traits"]);
        }
        event.context = map(&m["context"]);
        if m["integrations"].as_object().is_some_and(|i| !i.is_empty()) {
            event.context.insert("integrations".into(), m["integrations"].clone());
        }
        event.previous = text(&m["previousId"]).map(|v| Identifier::new("anonymous_id", v));
        event.thing = text(&m["groupId"]).map(|v| Identifier::new("group", v));
        event
    }

    pub fn sensors(m: &Value, now: Millis) -> Event {
        let call = m["type"].as_str().unwrap();
        let (k, name) = match call {
            "track" => (EventKind::Track, m["event"].as_str().unwrap()),
            "track_signup" | "track_id_bind" => (EventKind::SignUp, m["event"].as_str().unwrap()),
            "item_set" => (EventKind::ThingSet, call),
            profile => (kind(profile), profile),
        };
        let mut event = base(k, name, at(&m["time"]), at(&m["_flush_time"]), now);
        let mut told = map(&m["properties"]);
        let is_login = told.shift_remove("$is_login_id") == Some(Value::Bool(true));
        if k.changes_profile() || k.is_thing() {
            event.traits = told;
        } else {
            event.properties = told;
        }
        event.context.insert("lib".into(), m["lib"].clone());
        event.channel = Some(match m["lib"]["$lib"].as_str().unwrap() {
            "js" => "web".into(),
            "MiniProgram" => "mini_program".into(),
            _ => "server".into(),
        });
        if k.is_thing() {
            event.thing = Some(Identifier::new(m["item_type"].as_str().unwrap(), m["item_id"].as_str().unwrap()));
            return event;
        }
        let mut add = |id_type: &str, value: Option<String>| {
            let found = value.map(|v| Identifier::new(id_type, v)).filter(|id| !event.identifiers.contains(id));
            event.identifiers.extend(found);
        };
        let (login, distinct) = (text(&m["login_id"]), text(&m["distinct_id"]));
        add("user_id", login.clone().or(distinct.clone().filter(|_| is_login || call == "track_signup")));
        add("phone", text(&m["identities"]["$identity_mobile"]));
        add("anonymous_id", text(&m["anonymous_id"]));
        add("anonymous_id", distinct.filter(|_| login.is_none() && !is_login));
        add("cookie_id", text(&m["identities"]["$identity_cookie_id"]));
        add("mp_id", text(&m["identities"]["$identity_mp_id"]));
        event.previous = text(&m["original_id"]).map(|v| Identifier::new("anonymous_id", v));
        event
    }
}

async fn replay(bench: &Bench, recorded: &Recorded, slowly: impl Fn(&Value) -> Event) -> Vec<Event> {
    bench.door.clear();
    let response = bench.send(recorded.request()).await;
    assert_eq!(response.status(), StatusCode::OK, "{}: {}", recorded.file, recorded.target);
    let events = bench.door.events();
    assert_eq!(events.len(), recorded.meant.len(), "{}", recorded.file);
    for (event, meant) in events.iter().zip(&recorded.meant) {
        let mut expected = slowly(meant);
        expected.source = event.source.clone();
        if expected.id.is_empty() {
            expected.id = event.id.clone();
        }
        assert_eq!(*event, expected, "{}: {meant}", recorded.file);
    }
    assert_eq!(bench.door.controls(), []);
    events
}

#[tokio::test]
async fn segment_clients_are_understood() {
    let Some(all) = recorded::of(&["segment-", "chromium-segment-web.txt"]) else { return };
    let bench = Bench::new().await;
    let now = bench.door.clock_now();
    let mut kinds = std::collections::BTreeSet::new();
    for recorded in all.iter().filter(|r| r.method == "POST") {
        let path = recorded.target.split('?').next().unwrap();
        let events = replay(&bench, recorded, |meant| slow::segment(meant, path, now)).await;
        kinds.extend(events.iter().map(|e| format!("{:?}", e.kind)));
        // Sent again, it is the same events.
        assert_eq!(replay(&bench, recorded, |meant| slow::segment(meant, path, now)).await, events);
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["Alias", "Group", "Identify", "Page", "Screen", "Track"]);
}

#[tokio::test]
async fn sensors_clients_are_understood() {
    let Some(all) = recorded::of(&["sensors-", "chromium-sensors-"]) else { return };
    let bench = Bench::new().await;
    let now = bench.door.clock_now();
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    for recorded in &all {
        let events = replay(&bench, recorded, |meant| slow::sensors(meant, now)).await;
        assert_eq!(replay(&bench, recorded, |meant| slow::sensors(meant, now)).await, events);
        count += events.len();
        ids.extend(events.into_iter().map(|e| e.id));
    }
    assert!(count > 60, "{count}");
    assert_eq!(ids.len(), count, "different events have different ids");
}

#[tokio::test]
async fn pictures_are_answered_with_a_picture() {
    let Some(all) = recorded::of(&["chromium-sensors-web-image"]) else { return };
    let bench = Bench::new().await;
    let response = bench.send(all[0].request()).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "image/gif");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert!(bytes(response).await.starts_with(b"GIF89a\x01\0\x01\0"));
}

#[tokio::test]
async fn debug_clients_get_an_empty_object() {
    let Some(all) = recorded::of(&["sensors-python-1.11.0-debug"]) else { return };
    let bench = Bench::new().await;
    let (status, body) = read(bench.send(all[0].request()).await).await;
    assert_eq!((status, body), (StatusCode::OK, serde_json::json!({})));
}

#[tokio::test]
async fn preflights_of_browsers_are_allowed() {
    let Some(all) = recorded::of(&["chromium-segment-web"]) else { return };
    let bench = Bench::new().await;
    let mut asked = std::collections::BTreeSet::new();
    for recorded in all.iter().filter(|r| r.method == "OPTIONS") {
        let wanted = &recorded.headers.iter().find(|(n, _)| n == "Access-Control-Request-Headers").unwrap().1;
        let response = bench.send(recorded.request()).await;
        assert!(response.status().is_success());
        assert_eq!(response.headers()["access-control-allow-headers"], wanted.as_str());
        assert_eq!(response.headers()["access-control-allow-methods"], "POST");
        assert_eq!(response.headers()["access-control-allow-origin"], "http://127.0.0.1:18082");
        assert!(response.headers().contains_key("access-control-max-age"));
        asked.insert(wanted.clone());
    }
    assert_eq!(asked.into_iter().collect::<Vec<_>>(), ["authorization", "authorization,x-retry-count"]);
    for recorded in all.iter().filter(|r| r.method == "POST") {
        let response = bench.send(recorded.request()).await;
        assert_eq!(response.headers()["access-control-allow-origin"], "http://127.0.0.1:18082");
    }
    let plain = Request::builder().method(Method::GET).uri("/sa.gif").body(axum::body::Body::empty()).unwrap();
    assert_eq!(bench.send(plain).await.status(), StatusCode::UNAUTHORIZED);
}
