//! Who may look at a segment, and who may change it.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{Condition as Where, QuerySelect};
use serde::{Deserialize, Serialize};
use weft_context_kit::Parts;
use weft_http_kit::Caller;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_meta_store::{contains, db_error};

use crate::kernel::{Error, Result, SegmentId};
use crate::operations::get_segment;
use crate::store::{Column, Entity, Model};

/// Users that one segment is shared with by name.
pub(crate) const MOST_USERS: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SharedTo)]
pub(crate) enum Can {
    /// Look at it and use it.
    Read,
    Edit,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedWith)]
pub(crate) struct User {
    pub id: String,
    pub can: Can,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "with", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = SegmentSharing)]
pub(crate) enum Sharing {
    /// Everybody who works in the workspace.
    Workspace { can: Can },
    /// These, and nobody else sees it.
    Named { users: Vec<User> },
}

impl Default for Sharing {
    fn default() -> Self {
        Sharing::Workspace { can: Can::Edit }
    }
}

/// How the rows write that a segment is shared with nobody but those named.
const NAMED: &str = r#""with":"named""#;

fn quoted(user: &str) -> String {
    format!("\"{user}\"")
}

/// What somebody may do with a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SegmentRight)]
pub(crate) enum Right {
    None,
    Read,
    Edit,
    /// Also share it and hand it over.
    Own,
}

/// By ownership and sharing alone; the door's permission is asked besides.
pub(crate) fn right(caller: &Caller, owner: &str, sharing: &Sharing) -> Right {
    if caller.owns(owner) {
        return Right::Own;
    }
    let can = match sharing {
        Sharing::Workspace { can } => Some(*can),
        Sharing::Named { users } => {
            let me = caller.actor().to_string();
            users.iter().filter(|user| user.id == me).map(|user| user.can).max()
        }
    };
    match can {
        None => Right::None,
        Some(Can::Read) => Right::Read,
        Some(Can::Edit) => Right::Edit,
    }
}

pub(crate) fn right_of(caller: &Caller, model: &Model) -> Right {
    right(caller, &model.owner, &model.sharing.0)
}

/// What of the rows is not for her; nothing of whoever acts for the workspace.
pub(crate) fn not_for(caller: &Caller) -> Option<Where> {
    let me = caller.is_bound().then(|| caller.actor().to_string())?;
    let is_named = Where::all().add(contains(Column::Sharing, &quoted(&me)));
    Some(Where::all().add(contains(Column::Sharing, NAMED)).add(Column::Owner.ne(&me)).add(is_named.not()))
}

/// The segments that are for her as if they were not there.
pub async fn hidden_from(parts: &Parts, caller: &Caller) -> Result<BTreeSet<SegmentId>> {
    let Some(not_hers) = not_for(caller) else { return Ok(BTreeSet::new()) };
    let found = Entity::find().select_only().column(Column::Id).filter(Column::Workspace.eq(i64::from(caller.workspace().0))).filter(not_hers);
    let ids: Vec<String> = found.into_tuple().all(parts.rows.connection()).await.map_err(db_error)?;
    Ok(ids.into_iter().map(SegmentId).collect())
}

/// Refuses a segment that is not there, or not for her, in the same words: of one that a person names in a request.
pub async fn refuse_unreadable(parts: &Parts, caller: &Caller, id: &SegmentId) -> Result<()> {
    get_segment(parts, caller, id.as_str()).await.map(drop)
}

/// Refuses a condition that names a segment which is not for her.
pub async fn refuse_hidden(parts: &Parts, caller: &Caller, named: &BTreeSet<SegmentId>) -> Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let hidden = hidden_from(parts, caller).await?;
    named.intersection(&hidden).next().map_or(Ok(()), |id| Err(no_such(id)))
}

/// The condition names what is not there.
pub(crate) fn no_such(id: &SegmentId) -> Error {
    Error::invalid("segments.segment_not_found", format!("the condition names {id}, which does not exist")).field("condition", format!("unknown segment {id}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::{Actor, ApiKeyId, Scope, UserId, WorkspaceId};

    fn caller(actor: Actor, permissions: &[&str]) -> Caller {
        Caller { scope: Scope { workspace: WorkspaceId(1), actor }, permissions: permissions.iter().map(|p| (*p).to_owned()).collect(), by_cookie: true }
    }
    fn user(n: u8) -> String {
        format!("usr_{n}")
    }
    fn sharing() -> impl Strategy<Value = Sharing> {
        let can = prop_oneof![Just(Can::Read), Just(Can::Edit)];
        let named = prop::collection::vec((0u8..5, can.clone()), 0..4);
        prop_oneof![
            can.prop_map(|can| Sharing::Workspace { can }),
            named.prop_map(|users| Sharing::Named { users: users.into_iter().map(|(n, can)| User { id: user(n), can }).collect() }),
        ]
    }

    proptest! {
        #[test]
        fn only_what_is_shared_is_seen_or_changed(owner in 0u8..5, who in 0u8..5, sharing in sharing()) {
            let marketer = caller(Actor::User(UserId(user(who))), &["segments:*", "members:read"]);
            let found = right(&marketer, &user(owner), &sharing);
            let named = |can: Can| matches!(&sharing, Sharing::Named { users } if users.iter().any(|u| u.id == user(who) && u.can >= can));
            let all = |can: Can| matches!(&sharing, Sharing::Workspace { can: all } if *all >= can);
            prop_assert_eq!(found == Right::Own, who == owner);
            prop_assert_eq!(found >= Right::Edit, who == owner || named(Can::Edit) || all(Can::Edit));
            prop_assert_eq!(found >= Right::Read, who == owner || named(Can::Read) || all(Can::Read));
            // Whoever acts for the workspace is bound by nothing of this.
            let administrator = caller(Actor::User(UserId(user(who))), &["*"]);
            let key = caller(Actor::ApiKey(ApiKeyId("key_1".into())), &["segments:read"]);
            for unbound in [administrator, key, caller(Actor::System, &[])] {
                prop_assert_eq!(right(&unbound, &user(owner), &sharing), Right::Own);
            }
        }

        #[test]
        fn rows_say_what_the_sharing_says(sharing in sharing(), who in 0u8..5) {
            let written = serde_json::to_string(&sharing).unwrap();
            prop_assert_eq!(written.contains(NAMED), matches!(sharing, Sharing::Named { .. }));
            let is_named = matches!(&sharing, Sharing::Named { users } if users.iter().any(|u| u.id == user(who)));
            prop_assert_eq!(written.contains(&quoted(&user(who))), is_named);
            prop_assert_eq!(serde_json::from_str::<Sharing>(&written).unwrap(), sharing);
        }
    }
}
