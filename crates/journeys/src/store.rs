//! Journeys as people edit them: the draft, and the version that was published last.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "journeys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    /// `draft`, `running`, `paused`, `stopped`
    pub state: String,
    /// Of what is published; 0 before.
    pub version: i64,
    pub draft: Json<serde_json::Value>,
    pub published: Option<Json<serde_json::Value>>,
    pub created_by: String,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let journeys = Table::new("journeys")
        .id()
        .workspace()
        .text("name")
        .text("state")
        .integer("version")
        .json("draft")
        .json_or_null("published")
        .text("created_by")
        .millis("created_at")
        .millis("updated_at");
    vec![Migration::new("m0001_create_journeys").table(journeys.unique(&["workspace", "name"])).boxed()]
}
