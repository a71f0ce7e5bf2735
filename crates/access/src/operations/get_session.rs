//! Who am I, and what may I?

use axum::Json;
use axum::extract::State;
use weft_http_kit::{Answer, Caller};

use super::wire::{SessionView, session_of};
use crate::Room;

pub(crate) async fn get_session(State(room): State<Room>, caller: Caller) -> Answer<SessionView> {
    let workspace = caller.workspace();
    let permissions = caller.permissions.into_iter().collect();
    Ok(Json(session_of(&room, &caller.scope.actor, workspace, permissions).await?))
}
