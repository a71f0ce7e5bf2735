//! When to look at somebody again although nothing happens to her: a step has one timer for all that it says of her.

use std::collections::BTreeMap;

use weft_profile_kv::Read;
use weft_profile_kv::key::{Key, Parts};

use crate::kernel::{Atom, Millis, Result, WorkspaceId};
use crate::step::Cx;

/// Whose looks these are.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// Of its own in the store: person → looks
    pub space: &'static str,
    pub step: &'static str,
    /// How the keys of its timers begin; the person follows.
    pub sort: u8,
}

/// By definition, when time alone may change what it says of this person. A look may come too early, never too late.
pub struct Looks {
    watch: Watch,
    workspace: WorkspaceId,
    person: Atom,
    due: BTreeMap<String, Millis>,
    /// Set at the earliest of them, or before it.
    timer: Option<Millis>,
    stored: Option<Vec<u8>>,
}

impl Looks {
    pub fn of(read: &dyn Read, watch: Watch, workspace: WorkspaceId, person: Atom) -> Result<Self> {
        let stored = read.get(watch.space, Key::of(workspace).atom(person).as_slice())?.map(|v| v.to_vec());
        let mut looks = Self { watch, workspace, person, due: BTreeMap::new(), timer: None, stored: None };
        if let Some(bytes) = stored {
            let mut parts = Parts(&bytes);
            looks.timer = parts.time();
            while let (Some(name), Some(due)) = (parts.text(), parts.time()) {
                looks.due.insert(name, due);
            }
            looks.stored = Some(bytes);
        }
        Ok(looks)
    }

    /// Look again at `next`, as far as this definition is concerned. What is due earlier stays: it is asked then when to come again,
    /// and nothing has to be written with every event that puts it off.
    pub fn at(&mut self, definition: &str, next: Option<Millis>) {
        match (self.due.get_mut(definition), next) {
            (Some(due), Some(next)) => *due = next.min(*due),
            (None, Some(next)) => drop(self.due.insert(definition.to_owned(), next)),
            (Some(_), None) => drop(self.due.remove(definition)),
            (None, None) => {}
        }
    }

    /// Makes it true, with the timer.
    pub fn keep(mut self, cx: &mut Cx) {
        let earliest = self.due.values().min().copied();
        let timer = match (self.timer, earliest) {
            (Some(timer), Some(earliest)) => Some(timer.min(earliest)),
            (_, earliest) => earliest,
        };
        if timer != self.timer {
            let key = self.timer_key();
            if let Some(before) = self.timer {
                cx.cancel_timer(self.watch.step, self.workspace, before, &key);
            }
            if let Some(due) = timer {
                cx.set_timer(self.watch.step, self.workspace, due, &key);
            }
            self.timer = timer;
        }
        let key = Key::of(self.workspace).atom(self.person);
        match self.encode() {
            None if self.stored.is_some() => cx.work.delete(self.watch.space, key),
            Some(bytes) if self.stored.as_ref() != Some(&bytes) => cx.work.put(self.watch.space, key, bytes),
            _ => {}
        }
    }

    /// Of a timer that has fired: for whom, and which definitions are due.
    pub fn fired(cx: &mut Cx, watch: Watch, workspace: WorkspaceId, key: &[u8]) -> Result<Option<(Atom, Vec<String>)>> {
        let Some(person) = key.strip_prefix(&[watch.sort]).and_then(|key| Parts(key).u32()) else { return Ok(None) };
        let now = cx.now;
        let mut looks = Self::of(&cx.work, watch, workspace, person)?;
        // It is no longer set.
        looks.timer = None;
        let due: Vec<String> = looks.due.iter().filter(|(_, due)| **due <= now).map(|(name, _)| name.clone()).collect();
        looks.due.retain(|_, due| *due > now);
        looks.keep(cx);
        Ok(Some((person, due)))
    }

