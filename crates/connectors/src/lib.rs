#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod readers;
pub mod mapping;
mod suggest;
mod numbers;
mod moments;
mod plan;
mod scan;
mod grouping;
mod orders;
mod rows_to_events;
mod rejected;
mod checkpoint;
mod operations;
mod store;
mod background;
mod http;

use weft_context_kit::{Context, Parts};

pub use background::{Imports, Settings};
pub use mapping::{Kind, Mapping, Unmapped};
pub use operations::run_import::{Afterwards, Cancel, ImportJob, Phase, Progress, Summary, run};
pub use readers::{ReadOptions, Table};
pub use suggest::{Suggestion, suggest};

/// The room, and its imports, which the hall starts once the tables are there and stops before it leaves.
pub fn context(parts: &Parts, settings: Settings) -> (Context, Imports) {
    let imports = Imports::new(parts.clone(), settings);
    let mut context = Context::new("connectors");
    context.routes = http::routes(&imports);
    context.migrations = store::migrations();
    (context, imports)
}
