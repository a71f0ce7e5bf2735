//! Journeys over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_condition::EventMatch;
use weft_context_kit::{HistoryEntry, Parts, blocking, workspace_of};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes, cursor_of, items_on_a_page};
use weft_profile_kv::Read;
use weft_profiles::{MOST_FOUND, PersonBrief, brief, find_person, search_people};

use crate::advance::{Ask, Effect, Stimulus, advance};
use crate::enrolment::{self, Enrolment, State as Place};
use crate::kernel::{Atom, JourneyId, Millis, Page, Result, WorkspaceId};
use crate::operations;
use crate::plan::{self, Plan};
use crate::result::{self, JourneyResult};
use crate::steps::{Asked, published_plan};
use crate::store::Model;

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("journeys:read");
const WRITE: Lock = Lock::Permission("journeys:write");
const PUBLISH: Lock = Lock::Permission("journeys:publish");
/// Entries of its history that a journey shows.
const HISTORY: usize = 50;

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_journeys", "/journeys", READ, list_journeys, parts)
        .summary("Journeys with how many came in and converted")
        .lists::<JourneyLine>()
        .post("create_journey", "/journeys", WRITE, create_journey, parts)
        .summary("Draft a journey")
        .takes::<JourneyDraft>()
        .gives::<JourneyView>()
        .get("get_journey", "/journeys/{id}", READ, get_journey, parts)
        .summary("One journey: draft, what is published, history")
        .gives::<JourneyView>()
        .put("update_journey", "/journeys/{id}", WRITE, update_journey, parts)
        .summary("Save the draft")
        .takes::<JourneyDraft>()
        .gives::<JourneyView>()
        .post("publish_journey", "/journeys/{id}:publish", PUBLISH, publish_journey, parts)
        .summary("Check the draft and open it as the next version")
        .gives::<JourneyView>()
        .post("pause_journey", "/journeys/{id}:pause", PUBLISH, pause_journey, parts)
        .summary("Nobody enters, moves or is written to until it is resumed")
        .gives::<JourneyView>()
        .post("resume_journey", "/journeys/{id}:resume", PUBLISH, resume_journey, parts)
        .summary("Go on; who should have moved in between moves now")
        .gives::<JourneyView>()
        .post("stop_journey", "/journeys/{id}:stop", PUBLISH, stop_journey, parts)
        .summary("Everybody leaves; messages that have not left will not go")
        .gives::<JourneyView>()
        .post("duplicate_journey", "/journeys/{id}:duplicate", WRITE, duplicate_journey, parts)
        .summary("Copy the draft")
        .gives::<JourneyView>()
        .post("estimate_journey", "/journeys/{id}:estimate", READ, estimate_journey, parts)
        .summary("How many people would enter if it were published now")
        .gives::<Estimate>()
        .post("simulate_journey", "/journeys/{id}:simulate", READ, simulate_journey, parts)
        .summary("The way a person would take through the draft, with waits cut short")
        .takes::<SimulateRequest>()
        .gives::<Simulation>()
        .get("get_journey_counts", "/journeys/{id}/counts", READ, get_journey_counts, parts)
        .summary("People on nodes and edges")
        .gives::<JourneyCounts>()
        .get("list_journey_people", "/journeys/{id}/people", READ, list_journey_people, parts)
        .summary("Who entered, and where they are")
        .lists::<JourneyPerson>()
        .asks::<PeopleQuery>()
        .get("get_journey_person", "/journeys/{id}/people/{person}", READ, get_journey_person, parts)
        .summary("One person's way, step by step, with reasons")
        .gives::<Way>()
        .get("get_journey_result", "/journeys/{id}/result", READ, get_journey_result, parts)
        .summary("Arms against control, with difference, interval and p-value")
        .gives::<JourneyResultView>()
        .get("list_person_journeys", "/people/{id}/journeys", READ, list_person_journeys, parts)
        .summary("The journeys a person entered")
        .lists_whole::<PersonJourney>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JourneyDraft {
    name: String,
    #[schema(value_type = Object)]
    plan: Value,
}

/// A journey as a list shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyLine {
    id: String,
    name: String,
    /// `draft`, `running`, `paused` or `stopped`
    state: String,
    /// Of what is published; 0 before.
    version: i64,
    /// How many are in it now.
    people_in: u64,
    entered: u64,
    converted: u64,
    created_by: String,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Journey)]
struct JourneyView {
    #[serde(flatten)]
    line: JourneyLine,
    #[schema(value_type = Object)]
    draft: Value,
    #[schema(value_type = Option<Object>)]
    published: Option<Value>,
    has_unpublished_changes: bool,
    /// What was done to it, newest first.
    history: Vec<HistoryEntry>,
}

