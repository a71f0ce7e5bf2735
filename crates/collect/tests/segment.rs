//! The Segment protocol at the door: what gets in, what it becomes, and what is told of what does not.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use support::recorded::gzip;
use support::{Bench, WORKSPACE, bytes, read, request};
use weft_kernel::{Event, EventKind, Identifier, Millis, WorkspaceId};

/// Sends one call and returns the one event that came of it.
async fn one(bench: &Bench, path: &str, body: Value) -> Event {
    bench.door.clear();
    let (status, answer) = bench.post(path, body.to_string()).await;
    assert_eq!((status, &answer), (StatusCode::OK, &json!({"success": true})), "{body}");
    let mut events = bench.door.events();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn ids(event: &Event) -> Vec<(&str, &str)> {
    event.identifiers.iter().map(|i| (i.id_type.as_str(), i.value.as_str())).collect()
}

#[tokio::test]
async fn every_call_has_a_long_and_a_short_path() {
    let bench = Bench::new().await;
    let body = json!({"userId": "u", "event": "e", "groupId": "g", "previousId": "p", "messageId": "m"});
    for (long, short, kind) in [
        ("track", "t", EventKind::Track),
        ("identify", "i", EventKind::Identify),
        ("page", "p", EventKind::Page),
        ("screen", "s", EventKind::Screen),
        ("group", "g", EventKind::Group),
        ("alias", "a", EventKind::Alias),
    ] {
        let event = one(&bench, &format!("/v1/{long}"), body.clone()).await;
        assert_eq!(event.kind, kind);
        assert_eq!(event.name, if long == "track" { "e" } else { long });
        assert_eq!((event.workspace, event.source.as_str()), (WORKSPACE, bench.source.as_str()));
        assert_eq!(event, one(&bench, &format!("/v1/{short}"), body.clone()).await);
    }
    for path in ["/v1/batch", "/v1/b", "/v1/import"] {
        let event = one(&bench, path, json!({"batch": [{"type": "track", "userId": "u", "event": "e", "messageId": "m"}]})).await;
        assert_eq!(event.kind, EventKind::Track);
    }
}

#[tokio::test]
async fn what_a_thing_is_needs_nobody() {
    let bench = Bench::new().await;
    let said = json!({"event": "entity_changed", "messageId": "m", "properties": {"type": "goods", "id": "A1", "attributes": {"price": 9}}});
    let event = one(&bench, "/v1/track", said.clone()).await;
    assert_eq!((event.name.as_str(), ids(&event), &event.properties["id"]), ("entity_changed", vec![], &json!("A1")));
    let mut by_somebody = said;
    by_somebody["userId"] = json!("u");
    assert_eq!(ids(&one(&bench, "/v1/track", by_somebody).await), [("user_id", "u")]);
}

#[tokio::test]
async fn the_key_is_found_wherever_clients_put_it() {
    let bench = Bench::new().await;
    let body = json!({"userId": "u", "event": "e"});
    let bare = |path: &str, body: &Value| Request::post(path).header(header::CONTENT_TYPE, "text/plain").body(Body::from(body.to_string())).unwrap();
    let mut with_key = body.clone();
    with_key["writeKey"] = "WKEY".into();
    assert_eq!(read(bench.send(bare("/v1/t", &with_key)).await).await.0, StatusCode::OK);
    assert_eq!(read(bench.send(bare("/v1/t?writeKey=WKEY", &body)).await).await.0, StatusCode::OK);
    assert_eq!(read(bench.send(bare("/v1/t", &body)).await).await.1["code"], "collect.write_key_missing");
    assert_eq!(read(bench.send(bare("/v1/t?writeKey=nope", &with_key)).await).await.1["code"], "collect.write_key_wrong");
    let mut wrong = request(Method::POST, "/v1/t", with_key.to_string());
    wrong.headers_mut().insert(header::AUTHORIZATION, "Basic bm9wZTo=".parse().unwrap());
    let (status, problem) = read(bench.send(wrong).await).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("collect.write_key_wrong")));
    bench.door.clear();
    bench.handles.flush().await.unwrap();
    assert_eq!(bench.door.refused(WorkspaceId(0)), [("collect.write_key_missing".into(), 1), ("collect.write_key_wrong".into(), 2)]);
}

