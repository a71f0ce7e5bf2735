//! The step that keeps every tag fresh: after an event, after a definition, and when time alone decides.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use weft_context_kit::night::next_night;
use weft_context_kit::workspace_of;
use weft_event_pipeline::{Cx, Flow, InFlight, Looks, Regrouped, Retagged, Step, Watch};
use weft_profile_kv::Read;
use weft_profiles::Recall;

use crate::around::Surroundings;
use crate::assigned::{self, Assignment, TAG_ASSIGNED};
use crate::definition::{self, Definition, ROOM, Stored, TAG_ARCHIVED, TAG_DEFINED};
use crate::kernel::{Atom, Control, Millis, Result, WorkspaceId};
use crate::rule::{Refresh, Rule};
use crate::values::{self, Hers};

pub(crate) const STEP: &str = "apply_tags";
const WATCH: Watch = Watch { space: "tag_looks", step: STEP, sort: b'J' };
/// People judged at once when a tag is new; the rest follow by timer, so that events are not kept waiting.
const FILL_AT_ONCE: usize = 500;
const FILL: u8 = b'F';
const FILL_BY_NIGHT: u8 = b'B';
const NIGHT: u8 = b'N';
const EMPTY: u8 = b'E';

#[derive(Default)]
pub struct ApplyTags {
    known: RwLock<HashMap<WorkspaceId, Arc<Known>>>,
}

struct Known {
    definitions: Vec<Arc<Definition>>,
    zone: TimeZone,
}

impl Known {
    fn of(&self, name: &str) -> Option<Arc<Definition>> {
        self.definitions.iter().find(|d| d.name == name).cloned()
    }
}

