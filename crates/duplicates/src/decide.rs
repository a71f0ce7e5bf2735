//! What people decide about a pair.

use sea_orm::Order;
use sea_orm::entity::prelude::*;
use serde_json::json;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::{Caller, ListQuery};
use weft_identity::{Joined, PEOPLE_JOINED, PEOPLE_KEPT_APART, ROOM};
use weft_meta_store::{db_error, page};

use crate::kernel::{Error, Page, PersonId, Result};
use crate::search::decided;
use crate::store::pairs::{APART, Column, Entity, JOINED, Model, OPEN};

pub(crate) async fn list(parts: &Parts, caller: &Caller, state: &str, query: &ListQuery) -> Result<Page<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(Column::State.eq(state));
    page(parts.rows.connection(), mine, &[Column::Probability, Column::Id], Order::Desc, query.cursor.as_deref(), query.limit()).await
}

async fn get(parts: &Parts, caller: &Caller, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(caller.workspace().0)));
    let found = mine.one(parts.rows.connection()).await.map_err(db_error)?;
    let pair = found.ok_or_else(|| Error::not_found("duplicates.not_found", format!("there is no pair {id} in this workspace")).param("id", id))?;
    if pair.state != OPEN {
        return Err(Error::conflict("duplicates.decided", "this pair was decided already"));
    }
    Ok(pair)
}

pub(crate) async fn join(parts: &Parts, caller: &Caller, id: &str, reason: &str) -> Result<Model> {
    let pair = get(parts, caller, id).await?;
    refuse_if_impossible(parts, caller, &pair).await?;
    decide(parts, caller, pair, "join_duplicate", (PEOPLE_JOINED, JOINED), reason).await
}

pub(crate) async fn keep_apart(parts: &Parts, caller: &Caller, id: &str, reason: &str) -> Result<Model> {
    let pair = get(parts, caller, id).await?;
    decide(parts, caller, pair, "keep_duplicate_apart", (PEOPLE_KEPT_APART, APART), reason).await
}

async fn decide(parts: &Parts, caller: &Caller, pair: Model, operation: &'static str, (what, state): (&str, &str), reason: &str) -> Result<Model> {
    let by = caller.actor().to_string();
    let said = Joined { a: PersonId::from(pair.a.as_str()), b: PersonId::from(pair.b.as_str()), by: by.clone(), reason: reason.to_owned() };
    let mut unit = parts.rows.begin(&caller.scope, operation, parts.clock.now()).await?;
    unit.target(&pair.id);
    unit.change(Some(json!({"people": [pair.a, pair.b]})), Some(json!({"state": state, "reason": reason})));
    unit.announce(ROOM, what, json!(said));
    let after = decided(&unit, pair, state, by).await?;
    parts.commit(unit).await?;
    Ok(after)
}

async fn refuse_if_impossible(parts: &Parts, caller: &Caller, pair: &Model) -> Result<()> {
    let (parts, workspace, pair) = (parts.clone(), caller.workspace(), pair.clone());
    blocking(move || {
        let read = &*parts.state;
        let of = |id: &str| weft_profiles::find_person(read, workspace, id);
        let (a, b) = (of(&pair.a)?, of(&pair.b)?);
        let rules = weft_identity::settings(read, workspace)?;
        match weft_identity::obstacle(read, workspace, a, b, &rules)? {
            Some(reason) if a != b => Err(Error::conflict("duplicates.refused", format!("these two cannot be one person: {reason}")).param("reason", reason)),
            _ => Ok(()),
        }
    })
    .await
}