#[tokio::test]
async fn fields_go_where_the_readme_says() {
    let bench = Bench::new().await;
    let event = one(
        &bench,
        "/v1/identify",
        json!({
            "userId": 1001, "anonymousId": "a", "messageId": "m1", "type": "identify",
            "traits": {"email": "li.lei@example.cn", "vip": true},
            "context": {
                "channel": "mobile", "device": {"type": "ios"}, "ip": "203.0.113.7",
                "externalIds": [
                    {"id": "x1", "type": "crm", "collection": "users", "encoding": "none"},
                    {"id": "per_0000000000000", "type": "person"},
                    {"id": "acc", "type": "account", "collection": "accounts"},
                    {"id": "0a1b", "type": "email", "encoding": "sha256"},
                    {"id": {}, "type": "broken"},
                ],
            },
            "integrations": {"All": false},
        }),
    )
    .await;
    assert_eq!(ids(&event), [("user_id", "1001"), ("anonymous_id", "a"), ("crm", "x1"), ("email_sha256", "0a1b")]);
    assert_eq!(event.id, "m1");
    assert_eq!(event.channel.as_deref(), Some("mobile"));
    assert_eq!(Value::from(event.traits.clone()), json!({"email": "li.lei@example.cn", "vip": true}));
    assert_eq!(event.context["ip"], "203.0.113.7");
    assert_eq!(event.context["integrations"], json!({"All": false}));
    assert!(event.properties.is_empty() && !event.historical);

    let event = one(&bench, "/v1/track", json!({"event": "e", "userId": "u", "context": {"device": {"type": "android"}}})).await;
    assert_eq!(event.channel.as_deref(), Some("android"));
    let event = one(&bench, "/v1/track", json!({"event": "e", "userId": "u", "channel": "server"})).await;
    assert_eq!((event.channel.as_deref(), event.context.is_empty()), (Some("server"), true));

    let event = one(&bench, "/v1/group", json!({"groupId": "g", "userId": "u", "traits": {"size": 3}})).await;
    assert_eq!(event.thing, Some(Identifier::new("group", "g")));
    assert_eq!(event.traits["size"], 3);

    let page = json!({"anonymousId": "a", "name": "Pricing", "category": "Docs", "properties": {"name": "mine", "url": "/"}});
    let event = one(&bench, "/v1/page", page).await;
    assert_eq!(Value::from(event.properties), json!({"name": "mine", "url": "/", "category": "Docs"}));
    let event = one(&bench, "/v1/screen", json!({"userId": "u", "name": "首\"页"})).await;
    assert_eq!(Value::from(event.properties), json!({"name": "首\"页"}));
}

#[tokio::test]
async fn an_alias_knows_which_id_it_means() {
    let bench = Bench::new().await;
    for (body, previous) in [
        (json!({"userId": "u", "previousId": "a"}), ("anonymous_id", "a")),
        (json!({"userId": "u", "previousId": "a", "anonymousId": "a"}), ("anonymous_id", "a")),
        (json!({"userId": "new", "previousId": "old", "anonymousId": "a"}), ("user_id", "old")),
    ] {
        assert_eq!(one(&bench, "/v1/alias", body).await.previous, Some(Identifier::new(previous.0, previous.1)));
    }
}

#[tokio::test]
async fn times_are_corrected_by_the_time_of_sending() {
    let bench = Bench::new().await;
    let now = bench.door.clock_now();
    let at = |millis: i64| now.plus(millis).rfc3339();
    let hour = Millis::HOUR;
    for (body, ts, original) in [
        (json!({}), 0, None),
        (json!({"timestamp": at(-5_000)}), -5_000, None),
        (json!({"timestamp": at(hour - 5_000), "sentAt": at(hour - 1_000)}), -4_000, Some(hour - 5_000)),
        (json!({"timestamp": at(-5_000), "sentAt": at(0)}), -5_000, None),
        (json!({"timestamp": at(hour)}), 0, Some(hour)),
        (json!({"timestamp": at(-hour), "sentAt": at(-2 * hour)}), -hour, None),
        (json!({"timestamp": at(-hour), "sentAt": "no time"}), -hour, None),
        (json!({"originalTimestamp": at(-7_000)}), -7_000, None),
        (json!({"timestamp": now.minus(3_000).0}), -3_000, None),
    ] {
        let mut call = body.clone();
        call["event"] = "e".into();
        call["userId"] = "u".into();
        let event = one(&bench, "/v1/track", call).await;
        assert_eq!(event.ts.0 - now.0, ts, "{body}");
        assert_eq!(event.original_ts.map(|o| o - now.0), original, "{body}");
        assert_eq!(event.received_at, now);
    }
    // The batch was sent at one time.
    let batch = json!({"sentAt": at(hour), "batch": [{"type": "track", "event": "e", "userId": "u", "timestamp": at(hour - 9_000)}]});
    assert_eq!(one(&bench, "/v1/batch", batch).await.ts, now.minus(9_000));
}

