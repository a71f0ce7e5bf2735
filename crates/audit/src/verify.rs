//! Is the record whole? Walks a workspace's chain from its first entry to its head.

use sea_orm::entity::prelude::*;
use sea_orm::{Order, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use weft_meta_store::audit_entry::{self, Column, Model, hash_of};
use weft_meta_store::{db_error, head_of, statement};

use crate::kernel::{Result, WorkspaceId};

const BATCH: u64 = 1_000;

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verdict {
    pub whole: bool,
    /// Entries that were walked over and found right.
    pub entries: i64,
    /// The newest hash. Kept elsewhere, it shows later that nothing up to here was rewritten.
    pub head: String,
    /// The first fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Broken {
    pub number: i64,
    pub wrong: Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// The content is not what was hashed.
    Edited,
    /// There is no entry with this number, although later ones or the head say so.
    Missing,
    /// The entry does not follow from the one before it.
    NotLinked,
    /// There are entries after the head: they were put in without it.
    AfterHead,
    /// The head's hash is not that of the last entry.
    HeadDiffers,
}

/// Entries that are written meanwhile are left to the next time.
pub async fn verify_chain(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Verdict> {
    let (end, hash) = head_of(db, workspace).await?.unwrap_or_default();
    let mut walk = Walk { number: 0, hash: String::new() };
    loop {
        let entries = following(db, workspace, walk.number, end).await?;
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            if let Err(wrong) = walk.step(entry) {
                return Ok(walk.broken(wrong));
            }
        }
    }
    if walk.number < end {
        return Ok(walk.broken(Wrong::Missing));
    }
    if walk.hash != hash {
        return Ok(Walk { number: walk.number - 1, ..walk }.broken(Wrong::HeadDiffers));
    }
    if let Some(number) = after_head(db, workspace).await? {
        return Ok(Walk { number: number - 1, ..walk }.broken(Wrong::AfterHead));
    }
    Ok(Verdict { whole: true, entries: walk.number, head: walk.hash, broken: None })
}

/// The last entry that was right.
struct Walk {
    number: i64,
    hash: String,
}

impl Walk {
    fn step(&mut self, entry: &Model) -> Result<(), Wrong> {
        if entry.number != self.number + 1 {
            return Err(Wrong::Missing);
        }
        if entry.hash != hash_of(entry) {
            return Err(Wrong::Edited);
        }
        if entry.previous != self.hash {
            return Err(Wrong::NotLinked);
        }
        self.number = entry.number;
        self.hash.clone_from(&entry.hash);
        Ok(())
    }

    fn broken(self, wrong: Wrong) -> Verdict {
        Verdict { whole: false, entries: self.number, head: self.hash, broken: Some(Broken { number: self.number + 1, wrong }) }
    }
}

async fn following(db: &impl ConnectionTrait, workspace: WorkspaceId, after: i64, end: i64) -> Result<Vec<Model>> {
    audit_entry::Entity::find()
        .filter(Column::Workspace.eq(i64::from(workspace.0)))
        .filter(Column::Number.gt(after))
        .filter(Column::Number.lte(end))
        .order_by(Column::Number, Order::Asc)
        .limit(BATCH)
        .all(db)
        .await
        .map_err(db_error)
}

/// One statement, so that a unit which commits meanwhile is seen with its head or not at all.
async fn after_head(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Option<i64>> {
    let sql = "
        SELECT min(number) AS number FROM audit_entries
        WHERE workspace = ? AND number > coalesce((SELECT number FROM audit_heads WHERE workspace = ?), 0)";
    let workspace = i64::from(workspace.0);
    let row = db.query_one_raw(statement(db, sql, [workspace.into(), workspace.into()])).await.map_err(db_error)?;
    row.map_or(Ok(None), |row| row.try_get("", "number").map_err(db_error))
}
