//! Tags as people edit them.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    /// What conditions call it.
    pub name: String,
    pub title: String,
    pub category: String,
    pub description: String,
    pub rule: Json<serde_json::Value>,
    pub version: i64,
    /// `active` or `archived`
    pub state: String,
    pub created_by: String,
    /// Who made it, until it is handed to somebody else.
    pub owner: String,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let tags = Table::new("tags")
        .id()
        .workspace()
        .text("name")
        .text("title")
        .text("category")
        .text("description")
        .json("rule")
        .integer("version")
        .text("state")
        .text("created_by")
        .millis("created_at")
        .millis("updated_at");
    vec![
        Migration::new("m0001_create_tags").table(tags.unique(&["workspace", "name"])).boxed(),
        Migration::new("m0002_add_owner").sql("ALTER TABLE tags ADD COLUMN owner text NOT NULL DEFAULT ''").sql("UPDATE tags SET owner = created_by").boxed(),
    ]
}
