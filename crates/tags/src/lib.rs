#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod around;
mod assigned;
mod count;
mod definition;
mod http;
mod operations;
mod rule;
mod steps;
mod store;
mod templates;
mod values;

use std::sync::Arc;

use weft_context_kit::{Context, Parts};

pub use around::Surroundings;
pub use assigned::assign;
pub use definition::{AsDefined, defined, names};
pub use operations::{Wanted, archive_in, create_in, relabel_in};
pub use rule::{Assigned, Assigner, Draft, Named, Refresh, Statistic};
pub use steps::ApplyTags;
pub use values::{Tagged, each, of_person, is_kept_by_value, people_called, size, tagged, value};

pub fn context(parts: &Parts) -> Context {
    Context { routes: http::routes(&Arc::new(parts.clone())), migrations: store::migrations(), ..Context::new("tags") }
}
