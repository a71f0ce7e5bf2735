//! A house that is killed again and again, at random moments and under load, loses nothing, and nothing happens twice.
//!
//! `WEFT_KILL_CYCLES` cycles (200), `WEFT_KILL_SEED` for the same dice again. Only the dice repeat: where the processor is
//! when the signal comes is its own affair, and that is the point.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use support::at_rest;
use support::picture::{all, must_be_same, picture};
use support::receiver::{Receiver, Temper};
use weft_stories::{WRITE_KEY, Weft, eventually};

const CYCLES: u64 = 200;
const CLIENTS: usize = 4;
/// Batches of one client in one life of the house.
const BATCHES: usize = 3;
/// Longest life under load, in milliseconds; now and then it lives longer, so that messages leave and the lake is written.
const LIFE: u64 = 150;
const LONG_LIFE: u64 = 900;

/// Hundreds of lives would tell a lot.
const QUIETLY: [(&str, &str); 1] = [("WEFT_LOG", "warn")];

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// What the clients remember, as clients do: outside of the house.
#[derive(Default)]
struct Notes {
    /// Every message id that was ever sent.
    sent: BTreeSet<String>,
    /// Those that the house answered for.
    acknowledged: BTreeSet<String>,
    /// Batches of each client that were not answered, to be sent again.
    unanswered: Vec<Vec<Vec<Value>>>,
    /// Batches sent again although they may be, or are, in the house.
    repeated: u64,
}

impl Notes {
    fn new() -> Self {
        Self { unanswered: vec![Vec::new(); CLIENTS], ..Self::default() }
    }
    fn note_sent(&mut self, batch: &[Value]) {
        self.sent.extend(ids(batch));
    }
    /// A lost answer is one that this client did not see, though the house gave it: it sends the same again.
    fn note_answer(&mut self, client: usize, batch: Vec<Value>, is_answered: bool, is_lost: bool) {
        if is_answered {
            self.acknowledged.extend(ids(&batch));
        }
        if is_lost || !is_answered {
            self.unanswered[client].push(batch);
        }
    }
}

fn ids(batch: &[Value]) -> impl Iterator<Item = String> + '_ {
    batch.iter().filter_map(|call| call["messageId"].as_str().map(str::to_owned))
}

/// One to three new people, who sign up; some look around first, and some buy.
fn people(cycle: u64, client: usize, number: usize, dice: &mut StdRng) -> Vec<Value> {
    let mut calls = Vec::new();
    for n in 0..dice.random_range(1..=3) {
        let user = format!("p{cycle}-{client}-{number}-{n}");
        if dice.random_bool(0.3) {
            calls.push(json!({"type": "page", "anonymousId": format!("a-{user}"), "messageId": format!("v-{user}"), "name": "Home"}));
        }
        calls.push(json!({"type": "identify", "userId": user, "anonymousId": format!("a-{user}"), "messageId": format!("i-{user}"), "traits": {"city": "Graz", "n": n}}));
        calls.push(json!({"type": "track", "userId": user, "messageId": format!("s-{user}"), "event": "Signed Up", "properties": {"plan": "free"}}));
        if dice.random_bool(0.2) {
            calls.push(json!({"type": "track", "userId": user, "messageId": format!("o-{user}"), "event": "Order Completed", "properties": {"value": 12.5}}));
        }
    }
    calls
}

/// Where a house is reached in one of its lives.
#[derive(Clone)]
struct Door {
    http: reqwest::Client,
    url: String,
    closing: Arc<AtomicBool>,
}

impl Door {
    fn of(weft: &Weft) -> Self {
        Self { http: weft.http.clone(), url: format!("{}/v1/batch", weft.url), closing: Arc::default() }
    }
    /// True when the house said yes.
    async fn send(&self, batch: &[Value]) -> bool {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{WRITE_KEY}:"));
        let request = self.http.post(&self.url).header("authorization", format!("Basic {basic}")).json(&json!({"batch": batch}));
        match request.send().await {
            Ok(answer) if answer.status() == 200 => true,
            Ok(answer) => panic!("a house under load answered {}: {}", answer.status(), answer.text().await.unwrap_or_default()),
            Err(_) => false,
        }
    }
}

/// One client in one life of the house: first what was not answered, then new people, until the house is gone.
async fn client(door: Door, cycle: u64, me: usize, seed: u64, notes: Arc<Mutex<Notes>>) {
    let mut dice = StdRng::seed_from_u64(seed);
    let old = std::mem::take(&mut notes.lock().unwrap().unanswered[me]);
    // A client that was itself restarted has forgotten what it sent.
    let old: Vec<_> = old.into_iter().filter(|_| dice.random_bool(0.7)).collect();
    let again = old.len();
    let new = (0..BATCHES).map(|number| people(cycle, me, number, &mut dice)).collect::<Vec<_>>();
    for (n, batch) in old.into_iter().chain(new).enumerate() {
        if door.closing.load(Ordering::SeqCst) {
            return;
        }
        {
            let mut notes = notes.lock().unwrap();
            notes.note_sent(&batch);
            notes.repeated += u64::from(n < again);
        }
        let is_answered = door.send(&batch).await;
        notes.lock().unwrap().note_answer(me, batch, is_answered, dice.random_bool(0.1));
        if !is_answered {
            return;
        }
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..20))).await;
    }
}

