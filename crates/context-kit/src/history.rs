//! What was done to a thing, for the rooms that show it beside the thing.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use sea_orm::Order;
use sea_orm::entity::prelude::*;
use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_meta_store::audit_entry::{Column, Entity, Model};
use weft_meta_store::page;

use crate::Parts;
use crate::kernel::{Millis, Page, Result, WorkspaceId};

/// Names for the ids of actors in a workspace; ids it does not know are simply left out. Lent by `access`.
pub type ActorNames = Arc<dyn Fn(WorkspaceId, Vec<String>) -> FoundNames + Send + Sync>;
pub type FoundNames = Pin<Box<dyn Future<Output = Result<BTreeMap<String, String>>> + Send>>;

/// Nobody has a name: for rooms that are tried alone.
pub fn nameless() -> ActorNames {
    Arc::new(|_, _| Box::pin(async { Ok(BTreeMap::new()) }))
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HistoryEntry {
    #[schema(value_type = String)]
    pub at: Millis,
    /// `usr_…`, `key_…` or `system`
    pub actor: String,
    /// Null when nobody knows it.
    pub actor_name: Option<String>,
    /// The operation, as in the audit.
    pub what: String,
}

impl Parts {
    /// What was done to a thing, newest first.
    pub async fn history(&self, workspace: WorkspaceId, target: &str, cursor: Option<&str>, limit: usize) -> Result<Page<HistoryEntry>> {
        let done = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(Column::Target.eq(target));
        let found = page(self.rows.connection(), done, &[Column::Number], Order::Desc, cursor, limit).await?;
        let names = self.names_of_actors(workspace, &found.items).await?;
        Ok(found.map(|e| HistoryEntry { at: Millis(e.at), actor_name: names.get(&e.actor).cloned(), actor: e.actor, what: e.operation }))
    }

    /// Names of those who did it.
    pub async fn names_of_actors(&self, workspace: WorkspaceId, entries: &[Model]) -> Result<BTreeMap<String, String>> {
        let mut ids: Vec<String> = entries.iter().map(|entry| entry.actor.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        (self.names)(workspace, ids).await
    }
}
