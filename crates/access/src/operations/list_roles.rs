//! The roles and what each of them may.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use weft_http_kit::Answer;

use crate::domain::permission::{ROLES, Role};
use crate::kernel::Page;

#[derive(Serialize, ToSchema)]
pub(crate) struct RoleView {
    role: Role,
    #[schema(value_type = Vec<String>)]
    permissions: &'static [&'static str],
}

pub(crate) async fn list_roles() -> Answer<Page<RoleView>> {
    Ok(Json(Page { items: ROLES.map(|(role, _, permissions)| RoleView { role, permissions }).into(), next: None }))
}
