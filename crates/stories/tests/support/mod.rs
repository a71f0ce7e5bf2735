//! What several stories need: a receiver of webhooks, a picture of all that a house knows, and patience.
#![allow(dead_code, reason = "each story uses its own part")]
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

pub mod picture;
pub mod receiver;

use std::time::{Duration, Instant};

use weft_stories::Weft;

/// Nothing depends on how long anything takes; this only ends a story that has gone wrong.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until nothing in the log is missing in the state and every message has its outcome, and that stays so.
pub async fn at_rest(weft: &Weft) {
    let start = Instant::now();
    let mut before = None;
    loop {
        let now = resting_position(weft).await;
        if now.is_some() && now == before {
            return;
        }
        before = now;
        assert!(start.elapsed() < PATIENCE, "the house does not come to rest: {} {}", weft.get("/system").await, weft.get("/deliveries/summary").await);
        // Longer than the scheduler's beat, so that what is due has fired.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn resting_position(weft: &Weft) -> Option<u64> {
    let system = weft.get("/system").await;
    let summary = weft.get("/deliveries/summary").await;
    let is_open = ["queued", "deferred", "attempting"].iter().any(|state| summary["by_state"][*state].as_u64().unwrap_or(0) > 0);
    (system["lag"] == 0 && system["is_live"] == true && !is_open).then(|| system["position"].as_u64()).flatten()
}
