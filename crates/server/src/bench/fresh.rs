//! How long after its acknowledgement an event is in a tag and in a segment, while twenty thousand others come in every second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::child::{API_KEY, Weft};
use super::load::{self, Connection, Load};
use super::report::{Report, rounded};

const EVENTS_PER_SECOND: u64 = 20_000;
/// Twelve visits, where people come for visits.
const BATCH: u64 = 96;
const CONNECTIONS: u64 = 8;
const PROBE_EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(600);
const GOAL_MS: f64 = 1_000.0;
/// What everybody is judged by besides.
const DEFINITIONS: u64 = 10;

/// What comes in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Traffic {
    /// People who were here before look around, put something into the basket, sometimes buy.
    Visits,
    /// Everybody does the same all the time, and nearly every event takes its person into one more tag and one more segment.
    Turning,
}

impl Traffic {
    fn name(self) -> &'static str {
        match self {
            Self::Visits => "fresh",
            Self::Turning => "fresh-turning",
        }
    }
    fn people(self, is_small: bool) -> u64 {
        match self {
            Self::Visits if is_small => 5_000,
            Self::Visits => 50_000,
            Self::Turning => 100_000,
        }
    }
}

pub(super) async fn run(traffic: Traffic, is_small: bool) -> anyhow::Result<Report> {
    let seconds = Duration::from_secs(if is_small { 5 } else { 30 });
    let people = traffic.people(is_small);
    let folder = tempfile::tempdir()?;
    let mut weft = Weft::start(&folder.path().join("data"), &["serve", "--listen", "127.0.0.1:0"])?;
    let ready = weft.said().await?.context("weft did not start")?;
    let house = House { url: ready["url"].as_str().context("no url")?.to_owned(), http: reqwest::Client::new() };
    let probed = house.define(traffic).await?;
    let address = ready["address"].as_str().context("no address")?.to_owned();
    if traffic == Traffic::Visits {
        house.have_been_here(&address, people).await?;
    }
    let load = Arc::new(Load::default());
    let (begun, cpu) = (Instant::now(), weft.cpu_seconds());
    let clients: Vec<_> = (0..CONNECTIONS).map(|number| tokio::spawn(client(address.clone(), number, load.clone(), traffic, people))).collect();
    // The load ends in time, however far behind the state is: a probe that waits is answered then.
    let ending = tokio::spawn({
        let load = load.clone();
        async move {
            tokio::time::sleep(seconds).await;
            load.end();
        }
    });
    let mut waits = Vec::new();
    while begun.elapsed() < seconds {
        waits.push(house.probe(waits.len() as u64 + 1, &probed).await?);
        tokio::time::sleep(PROBE_EVERY).await;
    }
    ending.await?;
    for client in clients {
        client.await??;
    }
    let stored = begun.elapsed().as_secs_f64();
    let busy = (weft.cpu_seconds() - cpu) / stored;
    let memory_mb = weft.memory_mb("VmHWM");
    weft.stop().await?;
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share).round() as usize];
    let sent = load.acknowledged() as f64;
    let detail = json!({
        "sent_per_second": (sent / seconds.as_secs_f64()).round(), "wanted_per_second": EVENTS_PER_SECOND, "people": people, "tags": DEFINITIONS + 1, "segments": DEFINITIONS + 1,
        // The last probe came after nearly all of them: so many a second were judged until it was in.
        "state_events_per_second": (sent / stored).round(),
        "probes": waits.len(), "median_ms": rounded(at(0.5)), "most_ms": rounded(at(1.0)), "server_cores_busy": rounded(busy),
    });
    let Value::Object(detail) = detail else { bail!("no detail") };
    Ok(Report { bench: traffic.name(), value: at(0.99), unit: "ms until 99 of 100 events are in a segment built on a tag", against: "the goal of one second", ratio: at(0.99) / GOAL_MS, memory_mb, detail })
}

struct House {
    url: String,
    http: reqwest::Client,
}

