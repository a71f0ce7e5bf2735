//! Durable collection: batches of a hundred events over HTTP, each answered after its fsync, beside what the disk does
//! when a program only appends the same bytes and syncs in groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::Engine;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weft_stream_bus::raw_limit;

use super::child::{API_KEY, WRITE_KEY, Weft};
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
    let (begun, events, cpu) = (Instant::now(), load.acknowledged.load(Ordering::Relaxed), weft.cpu_seconds());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let took = begun.elapsed().as_secs_f64();
    let per_second = (load.acknowledged.load(Ordering::Relaxed) - events) as f64 / took;
    let busy = (weft.cpu_seconds() - cpu) / took;
    load.is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await??;
    }
    let acknowledged = load.acknowledged.load(Ordering::Relaxed);
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

#[derive(Default)]
struct Load {
    acknowledged: AtomicU64,
    is_over: AtomicBool,
}

/// One connection, one batch at a time. The requests are made once and only their ids are written anew:
/// the generator shares the machine, and should cost little.
async fn client(address: String, number: usize, load: Arc<Load>) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut request, holes) = request(&address, number);
    let mut answer = vec![0; 4_096];
    let mut round = 0u64;
    while !load.is_over.load(Ordering::Relaxed) {
        for (i, hole) in holes.iter().enumerate() {
            let id = format!("{:016x}", (number as u64) << 48 | round << 8 | i as u64);
            request[*hole..*hole + HOLE.len()].copy_from_slice(id.as_bytes());
        }
        stream.write_all(&request).await?;
        let status = read_answer(&mut stream, &mut answer).await?;
        if status != 200 {
            bail!("answered {status}");
        }
        load.acknowledged.fetch_add(BATCH as u64, Ordering::Relaxed);
        round += 1;
    }
    Ok(())
}

fn request(address: &str, number: usize) -> (Vec<u8>, Vec<usize>) {
    let calls: Vec<Value> = (0..BATCH).map(|i| call(number * BATCH + i)).collect();
    let body = json!({"batch": calls}).to_string();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{WRITE_KEY}:"));
    let head = format!(
        "POST /v1/batch HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {basic}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let request = head + &body;
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

pub(super) async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<u16> {
    let mut filled = 0;
    loop {
        let n = stream.read(&mut buffer[filled..]).await?;
        if n == 0 {
            bail!("the connection was closed");
        }
        filled += n;
        let text = String::from_utf8_lossy(&buffer[..filled]);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()).unwrap_or(0);
        if body.len() >= length {
            return head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status");
        }
    }
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
