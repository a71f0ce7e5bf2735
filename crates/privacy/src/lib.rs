#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod blacklist;
mod consent;
mod http;
mod steps;

use weft_context_kit::{Context, Parts};

pub use blacklist::{Blocked, is_blocked};
pub use consent::{Consent, Grant, MARKETING, TRACKING, consents, decide, is_granted};
pub use http::{ConsentChange, consent_event};
pub use steps::ApplyConsent;

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(parts), ..Context::new("privacy") }
}
