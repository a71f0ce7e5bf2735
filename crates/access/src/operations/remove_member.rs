//! Remove somebody from the workspace. Her sessions in it end; her name stays with what she did.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::json;
use weft_http_kit::{Answer, Caller, Done};

use super::change_member_role::{member_under, must_not_be_the_last};
use crate::Room;
use crate::domain::permission::Role;
use crate::store::{members, sessions};

pub(crate) async fn remove_member(State(room): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Done> {
    let mut unit = room.parts.rows.begin(&caller.scope, "remove_member", room.parts.clock.now()).await?;
    let member = member_under(&unit, &caller, &id).await?;
    let role = member.role()?;
    if role == Role::Administrator {
        must_not_be_the_last(&unit).await?;
    }
    unit.target(&id);
    unit.change(Some(json!({"role": role})), None);
    sessions::delete_of_user(unit.tx(), &id, Some(unit.workspace())).await?;
    members::delete(unit.tx(), member).await?;
    unit.commit().await?;
    room.access.forget();
    Ok(Json(Done {}))
}
