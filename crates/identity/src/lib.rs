#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod bulk;
mod by_hand;
mod graph;
mod guard;
mod http;
mod resolve;
mod settings;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use by_hand::{Cut, Joined, PEOPLE_JOINED, PEOPLE_KEPT_APART, PERSON_TAKEN_APART, ROOM, TakenApart, cut, obstacle};
pub use graph::{
    Apart, Evidence, Known, Link, Refusal, Separation, all_identifiers, apart, are_apart, atom_of, atoms, beginning_with, count, find, groups_without, identifiers, known, links, merged,
    person, refusals, root,
};
pub use resolve::ResolvePerson;
pub use settings::{IdType, Settings, settings};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), ..Context::new("identity") }
}
