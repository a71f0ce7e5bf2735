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

use crate::definition::{self, LIST_CHANGED, ROOM, SEGMENT_ARCHIVED, SEGMENT_DEFINED, SEGMENT_USED_AS, refuse_cycle};
use crate::kernel::{Error, Identifier, Page, Result, SegmentId, WorkspaceId};
use crate::membership;
use crate::pools::{Pool, UsedAs};
use crate::sample::{Sample, SampleDraft};
use crate::sharing::{self, MOST_USERS, Right, Sharing, right_of};
use crate::store::{ActiveModel, Column, Entity, Model};

/// Ids that one call takes, and that one entry of the log names: events wait no longer than that takes.
const MOST_IDS: usize = 10_000;
const IDS_AT_ONCE: usize = 1_000;
/// Unknown ids that an answer repeats.
const MOST_UNKNOWN: usize = 100;

/// What the rows call what is no rule.
pub(crate) const LIST: &str = "list";
pub(crate) const SAMPLE: &str = "sample";

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
    /// A share of everybody; as it was where nothing is said.
    Sample(Option<SampleDraft>),
}

impl Who {
    fn condition(&self) -> Value {
        match self {
            Who::Condition(condition) => condition.clone(),
            Who::List { .. } | Who::Sample(_) => Value::Null,
        }
    }
    fn kind(&self) -> &'static str {
        match self {
            Who::Condition(_) => "rule",
            Who::List { .. } => LIST,
            Who::Sample(_) => SAMPLE,
        }
    }
    fn sample(&self, id: &SegmentId, before: Option<&Sample>) -> Result<Option<Sample>> {
        match self {
            Who::Sample(Some(draft)) => Sample::of(draft, id, before).map(Some),
            _ => Ok(before.cloned()),
        }
    }
}

/// The condition, or all that is wrong with it.
pub(crate) fn parse(json: &Value) -> Result<Condition> {
    weft_condition::parse(json).map_err(|faults| weft_condition::error_of(&faults))
}

/// A condition that stood before is the author's of then: only a new one is asked whether its author may read what it names.
async fn check(parts: &Parts, caller: &Caller, id: &SegmentId, draft: &Draft, before: Option<&Model>) -> Result<()> {
    if draft.name.trim().is_empty() {
        return Err(Error::invalid("segments.name_missing", "give the segment a name").field("name", "must not be empty"));
    }
    match &draft.who {
        Who::Condition(written) => {
            let condition = parse(written)?;
            if before.is_none_or(|b| b.condition.0 != *written) {
                sharing::refuse_hidden(parts, caller, &weft_condition::mentions(&condition).segments).await?;
            }
            refuse_cycle(&*parts.state, caller.workspace(), id, &condition)
        }
        Who::List { snapshot_of: Some(of) } => {
            let is_there = definition::stored(&*parts.state, caller.workspace(), of)?.is_some() && !sharing::hidden_from(parts, caller).await?.contains(of);
            let none = || Error::invalid("segments.segment_not_found", format!("there is no segment {of} to take a snapshot of")).field("list.snapshot_of", "unknown segment");
            is_there.then_some(()).ok_or_else(none)
        }
        Who::List { .. } | Who::Sample(_) => Ok(()),
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
    check(parts, caller, &id, &draft, None).await?;
    let sample = draft.who.sample(&id, None)?;
    let mut unit = parts.rows.begin(&caller.scope, "create_segment", parts.clock.now()).await?;
    let at = At(unit.now());
    let model = Model {
        id: id.0.clone(),
        workspace: unit.workspace_column(),
        name: draft.name.trim().to_owned(),
        description: draft.description,
        kind: draft.who.kind().into(),
        condition: Json(draft.who.condition()),
        version: 1,
        state: "active".into(),
        created_by: caller.actor().to_string(),
        owner: caller.actor().to_string(),
        sharing: Json(Sharing::default()),
        pool: None,
        sample: Json(sample),
        created_at: at,
        updated_at: at,
    };
    unit.target(&model.id);
    unit.change(None, Some(said(&model)));
    let snapshot_of = match draft.who {
        Who::List { snapshot_of } => snapshot_of,
        Who::Condition(_) | Who::Sample(_) => None,
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
        "condition": model.condition.0, "is_list": model.kind == LIST, "sample": model.sample.0, "snapshot_of": snapshot_of,
    });
    unit.announce(ROOM, SEGMENT_DEFINED, body);
}

