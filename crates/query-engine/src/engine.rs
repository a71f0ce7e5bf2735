//! The engine: a shared runtime with bounds, and a fresh session for every query.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use datafusion::arrow::temporal_conversions::timestamp_ms_to_datetime;
use datafusion::common::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::TrackConsumersPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{displayable, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use parking_lot::RwLock;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::catalog::{self, Tables};
use crate::error::told;
use crate::guard;
use crate::kernel::{Error, Millis, Result, WorkspaceId};
use crate::persons::PersonsByNumber;
use crate::pool::TwoPurses;
use crate::prop::{prop_num_udf, prop_udf};
use crate::rows::{Rows, columns};
use crate::tenant::TenantTable;

/// How many memory users an error about memory names.
const BLAMED: usize = 3;
/// Functions that make a value as large as a number says: one slip, such as a series of a billion, would take the memory
/// of the whole program, since values in the making are not counted. (`generate_series` as a table is a stream and stays.)
const BOUNDLESS: [&str; 7] = ["repeat", "range", "gen_series", "generate_series", "array_repeat", "array_resize", "make_list"];
/// Spilled runs that are merged at once. Without a limit a sort takes all memory there is for reading them back, and
/// then has none to merge with.
const MERGED_AT_ONCE: usize = 4;
/// Batches that may wait between a stream's producer and its reader.
const AHEAD: usize = 2;

/// What the engine may use.
#[derive(Clone, Debug)]
pub struct Options {
    /// For all queries together; what needs more spills to disk. Less than 32 MB a thread is too little for large sorts.
    pub memory_bytes: usize,
    /// Threads of the engine, which are its own, so that questions do not hinder what collects and sends.
    pub threads: usize,
    /// Where to spill; the system's place for temporary files if none is named.
    pub spill_folder: Option<PathBuf>,
    /// For all queries together; 0 forbids spilling.
    pub spill_bytes: u64,
    /// Footers of Parquet files that are kept from query to query.
    pub footer_cache_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            memory_bytes: 256 << 20,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            spill_folder: None,
            spill_bytes: 10 << 30,
            footer_cache_bytes: 16 << 20,
        }
    }
}

/// What one query may give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub rows: usize,
    /// Of the answer as JSON, about.
    pub bytes: usize,
    pub millis: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 10_000, bytes: 16 << 20, millis: 30_000 }
    }
}

/// DataFusion in process. One for the whole program.
pub struct QueryEngine {
    template: SessionState,
    tables: RwLock<Arc<Tables>>,
    threads: usize,
    runtime: OnceLock<Runtime>,
}

impl QueryEngine {
    /// Starts nothing: threads come with the first query.
    pub fn new(options: Options) -> Result<Self> {
        let mut config = SessionConfig::new()
            .with_target_partitions(options.threads.max(1))
            .with_information_schema(false)
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(catalog::CATALOG, catalog::SCHEMA);
        let settings = config.options_mut();
        settings.execution.time_zone = Some("UTC".to_owned());
        settings.execution.sort_spill_reservation_bytes = merge_reserve(&options);
        settings.execution.parquet.pushdown_filters = true;
        settings.execution.parquet.reorder_filters = true;
        settings.sql_parser.map_string_types_to_utf8view = false;
        let template = SessionStateBuilder::new_with_default_features()
            .with_config(config)
            .with_runtime_env(runtime_env(&options)?)
            .with_optimizer_rule(Arc::new(PersonsByNumber))
            .build();
        let engine = SessionContext::new_with_state(template);
        for function in [prop_udf(), prop_num_udf()] {
            engine.register_udf(function.as_ref().clone());
        }
        for name in BOUNDLESS {
            engine.deregister_udf(name);
        }
        let template = engine.state();
        Ok(Self { template, tables: RwLock::default(), threads: options.threads.max(1), runtime: OnceLock::new() })
    }

    /// Makes a table known to every workspace under this name (again: in place of the old one).
    pub fn register_table(&self, name: &str, table: Arc<dyn TenantTable>) {
        let mut tables = self.tables.write();
        Arc::make_mut(&mut tables).insert(name.to_owned(), table);
    }

