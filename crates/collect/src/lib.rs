#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test tells by panicking"))]

pub(crate) use weft_event_pipeline as pipeline;
pub(crate) use weft_http_kit as http_kit;
pub(crate) use weft_kernel as kernel;

mod body;
mod gate;
mod http;
pub mod protocols;
mod refusals;
mod sources;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use weft_context_kit::{Context, Parts};

use crate::gate::Gate;
use crate::kernel::Result;
use crate::refusals::Refusals;

pub use refusals::{REFUSED, ROOM, RefusedCount};
pub use sources::{KeyHolder, Source, SourceKind, Sources};
pub use steps::CountRefusals;

/// How often wholly refused requests are told to the log.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// How many flushes lie between two looks at the keys, for sources that another process made.
const FLUSHES_PER_RELOAD: u64 = 10;

/// The room, and what the hall needs of it beside its routes.
pub fn context(parts: &Parts) -> (Context, Handles) {
    let sources = Sources::new(parts.rows.clone());
    let gate = Gate { door: parts.door.clone(), sources: sources.clone(), refusals: Arc::new(Refusals::default()) };
    let mut context = Context::new("collect");
    context.routes = http::sources::routes(&http::sources::Room { sources, parts: parts.clone() });
    context.open = http::open(gate.clone());
    context.migrations = sources::migrations();
    (context, Handles { gate })
}

/// What goes on in this room beside the answering of requests.
#[derive(Clone)]
pub struct Handles {
    gate: Gate,
}

impl Handles {
    pub fn sources(&self) -> &Sources {
        &self.gate.sources
    }

    /// Once the tables are there, before the first request: until then no key is known.
    pub async fn start(&self) -> Result<()> {
        self.gate.sources.reload().await
    }

    /// Tells the log what has been refused since the last time.
    pub async fn flush(&self) -> Result<()> {
        self.gate.refusals.flush(&*self.gate.door).await
    }

    /// Flushes every second until `stop`, and once more then.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) -> Result<()> {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        for tick in 1u64.. {
            if *stop.borrow() {
                break;
            }
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.changed() => {}
            }
            if let Err(error) = self.flush().await {
                tracing::warn!(%error, "refusals could not be told to the log; trying again");
            }
            if tick % FLUSHES_PER_RELOAD == 0
                && let Err(error) = self.start().await
            {
                tracing::warn!(%error, "the keys of sources could not be read; the known ones stay");
            }
        }
        self.flush().await
    }
}
