//! The house: engines opened, rooms joined, workers started, and stopped again in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use weft_access::{Access, BootstrapInput};
use weft_channels::{Links, Sender};
use weft_collect::Handles;
use weft_connectors::{Afterwards, Imports};
use weft_context_kit::{CaughtUp, Context, Parts};
use weft_event_lake::{Lake, events};
use weft_event_pipeline::{Door, FrontDoor, Pipeline};
use weft_meta_store::{Outbox, Rows};
use weft_outbound_http::{Allowed, Client};
use weft_profile_kv::StateStore;
use weft_profiles::SealingDoor;
use weft_query_engine::QueryEngine;
use weft_stream_bus::StreamBus;

use crate::config::Config;
use crate::kernel::{Actor, Clock, Error, Result, Scope, SourceId, SystemClock, Vault, WorkspaceId};
use crate::lake::{APP, LakeWriter};
use crate::live::Live;
use crate::{hall, rooms, steps, tables};

/// How often the scheduler looks whether a timer is due.
const TICK: Duration = Duration::from_millis(100);
const UPLOAD_BYTES: u64 = 2 << 30;

pub struct House {
    pub parts: Parts,
    pub config: Config,
    pub data: PathBuf,
    pub bus: Arc<dyn StreamBus>,
    pub pipeline: Arc<Pipeline>,
    pub engine: Arc<QueryEngine>,
    pub access: Access,
    pub sender: Arc<Sender>,
    pub collect: Handles,
    pub imports: Imports,
    models: weft_models::Runs,
    pub links: Links,
    pub(crate) live: Arc<Live>,
    pub(crate) writer: Arc<LakeWriter>,
    outbox: Outbox,
    pub(crate) started: Instant,
    _folder_lock: std::fs::File,
}

/// A house and what its rooms offer to the outside; the rooms are taken when the router is built.
pub struct Opened {
    pub house: Arc<House>,
    pub rooms: Vec<Context>,
}

struct Behind(Arc<Pipeline>);

#[async_trait]
impl CaughtUp for Behind {
    async fn wait_for(&self, position: u64) {
        self.0.wait_for(position).await;
    }
    fn failed(&self) -> Option<Error> {
        self.0.failed()
    }
}

/// What an import asks of the rest of the house.
struct AfterImport {
    state: Arc<dyn StateStore>,
    pipeline: Arc<Pipeline>,
}

#[async_trait]
impl Afterwards for AfterImport {
    async fn known(&self, workspace: WorkspaceId, event_ids: &[String]) -> Result<Vec<bool>> {
        event_ids.iter().map(|id| weft_quality::was_seen(&*self.state, workspace, id)).collect()
    }
    async fn settle(&self, workspace: WorkspaceId, end_position: u64) -> Result<u64> {
        self.pipeline.wait_for(end_position.saturating_sub(1)).await;
        if let Some(error) = self.pipeline.failed() {
            return Err(error);
        }
        weft_profiles::count_people(&*self.state, workspace)
    }
}

/// Imported events come from a source of their own, whose id is known before it is made.
fn import_source(workspace: WorkspaceId) -> SourceId {
    SourceId::derived(&[&workspace.0.to_be_bytes(), b"import"])
}

impl House {
    pub async fn open(data: &Path, config: Config) -> Result<Opened> {
        Self::open_at(data, config, Arc::new(SystemClock)).await
    }

    /// With a clock of one's own: the demo's past, a test's year.
    pub async fn open_at(data: &Path, config: Config, clock: Arc<dyn Clock>) -> Result<Opened> {
        let started = Instant::now();
        let folder_lock = own(data)?;
        // Two processes may have been told different defaults; the first to be asked decides.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rows = Rows::open(&config.rows_url(data)).await?;
        let log_options = weft_stream_bus::Options { verify: weft_stream_bus::Verify::Last, ..Default::default() };
        let bus = weft_stream_bus::open(&config.log_url(data), log_options)?;
        let secret_key = secret_key(data)?;
        let vault = Arc::new(Vault::new(secret_key));
        fits(&vault, data)?;
        let state = weft_profile_kv::open(&config.state_url(data), weft_profile_kv::Options { format: steps::STATE_FORMAT, vault, ..Default::default() })?;
        let door: Arc<dyn FrontDoor> = Arc::new(SealingDoor::before(Arc::new(Door::new(bus.clone(), clock.clone())), state.clone()));
        let live = Live::new();
        let pipeline = Arc::new(Pipeline::new(bus.clone(), state.clone(), door.clone(), steps::steps(), vec![live.clone()]));
        let parts = Parts {
            rows: rows.clone(),
            state: state.clone(),
            door: door.clone(),
            clock: clock.clone(),
            caught_up: Arc::new(Behind(pipeline.clone())),
            names: weft_access::actor_names(rows.clone()),
        };
        let outbox = Outbox::new(rows.clone(), move |control| {
            let door = door.clone();
            async move { door.control(control).await }
        });
        let lake = Lake::open(&config.lake_url(data)).await?;
        let table = lake.table(events::TABLE, events::schema(), &events::PARTITION_BY).await?;
        let writer = Arc::new(LakeWriter { bus: bus.clone(), state: state.clone(), table, clock: clock.clone() });
        let engine = Arc::new(QueryEngine::new(query_options(&config, data))?);
        tables::register(&engine, &state, &writer);
        let access = Access::new(rows.clone(), clock.clone(), access_settings(&config));
        let links = Links::new(&config.server.public_url, &secret_key);
        let http = Arc::new(Client::new(outbound_options(&config)?)?);
        let is_live = {
            let pipeline = pipeline.clone();
            Arc::new(move || pipeline.is_live())
        };
        let import_settings = weft_connectors::Settings {
            folder: data.join("imports"),
            after: Arc::new(AfterImport { state: state.clone(), pipeline: pipeline.clone() }),
            source: Arc::new(import_source),
            most_bytes: UPLOAD_BYTES,
            at_once: 1,
        };
        let mut joined = rooms::join(&parts, &access, engine.clone(), links.clone(), http, is_live, import_settings);
        for room in &mut joined.rooms {
            rows.migrate(room.name, std::mem::take(&mut room.migrations)).await?;
        }
        joined.collect.start().await?;
        let house = Arc::new(Self {
            parts,
            config,
            data: data.to_owned(),
            bus,
            pipeline,
            engine,
            access,
            sender: joined.sender,
            collect: joined.collect,
            imports: joined.imports,
            models: joined.models,
            links,
            live,
            writer,
            outbox,
            started,
            _folder_lock: folder_lock,
        });
        house.bootstrap().await?;
        Ok(Opened { house, rooms: joined.rooms })
    }

