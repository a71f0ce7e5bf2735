//! One table: appended to exactly once, read at a version.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use deltalake_core::kernel::{Action, Transaction};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parking_lot::RwLock;
use tokio::sync::Mutex;
use weft_blob_store::Blobs;

use crate::failed;
use crate::file::{self, Effort, PartitionKey};
use crate::kernel::{Clock, Error, Result};
use crate::log::{Commit, Log, widened_metadata};
use crate::scan::{LakeScan, Source};
use crate::snapshot::{Columns, LakeFile, Next, Snapshot, partition_scalar};
use crate::stored::cast_batch;

/// Somebody else may win so many times in a row before we give up.
const ATTEMPTS: usize = 100;

/// What became of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Durable, in this version of the table.
    Written { version: u64, rows: u64 },
    /// The application told this version before: nothing was written.
    AlreadyThere,
}

/// A Delta table. Cheap to clone; clones are the same table.
#[derive(Clone)]
pub struct Table(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    name: String,
    pub blobs: Blobs,
    pub log: Log,
    pub clock: Arc<dyn Clock>,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Held by whoever writes a commit: within a process writers wait instead of colliding.
    pub writing: Mutex<()>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} at {})", self.name, self.snapshot().version)
    }
}

/// A file that is written and that no commit tells of yet.
struct NewFile {
    path: String,
    size: u64,
    key: PartitionKey,
    bounds: crate::bounds::Bounds,
}

impl Table {
    pub(crate) fn new(name: &str, blobs: Blobs, log: Log, clock: Arc<dyn Clock>, snapshot: Snapshot) -> Self {
        let snapshot = RwLock::new(Arc::new(snapshot));
        Self(Arc::new(Inner { name: name.to_owned(), blobs, log, clock, snapshot, writing: Mutex::default() }))
    }

    /// Appends the batches as Parquet files in one commit that carries the application's marker. If the table holds this
    /// application at `version` or later, nothing is written. Without rows only the marker moves. Durable on return.
    pub async fn append(&self, batches: &[RecordBatch], app_id: &str, version: i64) -> Result<Appended> {
        let table = &self.0;
        let _writing = table.writing.lock().await;
        if table.told(app_id, version).await? {
            return Ok(Appended::AlreadyThere);
        }
        let files = table.write_files(batches).await?;
        let rows = files.iter().filter_map(|f| f.bounds.rows).sum();
        let now = table.clock.now();
        for _ in 0..ATTEMPTS {
            let snapshot = table.snapshot();
            let partition_by = &snapshot.columns.partition_by;
            let adds = files.iter().map(|f| Action::Add(file::add_action(f.path.clone(), f.size, partition_by, &f.key, &f.bounds, true, now)));
            let marker = Action::Txn(Transaction::new_with_last_update(app_id, version, Some(now.0)));
            let actions: Vec<Action> = adds.chain([marker]).collect();
            let next = snapshot.version + 1;
            match table.log.commit(next, "WRITE", actions.clone(), now).await? {
                Commit::Done => {
                    table.install(next, &actions).await?;
                    return Ok(Appended::Written { version: next, rows });
                }
                Commit::Taken => {
                    table.catch_up().await?;
                    if table.told(app_id, version).await? {
                        table.drop_files(&files).await;
                        return Ok(Appended::AlreadyThere);
                    }
                    if table.snapshot().columns.partition_by != *partition_by {
                        return Err(Error::conflict("event_lake.partition_differs", "the table was partitioned anew meanwhile"));
                    }
                }
            }
        }
        table.drop_files(&files).await;
        Err(Error::unavailable("event_lake.too_many_writers", format!("{ATTEMPTS} others wrote first")))
    }

    /// The last version this application told with a commit.
    pub async fn marker(&self, app_id: &str) -> Result<Option<i64>> {
        let _writing = self.0.writing.lock().await;
        self.0.catch_up().await?;
        self.0.marker(app_id).await
    }

    /// Holds the table still: a version of it, with the markers of these applications as they were in that version.
    pub async fn pin(&self, app_ids: &[&str]) -> Result<Pinned> {
        let known = |snapshot: &Snapshot| app_ids.iter().all(|id| snapshot.markers.contains_key(*id));
        let snapshot = self.0.snapshot();
        if known(&snapshot) {
            return Ok(Pinned { table: self.0.clone(), snapshot, only: Vec::new() });
        }
        let _writing = self.0.writing.lock().await;
        for app_id in app_ids {
            self.0.marker(app_id).await?;
        }
        Ok(Pinned { table: self.0.clone(), snapshot: self.0.snapshot(), only: Vec::new() })
    }

