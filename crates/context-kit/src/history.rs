//! What was done to a thing, for the rooms that show it beside the thing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::Order;
use sea_orm::entity::prelude::*;
use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_meta_store::audit_entry::{Column, Entity, Model};
use weft_meta_store::page;

use crate::Parts;
use crate::kernel::{Error, Millis, Page, Result, WorkspaceId};

/// Who acts in a workspace. Lent by `access`.
#[async_trait::async_trait]
pub trait Actors: Send + Sync {
    /// Names for ids of actors; ids it does not know are simply left out.
    async fn names(&self, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeMap<String, String>>;
    /// Which of these users work in the workspace now.
    async fn members(&self, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeSet<String>>;
}

pub type ActorNames = Arc<dyn Actors>;

/// Nobody has a name: for rooms that are tried alone.
pub fn nameless() -> ActorNames {
    struct Nobody;
    #[async_trait::async_trait]
    impl Actors for Nobody {
        async fn names(&self, _: WorkspaceId, _: &[String]) -> Result<BTreeMap<String, String>> {
            Ok(BTreeMap::new())
        }
        async fn members(&self, _: WorkspaceId, _: &[String]) -> Result<BTreeSet<String>> {
            Ok(BTreeSet::new())
        }
    }
    Arc::new(Nobody)
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
        self.names.names(workspace, &ids).await
    }

    /// Refuses, by a code of the room's own, users who do not work in the workspace.
    pub async fn refuse_strangers(&self, workspace: WorkspaceId, field: &str, users: &[String], code: &'static str) -> Result<()> {
        let members = self.names.members(workspace, users).await?;
        match users.iter().find(|user| !members.contains(*user)) {
            None => Ok(()),
            Some(stranger) => Err(Error::invalid(code, format!("{stranger} does not work in this workspace")).field(field, "is no member").param("user", stranger)),
        }
    }
}
