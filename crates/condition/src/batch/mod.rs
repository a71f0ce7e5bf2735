//! The condition as a plan for the query engine: the same meaning over tables instead of facts.

mod functions;
mod plan;
mod question;

pub use functions::{aggregate_functions, scalar_functions};
pub use plan::{Tables, people};
