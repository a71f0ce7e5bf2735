//! What people do with tags of things: make, change, archive, and say by hand.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, IntoActiveModel, Order};
use serde_json::json;
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, Unit, contains, db_error, page};

use crate::definition::{ROOM, TAG_ARCHIVED, TAG_ASSIGNED, TAG_DEFINED, TagAssigned};
use crate::kernel::{Error, Page, Result, TagId};
use crate::rule::{Draft, Rule};
use crate::store::{ActiveModel, Column, Entity, Model};
use crate::thing;
use crate::types::check_word;

/// Things that one call names.
const MOST_THINGS: usize = 1_000;

pub(crate) struct Wanted {
    pub title: String,
    pub category: String,
    pub owner: String,
    pub description: String,
    pub rule: Draft,
}

fn check(wanted: &Wanted) -> Result<()> {
    if wanted.title.trim().is_empty() {
        return Err(Error::invalid("catalog.tag_title_missing", "give the tag a title that people read").field("title", "must not be empty"));
    }
    wanted.rule.parse().map(drop)
}

fn check_name(name: &str) -> Result<()> {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if name.is_empty() || name.chars().count() > 64 || !plain {
        return Err(Error::invalid("catalog.tag_name_invalid", "a tag is named by letters, digits and _, at most 64 of them").field("name", "letters, digits and _, at most 64"));
    }
    Ok(())
}

fn duplicate_name(e: Error, name: &str) -> Error {
    if e.code == "meta_store.duplicate" {
        return Error::conflict("catalog.tag_name_taken", format!("there is a tag called {name} already, perhaps an archived one")).field("name", "is taken").param("name", name);
    }
    e
}

/// Who looks after it: who is named, or it stays as it was.
async fn owner_of(parts: &Parts, caller: &Caller, wanted: &Wanted, before: &str) -> Result<String> {
    let owner = wanted.owner.trim();
    if owner.is_empty() || owner == before {
        return Ok(before.to_owned());
    }
    parts.refuse_strangers(caller.workspace(), "owner", &[owner.to_owned()], "catalog.user_not_found").await?;
    Ok(owner.to_owned())
}

fn archived() -> Error {
    Error::conflict("catalog.tag_archived", "this tag is archived; make a new one")
}

pub(crate) async fn create_tag(parts: &Parts, caller: &Caller, name: &str, of: &str, wanted: Wanted) -> Result<Model> {
    check_name(name)?;
    check_word(of)?;
    check(&wanted)?;
    let owner = owner_of(parts, caller, &wanted, &caller.actor().to_string()).await?;
    let mut unit = parts.rows.begin(&caller.scope, "create_thing_tag", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: TagId::new().0,
        workspace: unit.workspace_column(),
        name: name.to_owned(),
        of: of.to_owned(),
        title: wanted.title.trim().to_owned(),
        category: wanted.category.trim().to_owned(),
        owner,
        description: wanted.description,
        rule: Json(json!(wanted.rule)),
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "type": model.of, "title": model.title, "rule": model.rule.0})));
    announce(&mut unit, &model);
    let inserted = Entity::insert(model.clone().into_active_model()).exec_without_returning(unit.tx()).await;
    inserted.map_err(|e| duplicate_name(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model)
}

fn announce(unit: &mut Unit, model: &Model) {
    unit.announce(ROOM, TAG_DEFINED, json!({"id": model.id, "name": model.name, "type": model.of, "version": model.version, "rule": model.rule.0}));
}

pub(crate) async fn get_tag(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("catalog.tag_not_found", format!("there is no tag {id} of things in this workspace")).param("id", id))
}

pub(crate) async fn update_tag(parts: &Parts, caller: &Caller, id: &str, wanted: Wanted) -> Result<Model> {
    let before = get_tag(parts, caller, id).await?;
    if before.state != "active" {
        return Err(archived());
    }
    check(&wanted)?;
    let owner = owner_of(parts, caller, &wanted, &before.owner).await?;
    let rule = json!(wanted.rule);
    let is_redefined = before.rule.0 != rule;
    let mut unit = parts.rows.begin(&caller.scope, "update_thing_tag", parts.clock.now()).await?;
    let mut after = before.clone();
    after.title = wanted.title.trim().to_owned();
    after.category = wanted.category.trim().to_owned();
    after.owner = owner;
    after.description = wanted.description;
    after.rule = Json(rule);
    after.updated_at = At(unit.now());
    after.version += i64::from(is_redefined);
    unit.target(id);
    unit.change(Some(json!({"title": before.title, "owner": before.owner, "rule": before.rule.0})), Some(json!({"title": after.title, "owner": after.owner, "rule": after.rule.0})));
    if is_redefined {
        announce(&mut unit, &after);
    }
    let active: ActiveModel = after.clone().into();
    active.reset_all().update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    Ok(after)
}

pub(crate) async fn archive_tag(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mut after = get_tag(parts, caller, id).await?;
    let mut unit = parts.rows.begin(&caller.scope, "archive_thing_tag", parts.clock.now()).await?;
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

/// What came of saying by hand what things are called.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub changed: u64,
    pub unchanged: u64,
    pub unknown: Vec<String>,
}

/// Says of things what they are called; `None` takes it away.
pub(crate) async fn assign_by_hand(parts: &Parts, caller: &Caller, id: &str, ids: &[String], value: Option<&str>) -> Result<Said> {
    let model = get_tag(parts, caller, id).await?;
    if model.state != "active" {
        return Err(archived());
    }
    let rule: Draft = serde_json::from_value(model.rule.0.clone())?;
    let Rule::Assigned { values } = rule.parse()? else {
        return Err(Error::conflict("catalog.tag_not_by_hand", "the values of this tag are not given by hand"));
    };
    if ids.len() > MOST_THINGS {
        return Err(Error::invalid("catalog.too_many_things", format!("{} things; one call takes {MOST_THINGS}", ids.len())).field("things", format!("at most {MOST_THINGS} at a time")));
    }
    if value.is_some_and(|value| values.iter().all(|known| known != value)) {
        return Err(Error::invalid("catalog.value_unknown", "this tag has no such value").field("value", "is none of its values"));
    }
    let (mut said, mut changing) = (Said::default(), Vec::new());
    for thing_id in ids {
        if thing::get(&*parts.state, caller.workspace(), &model.of, thing_id)?.is_none() {
            said.unknown.push(thing_id.clone());
        } else if crate::values::value(&*parts.state, caller.workspace(), &model.name, thing_id)?.map(|t| t.value).as_deref() == value {
            said.unchanged += 1;
        } else {
            changing.push(thing_id.clone());
        }
    }
    said.changed = changing.len() as u64;
    let mut unit = parts.rows.begin(&caller.scope, "assign_thing_tag", parts.clock.now()).await?;
    unit.target(id);
    unit.change(None, Some(json!({"value": value, "things": changing.len()})));
    unit.announce(ROOM, TAG_ASSIGNED, json!(TagAssigned { name: model.name, ids: changing, value: value.map(str::to_owned) }));
    parts.commit(unit).await?;
    Ok(said)
}

pub(crate) async fn list_tags(parts: &Parts, caller: &Caller, query: &ListQuery) -> Result<Page<Model>> {
    let said = Where::any().add(contains(Column::Title, &query.q)).add(contains(Column::Name, &query.q)).add(contains(Column::Category, &query.q));
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(said);
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
