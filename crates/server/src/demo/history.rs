//! The past, told as it would have happened: in steps of some minutes, through the front door, with the clock of the day.

use std::future::poll_fn;
use std::task::Poll;

use anyhow::ensure;
use bytes::Bytes;
use futures::future::BoxFuture;

use super::readers::Follow;
use super::{Demo, attended};
use crate::kernel::{Clock, Event, Millis, Record, SystemClock};

/// Timers fire at the end of a step, so this is how late they may be.
const BY_DAY: i64 = 40 * Millis::MINUTE;
const AT_NIGHT: i64 = 2 * Millis::HOUR;
/// Steps are not all of one length, or every mail of the year would leave at some full hour.
const UNEVEN: i64 = 13 * Millis::MINUTE;
/// Records after which the lake gets its share.
const TO_THE_LAKE: u64 = 40_000;

#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub at: Millis,
    /// From 0 to 1.
    pub share: f64,
    /// Records of the log.
    pub records: u64,
}

type Going = BoxFuture<'static, anyhow::Result<()>>;

impl Demo {
    /// Lives until now, and turns the clock into everybody's. False when it was told to stop before.
    pub async fn tell_history(&mut self, told: &mut (dyn FnMut(Progress) -> bool + Send)) -> anyhow::Result<bool> {
        loop {
            let now = SystemClock.now();
            if self.at >= now {
                break;
            }
            self.step(step_after(self.at).min(now)).await?;
            let share = (self.at.0 - self.start.0) as f64 / (now.0 - self.start.0).max(1) as f64;
            if !told(Progress { at: self.at, share, records: self.house.bus.next() }) {
                return Ok(false);
            }
        }
        while self.house.flush_lake().await? > 0 {}
        self.clock.go();
        Ok(true)
    }

    /// Lives until `to`.
    pub async fn step(&mut self, to: Millis) -> anyhow::Result<()> {
        let events = self.brand.step(self.at, to);
        let follows = self.readers.due(to);
        let going = self.happen(events, follows).await?;
        self.clock.set(to);
        self.at = to;
        if !going.is_empty() {
            attended(&self.house, futures::future::try_join_all(going)).await??;
        }
        self.house.settle().await?;
        self.send().await?;
        if self.house.bus.next() > self.in_lake + TO_THE_LAKE {
            self.house.flush_lake().await?;
            self.in_lake = self.house.bus.next();
        }
        Ok(())
    }

    /// Everything of a step in the order of time. Each thing is handed to the log while the clock shows its time; the disk
    /// is waited for once, for all of them.
    async fn happen(&self, events: Vec<Event>, follows: Vec<Follow>) -> anyhow::Result<Vec<Going>> {
        let mut going = Vec::new();
        let mut events = events.into_iter().peekable();
        for follow in follows {
            let mut before = Vec::new();
            while let Some(event) = events.next_if(|e| e.received_at <= follow.at) {
                before.push(event);
            }
            self.hand_in(before, &mut going).await?;
            self.clock.set(follow.at);
            let inside = self.inside.clone();
            begin(Box::pin(async move { followed(inside.follow(follow.method, follow.path).await?) }), &mut going).await?;
        }
        self.hand_in(events.collect(), &mut going).await?;
        Ok(going)
    }

    async fn hand_in(&self, events: Vec<Event>, going: &mut Vec<Going>) -> anyhow::Result<()> {
        let Some(last) = events.last() else { return Ok(()) };
        self.clock.set(last.received_at);
        let records = encoded(events)?;
        let door = self.house.parts.door.clone();
        begin(Box::pin(async move { Ok(door.append(records).await.map(drop)?) }), going).await
    }

    /// Sends what the gate let through, and hands it to its readers.
    async fn send(&mut self) -> anyhow::Result<()> {
        while attended(&self.house, self.house.sender.send_waiting()).await?? > 0 {
            self.readers.take_mail(&mut self.brand, &*self.house.parts.state, self.workspace, self.at)?;
            self.house.settle().await?;
        }
        Ok(())
    }
}

pub(super) fn encoded(events: Vec<Event>) -> anyhow::Result<Vec<Bytes>> {
    Ok(events.into_iter().map(|e| Record::Event(Box::new(e)).encode().map(Bytes::from)).collect::<crate::kernel::Result<_>>()?)
}

pub(super) fn followed(status: axum::http::StatusCode) -> anyhow::Result<()> {
    ensure!(status.is_success() || status.is_redirection(), "a link of a message was answered with {status}");
    Ok(())
}

/// Goes as far as it can now, which is into the log's queue, and is finished later.
async fn begin(mut work: Going, going: &mut Vec<Going>) -> anyhow::Result<()> {
    match poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
        Poll::Ready(done) => done,
        Poll::Pending => {
            going.push(work);
            Ok(())
        }
    }
}

/// The end of the step that begins at `at`.
fn step_after(at: Millis) -> Millis {
    let hour = (at.0 + 8 * Millis::HOUR).rem_euclid(Millis::DAY) / Millis::HOUR;
    let length = if (1..6).contains(&hour) { AT_NIGHT } else { BY_DAY };
    at.plus(length + (at.0 / 977).rem_euclid(UNEVEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_short_by_day_and_never_the_same() {
        let mut at = Millis::parse("2026-09-01T02:00:00Z").unwrap();
        let mut lengths = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let next = step_after(at);
            assert!(next > at.plus(30 * Millis::MINUTE) && next < at.plus(3 * Millis::HOUR));
            lengths.insert(next.0 - at.0);
            at = next;
        }
        assert!(lengths.len() > 150);
    }
}
