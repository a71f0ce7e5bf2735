//! The thin scan: which files of a snapshot a query needs, handed to DataFusion as a plain Parquet source.
//!
//! Files are left out by their partition and by the bounds in the log. Columns, filters on rows, row groups and pages
//! are DataFusion's own business from there on.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::arrow::temporal_conversions::timestamp_ms_to_datetime;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue, Statistics, project_schema};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::conjunction;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use object_store::ObjectMeta;

use crate::bounds::FileBounds;
use crate::snapshot::{Columns, DataFile, Snapshot, partition_scalar};
use crate::table::{Inner, Pinned};

/// How much of a file's end is read at first: it holds the footer of all but huge files.
const FOOTER_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub enum Source {
    /// The version of the moment.
    Live(Arc<Inner>),
    Pinned(Arc<Inner>, Arc<Snapshot>),
}

impl Source {
    fn table(&self) -> &Arc<Inner> {
        match self {
            Self::Live(table) | Self::Pinned(table, _) => table,
        }
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        match self {
            Self::Live(table) => table.snapshot(),
            Self::Pinned(_, snapshot) => snapshot.clone(),
        }
    }
}

pub struct LakeScan {
    source: Source,
    columns: Arc<Columns>,
    /// File columns, then partition columns: the order that Parquet sources have.
    table_schema: TableSchema,
    /// Index of a partition column → its only value.
    only: Vec<(usize, ScalarValue)>,
}

impl fmt::Debug for LakeScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LakeScan({:?})", self.source)
    }
}

impl LakeScan {
    pub fn new(source: Source, columns: Arc<Columns>, only: Vec<(usize, ScalarValue)>) -> Self {
        let in_file = columns.in_file(&columns.shown);
        let partitions = columns.partition_by.iter().filter_map(|name| columns.shown.fields().find(name).map(|(_, f)| f.clone()));
        let table_schema = TableSchema::builder(in_file).with_table_partition_cols(partitions.collect::<Vec<_>>()).build();
        Self { source, columns, table_schema, only }
    }

    /// The files that may hold rows for these filters.
    fn files(&self, state: &dyn Session, snapshot: &Snapshot, filters: &[Expr]) -> Result<Vec<Arc<DataFile>>> {
        let mut files = Vec::with_capacity(snapshot.files.len());
        for file in snapshot.files.iter() {
            if Pinned::keeps(&self.only, &self.columns, &file.partition).map_err(external)? {
                files.push(file.clone());
            }
        }
        let schema = self.table_schema.table_schema();
        let known = DFSchema::try_from(schema.as_ref().clone())?;
        // A filter that cannot be judged yet (it holds a subquery) leaves nothing out.
        let judged: Vec<_> = filters.iter().filter_map(|f| state.create_physical_expr(f.clone(), &known).ok()).collect();
        if judged.is_empty() {
            return Ok(files);
        }
        let pruner = PruningPredicateBuilder::new().with_file_schema(schema.clone()).try_build(conjunction(judged))?;
        if pruner.always_true() {
            return Ok(files);
        }
        let bounds = FileBounds { files: &files, shown: &self.columns.shown, partition_by: &self.columns.partition_by };
        let kept = pruner.prune(&bounds)?;
        Ok(files.iter().zip(kept).filter(|(_, kept)| *kept).map(|(file, _)| file.clone()).collect())
    }

    fn partitioned_file(&self, file: &DataFile) -> Result<PartitionedFile> {
        let modified = timestamp_ms_to_datetime(file.modified).unwrap_or_default().and_utc();
        let meta = ObjectMeta { location: file.location.clone(), last_modified: modified, size: file.size, e_tag: None, version: None };
        let values = self.table_schema.table_partition_cols().iter().zip(&file.partition);
        let values = values.map(|(field, text)| partition_scalar(text.as_deref(), field.data_type()).map_err(external));
        Ok(PartitionedFile::new_from_meta(meta).with_partition_values(values.collect::<Result<_>>()?))
    }

    fn source(&self, state: &dyn Session, url: &ObjectStoreUrl) -> Result<ParquetSource> {
        let runtime = state.runtime_env();
        let store = match runtime.object_store(url) {
            Ok(store) => store,
            Err(_) => {
                let store = self.source.table().store();
                runtime.register_object_store(url.as_ref(), store.clone());
                store
            }
        };
        let footers = runtime.cache_manager.get_file_metadata_cache();
        let options = TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..Default::default() };
        Ok(ParquetSource::new(self.table_schema.clone())
            .with_table_parquet_options(options)
            .with_metadata_size_hint(FOOTER_BYTES)
            .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(store, footers))))
    }
}

#[async_trait]
impl TableProvider for LakeScan {
    fn schema(&self) -> SchemaRef {
        self.columns.shown.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.files(state, &self.source.snapshot(), filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema(), projection)?)));
        }
        let all = || (0..self.columns.shown.fields().len()).collect();
        let names = projection.cloned().unwrap_or_else(all).into_iter().map(|i| self.columns.shown.field(i).name());
        let indices = names.map(|name| self.table_schema.table_schema().index_of(name)).collect::<Result<Vec<_>, _>>()?;
        let mut statistics = Statistics::new_unknown(self.table_schema.table_schema());
        if let Some(rows) = files.iter().map(|f| f.bounds.rows).sum::<Option<u64>>() {
            statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(usize::MAX));
        }
        let group = FileGroup::new(files.iter().map(|f| self.partitioned_file(f)).collect::<Result<_>>()?);
        let url = store_url(self.source.table().blobs.url())?;
        let config = FileScanConfigBuilder::new(url.clone(), Arc::new(self.source(state, &url)?))
            .with_file_groups(group.split_files(state.config().target_partitions()))
            .with_statistics(statistics)
            .with_projection_indices(Some(indices))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Files are chosen by them; rows are still to be filtered.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

/// The store's own URL: scheme and host.
fn store_url(url: &url::Url) -> Result<ObjectStoreUrl> {
    if url.scheme() == "file" {
        return Ok(ObjectStoreUrl::local_filesystem());
    }
    ObjectStoreUrl::parse(format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default()))
}

fn external(e: crate::kernel::Error) -> DataFusionError {
    DataFusionError::External(Box::new(e))
}

/// Types whose text form Delta and we write alike, so that they can name a partition.
pub fn may_partition(data_type: &DataType) -> bool {
    use DataType::*;
    matches!(data_type, Int8 | Int16 | Int32 | Int64 | Utf8 | Boolean | Date32)
}
