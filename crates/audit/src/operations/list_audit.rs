//! Who did what, newest first.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weft_http_kit::{Answer, Caller, ListQuery, QueryOf};
use weft_meta_store::audit_entry::Model;

use crate::Room;
use crate::kernel::{Millis, Result, WorkspaceId};
use crate::store::{Wanted, page_of};

#[derive(Deserialize)]
pub(crate) struct AuditQuery {
    #[serde(default)]
    q: String,
    actor: Option<String>,
    operation: Option<String>,
    target: Option<String>,
    from: Option<Millis>,
    to: Option<Millis>,
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntryView {
    /// Its number in the workspace's chain.
    id: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Millis,
    /// `usr_…`, `key_…` or `system`
    actor: String,
    /// Absent when nobody knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<String>,
    /// The operation's id, as in the API's document.
    operation: String,
    target: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntryList)]
pub(crate) struct EntryList {
    items: Vec<EntryView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl EntryView {
    pub fn of(entry: &Model, names: &BTreeMap<String, String>) -> Self {
        Self {
            id: entry.number,
            at: Millis(entry.at),
            actor: entry.actor.clone(),
            actor_name: names.get(&entry.actor).cloned(),
            operation: entry.operation.clone(),
            target: entry.target.clone(),
        }
    }
}

pub(crate) async fn list_audit(State(room): State<Room>, caller: Caller, QueryOf(query): QueryOf<AuditQuery>) -> Answer<EntryList> {
    let list = ListQuery { q: query.q.clone(), limit: query.limit, cursor: query.cursor };
    let wanted = Wanted { q: query.q, actor: query.actor, operation: query.operation, target: query.target, from: query.from, to: query.to };
    let page = page_of(room.parts.rows.connection(), caller.workspace(), &wanted, list.cursor.as_deref(), list.limit()).await?;
    let names = names_of(&room, caller.workspace(), &page.items).await?;
    let page = page.map(|entry| EntryView::of(&entry, &names));
    Ok(Json(EntryList { items: page.items, next: page.next }))
}

pub(crate) async fn names_of(room: &Room, workspace: WorkspaceId, entries: &[Model]) -> Result<BTreeMap<String, String>> {
    let mut ids: Vec<String> = entries.iter().map(|entry| entry.actor.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    (room.names)(workspace, ids).await
}
