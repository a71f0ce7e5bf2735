//! Things and their types.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, State};
use rust_decimal::Decimal;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::{Answer, Body, Caller, QueryOf, items_on_a_page};
use weft_profile_kv::Read;

use super::Room;
use super::wire::{
    FiguresQuery, Imported, RefusedThing, ThingChange, ThingDay, ThingDraft, ThingFieldChange, ThingFigures, ThingLine, ThingSeen, ThingTag, ThingTotal, ThingView, Things,
    ThingsQuery, TypeView,
};
use crate::figures::{self, Figure, MOST_DAYS, day_of, first_day};
use crate::kernel::{Error, Millis, Page, Result, WorkspaceId};
use crate::operations::{self, not_found};
use crate::thing::{self, Change, State as ThingState, Thing, Told};
use crate::types::{self, Settings};
use crate::{definition, values};

const USUAL_DAYS: u32 = 30;

fn type_view(read: &dyn Read, workspace: WorkspaceId, of: String, settings: Settings) -> Result<TypeView> {
    Ok(TypeView { counts: types::counts(read, workspace, &of)?, of, settings })
}

pub(super) async fn list_thing_types(State(parts): State<Room>, caller: Caller) -> Answer<Page<TypeView>> {
    let (read, workspace): (&dyn Read, _) = (&*parts.state, caller.workspace());
    let items = types::all(read, workspace)?.into_iter().map(|(of, settings)| type_view(read, workspace, of, settings)).collect::<Result<_>>()?;
    Ok(Json(Page { items, next: None }))
}

pub(super) async fn define_thing_type(State(parts): State<Room>, caller: Caller, Path(of): Path<String>, Body(settings): Body<Settings>) -> Answer<TypeView> {
    operations::define_type(&parts, &caller, &of, settings.clone()).await?;
    Ok(Json(type_view(&*parts.state, caller.workspace(), of, settings)?))
}

pub(super) async fn list_things(State(parts): State<Room>, caller: Caller, Path(of): Path<String>, QueryOf(query): QueryOf<ThingsQuery>) -> Answer<Page<ThingLine>> {
    let workspace = caller.workspace();
    Ok(Json(blocking(move || page_of(&*parts.state, workspace, &of, &query)).await?))
}

fn page_of(read: &dyn Read, workspace: WorkspaceId, of: &str, query: &ThingsQuery) -> Result<Page<ThingLine>> {
    types::check_word(of)?;
    let (limit, from) = (items_on_a_page(query.limit), query.cursor.as_deref().unwrap_or_default());
    let wanted = query.q.trim().to_lowercase();
    let fits = |id: &str, thing: &Thing| {
        let in_state = query.state.map_or(thing.state() != ThingState::Archived, |state| thing.state() == state);
        in_state && (wanted.is_empty() || id.to_lowercase().contains(&wanted) || thing.name.to_lowercase().contains(&wanted))
    };
    let mut found: Vec<(String, Thing)> = Vec::new();
    if query.tag.is_empty() {
        thing::each(read, workspace, of, from, &mut |id, thing| {
            if fits(&id, &thing) {
                found.push((id, thing));
            }
            Ok(found.len() <= limit)
        })?;
    } else {
        let (tag, value) = query.tag.split_once(':').map_or((query.tag.as_str(), None), |(tag, value)| (tag, Some(value)));
        let known = definition::stored(read, workspace, tag)?.filter(|stored| stored.of == of);
        known.ok_or_else(|| Error::invalid("catalog.filter_invalid", format!("{of} have no tag called {tag}")).field("tag", "unknown tag"))?;
        values::each(read, workspace, tag, from, &mut |id, tagged| {
            if value.is_none_or(|value| tagged.value == value)
                && let Some(thing) = thing::get(read, workspace, of, &id)?.filter(|thing| fits(&id, thing))
            {
                found.push((id, thing));
            }
            Ok(found.len() <= limit)
        })?;
    }
    let next = (found.len() > limit).then(|| found[limit].0.clone());
    found.truncate(limit);
    let tags: Vec<String> = definition::all_stored(read, workspace)?.into_iter().filter(|s| s.of == of).map(|s| s.name).collect();
    let items = found.into_iter().map(|(id, thing)| line(read, workspace, of, id, thing, &tags)).collect::<Result<_>>()?;
    Ok(Page { items, next })
}

fn line(read: &dyn Read, workspace: WorkspaceId, of: &str, id: String, thing: Thing, tags: &[String]) -> Result<ThingLine> {
    let mut called = BTreeMap::new();
    for tag in tags {
        called.extend(values::value(read, workspace, tag, &id)?.map(|tagged| (tag.clone(), tagged.value)));
    }
    let seen = figures::seen(read, workspace, of, &id)?;
    Ok(ThingLine {
        state: thing.state(),
        name: thing.name,
        attributes: thing.attributes,
        tags: called,
        events: seen.map_or(0, |s| s.events),
        last_seen: seen.map(|s| s.last),
        updated_at: thing.updated_at,
        id,
    })
}

pub(super) async fn import_things(State(parts): State<Room>, caller: Caller, Path(of): Path<String>, Body(things): Body<Things>) -> Answer<Imported> {
    let taken = operations::import_things(&parts, &caller, &of, things.things, things.replace).await?;
    let refused = taken.refused.into_iter().map(|r| RefusedThing { line: r.line, id: r.id, code: r.code, detail: r.detail }).collect();
    Ok(Json(Imported { created: taken.created, changed: taken.changed, unchanged: taken.unchanged, refused }))
}

