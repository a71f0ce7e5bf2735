//! The API keys of the workspace, newest first. Never the keys themselves.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use weft_http_kit::{Answer, Caller, ListQuery, QueryOf};

use crate::Room;
use crate::kernel::{Millis, Page};
use crate::store::api_keys;

#[derive(Serialize, ToSchema)]
pub(crate) struct KeyView {
    id: String,
    name: String,
    /// How the key begins.
    prefix: String,
    permissions: Vec<String>,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Millis,
    /// To the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Millis>,
}

impl From<api_keys::Model> for KeyView {
    fn from(row: api_keys::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            permissions: row.permissions.0,
            created_by: row.created_by,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(Into::into),
        }
    }
}

pub(crate) async fn list_keys(State(room): State<Room>, caller: Caller, QueryOf(list): QueryOf<ListQuery>) -> Answer<Page<KeyView>> {
    let page = api_keys::page_of(room.parts.rows.connection(), caller.workspace(), &list.q, list.cursor.as_deref(), list.limit()).await?;
    Ok(Json(page.map(KeyView::from)))
}
