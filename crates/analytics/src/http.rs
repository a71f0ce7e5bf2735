//! Questions over HTTP.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_condition::Moment;
use weft_context_kit::workspace_of;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, Routes};
use weft_query_engine::{ColumnKind, Limits, Rows};

use crate::Room;
use crate::funnel::{FunnelAnswer, FunnelQuestion, run_funnel};
use crate::kernel::{Result, SegmentId};
use crate::trend::{TrendAnswer, TrendQuestion, run_trend};

pub(crate) fn routes(room: &Room) -> Routes {
    Routes::new()
        .post("run_funnel", "/analytics/funnels:run", Lock::Permission("analytics:read"), run_funnel_now, room)
        .summary("How many people did these steps, in order, within a window")
        .takes::<FunnelQuestion>()
        .gives::<FunnelAnswer>()
        .post("run_trend", "/analytics/trends:run", Lock::Permission("analytics:read"), run_trend_now, room)
        .summary("How often an event happened, or to how many people, per interval")
        .takes::<TrendQuestion>()
        .gives::<TrendAnswer>()
        .post("run_query", "/query", Lock::Permission("query:run"), run_query, room)
        .summary("One SELECT over events, people, identifiers, memberships, deliveries, things")
        .takes::<Query>()
        .gives::<QueryAnswer>()
}

impl Room {
    /// Is she in the segment, if one is named that the caller may read?
    async fn members(&self, caller: &Caller, segment: Option<&SegmentId>) -> Result<impl Fn(u32) -> bool + use<>> {
        let mut members = None;
        if let Some(segment) = segment {
            weft_segments::refuse_unreadable(&self.parts, caller, segment).await?;
            members = Some(weft_segments::bitmap(&*self.parts.state, caller.workspace(), segment)?);
        }
        Ok(move |person: u32| members.as_ref().is_none_or(|m| m.contains(person)))
    }
}

async fn run_funnel_now(State(room): State<Room>, caller: Caller, Body(question): Body<FunnelQuestion>) -> Answer<FunnelAnswer> {
    let workspace = caller.workspace();
    let is_wanted = room.members(&caller, question.segment.as_ref()).await?;
    let zone = workspace_of(&*room.parts.state, workspace)?.zone();
    let moment = Moment { now: room.parts.clock.now(), zone: &zone };
    Ok(Json(run_funnel(&room.engine, workspace, &question, is_wanted, moment).await?))
}

async fn run_trend_now(State(room): State<Room>, caller: Caller, Body(question): Body<TrendQuestion>) -> Answer<TrendAnswer> {
    let workspace = caller.workspace();
    let is_wanted = room.members(&caller, question.segment.as_ref()).await?;
    let zone = workspace_of(&*room.parts.state, workspace)?.zone();
    let moment = Moment { now: room.parts.clock.now(), zone: &zone };
    Ok(Json(run_trend(&room.engine, workspace, &question, is_wanted, moment).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    sql: String,
}

#[derive(Serialize, ToSchema)]
struct QueryColumn {
    name: String,
    /// `text`, `integer`, `number`, `decimal` (exact, as text), `boolean`, `time` (RFC 3339), `date`, `list` or `object`
    #[schema(value_type = String)]
    kind: ColumnKind,
}

#[derive(Serialize, ToSchema)]
struct QueryAnswer {
    columns: Vec<QueryColumn>,
    /// Each with a value for each column.
    rows: Vec<Vec<Value>>,
    /// There were more rows or bytes than the limits allow.
    truncated: bool,
}

impl From<Rows> for QueryAnswer {
    fn from(rows: Rows) -> Self {
        let columns = rows.columns.into_iter().map(|c| QueryColumn { name: c.name, kind: c.kind }).collect();
        Self { columns, rows: rows.rows, truncated: rows.truncated }
    }
}

async fn run_query(State(room): State<Room>, caller: Caller, Body(query): Body<Query>) -> Answer<QueryAnswer> {
    Ok(Json(room.engine.sql(caller.workspace(), &query.sql, Limits::default(), room.parts.clock.now()).await?.into()))
}