pub(super) async fn get_thing(State(parts): State<Room>, caller: Caller, Path((of, id)): Path<(String, String)>, QueryOf(query): QueryOf<FiguresQuery>) -> Answer<ThingView> {
    view(&parts, &caller, of, id, query.days.unwrap_or(USUAL_DAYS).clamp(1, MOST_DAYS)).await
}

pub(super) async fn put_thing(State(parts): State<Room>, caller: Caller, Path((of, id)): Path<(String, String)>, Body(draft): Body<ThingDraft>) -> Answer<ThingView> {
    let id = id.trim().to_owned();
    operations::put_thing(&parts, &caller, &of, Told { id: id.clone(), name: Some(draft.name), attributes: draft.attributes }).await?;
    view(&parts, &caller, of, id, USUAL_DAYS).await
}

pub(super) async fn archive_thing(State(parts): State<Room>, caller: Caller, Path((of, id)): Path<(String, String)>) -> Answer<ThingView> {
    operations::set_archived(&parts, &caller, &of, &id, true).await?;
    view(&parts, &caller, of, id, USUAL_DAYS).await
}

pub(super) async fn restore_thing(State(parts): State<Room>, caller: Caller, Path((of, id)): Path<(String, String)>) -> Answer<ThingView> {
    operations::set_archived(&parts, &caller, &of, &id, false).await?;
    view(&parts, &caller, of, id, USUAL_DAYS).await
}

async fn view(parts: &Room, caller: &Caller, of: String, id: String, days: u32) -> Answer<ThingView> {
    let (workspace, now, state) = (caller.workspace(), parts.clock.now(), parts.state.clone());
    let (mut view, changes) = blocking(move || as_it_is(&*state, workspace, of, id, days, now)).await?;
    let names = names_of(parts, workspace, &changes).await?;
    view.changes = changes.into_iter().map(|change| told(change, &names)).collect();
    Ok(Json(view))
}

async fn names_of(parts: &Parts, workspace: WorkspaceId, changes: &[Change]) -> Result<BTreeMap<String, String>> {
    let ids: BTreeSet<String> = changes.iter().map(|change| change.by.clone()).collect();
    parts.names.names(workspace, &ids.into_iter().collect::<Vec<_>>()).await
}

fn told(change: Change, names: &BTreeMap<String, String>) -> ThingChange {
    let fields = change.fields.into_iter().map(|(name, [before, after])| ThingFieldChange { name, before, after }).collect();
    ThingChange { at: change.at, by_name: names.get(&change.by).cloned(), by: change.by, how: change.how, fields }
}

fn as_it_is(read: &dyn Read, workspace: WorkspaceId, of: String, id: String, days: u32, now: Millis) -> Result<(ThingView, Vec<Change>)> {
    let thing = thing::get(read, workspace, &of, &id)?.ok_or_else(|| not_found(&of, &id))?;
    let tags = values::of_thing(read, workspace, &of, &id)?.into_iter().map(|(name, tagged)| ThingTag { name, value: tagged.value, since: tagged.since }).collect();
    let seen = figures::seen(read, workspace, &of, &id)?.map(|s| ThingSeen { events: s.events, first: s.first, last: s.last });
    let figures = figures_of(read, workspace, &of, &id, (first_day(now, days), day_of(now)))?;
    let changes = thing::changes(read, workspace, &of, &id)?;
    let view = ThingView {
        state: thing.state(),
        name: thing.name,
        attributes: thing.attributes,
        created_at: thing.created_at,
        updated_at: thing.updated_at,
        of,
        id,
        tags,
        seen,
        figures,
        changes: Vec::new(),
    };
    Ok((view, changes))
}

fn figures_of(read: &dyn Read, workspace: WorkspaceId, of: &str, id: &str, (from, to): (u32, u32)) -> Result<ThingFigures> {
    let lines: Vec<figures::Day> = figures::days_of(read, workspace, of, id, from)?.into_iter().filter(|line| line.day <= to).collect();
    let mut totals: BTreeMap<String, Figure> = BTreeMap::new();
    for line in &lines {
        totals.entry(line.event.clone()).or_default().and(&line.figure);
    }
    let mut totals: Vec<(String, Figure)> = totals.into_iter().collect();
    totals.sort_by(|a, b| b.1.events.cmp(&a.1.events).then_with(|| a.0.cmp(&b.0)));
    Ok(ThingFigures {
        from: date(from),
        to: date(to),
        totals: totals.into_iter().map(|(event, figure)| total(event, &figure)).collect(),
        days: lines.into_iter().map(|line| ThingDay { day: date(line.day), total: total(line.event, &line.figure) }).collect(),
    })
}

fn total(event: String, figure: &Figure) -> ThingTotal {
    let text = |d: Decimal| d.normalize().to_string();
    ThingTotal { event, events: figure.events, quantity: text(figure.sum.quantity), amount: text(figure.sum.amount) }
}

fn date(day: u32) -> String {
    Millis(i64::from(day) * Millis::DAY).rfc3339().chars().take(10).collect()
}
