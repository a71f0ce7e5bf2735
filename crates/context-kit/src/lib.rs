#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod event_view;
mod history;
pub mod long_work;
pub mod night;
pub mod workspace;

use std::sync::Arc;

use weft_event_pipeline::{FrontDoor, Step};
use weft_http_kit::Routes;
use weft_meta_store::{Rows, Unit};
use weft_profile_kv::StateStore;

use crate::kernel::{Clock, Error, Event, Result};

pub use event_view::EventView;
pub use history::{ActorNames, Actors, HistoryEntry, nameless};
pub use weft_event_pipeline as pipeline;
pub use workspace::{RememberWorkspace, Workspace, workspace as workspace_of, workspaces};
pub use weft_http_kit as http;

/// What the hall hands to every room.
#[derive(Clone)]
pub struct Parts {
    pub rows: Rows,
    pub state: Arc<dyn StateStore>,
    pub door: Arc<dyn FrontDoor>,
    pub clock: Arc<dyn Clock>,
    /// Waits until the state has caught up with a log position, so that one reads what one wrote.
    pub caught_up: Arc<dyn CaughtUp>,
    pub names: ActorNames,
}

impl Parts {
    /// Commits a unit, and waits until what it told the log is true in the state: one reads what one wrote.
    pub async fn commit(&self, unit: Unit) -> Result<()> {
        if let Some(end) = unit.commit().await?.flushed().await? {
            self.catch_up(end).await?;
        }
        Ok(())
    }

    /// Lets events in by the front door, and waits until they are worked off.
    pub async fn tell(&self, events: Vec<Event>) -> Result<()> {
        let end = self.door.accept(events).await?;
        self.catch_up(end).await
    }

    async fn catch_up(&self, end: u64) -> Result<()> {
        self.caught_up.wait_for(end.saturating_sub(1)).await;
        // What was told stands in the log, and will be true as soon as the state follows again.
        self.caught_up.failed().map_or(Ok(()), Err)
    }
}

#[async_trait::async_trait]
pub trait CaughtUp: Send + Sync {
    /// Comes back when the state stands there, or when it has [`failed`](Self::failed) to follow.
    async fn wait_for(&self, position: u64);
    /// Why the state does not follow the log.
    fn failed(&self) -> Option<Error> {
        None
    }
}

/// What a room offers to the hall. What a room lacks is an empty list.
#[derive(Default)]
pub struct Context {
    pub name: &'static str,
    /// Below `/api/v1`, each behind its lock.
    pub routes: Routes,
    /// At the root, for outsiders: collection, links in messages. They check their own credentials.
    pub open: axum::Router,
    pub migrations: Vec<Box<dyn sea_orm_migration::MigrationTrait>>,
}

impl Context {
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }
}

/// A step that a room offers; `server/src/steps.rs` puts them in order.
pub type BoxedStep = Box<dyn Step>;

/// Runs blocking reads of the state store away from the threads that answer requests.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