impl House {
    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = self.http.post(format!("{}{path}", self.url)).bearer_auth(API_KEY).json(body).send().await?;
        let is_good = answer.status().is_success();
        let text = answer.text().await?;
        ensure!(is_good, "{path}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Tags and segments that ask for what everybody does, and the pair that is watched.
    async fn define(&self, traffic: Traffic) -> anyhow::Result<Value> {
        for n in 0..DEFINITIONS {
            let (tag, segment) = match traffic {
                Traffic::Turning => turning(n),
                Traffic::Visits => asked_of_visitors(n),
            };
            self.post("/api/v1/tags", &json!({"name": format!("asked_{n}"), "title": format!("Asked {n}"), "rule": {"values": [{"value": "yes", "condition": tag}]}})).await?;
            self.post("/api/v1/segments", &json!({"name": format!("Asked {n}"), "condition": segment})).await?;
        }
        let probed = json!({"event": {"name": "probe"}});
        self.post("/api/v1/tags", &json!({"name": "probed", "title": "Probed", "rule": {"values": [{"value": "yes", "condition": probed}]}})).await?;
        let called = json!({"tag": {"name": "probed", "eq": "yes"}});
        let begun = Instant::now();
        loop {
            // The pipeline hears of a tag a moment after it was made.
            match self.post("/api/v1/segments", &json!({"name": "Probed", "condition": called})).await {
                Ok(segment) => return Ok(json!({"segment": segment["id"]})),
                Err(e) if begun.elapsed() > Duration::from_secs(30) => return Err(e),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Everybody has visited once, and the state knows.
    async fn have_been_here(&self, address: &str, people: u64) -> anyhow::Result<()> {
        let mut connection = Connection::open(address).await?;
        let visits: Vec<u64> = (0..people).collect();
        for some in visits.chunks((BATCH / VISIT) as usize) {
            let calls: Vec<String> = some.iter().flat_map(|person| (0..VISIT).map(move |at| visit(&format!("before-{person}"), *person, at, *person))).collect();
            connection.send(load::request(address, &format!(r#"{{"batch":[{}]}}"#, calls.join(","))).as_bytes()).await?;
        }
        loop {
            let answer = self.http.get(format!("{}/api/v1/system", self.url)).bearer_auth(API_KEY).send().await?.text().await?;
            if serde_json::from_str::<Value>(&answer)?["lag"] == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Milliseconds from the acknowledgement until the segment has one member more.
    async fn probe(&self, number: u64, probed: &Value) -> anyhow::Result<f64> {
        let call = json!({"type": "track", "event": "probe", "messageId": format!("probe-{number}"), "userId": format!("probe-{number}")});
        let answer = self.http.post(format!("{}/v1/batch", self.url)).header("authorization", load::authorization()).json(&json!({"batch": [call]})).send().await?;
        ensure!(answer.status().is_success(), "a probe was refused");
        let begun = Instant::now();
        loop {
            let counted = self.post("/api/v1/segments:count", &json!({"condition": probed})).await?;
            if counted["count"].as_u64() >= Some(number) {
                return Ok(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            ensure!(begun.elapsed() < PATIENCE, "an event is in no segment after ten minutes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// One connection with its share of the load; what it is late it does not make up for.
async fn client(address: String, number: u64, load: Arc<Load>, traffic: Traffic, people: u64) -> anyhow::Result<()> {
    let mut connection = Connection::open(&address).await?;
    let mut every = tokio::time::interval(Duration::from_micros(1_000_000 * BATCH * CONNECTIONS / EVENTS_PER_SECOND));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut round = 0;
    while load.goes_on() {
        every.tick().await;
        let calls: Vec<String> = (0..BATCH).map(|i| call(traffic, (round * CONNECTIONS + number) * BATCH + i, people)).collect();
        connection.send(load::request(&address, &format!(r#"{{"batch":[{}]}}"#, calls.join(","))).as_bytes()).await?;
        load.add(BATCH);
        round += 1;
    }
    Ok(())
}

fn call(traffic: Traffic, event: u64, people: u64) -> String {
    match traffic {
        Traffic::Visits => {
            let number = event / VISIT;
            visit(&format!("m{number}"), mixed(number) % people, event % VISIT, number)
        }
        Traffic::Turning => {
            let (person, item) = (event.wrapping_mul(KNUTH) % people, event % 10_000);
            format!(
                r#"{{"type":"track","event":"view_item","messageId":"m{event}","userId":"user-{person:06}","properties":{{"item_id":"sku-{item:05}","category":"tea","price":"128.50"}},"context":{{"page":{{"path":"/goods/tea"}}}}}}"#
            )
        }
    }
}

/// Events of one visit.
const VISIT: u64 = 8;
/// People come in no order (Knuth's multiplicative hash).
const KNUTH: u64 = 2_654_435_761;

fn mixed(number: u64) -> u64 {
    number.wrapping_mul(KNUTH) >> 7
}

/// Every fourth visitor puts something into the basket, every twentieth buys.
fn visit(id: &str, person: u64, at: u64, number: u64) -> String {
    let luck = mixed(number) % 20;
    let name = match at {
        0 | 1 | 4 | 7 => "page_view",
        5 if luck < 5 => "add_to_cart",
        6 if luck == 0 => "purchase",
        6 => "page_view",
        _ => "view_item",
    };
    let item = mixed(number + at) % 10_000;
    format!(
        r#"{{"type":"track","event":"{name}","messageId":"{id}-{at}","userId":"user-{person:06}","properties":{{"item_id":"sku-{item:05}","category":"tea","price":128.5}},"context":{{"page":{{"path":"/goods/tea"}}}}}}"#
    )
}

/// A tag and a segment that everybody comes into, one event after another.
fn turning(n: u64) -> (Value, Value) {
    let seen = |least: u64| json!({"event": {"name": "view_item", "count": {"gte": least}, "within": "30d"}});
    (seen(n + 1), json!({"event": {"name": "view_item", "count": {"gte": n + 2}}}))
}

/// What marketers ask: who is interested, who left the basket, who buys again, who spends much, who stays away.
fn asked_of_visitors(n: u64) -> (Value, Value) {
    let done = |name: &str, least: u64, within: &str| json!({"event": {"name": name, "count": {"gte": least}, "within": within}});
    let within = ["7d", "30d", "90d"][(n % 3) as usize];
    let tag = match n % 5 {
        0 => done("view_item", 3 + n, within),
        1 => done("add_to_cart", 1 + n / 5, within),
        2 => json!({"event": {"name": "purchase", "sum": {"property": "price", "gte": 100 * n}, "within": "365d"}}),
        3 => done("page_view", 5 * n, within),
        _ => done("purchase", 1 + n / 5, "90d"),
    };
    let segment = match n % 5 {
        0 => json!({"all": [done("add_to_cart", 1, "1d"), {"not": done("purchase", 1, "1d")}]}),
        1 => done("purchase", 2 + n / 5, "365d"),
        2 => json!({"all": [done("view_item", 3 + n, within), {"not": done("purchase", 1, within)}]}),
        3 => json!({"any": [done("purchase", 1, within), done("add_to_cart", 3, within)]}),
        _ => json!({"not": done("page_view", 1, within)}),
    };
    (tag, segment)
}
