//! Tables that have a face per workspace: from the lake, from memory, from both as one.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch, new_null_array};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef, UInt32Type};
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use weft_event_lake::{Pinned, Table, events};

use crate::error::told;
use crate::kernel::{self, Error, WorkspaceId};

/// A flush may come in between so many times in a row before we give up.
const ATTEMPTS: usize = 100;

/// A table of which each workspace has its own.
#[async_trait]
pub trait TenantTable: Send + Sync {
    /// The columns, the same for every workspace.
    fn schema(&self) -> SchemaRef;

    /// The rows of one workspace as they are now. No row of another may be reachable through it.
    async fn provider(&self, workspace: WorkspaceId) -> kernel::Result<Arc<dyn TableProvider>>;
}

/// The rows of a workspace that the lake does not hold yet, given the marker the lake has told: those after it.
/// Whoever keeps them lets go of a row only after the lake's `append` returned.
pub type Pending = Arc<dyn Fn(WorkspaceId, Option<i64>) -> kernel::Result<Vec<RecordBatch>> + Send + Sync>;

/// The rows of a workspace, all of them.
pub type RowsOf = Arc<dyn Fn(WorkspaceId) -> kernel::Result<Vec<RecordBatch>> + Send + Sync>;

/// A table of the lake that is partitioned by `workspace`: each workspace reads its own files.
pub fn lake_table(table: Table) -> Arc<dyn TenantTable> {
    Arc::new(LakeTable(table))
}

/// The lake, and what waits for it. `app_id` is the application under which rows are appended, with the last position
/// of each append as its version. A row has its position in the column `position`.
pub fn union_table(table: Table, app_id: impl Into<String>, pending: Pending) -> Arc<dyn TenantTable> {
    Arc::new(UnionTable { table, app_id: app_id.into(), pending })
}

/// A table that lies elsewhere and is given as batches when asked for.
pub fn rows_table(schema: SchemaRef, rows: RowsOf) -> Arc<dyn TenantTable> {
    Arc::new(RowsTable { schema, rows })
}

struct LakeTable(Table);

#[async_trait]
impl TenantTable for LakeTable {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    async fn provider(&self, workspace: WorkspaceId) -> kernel::Result<Arc<dyn TableProvider>> {
        Ok(of_workspace(self.0.pin(&[]).await?, workspace)?.provider())
    }
}

fn of_workspace(pinned: Pinned, workspace: WorkspaceId) -> kernel::Result<Pinned> {
    pinned.only(events::WORKSPACE, ScalarValue::UInt32(Some(workspace.0)))
}

struct RowsTable {
    schema: SchemaRef,
    rows: RowsOf,
}

#[async_trait]
impl TenantTable for RowsTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    async fn provider(&self, workspace: WorkspaceId) -> kernel::Result<Arc<dyn TableProvider>> {
        let batches = own_rows((self.rows)(workspace)?, &self.schema, workspace, None)?;
        Ok(Arc::new(MemTable::try_new(self.schema.clone(), vec![batches]).map_err(told)?))
    }
}

struct UnionTable {
    table: Table,
    app_id: String,
    pending: Pending,
}

#[async_trait]
impl TenantTable for UnionTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    async fn provider(&self, workspace: WorkspaceId) -> kernel::Result<Arc<dyn TableProvider>> {
        for _ in 0..ATTEMPTS {
            let pinned = self.table.pin(&[&self.app_id]).await?;
            let marker = pinned.marker(&self.app_id);
            let waiting = (self.pending)(workspace, marker)?;
            // If rows were flushed and let go of between the two looks, they are in neither: look again.
            if self.table.pin(&[&self.app_id]).await?.marker(&self.app_id) != marker {
                continue;
            }
            let pinned = of_workspace(pinned, workspace)?;
            let pending = own_rows(waiting, &pinned.schema(), workspace, marker)?;
            return Ok(Arc::new(UnionScan { lake: pinned.provider(), schema: pinned.schema(), pending }));
        }
        Err(Error::unavailable("query.busy", format!("the lake was written {ATTEMPTS} times while the query began")))
    }
}

/// Batches with the columns of the schema, without rows of other workspaces and rows that the lake holds already.
/// The giver should have left them out; that it did is too important to rely on.
fn own_rows(
    batches: Vec<RecordBatch>,
    schema: &SchemaRef,
    workspace: WorkspaceId,
    marker: Option<i64>,
) -> kernel::Result<Vec<RecordBatch>> {
    let mut own = Vec::with_capacity(batches.len());
    for batch in batches {
        let batch = filtered(batch, workspace, marker).map_err(told)?;
        let columns = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
            Some(column) => cast(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        });
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(|e| told(e.into()))?;
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|e| told(e.into()))?;
        if batch.num_rows() > 0 {
            own.push(batch);
        }
    }
    Ok(own)
}

fn filtered(batch: RecordBatch, workspace: WorkspaceId, marker: Option<i64>) -> Result<RecordBatch> {
    let mut batch = batch;
    if let Some(column) = batch.column_by_name(events::WORKSPACE) {
        let column = cast(column, &DataType::UInt32)?;
        let own: BooleanArray = column.as_primitive::<UInt32Type>().iter().map(|w| Some(w == Some(workspace.0))).collect();
        batch = filter_record_batch(&batch, &own)?;
    }
    if let (Some(marker), Some(column)) = (marker, batch.column_by_name(events::POSITION)) {
        let column = cast(column, &DataType::Int64)?;
        // A position beyond what a marker can tell is null here, and new.
        let new: BooleanArray = column.as_primitive::<Int64Type>().iter().map(|p| Some(p.is_none_or(|p| p > marker))).collect();
        batch = filter_record_batch(&batch, &new)?;
    }
    Ok(batch)
}

struct UnionScan {
    lake: Arc<dyn TableProvider>,
    schema: SchemaRef,
    pending: Vec<RecordBatch>,
}

impl fmt::Debug for UnionScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnionScan({:?} and {} batches)", self.lake, self.pending.len())
    }
}

#[async_trait]
impl TableProvider for UnionScan {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
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
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let lake = self.lake.scan(state, projection, filters, limit).await?;
        if self.pending.is_empty() {
            return Ok(lake);
        }
        let pending = MemorySourceConfig::try_new_exec(std::slice::from_ref(&self.pending), self.schema.clone(), projection.cloned())?;
        UnionExec::try_new(vec![lake, pending])
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
