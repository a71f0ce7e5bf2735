//! From a request's credentials to a caller.

use async_trait::async_trait;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use weft_http_kit::{Authorizer, Caller};

use crate::access::Access;
use crate::cookie;
use crate::domain::secret;
use crate::kernel::{Actor, ApiKeyId, Error, Result, Scope, UserId, WorkspaceId};
use crate::store::{api_keys, members, sessions};

#[async_trait]
impl Authorizer for Access {
    /// A key goes before a cookie: who sends both means the key.
    async fn authenticate(&self, parts: &Parts) -> Result<Caller> {
        if let Some(header) = parts.headers.get(AUTHORIZATION) {
            let key = header.to_str().ok().and_then(bearer).ok_or_else(unknown_key)?;
            return self.by_key(key).await;
        }
        match cookie::session(&parts.headers) {
            Some(token) => self.by_session(token).await,
            None => Err(Error::unauthenticated("access.not_signed_in", "sign in, or send `Authorization: Bearer <API key>`")),
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// When a credential was last used is good to know, and no reason to refuse it: on a full disk people must still get in.
fn noted(touched: Result<()>) {
    if let Err(error) = touched {
        tracing::warn!(code = error.code, "the last use of a credential could not be noted");
    }
}

fn unknown_key() -> Error {
    Error::unauthenticated("access.key_unknown", "there is no such API key, or it has been disabled; send `Authorization: Bearer <API key>`")
}

fn session_ended() -> Error {
    Error::unauthenticated("access.session_ended", "the session has ended; sign in again")
}

impl Access {
    async fn by_key(&self, key: &str) -> Result<Caller> {
        // The two kinds of credential never stand for each other.
        let digest = secret::digest(key);
        let name = format!("key {digest}");
        if let Some(caller) = self.recall(&name) {
            return Ok(caller);
        }
        let generation = self.generation();
        let (db, now) = (self.0.rows.connection(), self.0.clock.now());
        let row = api_keys::by_digest(db, &digest).await?.ok_or_else(unknown_key)?;
        noted(api_keys::touch(db, &row, now).await);
        let caller = Caller {
            scope: Scope { workspace: workspace(row.workspace), actor: Actor::ApiKey(ApiKeyId(row.id)) },
            permissions: row.permissions.0.into_iter().collect(),
            by_cookie: false,
        };
        self.remember(name, &caller, generation);
        Ok(caller)
    }

    async fn by_session(&self, token: &str) -> Result<Caller> {
        let digest = secret::digest(token);
        let name = format!("session {digest}");
        if let Some(caller) = self.recall(&name) {
            return Ok(caller);
        }
        let generation = self.generation();
        let (db, now) = (self.0.rows.connection(), self.0.clock.now());
        let row = sessions::by_digest(db, &digest, now).await?.ok_or_else(session_ended)?;
        let member = members::find(db, workspace(row.workspace), &row.user).await?.ok_or_else(session_ended)?;
        noted(sessions::touch(db, &row, now).await);
        let caller = Caller {
            scope: Scope { workspace: workspace(row.workspace), actor: Actor::User(UserId(row.user)) },
            permissions: member.role()?.permissions().iter().map(|p| (*p).to_owned()).collect(),
            by_cookie: true,
        };
        self.remember(name, &caller, generation);
        Ok(caller)
    }
}

pub(crate) fn workspace(column: i64) -> WorkspaceId {
    WorkspaceId(u32::try_from(column).unwrap_or_default())
}
