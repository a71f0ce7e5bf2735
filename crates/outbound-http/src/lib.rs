#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod guard;
pub mod failure;
pub mod client;

pub use client::{Client, Method, Options, Request, Response};
pub use failure::{Failure, FailureKind, Fault, Retry};
pub use guard::{Allowed, Guard};
