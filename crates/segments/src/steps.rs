//! The step that keeps every membership fresh: after an event, after a definition, and when time alone decides.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use weft_event_pipeline::{Cx, Flow, InFlight, Looks, Regrouped, Retagged, Step};
use weft_profile_kv::Read;

use crate::around::zone_of;
use crate::definition::{self, Definition, LIST_CHANGED, ListChange, ROOM, SEGMENT_ARCHIVED, SEGMENT_DEFINED, SEGMENT_USED_AS, Stored};
use crate::judge::{self, Judging, STEP, Signal, WATCH};
use crate::kernel::{Atom, Control, Identifier, Millis, Result, SegmentId, WorkspaceId};
use crate::{lists, membership, pools};

/// People judged at once when a segment is new; the rest follow by timer, so that events are not kept waiting.
const FILL_AT_ONCE: usize = 1_000;
const FILL: u8 = b'F';
const EMPTY: u8 = b'E';

#[derive(Default)]
pub struct UpdateMembership {
    known: RwLock<HashMap<WorkspaceId, Arc<Known>>>,
}

struct Known {
    definitions: Vec<Arc<Definition>>,
    zone: TimeZone,
}

impl UpdateMembership {
    fn known(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Known>> {
        if let Some(known) = self.known.read().get(&workspace) {
            return Ok(known.clone());
        }
        let definitions = definition::all(read, workspace)?.into_iter().map(Arc::new).collect();
        let known = Arc::new(Known { definitions, zone: zone_of(read, workspace)? });
        self.known.write().insert(workspace, known.clone());
        Ok(known)
    }
    fn forget_workspace(&self, workspace: WorkspaceId) {
        self.known.write().remove(&workspace);
    }

    /// Judges by these, and then by whatever depends on those that changed.
    fn judge_all(&self, cx: &mut Cx, workspace: WorkspaceId, person: Atom, known: &Known, mut queue: Vec<Arc<Definition>>, signal: Signal) -> Result<()> {
        if queue.is_empty() {
            return Ok(());
        }
        let mut judging = Judging::of(cx, workspace, person, &known.zone, signal)?;
        if queue.len() > 1 {
            judging.read_ahead();
        }
        let mut next = 0;
        while let Some(definition) = queue.get(next).cloned() {
            next += 1;
            if judging.judge(cx, &definition)? {
                let dependent = known.definitions.iter().filter(|d| d.mentions.segments.contains(&definition.id));
                // Definitions have no cycles, so this ends.
                queue.extend(dependent.cloned().collect::<Vec<_>>());
            }
        }
        judging.done(cx);
        Ok(())
    }

    fn define(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let mut stored: Stored = serde_json::from_value(control.body.clone())?;
        stored.filling_from = Some(0);
        if let Some(from) = stored.snapshot_of.take() {
            let members = membership::bitmap(&cx.work, control.workspace, &from)?;
            lists::write(&mut cx.work, control.workspace, &stored.id, &members)?;
        }
        definition::put(&mut cx.work, control.workspace, &stored)?;
        self.forget_workspace(control.workspace);
        self.fill(cx, control.workspace, &stored.id)
    }

    /// Judges the next thousand people by a new definition, and comes back for the rest.
    fn fill(&self, cx: &mut Cx, workspace: WorkspaceId, id: &SegmentId) -> Result<()> {
        let Some(mut stored) = definition::stored(&cx.work, workspace, id)? else { return Ok(()) };
        let Some(from) = stored.filling_from else { return Ok(()) };
        let mut people = Vec::new();
        weft_profiles::all_people(&cx.work, workspace, from, &mut |person, _| {
            people.push(person);
            Ok(people.len() <= FILL_AT_ONCE)
        })?;
        stored.filling_from = people.get(FILL_AT_ONCE).copied();
        people.truncate(FILL_AT_ONCE);
        definition::put(&mut cx.work, workspace, &stored)?;
        self.forget_workspace(workspace);
        let known = self.known(&cx.work, workspace)?;
        if let Some(definition) = known.definitions.iter().find(|d| d.id == *id).cloned() {
            for person in people {
                self.judge_all(cx, workspace, person, &known, vec![definition.clone()], Signal::Silent)?;
            }
        }
        if stored.filling_from.is_some() {
            let now = cx.now;
            cx.set_timer(STEP, workspace, now, &named(FILL, id));
        }
        Ok(())
    }

    /// Whoever the change names is judged at once, and others hear of it.
    fn change_list(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let change: ListChange = serde_json::from_value(control.body.clone())?;
        let workspace = control.workspace;
        let known = self.known(&cx.work, workspace)?;
        let Some(definition) = known.definitions.iter().find(|d| d.id == change.id).cloned() else { return Ok(()) };
        for value in change.ids {
            let id = Identifier::new(change.id_type.clone(), value);
            let Some(atom) = weft_identity::atom_of(&cx.work, workspace, &id)? else { continue };
            let person = weft_identity::root(&cx.work, workspace, atom)?;
            if change.is_in {
                lists::put_on(&mut cx.work, workspace, &change.id, atom)?;
            } else {
                lists::take_off(&mut cx.work, workspace, &change.id, person)?;
            }
            self.judge_all(cx, workspace, person, &known, vec![definition.clone()], Signal::Emit)?;
        }
        Ok(())
    }

    fn archive(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let Some(id) = control.body.get("id").and_then(|v| v.as_str()).map(SegmentId::from) else { return Ok(()) };
        definition::remove(&mut cx.work, control.workspace, &id);
        lists::clear(&mut cx.work, control.workspace, &id)?;
        self.forget_workspace(control.workspace);
        empty(cx, control.workspace, &id)
    }
}

/// Lets the next few thousand members of an archived segment go, and comes back for the rest.
fn empty(cx: &mut Cx, workspace: WorkspaceId, id: &SegmentId) -> Result<()> {
    let people = membership::some(&cx.work, workspace, id, FILL_AT_ONCE)?;
    let at = cx.now;
    for person in &people {
        membership::leave(&mut cx.work, workspace, id, *person, at)?;
        judge::let_be(cx, workspace, *person, id)?;
    }
    if people.len() == FILL_AT_ONCE {
        cx.set_timer(STEP, workspace, at, &named(EMPTY, id));
    }
    Ok(())
}

fn named(sort: u8, id: &SegmentId) -> Vec<u8> {
    let mut key = vec![sort];
    key.extend_from_slice(id.as_str().as_bytes());
    key
}

/// What must be judged again after this event.
fn touched(known: &Known, flight: &InFlight) -> Vec<Arc<Definition>> {
    let changed = &flight.changed;
    let concerns = |d: &&Arc<Definition>| {
        changed.all
            || d.mentions.event(&flight.event.name)
            || (changed.consent && d.mentions.consent)
            || changed.traits.iter().any(|t| d.mentions.is_of_trait(t))
            || !changed.tags.is_disjoint(&d.mentions.tags)
    };
    known.definitions.iter().filter(concerns).cloned().collect()
}

impl Step for UpdateMembership {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let Some(person) = flight.person else { return Ok(Flow::Continue) };
        let workspace = flight.event.workspace;
        let known = self.known(&cx.work, workspace)?;
        for merge in &flight.merges {
            judge::dissolve(cx, workspace, merge.loser)?;
        }
        // A person who was not there before is judged by everything: "has never bought" is true of her now.
        let is_new = weft_profiles::seen(&cx.work, workspace, person)?.is_some_and(|s| s.events == 1);
        let queue = if is_new { known.definitions.clone() } else { touched(&known, flight) };
        self.judge_all(cx, workspace, person, &known, queue, Signal::Emit)?;
        Ok(Flow::Continue)
    }

