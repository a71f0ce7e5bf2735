//! Journeys over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_context_kit::{Parts, blocking, workspace_of};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes};
use weft_profile_kv::Read;

use crate::advance::{Ask, Effect, Stimulus, advance};
use crate::enrolment::{self, Enrolment, State as Place};
use crate::kernel::{Atom, Error, JourneyId, Millis, Page, PersonId, Result, WorkspaceId};
use crate::operations;
use crate::plan::{self, Plan};
use crate::result::{self, JourneyResult};
use crate::steps::{Asked, published_plan};
use crate::store::Model;

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("journeys:read");
const WRITE: Lock = Lock::Permission("journeys:write");
const PUBLISH: Lock = Lock::Permission("journeys:publish");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_journeys", "/journeys", READ, list_journeys, parts)
        .summary("Journeys with how many came in and converted")
        .post("create_journey", "/journeys", WRITE, create_journey, parts)
        .summary("Draft a journey")
        .takes::<JourneyDraft>()
        .get("get_journey", "/journeys/{id}", READ, get_journey, parts)
        .summary("One journey: draft, what is published, history")
        .put("update_journey", "/journeys/{id}", WRITE, update_journey, parts)
        .summary("Save the draft")
        .takes::<JourneyDraft>()
        .post("publish_journey", "/journeys/{id}:publish", PUBLISH, publish_journey, parts)
        .summary("Check the draft and open it as the next version")
        .post("pause_journey", "/journeys/{id}:pause", PUBLISH, pause_journey, parts)
        .summary("Nobody enters, moves or is written to until it is resumed")
        .post("resume_journey", "/journeys/{id}:resume", PUBLISH, resume_journey, parts)
        .summary("Go on; who should have moved in between moves now")
        .post("stop_journey", "/journeys/{id}:stop", PUBLISH, stop_journey, parts)
        .summary("Everybody leaves; messages that have not left will not go")
        .post("duplicate_journey", "/journeys/{id}:duplicate", WRITE, duplicate_journey, parts)
        .summary("Copy the draft")
        .post("estimate_journey", "/journeys/{id}:estimate", READ, estimate_journey, parts)
        .summary("How many people would enter if it were published now")
        .post("simulate_journey", "/journeys/{id}:simulate", READ, simulate_journey, parts)
        .summary("The way a person would take through the draft, with waits cut short")
        .takes::<SimulateRequest>()
        .get("get_journey_counts", "/journeys/{id}/counts", READ, get_journey_counts, parts)
        .summary("People on nodes and edges")
        .get("list_journey_people", "/journeys/{id}/people", READ, list_journey_people, parts)
        .summary("Who entered, and where they are")
        .get("get_journey_person", "/journeys/{id}/people/{person}", READ, get_journey_person, parts)
        .summary("One person's way, step by step, with reasons")
        .get("get_journey_result", "/journeys/{id}/result", READ, get_journey_result, parts)
        .summary("Arms against control, with difference, interval and p-value")
        .get("list_person_journeys", "/people/{id}/journeys", READ, list_person_journeys, parts)
        .summary("The journeys a person entered")
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JourneyDraft {
    name: String,
    #[schema(value_type = Object)]
    plan: Value,
}

fn view(parts: &Parts, workspace: WorkspaceId, m: &Model) -> Result<Value> {
    let counts = result::counts(&*parts.state, workspace, &JourneyId(m.id.clone()))?;
    let inside: u64 = counts.iter().filter(|(k, _)| k.starts_with("in:")).map(|(_, n)| n).sum();
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    Ok(json!({
        "id": m.id, "name": m.name, "state": m.state, "version": m.version, "people_in": inside, "entered": count("entered"),
        "converted": count("converted"), "created_by": m.created_by, "created_at": m.created_at.0, "updated_at": m.updated_at.0,
    }))
}

async fn whole(parts: &Parts, workspace: WorkspaceId, m: &Model) -> Result<Value> {
    let mut view = view(parts, workspace, m)?;
    view["draft"] = m.draft.0.clone();
    view["published"] = m.published.as_ref().map_or(Value::Null, |p| p.0.clone());
    view["has_unpublished_changes"] = (m.published.as_ref().map(|p| &p.0) != Some(&m.draft.0)).into();
    view["history"] = operations::history(parts, workspace, &m.id).await?.into();
    Ok(view)
}

async fn list_journeys(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<Value>> {
    let page = operations::list_journeys(&parts, &caller, &query).await?;
    let items = page.items.iter().map(|m| view(&parts, caller.workspace(), m)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

/// The journeys that were touched last, in short; for the first page of the console.
pub async fn latest(parts: &Parts, workspace: WorkspaceId, limit: usize) -> Result<Vec<Value>> {
    let models = operations::latest_journeys(parts, workspace, limit).await?;
    models.iter().map(|m| view(parts, workspace, m)).collect()
}

async fn create_journey(State(parts): State<Room>, caller: Caller, Body(draft): Body<JourneyDraft>) -> Answer<Value> {
    let id = operations::create_journey(&parts, &caller.scope, &draft.name, draft.plan).await?;
    shown(&parts, &caller, &id).await
}

async fn shown(parts: &Parts, caller: &Caller, id: &str) -> Answer<Value> {
    let model = operations::get_journey(parts, caller.workspace(), id).await?;
    Ok(Json(whole(parts, caller.workspace(), &model).await?))
}

async fn get_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    shown(&parts, &caller, &id).await
}

async fn update_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<JourneyDraft>) -> Answer<Value> {
    operations::update_journey(&parts, &caller, &id, &draft.name, draft.plan).await?;
    shown(&parts, &caller, &id).await
}

async fn publish_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    operations::publish_journey(&parts, &caller.scope, &id).await?;
    shown(&parts, &caller, &id).await
}

