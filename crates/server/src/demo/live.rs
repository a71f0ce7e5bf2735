//! The present: the brand goes on, faster than the clock, so that there is always something to see. Journeys keep to the clock.

use std::time::Duration;

use tokio::sync::watch;

use super::Demo;
use super::history::{encoded, followed};
use crate::kernel::{Event, Millis};

/// Two and a half times a second something happens.
const BEAT: Duration = Duration::from_millis(400);
/// The brand's time moves by so much at once …
const BLINK: i64 = 15 * Millis::SECOND;
/// … until something happens, or so much has passed.
const AT_MOST: i64 = 30 * Millis::MINUTE;

impl Demo {
    /// Until `stop`. The house runs by itself meanwhile.
    pub async fn live(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.moment().await {
                tracing::warn!(error = format!("{error:#}"), "the brand lost a moment");
            }
            let _ = tokio::time::timeout(BEAT, stop.changed()).await;
        }
    }

    /// Lets the brand live until something happens; answers how many events that were.
    pub async fn moment(&mut self) -> anyhow::Result<usize> {
        self.readers.take_mail(&mut self.brand, &*self.house.parts.state, self.workspace, self.at)?;
        let begin = self.at;
        let mut events = Vec::new();
        while events.is_empty() && self.at < begin.plus(AT_MOST) {
            let to = self.at.plus(BLINK);
            events = self.brand.step(self.at, to);
            self.at = to;
        }
        let count = events.len();
        let events = brought_to(events, self.house.parts.clock.now());
        self.house.parts.door.append(encoded(events)?).await?;
        for follow in self.readers.due(self.at) {
            followed(self.inside.clone().follow(follow.method, follow.path).await?)?;
        }
        Ok(count)
    }
}

/// The brand's time is ahead of ours: what happens there happens here just now, in the same order.
fn brought_to(mut events: Vec<Event>, now: Millis) -> Vec<Event> {
    let count = events.len() as i64;
    for (n, event) in events.iter_mut().enumerate() {
        event.ts = now.minus(count - n as i64);
        event.received_at = now;
    }
    events
}
