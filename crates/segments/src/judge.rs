//! Judging one person by one segment: in or out, who is told, and when to look again.

use jiff::tz::TimeZone;
use weft_event_pipeline::Cx;
use weft_profile_kv::Read;
use weft_profile_kv::key::{Key, Parts};

use crate::around::Surroundings;
use crate::definition::{Definition, Rule};
use crate::lists;
use crate::kernel::event::{id_types, names};
use crate::kernel::{Atom, Event, Identifier, Millis, PersonId, Result, SegmentId, SourceId, WorkspaceId, id};
use crate::membership;

/// (person, segment) → when time alone may change the verdict
const LOOK_AGAIN: &str = "segment_timers";
pub(crate) const STEP: &str = "update_membership";
const JUDGE: u8 = b'J';

/// Whether others hear of the change. Those who belonged when the segment was made did not just enter it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Emit,
    Silent,
}

/// Verdict with no event at hand, and when time alone may change it; the store must have been readable throughout.
pub(crate) fn verdict(read: &dyn Read, workspace: WorkspaceId, person: Atom, definition: &Definition, zone: &TimeZone, now: Millis) -> Result<(bool, Option<Millis>)> {
    let condition = match &definition.rule {
        Rule::Condition(condition) => condition,
        Rule::List => return Ok((lists::is_listed(read, workspace, &definition.id, person)?, None)),
        Rule::Sample(sample) => return Ok((sample.draws(workspace, person), None)),
    };
    let around = Surroundings::of(read, workspace, person, zone);
    let facts = around.facts()?;
    let holds = weft_condition::holds(condition, &facts, now);
    let next = weft_condition::next_change(condition, &facts, now);
    facts.sound()?;
    around.sound()?;
    Ok((holds, next))
}

/// Says whether membership changed.
pub(crate) fn judge(cx: &mut Cx, workspace: WorkspaceId, person: Atom, definition: &Definition, zone: &TimeZone, signal: Signal) -> Result<bool> {
    let (holds, next) = verdict(&cx.work, workspace, person, definition, zone, cx.now)?;
    look_again(cx, workspace, person, &definition.id, next)?;
    let at = cx.now;
    let changed = membership::set(&mut cx.work, workspace, &definition.id, person, holds, at)?;
    if changed && signal == Signal::Emit {
        announce(cx, workspace, person, definition, holds);
    }
    Ok(changed)
}

/// Forgets a person who was merged into another. She has not left: she is somebody else now.
pub(crate) fn dissolve(cx: &mut Cx, workspace: WorkspaceId, person: Atom) -> Result<Vec<SegmentId>> {
    let mut was_in = Vec::new();
    for membership in membership::of_person(&cx.work, workspace, person)? {
        let at = cx.now;
        membership::set(&mut cx.work, workspace, &membership.segment, person, false, at)?;
        was_in.push(membership.segment);
    }
    let prefix = Key::of(workspace).atom(person);
    let mut waiting = Vec::new();
    cx.work.scan_prefix(LOOK_AGAIN, prefix.as_slice(), &mut |key, _| {
        waiting.extend(Parts(&key[prefix.0.len()..]).text().map(SegmentId));
        Ok(true)
    })?;
    for segment in waiting {
        look_again(cx, workspace, person, &segment, None)?;
    }
    Ok(was_in)
}

/// One timer per person and segment: the old one goes when a new one comes.
pub(crate) fn look_again(cx: &mut Cx, workspace: WorkspaceId, person: Atom, segment: &SegmentId, next: Option<Millis>) -> Result<()> {
    let key = Key::of(workspace).atom(person).text(segment.as_str());
    let before = cx.work.get(LOOK_AGAIN, key.as_slice())?.and_then(|v| v.as_ref().try_into().ok()).map(|b| Millis(i64::from_be_bytes(b)));
    if before == next {
        return Ok(());
    }
    let timer = timer_key(person, segment);
    if let Some(due) = before {
        cx.cancel_timer(STEP, workspace, due, &timer);
    }
    match next {
        Some(due) => {
            cx.set_timer(STEP, workspace, due, &timer);
            cx.work.put(LOOK_AGAIN, key, due.0.to_be_bytes().to_vec());
        }
        None => cx.work.delete(LOOK_AGAIN, key),
    }
    Ok(())
}

/// The timer has fired; it is no longer set.
pub(crate) fn fired(cx: &mut Cx, workspace: WorkspaceId, person: Atom, segment: &SegmentId) {
    cx.work.delete(LOOK_AGAIN, Key::of(workspace).atom(person).text(segment.as_str()));
}

fn timer_key(person: Atom, segment: &SegmentId) -> Vec<u8> {
    let mut key = vec![JUDGE];
    key.extend(Key::raw().atom(person).text(segment.as_str()).0);
    key
}

pub(crate) fn parse_timer(key: &[u8]) -> Option<(Atom, SegmentId)> {
    let mut parts = Parts(key.strip_prefix(&[JUDGE])?);
    Some((parts.u32()?, SegmentId(parts.text()?)))
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