/// Starts the house. The one before it may need a moment to be gone.
async fn started(folder: &Path) -> Weft {
    eventually("the folder to be free", || async {
        match Weft::try_start_in(folder, &QUIETLY).await {
            Ok(weft) => Some(weft),
            Err(said) if said.contains("in use") => None,
            Err(said) => panic!("the house does not start again: {said}"),
        }
    })
    .await
}

async fn furnish(weft: &Weft, receiver: &Receiver) -> String {
    weft.put("/settings/sending", receiver.sending(false)).await;
    let template = weft.post("/templates", receiver.template("hello")).await;
    weft.post("/segments", json!({"name": "buyers", "condition": {"event": {"name": "Order Completed", "count": {"gte": 1}, "within": "30d"}}})).await;
    let plan = json!({
        "entry": {"event": {"name": "Signed Up"}},
        "goal": {"event": {"name": "Order Completed"}, "within": "7d"},
        "start": "send",
        "nodes": [{"id": "send", "type": "send", "channel": "webhook", "template": template["id"], "next": null}],
    });
    let journey = weft.post("/journeys", json!({"name": "welcome", "plan": plan})).await;
    let id = journey["id"].as_str().unwrap().to_owned();
    weft.post(&format!("/journeys/{id}:publish"), json!({})).await;
    id
}

#[derive(Debug, Default)]
struct Told {
    cycles: u64,
    killed_under_load: u64,
    killed_at_start: u64,
    left_in_order: u64,
    acknowledged: usize,
    sent: usize,
    batches_sent_again: u64,
    messages: usize,
    requests_at_receiver: u64,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} cycles: killed under load {}, killed while starting {}, left in order {}; {} events acknowledged of {} sent, {} batches sent again; \
             {} messages, {} requests at the receiver, {} of them repeated",
            self.cycles,
            self.killed_under_load,
            self.killed_at_start,
            self.left_in_order,
            self.acknowledged,
            self.sent,
            self.batches_sent_again,
            self.messages,
            self.requests_at_receiver,
            self.requests_at_receiver - self.messages as u64,
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_is_killed_loses_nothing_and_does_nothing_twice() {
    let cycles = setting("WEFT_KILL_CYCLES", CYCLES);
    let seed = setting("WEFT_KILL_SEED", rand::random::<u32>().into());
    println!("WEFT_KILL_CYCLES={cycles} WEFT_KILL_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut left = cycles;
    while left > 0 {
        // Many cycles are many houses, so that each can be looked at whole.
        let lives = left.min(CYCLES);
        left -= lives;
        let told = live_and_die(lives, &mut dice).await;
        println!("{told}; seed {seed}");
    }
}

async fn live_and_die(cycles: u64, dice: &mut StdRng) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(Temper::by_id).await;
    let notes = Arc::new(Mutex::new(Notes::new()));
    let mut told = Told { cycles, ..Told::default() };

    let weft = started(folder.path()).await;
    let journey = furnish(&weft, &receiver).await;
    weft.kill().await;
    for cycle in 0..cycles {
        // Also while it is getting up.
        if dice.random_bool(0.1) {
            let moment = Duration::from_millis(dice.random_range(0..400));
            let _ = tokio::time::timeout(moment, Weft::try_start_in(folder.path(), &QUIETLY)).await;
            told.killed_at_start += 1;
        }
        let weft = started(folder.path()).await;
        let door = Door::of(&weft);
        let clients: Vec<_> = (0..CLIENTS).map(|me| tokio::spawn(client(door.clone(), cycle, me, dice.random(), notes.clone()))).collect();
        let life = if dice.random_bool(0.1) { LONG_LIFE } else { LIFE };
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..life))).await;
        let said = weft.said();
        assert!(!said.contains("panicked"), "{said}");
        if dice.random_bool(0.05) {
            door.closing.store(true, Ordering::SeqCst);
            assert!(weft.stop().await, "the house does not leave in order");
            told.left_in_order += 1;
        } else {
            weft.kill().await;
            told.killed_under_load += 1;
        }
        door.closing.store(true, Ordering::SeqCst);
        for client in clients {
            client.await.unwrap();
        }
    }

    let weft = started(folder.path()).await;
    at_rest(&weft).await;
    let notes = std::mem::take(&mut *notes.lock().unwrap());
    everything_acknowledged_is_in_the_lake_once(&weft, &notes).await;
    let outcomes = every_wish_has_one_outcome(&weft, &journey).await;
    nothing_was_done_twice(&receiver, &outcomes);
    let audit = weft.post("/audit:verify", json!({})).await;
    assert_eq!(audit["whole"], true, "{audit}");

    let before = picture(&weft).await;
    let requests = receiver.requests();
    assert!(weft.stop().await, "the house does not leave in order");
    let (is_rebuilt, _, said) = Weft::run(folder.path(), &[], &["rebuild", "--json"]).await;
    assert!(is_rebuilt, "{said}");
    let weft = started(folder.path()).await;
    at_rest(&weft).await;
    must_be_same(&before, &picture(&weft).await);
    everything_acknowledged_is_in_the_lake_once(&weft, &notes).await;
    assert_eq!(receiver.requests(), requests, "a rebuild sent something");
    Told {
        acknowledged: notes.acknowledged.len(),
        sent: notes.sent.len(),
        batches_sent_again: notes.repeated,
        messages: outcomes.len(),
        requests_at_receiver: requests,
        ..told
    }
}

