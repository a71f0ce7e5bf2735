//! Sign in. Five wrong passwords in a quarter of an hour lock the account for that place as long.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use weft_http_kit::Body;

use super::WithCookie;
use super::wire::SessionView;
use crate::Room;
use crate::authorizer::workspace;
use crate::cookie::Origin;
use crate::kernel::{Actor, Error, Result, Scope, Sensitive, UserId};
use crate::store::{login_attempts, members, sessions, users, workspaces};

#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Sensitive<String>,
    /// `wsp_2`, for whoever works in several; the oldest when absent.
    workspace: Option<String>,
}

pub(crate) async fn create_session(State(room): State<Room>, origin: Origin, Body(sign_in): Body<SignIn>) -> WithCookie<SessionView> {
    origin.refuse_foreign_pages()?;
    let (rows, now) = (&room.parts.rows, room.parts.clock.now());
    let db = rows.connection();
    let email = sign_in.email.trim().to_lowercase();
    let attempt = login_attempts::count(db, &email, &origin.place(&room.access.0.settings), now).await?;

    let user = users::by_email(db, &email).await?;
    let right = room.access.verify(sign_in.password.0, user.as_ref().map(|u| u.password_hash.clone())).await?;
    let member = match &user {
        Some(user) => choose(members::of_user(db, &user.id).await?, sign_in.workspace.as_deref()),
        None => None,
    };
    let (Some(user), Some(member), true) = (&user, &member, right) else {
        if let (true, Some(user), Some(member)) = (attempt.last, &user, &member) {
            record_lock_out(&room, user, member).await?;
        }
        return Err(failed().into());
    };

    let scope = Scope { workspace: workspace(member.workspace), actor: Actor::User(UserId(user.id.clone())) };
    let mut unit = rows.begin(&scope, "create_session", now).await?;
    // While the password was being compared, it may have been changed.
    let unchanged = users::by_id(unit.tx(), &user.id).await?.filter(|found| found.password_hash == user.password_hash);
    let role = members::find(unit.tx(), scope.workspace, &user.id).await?;
    let (Some(user), Some(role)) = (unchanged, role) else { return Err(failed().into()) };
    sessions::sweep(unit.tx(), now).await?;
    let (session, token) = sessions::insert(unit.tx(), scope.workspace, &user.id, now).await?;
    login_attempts::forgive(unit.tx(), &attempt).await?;
    let space = workspaces::get(unit.tx(), scope.workspace).await?;
    unit.target(&session.id);
    unit.commit().await?;
    Ok((origin.set(&token, &room.access.0.settings), Json(SessionView::of(&room, user, space, role.role()?))))
}

/// The same words whatever was wrong: who has an account is nobody's business.
fn failed() -> Error {
    Error::unauthenticated("access.login_failed", "e-mail or password is wrong")
}

fn choose(memberships: Vec<members::Model>, wanted: Option<&str>) -> Option<members::Model> {
    match wanted {
        None => memberships.into_iter().next(),
        Some(id) => memberships.into_iter().find(|m| workspace(m.workspace).to_string() == id),
    }
}

async fn record_lock_out(room: &Room, user: &users::Model, member: &members::Model) -> Result<()> {
    let scope = Scope { workspace: workspace(member.workspace), actor: Actor::System };
    let mut unit = room.parts.rows.begin(&scope, "lock_out", room.parts.clock.now()).await?;
    unit.target(&user.id);
    unit.change(None, Some(json!({"reason": "wrong_passwords"})));
    unit.commit().await?;
    Ok(())
}