/// What the audit says of a segment's definition.
fn said(model: &Model) -> Value {
    match &model.sample.0 {
        Some(sample) => json!({"name": model.name, "sample": sample}),
        None => json!({"name": model.name, "condition": model.condition.0}),
    }
}

fn not_found(id: &str) -> Error {
    Error::not_found("segments.not_found", format!("there is no segment {id} in this workspace")).param("id", id)
}

/// The one place where a segment's row is looked up: one that is not for the caller is not there.
pub(crate) async fn get_segment(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    found.filter(|model| right_of(caller, model) >= Right::Read).ok_or_else(|| not_found(id))
}

/// To be changed: by whom it is shared with for that.
async fn for_change(parts: &Parts, caller: &Caller, id: &str, needed: Right) -> Result<Model> {
    let model = get_segment(parts, caller, id).await?;
    if right_of(caller, &model) < needed {
        let who = if needed == Right::Own { "its owner or an administrator" } else { "its owner, whom it is shared with to edit, or an administrator" };
        return Err(Error::denied("segments.not_yours", format!("only {who} may do that to this segment")).param("owner", &model.owner));
    }
    Ok(model)
}

/// To be changed while it lives.
async fn active(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let model = for_change(parts, caller, id, Right::Edit).await?;
    if model.state != "active" {
        return Err(Error::conflict("segments.archived", "this segment is archived; duplicate it to go on with it"));
    }
    Ok(model)
}

fn refuse_other_kind(before: &Model, who: &Who) -> Result<()> {
    if before.kind == who.kind() {
        return Ok(());
    }
    Err(match before.kind.as_str() {
        LIST => Error::invalid("segments.is_list", "a list has no condition; add or remove people instead").field("condition", "a list has none"),
        SAMPLE => Error::invalid("segments.is_sample", "who belongs is drawn by lot; change the share").field("sample", "this is a sample"),
        _ => Error::invalid("segments.is_rule", "this segment is made by its condition").field("condition", "give the condition"),
    })
}

pub(crate) async fn update_segment(parts: &Parts, caller: &Caller, id: &str, draft: Draft) -> Result<Model> {
    let before = active(parts, caller, id).await?;
    refuse_other_kind(&before, &draft.who)?;
    let id = &SegmentId::from(id);
    check(parts, caller, id, &draft, Some(&before)).await?;
    let sample = draft.who.sample(id, before.sample.0.as_ref())?;
    let mut unit = parts.rows.begin(&caller.scope, "update_segment", parts.clock.now()).await?;
    let condition = draft.who.condition();
    let redefined = before.condition.0 != condition || before.sample.0 != sample;
    let mut after = before.clone();
    after.name = draft.name.trim().to_owned();
    after.description = draft.description;
    after.condition = Json(condition);
    after.sample = Json(sample);
    after.updated_at = At(unit.now());
    after.version += i64::from(redefined);
    unit.target(id.as_str());
    unit.change(Some(said(&before)), Some(said(&after)));
    if redefined || before.name != after.name {
        announce(&mut unit, &after, None);
    }
    save(&unit, &after).await.map_err(|e| duplicate_name(e, &after.name))?;
    parts.commit(unit).await?;
    Ok(after)
}

/// A change of a column or two that judges nobody again, with what stood there before.
async fn set(parts: &Parts, caller: &Caller, before: Model, operation: &'static str, what: fn(&Model) -> Value, change: impl FnOnce(&mut Model)) -> Result<Model> {
    let mut unit = parts.rows.begin(&caller.scope, operation, parts.clock.now()).await?;
    let mut after = before.clone();
    change(&mut after);
    after.updated_at = At(unit.now());
    unit.target(&after.id);
    unit.change(Some(what(&before)), Some(what(&after)));
    if before.pool != after.pool {
        let pool = after.pool.as_deref().map(Pool::of_name).transpose()?;
        unit.announce(ROOM, SEGMENT_USED_AS, json!(UsedAs { id: SegmentId(after.id.clone()), pool }));
    }
    save(&unit, &after).await?;
    parts.commit(unit).await?;
    Ok(after)
}