fn line(parts: &Parts, workspace: WorkspaceId, m: Model) -> Result<JourneyLine> {
    let counts = result::counts(&*parts.state, workspace, &JourneyId(m.id.clone()))?;
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    Ok(JourneyLine {
        people_in: counts.iter().filter(|(k, _)| k.starts_with("in:")).map(|(_, n)| n).sum(),
        entered: count("entered"),
        converted: count("converted"),
        id: m.id,
        name: m.name,
        state: m.state,
        version: m.version,
        created_by: m.created_by,
        created_at: m.created_at.0,
        updated_at: m.updated_at.0,
    })
}

async fn view(parts: &Parts, workspace: WorkspaceId, m: Model) -> Result<JourneyView> {
    let (draft, published) = (m.draft.0.clone(), m.published.as_ref().map(|p| p.0.clone()));
    Ok(JourneyView {
        has_unpublished_changes: published.as_ref() != Some(&draft),
        draft,
        published,
        history: parts.history(workspace, &m.id, None, HISTORY).await?.items,
        line: line(parts, workspace, m)?,
    })
}

async fn list_journeys(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<JourneyLine>> {
    let page = operations::list_journeys(&parts, &caller, &query).await?;
    let items = page.items.into_iter().map(|m| line(&parts, caller.workspace(), m)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

/// The journeys that were touched last, in short; for the first page of the console.
pub async fn latest(parts: &Parts, workspace: WorkspaceId, limit: usize) -> Result<Vec<JourneyLine>> {
    let models = operations::latest_journeys(parts, workspace, limit).await?;
    models.into_iter().map(|m| line(parts, workspace, m)).collect()
}

async fn create_journey(State(parts): State<Room>, caller: Caller, Body(draft): Body<JourneyDraft>) -> Answer<JourneyView> {
    operations::refuse_hidden(&parts, &caller, &draft.plan, None).await?;
    let id = operations::create_journey(&parts, &caller.scope, &draft.name, draft.plan).await?;
    shown(&parts, &caller, &id).await
}

async fn shown(parts: &Parts, caller: &Caller, id: &str) -> Answer<JourneyView> {
    let model = operations::get_journey(parts, caller.workspace(), id).await?;
    Ok(Json(view(parts, caller.workspace(), model).await?))
}

async fn get_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    shown(&parts, &caller, &id).await
}

async fn update_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<JourneyDraft>) -> Answer<JourneyView> {
    operations::update_journey(&parts, &caller, &id, &draft.name, draft.plan).await?;
    shown(&parts, &caller, &id).await
}

async fn publish_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    operations::publish_journey(&parts, &caller.scope, &id).await?;
    shown(&parts, &caller, &id).await
}

async fn pause_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    operations::change_state(&parts, &caller, &id, "pause_journey", "paused").await?;
    shown(&parts, &caller, &id).await
}

async fn resume_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    operations::change_state(&parts, &caller, &id, "resume_journey", "running").await?;
    shown(&parts, &caller, &id).await
}

async fn stop_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    operations::change_state(&parts, &caller, &id, "stop_journey", "stopped").await?;
    shown(&parts, &caller, &id).await
}

async fn duplicate_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyView> {
    let copy = operations::duplicate_journey(&parts, &caller, &id).await?;
    shown(&parts, &caller, &copy.id).await
}

#[derive(Serialize, ToSchema)]
struct Estimate {
    would_enter_now: u64,
    /// Members of the segment that it begins with.
    members: u64,
    #[schema(value_type = String)]
    as_of: Millis,
}

