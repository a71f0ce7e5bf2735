//! How many would belong: from the sets that stand ready, or the condition asked of everybody, on as many threads as there are,
//! or of some of them where an answer is wanted at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::tz::TimeZone;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use weft_condition::Condition;
use weft_profile_kv::{Read, StateStore};
use weft_profiles::Recall;

use crate::around::Surroundings;
use crate::kernel::{Atom, Error, Millis, Result, WorkspaceId};
use crate::sets::Asked;

pub(crate) const SAMPLE: usize = 10;
const THREADS: u32 = 2;
/// So many are asked where an answer is wanted at once; of fewer, everybody is.
const AT_ONCE: usize = 2_000;
const CONFIDENCE: f64 = 0.95;

#[derive(Debug, PartialEq)]
pub(crate) struct Counted {
    pub count: u64,
    /// Not everybody was asked: between so many and so many, in 19 of 20 cases (E. Wilson 1927).
    pub estimate: Option<(u64, u64)>,
    /// The newest of them; of an estimate, some.
    pub sample: Vec<Atom>,
    /// For each node of the tree's first two floors: its path and how many satisfy it alone.
    pub lines: Vec<Line>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    pub path: String,
    pub count: u64,
    pub is_estimate: bool,
}

/// What a question is asked of.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub store: &'a dyn StateStore,
    pub workspace: WorkspaceId,
    pub zone: &'a TimeZone,
    pub now: Millis,
    /// Nobody waits for the answer any more.
    pub is_over: &'a AtomicBool,
}

impl Asking<'_> {
    /// Each condition of one person.
    fn holds(&self, person: Atom, conditions: &[&Condition], mut take: impl FnMut(usize)) -> Result<()> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(Error::unavailable("segments.count_over", "nobody waits for this count any more"));
        }
        let recall = Arc::<Recall>::default();
        if conditions.len() > 1 {
            recall.read_ahead();
        }
        let around = Surroundings::of(self.store, self.workspace, person, self.zone).recalling(recall);
        let facts = around.facts();
        conditions.iter().enumerate().filter(|(_, c)| weft_condition::holds(c, &facts, self.now)).for_each(|(n, _)| take(n));
        facts.sound()?;
        around.sound()
    }
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

pub(crate) fn count(asking: Asking, condition: &Condition) -> Result<Counted> {
    match Asked::of(asking.store, asking.workspace, condition)? {
        Some(asked) => by_sets(asking.store, asking.workspace, condition, asked),
        None => by_asking(asking, condition),
    }
}

/// An estimate where counting would take long.
pub(crate) fn count_at_once(asking: Asking, condition: &Condition) -> Result<Counted> {
    let is_quick = weft_profiles::count_people(asking.store, asking.workspace)? <= AT_ONCE as u64;
    if is_quick || Asked::of(asking.store, asking.workspace, condition)?.is_some() { count(asking, condition) } else { by_some(asking, condition) }
}

/// Segments and tags are sets that stand ready.
fn by_sets(read: &dyn Read, workspace: WorkspaceId, condition: &Condition, asked: Asked) -> Result<Counted> {
    let people = weft_profiles::count_people(read, workspace)?;
    let mut paths = Vec::new();
    let mut all = vec![asked];
    for (path, line) in lines(condition) {
        if let Some(asked) = Asked::of(read, workspace, line)? {
            paths.push(path);
            all.push(asked);
        }
    }
    let answered = Asked::answer(all, read)?;
    let Some((whole, each)) = answered.split_first() else { return Err(Error::bug("segments.nothing_asked", "a condition was asked and got no answer")) };
    Ok(Counted {
        count: whole.count(people),
        sample: whole.newest(SAMPLE, |visit| weft_profiles::newest_people(read, workspace, visit))?,
        lines: paths.into_iter().zip(each).map(|(path, line)| Line { path, count: line.count(people), is_estimate: false }).collect(),
        estimate: None,
    })
}

/// Everybody is asked.
fn by_asking(asking: Asking, condition: &Condition) -> Result<Counted> {
    let end = weft_identity::count(asking.store, asking.workspace)?;
    let share = end.div_ceil(THREADS).max(1);
    let lines = lines(condition);
    let conditions: Vec<&Condition> = lines.iter().map(|(_, line)| *line).chain([condition]).collect();
    let totals: Vec<AtomicU64> = conditions.iter().map(|_| AtomicU64::new(0)).collect();
    let parts = on_threads(|n| part(asking, &conditions, &totals, n * share..(n + 1).saturating_mul(share)));
    let mut sample = parts.into_iter().collect::<Result<Vec<_>>>()?.concat();
    sample.sort_unstable_by(|a, b| b.cmp(a));
    sample.truncate(SAMPLE);
    let mut counts = totals.iter().map(|n| n.load(Ordering::Relaxed));
    let lines = lines.into_iter().zip(counts.by_ref()).map(|((path, _), count)| Line { path, count, is_estimate: false }).collect();
    Ok(Counted { lines, count: counts.next().unwrap_or(0), estimate: None, sample })
}

