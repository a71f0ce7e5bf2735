//! What people do with models: make, change, archive.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, IntoActiveModel, Order};
use serde_json::{Value, json};
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, contains, db_error, page};
use weft_tags::{Assigned, Assigner, Named, Wanted};

use crate::kernel::{Error, ModelId, Page, Result};
use crate::kinds::{Kind, Plan};
use crate::people::{Feature, sources};
use crate::schedule::Every;
use crate::store::{ActiveModel, Column, Entity, Model, runs};

pub(crate) const MOST_FEATURES: usize = 60;
/// Of the tags that models write.
const CATEGORY: &str = "model";

pub(crate) struct Draft {
    pub title: String,
    pub description: String,
    pub kind: Kind,
    pub population: Option<Value>,
    pub features: Vec<Feature>,
    pub settings: Value,
    pub every: Every,
}

/// What a model says stays as it is; who says something new may name only segments that she may read.
async fn refuse_hidden(parts: &Parts, caller: &Caller, draft: &Draft, before: Option<&Model>) -> Result<()> {
    if before.is_some_and(|b| b.settings.0 == draft.settings && b.population.0 == draft.population.clone().unwrap_or(Value::Null)) {
        return Ok(());
    }
    let mut named = Plan::parse(draft.kind, &draft.settings)?.segments();
    if let Some(population) = &draft.population {
        let condition = weft_condition::parse(population).map_err(|faults| weft_condition::error_of(&faults))?;
        named.extend(weft_condition::mentions(&condition).segments);
    }
    weft_segments::refuse_hidden(parts, caller, &named).await
}

fn check(parts: &Parts, caller: &Caller, draft: &Draft) -> Result<()> {
    if draft.title.trim().is_empty() {
        return Err(Error::invalid("models.title_missing", "give the model a title that people read").field("title", "must not be empty"));
    }
    if draft.features.len() > MOST_FEATURES {
        return Err(Error::invalid("models.too_many_features", format!("{} features; {MOST_FEATURES} at most", draft.features.len())).field("features", "too many"));
    }
    if let Some(population) = &draft.population {
        let condition = weft_condition::parse(population).map_err(|faults| weft_condition::error_of(&faults))?;
        let names = weft_condition::mentions(&condition);
        if draft.kind == Kind::Propensity && !(names.tags.is_empty() && names.segments.is_empty()) {
            let what = "a prediction learns from how people were before, and of then no tags and segments are kept; say whom by events and traits";
            return Err(Error::invalid("models.population_of_now", what).field("population", what));
        }
    }
    sources(&draft.features)?;
    Plan::parse(draft.kind, &draft.settings)?.refuse_unknown(&*parts.state, caller.workspace())
}

/// The tag as the model writes it.
pub(crate) fn tag_of(title: &str, description: &str, values: Option<Vec<Named>>) -> Wanted {
    let rule = weft_tags::Draft {
        values: None,
        otherwise: None,
        statistic: None,
        refresh: Default::default(),
        assigned: Some(Assigned { by: Assigner::Model, values }),
    };
    Wanted { title: title.to_owned(), category: CATEGORY.into(), description: description.to_owned(), rule }
}

pub(crate) async fn create_model(parts: &Parts, caller: &Caller, name: &str, draft: Draft) -> Result<Model> {
    check(parts, caller, &draft)?;
    refuse_hidden(parts, caller, &draft, None).await?;
    let mut unit = parts.rows.begin(&caller.scope, "create_model", parts.clock.now()).await?;
    let at = At(unit.now());
    let tag = weft_tags::create_in(parts, &mut unit, caller, name, tag_of(&draft.title, &draft.description, None)).await?;
    let model = Model {
        id: ModelId::new().0,
        workspace: unit.workspace_column(),
        name: name.to_owned(),
        title: draft.title.trim().to_owned(),
        description: draft.description,
        kind: draft.kind.text(),
        population: Json(draft.population.unwrap_or(Value::Null)),
        features: Json(json!(draft.features)),
        settings: Json(draft.settings),
        every: draft.every.text().into(),
        tag: tag.0,
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "kind": model.kind, "settings": model.settings.0})));
    Entity::insert(model.clone().into_active_model()).exec_without_returning(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    Ok(model)
}

pub(crate) async fn get_model(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("models.not_found", format!("there is no model {id} in this workspace")).param("id", id))
}

pub(crate) async fn active(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let model = get_model(parts, caller, id).await?;
    if model.state != "active" {
        return Err(Error::conflict("models.archived", "this model is archived; make a new one"));
    }
    Ok(model)
}