/// Ids of all that came from outside, in the lake or on the way there.
async fn lake_ids(weft: &Weft) -> Vec<String> {
    const PAGE: usize = 5_000;
    let mut found: Vec<String> = Vec::new();
    loop {
        let after = found.last().cloned().unwrap_or_default();
        let sql = format!("select event_id from events where event_id like '_-p%' and event_id > '{after}' order by event_id limit {PAGE}");
        let rows = weft.query(&sql).await;
        found.extend(rows.iter().map(|row| row[0].as_str().unwrap().to_owned()));
        if rows.len() < PAGE {
            return found;
        }
    }
}

async fn everything_acknowledged_is_in_the_lake_once(weft: &Weft, notes: &Notes) {
    let twice = weft.query("select event_id, count(*) from events group by 1 having count(*) <> 1").await;
    assert!(twice.is_empty(), "more than once in the lake: {twice:?}");
    let there: BTreeSet<String> = lake_ids(weft).await.into_iter().collect();
    let lost: Vec<_> = notes.acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "{} acknowledged and lost, such as {:?}", lost.len(), &lost[..lost.len().min(5)]);
    let strange: Vec<_> = there.difference(&notes.sent).collect();
    assert!(strange.is_empty(), "never sent: {strange:?}");
    let outcomes = weft.get("/outcomes").await;
    let rows = weft.query("select count(*) from events").await;
    assert_eq!(outcomes["totals"]["stored"], rows[0][0], "stored and in the lake: {}", outcomes["totals"]);
    assert!(outcomes["totals"].get("quarantined").is_none(), "{outcomes}");
}

/// Message id → (person, state).
async fn every_wish_has_one_outcome(weft: &Weft, journey: &str) -> BTreeMap<String, (String, String)> {
    let signed_up = weft.query("select count(*), count(distinct person) from events where name = 'Signed Up'").await;
    assert_eq!(signed_up[0][0], signed_up[0][1], "everybody signs up once");
    let deliveries = all(weft, "/deliveries").await;
    assert_eq!(signed_up[0][0], deliveries.len(), "one wish for each who signed up");
    let counts = weft.get(&format!("/journeys/{journey}/counts")).await;
    assert_eq!(counts["entered"], signed_up[0][0]);
    let several = weft.query("select person, count(*) from deliveries group by 1 having count(*) <> 1").await;
    assert!(several.is_empty(), "{several:?}");
    let told = weft
        .query("select name, count(*) from events where name in ('message_sent', 'message_failed', 'message_suppressed', 'message_unknown') group by 1 order by 1")
        .await;
    let sum: u64 = told.iter().filter_map(|row| row[1].as_u64()).sum();
    assert_eq!(sum, deliveries.len() as u64, "one word on each: {told:?}");
    let by_id: BTreeMap<String, (String, String)> = deliveries
        .iter()
        .map(|d| {
            let text = |name: &str| d[name].as_str().unwrap().to_owned();
            (text("id"), (text("person"), text("state")))
        })
        .collect();
    assert_eq!(by_id.len(), deliveries.len());
    for (id, (_, state)) in &by_id {
        // The channel recognises a repetition, so nothing has to stay unknown; five refusals in a row do not happen.
        assert_eq!(state, "sent", "{id}: {}", weft.get(&format!("/deliveries/{id}")).await);
    }
    by_id
}

fn nothing_was_done_twice(receiver: &Receiver, outcomes: &BTreeMap<String, (String, String)>) {
    assert_eq!(receiver.faults(), Vec::<String>::new());
    let seen = receiver.seen();
    for (id, (person, _)) in outcomes {
        let got = seen.get(id).unwrap_or_else(|| panic!("{id} is sent, and never came"));
        assert!(got.taken, "{id} is sent, and was not taken");
        assert_eq!(&got.person, person);
    }
    let strange: Vec<_> = seen.keys().filter(|id| !outcomes.contains_key(*id)).collect();
    assert!(strange.is_empty(), "came, and nobody wished it: {strange:?}");
}
