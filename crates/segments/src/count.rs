//! How many would belong: from the sets that stand ready, or the condition asked of everybody, on as many threads as there are.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use weft_condition::Condition;
use weft_profile_kv::{Read, StateStore};

use crate::around::Surroundings;
use crate::kernel::{Atom, Error, Millis, Result, WorkspaceId};
use crate::sets::{Set, set_of};

pub(crate) const SAMPLE: usize = 10;
const THREADS: u32 = 2;

#[derive(Debug, PartialEq)]
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
    if let Some(set) = set_of(store, workspace, condition)? {
        return by_sets(store, workspace, condition, &set);
    }
    by_asking(store, workspace, condition, zone, now)
}

/// Segments and tags are sets that stand ready.
fn by_sets(read: &dyn Read, workspace: WorkspaceId, condition: &Condition, set: &Set) -> Result<Counted> {
    let people = weft_profiles::count_people(read, workspace)?;
    let mut sums = Vec::new();
    for (path, line) in lines(condition) {
        let count = set_of(read, workspace, line)?.map_or(0, |set| set.count(people));
        sums.push((path, count));
    }
    Ok(Counted { count: set.count(people), sample: sample(read, workspace, set)?, lines: sums })
}

fn sample(read: &dyn Read, workspace: WorkspaceId, set: &Set) -> Result<Vec<Atom>> {
    match set {
        Set::In(set) => Ok(set.iter().rev().take(SAMPLE).collect()),
        Set::Out(out) => {
            let mut found = Vec::new();
            weft_profiles::newest_people(read, workspace, &mut |person| {
                if !out.contains(person) {
                    found.push(person);
                }
                Ok(found.len() < SAMPLE)
            })?;
            Ok(found)
        }
    }
}

/// Everybody is asked.
pub(crate) fn by_asking(store: &dyn StateStore, workspace: WorkspaceId, condition: &Condition, zone: &TimeZone, now: Millis) -> Result<Counted> {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value, json};
    use weft_event_pipeline::{Cx, InFlight, Step};
    use weft_profile_kv::{MemoryStore, Work};

    use super::*;
    use crate::kernel::{Control, Event, Identifier, SourceId};

    const W: WorkspaceId = WorkspaceId(1);

    /// Twenty people who bought nothing to nineteen times; a ladder, a figure, two segments.
    fn brand() -> MemoryStore {
        let store = MemoryStore::default();
        let steps: [Box<dyn Step>; 4] =
            [Box::new(weft_identity::ResolvePerson::default()), Box::new(weft_profiles::FoldIntoProfile), Box::new(weft_tags::ApplyTags::default()), Box::new(crate::UpdateMembership::default())];
        let mut position = 0;
        let mut walk = |act: &mut dyn FnMut(&mut Cx, u64)| {
            position += 1;
            let mut cx = Cx::new(Work::over(&store), Millis(1_000), position);
            act(&mut cx, position);
            let changes = cx.work.into_changes();
            store.apply(changes, position).unwrap();
        };
        let buys = json!({"event": {"name": "buy", "count": {"gte": 10}}});
        let ladder = json!({"values": [{"value": "big", "condition": buys}, {"value": "some", "condition": {"event": {"name": "buy"}}}]});
        for (room, what, body) in [
            ("tags", "tag_defined", json!({"id": "tag_1", "name": "stage", "version": 1, "rule": ladder})),
            ("tags", "tag_defined", json!({"id": "tag_2", "name": "buys", "version": 1, "rule": {"statistic": {"event": {"name": "buy"}, "function": "count"}}})),
            ("segments", "segment_defined", json!({"id": "seg_even", "name": "even", "version": 1, "condition": {"event": {"name": "even"}}})),
            ("segments", "segment_defined", json!({"id": "seg_big", "name": "big", "version": 1, "condition": {"tag": {"name": "stage", "eq": "big"}}})),
        ] {
            walk(&mut |cx, n| {
                let control = Control { id: format!("c{n}"), workspace: W, at: Millis(0), room: room.into(), what: what.into(), body: body.clone() };
                steps.iter().for_each(|s| s.control(&control, cx).unwrap());
            });
        }
        for person in 0..20u32 {
            let mut names = vec!["view"];
            names.extend((person % 2 == 0).then_some("even"));
            names.extend(std::iter::repeat_n("buy", person as usize));
            for name in names {
                walk(&mut |cx, n| {
                    let mut event = Event::track(W, SourceId::from("src_1"), format!("e{n}"), name, Millis(n as i64));
                    event.identifiers = vec![Identifier::new("user_id", person.to_string())];
                    let mut flight = InFlight { event, position: n, atom: None, person: None, merges: vec![], changed: Default::default() };
                    steps.iter().for_each(|s| {
                        s.event(&mut flight, cx).unwrap();
                    });
                });
            }
        }
        store
    }

    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!({"segment": "seg_even"})),
            Just(json!({"segment": "seg_big"})),
            Just(json!({"tag": {"name": "stage", "eq": "big"}})),
            Just(json!({"tag": {"name": "stage", "in": ["big", "some"]}})),
            Just(json!({"tag": {"name": "stage", "eq": "nobody"}})),
            Just(json!({"tag": {"name": "buys", "gte": 5}})),
        ]
    }
    fn condition() -> impl Strategy<Value = Value> {
        leaf().prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({"all": all})),
                prop::collection::vec(inner.clone(), 1..4).prop_map(|any| json!({"any": any})),
                inner.prop_map(|not| json!({"not": not})),
            ]
        })
    }

    #[test]
    fn sets_count_as_asking_does() {
        let store: Arc<dyn StateStore> = Arc::new(brand());
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
        let mut by_sets = 0;
        runner
            .run(&condition(), |json| {
                let condition = weft_condition::parse(&json).unwrap();
                let asked = by_asking(&*store, W, &condition, &TimeZone::UTC, Millis(2_000)).unwrap();
                prop_assert_eq!(count(&*store, W, &condition, &TimeZone::UTC, Millis(2_000)).unwrap(), asked);
                Ok(())
            })
            .unwrap();
        for (json, expected) in [(json!({"tag": {"name": "stage", "eq": "big"}}), 10), (json!({"not": {"segment": "seg_even"}}), 10), (json!({"all": [{"segment": "seg_even"}, {"segment": "seg_big"}]}), 5)] {
            let condition = weft_condition::parse(&json).unwrap();
            by_sets += u32::from(set_of(&*store, W, &condition).unwrap().is_some());
            assert_eq!(count(&*store, W, &condition, &TimeZone::UTC, Millis(2_000)).unwrap().count, expected, "{json}");
        }
        assert_eq!(by_sets, 3);
    }
}
