//! The pool of connections, whichever engine stands behind it.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use sea_orm_migration::MigrationTrait;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::fault::db_error;
use crate::kernel::{Error, Millis, Result, Scope};
use crate::migration;
use crate::outbox::Relay;
use crate::unit::Unit;

/// How long a writer waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(10);
const ACQUIRE: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 12;

/// The house's rows. Cloning shares the pool.
#[derive(Clone)]
pub struct Rows {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    db: DatabaseConnection,
    /// How many transactions may be open at once. SQLite has one writer: who waits here waits in order and holds no
    /// connection. In PostgreSQL half of the pool is left to readers, so that a unit which reads outside of itself cannot starve.
    writers: Arc<Semaphore>,
    /// Wakes the relay after a commit that told the log something.
    pub(crate) told: Notify,
    /// The relay knows the rows; the rows must not keep the relay alive.
    pub(crate) relay: Mutex<Weak<Relay>>,
}

impl Rows {
    /// `sqlite:/path/rows.db`, `sqlite::memory:` (one connection: gone when the last clone is) or `postgres://user@host/database`.
    pub async fn open(url: &str) -> Result<Rows> {
        let (db, writers) = match url.split(':').next().unwrap_or_default() {
            "sqlite" => (open_sqlite(url).await?, 1),
            "postgres" | "postgresql" => (open_postgres(url).await?, CONNECTIONS as usize / 2),
            _ => return Err(Error::invalid("meta_store.url_invalid", "rows are kept at sqlite:/path/rows.db, sqlite::memory: or postgres://…")),
        };
        let writers = Arc::new(Semaphore::new(writers));
        let rows = Rows { inner: Arc::new(Inner { db, writers, told: Notify::new(), relay: Mutex::new(Weak::new()) }) };
        rows.migrate("meta-store", migration::own()).await?;
        Ok(rows)
    }

    /// Brings a room's tables up to date, in one transaction. What has been done is recorded per room and not done again.
    pub async fn migrate(&self, room: &'static str, migrations: Vec<Box<dyn MigrationTrait>>) -> Result<()> {
        migration::migrate(self, room, migrations).await
    }

    /// For reading, and for housekeeping that nobody need answer for (when a key was last used). Whatever a person
    /// decides is written in a [`Unit`]. Inside a unit, read through [`Unit::tx`].
    pub fn connection(&self) -> &DatabaseConnection {
        &self.inner.db
    }

    /// Opens a unit of work. Units of one workspace follow one another, on both engines; keep them short, and
    /// do slow things (hashing a password, asking another machine) before.
    pub async fn begin(&self, scope: &Scope, operation: &'static str, now: Millis) -> Result<Unit> {
        Unit::begin(self, scope, operation, now).await
    }

    pub(crate) async fn transaction(&self) -> Result<(DatabaseTransaction, OwnedSemaphorePermit)> {
        let permit = self.inner.writers.clone().acquire_owned().await.map_err(Error::internal)?;
        // Without IMMEDIATE, a transaction that reads first is refused when it comes to write after somebody else did.
        let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        let tx = self.inner.db.begin_with_options(options).await.map_err(db_error)?;
        Ok((tx, permit))
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) -> Result<()> {
        self.inner.db.close_by_ref().await.map_err(db_error)
    }
}

async fn open_sqlite(url: &str) -> Result<DatabaseConnection> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//").to_owned();
    let in_memory = path == ":memory:";
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.sqlx_logging(false).acquire_timeout(ACQUIRE).test_before_acquire(false).min_connections(1);
    if in_memory {
        // Each connection to a database in memory would be a database of its own, and an idle one would be closed.
        options.max_connections(1).idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    } else {
        make_private(Path::new(&path))?;
        options.max_connections(CONNECTIONS);
    }
    options.map_sqlx_sqlite_opts(move |o| {
        // Set as it is: in a URL, `%` and `?` in a folder's name would mean something else.
        let o = if in_memory { o } else { SqliteConnectOptions::new().filename(&path).disable_statement_logging() };
        o.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true).busy_timeout(BUSY)
    });
    Database::connect(options).await.map_err(db_error)
}

async fn open_postgres(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).acquire_timeout(ACQUIRE).max_connections(CONNECTIONS).min_connections(0);
    options.test_before_acquire_if_idle_for(Duration::from_secs(5)).set_application_name("weft");
    Database::connect(options).await.map_err(db_error)
}

/// Password hashes and keys lie in here: the file is made for its owner alone.
fn make_private(path: &Path) -> Result<()> {
    let mut file = std::fs::OpenOptions::new();
    file.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        file.mode(0o600);
    }
    file.open(path)?;
    Ok(())
}
