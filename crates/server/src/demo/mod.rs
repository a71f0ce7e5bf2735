//! A simulated brand that lives through the front door: months of history first, then the present.

mod clock;
mod history;
mod inside;
mod live;
mod porch;
mod readers;
mod sink;
mod stage;
mod summary;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use weft_brand::Brand;
use weft_channels::smtp_sink::{Options as SinkOptions, SmtpSink};

use crate::config::{Bootstrap, Config, Storage};
use crate::house::{House, Opened};
use crate::kernel::id::base32;
use crate::kernel::{Millis, Sensitive, WorkspaceId};

pub use clock::DemoClock;
pub use history::Progress;
pub use inside::Inside;
pub use porch::Porch;
pub use stage::{BRAND, Stage};
pub use summary::{Summary, WinBack};

use inside::attended;
use readers::Readers;

const EMAIL: &str = "demo@selvedge.example";

/// How much brand, and how long it has been there.
#[derive(Clone, Debug)]
pub struct Options {
    /// Members after ninety days.
    pub people: usize,
    /// When the history begins.
    pub start: Millis,
    /// The same seed and start give the same people and purchases.
    pub seed: u64,
}

/// How one comes in. Made at random for each demo.
#[derive(Clone, Debug)]
pub struct Entrance {
    pub email: String,
    pub password: Sensitive<String>,
    pub api_key: Sensitive<String>,
    pub write_key: Sensitive<String>,
}

impl Entrance {
    fn random() -> Self {
        let letters = || base32(rand::random::<u128>());
        let word = letters();
        Self {
            email: EMAIL.to_owned(),
            password: Sensitive(format!("{}-{}-{}", &word[1..6], &word[6..11], &word[11..16])),
            api_key: Sensitive(format!("weft_{}{}", letters(), letters())),
            write_key: Sensitive(format!("wk_{}{}", letters(), letters())),
        }
    }
}

/// A house with a brand in it.
pub struct Demo {
    pub house: Arc<House>,
    pub entrance: Entrance,
    pub stage: Stage,
    pub inside: Inside,
    router: Router,
    clock: Arc<DemoClock>,
    workspace: WorkspaceId,
    brand: Brand,
    readers: Readers,
    /// The brand's time.
    at: Millis,
    start: Millis,
    /// Up to this place of the log the lake has got its share.
    in_lake: u64,
}

impl Demo {
    /// Opens a house on an empty folder and sets the brand up in it, at the beginning of its history.
    pub async fn open(data: &Path, mut config: Config, options: &Options) -> anyhow::Result<Self> {
        let clock = Arc::new(DemoClock::at(options.start));
        let entrance = Entrance::random();
        config.bootstrap = Bootstrap {
            email: Some(entrance.email.clone()),
            password: Some(entrance.password.clone()),
            api_key: Some(entrance.api_key.clone()),
            write_key: Some(entrance.write_key.clone()),
        };
        config.demo = true;
        // A demo must not write into anybody's database.
        config.storage = Storage { query_memory_mb: config.storage.query_memory_mb, ..Storage::default() };
        let base = config.server.public_url.clone();
        let sink = Arc::new(SmtpSink::start(SinkOptions::default(), clock.clone()).await?);
        let Opened { house, mut rooms } = House::open_at(data, config, clock.clone()).await?;
        house.flush_outbox().await?;
        house.settle().await?;
        let workspace = crate::commands::which_workspace(&house, None)?;
        rooms.push(sink::room(&sink));
        let router = house.router(rooms);
        let inside = Inside::new(router.clone(), &entrance.api_key.0);
        let stage = attended(&house, stage::set_up(&inside, sink.address())).await?.context("the brand could not be set up")?;
        let brand = Brand::new(options.seed, options.start, options.people).with_sources(workspace, stage.sources.clone());
        attended(&house, stage::describe(&inside, brand.goods(options.start))).await?.context("the goods could not be described")?;
        house.settle().await?;
        let readers = Readers::new(sink, &base, stage.messages.clone());
        Ok(Self { house, entrance, stage, inside, router, clock, workspace, brand, readers, at: options.start, start: options.start, in_lake: 0 })
    }

    /// The house's HTTP face, with the inbox.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
}
