//! Disable an API key. The next request with it is refused.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::json;
use weft_http_kit::{Answer, Caller, Done};

use crate::Room;
use crate::kernel::Error;
use crate::store::api_keys;

pub(crate) async fn delete_key(State(room): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Done> {
    let now = room.parts.clock.now();
    let mut unit = room.parts.rows.begin(&caller.scope, "delete_key", now).await?;
    let absent = || Error::not_found("access.key_not_found", "there is no such API key");
    let key = api_keys::find(unit.tx(), caller.workspace(), &id).await?.ok_or_else(absent)?;
    unit.target(&id);
    unit.change(Some(json!({"name": key.name, "prefix": key.prefix, "permissions": key.permissions.0})), None);
    api_keys::disable(unit.tx(), key, now).await?;
    unit.commit().await?;
    room.access.forget();
    Ok(Json(Done {}))
}
