//! The one-time token of the first set-up. One row at most, and only its hash.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use weft_meta_store::{At, db_error};

use crate::kernel::{Millis, Result, sign::constant_time_eq};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setup_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub digest: String,
    pub created_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn replace(db: &impl ConnectionTrait, digest: &str, now: Millis) -> Result<()> {
    let row = ActiveModel { id: Set(1), digest: Set(digest.to_owned()), created_at: Set(At(now)) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).update_columns([Column::Digest, Column::CreatedAt]).to_owned())
        .exec_without_returning(db)
        .await
        .map_err(db_error)?;
    Ok(())
}

pub(crate) async fn is(db: &impl ConnectionTrait, digest: &str) -> Result<bool> {
    let row = Entity::find_by_id(1).one(db).await.map_err(db_error)?;
    Ok(row.is_some_and(|row| constant_time_eq(row.digest.as_bytes(), digest.as_bytes())))
}

pub(crate) async fn delete(db: &impl ConnectionTrait) -> Result<()> {
    Entity::delete_many().exec(db).await.map_err(db_error)?;
    Ok(())
}
