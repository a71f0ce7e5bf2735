//! Add somebody to the workspace. Who has no account yet gets one, with a first password that is shown once.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use weft_http_kit::{Answer, Body, Caller};

use super::wire::MemberView;
use crate::Room;
use crate::domain::permission::{Role, must_hold_all};
use crate::domain::{email, secret, workspace};
use crate::kernel::{Error, Millis, Result};
use crate::store::{members, users};
use weft_meta_store::Unit;

#[derive(Deserialize, ToSchema)]
pub(crate) struct NewMember {
    email: String,
    /// The part before the @ when absent.
    name: Option<String>,
    role: Role,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct AddedMember {
    #[serde(flatten)]
    member: MemberView,
    /// For a new account: hand it over; shown here and never again. Absent when she has a password already.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_password: Option<String>,
}

pub(crate) async fn add_member(State(room): State<Room>, caller: Caller, Body(new): Body<NewMember>) -> Answer<AddedMember> {
    let email = email::parse(&new.email)?;
    let name = workspace::name("name", new.name.as_deref().unwrap_or(email::local_part(&email)))?;
    must_hold_all(&caller, new.role.permissions())?;
    let first_password = secret::token();
    // Before the unit, whether needed or not: nobody should wait for it.
    let hash = room.access.hash(first_password.clone()).await?;
    let now = room.parts.clock.now();
    let mut unit = room.parts.rows.begin(&caller.scope, "add_member", now).await?;
    let (user, is_new) = account(&unit, &email, &name, hash, now).await?;
    if members::find(unit.tx(), caller.workspace(), &user.id).await?.is_some() {
        return Err(Error::conflict("access.member_exists", "she works here already").field("email", "is a member already").into());
    }
    let member = members::insert(unit.tx(), caller.workspace(), &user.id, new.role, now).await?;
    unit.target(&user.id);
    unit.change(None, Some(json!({"role": new.role})));
    unit.commit().await?;
    Ok(Json(AddedMember { member: MemberView::of(user, &member)?, first_password: is_new.then_some(first_password) }))
}

/// The account of this address. One that works nowhere any more is as good as new: nobody may remember its password.
async fn account(unit: &Unit, email: &str, name: &str, hash: String, now: Millis) -> Result<(users::Model, bool)> {
    let Some(user) = users::by_email(unit.tx(), email).await? else {
        return Ok((users::insert(unit.tx(), email, name, hash, now).await?, true));
    };
    if !members::of_user(unit.tx(), &user.id).await?.is_empty() {
        return Ok((user, false));
    }
    users::set_password(unit.tx(), user.clone(), hash).await?;
    Ok((user, true))
}