async fn pause_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    operations::change_state(&parts, &caller, &id, "pause_journey", "paused").await?;
    shown(&parts, &caller, &id).await
}

async fn resume_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    operations::change_state(&parts, &caller, &id, "resume_journey", "running").await?;
    shown(&parts, &caller, &id).await
}

async fn stop_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    operations::change_state(&parts, &caller, &id, "stop_journey", "stopped").await?;
    shown(&parts, &caller, &id).await
}

async fn duplicate_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    let copy = operations::duplicate_journey(&parts, &caller, &id).await?;
    shown(&parts, &caller, &copy.id).await
}

async fn estimate_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    let model = operations::get_journey(&parts, caller.workspace(), &id).await?;
    let draft = plan::parse(&model.draft.0)?;
    let workspace = caller.workspace();
    let (now, journey) = (parts.clock.now(), JourneyId(id));
    let estimate = blocking(move || {
        let plan::Entry::Segment { segment, include_present: true } = &draft.entry else { return Ok((0, 0)) };
        let members = weft_segments::bitmap(&*parts.state, workspace, segment)?;
        let mut enter = 0u64;
        for person in &members {
            let before = enrolment::get(&*parts.state, workspace, &journey, person)?;
            enter += u64::from(before.is_none_or(|b| crate::steps::may_come_again(&b, &draft.reentry, now)));
        }
        Ok((enter, members.len()))
    })
    .await?;
    Ok(Json(json!({"would_enter_now": estimate.0, "members": estimate.1, "as_of": now})))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulateRequest {
    person: String,
}

async fn simulate_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<SimulateRequest>) -> Answer<Value> {
    let model = operations::get_journey(&parts, caller.workspace(), &id).await?;
    let plan = plan::parse(&model.draft.0)?;
    plan::check(&plan)?;
    let workspace = caller.workspace();
    let now = parts.clock.now();
    let steps = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find_person(read, workspace, &request.person)?;
        let zone = workspace_of(read, workspace)?.zone();
        let mut asked = Asked { read, workspace, person, zone: &zone, now, event: Map::new() };
        walk(&plan, &JourneyId(id), now, &mut asked)
    })
    .await?;
    Ok(Json(json!({"steps": steps})))
}

/// Goes the whole way at once: each wait ends when its time is up, and what is awaited does not come.
fn walk(plan: &Plan, journey: &JourneyId, now: Millis, asked: &mut dyn Ask) -> Result<Vec<Value>> {
    let mut e = Enrolment::new(1, 0, now, "simulation");
    let mut at = now;
    let mut sends = advance(plan, journey, &mut e, Stimulus::Entered, at, asked)?;
    for _ in 0..200 {
        let Some(due) = e.due.filter(|_| e.state == Place::In) else { break };
        at = Millis(due);
        sends.extend(advance(plan, journey, &mut e, Stimulus::TimeIsUp, at, asked)?);
    }
    let would_send = sends.iter().filter(|s| matches!(s, Effect::Send { .. })).count();
    let mut steps: Vec<Value> = e.steps.iter().map(step_view).collect();
    steps.push(json!({"node": "", "what": "would_send", "reason": would_send.to_string(), "at": at}));
    Ok(steps)
}

fn step_view(s: &enrolment::StepTaken) -> Value {
    json!({"node": s.node, "at": s.at, "what": s.what, "reason": s.reason})
}

async fn get_journey_counts(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let as_of = parts.clock.now();
    let counts = blocking(move || result::counts(&*parts.state, workspace, &JourneyId(id))).await?;
    let (mut nodes, mut edges, mut arms) = (Map::new(), Map::new(), Map::new());
    for (what, n) in &counts {
        match what.split_once(':') {
            Some(("in", node)) => nodes.entry(node.to_owned()).or_insert_with(|| json!({}))["in"] = (*n).into(),
            Some(("entered", node)) => nodes.entry(node.to_owned()).or_insert_with(|| json!({}))["entered"] = (*n).into(),
            Some(("edge", edge)) => drop(edges.insert(edge.to_owned(), (*n).into())),
            Some(("people", arm)) => drop(arms.insert(arm.to_owned(), (*n).into())),
            _ => {}
        }
    }
    for counts in nodes.values_mut() {
        let number = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or(0);
        let (entered, inside) = (number("entered"), number("in"));
        *counts = json!({"entered": entered, "in": inside, "left": entered.saturating_sub(inside)});
    }
    Ok(Json(json!({"nodes": nodes, "edges": edges, "arms": arms, "entered": counts.get("entered").copied().unwrap_or(0), "as_of": as_of})))
}