    /// The table of this name, as it was registered.
    pub fn table(&self, name: &str) -> Option<Arc<dyn TenantTable>> {
        self.tables.read().get(name).cloned()
    }

    /// Answers one `SELECT` over the tables of a workspace. `now()` in it is `now`. Dropping the future stops the query.
    pub async fn sql(&self, workspace: WorkspaceId, sql: &str, limits: Limits, now: Millis) -> Result<Rows> {
        let (state, sql) = (self.session(workspace, now)?, sql.to_owned());
        self.within(limits.millis, async move {
            let plan = guard::plan(&state, &sql).await?;
            collect(&state, plan, limits).await
        })
        .await
    }

    /// As [`Self::sql`], for a plan that a room made over tables of [`Self::context`].
    pub async fn plan(&self, workspace: WorkspaceId, plan: LogicalPlan, limits: Limits, now: Millis) -> Result<Rows> {
        guard::verify(&plan)?;
        let state = self.session(workspace, now)?;
        self.within(limits.millis, async move { collect(&state, plan, limits).await }).await
    }

    /// The whole answer, batch by batch, for exports. It ends with an error when `millis` are over; dropping it stops it.
    pub async fn stream(&self, workspace: WorkspaceId, sql: &str, millis: u64, now: Millis) -> Result<SendableRecordBatchStream> {
        let (state, sql) = (self.session(workspace, now)?, sql.to_owned());
        let mut batches = self
            .within(millis, async move {
                let plan = guard::plan(&state, &sql).await?;
                run(&state, &plan).await
            })
            .await?;
        let mut builder = RecordBatchReceiverStreamBuilder::new(batches.schema(), AHEAD);
        let reader = builder.tx();
        let work = async move {
            let forward = async {
                while let Some(batch) = batches.next().await {
                    if reader.send(batch).await.is_err() {
                        return;
                    }
                }
            };
            if tokio::time::timeout(Duration::from_millis(millis), forward).await.is_err() {
                // Nobody listens any more if this fails.
                let _ = reader.send(Err(DataFusionError::External(Box::new(timed_out(millis))))).await;
            }
            Ok(())
        };
        builder.spawn_on(work, self.runtime()?.handle());
        Ok(builder.build())
    }

    /// How a query would run, as text. It names files: not for tenants.
    pub async fn explain(&self, workspace: WorkspaceId, sql: &str, now: Millis) -> Result<String> {
        let state = self.session(workspace, now)?;
        let plan = guard::plan(&state, sql).await?;
        let plan = state.create_physical_plan(&plan).await.map_err(told)?;
        Ok(displayable(plan.as_ref()).indent(true).to_string())
    }

    /// A fresh session with the tables of a workspace, for rooms that build plans. A table named twice in it is one
    /// version of it. What it runs itself, it runs on the caller's threads within the engine's memory, and its `now()` is
    /// the system's; better hand its plans to [`Self::plan`].
    pub async fn context(&self, workspace: WorkspaceId) -> Result<SessionContext> {
        let mut state = self.template.clone();
        state.register_catalog_list(catalog::of(workspace, self.tables.read().clone()).map_err(told)?);
        Ok(SessionContext::new_with_state(state))
    }

    fn session(&self, workspace: WorkspaceId, now: Millis) -> Result<SessionState> {
        let mut state = self.template.clone();
        state.register_catalog_list(catalog::of(workspace, self.tables.read().clone()).map_err(told)?);
        state.mark_start_execution();
        let now = timestamp_ms_to_datetime(now.0).ok_or_else(|| Error::invalid("query.invalid", "that time is out of all bounds"))?;
        state.execution_props_mut().query_execution_start_time = Some(now.and_utc());
        Ok(state)
    }

