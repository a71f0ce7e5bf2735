//! State is a function of the log: a house that forgets everything and reads its log again knows the same as before.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use support::at_rest;
use support::picture::{Picture, all, must_be_same, picture};
use support::receiver::{Receiver, Temper};
use weft_stories::{Weft, eventually};

const PEOPLE: usize = 300;
const CITIES: [&str; 3] = ["Graz", "杭州", "Lagos"];

fn track(i: usize, what: &str, event: &str, properties: Value) -> Value {
    json!({"type": "track", "userId": format!("u{i}"), "messageId": format!("{what}{i}"), "event": event, "properties": properties})
}

/// Looks around, is known, says yes or no or nothing, signs up.
fn comes(i: usize) -> Vec<Value> {
    let user = format!("u{i}");
    let mut calls = Vec::new();
    if i.is_multiple_of(2) {
        calls.push(json!({"type": "page", "anonymousId": format!("a{i}"), "messageId": format!("v{i}"), "name": "Home", "properties": {"path": "/"}}));
    }
    let traits = json!({"city": CITIES[i % 3], "age": 18 + i % 60, "email": format!("u{i}@example.com"), "name": format!("Person {i}")});
    calls.push(json!({"type": "identify", "userId": user, "anonymousId": format!("a{i}"), "messageId": format!("i{i}"), "traits": traits}));
    if i % 3 != 0 {
        calls.push(track(i, "c", "consent_granted", json!({"purpose": "marketing", "channel": "*"})));
    }
    if i.is_multiple_of(7) {
        calls.push(track(i, "w", "consent_withdrawn", json!({"purpose": "marketing", "channel": "webhook"})));
    }
    calls.push(track(i, "s", "Signed Up", json!({"plan": if i.is_multiple_of(5) { "paid" } else { "free" }})));
    calls
}

/// Buys, changes, is met on a second device that turns out to be hers, is renamed, breaks the plan.
fn goes_on(i: usize) -> Vec<Value> {
    let user = format!("u{i}");
    let mut calls = Vec::new();
    for n in 0..i % 4 {
        calls.push(track(i, &format!("o{n}-"), "Order Completed", json!({"value": 9.9 * (n + 1) as f64, "currency": "CNY", "sku": format!("S{n}")})));
    }
    if i.is_multiple_of(4) {
        calls.push(json!({"type": "identify", "userId": user, "messageId": format!("j{i}"), "traits": {"city": CITIES[(i + 1) % 3], "tier": "gold"}}));
    }
    if i.is_multiple_of(10) {
        let device = format!("b{i}");
        calls.push(track_anonymous(&device, &format!("x{i}"), "Signed Up"));
        calls.push(track_anonymous(&device, &format!("y{i}"), "Order Completed"));
        calls.push(json!({"type": "identify", "userId": user, "anonymousId": device, "messageId": format!("k{i}")}));
    }
    if i % 25 == 1 {
        calls.push(json!({"type": "alias", "userId": format!("new-u{i}"), "previousId": user, "anonymousId": format!("a{i}"), "messageId": format!("l{i}")}));
        calls.push(json!({"type": "track", "userId": format!("new-u{i}"), "messageId": format!("m{i}"), "event": "Order Completed", "properties": {"value": 3}}));
    }
    if i % 30 == 2 {
        calls.push(track(i, "q", "Order Completed", json!({"value": "dear"})));
        calls.push(track(i, "z", "Forbidden", json!({})));
    }
    if i % 9 == 0 {
        calls.push(json!({"type": "group", "userId": user, "groupId": format!("g{}", i % 4), "messageId": format!("h{i}"), "traits": {"size": i}}));
    }
    calls
}

fn track_anonymous(device: &str, id: &str, event: &str) -> Value {
    json!({"type": "track", "anonymousId": device, "messageId": id, "event": event, "properties": {"value": 1}})
}

async fn send(weft: &Weft, calls: &[Value]) {
    for batch in calls.chunks(150) {
        weft.send(batch).await;
    }
}

