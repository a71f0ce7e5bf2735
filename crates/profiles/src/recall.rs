//! What was read of one person while she is judged: many definitions ask the same of her, and she is read once.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};
use weft_condition::Properties;
use weft_profile_kv::Read;

use crate::document::{Document, document};
use crate::history;
use crate::kernel::{Atom, Millis, Result, WorkspaceId};

/// Events of one name that are kept; who has more is asked of the store for what is older.
const MOST: usize = 1_024;

/// Stays true as long as nothing is told of her and nothing happens to her: from one event to the next, not longer.
#[derive(Default)]
pub struct Recall {
    reads_ahead: Cell<bool>,
    atoms: OnceCell<Vec<Atom>>,
    document: OnceCell<Document>,
    /// By name; a name that was asked for once has nothing kept yet.
    events: RefCell<HashMap<String, Option<Rc<Recent>>>>,
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
    parsed: OnceCell<Map<String, Value>>,
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
        self.reads_ahead.set(true);
    }

    /// The newest events of a name, once it is asked for again: who asks but once stops reading where she likes.
    pub(crate) fn events(&self, name: &str, load: impl FnOnce() -> Result<Recent>) -> Result<Option<Rc<Recent>>> {
        let asked = self.events.borrow().get(name).cloned();
        match asked {
            Some(Some(kept)) => return Ok(Some(kept)),
            None if !self.reads_ahead.get() => {
                self.events.borrow_mut().insert(name.to_owned(), None);
                return Ok(None);
            }
            Some(None) | None => {}
        }
        let recent = Rc::new(load()?);
        self.events.borrow_mut().insert(name.to_owned(), Some(recent.clone()));
        Ok(Some(recent))
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
                events.push(Kept { ts, position, json: json.into(), parsed: OnceCell::new() });
                true
            })?;
        }
        events.sort_by_key(|event| (event.ts, event.position));
        Ok(Self { events, since })
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
        Kept { ts: Millis(ts), position: ts as u64, json: br#"{"a":{"b":1}}"#[..].into(), parsed: OnceCell::new() }
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
            let ahead = Rc::<Recall>::default();
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
                let stored = crate::PersonFacts::new(&store, workspace, person, &around, Rc::default());
                assert_eq!(seen(&kept), seen(&stored), "{name} {from:?} {to:?}");
            }
        }
    }
}
