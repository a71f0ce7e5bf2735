//! How many would belong: the condition asked of everybody, on as many threads as there are.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use weft_condition::Condition;
use weft_profile_kv::StateStore;

use crate::around::Surroundings;
use crate::kernel::{Atom, Error, Millis, Result, WorkspaceId};

pub(crate) const SAMPLE: usize = 10;
const THREADS: u32 = 2;

pub(crate) struct Counted {
    pub count: u64,
    /// The newest of them.
    pub sample: Vec<Atom>,
    /// For each node of the tree's first two floors: its path and how many satisfy it alone.
    pub lines: Vec<(String, u64)>,
}

/// The condition, and each line of it that a builder shows.
fn lines(condition: &Condition) -> Vec<(String, &Condition)> {
    match condition {
        Condition::All(children) => named("all", children),
        Condition::Any(children) => named("any", children),
        _ => Vec::new(),
    }
}

fn named<'a>(kind: &str, children: &'a [Condition]) -> Vec<(String, &'a Condition)> {
    children.iter().enumerate().map(|(n, c)| (format!("/{kind}/{n}"), c)).collect()
}

pub(crate) fn count(store: &dyn StateStore, workspace: WorkspaceId, condition: &Condition, zone: &TimeZone, now: Millis) -> Result<Counted> {
    let end = weft_identity::count(store, workspace)?;
    let share = end.div_ceil(THREADS).max(1);
    let lines = lines(condition);
    let totals: Vec<AtomicU64> = lines.iter().map(|_| AtomicU64::new(0)).collect();
    let parts: Vec<Result<(u64, Vec<Atom>)>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|n| {
                let (lines, totals) = (&lines, &totals);
                scope.spawn(move || part(store, workspace, condition, (lines, totals), zone, now, n * share..(n + 1).saturating_mul(share)))
            })
            .collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(Error::bug("segments.count_panicked", "counting failed")))).collect()
    });
    let mut counted = Counted { count: 0, sample: Vec::new(), lines: Vec::new() };
    for part in parts {
        let (count, sample) = part?;
        counted.count += count;
        counted.sample.extend(sample);
    }
    counted.sample.sort_unstable_by(|a, b| b.cmp(a));
    counted.sample.truncate(SAMPLE);
    counted.lines = lines.into_iter().zip(&totals).map(|((path, _), n)| (path, n.load(Ordering::Relaxed))).collect();
    Ok(counted)
}

fn part(
    store: &dyn StateStore,
    workspace: WorkspaceId,
    condition: &Condition,
    (lines, totals): (&[(String, &Condition)], &[AtomicU64]),
    zone: &TimeZone,
    now: Millis,
    range: std::ops::Range<Atom>,
) -> Result<(u64, Vec<Atom>)> {
    let mut count = 0;
    let mut sample = std::collections::VecDeque::with_capacity(SAMPLE);
    weft_profiles::all_people(store, workspace, range.start, &mut |person, _| {
        if person >= range.end {
            return Ok(false);
        }
        let around = Surroundings::of(store, workspace, person, zone);
        let facts = around.facts()?;
        for ((_, line), total) in lines.iter().zip(totals) {
            if weft_condition::holds(line, &facts, now) {
                total.fetch_add(1, Ordering::Relaxed);
            }
        }
        if weft_condition::holds(condition, &facts, now) {
            count += 1;
            if sample.len() == SAMPLE {
                sample.pop_front();
            }
            sample.push_back(person);
        }
        facts.sound()?;
        around.sound()?;
        Ok(true)
    })?;
    Ok((count, sample.into()))
}
