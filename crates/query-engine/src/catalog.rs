//! The tables of one workspace, made when a query names them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider, TableProvider,
};
use datafusion::common::{DataFusionError, Result};
use tokio::sync::Mutex;

use crate::kernel::WorkspaceId;
use crate::tenant::TenantTable;

pub const CATALOG: &str = "weft";
pub const SCHEMA: &str = "public";

pub type Tables = BTreeMap<String, Arc<dyn TenantTable>>;

/// A catalog in which nothing exists but the tables of this workspace. A table named twice is one and the same.
pub fn of(workspace: WorkspaceId, tables: Arc<Tables>) -> Result<Arc<dyn CatalogProviderList>> {
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema(SCHEMA, Arc::new(TenantSchema { workspace, tables, made: Mutex::default() }))?;
    let list = MemoryCatalogProviderList::new();
    list.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(Arc::new(list))
}

struct TenantSchema {
    workspace: WorkspaceId,
    tables: Arc<Tables>,
    made: Mutex<BTreeMap<String, Arc<dyn TableProvider>>>,
}

impl fmt::Debug for TenantSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantSchema({})", self.workspace)
    }
}

#[async_trait]
impl SchemaProvider for TenantSchema {
    fn table_names(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        let Some(table) = self.tables.get(name) else { return Ok(None) };
        let mut made = self.made.lock().await;
        if let Some(provider) = made.get(name) {
            return Ok(Some(provider.clone()));
        }
        let provider = table.provider(self.workspace).await.map_err(|e| DataFusionError::External(Box::new(e)))?;
        made.insert(name.to_owned(), provider.clone());
        Ok(Some(provider))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }
}
