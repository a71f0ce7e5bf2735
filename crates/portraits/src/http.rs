//! Portraits over HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, Order};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_context_kit::Parts;
use weft_context_kit::long_work::Progress;
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, QueryOf, Routes, items_on_a_page};
use weft_meta_store::{contains, db_error, page};

use crate::draw::Group;
use crate::kernel::{Error, Millis, Page, Result, SegmentId, WorkspaceId};
use crate::run::{Easel, Wanted};
use crate::store::{Column, Entity, Model};

/// Drawing changes nothing, so who may see segments may draw.
const READ: Lock = Lock::Permission("segments:read");

pub(crate) fn routes(parts: &Parts) -> Routes {
    let room = &Arc::new(Easel::new(parts));
    Routes::new()
        .post("draw_portrait", "/segments:portrait", READ, draw_portrait, room)
        .summary("Begin a portrait of a segment, or of who satisfies a condition")
        .takes::<PortraitRequest>()
        .gives::<PortraitView>()
        .get("list_portraits", "/portraits", READ, list_portraits, room)
        .summary("Portraits, newest first, without their results")
        .lists::<PortraitView>()
        .asks::<PortraitsQuery>()
        .get("get_portrait", "/portraits/{id}", READ, get_portrait, room)
        .summary("One portrait, or how far it is")
        .gives::<PortraitView>()
        .post("cancel_portrait", "/portraits/{id}:cancel", READ, cancel_portrait, room)
        .summary("Stop drawing")
        .gives::<PortraitView>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PortraitRequest {
    /// Of this segment; or give `condition`.
    #[serde(default)]
    segment: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    condition: Option<Value>,
    /// Compared with this segment; with everybody else when it is left out.
    #[serde(default)]
    against: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Portrait)]
struct PortraitView {
    id: String,
    segment: Option<String>,
    segment_name: Option<String>,
    #[schema(value_type = Option<Object>)]
    condition: Value,
    against: Option<String>,
    against_name: Option<String>,
    /// `running`, `done`, `failed` or `cancelled`
    state: String,
    progress: Option<Progress>,
    /// The code of what went wrong.
    error: Option<String>,
    started_by: String,
    #[schema(value_type = String)]
    started_at: Millis,
    #[schema(value_type = Option<String>)]
    finished_at: Option<Millis>,
    /// docs/portraits.md tells it; null in lists and until it is done.
    #[schema(value_type = Option<Object>)]
    result: Value,
}

fn view(room: &Easel, workspace: WorkspaceId, model: Model, with_result: bool) -> Result<PortraitView> {
    let named = |id: &str| -> Result<Option<String>> { Ok(weft_segments::definition(&*room.parts.state, workspace, &SegmentId::from(id))?.map(|d| d.name)) };
    let given = |text: String| (!text.is_empty()).then_some(text);
    let progress = room.of(workspace, &model.id).map(|r| r.progress());
    // The house was left while it was drawn.
    let is_broken = model.state == "running" && model.started_at.0 < room.began;
    Ok(PortraitView {
        segment_name: named(&model.segment)?,
        against_name: named(&model.against)?,
        state: if is_broken { "failed".into() } else { model.state },
        error: if is_broken { Some("portraits.interrupted".into()) } else { model.error },
        progress,
        id: model.id,
        segment: given(model.segment),
        condition: model.condition.0,
        against: given(model.against),
        started_by: model.started_by,
        started_at: model.started_at.0,
        finished_at: model.finished_at.map(|at| at.0),
        result: if with_result { model.result.0 } else { Value::Null },
    })
}

fn segment(room: &Easel, workspace: WorkspaceId, hidden: &BTreeSet<SegmentId>, field: &str, id: String) -> Result<SegmentId> {
    let id = SegmentId(id);
    if hidden.contains(&id) || weft_segments::definition(&*room.parts.state, workspace, &id)?.is_none() {
        return Err(Error::invalid("portraits.segment_not_found", format!("there is no segment {id}")).field(field, "unknown segment"));
    }
    Ok(id)
}

async fn draw_portrait(State(room): State<Arc<Easel>>, caller: Caller, Body(request): Body<PortraitRequest>) -> Answer<PortraitView> {
    let workspace = caller.workspace();
    let hidden = weft_segments::hidden_from(&room.parts, &caller).await?;
    let (group, condition) = match (request.segment, request.condition) {
        (Some(id), None) => (Group::Segment(segment(&room, workspace, &hidden, "segment", id)?), Value::Null),
        (None, Some(written)) => {
            let condition = weft_condition::parse(&written).map_err(|faults| weft_condition::error_of(&faults))?;
            weft_segments::refuse_hidden(&room.parts, &caller, &weft_condition::mentions(&condition).segments).await?;
            (Group::Condition(condition), written)
        }
        _ => return Err(Error::invalid("portraits.group_unclear", "give either a segment or a condition").field("segment", "either this or condition").into()),
    };
    let against = request.against.map(|id| segment(&room, workspace, &hidden, "against", id)).transpose()?;
    let model = room.start(&caller, Wanted { group, condition, against }).await?;
    Ok(Json(view(&room, workspace, model, false)?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PortraitsQuery {
    /// Only those of this segment.
    #[serde(default)]
    #[param(required = false)]
    segment: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_portraits(State(room): State<Arc<Easel>>, caller: Caller, QueryOf(query): QueryOf<PortraitsQuery>) -> Answer<Page<PortraitView>> {
    let workspace = caller.workspace();
    let mut mine = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(not_of(&weft_segments::hidden_from(&room.parts, &caller).await?));
    if !query.segment.is_empty() {
        mine = mine.filter(Column::Segment.eq(&query.segment));
    }
    let columns = &[Column::StartedAt, Column::Id];
    let page = page(room.parts.rows.connection(), mine, columns, Order::Desc, query.cursor.as_deref(), items_on_a_page(query.limit)).await?;
    let items = page.items.into_iter().map(|m| view(&room, workspace, m, false)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

/// Of none of these segments, nor against one, nor of a condition that names one.
fn not_of(segments: &BTreeSet<SegmentId>) -> Where {
    segments.iter().fold(Where::all(), |all, id| {
        let quoted = format!("\"{id}\"");
        all.add(Column::Segment.ne(id.as_str())).add(Column::Against.ne(id.as_str())).add(Where::all().add(contains(Column::Condition, &quoted)).not())
    })
}

async fn find(room: &Easel, caller: &Caller, id: &str) -> Result<Model> {
    let hidden = weft_segments::hidden_from(&room.parts, caller).await?;
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(not_of(&hidden));
    let found = mine.one(room.parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("portraits.not_found", format!("there is no portrait {id} in this workspace")).param("id", id))
}

async fn get_portrait(State(room): State<Arc<Easel>>, caller: Caller, Path(id): Path<String>) -> Answer<PortraitView> {
    let model = find(&room, &caller, &id).await?;
    Ok(Json(view(&room, caller.workspace(), model, true)?))
}

async fn cancel_portrait(State(room): State<Arc<Easel>>, caller: Caller, Path(id): Path<String>) -> Answer<PortraitView> {
    let model = find(&room, &caller, &id).await?;
    if let Some(running) = room.of(caller.workspace(), &id) {
        running.cancel();
    }
    Ok(Json(view(&room, caller.workspace(), model, true)?))
}
