//! Templates as people edit them.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

use crate::template::Body;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "templates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    pub channel: String,
    pub body: Json<Body>,
    pub version: i64,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let templates =
        Table::new("templates").id().workspace().text("name").text("channel").json("body").integer("version").millis("created_at").millis("updated_at");
    vec![Migration::new("m0001_create_templates").table(templates.unique(&["workspace", "name"])).boxed()]
}
