//! Many small files become few large ones; the rows stay what they are and in their order.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::AsyncArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake_core::kernel::{Action, Remove};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::bounds::{Bounds, Gather};
use crate::failed;
use crate::file::{self, Effort, PartitionKey};
use crate::kernel::Result;
use crate::log::Commit;
use crate::snapshot::{DataFile, Snapshot};
use crate::stored::cast_batch;
use crate::table::{Inner, Table};

/// So many small files are merged even into a file that is much larger than all of them.
const MANY: usize = 8;

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    pub files_before: usize,
    pub files_after: usize,
    pub bytes_before: u64,
    pub bytes_after: u64,
}

impl Table {
    /// Merges files of less than half of `target_bytes` within each partition, oldest first, until they are about that
    /// large. A merge must at least double the largest file it takes, or take eight of them: so a row is rewritten a
    /// few times in its life and not at every call. Appends go on meanwhile; a merge whose files somebody else removed
    /// is thrown away. The old files stay until [`Table::vacuum`].
    pub async fn compact(&self, target_bytes: u64) -> Result<Compaction> {
        let mut done = Compaction::default();
        for group in plan(&self.0.snapshot(), target_bytes) {
            let Some(bytes_after) = self.merge(&group).await? else { continue };
            done.files_before += group.len();
            done.files_after += 1;
            done.bytes_before += group.iter().map(|f| f.size).sum::<u64>();
            done.bytes_after += bytes_after;
        }
        Ok(done)
    }

    /// Gives back the size of the new file, or nothing if the merge came too late.
    async fn merge(&self, group: &[Arc<DataFile>]) -> Result<Option<u64>> {
        let table = &self.0;
        let (now, columns) = (table.clock.now(), table.snapshot().columns.clone());
        let Some(key) = group.first().map(|f| f.partition.clone()) else { return Ok(None) };
        let path = file::new_path(&columns.partition_by, &key, now);
        let location = table.location(&path)?;
        let merged = {
            let (table, group, schema, location) = (table.clone(), group.to_vec(), columns.in_file(&columns.stored), location.clone());
            // Compressing is heavy: it is done where blocking is allowed.
            let runtime = tokio::runtime::Handle::current();
            tokio::task::spawn_blocking(move || runtime.block_on(rewrite(&table, &group, schema, location))).await.map_err(failed)??
        };
        let size = table.store().head(&location).await.map_err(failed)?.size;
        let mut actions: Vec<Action> = group.iter().map(|f| Action::Remove(removal(f, &columns.partition_by, now.0))).collect();
        actions.push(Action::Add(file::add_action(path.clone(), size, &columns.partition_by, &key, &merged, false, now)));

        let _writing = table.writing.lock().await;
        loop {
            let snapshot = table.snapshot();
            if !group.iter().all(|f| snapshot.has_file(&f.path)) {
                table.store().delete(&location).await.map_err(failed)?;
                return Ok(None);
            }
            let next = snapshot.version + 1;
            match table.log.commit(next, "OPTIMIZE", actions.clone(), now).await? {
                Commit::Done => {
                    table.install(next, &actions).await?;
                    return Ok(Some(size));
                }
                Commit::Taken => table.catch_up().await?,
            }
        }
    }
}

fn removal(file: &DataFile, partition_by: &[String], at: i64) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change: false,
        deletion_timestamp: Some(at),
        extended_file_metadata: Some(true),
        partition_values: Some(partition_by.iter().cloned().zip(file.partition.iter().cloned()).collect()),
        size: i64::try_from(file.size).ok(),
        ..Remove::default()
    }
}

/// Which files to merge, group by group.
fn plan(snapshot: &Snapshot, target_bytes: u64) -> Vec<Vec<Arc<DataFile>>> {
    let mut small: BTreeMap<&PartitionKey, Vec<&Arc<DataFile>>> = BTreeMap::new();
    for file in snapshot.files.iter().filter(|f| f.size < target_bytes / 2) {
        small.entry(&file.partition).or_default().push(file);
    }
    let mut groups = Vec::new();
    for (_, mut files) in small {
        files.sort_by_key(|f| (f.modified, &f.path));
        let mut group: Vec<Arc<DataFile>> = Vec::new();
        let mut bytes = 0;
        for file in files {
            group.push(file.clone());
            bytes += file.size;
            if bytes >= target_bytes {
                groups.push(std::mem::take(&mut group));
                bytes = 0;
            }
        }
        groups.push(group);
    }
    groups.retain(|group| is_worth_it(group));
    groups
}

fn is_worth_it(group: &[Arc<DataFile>]) -> bool {
    let (all, largest) = group.iter().fold((0, 0), |(all, largest), f| (all + f.size, f.size.max(largest)));
    group.len() >= 2 && (all >= 2 * largest || group.len() >= MANY)
}

/// A row group of fat rows ends early: all of it stands in memory until it is written.
const ROW_GROUP_BYTES: usize = 32 << 20;

async fn rewrite(table: &Inner, files: &[Arc<DataFile>], schema: SchemaRef, target: Path) -> Result<Bounds> {
    let store: Arc<dyn ObjectStore> = table.store();
    let mut gather = Gather::new(&schema);
    let properties = file::properties(&schema, Effort::Compact)?;
    let target = BufWriter::new(store.clone(), target);
    let mut writer = AsyncArrowWriter::try_new(target, schema.clone(), Some(properties)).map_err(failed)?;
    for file in files {
        // Whole in memory: only small files are merged.
        let bytes = store.get(&file.location).await.map_err(failed)?.bytes().await.map_err(failed)?;
        for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(failed)?.build().map_err(failed)? {
            let batch = cast_batch(&batch.map_err(failed)?, &schema)?;
            gather.add(&batch)?;
            writer.write(&batch).await.map_err(failed)?;
            if writer.in_progress_size() > ROW_GROUP_BYTES {
                writer.flush().await.map_err(failed)?;
            }
        }
    }
    writer.close().await.map_err(failed)?;
    Ok(gather.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(sizes: &[u64]) -> Vec<Arc<DataFile>> {
        let file = |size: &u64| {
            Arc::new(DataFile {
                path: String::new(),
                location: Path::default(),
                size: *size,
                modified: 0,
                partition: Vec::new(),
                bounds: Bounds::default(),
            })
        };
        sizes.iter().map(file).collect()
    }

    #[test]
    fn a_large_file_is_not_rewritten_for_a_small_one() {
        assert!(!is_worth_it(&group(&[10])));
        assert!(is_worth_it(&group(&[10, 10])));
        assert!(!is_worth_it(&group(&[1000, 1, 1])));
        assert!(is_worth_it(&group(&[1000, 1, 1, 1, 1, 1, 1, 1])));
        assert!(is_worth_it(&group(&[1000, 900, 100])));
    }
}
