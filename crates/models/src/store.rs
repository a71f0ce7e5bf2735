//! Models as people edit them, and what their runs found.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, Json, Migration, MigrationTrait, Table};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "models")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    /// Also the name of the tag it writes; it never changes.
    pub name: String,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub population: Json<serde_json::Value>,
    pub features: Json<serde_json::Value>,
    pub settings: Json<serde_json::Value>,
    /// `never`, `day` or `week`
    pub every: String,
    pub tag: String,
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

/// What came of a run.
pub mod runs {
    use sea_orm::entity::prelude::*;
    use weft_meta_store::{At, Json};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "model_runs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub workspace: i64,
        pub model: String,
        /// `done`, `failed` or `cancelled`
        pub state: String,
        pub people: i64,
        /// People whose value it changed.
        pub tagged: i64,
        pub error: Option<String>,
        pub started_by: String,
        pub started_at: At,
        pub finished_at: At,
        pub result: Json<serde_json::Value>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let models = Table::new("models")
        .id()
        .workspace()
        .text("name")
        .text("title")
        .text("description")
        .text("kind")
        .json("population")
        .json("features")
        .json("settings")
        .text("every")
        .text("tag")
        .integer("version")
        .text("state")
        .text("created_by")
        .millis("created_at")
        .millis("updated_at");
    let runs = Table::new("model_runs")
        .id()
        .workspace()
        .text("model")
        .text("state")
        .integer("people")
        .integer("tagged")
        .text_or_null("error")
        .text("started_by")
        .millis("started_at")
        .millis("finished_at")
        .json("result");
    vec![
        Migration::new("m0001_create_models").table(models.unique(&["workspace", "name"])).boxed(),
        Migration::new("m0002_create_model_runs").table(runs.index(&["workspace", "model", "started_at"])).boxed(),
    ]
}
