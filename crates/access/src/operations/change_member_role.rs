//! Give a member another role. A workspace always keeps an administrator.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use weft_http_kit::{Answer, Body, Caller};
use weft_meta_store::Unit;

use super::wire::MemberView;
use crate::Room;
use crate::domain::permission::{Role, must_hold_all};
use crate::kernel::{Error, Result};
use crate::store::{members, users};

#[derive(Deserialize, ToSchema)]
pub(crate) struct NewRole {
    role: Role,
}

pub(crate) async fn change_member_role(State(room): State<Room>, caller: Caller, Path(id): Path<String>, Body(new): Body<NewRole>) -> Answer<MemberView> {
    let mut unit = room.parts.rows.begin(&caller.scope, "change_member_role", room.parts.clock.now()).await?;
    let member = member_under(&unit, &caller, &id).await?;
    must_hold_all(&caller, new.role.permissions())?;
    let before = member.role()?;
    if before == Role::Administrator && new.role != Role::Administrator {
        must_not_be_the_last(&unit).await?;
    }
    unit.target(&id);
    unit.change(Some(json!({"role": before})), Some(json!({"role": new.role})));
    members::set_role(unit.tx(), member.clone(), new.role).await?;
    let user = users::by_id(unit.tx(), &id).await?.ok_or_else(absent)?;
    unit.commit().await?;
    room.access.forget();
    let member = members::Model { role: new.role.name().to_owned(), ..member };
    Ok(Json(MemberView::of(user, &member)?))
}

fn absent() -> Error {
    Error::not_found("access.member_not_found", "nobody with this id works here")
}

/// A member of the caller's workspace who may no more than the caller.
pub(crate) async fn member_under(unit: &Unit, caller: &Caller, id: &str) -> Result<members::Model> {
    let member = members::find(unit.tx(), unit.workspace(), id).await?.ok_or_else(absent)?;
    must_hold_all(caller, member.role()?.permissions())?;
    Ok(member)
}

pub(crate) async fn must_not_be_the_last(unit: &Unit) -> Result<()> {
    match members::administrators(unit.tx(), unit.workspace()).await? {
        0 | 1 => Err(Error::conflict("access.last_administrator", "a workspace keeps at least one administrator; name another first")),
        _ => Ok(()),
    }
}
