#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod catalogue;
mod http;
mod plan;
mod quarantine;
mod steps;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use catalogue::{EventName, PropertyUse, event_names, properties, traits};
pub use plan::{EventRule, Plan, ValueKind};
pub use steps::{CheckAgainstTrackingPlan, DropDuplicates, was_seen};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), ..Context::new("quality") }
}
