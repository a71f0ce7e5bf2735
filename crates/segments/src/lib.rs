#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod around;
mod count;
mod definition;
mod http;
mod judge;
mod lists;
mod membership;
mod operations;
mod overlap;
mod pools;
mod sample;
mod sets;
mod sharing;
mod steps;
mod store;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use around::Surroundings;
pub use definition::{Definition, Rule, all as definitions, definition};
pub use membership::{Membership, bitmap, contains, of_person, size};
pub use pools::{Pool, pool_of};
pub use sharing::{hidden_from, refuse_hidden, refuse_unreadable};
pub use steps::UpdateMembership;

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), migrations: store::migrations(), ..Context::new("segments") }
}
