//! Segments as people edit them.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    pub description: String,
    /// `rule` or `list`
    pub kind: String,
    /// Null for a list.
    pub condition: Json<serde_json::Value>,
    pub version: i64,
    /// `active` or `archived`
    pub state: String,
    pub created_by: String,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let segments = Table::new("segments")
        .id()
        .workspace()
        .text("name")
        .text("description")
        .json("condition")
        .integer("version")
        .text("state")
        .text("created_by")
        .millis("created_at")
        .millis("updated_at");
    vec![
        Migration::new("m0001_create_segments").table(segments.unique(&["workspace", "name"])).boxed(),
        Migration::new("m0002_add_kind").sql("ALTER TABLE segments ADD COLUMN kind text NOT NULL DEFAULT 'rule'").boxed(),
    ]
}
