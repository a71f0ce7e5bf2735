//! Judging one person by one segment: in or out, who is told, and when to look again.

use std::sync::Arc;

use jiff::tz::TimeZone;
use weft_event_pipeline::{Cx, Looks, Watch};
use weft_profile_kv::Read;
use weft_profiles::Recall;

use crate::around::Surroundings;
use crate::definition::{Definition, Rule};
use crate::lists;
use crate::kernel::event::{id_types, names};
use crate::kernel::{Atom, Event, Identifier, Millis, PersonId, Result, SegmentId, SourceId, WorkspaceId, id};
use crate::membership::{self, Hers};

pub(crate) const STEP: &str = "update_membership";
pub(crate) const WATCH: Watch = Watch { space: "segment_looks", step: STEP, sort: b'J' };

/// Whether others hear of the change. Those who belonged when the segment was made did not just enter it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Emit,
    Silent,
}

/// Verdict with no event at hand, and when time alone may change it; the store must have been readable throughout.
fn verdict(read: &dyn Read, workspace: WorkspaceId, person: Atom, definition: &Definition, zone: &TimeZone, recall: &Arc<Recall>, now: Millis) -> Result<(bool, Option<Millis>)> {
    let condition = match &definition.rule {
        Rule::Condition(condition) => condition,
        Rule::List => return Ok((lists::is_listed(read, workspace, &definition.id, person)?, None)),
        Rule::Sample(sample) => return Ok((sample.draws(workspace, person), None)),
    };
    let around = Surroundings::of(read, workspace, person, zone).recalling(recall.clone());
    let facts = around.facts();
    let outlook = weft_condition::outlook(condition, &facts, now);
    facts.sound()?;
    around.sound()?;
    Ok((outlook.holds, outlook.until))
}

/// One person at hand: what she is in, when to look at her again, and what was read of her.
pub(crate) struct Judging<'a> {
    workspace: WorkspaceId,
    person: Atom,
    zone: &'a TimeZone,
    signal: Signal,
    looks: Looks,
    hers: Hers,
    recall: Arc<Recall>,
}

impl<'a> Judging<'a> {
    pub(crate) fn of(cx: &mut Cx, workspace: WorkspaceId, person: Atom, zone: &'a TimeZone, signal: Signal) -> Result<Self> {
        let recall = cx.memo::<Recall>(person);
        Ok(Self { workspace, person, zone, signal, looks: Looks::of(&cx.work, WATCH, workspace, person)?, hers: Hers::of(&cx.work, workspace, person)?, recall })
    }

    /// Many questions will follow.
    pub(crate) fn read_ahead(&self) {
        self.recall.read_ahead();
    }

    /// Says whether membership changed.
    pub(crate) fn judge(&mut self, cx: &mut Cx, definition: &Definition) -> Result<bool> {
        let (workspace, person, at) = (self.workspace, self.person, cx.now);
        let (holds, next) = verdict(&cx.work, workspace, person, definition, self.zone, &self.recall, at)?;
        self.looks.at(definition.id.as_str(), next);
        let changed = self.hers.set(&mut cx.work, &definition.id, holds, at)?;
        if changed && self.signal == Signal::Emit {
            announce(cx, workspace, person, definition, holds);
        }
        Ok(changed)
    }

    pub(crate) fn done(self, cx: &mut Cx) {
        self.looks.keep(cx);
        self.hers.keep(&mut cx.work);
    }
}

/// Forgets a person who was merged into another. She has not left: she is somebody else now.
pub(crate) fn dissolve(cx: &mut Cx, workspace: WorkspaceId, person: Atom) -> Result<()> {
    let at = cx.now;
    membership::leave_all(&mut cx.work, workspace, person, at)?;
    Looks::forget(cx, WATCH, workspace, person)
}

/// It does not look at her again because of this segment.
pub(crate) fn let_be(cx: &mut Cx, workspace: WorkspaceId, person: Atom, segment: &SegmentId) -> Result<()> {
    let mut looks = Looks::of(&cx.work, WATCH, workspace, person)?;
    looks.at(segment.as_str(), None);
    looks.keep(cx);
    Ok(())
}

fn announce(cx: &mut Cx, workspace: WorkspaceId, person: Atom, definition: &Definition, entered: bool) {
    let name = if entered { names::SEGMENT_ENTERED } else { names::SEGMENT_LEFT };
    let cause = [
        name.as_bytes(),
        &workspace.0.to_be_bytes(),
        definition.id.as_str().as_bytes(),
        &person.to_be_bytes(),
        &cx.position.to_be_bytes(),
    ];
    let id = format!("sig_{}", id::base32(id::derived(&cause)));
    let mut event = Event::track(workspace, SourceId::from("segments"), id, name, cx.now)
        .with_property("segment", definition.id.as_str())
        .with_property("segment_name", definition.name.clone());
    event.identifiers.push(Identifier::new(id_types::PERSON, PersonId::of(workspace, person).0));
    cx.emit(event);
}
