//! Sign out.

use axum::Json;
use axum::extract::State;
use weft_http_kit::{Caller, Done};

use super::WithCookie;
use crate::Room;
use crate::cookie::{self, Origin};
use crate::domain::secret;
use crate::kernel::{Error, Result};
use crate::store::sessions;

pub(crate) async fn delete_session(State(room): State<Room>, caller: Caller, origin: Origin) -> WithCookie<Done> {
    let now = room.parts.clock.now();
    let token = session_token(&caller, &origin)?;
    let mut unit = room.parts.rows.begin(&caller.scope, "delete_session", now).await?;
    if let Some(session) = sessions::by_digest(unit.tx(), &secret::digest(token), now).await? {
        unit.target(&session.id);
        sessions::delete(unit.tx(), session).await?;
    }
    unit.commit().await?;
    room.access.forget();
    Ok((origin.clear(&room.access.0.settings), Json(Done {})))
}

/// Only a session can be ended or have its password changed; a key has neither.
pub(crate) fn session_token<'a>(caller: &Caller, origin: &'a Origin) -> Result<&'a str> {
    let token = cookie::session(&origin.headers).filter(|_| caller.by_cookie);
    token.ok_or_else(|| Error::denied("access.session_needed", "this is for somebody who is signed in with a password, not for an API key"))
}