    /// First workspace, administrator, key and source, from the environment.
    async fn bootstrap(&self) -> Result<()> {
        let b = self.config.bootstrap.clone();
        let plain = |s: Option<crate::kernel::Sensitive<String>>| s.map(|s| s.0);
        let Some(input) = BootstrapInput::of(b.email, plain(b.password), plain(b.api_key), plain(b.write_key))? else { return Ok(()) };
        let now = self.parts.clock.now();
        let made = weft_access::bootstrap(&self.parts.rows, input, now, |_unit, _made| Box::pin(async { Ok(()) })).await?;
        if let Some(made) = made {
            let scope = Scope { workspace: made.workspace, actor: Actor::System };
            self.collect.sources().ensure(&scope, now, "default", weft_collect::SourceKind::Server, Some(&made.write_key.0)).await?;
        }
        Ok(())
    }

    /// Starts everything that goes on by itself.
    pub fn start(self: &Arc<Self>) -> Result<Workers> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks: Vec<JoinHandle<()>> = Vec::new();
        let mut spawn = |task: futures::future::BoxFuture<'static, ()>| tasks.push(tokio::spawn(task));
        spawn(Box::pin(reported("collect", {
            let collect = self.collect.clone();
            let stopped = stopped.clone();
            async move { collect.run(stopped).await }
        })));
        spawn(Box::pin(self.sender.clone().run(stopped.clone())));
        spawn(Box::pin(tick(self.clone(), stopped.clone())));
        spawn(Box::pin(self.models.clone().run(stopped.clone())));
        let outbox = self.outbox.clone();
        let relay = tokio::spawn(async move { outbox.run().await });
        let (stop_pipeline, pipeline_stopped) = watch::channel(false);
        // Joining files holds one of its threads and writes with the other.
        tasks.push(apart("lake", 2, self.writer.clone().run(stopped))?);
        let pipeline = apart("pipeline", 1, self.pipeline.clone().run(pipeline_stopped))?;
        Ok(Workers { stop, tasks, relay, stop_pipeline, pipeline, house: self.clone() })
    }

    /// The whole HTTP face.
    pub fn router(self: &Arc<Self>, rooms: Vec<Context>) -> Router {
        hall::router(self.clone(), rooms)
    }

    pub(crate) async fn lake_marker(&self) -> Result<Option<i64>> {
        self.writer.table.marker(APP).await
    }

    /// What an import from the command line asks of the house.
    pub fn imports_after(&self) -> Arc<dyn Afterwards> {
        Arc::new(AfterImport { state: self.parts.state.clone(), pipeline: self.pipeline.clone() })
    }

    /// Tells the log what was decided in rows and is not told yet; for a house that does not run by itself.
    pub async fn flush_outbox(&self) -> Result<()> {
        self.outbox.flush().await.map(drop)
    }

    /// Writes what waits for the lake; for tests and for leaving in order.
    pub async fn flush_lake(&self) -> Result<usize> {
        self.writer.flush().await
    }

    /// Works off all that is in the log, fires what is due, and comes back when nothing moves any more.
    pub async fn settle(&self) -> Result<()> {
        loop {
            self.pipeline.drain().await?;
            if !self.pipeline.tick(self.parts.clock.now()).await? {
                return Ok(());
            }
        }
    }
}

