//! How fast requests become records of the log, on one core: `speed [EVENTS]`. No network, no disk.

use std::time::Instant;

use serde_json::json;
use weft_collect::protocols::{Stamp, segment, sensors};
use weft_kernel::{Millis, SourceId, WorkspaceId};

const PER_BATCH: usize = 100;

fn event(number: usize) -> serde_json::Value {
    json!({
        "type": "track", "event": "Order Completed", "messageId": format!("node-next-1795314229638-{number:012}"), "userId": format!("user-{number}"),
        "anonymousId": "d9b1f719-6998-47f0-b5e5-ed3f4eae4180", "timestamp": "2026-11-22T02:23:49.638Z", "integrations": {},
        "properties": {"order_id": format!("SO-{number}"), "revenue": 199.5, "currency": "CNY", "category": "coffee", "city": "上海"},
        "context": {"ip": "203.0.113.7", "userAgent": "Mozilla/5.0", "library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
    })
}

fn main() {
    let events: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(500_000);
    let stamp = Stamp { workspace: WorkspaceId(1), source: SourceId::from("src_speed"), received_at: Millis(1_795_314_230_000) };

    let batch: Vec<_> = (0..PER_BATCH).map(event).collect();
    let body = json!({"batch": batch, "sentAt": "2026-11-22T02:23:49.664Z", "writeKey": "k"}).to_string();
    let single = event(1).to_string();
    report("segment batch", events, body.len() / PER_BATCH, || segment::parse(segment::Call::Batch, body.as_bytes(), &stamp).map(|p| p.accepted.len()));
    let track = segment::Call::of_path("track").unwrap_or(segment::Call::Batch);
    report("segment single", events, single.len(), || segment::parse(track, single.as_bytes(), &stamp).map(|p| p.accepted.len()));

    let list: Vec<_> = (0..50)
        .map(|n| {
            json!({"type": "track", "event": "ViewProduct", "distinct_id": format!("user-{n}"), "time": 1_795_314_229_638_i64, "_track_id": n,
                   "properties": {"$lib": "js", "$url": "https://shop.example.cn/p", "$title": "商品页", "product_id": "A1", "price": 99.75},
                   "login_id": format!("user-{n}"), "anonymous_id": "1a20131ca0b438-0c2cab168b7bae",
                   "lib": {"$lib": "js", "$lib_version": "1.27.11"}})
        })
        .collect();
    let list = serde_json::Value::from(list).to_string();
    let data = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &list);
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("data_list", &data).finish();
    report("sensors list", events, list.len() / 50, || {
        let mut form = sensors::Form::default();
        form.read(query.as_bytes());
        sensors::parse(&form, &stamp).map(|p| p.accepted.len())
    });
}

fn report(what: &str, events: usize, bytes: usize, mut once: impl FnMut() -> weft_kernel::Result<usize>) {
    let mut done = 0;
    let started = Instant::now();
    while done < events {
        match once() {
            Ok(0) | Err(_) => return println!("{what}: refused"),
            Ok(count) => done += count,
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {:.0} events/s of {bytes} bytes, {:.2} µs each", done as f64 / seconds, seconds * 1e6 / done as f64);
}
