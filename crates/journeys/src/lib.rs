#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod advance;
mod enrolment;
mod http;
mod operations;
mod plan;
mod result;
mod steps;
mod store;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use http::{JourneyLine, latest};
pub use enrolment::{Enrolment, State, StepTaken, get as enrolment};
pub use operations::{create_journey, naming_tag, publish_journey};
pub use plan::{Arm, Branch, Goal, Node, Plan, Step as PlanStep};
pub use result::{ArmResult, JourneyResult, result};
pub use steps::WakeJourneys;

pub(crate) const ROOM: &str = "journeys";
pub(crate) const STEP: &str = "wake_journeys";

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), migrations: store::migrations(), ..Context::new("journeys") }
}
