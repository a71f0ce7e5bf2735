//! What people do with journeys: draft, publish, pause, resume, stop, duplicate.

use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order};
use serde_json::{Value, json};
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, Rows, Unit, contains, db_error, page};

use crate::ROOM;
use crate::kernel::{Error, JourneyId, Page, Result, Scope, WorkspaceId};
use crate::plan::{self, Entry, Plan, Step};
use crate::steps::{PUBLISHED, STATE_CHANGED};
use crate::store::{ActiveModel, Column, Entity, Model};

fn taken(e: Error) -> Error {
    if e.code == "meta_store.duplicate" {
        return Error::conflict("journeys.name_taken", "there is a journey of this name already").field("name", "is taken");
    }
    e
}

fn named(name: &str) -> Result<&str> {
    match name.trim() {
        "" => Err(Error::invalid("journeys.name_missing", "give the journey a name").field("name", "must not be empty")),
        name => Ok(name),
    }
}

/// Id and name of the journeys that people go through, now or when it goes on, and that ask for a tag.
pub async fn naming_tag(rows: &Rows, workspace: WorkspaceId, tag: &str) -> Result<Vec<(String, String)>> {
    let going = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(Column::State.is_in(["running", "paused"]));
    let found = going.all(rows.connection()).await.map_err(db_error)?;
    let names = |journey: &Model| journey.published.as_ref().and_then(|plan| plan::parse(&plan.0).ok()).is_some_and(|plan| plan.names_tag(tag));
    Ok(found.into_iter().filter(names).map(|journey| (journey.id, journey.name)).collect())
}

pub async fn create_journey(parts: &Parts, scope: &Scope, name: &str, draft: Value) -> Result<String> {
    let name = named(name)?.to_owned();
    plan::parse(&draft)?;
    let mut unit = parts.rows.begin(scope, "create_journey", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: JourneyId::new().0,
        workspace: unit.workspace_column(),
        name,
        state: "draft".into(),
        version: 0,
        draft: Json(draft),
        published: None,
        created_by: scope.actor.to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name})));
    let id = model.id.clone();
    Entity::insert(model.into_active_model()).exec_without_returning(unit.tx()).await.map_err(|e| taken(db_error(e)))?;
    parts.commit(unit).await?;
    Ok(id)
}

pub(crate) async fn get_journey(parts: &Parts, workspace: WorkspaceId, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(workspace.0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("journeys.not_found", format!("there is no journey {id} in this workspace")).param("id", id))
}

async fn save(unit: &Unit, mut model: Model) -> Result<Model> {
    model.updated_at = At(unit.now());
    let row: ActiveModel = model.clone().into();
    row.reset_all().update(unit.tx()).await.map_err(|e| taken(db_error(e)))?;
    Ok(model)
}

/// A plan may newly name only segments that its author may read; what others wrote into it stays.
pub(crate) async fn refuse_hidden(parts: &Parts, caller: &Caller, draft: &Value, before: Option<&Value>) -> Result<()> {
    let mut named = plan::parse(draft)?.segments();
    if let Some(before) = before {
        let known = plan::parse(before)?.segments();
        named.retain(|segment| !known.contains(segment));
    }
    weft_segments::refuse_hidden(parts, caller, &named).await
}

pub(crate) async fn update_journey(parts: &Parts, caller: &Caller, id: &str, name: &str, draft: Value) -> Result<Model> {
    let mut model = get_journey(parts, caller.workspace(), id).await?;
    refuse_hidden(parts, caller, &draft, Some(&model.draft.0)).await?;
    let mut unit = parts.rows.begin(&caller.scope, "update_journey", parts.clock.now()).await?;
    unit.target(id);
    unit.change(Some(json!({"name": model.name, "plan": model.draft.0})), Some(json!({"name": name, "plan": draft})));
    model.name = named(name)?.to_owned();
    model.draft = Json(draft);
    let model = save(&unit, model).await?;
    parts.commit(unit).await?;
    Ok(model)
}

