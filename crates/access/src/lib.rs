#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod access;
mod authorizer;
mod bootstrap;
mod contract;
mod cookie;
mod domain;
mod operations;
mod store;

use weft_context_kit::{Context, Parts};

pub use access::{Access, Settings};
pub use bootstrap::{BootstrapInput, Bootstrapped, bootstrap};
pub use contract::{actor_names, reset_password};
pub use domain::permission::{ROLES, Role};

/// What the operations work with.
#[derive(Clone)]
pub(crate) struct Room {
    pub parts: Parts,
    pub access: Access,
}

/// The room as the hall sees it. `access` is also the house's [`Authorizer`](weft_http_kit::Authorizer).
pub fn context(parts: &Parts, access: &Access) -> Context {
    let room = Room { parts: parts.clone(), access: access.clone() };
    let mut context = Context::new("access");
    context.routes = operations::routes(&room);
    context.migrations = store::migrations();
    context
}
