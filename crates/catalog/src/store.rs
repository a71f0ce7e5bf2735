//! Tags of things as people edit them.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "catalog_tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    /// It never changes.
    pub name: String,
    /// The type of the things it is of; it never changes.
    pub of: String,
    pub title: String,
    pub category: String,
    pub owner: String,
    pub description: String,
    pub rule: Json<serde_json::Value>,
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
    let tags = Table::new("catalog_tags")
        .id()
        .workspace()
        .text("name")
        .text("of")
        .text("title")
        .text("category")
        .text("owner")
        .text("description")
        .json("rule")
        .integer("version")
        .text("state")
        .text("created_by")
        .millis("created_at")
        .millis("updated_at");
    vec![Migration::new("m0001_create_catalog_tags").table(tags.unique(&["workspace", "name"])).boxed()]
}
