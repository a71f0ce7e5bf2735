//! What people do with segments: make, change, archive.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order};
use serde_json::{Value, json};
use weft_condition::Condition;
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, contains, db_error, page};

use crate::definition::{ROOM, SEGMENT_ARCHIVED, SEGMENT_DEFINED, refuse_cycle};
use crate::kernel::{Error, Page, Result, SegmentId};
use crate::store::{ActiveModel, Column, Entity, Model};

pub(crate) struct Draft {
    pub name: String,
    pub description: String,
    pub condition: Value,
}

/// The condition, or all that is wrong with it.
pub(crate) fn parse(json: &Value) -> Result<Condition> {
    weft_condition::parse(json).map_err(|faults| weft_condition::error_of(&faults))
}

fn check(parts: &Parts, caller: &Caller, id: &SegmentId, draft: &Draft) -> Result<()> {
    if draft.name.trim().is_empty() {
        return Err(Error::invalid("segments.name_missing", "give the segment a name").field("name", "must not be empty"));
    }
    refuse_cycle(&*parts.state, caller.workspace(), id, &parse(&draft.condition)?)
}

fn duplicate_name(e: Error, name: &str) -> Error {
    if e.code == "meta_store.duplicate" {
        return Error::conflict("segments.name_taken", format!("there is a segment called {name} already")).field("name", "is taken").param("name", name);
    }
    e
}

pub(crate) async fn create_segment(parts: &Parts, caller: &Caller, draft: Draft) -> Result<Model> {
    let id = SegmentId::new();
    check(parts, caller, &id, &draft)?;
    let mut unit = parts.rows.begin(&caller.scope, "create_segment", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: id.0.clone(),
        workspace: unit.workspace_column(),
        name: draft.name.trim().to_owned(),
        description: draft.description,
        condition: Json(draft.condition),
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "condition": model.condition.0})));
    announce(&mut unit, &model);
    Entity::insert(model.clone().into_active_model())
        .exec_without_returning(unit.tx())
        .await
        .map_err(|e| duplicate_name(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model)
}

fn announce(unit: &mut weft_meta_store::Unit, model: &Model) {
    let body = json!({"id": model.id, "name": model.name, "version": model.version, "condition": model.condition.0});
    unit.announce(ROOM, SEGMENT_DEFINED, body);
}

pub(crate) async fn get_segment(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("segments.not_found", format!("there is no segment {id} in this workspace")).param("id", id))
}

pub(crate) async fn update_segment(parts: &Parts, caller: &Caller, id: &str, draft: Draft) -> Result<Model> {
    check(parts, caller, &SegmentId::from(id), &draft)?;
    let before = get_segment(parts, caller, id).await?;
    if before.state != "active" {
        return Err(Error::conflict("segments.archived", "this segment is archived; duplicate it to go on with it"));
    }
    let mut unit = parts.rows.begin(&caller.scope, "update_segment", parts.clock.now()).await?;
    let redefined = before.condition.0 != draft.condition;
    let mut after = before.clone();
    after.name = draft.name.trim().to_owned();
    after.description = draft.description;
    after.condition = Json(draft.condition);
    after.updated_at = At(unit.now());
    after.version += i64::from(redefined);
    unit.target(id);
    unit.change(
        Some(json!({"name": before.name, "condition": before.condition.0})),
        Some(json!({"name": after.name, "condition": after.condition.0})),
    );
    if redefined || before.name != after.name {
        announce(&mut unit, &after);
    }
    save(&unit, &after).await.map_err(|e| duplicate_name(e, &after.name))?;
    parts.commit(unit).await?;
    Ok(after)
}

async fn save(unit: &weft_meta_store::Unit, model: &Model) -> Result<()> {
    let active: ActiveModel = model.clone().into();
    active.reset_all().update(unit.tx()).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn archive_segment(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mut after = get_segment(parts, caller, id).await?;
    refuse_if_used(parts, caller, id)?;
    let mut unit = parts.rows.begin(&caller.scope, "archive_segment", parts.clock.now()).await?;
    unit.target(id);
    unit.announce(ROOM, SEGMENT_ARCHIVED, json!({"id": id}));
    let mut row = after.clone().into_active_model();
    row.state = Set("archived".into());
    row.updated_at = Set(At(unit.now()));
    row.update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    after.state = "archived".into();
    Ok(after)
}

fn refuse_if_used(parts: &Parts, caller: &Caller, id: &str) -> Result<()> {
    let users: Vec<String> = crate::definition::all(&*parts.state, caller.workspace())?
        .into_iter()
        .filter(|d| d.mentions.segments.contains(&SegmentId::from(id)))
        .map(|d| d.name)
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    let names = users.join(", ");
    Err(Error::conflict("segments.in_use", format!("other segments are built on this one: {names}")).param("names", names))
}

pub(crate) async fn list_segments(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(contains(Column::Name, &query.q));
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
