//! Reading the entries that units of work have written.

use sea_orm::entity::prelude::*;
use sea_orm::{Condition, Order};
use weft_meta_store::audit_entry::{Column, Entity, Model};
use weft_meta_store::{contains, db_error, page};

use crate::kernel::{Millis, Page, Result, WorkspaceId};

/// What to look for; what is empty or absent does not matter.
#[derive(Default)]
pub(crate) struct Wanted {
    pub q: String,
    pub actor: Option<String>,
    pub operation: Option<String>,
    pub target: Option<String>,
    /// From this moment on …
    pub from: Option<Millis>,
    /// … and before this one.
    pub to: Option<Millis>,
}

impl Wanted {
    fn condition(&self, workspace: WorkspaceId) -> Condition {
        let exact = |column: Column, wanted: &Option<String>| wanted.as_ref().filter(|text| !text.is_empty()).map(|text| column.eq(text.as_str()));
        let mut all = Condition::all()
            .add(Column::Workspace.eq(i64::from(workspace.0)))
            .add_option(exact(Column::Actor, &self.actor))
            .add_option(exact(Column::Operation, &self.operation))
            .add_option(exact(Column::Target, &self.target))
            .add_option(self.from.map(|at| Column::At.gte(at.0)))
            .add_option(self.to.map(|at| Column::At.lt(at.0)));
        if !self.q.is_empty() {
            let anywhere = [Column::Operation, Column::Target, Column::Actor].map(|column| contains(column, &self.q));
            all = all.add(anywhere.into_iter().fold(Condition::any(), Condition::add));
        }
        all
    }
}

/// Newest first.
pub(crate) async fn page_of(db: &impl ConnectionTrait, workspace: WorkspaceId, wanted: &Wanted, cursor: Option<&str>, limit: usize) -> Result<Page<Model>> {
    page(db, Entity::find().filter(wanted.condition(workspace)), &[Column::Number], Order::Desc, cursor, limit).await
}

pub(crate) async fn find(db: &impl ConnectionTrait, workspace: WorkspaceId, number: i64) -> Result<Option<Model>> {
    let mine = Condition::all().add(Column::Workspace.eq(i64::from(workspace.0))).add(Column::Number.eq(number));
    Entity::find().filter(mine).one(db).await.map_err(db_error)
}
