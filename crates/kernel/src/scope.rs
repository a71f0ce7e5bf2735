//! Whose data, and who asks.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, UserId, WorkspaceId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    User(UserId),
    ApiKey(ApiKeyId),
    /// The house itself: jobs, the demo, the command line on the machine.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::User(id) => write!(f, "{id}"),
            Actor::ApiKey(id) => write!(f, "{id}"),
            Actor::System => f.write_str("system"),
        }
    }
}

/// A tenant and the one who acts in it. Nothing is read or written without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub workspace: WorkspaceId,
    pub actor: Actor,
}
