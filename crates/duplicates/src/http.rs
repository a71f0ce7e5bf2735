//! Duplicates over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_context_kit::long_work::Progress;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Done, ListQuery, Lock, QueryOf, Routes};
use weft_meta_store::db_error;
use weft_profiles::{PersonBrief, brief, find_person};

use crate::kernel::{Error, Millis, Page, Result, WorkspaceId};
use crate::search::Searches;
use crate::store::{self, pairs};
use crate::decide;

const READ: Lock = Lock::Permission("people:read");
const WRITE: Lock = Lock::Permission("people:write");

pub(crate) struct Room {
    parts: Parts,
    searches: Searches,
}

pub(crate) fn routes(parts: &Parts) -> Routes {
    let room = &Arc::new(Room { parts: parts.clone(), searches: Searches::default() });
    Routes::new()
        .get("list_duplicates", "/duplicates", READ, list_duplicates, room)
        .summary("Pairs of people who are probably one, the surest first")
        .lists::<DuplicatePair>()
        .asks::<StateQuery>()
        .get("get_duplicate_search", "/duplicates/search", READ, get_duplicate_search, room)
        .summary("The search under way, and the last that ended")
        .gives::<DuplicateSearch>()
        .post("find_duplicates", "/duplicates:find", WRITE, find_duplicates, room)
        .summary("Look for duplicates among everybody")
        .gives::<Progress>()
        .post("cancel_duplicates", "/duplicates:cancel", WRITE, cancel_duplicates, room)
        .summary("Stop the search; the pairs of the one before stay")
        .gives::<Done>()
        .post("join_duplicate", "/duplicates/{id}:join", WRITE, join_duplicate, room)
        .summary("The two are one person")
        .takes::<Decision>()
        .gives::<DuplicatePair>()
        .post("join_surest_duplicates", "/duplicates:join_surest", WRITE, join_surest_duplicates, room)
        .summary("All that are as sure as that are one person each; some hundred a call")
        .takes::<SurestRequest>()
        .gives::<SurestAnswer>()
        .post("keep_duplicate_apart", "/duplicates/{id}:keep_apart", WRITE, keep_duplicate_apart, room)
        .summary("The two are two people; events do not join them either")
        .takes::<Decision>()
        .gives::<DuplicatePair>()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StateQuery {
    /// `open` if nothing is said; `joined`, `apart`.
    #[serde(default)]
    #[param(required = false)]
    state: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DuplicateDecision)]
struct Decision {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SurestDuplicates)]
struct SurestRequest {
    /// Pairs of at least this probability, 0.5 to 1.
    at_least: f64,
    /// Only says how many there are.
    #[serde(default)]
    only_count: bool,
    /// Pairs that calls before this one have refused; they come first, and are passed over.
    #[serde(default)]
    skip: u64,
    #[serde(default)]
    reason: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SurestDuplicatesJoined)]
struct SurestAnswer {
    joined: u64,
    /// Something speaks against joining them; they stay open.
    refused: u64,
    /// As sure, and not looked at yet: call again, with all that were refused as `skip`.
    left: u64,
}

/// Two people and why they are probably one.
#[derive(Serialize, ToSchema)]
struct DuplicatePair {
    id: String,
    a: PersonBrief,
    b: PersonBrief,
    /// 0 to 1.
    probability: f64,
    /// Comparisons with their levels and bits; `prior` is where the sum begins. They add up to log₂ of the odds.
    #[schema(value_type = Vec<DuplicateEvidence>)]
    evidence: Value,
    /// What the two say where they were compared: by comparison, the one and the other.
    #[schema(value_type = Object)]
    values: Value,
    state: String,
    #[schema(value_type = String)]
    found_at: Millis,
    decided_by: Option<String>,
    #[schema(value_type = Option<String>)]
    decided_at: Option<Millis>,
}

/// One comparison.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "names the shape in the document; the rows hold it as JSON")]
struct DuplicateEvidence {
    comparison: String,
    level: String,
    bits: f64,
}

fn view(parts: &Parts, workspace: WorkspaceId, pair: pairs::Model) -> Result<DuplicatePair> {
    let read = &*parts.state;
    let person = |id: &str| find_person(read, workspace, id);
    let (a, b) = (person(&pair.a)?, person(&pair.b)?);
    let said = |atom| crate::records::values(read, workspace, atom);
    let (of_a, of_b) = (said(a)?, said(b)?);
    let values = of_a.into_iter().filter_map(|(name, a)| Some((name, serde_json::json!([a, of_b.get(name)?])))).map(|(n, v)| (n.to_owned(), v)).collect();
    Ok(DuplicatePair {
        a: brief(read, workspace, a)?,
        b: brief(read, workspace, b)?,
        id: pair.id,
        probability: pair.probability as f64 / 1_000_000.0,
        evidence: pair.parts.0,
        values: Value::Object(values),
        state: pair.state,
        found_at: pair.found_at.0,
        decided_by: pair.decided_by,
        decided_at: pair.decided_at.map(|at| at.0),
    })
}

