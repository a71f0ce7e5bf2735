#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod domain;
mod evaluation;
mod http;
mod kinds;
mod operations;
pub mod people;
mod run;
mod schedule;
mod store;
mod suggest;
mod verify;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use evaluation::UsesAbove;
pub use run::Runs;
pub use verify::verify;

/// The room, and what starts models when they are due.
pub fn context(parts: &Parts, above: Arc<dyn UsesAbove>) -> (Context, Runs) {
    let runs = Runs::new(parts, above);
    let room = Context { routes: http::routes(&runs).and(evaluation::routes(&runs)), migrations: store::migrations(), ..Context::new("models") };
    (room, runs)
}
