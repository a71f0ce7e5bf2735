//! What people do with tags: make, change, archive.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, IntoActiveModel, Order};
use serde_json::json;
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, Unit, contains, db_error, page};

use crate::definition::{self, ROOM, TAG_ARCHIVED, TAG_DEFINED, refuse_cycle};
use crate::kernel::{Error, Page, Result, TagId};
use crate::rule::Draft;
use crate::store::{ActiveModel, Column, Entity, Model};

pub(crate) struct Wanted {
    pub title: String,
    pub category: String,
    pub description: String,
    pub rule: Draft,
}

fn check(parts: &Parts, caller: &Caller, name: &str, wanted: &Wanted) -> Result<()> {
    if wanted.title.trim().is_empty() {
        return Err(Error::invalid("tags.title_missing", "give the tag a title that people read").field("title", "must not be empty"));
    }
    refuse_cycle(&*parts.state, caller.workspace(), name, &wanted.rule.parse()?)
}

/// Conditions name it, so it is one plain word.
fn check_name(name: &str) -> Result<()> {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if name.is_empty() || name.chars().count() > 64 || !plain {
        return Err(Error::invalid("tags.name_invalid", "a tag is named by letters, digits and _, at most 64 of them").field("name", "letters, digits and _, at most 64"));
    }
    Ok(())
}

fn duplicate_name(e: Error, name: &str) -> Error {
    if e.code == "meta_store.duplicate" {
        return Error::conflict("tags.name_taken", format!("there is a tag called {name} already, perhaps an archived one")).field("name", "is taken").param("name", name);
    }
    e
}

pub(crate) async fn create_tag(parts: &Parts, caller: &Caller, name: &str, wanted: Wanted) -> Result<Model> {
    check_name(name)?;
    check(parts, caller, name, &wanted)?;
    let mut unit = parts.rows.begin(&caller.scope, "create_tag", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: TagId::new().0,
        workspace: unit.workspace_column(),
        name: name.to_owned(),
        title: wanted.title.trim().to_owned(),
        category: wanted.category.trim().to_owned(),
        description: wanted.description,
        rule: Json(json!(wanted.rule)),
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "title": model.title, "rule": model.rule.0})));
    announce(&mut unit, &model);
    Entity::insert(model.clone().into_active_model())
        .exec_without_returning(unit.tx())
        .await
        .map_err(|e| duplicate_name(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model)
}

fn announce(unit: &mut Unit, model: &Model) {
    unit.announce(ROOM, TAG_DEFINED, json!({"id": model.id, "name": model.name, "version": model.version, "rule": model.rule.0}));
}

pub(crate) async fn get_tag(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("tags.not_found", format!("there is no tag {id} in this workspace")).param("id", id))
}

pub(crate) async fn update_tag(parts: &Parts, caller: &Caller, id: &str, wanted: Wanted) -> Result<Model> {
    let before = get_tag(parts, caller, id).await?;
    if before.state != "active" {
        return Err(Error::conflict("tags.archived", "this tag is archived; make a new one"));
    }
    check(parts, caller, &before.name, &wanted)?;
    let mut unit = parts.rows.begin(&caller.scope, "update_tag", parts.clock.now()).await?;
    let rule = json!(wanted.rule);
    let redefined = before.rule.0 != rule;
    let mut after = before.clone();
    after.title = wanted.title.trim().to_owned();
    after.category = wanted.category.trim().to_owned();
    after.description = wanted.description;
    after.rule = Json(rule);
    after.updated_at = At(unit.now());
    after.version += i64::from(redefined);
    unit.target(id);
    unit.change(Some(json!({"title": before.title, "rule": before.rule.0})), Some(json!({"title": after.title, "rule": after.rule.0})));
    if redefined {
        announce(&mut unit, &after);
    }
    let active: ActiveModel = after.clone().into();
    active.reset_all().update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    Ok(after)
}

pub(crate) async fn archive_tag(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mut after = get_tag(parts, caller, id).await?;
    refuse_if_used(parts, caller, &after.name)?;
    let mut unit = parts.rows.begin(&caller.scope, "archive_tag", parts.clock.now()).await?;
    unit.target(id);
    unit.announce(ROOM, TAG_ARCHIVED, json!({"name": after.name}));
    let mut row = after.clone().into_active_model();
    row.state = Set("archived".into());
    row.updated_at = Set(At(unit.now()));
    row.update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    after.state = "archived".into();
    Ok(after)
}

fn refuse_if_used(parts: &Parts, caller: &Caller, name: &str) -> Result<()> {
    let users: Vec<String> =
        definition::all(&*parts.state, caller.workspace())?.into_iter().filter(|d| d.mentions.tags.contains(name)).map(|d| d.name).collect();
    if users.is_empty() {
        return Ok(());
    }
    let names = users.join(", ");
    Err(Error::conflict("tags.in_use", format!("other tags are built on this one: {names}")).param("names", names))
}

pub(crate) async fn list_tags(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Model>> {
    let said = Where::any().add(contains(Column::Title, &query.q)).add(contains(Column::Name, &query.q)).add(contains(Column::Category, &query.q));
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(said);
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