#[derive(Debug, Default, Deserialize)]
struct PeopleQuery {
    node: Option<String>,
    state: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn list_journey_people(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<PeopleQuery>) -> Answer<Page<Value>> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let limit = ListQuery { limit: query.limit, ..ListQuery::default() }.limit();
    let from: Atom = match &query.cursor {
        Some(text) => text.parse().map_err(|_| Error::invalid("http.cursor_invalid", "this cursor was not given by this list"))?,
        None => 0,
    };
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let mut page = Page { items: Vec::new(), next: None };
        let some = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
        let (node, state) = (some(&query.node), some(&query.state));
        enrolment::of_journey(read, workspace, &JourneyId(id), from, &mut |person, e| {
            let fits = node.as_ref().is_none_or(|n| *n == e.node) && state.as_ref().is_none_or(|s| *s == state_name(e.state));
            if !fits {
                return Ok(true);
            }
            if page.items.len() == limit {
                page.next = Some(person.to_string());
                return Ok(false);
            }
            page.items.push(person_line(read, workspace, person, &e)?);
            Ok(true)
        })?;
        Ok(page)
    })
    .await?;
    Ok(Json(page))
}

fn state_name(state: Place) -> &'static str {
    match state {
        Place::In => "in",
        Place::Done => "done",
        Place::Exited => "exited",
    }
}

fn person_line(read: &dyn Read, workspace: WorkspaceId, person: Atom, e: &Enrolment) -> Result<Value> {
    let document = weft_profiles::document(read, workspace, person)?;
    let name = ["name", "$name", "nickname"].iter().find_map(|n| document.get(n)?.as_str().map(str::to_owned));
    let identifiers: Vec<Value> = weft_identity::identifiers(read, workspace, person)?
        .into_iter()
        .map(|k| json!({"type": k.identifier.id_type, "value": k.identifier.value}))
        .collect();
    Ok(json!({
        "person": {"id": PersonId::of(workspace, person), "name": name, "identifiers": identifiers},
        "version": e.version, "node": e.node, "state": state_name(e.state), "entered_at": e.entered_at, "until": e.due.map(Millis),
        "arm": e.arm, "converted_at": e.converted_at.map(Millis), "exit_reason": e.exit_reason,
    }))
}

fn find_person(read: &dyn Read, workspace: WorkspaceId, id: &str) -> Result<Atom> {
    weft_identity::person(read, workspace, &PersonId::from(id))?
        .ok_or_else(|| Error::not_found("profiles.person_not_found", format!("there is no person {id} in this workspace")).param("id", id))
}

async fn get_journey_person(State(parts): State<Room>, caller: Caller, Path((id, person)): Path<(String, String)>) -> Answer<Value> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let entries = blocking(move || {
        let atom = find_person(&*parts.state, workspace, &person)?;
        let Some(now) = enrolment::get(&*parts.state, workspace, &JourneyId(id), atom)? else { return Ok(Vec::new()) };
        let mut all = now.past.clone();
        all.push(now);
        Ok(all.iter().rev().map(entry_view).collect::<Vec<_>>())
    })
    .await?;
    Ok(Json(json!({"entries": entries})))
}

fn entry_view(e: &Enrolment) -> Value {
    json!({
        "entry": e.entry, "version": e.version, "state": state_name(e.state), "node": e.node, "entered_at": e.entered_at, "reason": e.reason,
        "arm": e.arm, "until": e.due.map(Millis), "converted_at": e.converted_at.map(Millis), "value": e.value, "exit_reason": e.exit_reason,
        "steps": e.steps.iter().map(step_view).collect::<Vec<_>>(),
    })
}

async fn get_journey_result(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    let workspace = caller.workspace();
    let model = operations::get_journey(&parts, workspace, &id).await?;
    let now = parts.clock.now();
    let answer = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let journey = JourneyId(id);
        let plan = match published_plan(read, workspace, &journey, model.version as u32)? {
            Some(plan) => plan,
            None => plan::parse(&model.draft.0)?,
        };
        let currency = workspace_of(read, workspace)?.currency;
        let result: JourneyResult = result::result(read, workspace, &journey, &plan, &currency, now)?;
        let mut view = serde_json::to_value(result)?;
        view["goal"] = plan.goal.as_ref().map_or(Value::Null, |g| json!({"event": g.event, "window": g.within}));
        Ok(view)
    })
    .await?;
    Ok(Json(answer))
}

async fn list_person_journeys(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<Value>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find_person(read, workspace, &id)?;
        let mut items = Vec::new();
        for journey in enrolment::of_person(read, workspace, person)? {
            if let Some(e) = enrolment::get(read, workspace, &journey, person)? {
                let name = crate::steps::head(read, workspace, &journey)?.map(|h| h.name);
                items.push(json!({"id": journey, "name": name, "state": state_name(e.state), "node": e.node, "entered_at": e.entered_at, "arm": e.arm}));
            }
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}
