//! What people do with tags: make, change, archive.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, IntoActiveModel, Order};
use serde_json::json;
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, Unit, contains, db_error, page};

use crate::definition::{self, ROOM, TAG_ARCHIVED, TAG_DEFINED, refuse_cycle};
use crate::kernel::{Atom, Error, Millis, Page, Result, TagId};
use crate::rule::{Assigner, Draft};
use crate::store::{ActiveModel, Column, Entity, Model};

pub struct Wanted {
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

fn refuse_models(rule: &Draft) -> Result<()> {
    if rule.is_by(Assigner::Model) {
        return Err(Error::conflict("tags.of_a_model", "a model writes this tag; change or archive the model").field("rule", "belongs to a model"));
    }
    Ok(())
}

pub(crate) async fn create_tag(parts: &Parts, caller: &Caller, name: &str, wanted: Wanted) -> Result<Model> {
    refuse_models(&wanted.rule)?;
    let mut unit = parts.rows.begin(&caller.scope, "create_tag", parts.clock.now()).await?;
    let model = insert(parts, &mut unit, caller, name, wanted).await?;
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "title": model.title, "rule": model.rule.0})));
    parts.commit(unit).await?;
    Ok(model)
}

/// Makes a tag within a larger unit, and gives its id.
pub async fn create_in(parts: &Parts, unit: &mut Unit, caller: &Caller, name: &str, wanted: Wanted) -> Result<TagId> {
    insert(parts, unit, caller, name, wanted).await.map(|model| TagId(model.id))
}

/// Changes what people read of a tag that a model writes.
pub async fn relabel_in(parts: &Parts, unit: &mut Unit, caller: &Caller, id: &str, wanted: Wanted) -> Result<()> {
    wanted.rule.parse()?;
    let before = get_tag(parts, caller, id).await?;
    if before.state != "active" {
        return Err(Error::conflict("tags.archived", "this tag is archived; make a new one"));
    }
    change(unit, &before, wanted).await.map(drop)
}

/// Puts a tag away within a larger unit.
pub async fn archive_in(parts: &Parts, unit: &mut Unit, caller: &Caller, id: &str) -> Result<()> {
    let model = get_tag(parts, caller, id).await?;
    refuse_if_used(parts, caller, &model.name)?;
    put_away(unit, model).await.map(drop)
}

async fn insert(parts: &Parts, unit: &mut Unit, caller: &Caller, name: &str, wanted: Wanted) -> Result<Model> {
    check_name(name)?;
    check(parts, caller, name, &wanted)?;
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
        owner: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    announce(unit, &model);
    Entity::insert(model.clone().into_active_model())
        .exec_without_returning(unit.tx())
        .await
        .map_err(|e| duplicate_name(db_error(e), &model.name))?;
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
    if json!(wanted.rule) != before.rule.0 {
        let stands: Draft = serde_json::from_value(before.rule.0.clone())?;
        refuse_models(&wanted.rule)?;
        refuse_models(&stands)?;
        if stands.sort() != wanted.rule.sort() {
            return Err(Error::conflict("tags.sort_fixed", "a ladder stays a ladder, a figure a figure, and what is assigned is assigned; make a new tag").field("rule", "is of another sort"));
        }
    }
    let mut unit = parts.rows.begin(&caller.scope, "update_tag", parts.clock.now()).await?;
    let after = change(&mut unit, &before, wanted).await?;
    unit.target(id);
    unit.change(Some(json!({"title": before.title, "rule": before.rule.0})), Some(json!({"title": after.title, "rule": after.rule.0})));
    parts.commit(unit).await?;
    Ok(after)
}

async fn change(unit: &mut Unit, before: &Model, wanted: Wanted) -> Result<Model> {
    let rule = json!(wanted.rule);
    let redefined = before.rule.0 != rule;
    let mut after = before.clone();
    after.title = wanted.title.trim().to_owned();
    after.category = wanted.category.trim().to_owned();
    after.description = wanted.description;
    after.rule = Json(rule);
    after.updated_at = At(unit.now());
    after.version += i64::from(redefined);
    if redefined {
        announce(unit, &after);
    }
    let active: ActiveModel = after.clone().into();
    active.reset_all().update(unit.tx()).await.map_err(db_error)?;
    Ok(after)
}

