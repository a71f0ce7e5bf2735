#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod definition;
mod facts;
mod figures;
mod http;
mod naming;
mod operations;
mod rule;
mod steps;
mod store;
mod survey;
mod tag_operations;
mod templates;
mod thing;
mod types;
mod values;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use definition::ROOM;
pub use figures::{Day, Figure, Sum, days_of, seen};
pub use steps::KeepCatalog;
pub use thing::{State, Thing, each, get};
pub use types::types;
pub use values::{of_thing, value};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), migrations: store::migrations(), ..Context::new("catalog") }
}
