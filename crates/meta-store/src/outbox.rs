//! What was decided in rows and must stand in the log: written with the rows, relayed in order, deleted after.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DbBackend, QueryOrder, QuerySelect};

use crate::fault::db_error;
use crate::kernel::{Control, Result};
use crate::rows::Rows;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub body: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// One row: how far the log was when the relay last sent something. Several processes may share a PostgreSQL.
mod sent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_sent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub position: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

const BATCH: u64 = 100;
/// A commit wakes the relay; this is for what another process left, and for a log that was away.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const RELAY_LOCK: i64 = 0x7765_6674_0002;

type Door = Box<dyn Fn(Control) -> BoxFuture<'static, Result<u64>> + Send + Sync>;

/// The relay between rows and log. Sends at least once: who reads the log knows a control again by its id.
#[derive(Clone)]
pub struct Outbox(Arc<Relay>);

pub(crate) struct Relay {
    rows: Rows,
    door: Door,
    /// One at a time, for the order's sake.
    turn: tokio::sync::Mutex<()>,
}

impl Outbox {
    /// `door` appends one control to the log and answers the log position after it. From now on units of these rows
    /// can wait for it ([`Committed::flushed`](crate::Committed::flushed)), as long as the outbox lives.
    pub fn new<F, Fut>(rows: Rows, door: F) -> Self
    where
        F: Fn(Control) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<u64>> + Send + 'static,
    {
        let relay = Arc::new(Relay { rows, door: Box::new(move |control| Box::pin(door(control))), turn: tokio::sync::Mutex::new(()) });
        *relay.rows.inner.relay.lock() = Arc::downgrade(&relay);
        Self(relay)
    }

    /// Sends everything that waits, oldest first. Answers the log position after the last control ever sent.
    pub async fn flush(&self) -> Result<Option<u64>> {
        self.0.flush().await
    }

    /// Relays for ever; spawn it and abort it. What is left is sent at the next start.
    pub async fn run(&self) -> ! {
        loop {
            if let Err(error) = self.flush().await {
                tracing::warn!(%error, "the outbox could not be sent; trying again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, self.0.rows.inner.told.notified()).await;
        }
    }
}

impl Relay {
    pub(crate) async fn flush(&self) -> Result<Option<u64>> {
        let _turn = self.turn.lock().await;
        match self.rows.connection().get_database_backend() {
            DbBackend::Postgres => self.flush_among_processes().await,
            _ => self.flush_alone().await,
        }
    }

    /// SQLite: the file is relayed by one process. Its single writer must not wait for the log's disk,
    /// so nothing is locked while sending.
    async fn flush_alone(&self) -> Result<Option<u64>> {
        loop {
            let (sent, failed) = self.send(waiting(self.rows.connection()).await?).await;
            if !sent.ids.is_empty() {
                let (tx, _permit) = self.rows.transaction().await?;
                sent.record(&tx).await?;
                tx.commit().await.map_err(db_error)?;
            }
            if let Some(error) = failed {
                return Err(error);
            }
            if sent.ids.is_empty() {
                return position(self.rows.connection()).await;
            }
        }
    }

    /// PostgreSQL: whoever holds the lock sends; the others wait and find the box empty.
    async fn flush_among_processes(&self) -> Result<Option<u64>> {
        loop {
            let (tx, _permit) = self.rows.transaction().await?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({RELAY_LOCK})")).await.map_err(db_error)?;
            let (sent, failed) = self.send(waiting(&tx).await?).await;
            if sent.ids.is_empty() && failed.is_none() {
                return position(&tx).await;
            }
            sent.record(&tx).await?;
            tx.commit().await.map_err(db_error)?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    async fn send(&self, waiting: Vec<Model>) -> (Sent, Option<crate::kernel::Error>) {
        let mut sent = Sent { ids: Vec::new(), position: 0 };
        for row in waiting {
            let control = match serde_json::from_str(&row.body) {
                Ok(control) => control,
                Err(error) => return (sent, Some(error.into())),
            };
            match (self.door)(control).await {
                Ok(position) => {
                    sent.ids.push(row.id);
                    sent.position = position;
                }
                Err(error) => return (sent, Some(error)),
            }
        }
        (sent, None)
    }
}

struct Sent {
    ids: Vec<i64>,
    position: u64,
}

impl Sent {
    async fn record(&self, db: &impl ConnectionTrait) -> Result<()> {
        if self.ids.is_empty() {
            return Ok(());
        }
        Entity::delete_many().filter(Column::Id.is_in(self.ids.iter().copied())).exec(db).await.map_err(db_error)?;
        let row = sent::ActiveModel { id: Set(1), position: Set(i64::try_from(self.position).unwrap_or(i64::MAX)) };
        sent::Entity::insert(row)
            .on_conflict(OnConflict::column(sent::Column::Id).update_column(sent::Column::Position).to_owned())
            .exec_without_returning(db)
            .await
            .map_err(db_error)?;
        Ok(())
    }
}

async fn waiting(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Entity::find().order_by_asc(Column::Id).limit(BATCH).all(db).await.map_err(db_error)
}

async fn position(db: &impl ConnectionTrait) -> Result<Option<u64>> {
    let row = sent::Entity::find_by_id(1).one(db).await.map_err(db_error)?;
    Ok(row.and_then(|r| u64::try_from(r.position).ok()))
}

pub(crate) async fn put(db: &impl ConnectionTrait, controls: &[Control]) -> Result<()> {
    // One by one: the numbers must rise in the order of telling.
    for control in controls {
        let row = ActiveModel { id: NotSet, body: Set(serde_json::to_string(control)?) };
        Entity::insert(row).exec_without_returning(db).await.map_err(db_error)?;
    }
    Ok(())
}
