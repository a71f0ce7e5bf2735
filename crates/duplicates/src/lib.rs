#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod decide;
mod http;
mod records;
mod search;
mod store;

use weft_context_kit::{Context, Parts};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(parts), migrations: store::migrations(), ..Context::new("duplicates") }
}
