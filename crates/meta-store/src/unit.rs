//! A unit of work: the rows, the audit entry and what is told to the log are written together or not at all.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use crate::audit_entry::{self, hash_of};
use crate::audit_head;
use crate::fault::db_error;
use crate::kernel::{Control, Millis, Result, Scope, WorkspaceId, id::base32};
use crate::outbox;
use crate::rows::Rows;

/// One transaction. Dropped without [`commit`](Unit::commit), nothing of it has happened.
pub struct Unit {
    // Declared before the permit: the transaction ends before the next writer is let in.
    tx: DatabaseTransaction,
    _permit: OwnedSemaphorePermit,
    rows: Rows,
    scope: Scope,
    operation: &'static str,
    now: Millis,
    target: String,
    before: Option<Value>,
    after: Option<Value>,
    controls: Vec<Control>,
}

impl Unit {
    pub(crate) async fn begin(rows: &Rows, scope: &Scope, operation: &'static str, now: Millis) -> Result<Self> {
        let (tx, permit) = rows.transaction().await?;
        audit_head::lock(&tx, scope.workspace).await?;
        Ok(Self {
            tx,
            _permit: permit,
            rows: rows.clone(),
            scope: scope.clone(),
            operation,
            now,
            target: String::new(),
            before: None,
            after: None,
            controls: Vec::new(),
        })
    }

    /// Everything that belongs to this unit is read and written through here.
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }
    pub fn workspace(&self) -> WorkspaceId {
        self.scope.workspace
    }
    /// The workspace as its column holds it.
    pub fn workspace_column(&self) -> i64 {
        self.scope.workspace.0.into()
    }
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The id of what is acted upon.
    pub fn target(&mut self, id: &str) {
        id.clone_into(&mut self.target);
    }
    /// What it was and what it became, for the audit. Never secrets: no password, no key, no hash of one.
    pub fn change(&mut self, before: Option<Value>, after: Option<Value>) {
        self.before = before;
        self.after = after;
    }
    /// Goes to the log once this unit is committed, after everything told before it in this workspace.
    pub fn tell(&mut self, control: Control) {
        self.controls.push(control);
    }
    /// The same, with id, workspace and time filled in.
    pub fn announce(&mut self, room: &str, what: &str, body: Value) {
        let id = format!("ctl_{}", base32(uuid::Uuid::new_v4().as_u128()));
        self.tell(Control { id, workspace: self.scope.workspace, at: self.now, room: room.to_owned(), what: what.to_owned(), body });
    }
    /// For a unit that makes the workspace it belongs to: it was begun in workspace 0 and goes on in the new one.
    pub async fn move_to(&mut self, workspace: WorkspaceId) -> Result<()> {
        audit_head::lock(&self.tx, workspace).await?;
        self.scope.workspace = workspace;
        Ok(())
    }

    /// Writes the audit entry and the outbox, and commits all of it. Durable when this returns.
    pub async fn commit(self) -> Result<Committed> {
        self.write_entry().await?;
        outbox::put(&self.tx, &self.controls).await?;
        let told = !self.controls.is_empty();
        self.tx.commit().await.map_err(db_error)?;
        if told {
            self.rows.inner.told.notify_one();
        }
        Ok(Committed { rows: self.rows, told })
    }

    async fn write_entry(&self) -> Result<()> {
        let head = audit_head::lock(&self.tx, self.scope.workspace).await?;
        let mut entry = audit_entry::Model {
            id: 0,
            workspace: head.workspace,
            number: head.number + 1,
            at: self.now.0,
            actor: self.scope.actor.to_string(),
            operation: self.operation.to_owned(),
            target: self.target.clone(),
            before: self.before.as_ref().map(Value::to_string),
            after: self.after.as_ref().map(Value::to_string),
            previous: head.hash,
            hash: String::new(),
        };
        entry.hash = hash_of(&entry);
        audit_head::advance(&self.tx, entry.workspace, entry.number, &entry.hash).await?;
        let row = audit_entry::ActiveModel {
            id: NotSet,
            workspace: Set(entry.workspace),
            number: Set(entry.number),
            at: Set(entry.at),
            actor: Set(entry.actor),
            operation: Set(entry.operation),
            target: Set(entry.target),
            before: Set(entry.before),
            after: Set(entry.after),
            previous: Set(entry.previous),
            hash: Set(entry.hash),
        };
        audit_entry::Entity::insert(row).exec_without_returning(&self.tx).await.map_err(db_error)?;
        Ok(())
    }
}

/// A unit that has happened.
pub struct Committed {
    rows: Rows,
    told: bool,
}

impl Committed {
    /// Waits until what the unit told is in the log, and answers the log position after it; `None` when it told
    /// nothing, or when no [`Outbox`](crate::Outbox) runs in this process. If the log cannot be reached the error says so,
    /// but the unit stands and the relay goes on trying.
    pub async fn flushed(&self) -> Result<Option<u64>> {
        let relay = self.rows.inner.relay.lock().upgrade();
        match relay {
            Some(relay) if self.told => relay.flush().await,
            _ => Ok(None),
        }
    }
}