    /// Runs work on the engine's threads; it stops when time is over or nobody waits for it.
    async fn within<T: Send + 'static>(&self, millis: u64, work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
        let mut tasks = JoinSet::new();
        tasks.spawn_on(work, self.runtime()?.handle());
        match tokio::time::timeout(Duration::from_millis(millis), tasks.join_next()).await {
            Err(_) => Err(timed_out(millis)),
            Ok(Some(Ok(done))) => done,
            Ok(failed) => Err(Error::bug("query.failed", format!("the query broke: {failed:?}", failed = failed.map(|f| f.map(drop))))),
        }
    }

    fn runtime(&self) -> Result<&Runtime> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(self.threads)
            .max_blocking_threads(self.threads * 4)
            .thread_name("weft-query")
            .enable_all()
            .build()?;
        if let Err(second) = self.runtime.set(runtime) {
            // Another query was first with it.
            second.shutdown_background();
        }
        self.runtime.get().ok_or_else(|| Error::bug("query.failed", "no threads"))
    }
}

impl Drop for QueryEngine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The usual drop waits for threads, which is forbidden on the threads of another runtime.
            runtime.shutdown_background();
        }
    }
}

/// What each sort holds back to merge what it spilled. DataFusion's 10 MB for each thread may be more than there is.
fn merge_reserve(options: &Options) -> usize {
    (options.memory_bytes / options.threads.max(1) / 8).min(10 << 20)
}

fn runtime_env(options: &Options) -> Result<Arc<RuntimeEnv>> {
    let mode = match &options.spill_folder {
        _ if options.spill_bytes == 0 => DiskManagerMode::Disabled,
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let blamed = std::num::NonZeroUsize::new(BLAMED).unwrap_or(std::num::NonZeroUsize::MIN);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(TwoPurses::new(options.memory_bytes), blamed)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(options.spill_bytes))
        .with_max_spill_merge_fan_in(MERGED_AT_ONCE)
        .with_metadata_cache_limit(options.footer_cache_bytes)
        .build_arc()
        .map_err(told)
}

async fn run(state: &SessionState, plan: &LogicalPlan) -> Result<SendableRecordBatchStream> {
    let plan = state.create_physical_plan(plan).await.map_err(told)?;
    execute_stream(plan, Arc::new(TaskContext::from(state))).map_err(told)
}

/// One row more than allowed is asked for, to know whether there are more.
async fn collect(state: &SessionState, plan: LogicalPlan, limits: Limits) -> Result<Rows> {
    let mut answer = Rows { columns: columns(plan.schema().as_arrow()), ..Rows::default() };
    let plan = LogicalPlanBuilder::from(plan).limit(0, Some(limits.rows.saturating_add(1))).and_then(LogicalPlanBuilder::build);
    let mut batches = run(state, &plan.map_err(told)?).await?;
    let mut bytes_left = limits.bytes;
    while let Some(batch) = batches.next().await {
        if !answer.add(&batch.map_err(told)?, limits.rows, &mut bytes_left)? {
            break;
        }
    }
    Ok(answer)
}

fn timed_out(millis: u64) -> Error {
    Error::timed_out("query.timed_out", format!("the query took longer than {millis} ms and was stopped")).param("millis", millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_query_stops() {
        let engine = QueryEngine::new(Options { threads: 2, ..Options::default() }).unwrap();
        assert!(engine.runtime.get().is_none(), "idle, it has no threads");
        let tasks = |engine: &QueryEngine| engine.runtime.get().map_or(0, |r| r.metrics().num_alive_tasks());
        {
            let endless = "SELECT count(*) FROM generate_series(1, 1000000000000) a(n) WHERE n % 7 = 3";
            let mut asked = Box::pin(engine.sql(WorkspaceId(1), endless, Limits::default(), Millis(0)));
            while tasks(&engine) < 2 {
                assert!(futures::poll!(&mut asked).is_pending());
                tokio::task::yield_now().await;
            }
        }
        while tasks(&engine) > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn the_engine_may_be_dropped_anywhere() {
        let engine = QueryEngine::new(Options { threads: 1, ..Options::default() }).unwrap();
        let rows = engine.sql(WorkspaceId(1), "SELECT 1", Limits::default(), Millis(0)).await.unwrap();
        assert_eq!(rows.rows, vec![vec![serde_json::json!(1)]]);
        drop(engine);
    }
}
