//! The step that folds an event into the person it is about.

use parking_lot::Mutex;
use serde_json::{Map, Value};
use weft_event_pipeline::{Cx, Flow, InFlight, Merge, Regrouped, Split, Step};
use weft_profile_kv::Read;

use crate::document::{self, Told};
use crate::kernel::{Atom, Control, Event, EventKind, Millis, Result, WorkspaceId};
use crate::rules::{ROOM, TRAIT_RULES_DEFINED, TraitRules, trait_rules};
use crate::recall::Recalls;
use crate::{history, people, rules};

#[derive(Default)]
pub struct FoldIntoProfile {
    recalls: Mutex<Recalls>,
}

const STEP: &str = "fold_into_profile";
/// People folded anew at once when rules change; the rest follow by timer, so that events are not kept waiting.
const REFOLD_AT_ONCE: usize = 500;

impl Step for FoldIntoProfile {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let (Some(atom), Some(person)) = (flight.atom, flight.person) else { return Ok(Flow::Continue) };
        let workspace = flight.event.workspace;
        for merge in &flight.merges {
            self.merge(workspace, *merge, cx)?;
        }
        if let Some(told) = told(&flight.event) {
            let told = told.opened(cx.work.vault(), workspace)?;
            self.recalls.lock().forget(workspace, person);
            let rules = trait_rules(&cx.work, workspace)?;
            document::tell(&mut cx.work, workspace, atom, flight.position, &told, &rules)?;
            let before = document::document(&cx.work, workspace, person)?;
            let mut after = before.clone();
            flight.changed.traits.extend(after.fold(&told, &rules));
            if after != before {
                people::index(&mut cx.work, workspace, person, &rules, &before, &after);
                document::put(&mut cx.work, workspace, person, after, &rules)?;
            }
        }
        history::put(&mut cx.work, atom, flight.position, &flight.event)?;
        cx.remember(person, self.recalls.lock().with(&flight.event, flight.position, person)?);
        people::see(&mut cx.work, workspace, person, flight.event.ts)?;
        Ok(Flow::Continue)
    }

    fn regrouped(&self, workspace: WorkspaceId, change: &Regrouped, cx: &mut Cx) -> Result<()> {
        match change {
            Regrouped::Merged(merge) => self.merge(workspace, *merge, cx),
            Regrouped::Split(split) => self.split(workspace, split, cx),
            Regrouped::Refolded(_) => Ok(()),
        }
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if (control.room.as_str(), control.what.as_str()) != (ROOM, TRAIT_RULES_DEFINED) {
            return Ok(());
        }
        let rules: TraitRules = serde_json::from_value(control.body.clone())?;
        let before = trait_rules(&cx.work, control.workspace)?;
        let is_new = rules.ranked_differently(&before) || rules.hides_differently(&before);
        rules::put(&mut cx.work, control.workspace, &rules)?;
        if is_new { self.refold_from(control.workspace, 0, cx) } else { Ok(()) }
    }

    fn timer(&self, workspace: WorkspaceId, key: &[u8], _due: Millis, cx: &mut Cx) -> Result<()> {
        match key.try_into().map(u32::from_be_bytes) {
            Ok(from) => self.refold_from(workspace, from, cx),
            Err(_) => Ok(()),
        }
    }

    fn forget(&self) {
        *self.recalls.lock() = Recalls::default();
    }
}

impl FoldIntoProfile {
    /// The winner's document is made anew from all that was told of both, as if they had always been one.
    fn merge(&self, workspace: WorkspaceId, merge: Merge, cx: &mut Cx) -> Result<()> {
        let Merge { winner, loser } = merge;
        for person in [winner, loser] {
            self.recalls.lock().forget(workspace, person);
        }
        people::merge(&mut cx.work, workspace, winner, loser)?;
        let gone = document::document(&cx.work, workspace, loser)?;
        let before = document::document(&cx.work, workspace, winner)?;
        let atoms: Vec<Atom> = weft_identity::atoms(&cx.work, workspace, winner)?;
        let after = document::refold(&cx.work, workspace, &atoms)?;
        let rules = trait_rules(&cx.work, workspace)?;
        people::index(&mut cx.work, workspace, loser, &rules, &gone, &Default::default());
        people::index(&mut cx.work, workspace, winner, &rules, &before, &after);
        document::remove(&mut cx.work, workspace, loser);
        if !after.traits.is_empty() {
            document::put(&mut cx.work, workspace, winner, after, &rules)?;
        }
        Ok(())
    }

