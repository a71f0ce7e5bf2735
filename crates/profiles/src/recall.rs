//! What was read of one person while she is judged: many definitions ask the same of her, and she is read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use serde_json::{Map, Value};
use weft_condition::Properties;
use weft_profile_kv::Read;

use crate::document::{Document, document};
use crate::history;
use crate::kernel::{Atom, Event, Millis, Result, WorkspaceId};

/// Events of one name that are kept; who has more is asked of the store for what is older.
const MOST: usize = 1_024;
/// Of everybody who was active lately, about: 60 MB.
const MOST_EVENTS: usize = 100_000;
const MOST_PEOPLE: usize = 20_000;

/// Stays true as long as nothing is told of her and she hears of what happens to her.
#[derive(Default)]
pub struct Recall {
    reads_ahead: AtomicBool,
    atoms: OnceLock<Vec<Atom>>,
    document: OnceLock<Document>,
    /// By name; a name that was asked for once has nothing kept yet.
    events: Mutex<HashMap<String, Option<Arc<Recent>>>>,
}

/// The newest events of one name, of all her atoms, by time and position.
pub(crate) struct Recent {
    events: Vec<Kept>,
    /// Nothing is missing from here on; nothing at all where there is no bound.
    since: Option<Millis>,
}

/// One of them; what it carries is parsed once, when somebody asks.
pub(crate) struct Kept {
    pub(crate) ts: Millis,
    pub(crate) position: u64,
    json: Box<[u8]>,
    parsed: OnceLock<Map<String, Value>>,
}

impl Properties for Kept {
    fn get(&self, path: &str) -> Option<Cow<'_, Value>> {
        let properties = self.parsed.get_or_init(|| serde_json::from_slice(&self.json).unwrap_or_default());
        weft_condition::lookup(properties, path).map(Cow::Borrowed)
    }
}