async fn list_duplicates(State(room): State<Arc<Room>>, caller: Caller, QueryOf(asked): QueryOf<StateQuery>) -> Answer<Page<DuplicatePair>> {
    let state = match asked.state.as_str() {
        "" | pairs::OPEN => pairs::OPEN,
        pairs::JOINED => pairs::JOINED,
        pairs::APART => pairs::APART,
        _ => return Err(Error::invalid("duplicates.state_unknown", "the state is open, joined or apart").field("state", "is not one of open, joined, apart").into()),
    };
    let query = ListQuery { limit: asked.limit, cursor: asked.cursor, ..ListQuery::default() };
    let page = decide::list(&room.parts, &caller, state, &query).await?;
    let (parts, workspace) = (room.parts.clone(), caller.workspace());
    let page = blocking(move || {
        let items = page.items.into_iter().map(|pair| view(&parts, workspace, pair)).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    })
    .await?;
    Ok(Json(page))
}

/// What is known of searches.
#[derive(Serialize, ToSchema)]
struct DuplicateSearch {
    running: Option<Progress>,
    last: Option<EndedSearch>,
}

/// A search that ended.
#[derive(Serialize, ToSchema)]
struct EndedSearch {
    /// `done`, `cancelled` or `failed`
    state: String,
    /// People of whom anything is known that could be compared.
    people: i64,
    pairs: i64,
    /// Pairs beyond those kept, which were less sure.
    left_out: i64,
    compared: i64,
    error: Option<String>,
    #[schema(value_type = String)]
    started_at: Millis,
    #[schema(value_type = String)]
    finished_at: Millis,
}

async fn get_duplicate_search(State(room): State<Arc<Room>>, caller: Caller) -> Answer<DuplicateSearch> {
    let running = room.searches.of(caller.workspace()).map(|r| r.progress());
    let row = store::Entity::find_by_id(i64::from(caller.workspace().0)).one(room.parts.rows.connection()).await.map_err(db_error)?;
    let last = row.map(|r| EndedSearch {
        state: r.state,
        people: r.people,
        pairs: r.pairs,
        left_out: r.left_out,
        compared: r.compared,
        error: r.error,
        started_at: r.started_at.0,
        finished_at: r.finished_at.0,
    });
    Ok(Json(DuplicateSearch { running, last }))
}

async fn find_duplicates(State(room): State<Arc<Room>>, caller: Caller) -> Answer<Progress> {
    Ok(Json(room.searches.start(&room.parts, &caller).await?))
}

async fn cancel_duplicates(State(room): State<Arc<Room>>, caller: Caller) -> Answer<Done> {
    if let Some(running) = room.searches.of(caller.workspace()) {
        running.cancel();
    }
    Ok(Json(Done {}))
}

async fn join_duplicate(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>, Body(said): Body<Decision>) -> Answer<DuplicatePair> {
    let pair = decide::join(&room.parts, &caller, &id, &said.reason).await?;
    Ok(Json(view(&room.parts, caller.workspace(), pair)?))
}

async fn join_surest_duplicates(State(room): State<Arc<Room>>, caller: Caller, Body(asked): Body<SurestRequest>) -> Answer<SurestAnswer> {
    if !(0.5..=1.0).contains(&asked.at_least) {
        return Err(Error::invalid("duplicates.threshold_invalid", "a pair less sure than 0.5 is looked at one by one").field("at_least", "must be 0.5 to 1").into());
    }
    let at_least = (asked.at_least * 1_000_000.0).ceil() as i64;
    if asked.only_count {
        let left = decide::count_surest(&room.parts, &caller, at_least).await?;
        return Ok(Json(SurestAnswer { joined: 0, refused: 0, left }));
    }
    let came = decide::join_surest(&room.parts, &caller, at_least, asked.skip, &asked.reason).await?;
    Ok(Json(SurestAnswer { joined: came.joined, refused: came.refused, left: came.left }))
}

async fn keep_duplicate_apart(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>, Body(said): Body<Decision>) -> Answer<DuplicatePair> {
    let pair = decide::keep_apart(&room.parts, &caller, &id, &said.reason).await?;
    Ok(Json(view(&room.parts, caller.workspace(), pair)?))
}
