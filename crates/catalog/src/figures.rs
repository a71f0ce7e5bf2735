//! How often things were named, by thing, day and event. What was counted is the same in whatever order events came.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Millis, Result, WorkspaceId};

/// type, thing, day, event → figure
const FIGURES: &str = "catalog_figures";
/// type, thing → when events named it
const SEEN: &str = "catalog_seen";

/// Days that are kept of a thing: the newest on which events named it.
pub const MOST_DAYS: u32 = 400;

/// What events said together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub quantity: Decimal,
    pub amount: Decimal,
}

/// Events of one name on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    pub events: u64,
    pub sum: Sum,
}

/// As it is kept: short, and exact.
#[derive(Serialize, Deserialize)]
struct Kept(u64, Decimal, Decimal);

impl Figure {
    fn read(bytes: &[u8]) -> Result<Self> {
        let Kept(events, quantity, amount) = serde_json::from_slice(bytes)?;
        Ok(Self { events, sum: Sum { quantity, amount } })
    }
    fn bytes(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&Kept(self.events, self.sum.quantity.normalize(), self.sum.amount.normalize()))?)
    }
    pub fn and(&mut self, other: &Self) {
        self.events += other.events;
        self.sum.quantity = self.sum.quantity.saturating_add(other.sum.quantity);
        self.sum.amount = self.sum.amount.saturating_add(other.sum.amount);
    }
}

/// When events named a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    #[serde(rename = "f", with = "as_number")]
    pub first: Millis,
    #[serde(rename = "l", with = "as_number")]
    pub last: Millis,
    #[serde(rename = "n")]
    pub events: u64,
    #[serde(rename = "d")]
    days: u32,
}

/// One line of the figures of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub day: u32,
    pub event: String,
    pub figure: Figure,
}

/// Days since 1970, in UTC.
pub(crate) fn day_of(at: Millis) -> u32 {
    u32::try_from(at.0.max(0) / Millis::DAY).unwrap_or(u32::MAX)
}

/// The first of so many days that end with the one of `now`.
pub(crate) fn first_day(now: Millis, days: u32) -> u32 {
    (day_of(now) + 1).saturating_sub(days)
}

fn of(workspace: WorkspaceId, of: &str, id: &str) -> Key {
    Key::of(workspace).text(of).text(id)
}

pub fn seen(read: &dyn Read, workspace: WorkspaceId, kind: &str, id: &str) -> Result<Option<Seen>> {
    Ok(read.get(SEEN, of(workspace, kind, id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// Counts one event that names a thing, which was seen so before.
pub(crate) fn count(work: &mut Work, workspace: WorkspaceId, (kind, id): (&str, &str), before: Option<Seen>, event: &str, at: Millis, sum: Sum) -> Result<()> {
    let mut seen = before.unwrap_or(Seen { first: at, last: at, events: 0, days: 0 });
    let day = of(workspace, kind, id).u32(day_of(at));
    let key = day.clone().text(event);
    let mut figure = Figure { events: 1, sum };
    match work.get(FIGURES, key.as_slice())? {
        Some(bytes) => figure.and(&Figure::read(&bytes)?),
        None => seen.days += u32::from(first_below(work, &day)?.is_none()),
    }
    work.put(FIGURES, key, figure.bytes()?);
    if seen.days > MOST_DAYS {
        forget_oldest(work, &of(workspace, kind, id))?;
        seen.days = MOST_DAYS;
    }
    seen = Seen { first: seen.first.min(at), last: seen.last.max(at), events: seen.events + 1, days: seen.days };
    work.put(SEEN, of(workspace, kind, id), serde_json::to_vec(&seen)?);
    Ok(())
}

fn first_below(read: &dyn Read, prefix: &Key) -> Result<Option<Vec<u8>>> {
    let mut first = None;
    read.scan_prefix(FIGURES, prefix.as_slice(), &mut |key, _| {
        first = Some(key.to_vec());
        Ok(false)
    })?;
    Ok(first)
}

fn forget_oldest(work: &mut Work, thing: &Key) -> Result<()> {
    let Some(oldest) = first_below(work, thing)? else { return Ok(()) };
    work.delete_prefix(FIGURES, &oldest[..thing.as_slice().len() + 4])
}

/// Every line of a thing from a day on, by day and event.
pub fn days_of(read: &dyn Read, workspace: WorkspaceId, kind: &str, id: &str, from: u32) -> Result<Vec<Day>> {
    let thing = of(workspace, kind, id);
    let mut lines = Vec::new();
    read.scan(FIGURES, thing.clone().u32(from).as_slice(), &after_prefix(thing.as_slice()), &mut |key, value| {
        let mut parts = Parts(&key[thing.as_slice().len()..]);
        if let (Some(day), Some(event)) = (parts.u32(), parts.text()) {
            lines.push(Day { day, event, figure: Figure::read(value)? });
        }
        Ok(true)
    })?;
    Ok(lines)
}

/// The events of one name from a day on until another, both included.
pub(crate) fn total(read: &dyn Read, workspace: WorkspaceId, kind: &str, id: &str, event: &str, days: (u32, u32)) -> Result<Figure> {
    let mut total = Figure::default();
    for line in days_of(read, workspace, kind, id, days.0)? {
        if line.event == event && line.day <= days.1 {
            total.and(&line.figure);
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use weft_profile_kv::{MemoryStore, StateStore};

    const W: WorkspaceId = WorkspaceId(1);

    fn all_of(events: &[(u32, u8, i64)]) -> (Vec<Day>, Option<Seen>) {
        let store = MemoryStore::default();
        let mut work = Work::over(&store);
        for (day, name, cents) in events {
            let at = Millis(i64::from(*day) * Millis::DAY + 5);
            let sum = Sum { quantity: Decimal::ONE, amount: Decimal::new(*cents, 2) };
            let before = seen(&work, W, "goods", "A").unwrap();
            count(&mut work, W, ("goods", "A"), before, &format!("e{name}"), at, sum).unwrap();
        }
        store.apply(work.into_changes(), 1).unwrap();
        (days_of(&store, W, "goods", "A", 0).unwrap(), seen(&store, W, "goods", "A").unwrap())
    }

    proptest! {
        #[test]
        fn the_order_of_events_is_nothing_to_them(events in proptest::collection::vec((0u32..900, 0u8..3, -1_000_000i64..1_000_000), 1..120), seed in any::<u64>()) {
            let mut turned = events.clone();
            let length = turned.len();
            for i in 0..length {
                turned.swap(i, (seed.wrapping_mul(i as u64 + 7) % length as u64) as usize);
            }
            prop_assert_eq!(all_of(&events), all_of(&turned));
        }
    }

    #[test]
    fn the_newest_days_are_kept_in_whatever_order_they_came() {
        let up: Vec<(u32, u8, i64)> = (0..450).map(|day| (day, 0, 100)).collect();
        let down: Vec<(u32, u8, i64)> = (0..450).rev().map(|day| (day, 0, 100)).collect();
        let (days, seen) = all_of(&up);
        assert_eq!((days.len(), days[0].day, seen.unwrap().events), (400, 50, 450));
        assert_eq!(all_of(&down).0, days);
    }

    #[test]
    fn sums_are_exact() {
        let (days, _) = all_of(&[(1, 0, 10), (1, 0, 20), (1, 0, -30), (1, 1, 5)]);
        assert_eq!(days[0].figure, Figure { events: 3, sum: Sum { quantity: Decimal::from(3), amount: Decimal::ZERO } });
        assert_eq!(days[1].event, "e1");
        assert_eq!(first_day(Millis(10 * Millis::DAY + 3), 3), 8);
    }
}