impl Recall {
    pub(crate) fn atoms(&self, read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<&[Atom]> {
        if let Some(atoms) = self.atoms.get() {
            return Ok(atoms);
        }
        let atoms = weft_identity::atoms(read, workspace, person)?;
        Ok(self.atoms.get_or_init(|| atoms))
    }

    pub(crate) fn document(&self, read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<&Document> {
        if let Some(document) = self.document.get() {
            return Ok(document);
        }
        let document = document(read, workspace, person)?;
        Ok(self.document.get_or_init(|| document))
    }

    /// Many questions will follow: what is asked for is kept at once.
    pub fn read_ahead(&self) {
        self.reads_ahead.store(true, Ordering::Relaxed);
    }

    /// The newest events of a name, once it is asked for again: who asks but once stops reading where she likes.
    pub(crate) fn events(&self, name: &str, load: impl FnOnce() -> Result<Recent>) -> Result<Option<Arc<Recent>>> {
        let asked = self.events.lock().get(name).cloned();
        match asked {
            Some(Some(kept)) => return Ok(Some(kept)),
            None if !self.reads_ahead.load(Ordering::Relaxed) => {
                self.events.lock().insert(name.to_owned(), None);
                return Ok(None);
            }
            Some(None) | None => {}
        }
        let recent = Arc::new(load()?);
        self.events.lock().insert(name.to_owned(), Some(recent.clone()));
        Ok(Some(recent))
    }

    /// Something happened to her, and stands in her history.
    fn happened(&self, event: &Event, position: u64) -> Result<()> {
        let mut events = self.events.lock();
        for name in [event.name.as_str(), "*"] {
            let Some(Some(kept)) = events.get_mut(name) else { continue };
            let is_told = match Arc::get_mut(kept) {
                Some(recent) => recent.add(event, position)?,
                None => false,
            };
            if !is_told {
                events.remove(name);
            }
        }
        Ok(())
    }

    fn weight(&self) -> usize {
        self.events.lock().values().flatten().map(|recent| recent.events.len()).sum()
    }
}

/// What was read of those who were active lately: a visit is many events of one person.
#[derive(Default)]
pub(crate) struct Recalls {
    young: HashMap<Whom, Counted>,
    /// Forgotten when the young are too many, unless they come back.
    old: HashMap<Whom, Counted>,
    /// Events that the young hold.
    weight: usize,
    /// Whose weight may have grown since it was counted.
    last: Option<Whom>,
}

type Whom = (WorkspaceId, Atom);

/// One of them, and how many of her events are counted.
type Counted = (Arc<Recall>, usize);

impl Recalls {
    /// What is known of her, with what happened just now.
    pub(crate) fn with(&mut self, event: &Event, position: u64, person: Atom) -> Result<Arc<Recall>> {
        self.settle();
        let whom = (event.workspace, person);
        let known = self.young.get(&whom).map(|(recall, _)| recall.clone());
        let recall = known.unwrap_or_else(|| {
            let (recall, _) = self.old.remove(&whom).unwrap_or_default();
            self.young.insert(whom, (recall.clone(), 0));
            recall
        });
        recall.happened(event, position)?;
        self.last = Some(whom);
        Ok(recall)
    }

    pub(crate) fn forget(&mut self, workspace: WorkspaceId, person: Atom) {
        self.settle();
        if let Some((_, counted)) = self.young.remove(&(workspace, person)) {
            self.weight -= counted;
        }
        self.old.remove(&(workspace, person));
    }

    fn settle(&mut self) {
        if let Some((recall, counted)) = self.last.take().and_then(|whom| self.young.get_mut(&whom)) {
            let now = recall.weight();
            self.weight = self.weight + now - *counted;
            *counted = now;
        }
        if self.weight > MOST_EVENTS || self.young.len() > MOST_PEOPLE {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
    }
}

impl Recent {
    /// The newest of these histories, as one.
    pub(crate) fn load(read: &dyn Read, workspace: WorkspaceId, histories: &[(Atom, String)]) -> Result<Self> {
        let mut events = Vec::new();
        let mut since = None;
        for (atom, name) in histories {
            let mut count = 0;
            history::newest_first(read, workspace, *atom, name, &mut |ts, position, json| {
                if count == MOST {
                    // Others of the same millisecond may be among those that are not kept.
                    since = since.max(Some(ts.plus(1)));
                    return false;
                }
                count += 1;
                events.push(Kept { ts, position, json: json.into(), parsed: OnceLock::new() });
                true
            })?;
        }
        events.sort_by_key(|event| (event.ts, event.position));
        Ok(Self { events, since })
    }

    /// False where that would be too many.
    fn add(&mut self, event: &Event, position: u64) -> Result<bool> {
        if self.since.is_some_and(|since| event.ts < since) {
            return Ok(true);
        }
        let at = self.events.partition_point(|kept| (kept.ts, kept.position) < (event.ts, position));
        self.events.insert(at, Kept { ts: event.ts, position, json: serde_json::to_vec(&event.properties)?.into(), parsed: OnceLock::new() });
        Ok(self.events.len() <= 2 * MOST)
    }

    /// Those with `from <= ts < to`, unless that reaches back further than what is kept.
    pub(crate) fn between(&self, from: Option<Millis>, to: Option<Millis>) -> Option<&[Kept]> {
        if self.since.is_some_and(|since| from.is_none_or(|from| from < since)) {
            return None;
        }
        let start = from.map_or(0, |from| self.events.partition_point(|event| event.ts < from));
        let end = to.map_or(self.events.len(), |to| self.events.partition_point(|event| event.ts < to));
        Some(self.events.get(start..end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(ts: i64) -> Kept {
        Kept { ts: Millis(ts), position: ts as u64, json: br#"{"a":{"b":1}}"#[..].into(), parsed: OnceLock::new() }
    }
    fn times(recent: &Recent, from: Option<i64>, to: Option<i64>) -> Option<Vec<i64>> {
        recent.between(from.map(Millis), to.map(Millis)).map(|events| events.iter().map(|event| event.ts.0).collect())
    }

    #[test]
    fn what_reaches_back_too_far_is_not_answered() {
        let recent = Recent { events: [1, 2, 2, 5].map(kept).into(), since: None };
        assert_eq!(times(&recent, None, None), Some(vec![1, 2, 2, 5]));
        assert_eq!(times(&recent, Some(2), Some(5)), Some(vec![2, 2]));
        assert_eq!(times(&recent, Some(6), Some(3)), Some(vec![]), "a stretch that ends before it begins");
        let cut = Recent { since: Some(Millis(2)), ..recent };
        assert_eq!(times(&cut, None, None), None);
        assert_eq!(times(&cut, Some(1), None), None);
        assert_eq!(times(&cut, Some(2), None), Some(vec![2, 2, 5]));
    }

    #[test]
    fn what_an_event_carries_is_found() {
        assert_eq!(kept(1).get("a.b").as_deref(), Some(&serde_json::json!(1)));
    }

    struct Nothing(jiff::tz::TimeZone);
    impl crate::Around for Nothing {
        fn zone(&self) -> &jiff::tz::TimeZone {
            &self.0
        }
        fn in_segment(&self, _: &crate::kernel::SegmentId) -> bool {
            false
        }
        fn consent(&self, _: &str, _: Option<&str>) -> bool {
            false
        }
        fn tag(&self, _: &str) -> Option<Value> {
            None
        }
    }

    #[test]
    fn what_is_kept_says_what_the_store_says() {
        use weft_condition::Facts;
        use weft_profile_kv::{MemoryStore, StateStore, Work};

        let (workspace, person, store, around) = (WorkspaceId(1), 7, MemoryStore::default(), Nothing(jiff::tz::TimeZone::UTC));
        let mut work = Work::over(&store);
        // Three a millisecond, more of them than are kept; and a few of another name in between.
        for n in 0..(MOST as u64 * 3 / 2) {
            let name = if n % 100 == 7 { "buy" } else { "view" };
            let event = crate::kernel::Event::track(workspace, crate::kernel::SourceId::from("src_a"), format!("e{n}"), name, Millis(n as i64 / 3)).with_property("n", n);
            history::put(&mut work, person, n, &event).unwrap();
        }
        store.apply(work.into_changes(), 1).unwrap();
        let last = MOST as i64 / 2;
        let periods = [(None, None), (Some(0), Some(last)), (Some(last - 9), None), (Some(last - 400), Some(last - 300)), (None, Some(20)), (Some(170), Some(175)), (Some(last), Some(0))];
        for name in ["view", "buy", "*", "none"] {
            let ahead = Arc::<Recall>::default();
            ahead.read_ahead();
            let kept = crate::PersonFacts::new(&store, workspace, person, &around, ahead);
            for (from, to) in periods {
                let seen = |facts: &crate::PersonFacts| {
                    let mut seen = Vec::new();
                    facts.events(name, from.map(Millis), to.map(Millis), &mut |event| {
                        seen.push((event.ts, event.position, event.properties.get("n").map(Cow::into_owned)));
                        true
                    });
                    facts.sound().unwrap();
                    seen
                };
                // Asked for once, a name is read from the store.
                let stored = crate::PersonFacts::new(&store, workspace, person, &around, Arc::default());
                assert_eq!(seen(&kept), seen(&stored), "{name} {from:?} {to:?}");
            }
        }
    }

    #[test]
    fn who_was_read_hears_of_what_happens_and_says_what_the_store_says() {
        use weft_condition::Facts;
        use weft_profile_kv::{MemoryStore, StateStore, Work};

        let (workspace, store, around) = (WorkspaceId(1), MemoryStore::default(), Nothing(jiff::tz::TimeZone::UTC));
        let mut recalls = Recalls::default();
        // Many come back and back, some of what is told of them is late, and one does more than can be kept.
        for n in 0..6_000u64 {
            let person = if n % 3 == 0 { 1 } else { (n * 2_654_435_761 % 97) as u32 };
            let (name, late) = (["view", "buy", "page"][(n % 7 % 3) as usize], if n % 11 == 0 { 900 } else { 0 });
            let event = crate::kernel::Event::track(workspace, crate::kernel::SourceId::from("src_a"), format!("e{n}"), name, Millis((n / 2) as i64 - late)).with_property("n", n);
            let mut work = Work::over(&store);
            history::put(&mut work, person, n, &event).unwrap();
            store.apply(work.into_changes(), n + 1).unwrap();
            let recall = recalls.with(&event, n, person).unwrap();
            recall.read_ahead();
            let seen = |recall: Arc<Recall>, name: &str| {
                let facts = crate::PersonFacts::new(&store, workspace, person, &around, recall);
                let mut seen = Vec::new();
                facts.events(name, Some(Millis((n / 2) as i64 - 1_000)), None, &mut |event| {
                    seen.push((event.ts, event.position, event.properties.get("n").map(Cow::into_owned)));
                    true
                });
                facts.sound().unwrap();
                seen
            };
            let asked = if n % 5 == 0 { "*" } else { name };
            assert_eq!(seen(recall, asked), seen(Arc::default(), asked), "event {n}");
            if n % 501 == 0 {
                recalls.forget(workspace, person);
            }
        }
        assert!(recalls.weight <= MOST_EVENTS && recalls.young.len() <= 97);
    }
}
