//! Who works in which workspace, and as what.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, IntoActiveModel, PaginatorTrait, QueryOrder};
use weft_meta_store::{At, db_error};

use crate::domain::permission::Role;
use crate::kernel::{Millis, Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user: String,
    pub role: String,
    pub created_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn role(&self) -> Result<Role> {
        Role::of_name(&self.role)
    }
}

pub(crate) async fn insert(db: &impl ConnectionTrait, workspace: WorkspaceId, user: &str, role: Role, now: Millis) -> Result<Model> {
    let model = Model { workspace: workspace.0.into(), user: user.to_owned(), role: role.name().to_owned(), created_at: At(now) };
    Entity::insert(model.clone().into_active_model()).exec_without_returning(db).await.map_err(db_error)?;
    Ok(model)
}

pub(crate) async fn find(db: &impl ConnectionTrait, workspace: WorkspaceId, user: &str) -> Result<Option<Model>> {
    Entity::find_by_id((i64::from(workspace.0), user.to_owned())).one(db).await.map_err(db_error)
}

/// Where somebody works; the oldest workspace first.
pub(crate) async fn of_user(db: &impl ConnectionTrait, user: &str) -> Result<Vec<Model>> {
    Entity::find().filter(Column::User.eq(user)).order_by_asc(Column::Workspace).all(db).await.map_err(db_error)
}

pub(crate) async fn among(db: &impl ConnectionTrait, workspace: WorkspaceId, users: &[String]) -> Result<BTreeMap<String, Model>> {
    let mine = Column::Workspace.eq(i64::from(workspace.0)).and(Column::User.is_in(users));
    let found = Entity::find().filter(mine).all(db).await.map_err(db_error)?;
    Ok(found.into_iter().map(|member| (member.user.clone(), member)).collect())
}

pub(crate) async fn set_role(db: &impl ConnectionTrait, member: Model, role: Role) -> Result<()> {
    let mut row = member.into_active_model();
    row.role = sea_orm::ActiveValue::Set(role.name().to_owned());
    row.update(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn delete(db: &impl ConnectionTrait, member: Model) -> Result<()> {
    member.delete(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn administrators(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64> {
    let mine = Column::Workspace.eq(i64::from(workspace.0)).and(Column::Role.eq(Role::Administrator.name()));
    Entity::find().filter(mine).count(db).await.map_err(db_error)
}
