//! The transaction log of one table: reading it whole through deltalake, and commit by commit by ourselves.
//!
//! Commits are written here and not by deltalake's builder, because the builder lists the log and replays the table for
//! each of them. The rule is the same: a commit is a file that must not be there yet, and who comes second looks again.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema};
use deltalake_core::DeltaTable;
use deltalake_core::checkpoints::{cleanup_expired_logs_for, create_checkpoint};
use deltalake_core::kernel::engine::arrow_conversion::{TryIntoArrow, TryIntoKernel};
use deltalake_core::kernel::transaction::{PROTOCOL, TransactionError};
use deltalake_core::kernel::{Action, CommitInfo, Metadata, MetadataExt, StructType};
use deltalake_core::logstore::{CommitOrBytes, LogStoreRef, StorageConfig, default_logstore, get_actions};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use weft_blob_store::Blobs;

use crate::bounds::Bounds;
use crate::failed;
use crate::kernel::{Error, Millis, Result};
use crate::snapshot::{Columns, DataFile, Snapshot, locate};

/// A checkpoint every so many commits: what has to be read at start is one file and at most so many small ones.
const CHECKPOINT_EVERY: u64 = 64;
/// Old log files are kept this long behind a checkpoint, for readers that are in the middle of a version.
const LOG_KEPT: i64 = Millis::DAY;

/// What becomes of a commit.
pub enum Commit {
    Done,
    /// Somebody else wrote this version first.
    Taken,
}

pub struct Log {
    store: LogStoreRef,
    /// The table's folder in the store.
    root: Path,
}