    /// The table for queries; each scan sees the version of its moment.
    pub fn provider(&self) -> Arc<dyn TableProvider> {
        let columns = self.0.snapshot().columns.clone();
        Arc::new(LakeScan::new(Source::Live(self.0.clone()), columns, Vec::new()))
    }

    /// Takes in what other processes committed. Within one process there is nothing to take in.
    pub async fn refresh(&self) -> Result<u64> {
        let _writing = self.0.writing.lock().await;
        self.0.catch_up().await?;
        Ok(self.version())
    }

    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// As queries see it.
    pub fn schema(&self) -> SchemaRef {
        self.0.snapshot().columns.shown.clone()
    }

    pub fn version(&self) -> u64 {
        self.0.snapshot().version
    }

    pub fn files(&self) -> Vec<LakeFile> {
        let snapshot = self.0.snapshot();
        snapshot.files.iter().map(|f| LakeFile { path: f.path.clone(), size: f.size, rows: f.bounds.rows }).collect()
    }

    /// Adds the columns that the table lacks.
    pub(crate) async fn widen(&self, wanted: &Schema, partition_by: &[&str]) -> Result<()> {
        let table = &self.0;
        let _writing = table.writing.lock().await;
        for _ in 0..ATTEMPTS {
            let snapshot = table.snapshot();
            if snapshot.columns.partition_by != partition_by {
                return Err(Error::conflict(
                    "event_lake.partition_differs",
                    format!("{} is partitioned by {:?}, not {partition_by:?}", table.name, snapshot.columns.partition_by),
                ));
            }
            let columns = Arc::new(snapshot.columns.widened(wanted)?);
            if !snapshot.columns.lacks(&columns) {
                table.set(Snapshot { columns, ..snapshot.as_ref().clone() });
                return Ok(());
            }
            let metadata = widened_metadata(&snapshot.metadata, &columns)?;
            let version = snapshot.version + 1;
            match table.log.commit(version, "ADD COLUMNS", vec![Action::Metadata(metadata.clone())], table.clock.now()).await? {
                Commit::Done => {
                    table.set(Snapshot { version, columns, metadata: Arc::new(metadata), ..snapshot.as_ref().clone() });
                    return Ok(());
                }
                Commit::Taken => table.catch_up().await?,
            }
        }
        Err(Error::unavailable("event_lake.too_many_writers", format!("{ATTEMPTS} others wrote first")))
    }
}

impl Inner {
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().clone()
    }

    fn set(&self, snapshot: Snapshot) {
        *self.snapshot.write() = Arc::new(snapshot);
    }

    pub fn store(&self) -> Arc<dyn ObjectStore> {
        self.blobs.store()
    }

    pub fn location(&self, path: &str) -> Result<Path> {
        crate::snapshot::locate(path, self.log.root())
    }

    /// The snapshot after our own commit; the log is summed up when it is time.
    pub async fn install(&self, version: u64, actions: &[Action]) -> Result<()> {
        self.advance(version, actions).await?;
        if let Err(e) = self.log.checkpoint_if_due(version, self.clock.now()).await {
            // The commit stands without it; the next start reads more small files.
            tracing::warn!(table = self.name, version, error = %e, "no checkpoint");
        }
        Ok(())
    }

    /// Takes in commits of others. The caller holds `writing`.
    pub async fn catch_up(&self) -> Result<()> {
        loop {
            let version = self.snapshot().version + 1;
            match self.log.read(version).await? {
                Some(actions) => self.advance(version, &actions).await?,
                None => return Ok(()),
            }
        }
    }

    async fn advance(&self, version: u64, actions: &[Action]) -> Result<()> {
        let snapshot = self.snapshot();
        match snapshot.after(version, actions, self.log.root())? {
            Next::Snapshot(next) => self.set(*next),
            Next::Reload => {
                let read = self.log.load().await?.ok_or_else(|| Error::bug("event_lake.failed", "the table is gone"))?;
                let columns = Arc::new(read.columns.widened(&read.columns.kept_from(&snapshot.columns))?);
                self.set(Snapshot { columns, ..read });
            }
        }
        Ok(())
    }

    /// The caller holds `writing`.
    async fn marker(&self, app_id: &str) -> Result<Option<i64>> {
        let snapshot = self.snapshot();
        if let Some(marker) = snapshot.markers.get(app_id) {
            return Ok(*marker);
        }
        let marker = self.log.marker(snapshot.version, app_id).await?;
        let mut markers = snapshot.markers.clone();
        Arc::make_mut(&mut markers).insert(app_id.to_owned(), marker);
        self.set(Snapshot { markers, ..snapshot.as_ref().clone() });
        Ok(marker)
    }

    async fn told(&self, app_id: &str, version: i64) -> Result<bool> {
        Ok(self.marker(app_id).await?.is_some_and(|told| told >= version))
    }

    async fn write_files(&self, batches: &[RecordBatch]) -> Result<Vec<NewFile>> {
        let columns = self.snapshot().columns.clone();
        let batches = batches.to_vec();
        let encoded = tokio::task::spawn_blocking(move || encode_parts(&columns, &batches)).await.map_err(failed)??;
        let (now, partition_by) = (self.clock.now(), self.snapshot().columns.partition_by.clone());
        let mut files = Vec::with_capacity(encoded.len());
        for (key, encoded) in encoded {
            let path = file::new_path(&partition_by, &key, now);
            let size = encoded.bytes.len() as u64;
            self.store().put(&self.location(&path)?, encoded.bytes.into()).await.map_err(failed)?;
            files.push(NewFile { path, size, key, bounds: encoded.bounds });
        }
        Ok(files)
    }

    /// Removes files that no commit tells of. Should it fail, `vacuum` takes them.
    async fn drop_files(&self, files: &[NewFile]) {
        let snapshot = self.snapshot();
        for file in files.iter().filter(|f| !snapshot.has_file(&f.path)) {
            if let Ok(location) = self.location(&file.path)
                && let Err(e) = self.store().delete(&location).await
            {
                tracing::warn!(table = self.name, file = file.path, error = %e, "an orphan stays until the vacuum");
            }
        }
    }
}

