//! What people decide about a pair.

use sea_orm::Order;
use sea_orm::entity::prelude::*;
use serde_json::json;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::{Caller, ListQuery};
use weft_identity::{Joined, PEOPLE_JOINED, PEOPLE_KEPT_APART, ROOM};
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};
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

/// Pairs that one call joins; whoever asks comes back for the rest.
const JOINED_AT_ONCE: u64 = 200;

/// What came of joining many.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Surest {
    pub joined: u64,
    /// Something speaks against joining them; they stay for somebody to look at.
    pub refused: u64,
    /// As sure, and not looked at yet.
    pub left: u64,
}

/// How many open pairs are as sure as that, in parts of a million.
pub(crate) async fn count_surest(parts: &Parts, caller: &Caller, at_least: i64) -> Result<u64> {
    surest(caller, at_least).count(parts.rows.connection()).await.map_err(db_error)
}

fn surest(caller: &Caller, at_least: i64) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(Column::State.eq(OPEN)).filter(Column::Probability.gte(at_least))
}

/// Joins the surest pairs, one after the other: each is asked of the people as the one before has left them.
pub(crate) async fn join_surest(parts: &Parts, caller: &Caller, at_least: i64, skip: u64, reason: &str) -> Result<Surest> {
    let order = surest(caller, at_least).order_by_desc(Column::Probability).order_by_desc(Column::Id);
    let pairs = order.offset(skip).limit(JOINED_AT_ONCE).all(parts.rows.connection()).await.map_err(db_error)?;
    let mut came = Surest::default();
    for pair in pairs {
        match join_if_nothing_speaks_against_it(parts, caller, pair, reason).await {
            Ok(_) => came.joined += 1,
            Err(e) if matches!(e.code, "duplicates.refused" | "duplicates.decided") => came.refused += 1,
            Err(e) => return Err(e),
        }
    }
    came.left = count_surest(parts, caller, at_least).await?.saturating_sub(skip + came.refused);
    Ok(came)
}

/// Unlike somebody who looks at the two, this does not overrule what was said before: who was kept apart stays apart.
async fn join_if_nothing_speaks_against_it(parts: &Parts, caller: &Caller, pair: Model, reason: &str) -> Result<Model> {
    let pair = get(parts, caller, &pair.id).await?;
    refuse_if_impossible(parts, caller, &pair).await?;
    refuse_if_apart(parts, caller, &pair).await?;
    decide(parts, caller, pair, "join_duplicate", (PEOPLE_JOINED, JOINED), reason).await
}

async fn refuse_if_apart(parts: &Parts, caller: &Caller, pair: &Model) -> Result<()> {
    let (parts, workspace, pair) = (parts.clone(), caller.workspace(), pair.clone());
    blocking(move || {
        let read = &*parts.state;
        let of = |id: &str| weft_profiles::find_person(read, workspace, id);
        if weft_identity::are_apart(read, workspace, of(&pair.a)?, of(&pair.b)?)? {
            return Err(Error::conflict("duplicates.refused", "these two were kept apart").param("reason", "kept_apart"));
        }
        Ok(())
    })
    .await
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
