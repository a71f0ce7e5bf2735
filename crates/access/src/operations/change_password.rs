//! Change one's own password. All sessions end; this one gets a new cookie.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use weft_http_kit::{Body, Caller};

use super::WithCookie;
use super::delete_session::session_token;
use super::wire::{SessionView, session_of};
use crate::Room;
use crate::cookie::Origin;
use crate::domain::password;
use crate::kernel::{Error, Sensitive};
use crate::store::{login_attempts, sessions, users};

#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPassword {
    #[schema(value_type = String, format = Password)]
    current_password: Sensitive<String>,
    #[schema(value_type = String, format = Password)]
    password: Sensitive<String>,
}

pub(crate) async fn change_password(State(room): State<Room>, caller: Caller, origin: Origin, Body(new): Body<NewPassword>) -> WithCookie<SessionView> {
    session_token(&caller, &origin)?;
    let (rows, now) = (&room.parts.rows, room.parts.clock.now());
    let id = caller.actor().to_string();
    let gone = || Error::unauthenticated("access.session_ended", "the session has ended; sign in again");
    let user = users::by_id(rows.connection(), &id).await?.ok_or_else(gone)?;
    // Whoever found an unlocked screen must not try passwords here at leisure.
    let attempt = login_attempts::count(rows.connection(), &id, "change_password", now).await?;
    if !room.access.verify(new.current_password.0, Some(user.password_hash.clone())).await? {
        return Err(Error::invalid("access.password_wrong", "the current password is wrong").field("current_password", "wrong").into());
    }
    password::must_be_strong("password", &new.password.0, &user.email)?;
    let hash = room.access.hash(new.password.0).await?;

    let mut unit = rows.begin(&caller.scope, "change_password", now).await?;
    unit.target(&id);
    let unchanged = users::by_id(unit.tx(), &id).await?.filter(|found| found.password_hash == user.password_hash);
    users::set_password(unit.tx(), unchanged.ok_or_else(gone)?, hash).await?;
    sessions::delete_of_user(unit.tx(), &id, None).await?;
    let (_, token) = sessions::insert(unit.tx(), caller.workspace(), &id, now).await?;
    login_attempts::forgive(unit.tx(), &attempt).await?;
    unit.commit().await?;
    room.access.forget();
    let workspace = caller.workspace();
    let permissions = caller.permissions.into_iter().collect();
    let view = session_of(&room, &caller.scope.actor, workspace, permissions).await?;
    Ok((origin.set(&token, &room.access.0.settings), Json(view)))
}
