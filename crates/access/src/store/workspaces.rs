//! Tenants.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use weft_meta_store::{At, db_error};

use crate::kernel::{Error, Millis, Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub time_zone: String,
    pub currency: String,
    pub created_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(db: &impl ConnectionTrait, name: &str, time_zone: &str, currency: &str, now: Millis) -> Result<Model> {
    let row = ActiveModel {
        id: NotSet,
        name: Set(name.to_owned()),
        time_zone: Set(time_zone.to_owned()),
        currency: Set(currency.to_owned()),
        created_at: Set(At(now)),
    };
    row.insert(db).await.map_err(db_error)
}

pub(crate) async fn get(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Model> {
    let found = Entity::find_by_id(i64::from(workspace.0)).one(db).await.map_err(db_error)?;
    found.ok_or_else(|| Error::not_found("access.workspace_not_found", "there is no such workspace"))
}

pub(crate) async fn update(db: &impl ConnectionTrait, model: Model) -> Result<()> {
    let row = ActiveModel::from(model).reset_all();
    row.update(db).await.map_err(db_error)?;
    Ok(())
}
