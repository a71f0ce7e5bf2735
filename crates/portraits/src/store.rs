//! Portraits as they were drawn.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "portraits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    /// Of a segment; empty when it is of a condition.
    pub segment: String,
    pub condition: Json<serde_json::Value>,
    /// The segment it is compared with; empty for everybody else.
    pub against: String,
    /// `running`, `done`, `failed` or `cancelled`
    pub state: String,
    pub error: Option<String>,
    pub started_by: String,
    pub started_at: At,
    pub finished_at: Option<At>,
    pub result: Json<serde_json::Value>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let portraits = Table::new("portraits")
        .id()
        .workspace()
        .text("segment")
        .json("condition")
        .text("against")
        .text("state")
        .text_or_null("error")
        .text("started_by")
        .millis("started_at")
        .millis_or_null("finished_at")
        .json("result");
    vec![Migration::new("m0001_create_portraits").table(portraits.index(&["workspace", "segment", "started_at"])).boxed()]
}
