//! Make an API key. It is shown once; nobody can give more than she may herself.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use weft_http_kit::{Answer, Body, Caller};

use crate::Room;
use crate::domain::permission::{must_be_permissions, must_hold_all};
use crate::domain::{secret, workspace};
use crate::store::api_keys;

#[derive(Deserialize, ToSchema)]
pub(crate) struct NewKey {
    name: String,
    /// `segments:read`, `segments:*`, `*`
    permissions: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKey {
    id: String,
    name: String,
    prefix: String,
    permissions: Vec<String>,
    /// Shown here and never again.
    key: String,
}

pub(crate) async fn create_key(State(room): State<Room>, caller: Caller, Body(new): Body<NewKey>) -> Answer<CreatedKey> {
    let name = workspace::name("name", &new.name)?;
    must_be_permissions(&new.permissions)?;
    must_hold_all(&caller, &new.permissions)?;
    let now = room.parts.clock.now();
    let key = secret::api_key();
    let mut unit = room.parts.rows.begin(&caller.scope, "create_key", now).await?;
    let new = api_keys::NewKey { workspace: caller.workspace(), name: &name, key: &key, permissions: new.permissions, by: caller.actor() };
    let row = api_keys::insert(unit.tx(), new, now).await?;
    unit.target(&row.id);
    unit.change(None, Some(json!({"name": row.name, "prefix": row.prefix, "permissions": row.permissions.0})));
    unit.commit().await?;
    Ok(Json(CreatedKey { id: row.id, name: row.name, prefix: row.prefix, permissions: row.permissions.0, key }))
}
