//! What the hall may ask of this room besides its routes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use weft_context_kit::{ActorNames, Actors};
use weft_meta_store::Rows;

use crate::access::Access;
use crate::domain::{email, password};
use crate::kernel::{Actor, Error, Millis, Result, Scope, WorkspaceId};
use crate::store::{api_keys, members, sessions, users};

/// For whoever shows what was done or shares what is hers, and knows ids and not people.
pub fn actor_names(rows: Rows) -> ActorNames {
    Arc::new(OfRows(rows))
}

struct OfRows(Rows);

#[async_trait::async_trait]
impl Actors for OfRows {
    async fn names(&self, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeMap<String, String>> {
        let mut names = users::names(self.0.connection(), ids).await?;
        names.extend(api_keys::names(self.0.connection(), workspace, ids).await?);
        Ok(names)
    }
    async fn members(&self, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeSet<String>> {
        Ok(members::among(self.0.connection(), workspace, ids).await?.into_keys().collect())
    }
}

/// For whoever sits at the machine: a new password for somebody who forgot hers. All her sessions end.
pub async fn reset_password(access: &Access, account: &str, new: &str, now: Millis) -> Result<()> {
    let account = email::parse(account)?;
    password::must_be_strong("password", new, &account)?;
    let hash = access.hash(new.to_owned()).await?;
    let rows = &access.0.rows;
    let nobody = || Error::not_found("access.user_not_found", "nobody has this e-mail address");
    let user = users::by_email(rows.connection(), &account).await?.ok_or_else(nobody)?;
    let workspace = members::of_user(rows.connection(), &user.id).await?.first().map_or(0, |m| m.workspace);
    let scope = Scope { workspace: crate::authorizer::workspace(workspace), actor: Actor::System };
    let mut unit = rows.begin(&scope, "reset_password", now).await?;
    unit.target(&user.id);
    sessions::delete_of_user(unit.tx(), &user.id, None).await?;
    users::set_password(unit.tx(), user, hash).await?;
    unit.commit().await?;
    access.forget();
    Ok(())
}