impl Log {
    pub fn new(blobs: &Blobs, name: &str) -> Result<Self> {
        let root = blobs.path(name)?;
        let url: Url = blobs.url().join(&format!("{name}/")).map_err(failed)?;
        let table = Arc::new(PrefixStore::new(blobs.store(), root.clone()));
        Ok(Self { store: default_logstore(table, blobs.store(), &url, &StorageConfig::default()), root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The table as the log tells it now, if there is one.
    pub async fn load(&self) -> Result<Option<Snapshot>> {
        if !self.store.is_delta_table_location().await.map_err(failed)? {
            return Ok(None);
        }
        let mut table = DeltaTable::new(self.store.clone());
        table.load().await.map_err(failed)?;
        self.snapshot_of(&table).map(Some)
    }

    fn snapshot_of(&self, table: &DeltaTable) -> Result<Snapshot> {
        let state = table.snapshot().map_err(failed)?;
        let unknown = |e: TransactionError| Error::conflict("event_lake.feature_unknown", e.to_string());
        PROTOCOL.can_read_from(state).and_then(|()| PROTOCOL.can_write_to(state)).map_err(unknown)?;
        let schema: Schema = state.schema().as_ref().try_into_arrow().map_err(failed)?;
        let columns = Columns::new(schema, state.metadata().partition_columns().to_vec())?;
        let mut files = Vec::with_capacity(state.log_data().num_files());
        for view in state.log_data().iter() {
            if view.deletion_vector_descriptor().is_some() {
                return Err(Error::conflict("event_lake.feature_unknown", "the table has deletion vectors, which we do not read"));
            }
            let path = view.path().into_owned();
            let values = view.partition_values_map();
            files.push(Arc::new(DataFile {
                location: locate(&path, &self.root)?,
                path,
                size: view.size().max(0).unsigned_abs(),
                modified: view.modification_time(),
                partition: columns.partition_by.iter().map(|name| values.get(name).cloned().flatten()).collect(),
                bounds: Bounds::parse(view.stats().as_deref(), &columns.stored),
            }));
        }
        Ok(Snapshot {
            version: state.version(),
            columns: Arc::new(columns),
            metadata: Arc::new(state.metadata().clone()),
            files: Arc::new(files),
            markers: Arc::default(),
        })
    }

    /// Version 0 of a table. Taken if there is a table.
    pub async fn create(&self, name: &str, columns: &Columns, now: Millis) -> Result<Commit> {
        let protocol = serde_json::from_value(json!({"minReaderVersion": 1, "minWriterVersion": 2}))?;
        let metadata: Metadata = serde_json::from_value(json!({
            "id": Uuid::new_v4().to_string(),
            "name": name,
            "description": null,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": serde_json::to_string(&delta_schema(&columns.stored)?)?,
            "partitionColumns": columns.partition_by,
            "configuration": {},
            "createdTime": now.0,
        }))?;
        self.commit(0, "CREATE TABLE", vec![Action::Protocol(protocol), Action::Metadata(metadata)], now).await
    }

    /// Writes one commit, durable when it returns.
    pub async fn commit(&self, version: u64, operation: &str, actions: Vec<Action>, now: Millis) -> Result<Commit> {
        let info = CommitInfo {
            timestamp: Some(now.0),
            operation: Some(operation.to_owned()),
            operation_parameters: Some(HashMap::new()),
            is_blind_append: Some(operation == "WRITE"),
            engine_info: Some(concat!("weft/", env!("CARGO_PKG_VERSION")).to_owned()),
            ..CommitInfo::default()
        };
        let mut lines = Vec::with_capacity(actions.len() + 1);
        for action in std::iter::once(&Action::CommitInfo(info)).chain(&actions) {
            lines.push(serde_json::to_string(action)?);
        }
        let bytes = CommitOrBytes::LogBytes(lines.join("\n").into());
        match self.store.write_commit_entry(version, bytes, Uuid::new_v4()).await {
            Ok(()) => Ok(Commit::Done),
            Err(TransactionError::VersionAlreadyExists(_)) => Ok(Commit::Taken),
            Err(e) => Err(failed(e)),
        }
    }

    /// The actions of one version, if it has been written.
    pub async fn read(&self, version: u64) -> Result<Option<Vec<Action>>> {
        match self.store.read_commit_entry(version).await.map_err(failed)? {
            Some(bytes) => get_actions(version, &bytes).map(Some).map_err(failed),
            None => Ok(None),
        }
    }

    /// The last version an application told with a commit, up to this version of the table.
    pub async fn marker(&self, version: u64, app_id: &str) -> Result<Option<i64>> {
        let table = self.at(version).await?;
        let state = table.snapshot().map_err(failed)?;
        state.transaction_version(&self.store, app_id).await.map_err(failed)
    }

    /// Removed files that the log still knows, with the time of their removal in milliseconds since 1970.
    pub async fn tombstones(&self, version: u64) -> Result<HashMap<String, i64>> {
        let table = self.at(version).await?;
        let state = table.snapshot().map_err(failed)?;
        let tombstones = state.all_tombstones(&self.store);
        let told = tombstones.map_ok(|t| (t.path().into_owned(), t.deletion_timestamp().unwrap_or(0)));
        told.try_collect().await.map_err(failed)
    }

    /// Sums the log up in one file when it is time, and drops log files that nobody needs behind it.
    pub async fn checkpoint_if_due(&self, version: u64, now: Millis) -> Result<bool> {
        if !version.is_multiple_of(CHECKPOINT_EVERY) || version == 0 {
            return Ok(false);
        }
        let table = self.at(version).await?;
        create_checkpoint(&table, None).await.map_err(failed)?;
        cleanup_expired_logs_for(version, &self.store, now.minus(LOG_KEPT).0, None).await.map_err(failed)?;
        Ok(true)
    }

    async fn at(&self, version: u64) -> Result<DeltaTable> {
        let mut table = DeltaTable::new(self.store.clone());
        table.load_version(version).await.map_err(failed)?;
        Ok(table)
    }
}

/// The metadata of a table with more columns.
pub fn widened_metadata(metadata: &Metadata, columns: &Columns) -> Result<Metadata> {
    metadata.clone().with_schema(&delta_schema(&columns.stored)?).map_err(failed)
}

fn delta_schema(stored: &Schema) -> Result<StructType> {
    // Arrow's marks would become Delta's, and other engines would have to carry them.
    let fields = stored.fields().iter().map(|f| Field::new(f.name(), f.data_type().clone(), f.is_nullable()));
    (&Schema::new(fields.collect::<Vec<_>>())).try_into_kernel().map_err(failed)
}
