//! What people do with segments: make, change, archive.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order};
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use weft_condition::Condition;
use weft_context_kit::Parts;
use weft_http_kit::{Caller, ListQuery};
use weft_meta_store::{At, Json, contains, db_error, page};
use weft_profile_kv::Read;

use crate::definition::{self, LIST_CHANGED, ROOM, SEGMENT_ARCHIVED, SEGMENT_DEFINED, refuse_cycle};
use crate::kernel::{Error, Identifier, Page, Result, SegmentId, WorkspaceId};
use crate::membership;
use crate::store::{ActiveModel, Column, Entity, Model};

/// Ids that one call takes, and that one entry of the log names: events wait no longer than that takes.
const MOST_IDS: usize = 10_000;
const IDS_AT_ONCE: usize = 1_000;
/// Unknown ids that an answer repeats.
const MOST_UNKNOWN: usize = 100;

/// What the rows call a list.
pub(crate) const LIST: &str = "list";

pub(crate) struct Draft {
    pub name: String,
    pub description: String,
    pub who: Who,
}

/// Who belongs.
pub(crate) enum Who {
    Condition(Value),
    /// Nobody yet, or the members that another segment has now.
    List { snapshot_of: Option<SegmentId> },
}

impl Who {
    fn condition(&self) -> Value {
        match self {
            Who::Condition(condition) => condition.clone(),
            Who::List { .. } => Value::Null,
        }
    }
}

/// The condition, or all that is wrong with it.
pub(crate) fn parse(json: &Value) -> Result<Condition> {
    weft_condition::parse(json).map_err(|faults| weft_condition::error_of(&faults))
}

fn check(parts: &Parts, caller: &Caller, id: &SegmentId, draft: &Draft) -> Result<()> {
    if draft.name.trim().is_empty() {
        return Err(Error::invalid("segments.name_missing", "give the segment a name").field("name", "must not be empty"));
    }
    match &draft.who {
        Who::Condition(condition) => refuse_cycle(&*parts.state, caller.workspace(), id, &parse(condition)?),
        Who::List { snapshot_of: Some(of) } if definition::stored(&*parts.state, caller.workspace(), of)?.is_none() => {
            Err(Error::invalid("segments.segment_not_found", format!("there is no segment {of} to take a snapshot of")).field("list.snapshot_of", "unknown segment"))
        }
        Who::List { .. } => Ok(()),
    }
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
        kind: if matches!(draft.who, Who::List { .. }) { LIST } else { "rule" }.into(),
        condition: Json(draft.who.condition()),
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(json!({"name": model.name, "condition": model.condition.0})));
    let snapshot_of = match draft.who {
        Who::List { snapshot_of } => snapshot_of,
        Who::Condition(_) => None,
    };
    announce(&mut unit, &model, snapshot_of.as_ref());
    Entity::insert(model.clone().into_active_model())
        .exec_without_returning(unit.tx())
        .await
        .map_err(|e| duplicate_name(db_error(e), &model.name))?;
    parts.commit(unit).await?;
    Ok(model)
}

fn announce(unit: &mut weft_meta_store::Unit, model: &Model, snapshot_of: Option<&SegmentId>) {
    let body = json!({
        "id": model.id, "name": model.name, "version": model.version,
        "condition": model.condition.0, "is_list": model.kind == LIST, "snapshot_of": snapshot_of,
    });
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
    match (before.kind == LIST, &draft.who) {
        (true, Who::Condition(_)) => return Err(Error::invalid("segments.is_list", "a list has no condition; add or remove people instead").field("condition", "a list has none")),
        (false, Who::List { .. }) => return Err(Error::invalid("segments.is_rule", "this segment is made by its condition").field("list", "this is no list")),
        _ => {}
    }
    let mut unit = parts.rows.begin(&caller.scope, "update_segment", parts.clock.now()).await?;
    let condition = draft.who.condition();
    let redefined = before.condition.0 != condition;
    let mut after = before.clone();
    after.name = draft.name.trim().to_owned();
    after.description = draft.description;
    after.condition = Json(condition);
    after.updated_at = At(unit.now());
    after.version += i64::from(redefined);
    unit.target(id);
    unit.change(
        Some(json!({"name": before.name, "condition": before.condition.0})),
        Some(json!({"name": after.name, "condition": after.condition.0})),
    );
    if redefined || before.name != after.name {
        announce(&mut unit, &after, None);
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

/// What came of naming people.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Named {
    pub changed: u64,
    /// They were on it already, or were not.
    pub unchanged: u64,
    pub unknown: u64,
    pub unknown_ids: Vec<String>,
}

/// Puts people on a list or takes them off, by one type of identifier.
pub(crate) async fn change_list(parts: &Parts, caller: &Caller, id: &str, id_type: &str, ids: &[String], is_in: bool) -> Result<Named> {
    let model = get_segment(parts, caller, id).await?;
    if model.kind != LIST {
        return Err(Error::conflict("segments.is_rule", "this segment is made by its condition; make a list to name people one by one"));
    }
    if model.state != "active" {
        return Err(Error::conflict("segments.archived", "this list is archived; make a new one"));
    }
    if ids.len() > MOST_IDS {
        return Err(Error::invalid("segments.too_many_ids", format!("{} ids; one call takes {MOST_IDS}", ids.len())).field("ids", format!("at most {MOST_IDS} at a time")));
    }
    let segment = SegmentId::from(id);
    let (named, people) = look_up(&*parts.state, caller.workspace(), &segment, id_type, ids, is_in)?;
    let mut unit = parts.rows.begin(&caller.scope, if is_in { "add_to_list" } else { "remove_from_list" }, parts.clock.now()).await?;
    unit.target(id);
    unit.change(None, Some(json!({"id_type": id_type, "people": named.changed, "unknown": named.unknown})));
    for ids in people.chunks(IDS_AT_ONCE) {
        let change = definition::ListChange { id: segment.clone(), id_type: id_type.to_owned(), ids: ids.to_vec(), is_in };
        unit.announce(ROOM, LIST_CHANGED, json!(change));
    }
    parts.commit(unit).await?;
    Ok(named)
}

/// Whom the ids name, each person once, and the ids that will change something.
fn look_up(read: &dyn Read, workspace: WorkspaceId, list: &SegmentId, id_type: &str, ids: &[String], is_in: bool) -> Result<(Named, Vec<String>)> {
    let mut named = Named::default();
    let mut seen = RoaringBitmap::new();
    let mut people = Vec::new();
    for value in ids.iter().map(|id| id.trim()).filter(|id| !id.is_empty()) {
        match weft_identity::find(read, workspace, &Identifier::new(id_type, value))? {
            None => {
                named.unknown += 1;
                if named.unknown_ids.len() < MOST_UNKNOWN {
                    named.unknown_ids.push(value.to_owned());
                }
            }
            Some(person) if !seen.insert(person) || membership::contains(read, workspace, list, person)? == is_in => named.unchanged += 1,
            Some(_) => {
                named.changed += 1;
                people.push(value.to_owned());
            }
        }
    }
    Ok((named, people))
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
    let users: Vec<String> = definition::all(&*parts.state, caller.workspace())?
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