#[tokio::test]
async fn message_ids_are_kept_hashed_or_made() {
    let bench = Bench::new().await;
    let call = |id: Value| json!({"event": "e", "userId": "u", "messageId": id});
    let short = "新".repeat(100);
    assert_eq!(one(&bench, "/v1/track", call(short.as_str().into())).await.id, short);
    let long = one(&bench, "/v1/track", call("x".repeat(101).into())).await.id;
    assert_eq!(long.len(), "mid_".len() + 26);
    assert_eq!(one(&bench, "/v1/track", call("x".repeat(101).into())).await.id, long);
    let made = one(&bench, "/v1/track", call(Value::Null)).await.id;
    assert_ne!(one(&bench, "/v1/track", call("".into())).await.id, made);
}

#[tokio::test]
async fn what_the_batch_says_holds_where_the_event_says_nothing() {
    let bench = Bench::new().await;
    let batch = json!({
        "context": {"ip": "batch", "channel": "server", "app": {"name": "shop"}}, "integrations": {"All": true},
        "batch": [{"type": "track", "event": "e", "userId": "u", "context": {"ip": "event"}}],
    });
    let event = one(&bench, "/v1/batch", batch).await;
    assert_eq!(Value::from(event.context), json!({"ip": "event", "channel": "server", "app": {"name": "shop"}, "integrations": {"All": true}}));
    assert_eq!(event.channel.as_deref(), Some("server"));
}

#[tokio::test]
async fn texts_cut_in_the_middle_are_mended() {
    let bench = Bench::new().await;
    let body = r#"{"event": "hi \ud83d", "userId": "a\"b", "properties": {"x\u0041": "\ud83d\ude00\ude00", "n": 12345678901234567890, "f": 1.10}}"#;
    let (status, _) = bench.post("/v1/track", body).await;
    assert_eq!(status, StatusCode::OK);
    let event = bench.door.events().remove(0);
    assert_eq!((event.name.as_str(), event.identifier("user_id")), ("hi \u{fffd}", Some("a\"b")));
    assert_eq!(event.properties["xA"], "😀\u{fffd}");
    assert_eq!(event.properties["n"], 12_345_678_901_234_567_890u64);
}

