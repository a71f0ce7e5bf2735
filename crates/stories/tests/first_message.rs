//! From one event to one sent message and its proven effect.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use weft_channels::smtp_sink::{Options, SmtpSink};
use weft_kernel::SystemClock;
use weft_stories::{Weft, eventually};

const PEOPLE: usize = 60;

fn person(i: usize) -> Vec<Value> {
    let user = format!("p{i}");
    let mut calls = vec![json!({"type": "identify", "userId": user, "messageId": format!("i{i}"), "traits": {"email": format!("p{i}@example.com"), "city": "Graz"}})];
    // Every third says nothing about consent, and is left in peace.
    if i % 3 != 0 {
        calls.push(json!({"type": "track", "userId": user, "messageId": format!("c{i}"), "event": "consent_granted", "properties": {"purpose": "marketing", "channel": "*"}}));
    }
    calls.push(json!({"type": "track", "userId": user, "messageId": format!("s{i}"), "event": "Signed Up"}));
    calls
}

fn link(mail: &str, before: &str) -> String {
    let at = mail.find(before).unwrap_or_else(|| panic!("no {before} in the mail"));
    mail[at..].chars().take_while(|c| !matches!(c, '"' | '>' | ' ' | '<')).collect()
}

#[tokio::test]
async fn from_one_event_to_one_sent_message_and_its_proven_effect() {
    let sink = SmtpSink::start(Options::default(), Arc::new(SystemClock)).await.unwrap();
    let weft = Weft::start().await;
    let smtp = json!({"kind": "smtp", "config": {"host": "127.0.0.1", "port": sink.address().port(), "tls": "none", "from_address": "shop@example.com", "from_name": "Shop"}});
    weft.put("/settings/sending", json!({"caps": [], "quiet_hours": null, "needs_consent": true, "providers": {"email": smtp}})).await;

    let condition = json!({"event": {"name": "Signed Up", "count": {"gte": 1}, "within": "30d"}});
    let segment = weft.post("/segments", json!({"name": "newcomers", "condition": condition})).await;
    let template = weft
        .post("/templates", json!({"name": "hello", "channel": "email", "subject": "Hello {{ person.city }}",
            "html": "<p>Hi {{ person.email }}</p><a href=\"https://shop.example/x\">Buy</a>", "text": "Hi"}))
        .await;
    let plan = json!({
        "entry": {"segment": segment["id"], "include_present": true},
        "goal": {"event": {"name": "Order Completed"}, "within": "14d"},
        "start": "split",
        "nodes": [
            {"id": "split", "type": "split", "arms": [{"key": "mail", "weight": 50, "next": "send"}, {"key": "control", "weight": 50, "control": true}]},
            {"id": "send", "type": "send", "channel": "email", "template": template["id"], "next": null},
        ],
    });
    let journey = weft.post("/journeys", json!({"name": "welcome", "plan": plan})).await;
    let id = journey["id"].as_str().unwrap();
    weft.post(&format!("/journeys/{id}:publish"), json!({})).await;

    let calls: Vec<Value> = (0..PEOPLE).flat_map(person).collect();
    weft.send(&calls).await;
    // The same batch again is the same events.
    weft.send(&calls).await;

    // Everybody came in once; whoever is in the mail arm has an outcome.
    let counts = eventually("every intent to have its outcome", || async {
        let counts = weft.get(&format!("/journeys/{id}/counts")).await;
        let summary = weft.get("/deliveries/summary").await;
        let done = ["sent", "suppressed", "failed", "unknown"].iter().filter_map(|s| summary["by_state"][*s].as_u64()).sum::<u64>();
        (counts["entered"] == PEOPLE && counts["arms"]["mail"].as_u64() == Some(done)).then_some(counts)
    })
    .await;
    assert_eq!(counts["arms"]["mail"].as_u64().unwrap() + counts["arms"]["control"].as_u64().unwrap(), PEOPLE as u64);
    let summary = weft.get("/deliveries/summary").await;
    let sent = summary["by_state"]["sent"].as_u64().unwrap();
    assert_eq!(sent, sink.received(), "a message in the ledger is a message at the receiver");
    assert!(summary["by_reason"].as_array().unwrap().iter().any(|r| r["reason"] == "no_consent"), "{summary}");
    assert!(sent > 5, "{summary}");

    // The answer comes back as events: opened, clicked, unsubscribed with one click.
    let mail = sink.get(sink.list(None, 1)[0].id).unwrap();
    let html = mail.html.clone().unwrap();
    let pixel = weft.http.get(link(&html, &format!("{}/t/o/", weft.url))).send().await.unwrap();
    assert_eq!(pixel.status(), 200);
    let click = weft.http.get(link(&html, &format!("{}/t/c/", weft.url))).send().await.unwrap();
    assert_eq!(click.headers()["location"], "https://shop.example/x");
    assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    let unsubscribe = link(mail.header("List-Unsubscribe").unwrap(), &format!("{}/u/", weft.url));
    let gone = weft.http.post(&unsubscribe).header("content-type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert!(gone.status().is_success());
    let message = mail.header("X-Weft-Message").unwrap().to_owned();
    let delivery = eventually("the answers to reach the ledger", || async {
        let delivery = weft.get(&format!("/deliveries/{message}")).await;
        (!delivery["opened_at"].is_null() && !delivery["clicked_at"].is_null()).then_some(delivery)
    })
    .await;
    let reader = delivery["person"].as_str().unwrap().to_owned();
    eventually("the withdrawal to be known", || async {
        let consents = weft.get(&format!("/people/{reader}/consents")).await;
        let items = consents["items"].as_array().cloned().unwrap_or_default();
        items.iter().any(|c| c["granted"] == false && c["purpose"] == "marketing").then_some(())
    })
    .await;

    // Everybody who got a mail buys, and nobody else: the effect is seen and significant.
    let people = weft.get(&format!("/journeys/{id}/people?limit=100")).await;
    let deliveries = weft.get("/deliveries?state=sent&limit=100").await;
    let reached: Vec<&str> = deliveries["items"].as_array().unwrap().iter().filter_map(|d| d["person"].as_str()).collect();
    let orders: Vec<Value> = people["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| reached.contains(&p["person"]["id"].as_str().unwrap()))
        .map(|p| {
            let user = p["person"]["identifiers"][0]["value"].as_str().unwrap();
            json!({"type": "track", "userId": user, "messageId": format!("o-{user}"), "event": "Order Completed", "properties": {"total": 20, "currency": "CNY"}})
        })
        .collect();
    assert_eq!(orders.len() as u64, sent);
    weft.send(&orders).await;
    let result = eventually("the orders to count", || async {
        let result = weft.get(&format!("/journeys/{id}/result")).await;
        (result["converted"].as_u64() == Some(sent)).then_some(result)
    })
    .await;
    assert_eq!(result["reached"].as_u64(), Some(sent));
    let comparison = &result["comparisons"][0];
    assert_eq!(comparison["arm"], "mail");
    assert_eq!(comparison["significant"], true, "{result}");
    let (low, high) = (comparison["ci"][0].as_f64().unwrap(), comparison["ci"][1].as_f64().unwrap());
    let difference = comparison["difference"].as_f64().unwrap();
    assert!(0.0 < low && low < difference && difference < high, "{comparison}");

    // The lake knows the same, within seconds.
    eventually("the lake to show the messages", || async {
        let rows = weft.query("select count(*) from events where name = 'message_sent'").await;
        (rows[0][0].as_u64() == Some(sent)).then_some(())
    })
    .await;
    whoever_did_it_has_a_name(&weft, segment["id"].as_str().unwrap(), id).await;
    lists_are_narrowed_down_to_a_person(&weft, segment["id"].as_str().unwrap(), id, &reader).await;
    a_period_is_counted_like_the_whole(&weft, &summary).await;
    a_provider_that_is_not_named_is_gone(&weft).await;
    assert!(weft.stop().await, "weft leaves in order");
}

async fn whoever_did_it_has_a_name(weft: &Weft, segment: &str, journey: &str) {
    let segment = weft.get(&format!("/segments/{segment}/history")).await;
    let journey = weft.get(&format!("/journeys/{journey}")).await;
    for (history, last) in [(&segment["items"], "create_segment"), (&journey["history"], "publish_journey")] {
        assert_eq!(history[0]["what"], last, "{history}");
        assert!(history[0]["actor_name"].as_str().is_some_and(|name| !name.is_empty()), "{history}");
    }
    let sources = weft.get("/sources?q=default").await;
    assert!(sources["items"][0]["last_event_hour"].is_string(), "{sources}");
    for path in ["/session", "/system"] {
        assert_eq!(weft.get(path).await["demo"], false, "{path}");
    }
}

/// `q` finds by the beginning of an identifier or of a trait, in every list of people.
async fn lists_are_narrowed_down_to_a_person(weft: &Weft, segment: &str, journey: &str, reader: &str) {
    let items = async |path: String| weft.get(&path).await["items"].as_array().cloned().unwrap();
    let begins_so = items(format!("/segments/{segment}/members?q=p1")).await;
    assert_eq!(begins_so.len(), 11, "p1, and p10 to p19: {begins_so:?}");
    let identifiers = &weft.get(&format!("/people/{reader}")).await["identifiers"];
    let email = format!("{}@EXAMPLE.com", identifiers[0]["value"].as_str().unwrap());
    for q in [email.as_str(), reader] {
        let (members, entered) = (items(format!("/segments/{segment}/members?q={q}")).await, items(format!("/journeys/{journey}/people?q={q}")).await);
        for people in [&members, &entered] {
            assert_eq!((people.len(), people[0]["person"]["id"].as_str()), (1, Some(reader)), "{q}: {people:?}");
        }
        let deliveries = items(format!("/deliveries?q={q}&state=sent")).await;
        assert!(!deliveries.is_empty() && deliveries.iter().all(|d| d["person"] == reader), "{q}: {deliveries:?}");
    }
    for path in [format!("/segments/{segment}/members"), format!("/journeys/{journey}/people"), "/deliveries".to_owned()] {
        assert_eq!(items(format!("{path}?q=nobody")).await, [] as [Value; 0], "{path}");
    }
}

async fn a_period_is_counted_like_the_whole(weft: &Weft, summary: &Value) {
    assert_eq!(weft.get("/deliveries/summary?from=2020-01-01T00:00:00Z").await, *summary);
    assert_eq!(weft.get("/deliveries/summary?to=2020-01-01T00:00:00Z").await["total"], 0);
    let home = weft.get("/home").await;
    assert_eq!(home["messages"]["sent"], summary["by_state"]["sent"]);
    assert!(home["messages_today"]["sent"].is_u64(), "{home}");
}

async fn a_provider_that_is_not_named_is_gone(weft: &Weft) {
    let mut settings = weft.get("/settings/sending").await;
    assert_eq!(settings["providers"]["email"]["kind"], "smtp");
    let mut wrong = settings.clone();
    wrong["providers"]["email"]["config"]["host"] = json!(7);
    let refused = weft.call(Method::PUT, "/settings/sending", Some(wrong)).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body["fields"]["providers.email.config.host"].is_string(), "{}", refused.body);
    settings["providers"] = json!({});
    assert_eq!(weft.put("/settings/sending", settings).await["providers"], json!({}));
    assert_eq!(weft.get("/settings/sending").await["providers"], json!({}));
}