/// Says who may look at it and who may change it.
pub(crate) async fn share_segment(parts: &Parts, caller: &Caller, id: &str, sharing: Sharing) -> Result<Model> {
    let before = for_change(parts, caller, id, Right::Own).await?;
    if let Sharing::Named { users } = &sharing {
        if users.len() > MOST_USERS {
            return Err(Error::invalid("segments.too_many_users", format!("{} users; at most {MOST_USERS} are named", users.len())).field("sharing.users", "too many"));
        }
        let named: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
        parts.refuse_strangers(caller.workspace(), "sharing.users", &named, "segments.user_not_found").await?;
    }
    set(parts, caller, before, "share_segment", |m| json!({"sharing": m.sharing.0}), |m| m.sharing = Json(sharing)).await
}

pub(crate) async fn hand_over_segment(parts: &Parts, caller: &Caller, id: &str, owner: String) -> Result<Model> {
    let before = for_change(parts, caller, id, Right::Own).await?;
    parts.refuse_strangers(caller.workspace(), "owner", std::slice::from_ref(&owner), "segments.user_not_found").await?;
    set(parts, caller, before, "hand_over_segment", |m| json!({"owner": m.owner}), |m| m.owner = owner).await
}

pub(crate) async fn use_segment_as(parts: &Parts, caller: &Caller, id: &str, pool: Option<Pool>) -> Result<Model> {
    let before = active(parts, caller, id).await?;
    set(parts, caller, before, "use_segment_as", |m| json!({"pool": m.pool}), |m| m.pool = pool.map(|p| p.name().to_owned())).await
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
    let model = active(parts, caller, id).await?;
    if model.kind != LIST {
        return Err(Error::conflict("segments.is_rule", "nobody is put into this segment by name; make a list for that"));
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
    let mut after = for_change(parts, caller, id, Right::Edit).await?;
    if after.pool.is_some() {
        return Err(Error::conflict("segments.is_pool", "this segment keeps people from marketing; stop using it as a pool first"));
    }
    refuse_if_used(parts, caller, id).await?;
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

async fn refuse_if_used(parts: &Parts, caller: &Caller, id: &str) -> Result<()> {
    let id = SegmentId::from(id);
    let users: Vec<_> = definition::all(&*parts.state, caller.workspace())?.into_iter().filter(|d| d.mentions.segments.contains(&id)).collect();
    if users.is_empty() {
        return Ok(());
    }
    let hidden = sharing::hidden_from(parts, caller).await?;
    let names: Vec<String> = users.into_iter().map(|d| if hidden.contains(&d.id) { "…".to_owned() } else { d.name }).collect();
    let names = names.join(", ");
    Err(Error::conflict("segments.in_use", format!("other segments are built on this one: {names}")).param("names", names))
}

/// Refuses a condition, not yet anybody's, that names what is not there or not for her.
pub(crate) async fn refuse_unknown(parts: &Parts, caller: &Caller, condition: &Condition) -> Result<()> {
    let named = weft_condition::mentions(condition).segments;
    for id in &named {
        if definition::stored(&*parts.state, caller.workspace(), id)?.is_none() {
            return Err(sharing::no_such(id));
        }
    }
    sharing::refuse_hidden(parts, caller, &named).await
}

/// `owner` is `me`, a user's id, or empty for all.
pub(crate) async fn list_segments(parts: &Parts, caller: &Caller, query: &ListQuery, owner: &str) -> Result<Page<Model>> {
    let mut mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(contains(Column::Name, &query.q));
    if let Some(not_hers) = sharing::not_for(caller) {
        mine = mine.filter(not_hers.not());
    }
    if !owner.is_empty() {
        mine = mine.filter(Column::Owner.eq(caller.named(owner)));
    }
    page(parts.rows.connection(), mine, &[Column::UpdatedAt, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}
