//! Who is signed in. Of the token only the SHA-256 is kept.

use sea_orm::entity::prelude::*;
use sea_orm::{Condition, IntoActiveModel};
use weft_meta_store::{At, db_error};

use crate::domain::secret;
use crate::domain::session::{ABSOLUTE, IDLE};
use crate::kernel::id::base32;
use crate::kernel::{Millis, Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Names it in the audit; opens nothing.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub digest: String,
    pub user: String,
    pub workspace: i64,
    pub created_at: At,
    pub last_seen_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

const SEEN_EVERY: i64 = Millis::MINUTE;

/// A new session and its token, which nobody can see again.
pub(crate) async fn insert(db: &impl ConnectionTrait, workspace: WorkspaceId, user: &str, now: Millis) -> Result<(Model, String)> {
    let token = secret::token();
    let model = Model {
        id: format!("ses_{}", base32(rand::random())),
        digest: secret::digest(&token),
        user: user.to_owned(),
        workspace: workspace.0.into(),
        created_at: At(now),
        last_seen_at: At(now),
    };
    Entity::insert(model.clone().into_active_model()).exec_without_returning(db).await.map_err(db_error)?;
    Ok((model, token))
}

/// A session that has not ended, neither by idleness nor by age.
pub(crate) async fn by_digest(db: &impl ConnectionTrait, digest: &str, now: Millis) -> Result<Option<Model>> {
    let found = Entity::find().filter(Column::Digest.eq(digest)).one(db).await.map_err(db_error)?;
    Ok(found.filter(|s| now < s.last_seen_at.0.plus(IDLE) && now < s.created_at.0.plus(ABSOLUTE)))
}

pub(crate) async fn touch(db: &impl ConnectionTrait, session: &Model, now: Millis) -> Result<()> {
    if now < session.last_seen_at.0.plus(SEEN_EVERY) {
        return Ok(());
    }
    let touched = Entity::update_many().col_expr(Column::LastSeenAt, Expr::value(At(now))).filter(Column::Id.eq(&session.id));
    touched.exec(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn delete(db: &impl ConnectionTrait, session: Model) -> Result<()> {
    session.delete(db).await.map_err(db_error)?;
    Ok(())
}

/// In one workspace, or everywhere.
pub(crate) async fn delete_of_user(db: &impl ConnectionTrait, user: &str, workspace: Option<WorkspaceId>) -> Result<()> {
    let mut all = Condition::all().add(Column::User.eq(user));
    if let Some(workspace) = workspace {
        all = all.add(Column::Workspace.eq(i64::from(workspace.0)));
    }
    Entity::delete_many().filter(all).exec(db).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn sweep(db: &impl ConnectionTrait, now: Millis) -> Result<()> {
    let ended = Condition::any().add(Column::LastSeenAt.lte(At(now.minus(IDLE)))).add(Column::CreatedAt.lte(At(now.minus(ABSOLUTE))));
    Entity::delete_many().filter(ended).exec(db).await.map_err(db_error)?;
    Ok(())
}
