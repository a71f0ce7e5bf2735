//! Stores to test on: SQLite in memory and in a file, and PostgreSQL when `WEFT_TEST_POSTGRES` names one.

use std::future::Future;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, Database};

use crate::kernel::{Error, Result};
use crate::rows::Rows;

/// The URL of a PostgreSQL in which the tests may create databases of their own.
pub const POSTGRES: &str = "WEFT_TEST_POSTGRES";

/// A store that nobody else uses, gone after the test.
#[derive(Clone)]
pub struct TestStore {
    pub rows: Rows,
    pub engine: &'static str,
    url: String,
    _folder: Option<Arc<tempfile::TempDir>>,
}

impl TestStore {
    /// Where another process finds the same rows; nowhere when they are in memory.
    pub fn url(&self) -> Option<&str> {
        (self.engine != "memory").then_some(self.url.as_str())
    }

    /// Another pool on the same rows, as after a restart. In memory there is nothing to come back to: the same rows.
    pub async fn reopen(&self) -> Result<Rows> {
        match self.url() {
            Some(url) => Rows::open(url).await,
            None => Ok(self.rows.clone()),
        }
    }
}

/// SQLite in memory, with the tables of the rooms under test.
pub async fn in_memory() -> Result<Rows> {
    Rows::open("sqlite::memory:").await
}

/// Tells the same story on each engine. A panic in the story fails the test after the store has been cleared away.
pub async fn on_each_engine<F, Fut>(story: F)
where
    F: Fn(TestStore) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    for engine in ["memory", "sqlite", "postgres"] {
        match open(engine).await {
            Ok(Some(store)) => tell(store, &story).await,
            Ok(None) => eprintln!("skipped on postgres: {POSTGRES} is not set"),
            Err(error) => panic!("{engine} could not be opened: {error}"),
        }
    }
}

async fn tell<F, Fut>(store: TestStore, story: &F)
where
    F: Fn(TestStore) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let engine = store.engine;
    let told = tokio::spawn(story(store.clone())).await;
    store.rows.close().await.unwrap_or_else(|error| panic!("{engine} could not be closed: {error}"));
    if engine == "postgres" {
        drop_database(&store.url).await.unwrap_or_else(|error| panic!("the test database was left behind: {error}"));
    }
    if let Err(failed) = told {
        eprintln!("failed on {engine}");
        std::panic::resume_unwind(failed.into_panic());
    }
}

async fn open(engine: &'static str) -> Result<Option<TestStore>> {
    let (url, folder) = match engine {
        "memory" => ("sqlite::memory:".to_owned(), None),
        "sqlite" => {
            let folder = tempfile::tempdir()?;
            (format!("sqlite:{}", folder.path().join("rows.db").display()), Some(Arc::new(folder)))
        }
        _ => match std::env::var(POSTGRES) {
            Ok(admin) => (create_database(&admin).await?, None),
            Err(_) => return Ok(None),
        },
    };
    Ok(Some(TestStore { rows: Rows::open(&url).await?, engine, url, _folder: folder }))
}

async fn create_database(admin: &str) -> Result<String> {
    let name = format!("weft_test_{}", uuid::Uuid::new_v4().simple());
    execute(admin, &format!("CREATE DATABASE {name}")).await?;
    let (server, _) = split(admin)?;
    Ok(format!("{server}/{name}"))
}

async fn drop_database(url: &str) -> Result<()> {
    let admin = std::env::var(POSTGRES).map_err(Error::internal)?;
    let (_, name) = split(url)?;
    execute(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await
}

async fn execute(url: &str, sql: &str) -> Result<()> {
    let db = Database::connect(url).await.map_err(crate::db_error)?;
    db.execute_unprepared(sql).await.map_err(crate::db_error)?;
    db.close().await.map_err(crate::db_error)
}

/// Server and database of `postgres://user@host:port/database`.
fn split(url: &str) -> Result<(&str, &str)> {
    url.rsplit_once('/').ok_or_else(|| Error::invalid("meta_store.url_invalid", "the URL names no database"))
}
