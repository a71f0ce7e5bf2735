//! `/imports` over HTTP.

mod imports;
mod upload;

pub(crate) use imports::routes;