async fn estimate_journey(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Estimate> {
    let model = operations::get_journey(&parts, caller.workspace(), &id).await?;
    let draft = plan::parse(&model.draft.0)?;
    let workspace = caller.workspace();
    let (now, journey) = (parts.clock.now(), JourneyId(id));
    let (would_enter_now, members) = blocking(move || {
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
    Ok(Json(Estimate { would_enter_now, members, as_of: now }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulateRequest {
    person: String,
}

/// One step of a person's way.
#[derive(Serialize, ToSchema)]
struct WayStep {
    /// Empty where it is about the journey as a whole.
    node: String,
    #[schema(value_type = String)]
    at: Millis,
    what: String,
    reason: String,
}

impl From<enrolment::StepTaken> for WayStep {
    fn from(s: enrolment::StepTaken) -> Self {
        Self { node: s.node, at: s.at, what: s.what, reason: s.reason }
    }
}

#[derive(Serialize, ToSchema)]
struct Simulation {
    steps: Vec<WayStep>,
}

async fn simulate_journey(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    Body(request): Body<SimulateRequest>,
) -> Answer<Simulation> {
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
    Ok(Json(Simulation { steps }))
}

/// Goes the whole way at once: each wait ends when its time is up, and what is awaited does not come.
fn walk(plan: &Plan, journey: &JourneyId, now: Millis, asked: &mut dyn Ask) -> Result<Vec<WayStep>> {
    let mut e = Enrolment::new(1, 0, now, "simulation");
    let mut at = now;
    let mut sends = advance(plan, journey, &mut e, Stimulus::Entered, at, asked)?;
    for _ in 0..200 {
        let Some(due) = e.due.filter(|_| e.state == Place::In) else { break };
        at = Millis(due);
        sends.extend(advance(plan, journey, &mut e, Stimulus::TimeIsUp, at, asked)?);
    }
    let would_send = sends.iter().filter(|s| matches!(s, Effect::Send { .. })).count();
    let mut steps: Vec<WayStep> = e.steps.into_iter().map(WayStep::from).collect();
    steps.push(WayStep { node: String::new(), at, what: "would_send".into(), reason: would_send.to_string() });
    Ok(steps)
}

#[derive(Default, Serialize, ToSchema)]
struct NodeCounts {
    entered: u64,
    #[serde(rename = "in")]
    inside: u64,
    left: u64,
}

#[derive(Serialize, ToSchema)]
struct JourneyCounts {
    nodes: BTreeMap<String, NodeCounts>,
    /// `from→to`; to the `end` where the way ends.
    edges: BTreeMap<String, u64>,
    arms: BTreeMap<String, u64>,
    entered: u64,
    #[schema(value_type = String)]
    as_of: Millis,
}

async fn get_journey_counts(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyCounts> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let as_of = parts.clock.now();
    let counts = blocking(move || result::counts(&*parts.state, workspace, &JourneyId(id))).await?;
    Ok(Json(sorted(counts, as_of)))
}

fn sorted(counts: BTreeMap<String, u64>, as_of: Millis) -> JourneyCounts {
    let mut all = JourneyCounts { nodes: BTreeMap::new(), edges: BTreeMap::new(), arms: BTreeMap::new(), entered: 0, as_of };
    for (what, n) in counts {
        match what.split_once(':') {
            Some(("in", node)) => all.nodes.entry(node.to_owned()).or_default().inside = n,
            Some(("entered", node)) => all.nodes.entry(node.to_owned()).or_default().entered = n,
            Some(("edge", edge)) => drop(all.edges.insert(edge.to_owned(), n)),
            Some(("people", arm)) => drop(all.arms.insert(arm.to_owned(), n)),
            None if what == "entered" => all.entered = n,
            _ => {}
        }
    }
    for node in all.nodes.values_mut() {
        node.left = node.entered.saturating_sub(node.inside);
    }
    all
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// The beginning of an identifier, a name, an e-mail address or a phone number.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// Who is at this node.
    #[serde(default)]
    #[param(required = false)]
    node: String,
    /// `in`, `done` or `exited`
    #[serde(default)]
    #[param(required = false)]
    state: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl PeopleQuery {
    fn admits(&self, e: &Enrolment) -> bool {
        (self.node.is_empty() || self.node == e.node) && (self.state.is_empty() || self.state == state_name(e.state))
    }
}

async fn list_journey_people(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<PeopleQuery>,
) -> Answer<Page<JourneyPerson>> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let limit = items_on_a_page(query.limit);
    let from: Atom = cursor_of(query.cursor.as_deref())?.unwrap_or(0);
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let mut page = Page { items: Vec::new(), next: None };
        enrolled(read, workspace, &JourneyId(id), query.q.trim(), from, &mut |person, e| {
            if !query.admits(&e) {
                return Ok(true);
            }
            if page.items.len() == limit {
                page.next = Some(person.to_string());
                return Ok(false);
            }
            page.items.push(journey_person(read, workspace, person, e)?);
            Ok(true)
        })?;
        Ok(page)
    })
    .await?;
    Ok(Json(page))
}

/// Everybody who ever entered, or those among them who are found by `q`; by number, from `from` on.
fn enrolled(
    read: &dyn Read,
    workspace: WorkspaceId,
    journey: &JourneyId,
    q: &str,
    from: Atom,
    visit: &mut dyn FnMut(Atom, Enrolment) -> Result<bool>,
) -> Result<()> {
    if q.is_empty() {
        return enrolment::of_journey(read, workspace, journey, from, visit);
    }
    let mut found = search_people(read, workspace, q, MOST_FOUND)?;
    found.sort_unstable();
    for person in found.into_iter().filter(|person| *person >= from) {
        if let Some(e) = enrolment::get(read, workspace, journey, person)?
            && !visit(person, e)?
        {
            break;
        }
    }
    Ok(())
}

fn state_name(state: Place) -> &'static str {
    match state {
        Place::In => "in",
        Place::Done => "done",
        Place::Exited => "exited",
    }
}

#[derive(Serialize, ToSchema)]
struct JourneyPerson {
    person: PersonBrief,
    version: u32,
    node: String,
    state: Place,
    #[schema(value_type = String)]
    entered_at: Millis,
    /// When time alone moves her on.
    #[schema(value_type = Option<String>)]
    until: Option<Millis>,
    arm: Option<String>,
    #[schema(value_type = Option<String>)]
    converted_at: Option<Millis>,
    exit_reason: Option<String>,
}

fn journey_person(read: &dyn Read, workspace: WorkspaceId, person: Atom, e: Enrolment) -> Result<JourneyPerson> {
    Ok(JourneyPerson {
        person: brief(read, workspace, person)?,
        version: e.version,
        node: e.node,
        state: e.state,
        entered_at: e.entered_at,
        until: e.due.map(Millis),
        arm: e.arm,
        converted_at: e.converted_at.map(Millis),
        exit_reason: e.exit_reason,
    })
}

#[derive(Serialize, ToSchema)]
struct Way {
    /// One for each time she entered, newest first.
    entries: Vec<WayEntry>,
}

#[derive(Serialize, ToSchema)]
struct WayEntry {
    /// 1 for the first.
    entry: u32,
    version: u32,
    state: Place,
    node: String,
    #[schema(value_type = String)]
    entered_at: Millis,
    reason: String,
    arm: Option<String>,
    #[schema(value_type = Option<String>)]
    until: Option<Millis>,
    #[schema(value_type = Option<String>)]
    converted_at: Option<Millis>,
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    exit_reason: Option<String>,
    steps: Vec<WayStep>,
}

impl From<Enrolment> for WayEntry {
    fn from(e: Enrolment) -> Self {
        Self {
            entry: e.entry,
            version: e.version,
            state: e.state,
            node: e.node,
            entered_at: e.entered_at,
            reason: e.reason,
            arm: e.arm,
            until: e.due.map(Millis),
            converted_at: e.converted_at.map(Millis),
            value: e.value,
            exit_reason: e.exit_reason,
            steps: e.steps.into_iter().map(WayStep::from).collect(),
        }
    }
}

async fn get_journey_person(State(parts): State<Room>, caller: Caller, Path((id, person)): Path<(String, String)>) -> Answer<Way> {
    let workspace = caller.workspace();
    operations::get_journey(&parts, workspace, &id).await?;
    let entries = blocking(move || {
        let atom = find_person(&*parts.state, workspace, &person)?;
        let Some(mut now) = enrolment::get(&*parts.state, workspace, &JourneyId(id), atom)? else { return Ok(Vec::new()) };
        let mut all = std::mem::take(&mut now.past);
        all.push(now);
        Ok(all.into_iter().rev().map(WayEntry::from).collect())
    })
    .await?;
    Ok(Json(Way { entries }))
}

#[derive(Serialize, ToSchema)]
struct JourneyGoal {
    /// `{"name": …, "where": …}`, as in conditions.
    #[schema(value_type = Object)]
    event: EventMatch,
    window: String,
}

#[derive(Serialize, ToSchema)]
struct JourneyResultView {
    #[serde(flatten)]
    result: JourneyResult,
    goal: Option<JourneyGoal>,
}

async fn get_journey_result(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<JourneyResultView> {
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
        let result = result::result(read, workspace, &journey, &plan, &currency, now)?;
        Ok(JourneyResultView { result, goal: plan.goal.map(|g| JourneyGoal { event: g.event, window: g.within }) })
    })
    .await?;
    Ok(Json(answer))
}

#[derive(Serialize, ToSchema)]
struct PersonJourney {
    #[schema(value_type = String)]
    id: JourneyId,
    name: Option<String>,
    state: Place,
    node: String,
    #[schema(value_type = String)]
    entered_at: Millis,
    arm: Option<String>,
}

async fn list_person_journeys(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<PersonJourney>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find_person(read, workspace, &id)?;
        let mut items = Vec::new();
        for journey in enrolment::of_person(read, workspace, person)? {
            if let Some(e) = enrolment::get(read, workspace, &journey, person)? {
                let name = crate::steps::head(read, workspace, &journey)?.map(|h| h.name);
                items.push(PersonJourney { id: journey, name, state: e.state, node: e.node, entered_at: e.entered_at, arm: e.arm });
            }
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}