async fn segment(weft: &Weft, name: &str, condition: Value) -> String {
    weft.post("/segments", json!({"name": name, "condition": condition})).await["id"].as_str().unwrap().to_owned()
}

async fn journey(weft: &Weft, name: &str, plan: Value) -> String {
    let id = weft.post("/journeys", json!({"name": name, "plan": plan})).await["id"].as_str().unwrap().to_owned();
    weft.post(&format!("/journeys/{id}:publish"), json!({})).await;
    id
}

/// A life with something of everything in it.
async fn live(weft: &Weft, receiver: &Receiver) {
    let mut sending = receiver.sending(true);
    sending["caps"] = json!([{"channel": "*", "window": "rolling", "period": "24h", "limit": 1}]);
    weft.put("/settings/sending", sending).await;
    weft.put("/tracking-plan", json!({"events": {"Order Completed": {"properties": {"value": "number"}}, "Forbidden": {"blocked": true}}})).await;
    let template = weft.post("/templates", receiver.template("hello")).await["id"].clone();
    let bought = json!({"event": {"name": "Order Completed", "count": {"gte": 2}, "within": "30d"}});
    let loyal = segment(weft, "loyal", bought.clone()).await;
    let nobody_yet = segment(weft, "silent", json!({"not": {"event": {"name": "Order Completed"}}})).await;
    segment(weft, "just now", json!({"event": {"name": "Signed Up", "count": {"gte": 1}, "within": "3s"}})).await;
    segment(weft, "loyal in Graz", json!({"all": [{"segment": loyal}, {"trait": {"name": "city", "eq": "Graz"}}]})).await;
    let agreed = segment(weft, "agreed", json!({"consent": {"purpose": "marketing"}})).await;

    let send_it = |next: Value| json!({"id": "send", "type": "send", "channel": "webhook", "template": template, "next": next});
    let goal = json!({"event": {"name": "Order Completed"}, "within": "7d"});
    let by_event = journey(weft, "by event", json!({
        "entry": {"event": {"name": "Signed Up", "where": {"property": "plan", "eq": "free"}}}, "goal": goal, "start": "split",
        "nodes": [
            {"id": "split", "type": "split", "arms": [{"key": "now", "weight": 60, "next": "send"}, {"key": "control", "weight": 40, "control": true}]},
            send_it(Value::Null),
        ],
    }))
    .await;
    journey(weft, "with waiting", json!({
        "entry": {"segment": nobody_yet}, "reentry": "after_exit", "goal": goal, "start": "wait",
        "nodes": [
            {"id": "wait", "type": "wait", "for": "1s", "next": "branch"},
            {"id": "branch", "type": "branch", "branches": [{"name": "gold", "condition": {"trait": {"name": "tier", "eq": "gold"}}, "next": "send"}], "otherwise": "until"},
            {"id": "until", "type": "wait_until", "event": {"name": "Order Completed"}, "timeout": "2s", "next": "send", "on_timeout": "long"},
            send_it(json!("long")),
            {"id": "long", "type": "wait", "for": "7d", "next": null},
        ],
        "exit": [{"segment": loyal}],
    }))
    .await;

    // Half of them come before, half while definitions change under them.
    let first: Vec<Value> = (0..PEOPLE / 2).flat_map(comes).collect();
    send(weft, &first).await;
    weft.post("/blacklist", json!({"identifier_type": "email", "value": "u13@example.com", "reason": "asked"})).await;
    weft.post("/blacklist", json!({"identifier_type": "user_id", "value": "u160"})).await;
    weft.post(&format!("/journeys/{by_event}:pause"), json!({})).await;
    let second: Vec<Value> = (PEOPLE / 2..PEOPLE).flat_map(comes).collect();
    send(weft, &second[..second.len() / 2]).await;
    weft.post(&format!("/journeys/{by_event}:resume"), json!({})).await;
    send(weft, &second[second.len() / 2..]).await;
    weft.settled().await;
    weft.put(&format!("/segments/{loyal}"), json!({"name": "loyal", "condition": {"any": [bought, {"trait": {"name": "tier", "eq": "gold"}}]}})).await;
    let more: Vec<Value> = (0..PEOPLE).flat_map(goes_on).collect();
    send(weft, &more).await;
    // Sent again, they are duplicates.
    send(weft, &more[..300]).await;
    weft.settled().await;

    let late = segment(weft, "made late", json!({"trait": {"name": "age", "gte": 40}})).await;
    segment(weft, "sequence", json!({"sequence": {"steps": [{"name": "Signed Up"}, {"name": "Order Completed"}], "within": "1d"}})).await;
    journey(weft, "those present", json!({
        "entry": {"segment": late, "include_present": true}, "start": "wait", "nodes": [{"id": "wait", "type": "wait", "for": "1s", "next": "send"}, send_it(Value::Null)],
    }))
    .await;
    weft.post(&format!("/journeys/{by_event}:publish"), json!({})).await;
    weft.post(&format!("/segments/{agreed}:archive"), json!({})).await;
    let person = weft.get("/people?identifier=user_id:u42").await["items"][0]["id"].as_str().unwrap().to_owned();
    weft.post(&format!("/people/{person}:consent"), json!({"purpose": "marketing", "granted": false})).await;
    weft.put("/workspace", json!({"time_zone": "Asia/Shanghai"})).await;
    tried_again(weft).await;
    // Refused at the door, and counted.
    weft.collect(&[json!({"type": "track", "messageId": "bad", "event": 7}), json!({"type": "dance"}), track(1, "last", "Page Closed", json!({}))]).await;
}

