//! The step that keeps the catalogue: things as they are told, figures as events come, tags as either and time say.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use weft_context_kit::night::next_night;
use weft_context_kit::workspace_of;
use weft_event_pipeline::{Cx, Flow, InFlight, Step};
use weft_profile_kv::Read;
use weft_profile_kv::key::{Key, Parts};

use crate::definition::{self, Definition, Filling, ROOM, Stored, TAG_ARCHIVED, TAG_ASSIGNED, TAG_DEFINED, THINGS_TOLD, TYPE_DEFINED, TagAssigned, ThingsTold, TypeDefined};
use crate::facts::{self, ThingFacts};
use crate::kernel::event::names;
use crate::kernel::{Control, Event, EventKind, Identifier, Millis, Result, WorkspaceId};
use crate::naming::named;
use crate::rule::{Rule, Share};
use crate::thing::{self, How, State, Teller, Thing, Told};
use crate::types::{self, MOST_TYPES, Settings};
use crate::{figures, values};

const STEP: &str = "keep_catalog";
/// tag, fill, the whole less the figure, thing → figure: things in the order of a share, the best first
const SHARES: &str = "catalog_shares";
/// Things judged at once when a tag is new or the night has come; the rest follow by timer, so that events are not kept waiting.
const FILL_AT_ONCE: usize = 500;
/// How long a thing waits to be judged after an event: what is named a thousand times in it is judged once.
const SOON: i64 = Millis::MINUTE;

const FILL: u8 = b'F';
const NIGHT: u8 = b'N';
const JUDGE: u8 = b'J';

#[derive(Default)]
pub struct KeepCatalog {
    known: RwLock<HashMap<WorkspaceId, Arc<Known>>>,
}

struct Known {
    types: Vec<(String, Settings)>,
    tags: Vec<Definition>,
    zone: TimeZone,
}

impl Known {
    fn settings(&self, of: &str) -> Option<&Settings> {
        self.types.iter().find(|(name, _)| name == of).map(|(_, settings)| settings)
    }
    fn asked_of_each<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a Definition> {
        self.tags.iter().filter(move |tag| tag.of == of && tag.is_asked_of_each())
    }
}