impl ApplyTags {
    fn known(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Known>> {
        if let Some(known) = self.known.read().get(&workspace) {
            return Ok(known.clone());
        }
        let definitions = definition::all(read, workspace)?.into_iter().map(Arc::new).collect();
        let known = Arc::new(Known { definitions, zone: workspace_of(read, workspace)?.zone() });
        self.known.write().insert(workspace, known.clone());
        Ok(known)
    }
    fn forget_workspace(&self, workspace: WorkspaceId) {
        self.known.write().remove(&workspace);
    }

    /// Judges by these, and then by whatever depends on those that changed. Returns what changed.
    fn judge_all(&self, cx: &mut Cx, workspace: WorkspaceId, person: Atom, known: &Known, mut queue: Vec<Arc<Definition>>) -> Result<BTreeSet<String>> {
        let mut changed = BTreeSet::new();
        if queue.is_empty() {
            return Ok(changed);
        }
        let recall = cx.memo::<Recall>(person);
        if queue.len() > 1 {
            recall.read_ahead();
        }
        let mut judging = Judging { workspace, person, zone: &known.zone, looks: Looks::of(&cx.work, WATCH, workspace, person)?, hers: Hers::of(&cx.work, workspace, person)?, recall };
        let mut next = 0;
        while let Some(definition) = queue.get(next).cloned() {
            next += 1;
            if judging.judge(cx, &definition)? {
                // Definitions have no cycles, so this ends.
                let is_due = |d: &Definition| !d.is_nightly || definition.is_nightly;
                queue.extend(known.definitions.iter().filter(|d| is_due(d) && d.mentions.tags.contains(&definition.name)).cloned());
                changed.insert(definition.name.clone());
            }
        }
        judging.looks.keep(cx);
        judging.hers.keep(&mut cx.work)?;
        Ok(changed)
    }

    fn define(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let mut stored: Stored = serde_json::from_value(control.body.clone())?;
        // What cannot be asked must not stand between everybody and her tags.
        if let Err(e) = stored.rule.parse() {
            tracing::error!(tag = stored.id.as_str(), code = e.code, detail = %e.detail, "a tag's definition is passed over");
            return Ok(());
        }
        let before = definition::stored(&cx.work, control.workspace, &stored.name)?;
        // Of one that is assigned there is nothing to judge anew.
        stored.filling_from = stored.rule.assigned.is_none().then_some(0);
        // Figures are not kept by value, and would leave the ladder's values behind.
        if before.is_some_and(|b| b.rule.sort() != stored.rule.sort()) {
            values::clear(&mut cx.work, control.workspace, &stored.name)?;
            assigned::clear(&mut cx.work, control.workspace, &stored.name)?;
        }
        definition::put(&mut cx.work, control.workspace, &stored)?;
        self.forget_workspace(control.workspace);
        self.fill(cx, control.workspace, &stored.name, false)
    }

    /// Judges the next few hundred people by a new definition, and comes back for the rest.
    fn fill(&self, cx: &mut Cx, workspace: WorkspaceId, name: &str, is_night: bool) -> Result<()> {
        let Some(mut stored) = definition::stored(&cx.work, workspace, name)? else { return Ok(()) };
        // A timer of a fill that another has overtaken.
        let Some(from) = stored.filling_from.filter(|_| stored.is_by_night == is_night) else { return Ok(()) };
        let mut people = Vec::new();
        weft_profiles::all_people(&cx.work, workspace, from, &mut |person, _| {
            people.push(person);
            Ok(people.len() <= FILL_AT_ONCE)
        })?;
        stored.filling_from = people.get(FILL_AT_ONCE).copied();
        people.truncate(FILL_AT_ONCE);
        let known = self.known(&cx.work, workspace)?;
        if stored.filling_from.is_none() && stored.rule.refresh == Refresh::Day {
            stored.next_night = next_night(cx.now, &known.zone);
            if let Some(night) = stored.next_night {
                cx.set_timer(STEP, workspace, night, &named(NIGHT, name));
            }
        }
        definition::put(&mut cx.work, workspace, &stored)?;
        if let Some(definition) = known.of(name) {
            for person in people {
                let tags = self.judge_all(cx, workspace, person, &known, vec![definition.clone()])?;
                // By night something may have happened since the night before; a new rule only says it in other words.
                retagged(cx, person, tags, is_night);
            }
        }
        if stored.filling_from.is_some() {
            let now = cx.now;
            cx.set_timer(STEP, workspace, now, &named(if is_night { FILL_BY_NIGHT } else { FILL }, name));
        }
        Ok(())
    }

    /// Everybody is judged again, unless the tag has another rule by now.
    fn night(&self, cx: &mut Cx, workspace: WorkspaceId, name: &str, due: Millis) -> Result<()> {
        let Some(mut stored) = definition::stored(&cx.work, workspace, name)?.filter(|s| s.next_night == Some(due)) else { return Ok(()) };
        stored.filling_from = Some(0);
        stored.is_by_night = true;
        definition::put(&mut cx.work, workspace, &stored)?;
        self.fill(cx, workspace, name, true)
    }

    fn assign(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let said: Assignment = serde_json::from_value(control.body.clone())?;
        let (workspace, now) = (control.workspace, cx.now);
        let known = self.known(&cx.work, workspace)?;
        let Some(definition) = known.of(&said.name).filter(|d| matches!(d.rule, Rule::Assigned)) else { return Ok(()) };
        for (id, value) in said.people {
            let Some(atom) = weft_identity::atom_of(&cx.work, workspace, &id)? else { continue };
            assigned::say(&mut cx.work, workspace, &said.name, atom, value, now, said.until)?;
            let person = weft_identity::root(&cx.work, workspace, atom)?;
            let tags = self.judge_all(cx, workspace, person, &known, vec![definition.clone()])?;
            retagged(cx, person, tags, true);
        }
        Ok(())
    }

    fn archive(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let Some(name) = control.body.get("name").and_then(|v| v.as_str()) else { return Ok(()) };
        definition::remove(&mut cx.work, control.workspace, name);
        self.forget_workspace(control.workspace);
        empty(cx, control.workspace, name)
    }
}

/// Lets the next few hundred people of an archived tag go, and comes back for the rest.
fn empty(cx: &mut Cx, workspace: WorkspaceId, name: &str) -> Result<()> {
    let mut people = Vec::new();
    values::each(&cx.work, workspace, name, 0, &mut |person, _| {
        people.push(person);
        Ok(people.len() < FILL_AT_ONCE)
    })?;
    let now = cx.now;
    for person in &people {
        // What is not kept by value is not found there, and that is no harm.
        let mut hers = Hers::of(&cx.work, workspace, *person)?;
        hers.set(&mut cx.work, name, None, true, now)?;
        hers.keep(&mut cx.work)?;
        let mut looks = Looks::of(&cx.work, WATCH, workspace, *person)?;
        looks.at(name, None);
        looks.keep(cx);
        retagged(cx, *person, BTreeSet::from([name.to_owned()]), false);
    }
    if people.len() < FILL_AT_ONCE && assigned::clear_some(&mut cx.work, workspace, name, FILL_AT_ONCE)? {
        return values::clear(&mut cx.work, workspace, name);
    }
    cx.set_timer(STEP, workspace, now, &named(EMPTY, name));
    Ok(())
}

fn named(sort: u8, name: &str) -> Vec<u8> {
    let mut key = vec![sort];
    key.extend_from_slice(name.as_bytes());
    key
}

fn retagged(cx: &mut Cx, person: Atom, tags: BTreeSet<String>, is_news: bool) {
    if !tags.is_empty() {
        cx.retagged.push(Retagged { person, tags, is_news });
    }
}

/// One person at hand: when to look at her again, and what was read of her.
struct Judging<'a> {
    workspace: WorkspaceId,
    person: Atom,
    zone: &'a TimeZone,
    looks: Looks,
    hers: Hers,
    recall: Arc<Recall>,
}