fn on_threads<T: Send>(work: impl Fn(u32) -> Result<T> + Sync) -> Vec<Result<T>> {
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || work(n))).collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(Error::bug("segments.count_panicked", "counting failed")))).collect()
    })
}

/// Adds up who satisfies each condition; the last few who satisfy the last of them.
fn part(asking: Asking, conditions: &[&Condition], totals: &[AtomicU64], range: std::ops::Range<Atom>) -> Result<Vec<Atom>> {
    let mut sample = std::collections::VecDeque::with_capacity(SAMPLE);
    weft_profiles::all_people(asking.store, asking.workspace, range.start, &mut |person, _| {
        if person >= range.end {
            return Ok(false);
        }
        asking.holds(person, conditions, |n| {
            totals[n].fetch_add(1, Ordering::Relaxed);
            if n + 1 == conditions.len() {
                if sample.len() == SAMPLE {
                    sample.pop_front();
                }
                sample.push_back(person);
            }
        })?;
        Ok(true)
    })?;
    Ok(sample.into())
}

/// Some of the people are asked, drawn with equal chances. Lines that are sets are counted; and where all lines must hold, only
/// those are asked who are in all the sets.
fn by_some(asking: Asking, condition: &Condition) -> Result<Counted> {
    let people = weft_profiles::count_people(asking.store, asking.workspace)?;
    let lines = lines(condition);
    let mut sets = Vec::new();
    let mut to_ask: Vec<usize> = Vec::new();
    for (n, (_, line)) in lines.iter().enumerate() {
        match Asked::of(asking.store, asking.workspace, line)? {
            Some(asked) => sets.push((n, asked)),
            None => to_ask.push(n),
        }
    }
    let (places, asked): (Vec<usize>, Vec<Asked>) = sets.into_iter().unzip();
    let answered = Asked::answer(asked, asking.store)?;
    let mut counted: Vec<Line> = lines.iter().map(|(path, _)| Line { path: path.clone(), count: 0, is_estimate: true }).collect();
    for (n, set) in places.iter().zip(&answered) {
        counted[*n] = Line { path: counted[*n].path.clone(), count: set.count(people), is_estimate: false };
    }
    let some = drawn(asking)?;
    let conditions: Vec<&Condition> = to_ask.iter().map(|n| lines[*n].1).chain([condition]).collect();
    let held = ask(asking, &conditions, &some)?;
    let scaled = |hits: usize, asked: usize, of: u64| (hits as f64 / asked.max(1) as f64 * of as f64).round() as u64;
    for (n, held) in to_ask.iter().zip(&held) {
        counted[*n].count = scaled(held.len(), some.len(), people);
    }
    let (asked, hits, of) = match among(condition, answered) {
        None => (some.len(), held.into_iter().next_back().unwrap_or_default(), people),
        Some(within) => {
            let some = picked(&within);
            let held = ask(asking, &[condition], &some)?;
            (some.len(), held.into_iter().next_back().unwrap_or_default(), within.len() as u64)
        }
    };
    let interval = weft_experiments::wilson(hits.len() as f64, asked as f64, CONFIDENCE);
    let end = |share: f64| (share * of as f64).round() as u64;
    // Who was asked without exception is no estimate.
    let estimate = if asked as u64 == of { None } else { interval.map(|i| (end(i.low), end(i.high))) };
    let sample: std::collections::BTreeSet<Atom> = hits.iter().copied().collect();
    Ok(Counted { count: scaled(hits.len(), asked, of), estimate, sample: sample.into_iter().rev().take(SAMPLE).collect(), lines: counted })
}

/// Those who are in all the sets of a condition all of whose lines must hold, unless that is nearly everybody.
fn among(condition: &Condition, sets: Vec<crate::sets::Answered>) -> Option<Vec<Atom>> {
    matches!(condition, Condition::All(_)).then(|| crate::sets::Answered::in_all(sets)).flatten()
}

/// For each condition, who of these satisfies it.
fn ask(asking: Asking, conditions: &[&Condition], people: &[Atom]) -> Result<Vec<Vec<Atom>>> {
    let share = people.len().div_ceil(THREADS as usize).max(1);
    let parts = on_threads(|n| {
        let mut held = vec![Vec::new(); conditions.len()];
        for person in people.iter().skip(n as usize * share).take(share) {
            asking.holds(*person, conditions, |n| held[n].push(*person))?;
        }
        Ok(held)
    });
    let mut all = vec![Vec::new(); conditions.len()];
    for part in parts {
        all.iter_mut().zip(part?).for_each(|(all, part)| all.extend(part));
    }
    Ok(all)
}