/// What runs; `stop` waits until all of it has ended and all is on the disk.
pub struct Workers {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    relay: JoinHandle<()>,
    stop_pipeline: watch::Sender<bool>,
    pipeline: JoinHandle<()>,
    house: Arc<House>,
}

impl Workers {
    pub async fn stop(self) -> Result<()> {
        self.house.imports.stop().await;
        self.stop.send_replace(true);
        for task in self.tasks {
            let _ = task.await;
        }
        self.relay.abort();
        let flushed = self.house.collect.flush().await;
        // Last: the others waited for it to hear what they told the log.
        self.stop_pipeline.send_replace(true);
        let _ = self.pipeline.await;
        flushed.and(self.house.parts.state.sync())
    }
}

/// Runs `work` on threads of its own. The allocator keeps for every thread what it freed last: heavy work that wanders over
/// all threads of the pool has each of them keep as much as the largest batch took.
fn apart(name: &str, blocking_threads: usize, work: impl Future<Output = ()> + Send + 'static) -> Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_name(name)
        .max_blocking_threads(blocking_threads)
        .build()
        .map_err(Error::internal)?;
    let (done, ended) = tokio::sync::oneshot::channel::<()>();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            runtime.block_on(work);
            drop((runtime, done));
        })
        .map_err(Error::internal)?;
    Ok(tokio::spawn(async move {
        // An error: `done` is gone, and the work with it.
        let _ = ended.await;
    }))
}

async fn reported(what: &'static str, work: impl Future<Output = Result<()>>) {
    if let Err(e) = work.await {
        tracing::error!(what, code = e.code, detail = %e.detail, "stopped; the house goes on reading, and must be looked at");
    }
}

async fn tick(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let more = house.pipeline.tick(house.parts.clock.now()).await.unwrap_or_else(|e| {
            tracing::error!(code = e.code, detail = %e.detail, "the clock could not tick");
            false
        });
        if more {
            // Work that was cut in pieces goes on as soon as the piece before it is done.
            let last = house.bus.next().saturating_sub(1);
            tokio::select! {
                () = house.pipeline.wait_for(last) => {}
                _ = stop.changed() => {}
            }
        }
        let pause = if more { Duration::from_millis(1) } else { TICK };
        let _ = tokio::time::timeout(pause, stop.changed()).await;
    }
}

/// The folder is ours, or somebody else's.
fn own(data: &Path) -> Result<std::fs::File> {
    std::fs::create_dir_all(data)?;
    let file = std::fs::OpenOptions::new().create(true).append(true).open(data.join("lock"))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        Error::conflict("server.data_in_use", format!("{} is in use by another weft; stop it first, or name another folder with --data", data.display()))
    })?;
    Ok(file)
}

/// The key that seals links and sensitive traits. Made once, for the owner's eyes.
fn secret_key(data: &Path) -> Result<[u8; 32]> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = data.join("secret.key");
    // What it sealed is lost with it: a new one is never put in its place.
    if path.exists() || data.join(KEY_CHECK).exists() {
        return std::fs::read(&path).ok().and_then(|key| key.try_into().ok()).ok_or_else(|| other_key(data));
    }
    let key: [u8; 32] = rand::random();
    let temporary = data.join("secret.key.new");
    let mut file = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&key)?;
    file.sync_all()?;
    std::fs::rename(&temporary, &path)?;
    std::fs::File::open(data)?.sync_all()?;
    Ok(key)
}

/// Sealed with the key of the folder: another key, of a copy or a mistake, is found out before it seals anything.
const KEY_CHECK: &str = "secret.check";

fn other_key(data: &Path) -> Error {
    let path = data.join("secret.key");
    Error::invalid("server.secret_key_other", format!("{} is not the key that this folder was made with; put that one back (without it sensitive traits cannot be read)", path.display()))
}

fn fits(vault: &Vault, data: &Path) -> Result<()> {
    let path = data.join(KEY_CHECK);
    match std::fs::read_to_string(&path) {
        Ok(sealed) => vault.open(WorkspaceId(0), KEY_CHECK, sealed.trim()).map(drop).map_err(|_| other_key(data)),
        Err(_) => Ok(std::fs::write(&path, vault.seal(WorkspaceId(0), KEY_CHECK, "", &serde_json::Value::Null)?)?),
    }
}

fn query_options(config: &Config, data: &Path) -> weft_query_engine::Options {
    let defaults = weft_query_engine::Options::default();
    weft_query_engine::Options {
        memory_bytes: config.storage.query_memory_mb.map_or(defaults.memory_bytes, |mb| mb << 20),
        spill_folder: Some(data.join("spill")),
        ..defaults
    }
}

fn access_settings(config: &Config) -> weft_access::Settings {
    let server = &config.server;
    weft_access::Settings { https: server.public_url.starts_with("https://"), behind_proxy: server.behind_proxy, demo: config.demo }
}

fn outbound_options(config: &Config) -> Result<weft_outbound_http::Options> {
    let allow_private = config.outbound.allow_private.iter().map(|text| Allowed::parse(text)).collect::<Result<Vec<_>>>()?;
    Ok(weft_outbound_http::Options { allow_private, ..Default::default() })
}