fn ids(kept: &[Value]) -> BTreeSet<&str> {
    kept.iter().map(|k| k["event"]["id"].as_str().unwrap()).collect()
}

/// The plan was too strict: what it set apart comes in after all, once, and what still breaks it stays apart.
async fn tried_again(weft: &Weft) {
    let forbidden = all(weft, "/quality/quarantine?reason=plan.blocked_event").await;
    let dear = all(weft, "/quality/quarantine?reason=plan.wrong_type").await;
    assert!(!forbidden.is_empty() && !dear.is_empty());
    assert_eq!(all(weft, "/quality/quarantine").await.len(), forbidden.len() + dear.len());
    weft.put("/tracking-plan", json!({"events": {"Order Completed": {"properties": {"value": "number"}}}})).await;
    assert_eq!(weft.post("/quality/quarantine:retry", json!({"positions": [forbidden[0]["position"]]})).await["retried"], 1);
    weft.settled().await;
    assert_eq!(all(weft, "/quality/quarantine").await.len(), forbidden.len() + dear.len() - 1);
    // Two who press the button at once.
    let all_of_them = json!({"all": true});
    let (once, again) = tokio::join!(weft.post("/quality/quarantine:retry", all_of_them.clone()), weft.post("/quality/quarantine:retry", all_of_them));
    assert!(once["retried"].as_u64() > Some(0) || again["retried"].as_u64() > Some(0));
    weft.settled().await;
    // Some were sent twice, and twice set apart: what is tried again is one.
    assert_eq!(all(weft, "/quality/quarantine").await.len(), ids(&dear).len());
    let came_in_as = ids(&forbidden).len();
    assert!(came_in_as < forbidden.len());
    let came_in = weft.query("select count(*), count(distinct event_id) from events where name = 'Forbidden'").await;
    assert_eq!(came_in, [[json!(came_in_as), json!(came_in_as)]]);
    let unclear = weft.call(Method::POST, "/quality/quarantine:retry", Some(json!({}))).await;
    assert_eq!((unclear.status, &unclear.body["code"]), (400, &json!("quality.retry_unclear")));
}