/// The same draws every time: a count does not flicker while nothing changes.
fn dice() -> StdRng {
    StdRng::seed_from_u64(1)
}

/// People drawn from everybody, some perhaps twice. Numbers that are no person's any more are passed over, so that all have the same chance.
fn drawn(asking: Asking) -> Result<Vec<Atom>> {
    let end = weft_identity::count(asking.store, asking.workspace)?.max(1);
    let mut found = Vec::with_capacity(AT_ONCE);
    let mut dice = dice();
    for _ in 0..AT_ONCE * 50 {
        if found.len() == AT_ONCE {
            break;
        }
        let atom = dice.random_range(0..end);
        if weft_profiles::seen(asking.store, asking.workspace, atom)?.is_some() {
            found.push(atom);
        }
    }
    Ok(found)
}

/// All of them where they are few.
fn picked(people: &[Atom]) -> Vec<Atom> {
    if people.len() <= AT_ONCE {
        return people.to_vec();
    }
    let mut dice = dice();
    (0..AT_ONCE).map(|_| people[dice.random_range(0..people.len())]).collect()
}

#[cfg(test)]
mod tests {
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
            [Box::new(weft_identity::ResolvePerson::default()), Box::new(weft_profiles::FoldIntoProfile::default()), Box::new(weft_tags::ApplyTags::default()), Box::new(crate::UpdateMembership::default())];
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

    static WAITED_FOR: AtomicBool = AtomicBool::new(false);
    static UTC: TimeZone = TimeZone::UTC;

    fn asking(store: &dyn StateStore) -> Asking<'_> {
        Asking { store, workspace: W, zone: &UTC, now: Millis(2_000), is_over: &WAITED_FOR }
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
                let asked = by_asking(asking(&*store), &condition).unwrap();
                prop_assert_eq!(count(asking(&*store), &condition).unwrap(), asked);
                Ok(())
            })
            .unwrap();
        for (json, expected) in [(json!({"tag": {"name": "stage", "eq": "big"}}), 10), (json!({"not": {"segment": "seg_even"}}), 10), (json!({"all": [{"segment": "seg_even"}, {"segment": "seg_big"}]}), 5)] {
            let condition = weft_condition::parse(&json).unwrap();
            by_sets += u32::from(Asked::of(&*store, W, &condition).unwrap().is_some());
            assert_eq!(count(asking(&*store), &condition).unwrap().count, expected, "{json}");
        }
        assert_eq!(by_sets, 3);
    }

    /// Every third of ten thousand has bought, and one in fifty is on a list.
    #[test]
    fn an_estimate_holds_the_truth_and_few_are_asked_without_exception() {
        let store = MemoryStore::default();
        let resolve = weft_identity::ResolvePerson::default();
        let mut cx = Cx::new(Work::over(&store), Millis(1_000), 1);
        for person in 0..10_000u32 {
            let mut event = Event::track(W, SourceId::from("src_1"), format!("e{person}"), if person % 3 == 0 { "buy" } else { "view" }, Millis(1));
            event.identifiers = vec![Identifier::new("user_id", format!("u{person}"))];
            let mut flight = InFlight { event, position: u64::from(person), atom: None, person: None, merges: vec![], changed: Default::default() };
            resolve.event(&mut flight, &mut cx).unwrap();
            weft_profiles::FoldIntoProfile::default().event(&mut flight, &mut cx).unwrap();
        }
        let list: roaring::RoaringBitmap = (0..10_000).step_by(50).collect();
        crate::membership::write_for_tests(&mut cx.work, W, &crate::kernel::SegmentId::from("seg_list"), &list).unwrap();
        store.apply(cx.work.into_changes(), 1).unwrap();
        let parse = |json: Value| weft_condition::parse(&json).unwrap();
        let bought = count_at_once(asking(&store), &parse(json!({"event": {"name": "buy"}}))).unwrap();
        let (low, high) = bought.estimate.unwrap();
        assert!(low < 3_334 && 3_334 < high && high - low < 500, "{bought:?}");
        assert_eq!(bought, count_at_once(asking(&store), &parse(json!({"event": {"name": "buy"}}))).unwrap(), "it does not flicker");
        let narrow = count_at_once(asking(&store), &parse(json!({"all": [{"segment": "seg_list"}, {"event": {"name": "buy"}}]}))).unwrap();
        assert_eq!((narrow.count, narrow.estimate, narrow.sample.len()), (67, None, 10), "200 people can all be asked");
        assert_eq!(narrow.lines.iter().map(|l| (l.count, l.is_estimate)).collect::<Vec<_>>(), [(200, false), (bought.count, true)]);
        let over = AtomicBool::new(true);
        let error = count(Asking { is_over: &over, ..asking(&store) }, &parse(json!({"event": {"name": "buy"}}))).unwrap_err();
        assert_eq!(error.code, "segments.count_over");
    }
}