#[tokio::test]
async fn one_bad_event_does_not_take_the_others_with_it() {
    let bench = Bench::new().await;
    let good = |id: &str| json!({"type": "track", "event": "e", "userId": "u", "messageId": id});
    let big = json!({"type": "track", "event": "e", "userId": "u", "properties": {"x": "y".repeat(33_000)}});
    let deep: Value = (0..70).fold(json!(1), |inner, _| json!([inner]));
    let batch = json!({"batch": [
        good("1"),
        {"type": "track", "userId": "u"},
        {"type": "track", "event": "", "userId": "u"},
        {"type": "track", "event": 5, "userId": "u"},
        {"type": "track", "event": "n".repeat(201), "userId": "u"},
        {"type": "track", "event": "e"},
        {"type": "track", "event": "e", "userId": true},
        {"type": "track", "event": "e", "userId": "u".repeat(600)},
        {"type": "track", "event": "e", "userId": "u", "properties": []},
        {"type": "track", "event": "e", "userId": "u", "properties": {"deep": deep}},
        {"type": "track", "event": "e", "userId": "u", "timestamp": "yesterday"},
        {"type": "track", "event": "e", "userId": "u", "messageId": {}},
        {"type": "identify", "userId": "u", "traits": "vip"},
        {"type": "page", "userId": "u", "context": 1},
        {"type": "alias", "userId": "u"},
        {"type": "alias", "anonymousId": "u", "previousId": "p"},
        {"type": "group", "userId": "u"},
        {"type": "delete", "userId": "u"},
        {"userId": "u"},
        "track",
        big,
        good("2"),
    ]});
    let (status, answer) = bench.post("/v1/batch", batch.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    let refused: Vec<(u64, &str)> = answer["refused"].as_array().unwrap().iter().map(|r| (r["index"].as_u64().unwrap(), r["code"].as_str().unwrap())).collect();
    assert_eq!(
        refused,
        [
            (1, "collect.name_missing"),
            (2, "collect.name_missing"),
            (3, "collect.wrong_type"),
            (4, "collect.name_too_long"),
            (5, "collect.identifier_missing"),
            (6, "collect.wrong_type"),
            (7, "collect.identifier_too_long"),
            (8, "collect.wrong_type"),
            (9, "collect.too_deep"),
            (10, "collect.wrong_type"),
            (11, "collect.wrong_type"),
            (12, "collect.wrong_type"),
            (13, "collect.wrong_type"),
            (14, "collect.previous_missing"),
            (15, "collect.identifier_missing"),
            (16, "collect.group_missing"),
            (17, "collect.unknown_call"),
            (18, "collect.unknown_call"),
            (19, "collect.wrong_type"),
            (20, "collect.event_too_large"),
        ]
    );
    assert_eq!((answer["success"].as_bool(), answer["accepted"].as_u64(), answer["refused_count"].as_u64()), (Some(true), Some(2), Some(20)));
    assert_eq!(bench.door.events().iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    // Counted in the same append, under the source and its workspace.
    assert_eq!(bench.door.appended.lock().len(), 1);
    let counted: u64 = bench.door.refused(WORKSPACE).iter().map(|(_, n)| n).sum();
    assert_eq!(counted, 20);
    assert!(bench.door.controls().iter().all(|c| c.body["source"] == bench.source.as_str() && c.at == bench.door.clock_now()));
    bench.door.clear();
    bench.handles.flush().await.unwrap();
    assert!(bench.door.appended.lock().is_empty(), "nothing is counted twice");
}

#[tokio::test]
async fn whole_requests_are_refused_with_a_problem_and_counted() {
    let bench = Bench::new().await;
    let too_large = json!({"event": "e", "userId": "u", "properties": {"x": "y".repeat(40_000)}}).to_string();
    let batch_too_large = json!({"batch": [{"type": "track", "event": "e", "userId": "u", "properties": {"x": "y".repeat(600_000)}}]}).to_string();
    let number = r#"{"event": "e", "userId": "u", "properties": {"x": 1e999}}"#;
    for (path, body, status, code) in [
        ("/v1/track", "{".to_owned(), 400, "collect.bad_json"),
        ("/v1/track", r#"{"event": "e"} {}"#.to_owned(), 400, "collect.bad_json"),
        ("/v1/track", "[]".to_owned(), 400, "collect.wrong_type"),
        ("/v1/track", r#"{"userId": "u", "userId": "v", "event": "e"}"#.to_owned(), 400, "collect.bad_json"),
        ("/v1/track", number.to_owned(), 400, "collect.number_out_of_range"),
        ("/v1/batch", "{}".to_owned(), 400, "collect.batch_missing"),
        ("/v1/batch", r#"{"batch": "no"}"#.to_owned(), 400, "collect.bad_json"),
        ("/v1/batch", r#"{"batch": [{"type": "x"}, 5]}"#.to_owned(), 400, "collect.all_refused"),
        ("/v1/dance", "{}".to_owned(), 404, "collect.unknown_call"),
        ("/v1/track", too_large, 413, "collect.event_too_large"),
        ("/v1/batch", batch_too_large, 413, "collect.too_large"),
    ] {
        let (found, problem) = bench.post(path, body.clone()).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)), "{path} {}", &body[..body.len().min(60)]);
        assert_eq!(problem["status"].as_u64(), Some(status.into()));
        assert!(problem["detail"].as_str().is_some_and(|d| !d.is_empty()) && problem["trace_id"].is_string());
    }
    let (_, problem) = bench.post("/v1/batch", r#"{"batch": [{"type": "x"}, 5]}"#).await;
    assert!(problem["fields"]["batch[1]"].as_str().unwrap().starts_with("collect.wrong_type"));
    assert!(bench.door.events().is_empty() && bench.door.controls().is_empty());
    bench.handles.flush().await.unwrap();
    let told = bench.door.refused(WORKSPACE);
    assert!(told.contains(&("collect.bad_json".into(), 4)), "{told:?}");
    assert!(told.contains(&("collect.too_large".into(), 1)) && told.contains(&("collect.event_too_large".into(), 1)), "{told:?}");
    assert!(told.contains(&("collect.unknown_call".into(), 3)) && told.contains(&("collect.wrong_type".into(), 3)), "{told:?}");
}

#[tokio::test]
async fn invalid_utf8_is_no_json() {
    let bench = Bench::new().await;
    let (status, problem) = bench.post("/v1/track", vec![b'{', b'"', 0xff, b'"', b'}']).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::BAD_REQUEST, Some("collect.bad_json")));
}

#[tokio::test]
async fn gzip_is_taken_within_the_same_limit() {
    let bench = Bench::new().await;
    let plain = json!({"event": "e", "userId": "u", "messageId": "z"}).to_string();
    let zipped = |body: Vec<u8>, encoding: &str| {
        let mut request = request(Method::POST, "/v1/track", body);
        request.headers_mut().insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
        request
    };
    let (status, _) = read(bench.send(zipped(gzip(plain.as_bytes()), "gzip")).await).await;
    assert_eq!((status, bench.door.events().len()), (StatusCode::OK, 1));
    let (status, problem) = read(bench.send(zipped(gzip(&vec![b' '; 20 << 20]), "gzip")).await).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (413, Some("collect.too_large")));
    let (_, problem) = read(bench.send(zipped(gzip(plain.as_bytes())[..20].to_vec(), "gzip")).await).await;
    assert_eq!(problem["code"], "collect.bad_gzip");
    let (_, problem) = read(bench.send(zipped(plain.clone().into_bytes(), "br")).await).await;
    assert_eq!(problem["code"], "collect.encoding_unknown");
}

#[tokio::test]
async fn a_log_that_fails_is_never_answered_with_success() {
    let bench = Bench::new().await;
    bench.door.broken.store(true, Ordering::SeqCst);
    let body = json!({"batch": [{"type": "track", "event": "e", "userId": "u"}, 5]}).to_string();
    let response = bench.send(request(Method::POST, "/v1/batch", body.clone())).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let (status, problem) = read(response).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("collect.disk_full")));
    // What was refused wholly waits for the log, too.
    bench.post("/v1/track", "{").await;
    assert!(bench.handles.flush().await.is_err());
    bench.door.broken.store(false, Ordering::SeqCst);
    bench.handles.flush().await.unwrap();
    assert_eq!(bench.door.refused(WORKSPACE), [("collect.bad_json".into(), 1)]);
    assert_eq!(bench.post("/v1/batch", body).await.0, StatusCode::OK);
}