impl Judging<'_> {
    /// Says whether the value changed.
    fn judge(&mut self, cx: &mut Cx, definition: &Definition) -> Result<bool> {
        let (workspace, person, now) = (self.workspace, self.person, cx.now);
        let (value, next) = if matches!(definition.rule, Rule::Assigned) {
            assigned::judge(&cx.work, workspace, &definition.name, person, now)?
        } else {
            let around = Surroundings::of(&cx.work, workspace, person, self.zone).recalling(self.recall.clone());
            let facts = around.facts();
            let judged = definition.rule.judge(&facts, now);
            facts.sound()?;
            around.sound()?;
            judged
        };
        self.looks.at(&definition.name, next.filter(|_| !definition.is_nightly));
        self.hers.set(&mut cx.work, &definition.name, value, definition.rule.has_few_values(), now)
    }
}

/// Nothing of any tag is left with somebody who is gone.
fn dissolve(cx: &mut Cx, workspace: WorkspaceId, person: Atom, known: &Known) -> Result<()> {
    let now = cx.now;
    let mut hers = Hers::of(&cx.work, workspace, person)?;
    for definition in &known.definitions {
        hers.set(&mut cx.work, &definition.name, None, definition.rule.has_few_values(), now)?;
    }
    hers.keep(&mut cx.work)?;
    Looks::forget(cx, WATCH, workspace, person)
}

/// What must be judged again after this event.
fn touched(known: &Known, flight: &InFlight) -> Vec<Arc<Definition>> {
    let changed = &flight.changed;
    let concerns = |d: &&Arc<Definition>| {
        if d.is_nightly {
            return false;
        }
        changed.all
            || d.mentions.event(&flight.event.name)
            || (changed.consent && d.mentions.consent)
            || changed.traits.iter().any(|t| d.mentions.is_of_trait(t))
    };
    known.definitions.iter().filter(concerns).cloned().collect()
}

impl Step for ApplyTags {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let Some(person) = flight.person else { return Ok(Flow::Continue) };
        let workspace = flight.event.workspace;
        let known = self.known(&cx.work, workspace)?;
        if known.definitions.is_empty() {
            return Ok(Flow::Continue);
        }
        for merge in &flight.merges {
            dissolve(cx, workspace, merge.loser, &known)?;
        }
        // A person who was not there before is judged by everything: "has never bought" is true of her now.
        let is_new = weft_profiles::seen(&cx.work, workspace, person)?.is_some_and(|s| s.events == 1);
        let queue = if is_new { known.definitions.iter().filter(|d| !d.is_nightly).cloned().collect() } else { touched(&known, flight) };
        flight.changed.tags.extend(self.judge_all(cx, workspace, person, &known, queue)?);
        Ok(Flow::Continue)
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        match (control.room.as_str(), control.what.as_str()) {
            (ROOM, TAG_DEFINED) => self.define(control, cx),
            (ROOM, TAG_ARCHIVED) => self.archive(control, cx),
            (ROOM, TAG_ASSIGNED) => self.assign(control, cx),
            (weft_context_kit::workspace::ROOM, _) => {
                self.forget_workspace(control.workspace);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The steps behind judge these people by everything, so they need not hear which tags changed.
    fn regrouped(&self, workspace: WorkspaceId, change: &Regrouped, cx: &mut Cx) -> Result<()> {
        let known = self.known(&cx.work, workspace)?;
        let people = match change {
            Regrouped::Merged(merge) => {
                dissolve(cx, workspace, merge.loser, &known)?;
                vec![merge.winner]
            }
            Regrouped::Split(split) => split.parts.clone(),
            Regrouped::Refolded(person) => vec![*person],
        };
        for person in people {
            self.judge_all(cx, workspace, person, &known, known.definitions.clone())?;
        }
        Ok(())
    }

    fn timer(&self, workspace: WorkspaceId, key: &[u8], due: Millis, cx: &mut Cx) -> Result<()> {
        let of = |sort: u8| key.strip_prefix(&[sort]).map(String::from_utf8_lossy);
        if let Some(name) = of(NIGHT) {
            return self.night(cx, workspace, &name, due);
        }
        if let Some(name) = of(EMPTY) {
            return empty(cx, workspace, &name);
        }
        for (sort, is_night) in [(FILL, false), (FILL_BY_NIGHT, true)] {
            if let Some(name) = of(sort) {
                return self.fill(cx, workspace, &name, is_night);
            }
        }
        let Some((person, due)) = Looks::fired(cx, WATCH, workspace, key)? else { return Ok(()) };
        let known = self.known(&cx.work, workspace)?;
        let queue = due.iter().filter_map(|name| known.of(name)).collect();
        let tags = self.judge_all(cx, workspace, person, &known, queue)?;
        retagged(cx, person, tags, true);
        Ok(())
    }

    fn forget(&self) {
        self.known.write().clear();
    }
}
