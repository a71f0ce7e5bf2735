#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod draw;
mod evaluation;
mod figures;
mod http;
mod lives;
mod run;
mod shape;
mod store;

use weft_context_kit::{Context, Parts};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(parts), migrations: store::migrations(), ..Context::new("portraits") }
}
