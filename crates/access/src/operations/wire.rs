//! Shapes that several operations answer with.

use serde::Serialize;
use utoipa::ToSchema;

use crate::Room;
use crate::domain::permission::Role;
use crate::kernel::{Actor, Millis, Result, WorkspaceId};
use crate::store::{members, users, workspaces};

#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    pub id: String,
    pub email: String,
    pub name: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WorkspaceView {
    pub id: String,
    pub name: String,
    /// IANA, such as Asia/Shanghai.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Absent when an API key asks.
    pub user: Option<UserView>,
    pub workspace: WorkspaceView,
    /// `*`, `room:*` or `room:verb`, in order.
    pub permissions: Vec<String>,
    /// In `weft demo`: nothing here is real.
    pub demo: bool,
}

impl SessionView {
    pub fn of(room: &Room, user: users::Model, workspace: workspaces::Model, role: Role) -> Self {
        let mut permissions: Vec<String> = role.permissions().iter().map(|p| (*p).to_owned()).collect();
        permissions.sort_unstable();
        Self { user: Some(user.into()), workspace: workspace.into(), permissions, demo: room.access.0.settings.demo }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
}

impl MemberView {
    pub fn of(user: users::Model, member: &members::Model) -> Result<Self> {
        Ok(Self { id: user.id, email: user.email, name: user.name, role: member.role()?, since: member.created_at.0 })
    }
}

impl From<users::Model> for UserView {
    fn from(user: users::Model) -> Self {
        Self { id: user.id, email: user.email, name: user.name }
    }
}

impl From<workspaces::Model> for WorkspaceView {
    fn from(row: workspaces::Model) -> Self {
        let id = crate::authorizer::workspace(row.id).to_string();
        Self { id, name: row.name, time_zone: row.time_zone, currency: row.currency }
    }
}

/// Who asks, as she is shown to herself.
pub(crate) async fn session_of(room: &Room, actor: &Actor, workspace: WorkspaceId, permissions: Vec<String>) -> Result<SessionView> {
    let db = room.parts.rows.connection();
    let user = match actor {
        Actor::User(id) => users::by_id(db, id.as_str()).await?.map(UserView::from),
        Actor::ApiKey(_) | Actor::System => None,
    };
    let workspace = workspaces::get(db, workspace).await?.into();
    Ok(SessionView { user, workspace, permissions, demo: room.access.0.settings.demo })
}
