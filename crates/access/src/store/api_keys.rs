//! Keys of programs. Of the key itself only the SHA-256 is kept.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{ExprTrait, IntoActiveModel, Order};
use weft_meta_store::{At, Json, contains, db_error, page};

use crate::domain::secret;
use crate::kernel::{Actor, ApiKeyId, Millis, Page, Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    /// The beginning, to tell it from others.
    pub prefix: String,
    pub digest: String,
    pub permissions: Json<Vec<String>>,
    pub created_by: String,
    pub created_at: At,
    pub last_used_at: Option<At>,
    /// Kept after that, so that the audit can still name it.
    pub disabled_at: Option<At>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// How exact "last used" is; each request need not write.
const USED_EVERY: i64 = Millis::MINUTE;

pub(crate) struct NewKey<'a> {
    pub workspace: WorkspaceId,
    pub name: &'a str,
    pub key: &'a str,
    pub permissions: Vec<String>,
    pub by: &'a Actor,
}

pub(crate) async fn insert(db: &impl ConnectionTrait, new: NewKey<'_>, now: Millis) -> Result<Model> {
    let model = Model {
        id: ApiKeyId::new().0,
        workspace: new.workspace.0.into(),
        name: new.name.to_owned(),
        prefix: secret::prefix(new.key),
        digest: secret::digest(new.key),
        permissions: Json(new.permissions),
        created_by: new.by.to_string(),
        created_at: At(now),
        last_used_at: None,
        disabled_at: None,
    };
    Entity::insert(model.clone().into_active_model()).exec_without_returning(db).await.map_err(db_error)?;
    Ok(model)
}

pub(crate) async fn by_digest(db: &impl ConnectionTrait, digest: &str) -> Result<Option<Model>> {
    Entity::find().filter(Column::Digest.eq(digest)).filter(Column::DisabledAt.is_null()).one(db).await.map_err(db_error)
}

pub(crate) async fn find(db: &impl ConnectionTrait, workspace: WorkspaceId, id: &str) -> Result<Option<Model>> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(workspace.0)));
    mine.filter(Column::DisabledAt.is_null()).one(db).await.map_err(db_error)
}

pub(crate) async fn page_of(db: &impl ConnectionTrait, workspace: WorkspaceId, q: &str, cursor: Option<&str>, limit: usize) -> Result<Page<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(Column::DisabledAt.is_null());
    page(db, mine.filter(contains(Column::Name, q)), &[Column::CreatedAt, Column::Id], Order::Desc, cursor, limit).await
}

pub(crate) async fn disable(db: &impl ConnectionTrait, key: Model, now: Millis) -> Result<()> {
    let mut row = key.into_active_model();
    row.disabled_at = Set(Some(At(now)));
    row.update(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn touch(db: &impl ConnectionTrait, key: &Model, now: Millis) -> Result<()> {
    if key.last_used_at.is_some_and(|at| now < at.0.plus(USED_EVERY)) {
        return Ok(());
    }
    let touched = Entity::update_many().col_expr(Column::LastUsedAt, Expr::value(At(now))).filter(Column::Id.eq(&key.id));
    touched.exec(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn names(db: &impl ConnectionTrait, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeMap<String, String>> {
    let mine = Column::Workspace.eq(i64::from(workspace.0)).and(Column::Id.is_in(ids));
    let found = Entity::find().filter(mine).all(db).await.map_err(db_error)?;
    Ok(found.into_iter().map(|key| (key.id, key.name)).collect())
}
