#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod funnel;
mod http;
mod rows;
mod trend;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};
use weft_query_engine::QueryEngine;

pub use funnel::{FunnelAnswer, FunnelQuestion, Progress, run_funnel};
pub use trend::{Interval, Measure, TrendAnswer, TrendPoint, TrendQuestion, run_trend};

/// What the operations work with.
#[derive(Clone)]
pub(crate) struct Room {
    pub parts: Parts,
    pub engine: Arc<QueryEngine>,
}

pub fn context(parts: &Parts, engine: Arc<QueryEngine>) -> Context {
    let room = Room { parts: parts.clone(), engine };
    Context { routes: http::routes(&room), ..Context::new("analytics") }
}
