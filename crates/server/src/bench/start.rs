//! Start to ready with a million events stored, and the memory of doing nothing.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::child::Weft;
use super::import;
use super::report::{Report, rounded};

const GOAL_SECONDS: f64 = 1.0;
const STARTS: usize = 5;
/// Long enough for caches to be given back.
const IDLE: Duration = Duration::from_secs(8);

pub(super) async fn run(is_small: bool) -> anyhow::Result<Report> {
    let events: u32 = if is_small { 100_000 } else { 1_000_000 };
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let empty_mb = idle(&folder.path().join("empty")).await?.1;
    // Five lines make an order, which is one event.
    let file = folder.path().join("orders.csv");
    import::write_orders(&file, events * 5)?;
    import::import(&data, &file).await?;
    std::fs::remove_file(&file)?;
    let mut seconds = Vec::new();
    let mut memory_mb = 0.0;
    for _ in 0..STARTS {
        let (ready, idle_mb) = idle(&data).await?;
        seconds.push(ready);
        memory_mb = idle_mb;
    }
    seconds.sort_by(f64::total_cmp);
    let value = seconds[STARTS / 2];
    let detail = json!({
        "events": events, "starts": seconds.iter().map(|s| rounded(*s)).collect::<Vec<_>>(),
        "idle_mb_with_events": rounded(memory_mb), "idle_mb_empty": rounded(empty_mb),
    });
    let Value::Object(detail) = detail else { bail!("no detail") };
    Ok(Report { bench: "start", value, unit: "s", against: "the goal of one second", ratio: value / GOAL_SECONDS, memory_mb, detail })
}

/// Seconds until it is ready, and its resident memory after a while of nothing.
async fn idle(data: &std::path::Path) -> anyhow::Result<(f64, f64)> {
    let begun = Instant::now();
    let mut weft = Weft::start(data, &["serve", "--listen", "127.0.0.1:0"])?;
    weft.said().await?.context("weft did not start")?;
    let ready = begun.elapsed().as_secs_f64();
    tokio::time::sleep(IDLE).await;
    let memory = weft.memory_mb("VmRSS");
    weft.stop().await?;
    Ok((ready, memory))
}