/// Time alone has nothing left to do for a week.
async fn quiet(weft: &Weft) {
    eventually("those who signed up just now to have signed up a while ago", || async {
        let segments = all(weft, "/segments").await;
        let just_now = segments.iter().find(|s| s["name"] == "just now")?;
        (just_now["count"] == 0).then_some(())
    })
    .await;
    eventually("the short waits to be over", || async {
        for journey in all(weft, "/journeys").await {
            let counts = weft.get(&format!("/journeys/{}/counts", journey["id"].as_str()?)).await;
            let nodes = counts["nodes"].as_object()?;
            if nodes.iter().any(|(id, node)| id != "long" && node["in"].as_u64().unwrap_or(0) > 0) {
                return None;
            }
        }
        Some(())
    })
    .await;
    at_rest(weft).await;
}

fn must_be_a_life(seen: &Picture) {
    let people = seen["people"].as_object().unwrap();
    assert_eq!(people.len(), PEOPLE, "merged people are one");
    let totals = &seen["/outcomes"]["totals"];
    for outcome in ["stored", "duplicate", "quarantined", "rejected"] {
        assert!(totals[outcome].as_u64().unwrap_or(0) > 0, "no {outcome} in {totals}");
    }
    let summary = &seen["/deliveries/summary"];
    assert!(summary["by_state"]["sent"].as_u64().unwrap() > 30, "{summary}");
    for reason in ["no_consent", "consent_withdrawn", "blacklisted", "cap:"] {
        let reasons = summary["by_reason"].as_array().unwrap();
        assert!(reasons.iter().any(|r| r["reason"].as_str().unwrap().starts_with(reason)), "no {reason} in {summary}");
    }
    let waits = seen.iter().filter(|(what, _)| what.starts_with("journey ") && what.ends_with(" counts")).any(|(_, c)| c["nodes"]["long"]["in"].as_u64() > Some(0));
    assert!(waits, "somebody still waits, for a week");
}

#[tokio::test]
async fn a_house_that_reads_its_log_again_knows_the_same() {
    let receiver = Receiver::start(Temper::by_id).await;
    let folder = tempfile::tempdir().unwrap();
    let weft = Weft::start_in(folder.path(), &[]).await;
    live(&weft, &receiver).await;
    quiet(&weft).await;
    let before = picture(&weft).await;
    must_be_a_life(&before);
    let requests = receiver.requests();
    assert!(weft.stop().await, "the house leaves in order");

    let (is_rebuilt, told, said) = Weft::run(folder.path(), &[], &["rebuild", "--json"]).await;
    assert!(is_rebuilt, "{said}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(told["records"].as_u64().unwrap() > PEOPLE as u64 * 4, "{told}");
    let weft = Weft::start_in(folder.path(), &[]).await;
    at_rest(&weft).await;
    must_be_same(&before, &picture(&weft).await);
    assert!(weft.stop().await, "the house leaves in order");

    // A rebuild that is killed half way, wherever that is, leaves nothing that the next start does not finish.
    for moment in [30, 120, 250, 500, 900] {
        let _ = tokio::time::timeout(Duration::from_millis(moment), Weft::run(folder.path(), &[], &["rebuild"])).await;
        let weft = eventually("the folder to be free", || async {
            match Weft::try_start_in(folder.path(), &[]).await {
                Ok(weft) => Some(weft),
                Err(said) if said.contains("in use") => None,
                Err(said) => panic!("the house does not start again: {said}"),
            }
        })
        .await;
        at_rest(&weft).await;
        must_be_same(&before, &picture(&weft).await);
        weft.kill().await;
    }
    let weft = Weft::start_in(folder.path(), &[]).await;
    at_rest(&weft).await;
    must_be_same(&before, &picture(&weft).await);
    assert_eq!(receiver.requests(), requests, "reading again sends nothing");
    // And it goes on living.
    let answer = weft.call(Method::POST, "/segments:count", Some(json!({"condition": {"event": {"name": "Signed Up"}}}))).await;
    assert_eq!(answer.body["count"], PEOPLE, "{}", answer.body);
    weft.send(&comes(PEOPLE)).await;
    weft.settled().await;
    assert_eq!(all(&weft, "/people").await.len(), PEOPLE + 1);
}
