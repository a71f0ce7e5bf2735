//! A month of the demo's brand: everything comes in by the front door, and everything that is done to people can be read.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use weft_kernel::{Clock, Millis, SystemClock};
use weft_server::config::Config;
use weft_server::demo::{Demo, Options};
use weft_server::house::{House, Opened};

fn config() -> Config {
    let mut config = Config::default();
    // Nobody listens there: links are followed inside the house.
    config.server.public_url = "http://127.0.0.1:9".into();
    config
}

/// How many events of each name the lake and what waits for it hold.
async fn events_by_name(demo: &Demo) -> BTreeMap<String, u64> {
    let answer = demo.inside.post("/query", &json!({"sql": "SELECT name, count(*) AS n FROM events GROUP BY name"})).await.unwrap();
    let number = |v: &Value| v.as_u64().or_else(|| v.as_str()?.parse().ok()).unwrap();
    answer["rows"].as_array().unwrap().iter().map(|row| (row[0].as_str().unwrap().to_owned(), number(&row[1]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_the_brand_comes_in_by_the_front_door_and_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let start = SystemClock.now().minus(30 * Millis::DAY);
    let mut demo = Demo::open(folder.path(), config(), &Options { people: 900, start, seed: 11 }).await.unwrap();
    let mut shares = Vec::new();
    let is_told = demo
        .tell_history(&mut |p| {
            shares.push(p.share);
            true
        })
        .await
        .unwrap();
    assert!(is_told && shares.is_sorted() && *shares.last().unwrap() <= 1.0);
    let before = demo.summary().await.unwrap();
    println!("{before}");

    // Every event of the log that was stored is in the lake, and the ledger says the same as the events.
    let named = events_by_name(&demo).await;
    let of = |name: &str| named.get(name).copied().unwrap_or(0);
    assert_eq!(named.values().sum::<u64>(), before.events);
    assert!(before.events < demo.house.bus.next(), "the log holds them, and definitions and the ticking of the clock besides");
    assert!(before.members > 150 && before.people > before.members && of("member_registered") == before.members);
    let state = |name: &str| before.by_state.get(name).copied().unwrap_or(0);
    assert!(state("sent") > 100 && of("message_sent") == state("sent"), "{named:?}");
    assert_eq!(of("message_suppressed"), state("suppressed"));
    assert_eq!((state("failed"), state("unknown"), state("attempting"), state("queued")), (0, 0, 0, 0));

    // One outcome for each wish; what waits, waits for the morning.
    assert_eq!(before.by_state.values().sum::<u64>(), before.deliveries);
    assert_eq!(before.suppressed.values().sum::<u64>(), state("suppressed"));
    let summary = demo.inside.get("/deliveries/summary").await.unwrap();
    assert_eq!(summary["total"].as_u64(), Some(before.deliveries));
    let inbox = demo.inside.get("/sink/messages?limit=1").await.unwrap();
    assert_eq!(inbox["items"][0]["id"].as_str(), Some(state("sent").to_string().as_str()), "a message in the ledger is a message in the inbox");
    for reason in ["no_consent", "cap:email:calendar:1d:1"] {
        assert!(before.suppressed.contains_key(reason), "{:?}", before.suppressed);
    }
    let deferred = demo.inside.post("/query", &json!({"sql": "SELECT count(*) FROM deliveries WHERE created_at < sent_at - INTERVAL '1 hour'"})).await.unwrap();
    assert!(deferred["rows"][0][0].as_u64().unwrap() > 0, "some had to wait for the morning: {deferred}");

    // People answered by the links of their messages.
    assert!(before.opened > before.clicked && before.clicked > 0);
    assert_eq!((of("message_opened"), of("consent_withdrawn")), (before.opened, before.unsubscribed));
    assert!(of("message_clicked") >= before.clicked);

    // Scene 1: both arms, and nobody of the control group got anything.
    let path = format!("/journeys/{}/result", demo.stage.win_back);
    let result = demo.inside.get(&path).await.unwrap();
    let arms = result["arms"].as_array().unwrap();
    assert_eq!(arms.iter().map(|a| a["people"].as_u64().unwrap()).sum::<u64>(), before.win_back.entered);
    assert!(arms.len() == 2 && arms.iter().all(|a| a["people"].as_u64().unwrap() > 0), "{result}");
    let people = demo.inside.get(&format!("/journeys/{}/people?limit=200", demo.stage.win_back)).await.unwrap();
    let control = people["items"].as_array().unwrap().iter().find(|p| p["arm"] == "control").unwrap();
    let hers = demo.inside.get(&format!("/deliveries?journey={}&person={}", demo.stage.win_back, control["person"]["id"].as_str().unwrap())).await.unwrap();
    assert_eq!(hers["items"], json!([]));
    for journey in [&demo.stage.welcome, &demo.stage.cart] {
        let counts = demo.inside.get(&format!("/journeys/{journey}/counts")).await.unwrap();
        assert!(counts["entered"].as_u64().unwrap() > 50, "{counts}");
    }

    // All of it is a function of the log.
    demo.house.pipeline.rebuild().await.unwrap();
    let after = demo.summary().await.unwrap();
    assert_eq!(serde_json::to_value(&after).unwrap(), serde_json::to_value(&before).unwrap());
    assert_eq!(demo.inside.get(&path).await.unwrap()["arms"], result["arms"]);

    assert_eq!(demo.inside.get("/deliveries/summary?from=2000-01-01T00:00:00Z").await.unwrap(), summary);
    for path in ["/session", "/system"] {
        assert_eq!(demo.inside.get(path).await.unwrap()["demo"], true, "{path}");
    }
    the_inbox_can_be_read(&demo).await;
    the_brand_goes_on(demo).await;
}

async fn the_inbox_can_be_read(demo: &Demo) {
    let first = demo.inside.get("/sink/messages?limit=3").await.unwrap();
    let next = demo.inside.get(&format!("/sink/messages?limit=3&cursor={}", first["next"].as_str().unwrap())).await.unwrap();
    let id = |page: &Value, n: usize| page["items"][n]["id"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(id(&first, 2), id(&next, 0) + 1);
    let to = first["items"][0]["to"].as_str().unwrap();
    let hers = demo.inside.get(&format!("/sink/messages?q={to}")).await.unwrap();
    assert!(hers["items"].as_array().unwrap().iter().all(|m| m["to"] == to));
    let one = demo.inside.get(&format!("/sink/messages/{}", id(&first, 0))).await.unwrap();
    assert!(one["html"].as_str().unwrap().contains("/t/o/") && one["text"].as_str().unwrap().contains("/t/c/"), "{one}");
    assert!(!one["html"].as_str().unwrap().contains("{{") && one["subject"] == first["items"][0]["subject"]);
    assert!(one["headers"].as_array().unwrap().iter().any(|h| h[0] == "List-Unsubscribe-Post"));
    assert!(demo.inside.get("/sink/messages/999999").await.unwrap_err().to_string().contains("sink.message_not_found"));
}

async fn the_brand_goes_on(mut demo: Demo) {
    let house = demo.house.clone();
    let workers = house.start().unwrap();
    let (before, since) = (house.bus.next(), SystemClock.now());
    let mut lived = 0;
    for _ in 0..20 {
        lived += demo.moment().await.unwrap();
    }
    house.pipeline.wait_for(house.bus.next() - 1).await;
    assert!(lived > 10 && house.bus.next() >= before + lived as u64);
    let live = demo.inside.get("/events?limit=5").await.unwrap();
    let received = live["items"][0]["received_at"].as_str().and_then(Millis::parse).unwrap();
    assert!(received >= since, "what happens now happens now: {live}");
    workers.stop().await.unwrap();
}

#[tokio::test]
async fn there_is_no_inbox_outside_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let Opened { house, rooms } = House::open(folder.path(), config()).await.unwrap();
    let request = Request::get("/api/v1/sink/messages?limit=1").body(Body::empty()).unwrap();
    let response = house.router(rooms).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["code"], "sink.absent");
}
