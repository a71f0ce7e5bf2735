//! The Sensors protocol at the door: what gets in, what it becomes, and what is told of what does not.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde_json::{Value, json};
use support::recorded::form;
use support::{Bench, WORKSPACE, read};
use weft_kernel::{Event, EventKind, Identifier, WorkspaceId};

async fn post(bench: &Bench, target: &str, body: Vec<u8>) -> Response {
    bench.send(Request::post(target).body(Body::from(body)).unwrap()).await
}

async fn upload(bench: &Bench, name: &str, value: &Value) -> (StatusCode, Value) {
    read(post(bench, "/sa?token=TOK1", form(name, value)).await).await
}

async fn one(bench: &Bench, event: Value) -> Event {
    bench.door.clear();
    let (status, answer) = upload(bench, "data", &event).await;
    assert_eq!((status, &answer), (StatusCode::OK, &json!({"success": true})), "{event}");
    let mut events = bench.door.events();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn ids(event: &Event) -> Vec<(&str, &str)> {
    event.identifiers.iter().map(|i| (i.id_type.as_str(), i.value.as_str())).collect()
}

fn plain_form(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    pairs.iter().for_each(|(k, v)| {
        form.append_pair(k, v);
    });
    form.finish().into_bytes()
}

const TRACK: &str = r#"{"type":"track","event":"ViewProduct","distinct_id":"d","time":1795316369970,"properties":{"a":1}}"#;

#[tokio::test]
async fn every_call_becomes_its_kind() {
    let bench = Bench::new().await;
    for (call, kind) in [
        ("profile_set", EventKind::ProfileSet),
        ("profile_set_once", EventKind::ProfileSetOnce),
        ("profile_unset", EventKind::ProfileUnset),
        ("profile_delete", EventKind::ProfileDelete),
    ] {
        let event = one(&bench, json!({"type": call, "distinct_id": "d", "properties": {"$name": "李雷", "$is_login_id": false}})).await;
        assert_eq!((event.kind, event.name.as_str()), (kind, call));
        assert_eq!(ids(&event), [("anonymous_id", "d")]);
        assert_eq!(Value::from(event.traits), json!({"$name": "李雷"}));
    }
    for (call, kind, value) in [("profile_increment", EventKind::ProfileIncrement, json!(-2.5)), ("profile_append", EventKind::ProfileAppend, json!(["运动"]))] {
        let event = one(&bench, json!({"type": call, "distinct_id": "d", "properties": {"x": value}})).await;
        assert_eq!((event.kind, &event.traits["x"]), (kind, &value));
    }
    for (call, kind, value) in [
        ("item_set", EventKind::ThingSet, json!("跑鞋")),
        ("item_set_once", EventKind::ThingSetOnce, json!(1)),
        ("item_increment", EventKind::ThingIncrement, json!(1)),
        ("item_append", EventKind::ThingAppend, json!(["x"])),
        ("item_unset", EventKind::ThingUnset, json!(true)),
        ("item_delete", EventKind::ThingDelete, json!(1)),
    ] {
        let event = one(&bench, json!({"type": call, "item_type": "product", "item_id": "A1", "properties": {"x": value}})).await;
        assert_eq!((event.kind, event.name.as_str()), (kind, call));
        assert_eq!(event.thing, Some(Identifier::new("product", "A1")));
        assert!(event.identifiers.is_empty() && event.properties.is_empty());
        assert_eq!(event.traits["x"], value);
    }
}

#[tokio::test]
async fn identities_become_identifiers() {
    let bench = Bench::new().await;
    for (event, expected, previous) in [
        (json!({"type": "track", "event": "e", "distinct_id": "d"}), vec![("anonymous_id", "d")], None),
        (json!({"type": "track", "event": "e", "distinct_id": "d", "properties": {"$is_login_id": true}}), vec![("user_id", "d")], None),
        (json!({"type": "track", "event": "e", "distinct_id": "u", "login_id": "u", "anonymous_id": "a"}), vec![("user_id", "u"), ("anonymous_id", "a")], None),
        (
            json!({"type": "track_signup", "distinct_id": "u", "original_id": "a"}),
            vec![("user_id", "u"), ("anonymous_id", "u")],
            Some(("anonymous_id", "a")),
        ),
        (
            json!({"type": "track_signup", "distinct_id": "u", "login_id": "u", "anonymous_id": "a", "original_id": "a",
                   "identities": {"$identity_login_id": "u", "$identity_anonymous_id": "a", "$identity_cookie_id": "c"}}),
            vec![("user_id", "u"), ("anonymous_id", "a"), ("cookie_id", "c")],
            Some(("anonymous_id", "a")),
        ),
        (
            json!({"type": "track_id_bind", "distinct_id": "d", "identities": {
                "$identity_idfv": "i", "$identity_mp_openid": "o", "$identity_mp_unionid": "n", "$identity_email": "e@x.cn",
                "$identity_mobile": 13_800_138_000_u64, "member_no": "m", "person": "per_0000000000000", "$identity_login_id": "u"}}),
            vec![
                ("user_id", "u"),
                ("openid", "o"),
                ("unionid", "n"),
                ("email", "e@x.cn"),
                ("phone", "13800138000"),
                ("member_no", "m"),
                ("anonymous_id", "d"),
                ("idfv", "i"),
            ],
            None,
        ),
        (
            json!({"type": "track", "event": "e", "distinct_id": "$identity_mobile+138", "login_id": "$identity_mobile+138", "anonymous_id": "a",
                   "identities": {"$identity_mobile": "138", "$identity_cookie_id": "a"}}),
            vec![("phone", "138"), ("anonymous_id", "a"), ("cookie_id", "a")],
            None,
        ),
    ] {
        let found = one(&bench, event.clone()).await;
        assert_eq!(ids(&found), expected, "{event}");
        assert_eq!(found.previous, previous.map(|(t, v)| Identifier::new(t, v)), "{event}");
    }
    // Who binds says that two are one; who unbinds must not.
    assert!(one(&bench, json!({"type": "track_id_bind", "distinct_id": "d", "identities": {"a": "b"}})).await.kind.links());
    let unbound = one(&bench, json!({"type": "track_id_unbind", "distinct_id": "d", "identities": {"a": "b"}})).await;
    assert_eq!((unbound.kind.links(), unbound.name.as_str()), (false, "$UnbindID"));
}

#[tokio::test]
async fn times_flags_and_library() {
    let bench = Bench::new().await;
    let now = bench.door.clock_now();
    let fast = json!({"type": "track", "event": "e", "distinct_id": "d", "time": now.0 + 90_000, "_flush_time": now.0 + 95_000, "lib": {"$lib": "iOS"}});
    let event = one(&bench, fast).await;
    assert_eq!((event.ts, event.original_ts), (now.minus(5_000), Some(now.0 + 90_000)));
    assert_eq!(event.channel.as_deref(), Some("app"));
    assert_eq!(event.context["lib"]["$lib"], "iOS");
    let event = one(&bench, json!({"type": "track", "event": "e", "distinct_id": "d", "properties": {"$time": now.0 - 7_000}, "lib": {"$lib": "else"}})).await;
    assert_eq!((event.ts, event.channel), (now.minus(7_000), None));
    let event = one(&bench, json!({"type": "track", "event": "e", "distinct_id": "d", "time": 1_434_556_935_000_i64, "time_free": true})).await;
    assert!(event.historical && event.ts.0 == 1_434_556_935_000);
}

#[tokio::test]
async fn a_repeated_upload_is_the_same_events() {
    let bench = Bench::new().await;
    let twice = |flush: i64, amount: i64| json!({"type": "track", "event": "e", "distinct_id": "d", "time": 1, "_flush_time": flush, "properties": {"a": amount}});
    let mut sent = Vec::new();
    for list in [json!([twice(5, 1), twice(5, 1), twice(5, 2)]), json!([twice(9, 1), twice(9, 1), twice(9, 2)])] {
        bench.door.clear();
        assert_eq!(upload(&bench, "data_list", &list).await.0, StatusCode::OK);
        sent.push(bench.door.events().into_iter().map(|e| e.id).collect::<Vec<_>>());
    }
    assert_eq!(sent[0], sent[1]);
    assert_eq!(sent[0].iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let numbered = |track: u64| json!({"type": "track", "event": "e", "distinct_id": "d", "time": 1, "_track_id": track});
    let (a, b, again) = (one(&bench, numbered(1)).await.id, one(&bench, numbered(2)).await.id, one(&bench, numbered(1)).await.id);
    assert!(a != b && a == again && a.starts_with("sa_"));
}

#[tokio::test]
async fn data_comes_in_many_wrappings() {
    let bench = Bench::new().await;
    let padded = BASE64_STANDARD.encode(TRACK);
    let unpadded = BASE64_STANDARD_NO_PAD.encode(TRACK);
    let pluses = BASE64_STANDARD.encode(TRACK.replace("ViewProduct", ">>>>>~~~~~"));
    assert!(pluses.contains('+'));
    let crc = |data: &str| data.bytes().fold(0i32, |h, b| h.wrapping_mul(31).wrapping_add(i32::from(b))).to_string();
    for body in [
        plain_form(&[("data", &padded)]),
        plain_form(&[("data", &unpadded)]),
        plain_form(&[("data_list", &BASE64_STANDARD.encode(format!("[{TRACK}]")))]),
        plain_form(&[("crc", &crc(&padded)), ("gzip", "0"), ("data", &padded)]),
        plain_form(&[("data", &padded), ("ext", &format!("crc={}", crc(&padded)))]),
        // Not percent-encoded: a plus arrives as a space.
        format!("data={pluses}&ext=crc%3D{}", crc(&pluses)).into_bytes(),
    ] {
        bench.door.clear();
        let (status, answer) = read(post(&bench, "/sa.gif?project=default&token=TOK1", body.clone()).await).await;
        assert_eq!(status, StatusCode::OK, "{answer} {}", String::from_utf8_lossy(&body));
        assert_eq!(bench.door.events().len(), 1);
    }
    // Where there is no token, the project is the key.
    assert_eq!(post(&bench, "/sa?project=TOK1", plain_form(&[("data", &padded)])).await.status(), StatusCode::OK);
    assert_eq!(post(&bench, "/sa", plain_form(&[("data", &padded), ("token", "TOK1")])).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_counted() {
    let bench = Bench::new().await;
    let padded = BASE64_STANDARD.encode(TRACK);
    for (target, body, status, code) in [
        ("/sa?token=nope", plain_form(&[("data", &padded)]), 401, "collect.write_key_wrong"),
        ("/sa", plain_form(&[("data", &padded)]), 401, "collect.write_key_missing"),
        ("/sa?token=TOK1", Vec::new(), 400, "collect.data_missing"),
        ("/sa?token=TOK1", plain_form(&[("data", "%%%")]), 400, "collect.bad_base64"),
        ("/sa?token=TOK1", plain_form(&[("data", &BASE64_STANDARD.encode("{"))]), 400, "collect.bad_json"),
        ("/sa?token=TOK1", plain_form(&[("data", &padded), ("crc", "17")]), 400, "collect.checksum_mismatch"),
        ("/sa?token=TOK1", plain_form(&[("data", &padded), ("ext", "crc=17")]), 400, "collect.checksum_mismatch"),
        ("/sa?token=TOK1", plain_form(&[("data", &padded), ("gzip", "9")]), 400, "collect.encrypted"),
        ("/sa?token=TOK1", vec![b'a'; 4 << 20], 413, "collect.too_large"),
    ] {
        let (found, problem) = read(post(&bench, target, body).await).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)));
    }
    bench.handles.flush().await.unwrap();
    let told = bench.door.refused(WORKSPACE);
    assert!(told.contains(&("collect.checksum_mismatch".into(), 2)) && told.contains(&("collect.too_large".into(), 1)), "{told:?}");
    assert_eq!(bench.door.refused(WorkspaceId(0)).iter().map(|(_, n)| n).sum::<u64>(), 2);
}

#[tokio::test]
async fn one_bad_event_does_not_take_the_others_with_it() {
    let bench = Bench::new().await;
    let good: Value = serde_json::from_str(TRACK).unwrap();
    let list = json!([
        good,
        {"type": "track", "distinct_id": "d"},
        {"type": "track", "event": "e"},
        {"type": "track", "event": "e", "distinct_id": {}},
        {"type": "track", "event": "e", "distinct_id": "d", "time": "soon"},
        {"type": "track", "event": "e", "distinct_id": "d", "properties": 7},
        {"type": "track", "event": "e", "distinct_id": "d", "identities": {"$identity_mobile": []}},
        {"type": "track_signup", "distinct_id": "d"},
        {"type": "profile_increment", "distinct_id": "d", "properties": {"points": "ten"}},
        {"type": "profile_append", "distinct_id": "d", "properties": {"tags": "one"}},
        {"type": "item_set", "item_type": "product"},
        {"type": "teleport", "distinct_id": "d"},
        7,
    ]);
    let (status, answer) = upload(&bench, "data_list", &list).await;
    assert_eq!(status, StatusCode::OK);
    let codes: Vec<&str> = answer["refused"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "collect.name_missing",
            "collect.identifier_missing",
            "collect.wrong_type",
            "collect.wrong_type",
            "collect.wrong_type",
            "collect.wrong_type",
            "collect.previous_missing",
            "collect.wrong_type",
            "collect.wrong_type",
            "collect.item_missing",
            "collect.unknown_call",
            "collect.wrong_type",
        ]
    );
    assert_eq!(bench.door.events().len(), 1);
    assert_eq!(bench.door.refused(WORKSPACE).iter().map(|(_, n)| n).sum::<u64>(), 12);
}

#[tokio::test]
async fn debug_looks_without_writing_when_asked() {
    let bench = Bench::new().await;
    let look = |event: Value| {
        let request = Request::post("/debug?token=TOK1").header("Dry-Run", "true").body(Body::from(form("data", &event))).unwrap();
        bench.send(request)
    };
    let good: Value = serde_json::from_str(TRACK).unwrap();
    assert_eq!(read(look(good.clone()).await).await, (StatusCode::OK, json!({})));
    let (status, problem) = read(look(json!({"type": "track", "distinct_id": "d"})).await).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::BAD_REQUEST, Some("collect.name_missing")));
    bench.handles.flush().await.unwrap();
    assert!(bench.door.appended.lock().is_empty());
    assert_eq!(read(post(&bench, "/debug?token=TOK1", form("data", &good)).await).await, (StatusCode::OK, json!({})));
    assert_eq!(bench.door.events().len(), 1);
    // The web client asks before it sends that header.
    let preflight = Request::options("/debug").header(header::ORIGIN, "http://shop").header("Access-Control-Request-Method", "GET");
    let answer = bench.send(preflight.header("Access-Control-Request-Headers", "dry-run").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers()["access-control-allow-headers"], "dry-run");
}
