//! Durable collection: batches of a hundred events over HTTP, each answered after its fsync, beside what the disk does
//! when a program only appends the same bytes and syncs in groups.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use weft_stream_bus::raw_limit;

use super::child::{API_KEY, Weft};
use super::load::{self, Connection, Load};
use super::report::{Report, rounded};

const BATCH: usize = 100;
const CONNECTIONS: usize = 16;
/// Bytes of one event in the log, about: what the raw program appends for each.
const EVENT_BYTES: usize = 500;
/// What stands in an id until a real one is written over it.
const HOLE: &str = "@@@@@@@@@@@@@@@@";

pub(super) async fn run(is_small: bool) -> anyhow::Result<Report> {
    let seconds = if is_small { 5 } else { 20 };
    let folder = tempfile::tempdir()?;
    let before = raw_limit::run(folder.path(), BATCH * EVENT_BYTES, CONNECTIONS, 2.0)?;
    let data = folder.path().join("data");
    let mut weft = Weft::start(&data, &["serve", "--listen", "127.0.0.1:0"])?;
    let ready = weft.said().await?.context("weft did not start")?;
    let address = ready["address"].as_str().context("no address")?.to_owned();

    let load = Arc::new(Load::default());
    let mut clients = Vec::new();
    for number in 0..CONNECTIONS {
        clients.push(tokio::spawn(client(address.clone(), number, load.clone())));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (begun, events, cpu) = (Instant::now(), load.acknowledged(), weft.cpu_seconds());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let took = begun.elapsed().as_secs_f64();
    let per_second = (load.acknowledged() - events) as f64 / took;
    let busy = (weft.cpu_seconds() - cpu) / took;
    load.end();
    for client in clients {
        client.await??;
    }
    let acknowledged = load.acknowledged();
    let (stored, behind) = catch_up(&ready, acknowledged).await?;
    if stored != acknowledged {
        bail!("{acknowledged} events were acknowledged and {stored} stored");
    }
    let memory_mb = weft.memory_mb("VmHWM");
    weft.stop().await?;
    let after = raw_limit::run(folder.path(), BATCH * EVENT_BYTES, CONNECTIONS, 2.0)?;
    let raw = (before.batches_per_second + after.batches_per_second) / 2.0 * BATCH as f64;
    let detail = json!({
        "raw_events_per_second_before": before.batches_per_second.mul_add(BATCH as f64, 0.0).round(),
        "raw_events_per_second_after": (after.batches_per_second * BATCH as f64).round(),
        "events": acknowledged, "connections": CONNECTIONS, "batch": BATCH, "event_bytes": EVENT_BYTES,
        "server_cores_busy": rounded(busy),
        "seconds_until_all_in_state": rounded(behind), "state_events_per_second": (acknowledged as f64 / (took + 1.0 + behind)).round(),
    });
    let Value::Object(detail) = detail else { bail!("no detail") };
    Ok(Report { bench: "collect", value: per_second, unit: "events/s", against: "appending the same bytes and syncing in groups", ratio: per_second / raw, memory_mb, detail })
}

/// One connection, one batch at a time. The requests are made once and only their ids are written anew.
async fn client(address: String, number: usize, load: Arc<Load>) -> anyhow::Result<()> {
    let mut connection = Connection::open(&address).await?;
    let (mut request, holes) = request(&address, number);
    let mut round = 0u64;
    while load.goes_on() {
        for (i, hole) in holes.iter().enumerate() {
            let id = format!("{:016x}", (number as u64) << 48 | round << 8 | i as u64);
            request[*hole..*hole + HOLE.len()].copy_from_slice(id.as_bytes());
        }
        connection.send(&request).await?;
        load.add(BATCH as u64);
        round += 1;
    }
    Ok(())
}

fn request(address: &str, number: usize) -> (Vec<u8>, Vec<usize>) {
    let calls: Vec<Value> = (0..BATCH).map(|i| call(number * BATCH + i)).collect();
    let request = load::request(address, &json!({"batch": calls}).to_string());
    let holes = request.match_indices(HOLE).map(|(at, _)| at).collect();
    (request.into_bytes(), holes)
}

fn call(person: usize) -> Value {
    json!({
        "type": "track", "event": "view_item", "messageId": HOLE, "userId": format!("user-{person:06}"), "timestamp": "2026-03-05T10:20:30.456Z",
        "properties": {"item_id": format!("sku-{:05}", person * 7 % 10_000), "category": "tea", "price": "128.50", "currency": "CNY", "position": person % 40, "list": "home"},
        "context": {"ip": "203.0.113.9", "locale": "zh-CN", "page": {"path": "/goods/tea", "referrer": "https://search.example/", "title": "Spring tea"},
                    "userAgent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile"},
    })
}

/// Waits until everything acknowledged is in the state; how many were stored, and how long it took.
async fn catch_up(ready: &Value, expected: u64) -> anyhow::Result<(u64, f64)> {
    let url = ready["url"].as_str().context("no url")?;
    let http = reqwest::Client::new();
    let begun = Instant::now();
    loop {
        let answer: Value = serde_json::from_str(&http.get(format!("{url}/api/v1/outcomes")).bearer_auth(API_KEY).send().await?.text().await?)?;
        let stored = answer["totals"]["stored"].as_u64().unwrap_or(0);
        if stored >= expected || begun.elapsed() > Duration::from_secs(300) {
            return Ok((stored, begun.elapsed().as_secs_f64()));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
