//! Pairs and searches as rows.

use sea_orm::entity::prelude::*;
use weft_meta_store::{Migration, MigrationTrait, Table};

/// Two people who are probably one.
pub(crate) mod pairs {
    use sea_orm::entity::prelude::*;
    use weft_meta_store::{At, Json};

    pub(crate) const OPEN: &str = "open";
    pub(crate) const JOINED: &str = "joined";
    pub(crate) const APART: &str = "apart";

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "duplicate_pairs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub workspace: i64,
        pub a: String,
        pub b: String,
        /// Parts of a million, so that it sorts and no figure is a float.
        pub probability: i64,
        pub parts: Json<serde_json::Value>,
        /// `open`, `joined` or `apart`
        pub state: String,
        pub found_at: At,
        pub decided_by: Option<String>,
        pub decided_at: Option<At>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The last search of a workspace.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "duplicate_searches")]
pub struct Model {
    /// The workspace: one row each.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace: i64,
    /// `done`, `cancelled` or `failed`
    pub state: String,
    pub people: i64,
    pub pairs: i64,
    /// Pairs beyond what is kept.
    pub left_out: i64,
    pub compared: i64,
    pub error: Option<String>,
    pub started_by: String,
    pub started_at: weft_meta_store::At,
    pub finished_at: weft_meta_store::At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let pairs = Table::new("duplicate_pairs")
        .id()
        .workspace()
        .text("a")
        .text("b")
        .integer("probability")
        .json("parts")
        .text("state")
        .millis("found_at")
        .text_or_null("decided_by")
        .millis_or_null("decided_at");
    let searches = Table::new("duplicate_searches")
        .workspace()
        .text("state")
        .integer("people")
        .integer("pairs")
        .integer("left_out")
        .integer("compared")
        .text_or_null("error")
        .text("started_by")
        .millis("started_at")
        .millis("finished_at");
    vec![
        Migration::new("m0001_create_duplicate_pairs").table(pairs.index(&["workspace", "state", "probability"])).boxed(),
        Migration::new("m0002_create_duplicate_searches").table(searches.primary(&["workspace"])).boxed(),
    ]
}
