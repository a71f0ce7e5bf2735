#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod caller;
mod extract;
mod openapi;
mod problem;
mod routes;

pub use caller::{Authorizer, Caller, Lock};
pub use extract::{Body, Done, ListQuery, OwnedListQuery, QueryOf, cursor_of, foreign_cursor, items_on_a_page};
pub use openapi::{Document, Info};
pub use problem::{Answer, Problem, problem};
pub use routes::{Operation, Routes, mount, rewrite_verbs};
pub use utoipa;
