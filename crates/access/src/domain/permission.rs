//! What may be permitted, and the roles. The one place where roles are written down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weft_http_kit::Caller;

use crate::kernel::{Error, Result};

/// A fixed set to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Marketer,
    Analyst,
    Viewer,
}

/// Each role with its name in rows and on the wire, and what it may. `room:*` is everything in a room.
pub const ROLES: [(Role, &str, &[&str]); 4] = [
    (Role::Administrator, "administrator", &["*"]),
    (
        Role::Marketer,
        "marketer",
        &[
            "events:read", "people:*", "privacy:*", "segments:*", "tags:*", "models:*", "content:*", "journeys:*", "channels:*", "experiments:*", "analytics:*", "imports:*",
            "quality:read", "catalog:*", "sources:read", "members:read", "system:read",
        ],
    ),
    (
        Role::Analyst,
        "analyst",
        &[
            "events:read", "people:read", "privacy:read", "segments:*", "tags:*", "models:*", "content:read", "journeys:read", "channels:read", "experiments:*", "analytics:*",
            "query:*", "imports:read", "quality:*", "catalog:*", "sources:read", "members:read", "system:read",
        ],
    ),
    (
        Role::Viewer,
        "viewer",
        &[
            "events:read", "people:read", "segments:read", "tags:read", "models:read", "content:read", "journeys:read", "channels:read", "experiments:read", "analytics:read",
            "quality:read", "catalog:read", "members:read", "system:read",
        ],
    ),
];

impl Role {
    fn row(self) -> &'static (Role, &'static str, &'static [&'static str]) {
        ROLES.iter().find(|(role, _, _)| *role == self).unwrap_or(&ROLES[3])
    }
    pub fn name(self) -> &'static str {
        self.row().1
    }
    pub fn permissions(self) -> &'static [&'static str] {
        self.row().2
    }
    pub fn of_name(name: &str) -> Result<Self> {
        let found = ROLES.iter().find(|(_, known, _)| *known == name);
        found.map(|(role, _, _)| *role).ok_or_else(|| Error::bug("access.role_unknown", format!("a row holds the role {name}")))
    }
}

/// `*`, `room:*` or `room:verb`.
pub(crate) fn must_be_permissions(permissions: &[String]) -> Result<()> {
    let word = |text: &str| !text.is_empty() && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'));
    let shaped = |p: &String| p == "*" || p.split_once(':').is_some_and(|(room, verb)| word(room) && (verb == "*" || word(verb)));
    if !permissions.is_empty() && permissions.len() <= 100 && permissions.iter().all(shaped) {
        return Ok(());
    }
    Err(Error::invalid("access.permissions_invalid", "a key holds at least one permission, such as segments:read, segments:* or *")
        .field("permissions", "each is `room:verb`, `room:*` or `*`"))
}

/// Nobody gives away, or takes from others, what she does not hold herself.
pub(crate) fn must_hold_all<P: AsRef<str>>(caller: &Caller, permissions: &[P]) -> Result<()> {
    match permissions.iter().map(AsRef::as_ref).find(|p| !caller.may(p)) {
        None => Ok(()),
        Some(missing) => {
            Err(Error::denied("access.more_than_own", format!("you do not hold {missing} yourself")).param("permission", missing))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Actor, Scope, WorkspaceId};

    fn caller(permissions: &[&str]) -> Caller {
        let scope = Scope { workspace: WorkspaceId(1), actor: Actor::System };
        Caller { scope, permissions: permissions.iter().map(|p| (*p).to_owned()).collect(), by_cookie: false }
    }

    #[test]
    fn roles_are_found_by_name_and_hold_shaped_permissions() {
        for (role, name, permissions) in ROLES {
            assert_eq!(Role::of_name(name).unwrap(), role);
            assert_eq!(role.name(), name);
            assert_eq!(serde_json::to_value(role).unwrap(), name);
            must_be_permissions(&permissions.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()).unwrap();
        }
        assert!(Role::of_name("owner").is_err());
    }

    #[test]
    fn only_administrators_reach_keys_members_and_the_audit() {
        for (role, _, permissions) in ROLES {
            for locked in ["keys:write", "keys:read", "members:write", "workspace:write", "audit:read", "sources:write"] {
                assert_eq!(caller(permissions).may(locked), role == Role::Administrator, "{role:?} {locked}");
            }
        }
    }

    #[test]
    fn misshapen_permissions_are_refused() {
        for wrong in [&[][..], &[""], &["segments"], &["segments:"], &[":read"], &["*:read"], &["Segments:read"], &["a:b:c"], &["segments:read", "x"]] {
            assert!(must_be_permissions(&wrong.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn nobody_gives_more_than_her_own() {
        let some = caller(&["segments:*", "keys:write"]);
        must_hold_all(&some, &["segments:read", "segments:*", "keys:write"]).unwrap();
        for more in ["*", "keys:*", "keys:read", "journeys:read"] {
            assert_eq!(must_hold_all(&some, &[more]).unwrap_err().code, "access.more_than_own", "{more}");
        }
        must_hold_all(&caller(&["*"]), &["*", "journeys:*"]).unwrap();
    }
}
