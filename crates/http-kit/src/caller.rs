//! Who calls, what she may, and the lock on each door.

use std::collections::BTreeSet;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::kernel::{Actor, Error, Result, Scope, WorkspaceId};
use crate::problem::Problem;

/// Somebody the Authorizer knows. Handlers get it as an extractor, once the lock has been opened.
#[derive(Clone, Debug)]
pub struct Caller {
    pub scope: Scope,
    pub permissions: BTreeSet<String>,
    /// Came with a cookie: what changes something must show that the page itself asks.
    pub by_cookie: bool,
}

impl Caller {
    pub fn workspace(&self) -> WorkspaceId {
        self.scope.workspace
    }
    pub fn actor(&self) -> &Actor {
        &self.scope.actor
    }
    /// `journeys:publish` is held by itself, by `journeys:*` and by `*`.
    pub fn may(&self, permission: &str) -> bool {
        let room = permission.split(':').next().unwrap_or_default();
        self.permissions.contains("*") || self.permissions.contains(permission) || self.permissions.contains(&format!("{room}:*"))
    }
    /// A user who is no administrator: what others do not share with her is not hers to see or to change. Keys and the house act for
    /// the workspace; who may change members could make herself an administrator.
    pub fn is_bound(&self) -> bool {
        matches!(self.scope.actor, Actor::User(_)) && !self.may("members:write")
    }
    /// May she do with it as an owner does?
    pub fn owns(&self, owner: &str) -> bool {
        !self.is_bound() || self.scope.actor.to_string() == owner
    }
    /// The actor that a query names: `me` is she.
    pub fn named(&self, actor: &str) -> String {
        if actor == "me" { self.scope.actor.to_string() } else { actor.to_owned() }
    }
    pub fn must(&self, permission: &str) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        Err(Error::denied("access.denied", format!("this needs the permission {permission}; ask an administrator for it")).param("permission", permission))
    }
}

/// How a door is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    Permission(&'static str),
    /// Anybody who is signed in: one's own session, one's own password.
    SignedIn,
    /// Open on purpose, and why.
    Open(&'static str),
}

/// Implemented by `access`: turns a request's credentials into a caller.
#[async_trait]
pub trait Authorizer: Send + Sync {
    async fn authenticate(&self, parts: &Parts) -> Result<Caller>;
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .ok_or_else(|| Problem(Error::unauthenticated("access.not_signed_in", "sign in, or send `Authorization: Bearer <API key>`")))
    }
}