#[tokio::test]
async fn no_answer_before_the_log_has_it() {
    let bench = Bench::new().await;
    let held = bench.door.held.write().await;
    let open = bench.open.clone();
    let body = json!({"event": "e", "userId": "u"}).to_string();
    let answer = tokio::spawn(tower::ServiceExt::oneshot(open, request(Method::POST, "/v1/track", body)));
    bench.door.knocks.notified().await;
    assert!(!answer.is_finished());
    drop(held);
    assert_eq!(answer.await.unwrap().unwrap().status(), StatusCode::OK);
    assert_eq!(bench.door.events().len(), 1);
}

#[tokio::test]
async fn an_empty_batch_is_no_error() {
    let bench = Bench::new().await;
    assert_eq!(bench.post("/v1/batch", r#"{"batch": []}"#).await, (StatusCode::OK, json!({"success": true})));
    assert!(bench.door.appended.lock().is_empty());
}

#[tokio::test]
async fn a_pixel_collects_too() {
    let bench = Bench::new().await;
    let call = json!({"writeKey": "WKEY", "anonymousId": "a", "event": "Mail Opened", "properties": {"x": "ÿþ??>>"}}).to_string();
    for encoded in [
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &call),
        base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &call),
    ] {
        bench.door.clear();
        let query: String = url::form_urlencoded::byte_serialize(encoded.as_bytes()).collect();
        let response = bench.send(Request::get(format!("/v1/pixel/track?data={query}")).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "image/gif");
        assert!(bytes(response).await.starts_with(b"GIF89a"));
        assert_eq!(bench.door.events()[0].name, "Mail Opened");
    }
    let response = bench.send(Request::get("/v1/pixel/track?data=%25").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn waiting_for_the_stop_flushes_once_more() {
    let bench = Bench::new().await;
    bench.post("/v1/track", "{").await;
    let (stop, stopped) = tokio::sync::watch::channel(true);
    bench.handles.run(stopped).await.unwrap();
    drop(stop);
    assert_eq!(bench.door.refused(WORKSPACE), [("collect.bad_json".into(), 1)]);
}
