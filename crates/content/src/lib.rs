#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod http;
pub mod render;
mod store;
mod template;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use template::{Body, Channel, Template, create_template, load, sample_context, unknown_variables};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), migrations: store::migrations(), ..Context::new("content") }
}
