#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod door;
mod emits;
mod looks;
mod outcome;
mod run;
mod step;
mod timers;

pub use door::{Door, FrontDoor};
pub use looks::{Looks, Watch};
pub use outcome::{OUTCOMES, Outcome, OutcomeCount, OutcomeFilter, count as count_outcome, list as list_outcomes};
pub use run::{Observer, Pipeline, Processed};
pub use step::{Changed, Cx, Flow, InFlight, Merge, Regrouped, Retagged, Split, Step};
pub use timers::next_due;
