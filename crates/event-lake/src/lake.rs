//! A folder of tables, each open once.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;
use weft_blob_store::Blobs;

use crate::kernel::{Clock, Error, Result, SystemClock};
use crate::log::Log;
use crate::snapshot::Columns;
use crate::table::Table;

/// Delta Lake tables under one URL. Cheap to clone; clones share their tables.
#[derive(Clone)]
pub struct Lake(Arc<Shared>);

struct Shared {
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    tables: Mutex<HashMap<String, Table>>,
}

impl Lake {
    /// Opens the lake at `file:/…` (see `blob-store` for other engines). Reads nothing: tables are read when asked for.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with_clock(url, Arc::new(SystemClock)).await
    }

    /// As [`Self::open`]; commits and files carry the times of this clock.
    pub async fn open_with_clock(url: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let blobs = Blobs::open(url).await?;
        Ok(Self(Arc::new(Shared { blobs, clock, tables: Mutex::default() })))
    }

    /// A table, created if it is absent, with at least the columns of `schema`: nullable columns that it lacks are added
    /// for good (rows of before have null there). Asked for twice, it is the same table.
    pub async fn table(&self, name: &str, schema: SchemaRef, partition_by: &[&str]) -> Result<Table> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(Error::invalid("event_lake.name_invalid", format!("{name:?} is no table name: a-z, 0-9 and _"))
                .param("name", name));
        }
        let mut tables = self.0.tables.lock().await;
        let table = match tables.get(name) {
            Some(table) => table.clone(),
            None => self.open_table(name, &schema, partition_by).await?,
        };
        table.widen(&schema, partition_by).await?;
        tables.insert(name.to_owned(), table.clone());
        Ok(table)
    }

    async fn open_table(&self, name: &str, schema: &SchemaRef, partition_by: &[&str]) -> Result<Table> {
        let log = Log::new(&self.0.blobs, name)?;
        let snapshot = match log.load().await? {
            Some(snapshot) => snapshot,
            None => {
                let partition_by = partition_by.iter().map(|s| (*s).to_owned()).collect();
                // If another process created it meanwhile, theirs is the table.
                log.create(name, &Columns::new(schema.as_ref().clone(), partition_by)?, self.0.clock.now()).await?;
                log.load().await?.ok_or_else(|| Error::bug("event_lake.failed", "a table that was just created is not there"))?
            }
        };
        Ok(Table::new(name, self.0.blobs.clone(), log, self.0.clock.clone(), snapshot))
    }
}