impl KeepCatalog {
    fn known(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Known>> {
        if let Some(known) = self.known.read().get(&workspace) {
            return Ok(known.clone());
        }
        let tags = definition::all_stored(read, workspace)?.into_iter().map(Definition::of).collect::<Result<_>>()?;
        let known = Arc::new(Known { types: types::all(read, workspace)?, tags, zone: workspace_of(read, workspace)?.zone() });
        self.known.write().insert(workspace, known.clone());
        Ok(known)
    }
    fn forget_workspace(&self, workspace: WorkspaceId) {
        self.known.write().remove(&workspace);
    }

    /// Something was told of a thing: it is, and what it is called is judged at once.
    fn tell(&self, cx: &mut Cx, workspace: WorkspaceId, of: &str, told: &Told, how: How, by: &str) -> Result<()> {
        let known = self.known(&cx.work, workspace)?;
        let is_new_type = known.settings(of).is_none();
        if is_new_type && known.types.len() >= MOST_TYPES {
            return Ok(());
        }
        let teller = Teller { by, at: cx.now, position: cx.position };
        if !thing::tell(&mut cx.work, workspace, of, told, how, &teller)? {
            return Ok(());
        }
        if is_new_type {
            self.forget_workspace(workspace);
        }
        judge_all(cx, workspace, of, &told.id, &known)
    }

    /// An event that says what a thing is, where its type listens to events.
    fn hear(&self, cx: &mut Cx, event: &Event) -> Result<bool> {
        let Some((of, told, how)) = said(event) else { return Ok(false) };
        if types::is_word(&of) && self.known(&cx.work, event.workspace)?.settings(&of).is_none_or(|s| s.is_told_by_events) {
            self.tell(cx, event.workspace, &of, &told, how, event.source.as_str())?;
        }
        Ok(true)
    }

    /// Counts the event for every thing it names.
    fn count(&self, cx: &mut Cx, event: &Event) -> Result<()> {
        let workspace = event.workspace;
        let known = self.known(&cx.work, workspace)?;
        // What says that it comes from the future happened no later than it came.
        let at = event.ts.min(event.received_at);
        for (of, settings) in &known.types {
            for found in named(settings, &event.properties) {
                let seen = figures::seen(&cx.work, workspace, of, &found.id)?;
                let is_first = seen.is_none();
                if is_first && !thing::see(&mut cx.work, workspace, of, &found.id, cx.now)? {
                    continue;
                }
                figures::count(&mut cx.work, workspace, (of, &found.id), seen, &event.name, at, found.sum)?;
                if known.asked_of_each(of).any(|tag| is_first || tag.events.contains(&event.name)) {
                    let due = Millis((cx.now.0.div_euclid(SOON) + 1) * SOON);
                    cx.set_timer(STEP, workspace, due, &judged(of, &found.id));
                }
            }
        }
        Ok(())
    }

    fn define_tag(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let mut stored: Stored = serde_json::from_value(control.body.clone())?;
        // What cannot be asked must not stand between all things and their tags.
        let rule = match stored.rule.parse() {
            Ok(rule) => rule,
            Err(e) => {
                tracing::error!(tag = stored.id, code = e.code, detail = %e.detail, "a tag's definition is passed over");
                return Ok(());
            }
        };
        let before = definition::stored(&cx.work, control.workspace, &stored.name)?;
        stored.fills = before.as_ref().map_or(0, |b| b.fills);
        if before.is_some_and(|b| b.rule.sort() != stored.rule.sort()) {
            values::clear(&mut cx.work, control.workspace, &stored.name)?;
        }
        definition::put(&mut cx.work, control.workspace, &stored)?;
        self.forget_workspace(control.workspace);
        match rule {
            Rule::Assigned { values } => keep_only(cx, control.workspace, &stored.name, &values),
            _ => self.begin_fill(cx, control.workspace, stored),
        }
    }

    fn begin_fill(&self, cx: &mut Cx, workspace: WorkspaceId, mut stored: Stored) -> Result<()> {
        cx.work.delete_prefix(SHARES, Key::of(workspace).text(&stored.name).as_slice())?;
        stored.fills = stored.fills.wrapping_add(1);
        stored.filling = Some(Filling::From(String::new()));
        let (name, fill) = (stored.name.clone(), stored.fills);
        definition::put(&mut cx.work, workspace, &stored)?;
        self.fill(cx, workspace, &name, fill)
    }

    /// Goes on with a fill for a few hundred things, and comes back for the rest.
    fn fill(&self, cx: &mut Cx, workspace: WorkspaceId, name: &str, fill: u32) -> Result<()> {
        let Some(mut stored) = definition::stored(&cx.work, workspace, name)?.filter(|s| s.fills == fill) else { return Ok(()) };
        let Some(filling) = stored.filling.take() else { return Ok(()) };
        let known = self.known(&cx.work, workspace)?;
        let Some(tag) = known.tags.iter().find(|tag| tag.name == name) else { return Ok(()) };
        stored.filling = match (filling, &tag.rule) {
            (Filling::From(from), Rule::Share { share, otherwise }) => Some(line_up(cx, workspace, tag, fill, share, otherwise.as_deref(), &from)?),
            (Filling::Giving(before), Rule::Share { share, .. }) => give(cx, workspace, tag, fill, share, before)?.map(Filling::Giving),
            (Filling::From(from), _) => {
                let (things, next) = some_things(&cx.work, workspace, &tag.of, &from)?;
                for (id, thing) in things {
                    judge(cx, workspace, tag, &id, &thing, &known.zone)?;
                }
                next.map(Filling::From)
            }
            (Filling::Giving(_), _) => None,
        };
        if stored.filling.is_some() {
            let now = cx.now;
            cx.set_timer(STEP, workspace, now, &of_fill(fill, name));
        } else if tag.is_nightly {
            stored.next_night = next_night(cx.now, &known.zone);
            if let Some(night) = stored.next_night {
                cx.set_timer(STEP, workspace, night, &of_night(name));
            }
        }
        definition::put(&mut cx.work, workspace, &stored)
    }

    fn assign(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let said: TagAssigned = serde_json::from_value(control.body.clone())?;
        let (workspace, now) = (control.workspace, cx.now);
        let known = self.known(&cx.work, workspace)?;
        let Some(tag) = known.tags.iter().find(|tag| tag.name == said.name) else { return Ok(()) };
        let Rule::Assigned { values } = &tag.rule else { return Ok(()) };
        if said.value.as_ref().is_some_and(|value| !values.contains(value)) {
            return Ok(());
        }
        for id in said.ids {
            if thing::get(&cx.work, workspace, &tag.of, &id)?.is_some() {
                values::set(&mut cx.work, workspace, &tag.name, &id, said.value.as_deref(), now)?;
            }
        }
        Ok(())
    }

    fn archive_tag(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let Some(name) = control.body.get("name").and_then(Value::as_str) else { return Ok(()) };
        definition::remove(&mut cx.work, control.workspace, name);
        cx.work.delete_prefix(SHARES, Key::of(control.workspace).text(name).as_slice())?;
        values::clear(&mut cx.work, control.workspace, name)?;
        self.forget_workspace(control.workspace);
        Ok(())
    }
}

fn of_fill(fill: u32, name: &str) -> Vec<u8> {
    let mut key = vec![FILL];
    key.extend(Key::raw().u32(fill).text(name).0);
    key
}
fn of_night(name: &str) -> Vec<u8> {
    let mut key = vec![NIGHT];
    key.extend(Key::raw().text(name).0);
    key
}
fn judged(of: &str, id: &str) -> Vec<u8> {
    let mut key = vec![JUDGE];
    key.extend(Key::raw().text(of).text(id).0);
    key
}

/// Which thing an event speaks of, and what it says.
fn said(event: &Event) -> Option<(String, Told, How)> {
    if let Some(Identifier { id_type, value }) = event.thing.as_ref().filter(|_| event.kind.is_thing()) {
        let how = match event.kind {
            EventKind::ThingSetOnce => How::SetOnce,
            EventKind::ThingIncrement => How::Increment,
            EventKind::ThingAppend => How::Append,
            EventKind::ThingUnset => How::Unset,
            EventKind::ThingDelete => How::Archive,
            _ => How::Merge,
        };
        return Some((id_type.trim().to_owned(), Told::of_event(value, event.traits.clone())?, how));
    }
    if event.name != names::ENTITY_CHANGED || event.is_ours() {
        return None;
    }
    let mut attributes: Map<String, Value> = event.properties.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(name) = event.properties.get("name") {
        attributes.insert("name".into(), name.clone());
    }
    let id = match event.properties.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    Some((event.text("type")?.trim().to_owned(), Told::of_event(&id, attributes)?, How::Merge))
}

/// A few things of a type, and the id of the one to go on with.
fn some_things(read: &dyn Read, workspace: WorkspaceId, of: &str, from: &str) -> Result<(Vec<(String, Thing)>, Option<String>)> {
    let mut things = Vec::new();
    thing::each(read, workspace, of, from, &mut |id, thing| {
        things.push((id, thing));
        Ok(things.len() <= FILL_AT_ONCE)
    })?;
    let next = things.get(FILL_AT_ONCE).map(|(id, _)| id.clone());
    things.truncate(FILL_AT_ONCE);
    Ok((things, next))
}

fn judge_all(cx: &mut Cx, workspace: WorkspaceId, of: &str, id: &str, known: &Known) -> Result<()> {
    if let Some(thing) = thing::get(&cx.work, workspace, of, id)? {
        for tag in known.asked_of_each(of) {
            judge(cx, workspace, tag, id, &thing, &known.zone)?;
        }
    }
    Ok(())
}

/// What was put away is called nothing by rules.
fn judge(cx: &mut Cx, workspace: WorkspaceId, tag: &Definition, id: &str, thing: &Thing, zone: &TimeZone) -> Result<()> {
    let now = cx.now;
    let called = if thing.state() == State::Archived {
        None
    } else {
        let facts = ThingFacts::new(&cx.work, workspace, (&tag.of, id), thing, zone, now);
        let called = tag.rule.judge(&facts, now);
        facts.sound()?;
        called
    };
    values::set(&mut cx.work, workspace, &tag.name, id, called.as_deref(), now).map(drop)
}

/// What a tag given by hand has no value for any more is taken away.
fn keep_only(cx: &mut Cx, workspace: WorkspaceId, tag: &str, known: &[String]) -> Result<()> {
    let mut gone = Vec::new();
    values::each(&cx.work, workspace, tag, "", &mut |id, tagged| {
        if !known.contains(&tagged.value) {
            gone.push(id);
        }
        Ok(true)
    })?;
    let now = cx.now;
    gone.into_iter().try_for_each(|id| values::set(&mut cx.work, workspace, tag, &id, None, now).map(drop))
}

fn line(workspace: WorkspaceId, tag: &str, fill: u32) -> Key {
    Key::of(workspace).text(tag).u32(fill)
}

/// Puts a few things into the line of a share.
fn line_up(cx: &mut Cx, workspace: WorkspaceId, tag: &Definition, fill: u32, share: &Share, otherwise: Option<&str>, from: &str) -> Result<Filling> {
    let (things, next) = some_things(&cx.work, workspace, &tag.of, from)?;
    let (asked, now) = (share.asked(), cx.now);
    for (id, thing) in things {
        let is_there = thing.state() != State::Archived;
        let figure = if is_there { facts::figure(&cx.work, workspace, &tag.of, &id, &asked, now)? } else { Decimal::ZERO };
        if figure > Decimal::ZERO {
            let place = line(workspace, &tag.name, fill).u64(!high(figure)).u64(!low(figure)).text(&id);
            cx.work.put(SHARES, place, figure.to_string().into_bytes());
        } else {
            values::set(&mut cx.work, workspace, &tag.name, &id, otherwise.filter(|_| is_there), now)?;
        }
    }
    Ok(next.map_or(Filling::Giving(Decimal::ZERO), Filling::From))
}

/// A figure in millionths, as it sorts.
fn millionths(figure: Decimal) -> u128 {
    let mut figure = figure;
    figure.rescale(6);
    figure.mantissa().unsigned_abs()
}
fn high(figure: Decimal) -> u64 {
    (millionths(figure) >> 64) as u64
}
fn low(figure: Decimal) -> u64 {
    millionths(figure) as u64
}

/// Hands out values to the next few in the line. What was handed out before, where some are left.
fn give(cx: &mut Cx, workspace: WorkspaceId, tag: &Definition, fill: u32, share: &Share, before: Decimal) -> Result<Option<Decimal>> {
    let prefix = line(workspace, &tag.name, fill);
    let (mut next, mut waiting, mut rest) = (Vec::new(), 0usize, Decimal::ZERO);
    cx.work.scan_prefix(SHARES, prefix.as_slice(), &mut |key, value| {
        let figure: Decimal = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
        rest = rest.saturating_add(figure);
        waiting += 1;
        if next.len() < FILL_AT_ONCE {
            let mut parts = Parts(&key[prefix.as_slice().len() + 16..]);
            next.extend(parts.text().map(|id| (key.to_vec(), id, figure)));
        }
        Ok(true)
    })?;
    let (whole, now) = (before.saturating_add(rest), cx.now);
    let (mut reached, is_all) = (before, waiting == next.len());
    for (key, id, figure) in next {
        values::set(&mut cx.work, workspace, &tag.name, &id, share.value_at(reached, whole), now)?;
        reached = reached.saturating_add(figure);
        cx.work.delete(SHARES, key);
    }
    Ok((!is_all).then_some(reached))
}

impl Step for KeepCatalog {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        if !self.hear(cx, &flight.event)? && !flight.event.properties.is_empty() {
            self.count(cx, &flight.event)?;
        }
        Ok(Flow::Continue)
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        match (control.room.as_str(), control.what.as_str()) {
            (ROOM, THINGS_TOLD) => {
                let said: ThingsTold = serde_json::from_value(control.body.clone())?;
                for told in &said.things {
                    self.tell(cx, control.workspace, &said.of, told, said.how, &said.by)?;
                }
                Ok(())
            }
            (ROOM, TYPE_DEFINED) => {
                let said: TypeDefined = serde_json::from_value(control.body.clone())?;
                types::put(&mut cx.work, control.workspace, &said.of, &said.settings)?;
                self.forget_workspace(control.workspace);
                Ok(())
            }
            (ROOM, TAG_DEFINED) => self.define_tag(control, cx),
            (ROOM, TAG_ARCHIVED) => self.archive_tag(control, cx),
            (ROOM, TAG_ASSIGNED) => self.assign(control, cx),
            (weft_context_kit::workspace::ROOM, _) => {
                self.forget_workspace(control.workspace);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn timer(&self, workspace: WorkspaceId, key: &[u8], due: Millis, cx: &mut Cx) -> Result<()> {
        let Some((sort, rest)) = key.split_first() else { return Ok(()) };
        let mut parts = Parts(rest);
        match *sort {
            NIGHT => {
                let Some(name) = parts.text() else { return Ok(()) };
                // A timer of a night that another definition has moved.
                match definition::stored(&cx.work, workspace, &name)?.filter(|s| s.next_night == Some(due)) {
                    Some(stored) => self.begin_fill(cx, workspace, stored),
                    None => Ok(()),
                }
            }
            FILL => match (parts.u32(), parts.text()) {
                (Some(fill), Some(name)) => self.fill(cx, workspace, &name, fill),
                _ => Ok(()),
            },
            _ => match (parts.text(), parts.text()) {
                (Some(of), Some(id)) => judge_all(cx, workspace, &of, &id, &*self.known(&cx.work, workspace)?),
                _ => Ok(()),
            },
        }
    }

    fn forget(&self) {
        self.known.write().clear();
    }
}
