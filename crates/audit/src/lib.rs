#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod operations;
mod store;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use weft_context_kit::{Context, Parts};

use crate::kernel::{Result, WorkspaceId};

pub use verify::{Broken, Verdict, Wrong, verify_chain};

/// Names for the ids of actors in a workspace; ids it does not know are simply left out. Lent by `access`.
pub type ActorNames = Arc<dyn Fn(WorkspaceId, Vec<String>) -> BoxFuture<'static, Result<BTreeMap<String, String>>> + Send + Sync>;

/// What the operations work with.
#[derive(Clone)]
pub(crate) struct Room {
    pub parts: Parts,
    pub names: ActorNames,
}

/// The room as the hall sees it. It has no tables of its own.
pub fn context(parts: &Parts, names: ActorNames) -> Context {
    let mut context = Context::new("audit");
    context.routes = operations::routes(&Room { parts: parts.clone(), names });
    context
}
