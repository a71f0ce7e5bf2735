//! How fast the embedded log is here, for information: `cargo run -p weft-stream-bus --example throughput`.
#![allow(clippy::unwrap_used, reason = "an example tells by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use weft_stream_bus::{Options, StreamBus, Verify, open, raw_limit};

const APPENDERS: usize = 16;
const BATCH: usize = 100;
const RECORD: usize = 500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|s| s.parse().ok()).unwrap_or(5.0);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let url = format!("file:{}", path.display());

    let bus = open(&url, Options::default()).unwrap();
    let taken = append_for(&bus, seconds).await;
    let records = bus.next() - 1;
    report("append", records, taken);

    let begun = Instant::now();
    let mut from = 1;
    while from < bus.next() {
        let some = bus.read(from, usize::MAX, 1024 * 1024).unwrap();
        from = some.last().unwrap().0 + 1;
    }
    report("read in order", records, begun.elapsed());
    drop(bus);

    for verify in [Verify::All, Verify::Last] {
        let begun = Instant::now();
        let bus = open(&url, Options { verify, ..Options::default() }).unwrap();
        println!("{:<16} {:?} in {:.3} s", "open, verify", verify, begun.elapsed().as_secs_f64());
        drop(bus);
    }
    for group in [1, APPENDERS] {
        let limit = raw_limit::run(dir.path(), BATCH * (RECORD + 8), group, seconds / 2.0).unwrap();
        println!(
            "raw limit, {group:>2} batches a sync: {:.0} records/s, {:.0} MB/s, {:.0} syncs/s",
            limit.batches_per_second * BATCH as f64,
            limit.bytes_per_second / 1e6,
            limit.syncs_per_second
        );
    }
}

async fn append_for(bus: &Arc<dyn StreamBus>, seconds: f64) -> Duration {
    let begun = Instant::now();
    let batch: Vec<Bytes> = (0..BATCH).map(|_| Bytes::from(vec![b'e'; RECORD])).collect();
    let appenders: Vec<_> = (0..APPENDERS)
        .map(|_| {
            let (bus, batch) = (bus.clone(), batch.clone());
            tokio::spawn(async move {
                while begun.elapsed().as_secs_f64() < seconds {
                    bus.append(batch.clone()).await.unwrap();
                }
            })
        })
        .collect();
    for appender in appenders {
        appender.await.unwrap();
    }
    begun.elapsed()
}

fn report(what: &str, records: u64, taken: Duration) {
    let rate = records as f64 / taken.as_secs_f64();
    println!("{what:<16} {records} records in {:.2} s: {rate:.0} records/s, {:.0} MB/s", taken.as_secs_f64(), rate * RECORD as f64 / 1e6);
}