pub(crate) async fn update_model(parts: &Parts, caller: &Caller, id: &str, draft: Draft) -> Result<Model> {
    let before = active(parts, caller, id).await?;
    if before.kind != draft.kind.text() {
        return Err(Error::conflict("models.kind_fixed", "what a model is of never changes; make a new one").field("kind", "cannot be changed"));
    }
    check(parts, caller, &draft)?;
    refuse_hidden(parts, caller, &draft, Some(&before)).await?;
    let mut unit = parts.rows.begin(&caller.scope, "update_model", parts.clock.now()).await?;
    let mut after = before.clone();
    after.title = draft.title.trim().to_owned();
    after.description = draft.description;
    after.population = Json(draft.population.unwrap_or(Value::Null));
    after.features = Json(json!(draft.features));
    after.settings = Json(draft.settings);
    after.every = draft.every.text().into();
    after.version += 1;
    after.updated_at = At(unit.now());
    unit.target(id);
    unit.change(Some(json!({"title": before.title, "settings": before.settings.0})), Some(json!({"title": after.title, "settings": after.settings.0})));
    let names = names_of(&after.settings.0);
    let values = newest_values(parts, &before).await?.map(|values| values.into_iter().map(|named| renamed(named, &names)).collect());
    weft_tags::relabel_in(parts, &mut unit, caller, &after.tag, tag_of(&after.title, &after.description, values)).await?;
    let active: ActiveModel = after.clone().into();
    active.reset_all().update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    Ok(after)
}

/// Names that people gave to values.
pub(crate) fn names_of(settings: &Value) -> serde_json::Map<String, Value> {
    settings.get("names").and_then(Value::as_object).cloned().unwrap_or_default()
}

pub(crate) fn renamed(mut named: Named, names: &serde_json::Map<String, Value>) -> Named {
    if let Some(name) = names.get(&named.value).and_then(Value::as_str).map(str::trim).filter(|n| !n.is_empty()) {
        named.label = Some(name.to_owned());
    }
    named
}

/// The values the last run wrote, with their labels; nothing before the first.
async fn newest_values(parts: &Parts, model: &Model) -> Result<Option<Vec<Named>>> {
    let Some(run) = newest_run(parts, model).await? else { return Ok(None) };
    Ok(run.result.0.get("named").and_then(|n| serde_json::from_value(n.clone()).ok()))
}

/// The newest run that came to an end as it should.
pub(crate) async fn newest_run(parts: &Parts, model: &Model) -> Result<Option<runs::Model>> {
    newest(parts, model, Some("done")).await
}

pub(crate) async fn newest(parts: &Parts, model: &Model, state: Option<&str>) -> Result<Option<runs::Model>> {
    use sea_orm::QueryOrder;
    let mut found = runs::Entity::find().filter(runs::Column::Workspace.eq(model.workspace)).filter(runs::Column::Model.eq(&model.id));
    if let Some(state) = state {
        found = found.filter(runs::Column::State.eq(state));
    }
    found.order_by_desc(runs::Column::StartedAt).one(parts.rows.connection()).await.map_err(db_error)
}

pub(crate) async fn archive_model(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mut after = active(parts, caller, id).await?;
    let mut unit = parts.rows.begin(&caller.scope, "archive_model", parts.clock.now()).await?;
    unit.target(id);
    weft_tags::archive_in(parts, &mut unit, caller, &after.tag).await?;
    let mut row = after.clone().into_active_model();
    row.state = Set("archived".into());
    row.updated_at = Set(At(unit.now()));
    row.update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    after.state = "archived".into();
    Ok(after)
}

pub(crate) async fn list_models(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Model>> {
    let said = Where::any().add(contains(Column::Title, &query.q)).add(contains(Column::Name, &query.q));
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(said);
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}

pub(crate) async fn list_runs(parts: &Parts, caller: &Caller, id: &str, query: &ListQuery) -> Result<Page<runs::Model>> {
    get_model(parts, caller, id).await?;
    let hers = runs::Entity::find().filter(runs::Column::Workspace.eq(i64::from(caller.workspace().0))).filter(runs::Column::Model.eq(id));
    page(parts.rows.connection(), hers, &[runs::Column::StartedAt, runs::Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}

pub(crate) async fn get_run(parts: &Parts, caller: &Caller, id: &str, run: &str) -> Result<runs::Model> {
    let hers = runs::Entity::find_by_id(run).filter(runs::Column::Workspace.eq(i64::from(caller.workspace().0))).filter(runs::Column::Model.eq(id));
    let found = hers.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("models.run_not_found", format!("the model {id} has no run {run}")).param("id", run))
}