    fn regrouped(&self, workspace: WorkspaceId, change: &Regrouped, cx: &mut Cx) -> Result<()> {
        let people = match change {
            Regrouped::Merged(merge) => {
                judge::dissolve(cx, workspace, merge.loser)?;
                vec![merge.winner]
            }
            Regrouped::Split(split) => split.parts.clone(),
            Regrouped::Refolded(person) => vec![*person],
        };
        let known = self.known(&cx.work, workspace)?;
        for person in people {
            self.judge_all(cx, workspace, person, &known, known.definitions.clone(), Signal::Silent)?;
        }
        Ok(())
    }

    fn retagged(&self, workspace: WorkspaceId, change: &Retagged, cx: &mut Cx) -> Result<()> {
        let known = self.known(&cx.work, workspace)?;
        let queue: Vec<Arc<Definition>> = known.definitions.iter().filter(|d| !d.mentions.tags.is_disjoint(&change.tags)).cloned().collect();
        let signal = if change.is_news { Signal::Emit } else { Signal::Silent };
        self.judge_all(cx, workspace, change.person, &known, queue, signal)
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        match (control.room.as_str(), control.what.as_str()) {
            (ROOM, SEGMENT_DEFINED) => self.define(control, cx),
            (ROOM, SEGMENT_ARCHIVED) => self.archive(control, cx),
            (ROOM, LIST_CHANGED) => self.change_list(control, cx),
            (ROOM, SEGMENT_USED_AS) => {
                pools::use_as(&mut cx.work, control.workspace, &serde_json::from_value(control.body.clone())?);
                Ok(())
            }
            (weft_context_kit::workspace::ROOM, _) => {
                self.forget_workspace(control.workspace);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn timer(&self, workspace: WorkspaceId, key: &[u8], _due: Millis, cx: &mut Cx) -> Result<()> {
        let of = |sort: u8| key.strip_prefix(&[sort]).map(|id| SegmentId(String::from_utf8_lossy(id).into_owned()));
        if let Some(id) = of(FILL) {
            return self.fill(cx, workspace, &id);
        }
        if let Some(id) = of(EMPTY) {
            return empty(cx, workspace, &id);
        }
        let Some((person, due)) = Looks::fired(cx, WATCH, workspace, key)? else { return Ok(()) };
        let known = self.known(&cx.work, workspace)?;
        let queue = known.definitions.iter().filter(|d| due.iter().any(|id| d.id.as_str() == id)).cloned().collect();
        self.judge_all(cx, workspace, person, &known, queue, Signal::Emit)
    }

    fn forget(&self) {
        self.known.write().clear();
    }
}