/// Everybody who may change tags may change this one; its owner says who looks after it.
pub(crate) async fn hand_over_tag(parts: &Parts, caller: &Caller, id: &str, owner: String) -> Result<Model> {
    let mut after = get_tag(parts, caller, id).await?;
    if !caller.owns(&after.owner) {
        return Err(Error::denied("tags.not_yours", "only its owner or an administrator may hand this tag over").param("owner", &after.owner));
    }
    parts.refuse_strangers(caller.workspace(), "owner", std::slice::from_ref(&owner), "tags.user_not_found").await?;
    let mut unit = parts.rows.begin(&caller.scope, "hand_over_tag", parts.clock.now()).await?;
    unit.target(id);
    unit.change(Some(json!({"owner": after.owner})), Some(json!({"owner": owner})));
    after.owner.clone_from(&owner);
    after.updated_at = At(unit.now());
    let mut row = after.clone().into_active_model();
    row.owner = Set(owner);
    row.updated_at = Set(after.updated_at);
    row.update(unit.tx()).await.map_err(db_error)?;
    parts.commit(unit).await?;
    Ok(after)
}

pub(crate) async fn archive_tag(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let model = get_tag(parts, caller, id).await?;
    refuse_models(&serde_json::from_value(model.rule.0.clone())?)?;
    refuse_if_used(parts, caller, &model.name)?;
    let mut unit = parts.rows.begin(&caller.scope, "archive_tag", parts.clock.now()).await?;
    unit.target(id);
    let after = put_away(&mut unit, model).await?;
    parts.commit(unit).await?;
    Ok(after)
}

async fn put_away(unit: &mut Unit, mut after: Model) -> Result<Model> {
    unit.announce(ROOM, TAG_ARCHIVED, json!({"name": after.name}));
    let mut row = after.clone().into_active_model();
    row.state = Set("archived".into());
    row.updated_at = Set(At(unit.now()));
    row.update(unit.tx()).await.map_err(db_error)?;
    after.state = "archived".into();
    Ok(after)
}

/// People that one call names.
const MOST_PEOPLE: usize = 1_000;

/// Says of people what they are called; `None` takes it away. How many that changes.
pub(crate) async fn assign_by_hand(parts: &Parts, caller: &Caller, id: &str, people: &[Atom], value: Option<&str>, until: Option<Millis>) -> Result<u64> {
    let model = get_tag(parts, caller, id).await?;
    let rule: Draft = serde_json::from_value(model.rule.0.clone())?;
    let Some(assigned) = rule.assigned.filter(|a| a.by == Assigner::Hand && model.state == "active") else {
        return Err(Error::conflict("tags.not_by_hand", "the values of this tag are not given by hand"));
    };
    if people.len() > MOST_PEOPLE {
        return Err(Error::invalid("tags.too_many_people", format!("{} people; one call takes {MOST_PEOPLE}", people.len())).field("people", "too many"));
    }
    if let Some(value) = value
        && assigned.values.is_some_and(|values| values.iter().all(|v| v.value != value))
    {
        return Err(Error::invalid("tags.value_unknown", format!("this tag has no value {value}")).field("value", "is none of its values"));
    }
    let mut unit = parts.rows.begin(&caller.scope, "assign_tag", parts.clock.now()).await?;
    unit.target(id);
    unit.change(None, Some(json!({"value": value, "people": people.len(), "until": until})));
    let said: Vec<(Atom, Option<serde_json::Value>)> = people.iter().map(|p| (*p, value.map(Into::into))).collect();
    let changed = crate::assigned::assign(parts, &mut unit, caller.workspace(), &model.name, &said, until)?;
    parts.commit(unit).await?;
    Ok(changed)
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

/// `owner` is `me`, a user's id, or empty for all.
pub(crate) async fn list_tags(parts: &Parts, caller: &Caller, query: &ListQuery, owner: &str) -> Result<Page<Model>> {
    let said = Where::any().add(contains(Column::Title, &query.q)).add(contains(Column::Name, &query.q)).add(contains(Column::Category, &query.q));
    let mut mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(said);
    if !owner.is_empty() {
        mine = mine.filter(Column::Owner.eq(caller.named(owner)));
    }
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
