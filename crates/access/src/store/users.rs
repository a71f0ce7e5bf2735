//! People who work in the console.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order, QuerySelect, QueryTrait};
use weft_meta_store::{At, contains, db_error, page};

use super::members;
use crate::kernel::{Millis, Page, Result, UserId, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// In lower case; one account each in the whole house.
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub created_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// Is anybody there yet?
pub(crate) async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().one(db).await.map_err(db_error)?.is_some())
}

pub(crate) async fn insert(db: &impl ConnectionTrait, email: &str, name: &str, password_hash: String, now: Millis) -> Result<Model> {
    let model = Model { id: UserId::new().0, email: email.to_owned(), name: name.to_owned(), password_hash, created_at: At(now) };
    Entity::insert(model.clone().into_active_model()).exec_without_returning(db).await.map_err(db_error)?;
    Ok(model)
}

pub(crate) async fn by_id(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>> {
    Entity::find_by_id(id).one(db).await.map_err(db_error)
}

pub(crate) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    Entity::find().filter(Column::Email.eq(email)).one(db).await.map_err(db_error)
}

pub(crate) async fn set_password(db: &impl ConnectionTrait, user: Model, password_hash: String) -> Result<()> {
    let mut row = user.into_active_model();
    row.password_hash = Set(password_hash);
    row.update(db).await.map_err(db_error)?;
    Ok(())
}

/// The members of a workspace, by e-mail.
pub(crate) async fn page_of(db: &impl ConnectionTrait, workspace: WorkspaceId, q: &str, cursor: Option<&str>, limit: usize) -> Result<Page<Model>> {
    let ids = members::Entity::find()
        .select_only()
        .column(members::Column::User)
        .filter(members::Column::Workspace.eq(i64::from(workspace.0)))
        .into_query();
    let found = Entity::find()
        .filter(Column::Id.in_subquery(ids))
        .filter(sea_orm::Condition::any().add(contains(Column::Email, q)).add(contains(Column::Name, q)));
    page(db, found, &[Column::Email], Order::Asc, cursor, limit).await
}

/// Also of people who have left: what they did is still theirs.
pub(crate) async fn names(db: &impl ConnectionTrait, ids: &[String]) -> Result<BTreeMap<String, String>> {
    let found = Entity::find().filter(Column::Id.is_in(ids)).all(db).await.map_err(db_error)?;
    Ok(found.into_iter().map(|user| (user.id, user.name)).collect())
}
