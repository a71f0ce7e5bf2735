//! The roles and what each of them may.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use weft_http_kit::Answer;

use crate::domain::permission::{ROLES, Role};

#[derive(Serialize, ToSchema)]
pub(crate) struct RoleView {
    role: Role,
    #[schema(value_type = Vec<String>)]
    permissions: &'static [&'static str],
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RoleList {
    items: Vec<RoleView>,
}

pub(crate) async fn list_roles() -> Answer<RoleList> {
    Ok(Json(RoleList { items: ROLES.map(|(role, _, permissions)| RoleView { role, permissions }).into() }))
}
