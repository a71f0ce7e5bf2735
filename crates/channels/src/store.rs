//! Providers as people configure them. Their secrets stay in rows and never reach the log.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::IntoActiveModel;
use serde_json::Value;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Rows, Table, Unit, db_error};

use crate::kernel::{Result, WorkspaceId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sending_providers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: String,
    /// `smtp`, `webhook`, `sms_aliyun`
    pub kind: String,
    pub config: Json<Value>,
    pub updated_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let providers = Table::new("sending_providers").workspace().text("channel").text("kind").json("config").millis("updated_at");
    vec![Migration::new("m0001_create_sending_providers").table(providers.primary(&["workspace", "channel"])).boxed()]
}

pub(crate) async fn put(unit: &Unit, channel: &str, kind: &str, config: Value) -> Result<()> {
    let model = Model { workspace: unit.workspace_column(), channel: channel.into(), kind: kind.into(), config: Json(config), updated_at: At(unit.now()) };
    Entity::insert(model.into_active_model())
        .on_conflict(OnConflict::columns([Column::Workspace, Column::Channel]).update_columns([Column::Kind, Column::Config, Column::UpdatedAt]).to_owned())
        .exec_without_returning(unit.tx())
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Removes the providers of all other channels.
pub(crate) async fn keep_only(unit: &Unit, channels: impl IntoIterator<Item = &String>) -> Result<()> {
    let others = Column::Channel.is_not_in(channels.into_iter().map(String::as_str));
    let mine = Column::Workspace.eq(unit.workspace_column());
    Entity::delete_many().filter(mine).filter(others).exec(unit.tx()).await.map_err(db_error)?;
    Ok(())
}

pub(crate) async fn all(rows: &Rows, workspace: WorkspaceId) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).all(rows.connection()).await.map_err(db_error)
}