fn encode_parts(columns: &Columns, batches: &[RecordBatch]) -> Result<Vec<(PartitionKey, file::Encoded)>> {
    let stored = batches.iter().map(|b| cast_batch(b, &columns.stored)).collect::<Result<Vec<_>>>()?;
    let schema = columns.in_file(&columns.stored);
    let mut files = Vec::new();
    for (key, part) in file::split(&stored, &columns.partition_by)? {
        let part = part.iter().map(|b| file::project(b, &schema)).collect::<Result<Vec<_>>>()?;
        files.push((key, file::encode(&schema, &part, Effort::Append)?));
    }
    Ok(files)
}

/// A table held still at one version, whole or some partitions of it.
#[derive(Clone)]
pub struct Pinned {
    table: Arc<Inner>,
    snapshot: Arc<Snapshot>,
    only: Vec<(usize, ScalarValue)>,
}

impl Pinned {
    pub fn version(&self) -> u64 {
        self.snapshot.version
    }

    /// The application's marker in this very version. It must have been named when pinning.
    pub fn marker(&self, app_id: &str) -> Option<i64> {
        self.snapshot.markers.get(app_id).copied().flatten()
    }

    pub fn schema(&self) -> SchemaRef {
        self.snapshot.columns.shown.clone()
    }

    /// Leaves out every file whose partition column has another value: what is left out cannot be read by any query.
    pub fn only(mut self, column: &str, value: ScalarValue) -> Result<Self> {
        let columns = &self.snapshot.columns;
        let index = columns.partition_by.iter().position(|name| name == column).ok_or_else(|| {
            Error::invalid("event_lake.column_unknown", format!("{} is not partitioned by {column}", self.table.name))
                .param("column", column)
        })?;
        let data_type = columns.shown.field_with_name(column).map_err(failed)?.data_type();
        self.only.push((index, value.cast_to(data_type).map_err(failed)?));
        Ok(self)
    }

    /// This version for queries.
    pub fn provider(&self) -> Arc<dyn TableProvider> {
        let source = Source::Pinned(self.table.clone(), self.snapshot.clone());
        Arc::new(LakeScan::new(source, self.snapshot.columns.clone(), self.only.clone()))
    }

    /// Does this partition value belong to what is left?
    pub(crate) fn keeps(only: &[(usize, ScalarValue)], columns: &Columns, partition: &PartitionKey) -> Result<bool> {
        for (index, wanted) in only {
            let text = partition.get(*index).and_then(|v| v.as_deref());
            if partition_scalar(text, &wanted.data_type())? != *wanted || columns.partition_by.len() <= *index {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
