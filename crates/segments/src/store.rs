//! Segments as people edit them.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

use crate::sample::Sample;
use crate::sharing::Sharing;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    pub description: String,
    /// `rule`, `list` or `sample`
    pub kind: String,
    /// Null for what is no rule.
    pub condition: Json<serde_json::Value>,
    pub version: i64,
    /// `active` or `archived`
    pub state: String,
    pub created_by: String,
    /// Who made it, until it is handed to somebody else.
    pub owner: String,
    pub sharing: Json<Sharing>,
    /// `exclusion` or `control`
    pub pool: Option<String>,
    /// Null for what is no sample.
    pub sample: Json<Option<Sample>>,
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
        Migration::new("m0003_add_owner_and_sharing")
            .sql("ALTER TABLE segments ADD COLUMN owner text NOT NULL DEFAULT ''")
            .sql("UPDATE segments SET owner = created_by")
            .sql(r#"ALTER TABLE segments ADD COLUMN sharing text NOT NULL DEFAULT '{"with":"workspace","can":"edit"}'"#)
            .boxed(),
        Migration::new("m0004_add_pools")
            .sql("ALTER TABLE segments ADD COLUMN pool text")
            .sql("ALTER TABLE segments ADD COLUMN sample text NOT NULL DEFAULT 'null'")
            .boxed(),
    ]
}