    /// Nothing is looked at again of somebody who is gone.
    pub fn forget(cx: &mut Cx, watch: Watch, workspace: WorkspaceId, person: Atom) -> Result<()> {
        let mut looks = Self::of(&cx.work, watch, workspace, person)?;
        looks.due.clear();
        looks.keep(cx);
        Ok(())
    }

    fn timer_key(&self) -> Vec<u8> {
        let mut key = vec![self.watch.sort];
        key.extend_from_slice(&self.person.to_be_bytes());
        key
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let key = Key::raw().time(self.timer?);
        Some(self.due.iter().fold(key, |key, (name, due)| key.text(name).time(*due)).0)
    }
}

#[cfg(test)]
mod tests {
    use weft_profile_kv::{MemoryStore, StateStore, Work};

    use super::*;
    use crate::timers;

    const W: WorkspaceId = WorkspaceId(1);
    const WATCH: Watch = Watch { space: "looks", step: "watcher", sort: b'J' };

    /// What stands in the store after each change: the timers, and how many writes it took.
    struct Bench(MemoryStore);

    impl Bench {
        fn change(&self, now: i64, change: impl FnOnce(&mut Cx)) -> usize {
            let mut cx = Cx::new(Work::over(&self.0), Millis(now), 1);
            change(&mut cx);
            let changes = cx.work.into_changes();
            let written = changes.len();
            self.0.apply(changes, 1).unwrap();
            written
        }
        fn look(&self, at: &[(&str, Option<i64>)]) -> usize {
            self.change(0, |cx| {
                let mut looks = Looks::of(&cx.work, WATCH, W, 7).unwrap();
                at.iter().for_each(|(name, next)| looks.at(name, next.map(Millis)));
                looks.keep(cx);
            })
        }
        fn fire(&self, now: i64) -> Vec<String> {
            let mut all = Vec::new();
            self.change(now, |cx| {
                for timer in timers::due(&cx.work, Millis(now), 10).unwrap() {
                    timers::done(&mut cx.work, &timer);
                    let (person, due) = Looks::fired(cx, WATCH, W, &timer.key).unwrap().unwrap();
                    assert_eq!(person, 7);
                    all.extend(due);
                }
            });
            all
        }
        fn timers(&self) -> Vec<i64> {
            timers::due(&self.0, Millis(i64::MAX - 1), 10).unwrap().iter().map(|timer| timer.due.0).collect()
        }
    }

    #[test]
    fn one_timer_for_all_and_what_is_put_off_costs_nothing() {
        let bench = Bench(MemoryStore::default());
        bench.look(&[("a", Some(50)), ("b", Some(30)), ("c", None)]);
        assert_eq!(bench.timers(), [30]);
        assert_eq!(bench.look(&[("a", Some(80)), ("b", Some(60))]), 0, "later is asked then");
        bench.look(&[("a", Some(20))]);
        assert_eq!(bench.timers(), [20]);
        assert_eq!(bench.fire(25), ["a"]);
        assert_eq!(bench.timers(), [30]);
        assert_eq!(bench.fire(29), [""; 0]);
        bench.look(&[("b", None)]);
        assert_eq!(bench.timers(), [0_i64; 0]);
        assert_eq!(bench.fire(99), [""; 0]);
    }

    #[test]
    fn who_is_gone_is_not_looked_at() {
        let bench = Bench(MemoryStore::default());
        bench.look(&[("a", Some(50)), ("b", Some(30))]);
        bench.change(0, |cx| Looks::forget(cx, WATCH, W, 7).unwrap());
        assert_eq!(bench.timers(), [0_i64; 0]);
        assert_eq!(bench.look(&[("a", None)]), 0, "nothing is left");
    }

    #[test]
    fn all_that_is_due_comes_at_once() {
        let bench = Bench(MemoryStore::default());
        bench.look(&[("a", Some(50)), ("b", Some(30)), ("c", Some(70))]);
        assert_eq!(bench.fire(60), ["a", "b"]);
        assert_eq!(bench.timers(), [70]);
    }
}