/// Checks the draft, freezes it as the next version, and opens it. People inside stay on their version.
pub async fn publish_journey(parts: &Parts, scope: &Scope, id: &str) -> Result<u32> {
    let model = get_journey(parts, scope.workspace, id).await?;
    let draft = plan::parse(&model.draft.0)?;
    plan::check(&draft)?;
    check_references(parts, scope.workspace, &draft).await?;
    let mut unit = parts.rows.begin(scope, "publish_journey", parts.clock.now()).await?;
    let mut model = model;
    model.version += 1;
    model.state = "running".into();
    model.published = Some(Json(model.draft.0.clone()));
    unit.target(id);
    unit.change(None, Some(json!({"version": model.version, "plan": model.draft.0})));
    unit.announce(ROOM, PUBLISHED, json!({"id": id, "name": model.name, "version": model.version, "plan": draft}));
    let version = model.version;
    save(&unit, model).await?;
    parts.commit(unit).await?;
    Ok(version as u32)
}

/// What the plan names must exist.
async fn check_references(parts: &Parts, workspace: WorkspaceId, plan: &Plan) -> Result<()> {
    let mut fields = std::collections::BTreeMap::new();
    if let Entry::Segment { segment, .. } = &plan.entry
        && weft_segments::definition(&*parts.state, workspace, segment)?.is_none()
    {
        fields.insert("entry".to_owned(), "names a segment that does not exist".to_owned());
    }
    for node in &plan.nodes {
        if let Step::Send { template, channel, .. } = &node.step {
            match weft_content::load(parts, workspace, template).await {
                Ok(t) if t.channel.name() == channel => {}
                Ok(_) => drop(fields.insert(format!("nodes/{}", node.id), "the template is for another channel".into())),
                Err(e) if e.code == "content.template_not_found" => {
                    fields.insert(format!("nodes/{}", node.id), "names a template that does not exist".into());
                }
                Err(e) => return Err(e),
            }
        }
    }
    if fields.is_empty() {
        return Ok(());
    }
    let mut error = Error::invalid("journeys.plan_invalid", format!("{} things keep this journey from being published", fields.len()));
    error.fields = fields;
    Err(error)
}

/// `running`, `paused` or `stopped`, where that makes sense.
pub(crate) async fn change_state(parts: &Parts, caller: &Caller, id: &str, operation: &'static str, to: &str) -> Result<Model> {
    let mut model = get_journey(parts, caller.workspace(), id).await?;
    let allowed = match to {
        "paused" => model.state == "running",
        "running" => model.state == "paused",
        _ => matches!(model.state.as_str(), "running" | "paused"),
    };
    if !allowed {
        return Err(Error::conflict("journeys.wrong_state", format!("the journey is {}", model.state)).param("state", &model.state));
    }
    let mut unit = parts.rows.begin(&caller.scope, operation, parts.clock.now()).await?;
    unit.target(id);
    unit.change(Some(json!({"state": model.state})), Some(json!({"state": to})));
    unit.announce(ROOM, STATE_CHANGED, json!({"id": id, "state": to}));
    model.state = to.to_owned();
    let model = save(&unit, model).await?;
    parts.commit(unit).await?;
    Ok(model)
}

pub(crate) async fn duplicate_journey(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let model = get_journey(parts, caller.workspace(), id).await?;
    for number in 2..100 {
        let name = format!("{} ({number})", model.name);
        match create_journey(parts, &caller.scope, &name, model.draft.0.clone()).await {
            Ok(id) => return get_journey(parts, caller.workspace(), &id).await,
            Err(e) if e.code == "journeys.name_taken" => {}
            Err(e) => return Err(e),
        }
    }
    Err(Error::conflict("journeys.name_taken", "there are too many copies; rename some"))
}

pub(crate) async fn latest_journeys(parts: &Parts, workspace: WorkspaceId, limit: usize) -> Result<Vec<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0)));
    let found = page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, None, limit).await?;
    Ok(found.items)
}

pub(crate) async fn list_journeys(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(contains(Column::Name, &query.q));
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
