#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod graph;
mod guard;
mod resolve;

pub use graph::{Evidence, Known, Link, Refusal, all_identifiers, atoms, beginning_with, count, find, identifiers, links, merged, person, refusals, root};
pub use resolve::ResolvePerson;
