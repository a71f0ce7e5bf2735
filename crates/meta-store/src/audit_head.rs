//! The end of each workspace's audit chain. Its row is also the lock behind which the workspace's units queue.

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use crate::fault::db_error;
use crate::kernel::{Error, Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_heads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace: i64,
    pub number: i64,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// Number and hash of a workspace's newest entry, for whoever verifies the chain or keeps the hash elsewhere.
pub async fn head_of(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Option<(i64, String)>> {
    let found = Entity::find_by_id(i64::from(workspace.0)).one(db).await.map_err(db_error)?;
    Ok(found.map(|head| (head.number, head.hash)))
}

/// Waits until no other unit of this workspace is open, and reads the end of its chain.
pub(crate) async fn lock(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Model> {
    if let Some(head) = locked(db, workspace).await? {
        return Ok(head);
    }
    let first = ActiveModel { workspace: Set(workspace.0.into()), number: Set(0), hash: Set(String::new()) };
    Entity::insert(first)
        .on_conflict(OnConflict::column(Column::Workspace).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .map_err(db_error)?;
    locked(db, workspace).await?.ok_or_else(|| Error::bug("meta_store.failed", "the audit chain has no head"))
}

async fn locked(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Option<Model>> {
    Entity::find_by_id(i64::from(workspace.0)).lock_exclusive().one(db).await.map_err(db_error)
}

pub(crate) async fn advance(db: &impl ConnectionTrait, workspace: i64, number: i64, hash: &str) -> Result<()> {
    let head = ActiveModel { workspace: Set(workspace), number: Set(number), hash: Set(hash.to_owned()) };
    Entity::update(head).exec(db).await.map_err(db_error)?;
    Ok(())
}
