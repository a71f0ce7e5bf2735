//! Drawing a portrait: the row first, then the work, then what was found.

use std::sync::Arc;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use weft_context_kit::long_work::{LongWork, Running};
use weft_context_kit::{Parts, workspace_of};
use weft_http_kit::Caller;
use weft_meta_store::{At, Json, db_error};

use crate::draw::{Drawing, Group};
use crate::figures::{Before, figures};
use crate::kernel::{Error, Millis, PortraitId, Result, Scope, SegmentId, WorkspaceId};
use crate::store::{Column, Entity, Model};

pub(crate) static STAGES: [&str; 2] = ["reading", "comparing"];
/// Portraits that are kept of a segment.
const KEPT: u64 = 30;

/// Portraits being drawn.
#[derive(Clone)]
pub(crate) struct Easel {
    pub parts: Parts,
    work: LongWork,
    /// One at a time reads people: the house has other things to do.
    turn: Arc<tokio::sync::Semaphore>,
    /// What was begun before is not under way any more.
    pub began: Millis,
}

/// What is to be drawn.
pub(crate) struct Wanted {
    pub group: Group,
    pub condition: Value,
    pub against: Option<SegmentId>,
}

impl Easel {
    pub fn new(parts: &Parts) -> Self {
        Self { parts: parts.clone(), work: LongWork::default(), turn: Arc::new(tokio::sync::Semaphore::new(1)), began: parts.clock.now() }
    }
    pub fn of(&self, workspace: WorkspaceId, id: &str) -> Option<Arc<Running>> {
        self.work.of(workspace, id)
    }

    pub async fn start(&self, caller: &Caller, wanted: Wanted) -> Result<Model> {
        let id = PortraitId::new().0;
        let now = self.parts.clock.now();
        let mut unit = self.parts.rows.begin(&caller.scope, "draw_portrait", now).await?;
        let segment = match &wanted.group {
            Group::Segment(id) => id.0.clone(),
            Group::Condition(_) => String::new(),
        };
        let row = Model {
            id: id.clone(),
            workspace: unit.workspace_column(),
            segment: segment.clone(),
            condition: Json(wanted.condition.clone()),
            against: wanted.against.as_ref().map(|a| a.0.clone()).unwrap_or_default(),
            state: "running".into(),
            error: None,
            started_by: caller.actor().to_string(),
            started_at: At(now),
            finished_at: None,
            result: Json(Value::Null),
        };
        unit.target(if segment.is_empty() { &id } else { &segment });
        let Some(ticket) = self.work.begin(caller.workspace(), &id, &STAGES, now) else {
            return Err(Error::bug("portraits.id_taken", "two portraits have one id"));
        };
        Entity::insert(row.clone().into_active_model()).exec_without_returning(unit.tx()).await.map_err(db_error)?;
        unit.commit().await?;
        let (parts, scope, drawn, turn) = (self.parts.clone(), caller.scope.clone(), row.clone(), self.turn.clone());
        tokio::spawn(async move {
            let _turn = turn.acquire().await;
            if let Err(e) = whole(&parts, &scope, drawn, wanted, &ticket.running).await {
                tracing::error!(code = e.code, detail = %e.detail, "a portrait could not be kept");
            }
        });
        Ok(row)
    }
}

async fn whole(parts: &Parts, scope: &Scope, row: Model, wanted: Wanted, running: &Arc<Running>) -> Result<()> {
    let before = before(parts, &row).await?;
    let drawn = {
        let (parts, running, workspace) = (parts.clone(), running.clone(), scope.workspace);
        tokio::task::spawn_blocking(move || draw(&parts, workspace, &wanted, before.as_ref(), &running)).await.unwrap_or_else(|e| Err(Error::internal(e)))
    };
    let mut unit = parts.rows.begin(scope, "keep_portrait", parts.clock.now()).await?;
    unit.target(&row.id);
    let (workspace, segment) = (row.workspace, row.segment.clone());
    let mut kept = row.into_active_model();
    match drawn {
        Ok(result) => {
            kept.state = Set("done".into());
            kept.result = Set(Json(result));
        }
        Err(_) if !running.goes_on() => kept.state = Set("cancelled".into()),
        Err(e) => {
            kept.state = Set("failed".into());
            kept.error = Set(Some(e.code.to_owned()));
        }
    }
    kept.finished_at = Set(Some(At(unit.now())));
    kept.update(unit.tx()).await.map_err(db_error)?;
    forget_old(&unit, workspace, &segment).await?;
    unit.commit().await.map(drop)
}

fn draw(parts: &Parts, workspace: WorkspaceId, wanted: &Wanted, before: Option<&Before>, running: &Running) -> Result<Value> {
    let known = workspace_of(&*parts.state, workspace)?;
    let zone = known.zone();
    let now = parts.clock.now();
    let drawing = Drawing { store: &*parts.state, workspace, zone: &zone, now, running };
    let crowd = drawing.crowd(&wanted.group, wanted.against.as_ref())?;
    running.tell(1, 0, 0);
    let said = match &wanted.group {
        Group::Segment(id) => weft_segments::definition(&*parts.state, workspace, id)?.map(|d| d.mentions).unwrap_or_default(),
        Group::Condition(condition) => weft_condition::mentions(condition),
    };
    Ok(json!(figures(&crowd, now, &known.currency, &said, before)?))
}

/// The last finished portrait of the same segment beside the same others.
async fn before(parts: &Parts, row: &Model) -> Result<Option<Before>> {
    if row.segment.is_empty() {
        return Ok(None);
    }
    let same = Entity::find()
        .filter(Column::Workspace.eq(row.workspace))
        .filter(Column::Segment.eq(&row.segment))
        .filter(Column::Against.eq(&row.against))
        .filter(Column::State.eq("done"))
        .order_by_desc(Column::StartedAt);
    let found = same.one(parts.rows.connection()).await.map_err(db_error)?;
    Ok(found.map(|m| Before { id: m.id, at: m.started_at.0, result: m.result.0 }))
}

async fn forget_old(unit: &weft_meta_store::Unit, workspace: i64, segment: &str) -> Result<()> {
    let hers = || Entity::find().filter(Column::Workspace.eq(workspace)).filter(Column::Segment.eq(segment));
    let first_old = hers().order_by_desc(Column::StartedAt).offset(KEPT).limit(1).one(unit.tx()).await.map_err(db_error)?;
    if let Some(old) = first_old {
        let gone = Entity::delete_many().filter(Column::Workspace.eq(workspace)).filter(Column::Segment.eq(segment));
        gone.filter(Column::StartedAt.lte(old.started_at)).exec(unit.tx()).await.map_err(db_error)?;
    }
    Ok(())
}