    /// The next few hundred people's documents are made anew by the rules as they stand; comes back for the rest.
    fn refold_from(&self, workspace: WorkspaceId, from: Atom, cx: &mut Cx) -> Result<()> {
        let mut some = Vec::new();
        people::all(&cx.work, workspace, from, &mut |person, _| {
            some.push(person);
            Ok(some.len() <= REFOLD_AT_ONCE)
        })?;
        let next = some.get(REFOLD_AT_ONCE).copied();
        some.truncate(REFOLD_AT_ONCE);
        let rules = trait_rules(&cx.work, workspace)?;
        for person in some {
            self.recalls.lock().forget(workspace, person);
            let before = document::document(&cx.work, workspace, person)?;
            let atoms = weft_identity::atoms(&cx.work, workspace, person)?;
            let after = document::refold(&cx.work, workspace, &atoms)?;
            // What became sensitive is found no more, and what is not so any more is found again.
            people::index(&mut cx.work, workspace, person, &TraitRules::default(), &before, &Default::default());
            people::index(&mut cx.work, workspace, person, &rules, &Default::default(), &after);
            if after != before {
                document::put(&mut cx.work, workspace, person, after, &rules)?;
                cx.regrouped.push(Regrouped::Refolded(person));
            }
            document::reseal(&mut cx.work, workspace, person, &atoms, &rules)?;
        }
        if let Some(next) = next {
            let now = cx.now;
            cx.set_timer(STEP, workspace, now, &next.to_be_bytes());
        }
        Ok(())
    }

    /// Each part gets back what was told of its own atoms and what happened to them, as if it had never been one with the others.
    fn split(&self, workspace: WorkspaceId, split: &Split, cx: &mut Cx) -> Result<()> {
        for person in split.parts.iter().chain([&split.whole]) {
            self.recalls.lock().forget(workspace, *person);
        }
        let gone = document::document(&cx.work, workspace, split.whole)?;
        let rules = trait_rules(&cx.work, workspace)?;
        people::index(&mut cx.work, workspace, split.whole, &rules, &gone, &Default::default());
        document::remove(&mut cx.work, workspace, split.whole);
        people::forget(&mut cx.work, workspace, split.whole)?;
        for part in &split.parts {
            let atoms: Vec<Atom> = weft_identity::atoms(&cx.work, workspace, *part)?;
            let document = document::refold(&cx.work, workspace, &atoms)?;
            people::index(&mut cx.work, workspace, *part, &rules, &Default::default(), &document);
            if !document.traits.is_empty() {
                document::put(&mut cx.work, workspace, *part, document, &rules)?;
            }
            let seen = seen_of(&cx.work, workspace, &atoms)?;
            people::remember(&mut cx.work, workspace, *part, seen)?;
        }
        Ok(())
    }
}

/// When these atoms were first and last seen, and how much happened to them, counted from their histories.
pub(crate) fn seen_of(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom]) -> Result<people::Seen> {
    let mut all: Option<people::Seen> = None;
    for atom in atoms {
        if let Some(seen) = history::tally(read, workspace, *atom)? {
            all = Some(all.map_or(seen, |a| a.and(seen)));
        }
    }
    if let Some(seen) = all {
        return Ok(seen);
    }
    // Only ever named beside another: known since then.
    let known = atoms.first().map(|atom| weft_identity::known(read, workspace, *atom)).transpose()?.flatten();
    let at = known.map_or(Millis(0), |k| k.first_seen);
    Ok(people::Seen { first: at, last: at, events: 0 })
}

/// What the event tells of the person, if it tells anything.
fn told(event: &Event) -> Option<Told> {
    let traits: Map<String, Value> = match event.kind {
        kind if kind.changes_profile() => event.traits.clone(),
        EventKind::Group => {
            let group = event.thing.as_ref()?;
            Map::from_iter([("group_id".to_owned(), Value::String(group.value.clone()))])
        }
        _ => return None,
    };
    let says_nothing = traits.is_empty() && event.kind != EventKind::ProfileDelete;
    (!says_nothing).then(|| Told { kind: event.kind, ts: event.ts, source: event.source.to_string(), traits, sealed: event.sealed.clone() })
}
