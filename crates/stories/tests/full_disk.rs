//! The disk under the whole house is really full: new events are refused in clear words, what was acknowledged can be read,
//! and with room again and a restart everything goes on as if nothing had been.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use support::at_rest;
use support::picture::all;
use support::receiver::{Receiver, Temper};
use weft_stories::{Weft, eventually, missing};

/// Enough for a house that begins, and soon full.
const MEGABYTES: u32 = 192;
const BATCH: usize = 50;

/// A small file system in memory. Unmounted when dropped, whoever still holds it open.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={MEGABYTES}m"), "weft-story"]).arg(dir.path()).output();
        mounted.is_ok_and(|o| o.status.success()).then_some(Self(dir))
    }
    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }
    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).output());
    }
}

/// Takes all room that is left.
fn fill(path: &Path) {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}

/// Fat events, so that the log needs room soon.
fn batch(number: usize) -> Vec<Value> {
    let note = "n".repeat(4_000);
    (0..BATCH)
        .map(|i| {
            let id = number * BATCH + i;
            json!({"type": "track", "userId": format!("u{}", id % 40), "messageId": format!("m{id:06}"), "event": "Signed Up", "properties": {"note": note}})
        })
        .collect()
}

fn ids_of(number: usize) -> BTreeSet<String> {
    batch(number).iter().filter_map(|call| call["messageId"].as_str().map(str::to_owned)).collect()
}

async fn ids(weft: &Weft) -> BTreeSet<String> {
    let rows = weft.query("select event_id from events where event_id like 'm%' order by 1").await;
    let found: BTreeSet<String> = rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
    assert_eq!(found.len(), rows.len(), "each once");
    found
}

/// Takes all room, and sends until that is felt.
async fn refused_when_full(weft: &Weft, small: &Small, number: &mut usize, acknowledged: &mut BTreeSet<String>) {
    let refused = loop {
        fill(&small.ballast());
        let answer = weft.collect(&batch(*number)).await;
        if answer.status != 200 {
            break answer;
        }
        acknowledged.extend(ids_of(*number));
        *number += 1;
        assert!(*number < 2_000, "the disk does not get full");
    };
    // In words for the one who sends, who can do nothing but wait; and it stays with that.
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.body["code"], "collect.disk_full", "{}", refused.body);
    for _ in 0..3 {
        let again = weft.collect(&batch(*number)).await;
        assert_eq!(again.body["code"], "collect.disk_full", "{}", again.body);
    }
    // It does not fall over, and people get in to look.
    let alive = weft.request(Method::GET, "/healthz").send().await.unwrap();
    assert_eq!(alive.status(), 200);
    assert!(!weft.get("/people?limit=1").await["items"].as_array().unwrap().is_empty());
    assert!(weft.get("/system").await["log"]["failed"].is_null(), "a lack of room breaks nothing");
}

/// Does the state follow the log, now that there is room? If it cannot, readiness says so, and what to do.
async fn follows_again(weft: &Weft) -> bool {
    eventually("the house to follow its log, or to say that it cannot", || async {
        let ready = weft.request(Method::GET, "/readyz").send().await.unwrap();
        if ready.status() == 503 {
            let why = ready.text().await.unwrap();
            // Until it has tried again it still speaks of the full disk.
            return why.contains("restart").then_some(false);
        }
        (weft.get("/system").await["lag"] == 0).then_some(true)
    })
    .await
}

#[tokio::test]
async fn a_full_disk_refuses_in_clear_words_loses_nothing_and_is_forgotten() {
    let Some(small) = Small::mount() else {
        return missing("the right to mount a small file system (root)");
    };
    let receiver = Receiver::start(Temper::always).await;
    let weft = Weft::start_in(&small.data(), &[]).await;
    weft.put("/settings/sending", receiver.sending(false)).await;
    let template = weft.post("/templates", receiver.template("hello")).await;
    let plan = json!({"entry": {"event": {"name": "Signed Up"}}, "start": "send", "nodes": [{"id": "send", "type": "send", "channel": "webhook", "template": template["id"], "next": null}]});
    let journey = weft.post("/journeys", json!({"name": "welcome", "plan": plan})).await;
    weft.post(&format!("/journeys/{}:publish", journey["id"].as_str().unwrap()), json!({})).await;
    weft.send(&batch(0)).await;
    at_rest(&weft).await;
    let mut acknowledged: BTreeSet<String> = ids(&weft).await;
    assert_eq!(acknowledged.len(), BATCH);

    let mut number = 1;
    refused_when_full(&weft, &small, &mut number, &mut acknowledged).await;
    // What was there before can be read, and nothing that was refused is there.
    let found = ids(&weft).await;
    assert!(ids_of(0).is_subset(&found) && found.is_subset(&acknowledged));

    // Room comes back while it runs: it collects again at once, and says whether it needs a restart for the rest.
    std::fs::remove_file(small.ballast()).unwrap();
    weft.send(&batch(number)).await;
    acknowledged.extend(ids_of(number));
    number += 1;
    if !follows_again(&weft).await {
        let refused = weft.call(Method::POST, "/segments", Some(json!({"name": "s", "condition": {"event": {"name": "Signed Up"}}}))).await;
        assert_eq!(refused.status, 503, "what cannot be done is refused, and does not hang: {}", refused.body);
    }
    weft.stop().await;
    let weft = Weft::start_in(&small.data(), &[]).await;
    at_rest(&weft).await;
    assert_eq!(ids(&weft).await, acknowledged, "all that was acknowledged, and nothing that was refused");

    // It is full again, and this time the house dies of it and has to get up without room.
    refused_when_full(&weft, &small, &mut number, &mut acknowledged).await;
    weft.kill().await;
    match Weft::try_start_in(&small.data(), &[]).await {
        Ok(weft) => weft.kill().await,
        Err(said) => assert!(!said.contains("panicked") && said.to_lowercase().contains("space"), "{said}"),
    }
    std::fs::remove_file(small.ballast()).unwrap();
    let weft = Weft::start_in(&small.data(), &[]).await;
    at_rest(&weft).await;
    assert_eq!(ids(&weft).await, acknowledged, "all that was acknowledged, and nothing that was refused");
    // The sender sends again what was refused, and goes on.
    for n in number..number + 3 {
        weft.send(&batch(n)).await;
        acknowledged.extend(ids_of(n));
    }
    at_rest(&weft).await;
    assert_eq!(ids(&weft).await, acknowledged);
    let deliveries = all(&weft, "/deliveries").await;
    assert_eq!(deliveries.len(), 40, "one message for each person, in spite of all");
    assert!(deliveries.iter().all(|d| d["state"] == "sent"));
    assert_eq!((receiver.taken(), receiver.faults()), (40, Vec::new()));
    assert!(weft.stop().await, "the house leaves in order");
}
