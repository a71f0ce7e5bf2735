//! Questions over HTTP.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, Routes};
use weft_query_engine::{Limits, Rows};

use crate::Room;
use crate::funnel::{FunnelAnswer, FunnelQuestion, run_funnel};
use crate::trend::{self, TrendQuestion};

pub(crate) fn routes(room: &Room) -> Routes {
    Routes::new()
        .post("run_funnel", "/analytics/funnels:run", Lock::Permission("analytics:read"), run_funnel_now, room)
        .summary("How many people did these steps, in order, within a window")
        .takes::<FunnelQuestion>()
        .gives::<FunnelAnswer>()
        .post("run_trend", "/analytics/trends:run", Lock::Permission("analytics:read"), run_trend, room)
        .summary("How often an event happened, or to how many people, per interval")
        .takes::<TrendQuestion>()
        .post("run_query", "/query", Lock::Permission("query:run"), run_query, room)
        .summary("One SELECT over events, people, identifiers, memberships, deliveries")
        .takes::<Query>()
}

async fn run_funnel_now(State(room): State<Room>, caller: Caller, Body(question): Body<FunnelQuestion>) -> Answer<FunnelAnswer> {
    let workspace = caller.workspace();
    let members = match &question.segment {
        Some(segment) => Some(weft_segments::bitmap(&*room.parts.state, workspace, segment)?),
        None => None,
    };
    let is_wanted = move |person: u32| members.as_ref().is_none_or(|m| m.contains(person));
    Ok(Json(run_funnel(&room.engine, workspace, &question, is_wanted, room.parts.clock.now()).await?))
}

async fn run_trend(State(room): State<Room>, caller: Caller, Body(question): Body<TrendQuestion>) -> Answer<Value> {
    let sql = trend::sql(&question)?;
    let now = room.parts.clock.now();
    let rows = room.engine.sql(caller.workspace(), &sql, Limits::default(), now).await?;
    let points: Vec<Value> = rows.rows.into_iter().map(|r| json!({"at": r.first(), "value": r.get(1)})).collect();
    Ok(Json(json!({"points": points, "as_of": now})))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    sql: String,
}

async fn run_query(State(room): State<Room>, caller: Caller, Body(query): Body<Query>) -> Answer<Rows> {
    Ok(Json(room.engine.sql(caller.workspace(), &query.sql, Limits::default(), room.parts.clock.now()).await?))
}
