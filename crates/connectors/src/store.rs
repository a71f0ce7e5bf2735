//! Imports as rows: what was asked for, and what became of it.

use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order, QueryOrder};
use weft_meta_store::{At, Json, Migration, MigrationTrait, Rows, Table, Unit, contains, db_error, page};

use crate::kernel::{Error, Millis, Page, Result, Scope, WorkspaceId};
use crate::mapping::Mapping;

pub const RUNNING: &str = "running";
pub const DONE: &str = "done";
pub const FAILED: &str = "failed";
pub const CANCELLED: &str = "cancelled";

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    /// `orders`, `events`, `people` or `things`
    pub kind: String,
    /// As the sender called it.
    pub file: String,
    /// As it lies in the folder of the import, until it is done.
    pub stored_as: String,
    pub mapping: Json<Mapping>,
    /// `running`, `done`, `failed` or `cancelled`
    pub state: String,
    pub counts: Json<Counts>,
    pub notes: Json<Vec<String>>,
    /// Name of the file of rejected rows in the folder of the import.
    pub rejected_file: Option<String>,
    pub error_code: Option<String>,
    pub error: Option<String>,
    pub created_by: String,
    pub created_at: At,
    pub finished_at: Option<At>,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    pub rows: u64,
    pub total_rows: Option<u64>,
    pub accepted: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub events: u64,
    pub people_created: u64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let imports = Table::new("imports")
        .id()
        .workspace()
        .text("kind")
        .text("file")
        .text("stored_as")
        .json("mapping")
        .text("state")
        .json("counts")
        .json("notes")
        .text_or_null("rejected_file")
        .text_or_null("error_code")
        .text_or_null("error")
        .text("created_by")
        .millis("created_at")
        .millis_or_null("finished_at");
    vec![Migration::new("m0001_create_imports").table(imports.index(&["workspace", "created_at"])).boxed()]
}

pub fn missing() -> Error {
    Error::not_found("connectors.import_not_found", "there is no such import")
}

/// Newest first; `q` is a part of the file's name.
pub async fn list(rows: &Rows, workspace: WorkspaceId, q: &str, cursor: Option<&str>, limit: usize) -> Result<Page<Model>> {
    let mine = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(contains(Column::File, q));
    page(rows.connection(), mine, &[Column::CreatedAt, Column::Id], Order::Desc, cursor, limit).await
}

pub async fn find(rows: &Rows, workspace: WorkspaceId, id: &str) -> Result<Model> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(i64::from(workspace.0)));
    mine.one(rows.connection()).await.map_err(db_error)?.ok_or_else(missing)
}

/// All that were running when the house was left.
pub async fn running(rows: &Rows) -> Result<Vec<Model>> {
    Entity::find().filter(Column::State.eq(RUNNING)).order_by_asc(Column::CreatedAt).all(rows.connection()).await.map_err(db_error)
}

pub async fn insert(rows: &Rows, scope: &Scope, now: Millis, row: Model) -> Result<()> {
    let mut unit = rows.begin(scope, "create_import", now).await?;
    unit.target(&row.id);
    unit.change(None, Some(serde_json::json!({"kind": row.kind, "file": row.file, "mapping": row.mapping.0})));
    Entity::insert(row.into_active_model()).exec_without_returning(unit.tx()).await.map_err(db_error)?;
    unit.commit().await?;
    Ok(())
}

/// How an import ended.
pub struct Ending {
    pub state: &'static str,
    pub counts: Counts,
    pub notes: Vec<String>,
    pub rejected_file: Option<String>,
    pub error: Option<Error>,
}

/// Writes the ending of an import that is running; one that has ended keeps its ending.
pub async fn finish(rows: &Rows, scope: &Scope, now: Millis, id: &str, ending: Ending) -> Result<()> {
    let mut unit = rows.begin(scope, "finish_import", now).await?;
    let Some(found) = still_running(&unit, id).await? else { return Ok(()) };
    unit.target(id);
    unit.change(Some(serde_json::json!({"state": found.state})), Some(serde_json::json!({"state": ending.state, "counts": ending.counts})));
    let mut row = found.into_active_model();
    row.state = sea_orm::Set(ending.state.to_owned());
    row.counts = sea_orm::Set(Json(ending.counts));
    row.notes = sea_orm::Set(Json(ending.notes));
    row.rejected_file = sea_orm::Set(ending.rejected_file);
    row.error_code = sea_orm::Set(ending.error.as_ref().map(|e| e.code.to_owned()));
    row.error = sea_orm::Set(ending.error.map(|e| e.detail));
    row.finished_at = sea_orm::Set(Some(At(now)));
    row.update(unit.tx()).await.map_err(db_error)?;
    unit.commit().await?;
    Ok(())
}

async fn still_running(unit: &Unit, id: &str) -> Result<Option<Model>> {
    let mine = Entity::find_by_id(id).filter(Column::Workspace.eq(unit.workspace_column())).filter(Column::State.eq(RUNNING));
    mine.one(unit.tx()).await.map_err(db_error)
}
