#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod operations;
mod store;
mod verify;

use weft_context_kit::{Context, Parts};

pub use verify::{Broken, Verdict, Wrong, verify_chain};

/// The room as the hall sees it. It has no tables of its own.
pub fn context(parts: &Parts) -> Context {
    let mut context = Context::new("audit");
    context.routes = operations::routes(parts);
    context
}
