//! Who did what, newest first.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weft_context_kit::Parts;
use weft_http_kit::{Answer, Caller, QueryOf, items_on_a_page};
use weft_meta_store::audit_entry::Model;

use crate::kernel::{Millis, Page};
use crate::store::{Wanted, page_of};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Part of an operation, a target or an actor.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    actor: Option<String>,
    operation: Option<String>,
    target: Option<String>,
    /// From this moment on …
    #[param(value_type = Option<String>)]
    from: Option<Millis>,
    /// … and before this one.
    #[param(value_type = Option<String>)]
    to: Option<Millis>,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
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

pub(crate) async fn list_audit(State(parts): State<Parts>, caller: Caller, QueryOf(query): QueryOf<AuditQuery>) -> Answer<Page<EntryView>> {
    let wanted = Wanted { q: query.q, actor: query.actor, operation: query.operation, target: query.target, from: query.from, to: query.to };
    let page = page_of(parts.rows.connection(), caller.workspace(), &wanted, query.cursor.as_deref(), items_on_a_page(query.limit)).await?;
    let names = parts.names_of_actors(caller.workspace(), &page.items).await?;
    Ok(Json(page.map(|entry| EntryView::of(&entry, &names))))
}
