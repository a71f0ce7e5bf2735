//! Runs one import: reads, appends through the front door, counts, and can be interrupted at any point.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;
use tokio::sync::mpsc;
use weft_event_pipeline::FrontDoor;

use crate::checkpoint::{Checkpoint, Place};
use crate::grouping::Groups;
use crate::kernel::{Error, Millis, Record, Result, SourceId, WorkspaceId, id};
use crate::mapping::{Bound, Kind, Mapping};
use crate::moments::{Moments, zone};
use crate::plan::Plan;
use crate::readers::{Next, Table};
use crate::rejected::{RejectedFile, RejectedRow};
use crate::rows_to_events::{Outcome, RowsToEvents};
use crate::scan::{Scan, digest, scan};

/// Events that go through the door at once.
const BATCH: usize = 2_000;
/// And not more than this many bytes of them.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Identical rows are one event. That many events back they are found here; farther back the pipeline finds them.
const REMEMBERED: usize = 500_000;

/// Set by whoever wants an import to stop after the batch at hand.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What only the rest of the house knows.
#[async_trait]
pub trait Afterwards: Send + Sync {
    /// For each event id: does the house have this event already?
    async fn known(&self, workspace: WorkspaceId, event_ids: &[String]) -> Result<Vec<bool>>;
    /// Waits until the log has been worked off up to this position; then, how many people there are.
    async fn settle(&self, workspace: WorkspaceId, end_position: u64) -> Result<u64>;
}

pub struct ImportJob {
    pub workspace: WorkspaceId,
    pub source: SourceId,
    pub file: PathBuf,
    pub mapping: Mapping,
    /// Takes the file of rejected rows, the checkpoint and temporary files. Made when it is not there.
    pub folder: PathBuf,
    pub cancel: Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The first walk: counting, and finding out how the file is written.
    Scanning,
    Importing,
    /// All is appended; waiting until it has been worked off.
    Settling,
}

/// Told after each batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub phase: Phase,
    /// Rows walked through in this phase.
    pub rows: u64,
    /// Known after the first walk.
    pub total_rows: Option<u64>,
    pub accepted: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub events: u64,
}

/// `rows` = `accepted` + `rejected` + `skipped` when `finished`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub rows: u64,
    /// Rows whose event was appended.
    pub accepted: u64,
    pub rejected: u64,
    /// Rows whose event the house had already, or that repeat another row.
    pub skipped: u64,
    /// Events appended.
    pub events: u64,
    pub people_created: u64,
    /// `None` when every row was taken.
    pub rejected_file: Option<PathBuf>,
    /// `false` when it was cancelled: the same import again goes on where it stopped.
    pub finished: bool,
    /// What was found out and may surprise: identifiers read as whole numbers, orders that lay scattered.
    pub notes: Vec<String>,
}

/// Imports a file. The same file with the same mapping is the same import: an interrupted one goes on,
/// a finished one changes nothing.
pub async fn run(job: ImportJob, door: Arc<dyn FrontDoor>, after: Arc<dyn Afterwards>, progress: impl Fn(Progress) + Send + Sync + 'static) -> Result<Summary> {
    std::fs::create_dir_all(&job.folder)?;
    let progress: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(progress);
    let prepared = prepare(&job, progress.clone()).await?;
    let place = Place::new(&job.folder, &prepared.key);
    let done = match place.load() {
        Some(checkpoint) => checkpoint,
        None => Checkpoint { started_at: door.now(), people_before: after.settle(job.workspace, 0).await?, ..Checkpoint::default() },
    };
    let rejected = RejectedFile::open(&place.rejected, prepared.table.columns(), done.rejected_bytes)?;
    let total = prepared.scan.rows;
    let notes = prepared.notes();

    let (sender, batches) = mpsc::channel(2);
    let producer = produce(&job, prepared, done.started_at, done.outcomes, sender)?;
    let mut import = Import { job: &job, door, after, progress, place, done, rejected, total };
    let consumed = import.consume(batches).await;
    let produced = producer.await.map_err(Error::internal)?;
    let finished = consumed?;
    produced?;
    import.finish(finished, notes).await
}

/// What is known after the first walk.
struct Prepared {
    table: Table,
    bound: Bound,
    scan: Scan,
    key: String,
}

impl Prepared {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (column, _) in self.table.columns().iter().zip(&self.scan.whole).filter(|(_, whole)| **whole) {
            notes.push(format!("every value of {column} ends in \".0\"; it was read without it, 17850.0 as 17850"));
        }
        if self.scan.has_scattered {
            notes.push("the rows of some orders do not stand together in the file; each was put together to one event".to_owned());
        }
        notes
    }
}

async fn prepare(job: &ImportJob, progress: Arc<dyn Fn(Progress) + Send + Sync>) -> Result<Prepared> {
    let (file, mapping, workspace, cancel) = (job.file.clone(), job.mapping.clone(), job.workspace, job.cancel.clone());
    let stopped = || Error::conflict("connectors.cancelled", "the import was cancelled before its first row");
    let work = move || {
        if cancel.is_cancelled() {
            return Err(stopped());
        }
        let table = Table::open(&file, &mapping.read_options())?;
        let bound = mapping.bind(table.columns())?;
        let scan = scan(&table, &mapping, &bound, &mut |rows| {
            if cancel.is_cancelled() {
                return Err(stopped());
            }
            progress(Progress { phase: Phase::Scanning, rows, total_rows: None, accepted: 0, rejected: 0, skipped: 0, events: 0 });
            Ok(())
        })?;
        let told = serde_json::to_vec(&mapping)?;
        let key = id::base32(id::derived(&[workspace.to_string().as_bytes(), &told, &digest(&file)?]));
        Ok(Prepared { table, bound, scan, key: format!("import_{key}") })
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// Events and rejected rows, ready to be made true together.
#[derive(Default)]
struct Batch {
    /// Id, rows, and the encoded record.
    events: Vec<(String, u64, Bytes)>,
    bytes: usize,
    rejected: Vec<RejectedRow>,
    /// Rows that repeat another row of the file.
    repeated: u64,
    outcomes: u64,
    /// Rows read when it was closed.
    rows_read: u64,
}

/// Reads and makes events on a thread of its own, two batches ahead of the door.
fn produce(job: &ImportJob, prepared: Prepared, started_at: Millis, skip: u64, sender: mpsc::Sender<Batch>) -> Result<tokio::task::JoinHandle<Result<()>>> {
    let Prepared { table, bound, scan, key } = prepared;
    let (cancelled, refunded) = Plan::words(&job.mapping);
    let is_orders = bound.kind == Kind::Orders;
    let plan = Plan {
        workspace: job.workspace,
        source: job.source.clone(),
        import: key,
        received_at: started_at,
        bound,
        moments: Moments::new(scan.style, zone(job.mapping.time_zone.as_deref().unwrap_or("UTC"))?),
        currency: job.mapping.currency.as_deref().and_then(crate::mapping::currency),
        mark: job.mapping.decimal_mark.unwrap_or('.'),
        whole: scan.whole,
        order_level: scan.order_level,
        cancelled,
        refunded,
    };
    let groups = Groups::new(&job.folder, scan.has_scattered.then_some(scan.scattered));
    let mut made = RowsToEvents::new(plan, groups);
    let mut gather = Gather { sender, batch: Batch::default(), skip, seen: Seen::default(), remember: !is_orders, rows_read: 0, left: false };
    Ok(tokio::task::spawn_blocking(move || {
        table.read(&mut |line| {
            gather.rows_read += 1;
            made.take(line, &mut |outcome| gather.take(outcome))?;
            Ok(if gather.left { Next::Stop } else { Next::Go })
        })?;
        if !gather.left {
            made.finish(&mut |outcome| gather.take(outcome))?;
            gather.send();
        }
        Ok(())
    }))
}

/// Fills batches and sends them.
struct Gather {
    sender: mpsc::Sender<Batch>,
    batch: Batch,
    /// Outcomes that an interrupted run has done already.
    skip: u64,
    seen: Seen,
    /// Rows are whole events, so that two alike are one. Orders are told apart by their numbers.
    remember: bool,
    rows_read: u64,
    /// Nobody takes batches any more.
    left: bool,
}

impl Gather {
    fn take(&mut self, outcome: Outcome) -> Result<()> {
        if self.left {
            return Ok(());
        }
        let repeated = match &outcome {
            Outcome::Event { event, .. } => self.remember && !self.seen.insert(&event.id),
            Outcome::Rejected(_) => false,
        };
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        self.batch.outcomes += 1;
        match outcome {
            Outcome::Event { rows, .. } if repeated => self.batch.repeated += rows,
            Outcome::Event { event, rows } => {
                let event_id = event.id.clone();
                let record = Bytes::from(Record::Event(event).encode()?);
                self.batch.bytes += record.len();
                self.batch.events.push((event_id, rows, record));
            }
            Outcome::Rejected(row) => {
                self.batch.bytes += row.row.weight();
                self.batch.rejected.push(row);
            }
        }
        if self.batch.events.len() >= BATCH || self.batch.bytes >= BATCH_BYTES {
            self.send();
        }
        Ok(())
    }

    fn send(&mut self) {
        let mut batch = std::mem::take(&mut self.batch);
        batch.rows_read = self.rows_read;
        if batch.outcomes > 0 || self.rows_read > 0 {
            self.left = self.sender.blocking_send(batch).is_err();
        }
    }
}

/// The last ids, so that identical rows near each other are known as such.
#[derive(Default)]
struct Seen {
    there: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Seen {
    /// Answers whether it is new.
    fn insert(&mut self, event_id: &str) -> bool {
        let name = id::derived(&[event_id.as_bytes()]);
        if !self.there.insert(name) {
            return false;
        }
        self.order.push_back(name);
        if self.order.len() > REMEMBERED
            && let Some(old) = self.order.pop_front()
        {
            self.there.remove(&old);
        }
        true
    }
}

/// The side that makes batches true.
struct Import<'j> {
    job: &'j ImportJob,
    door: Arc<dyn FrontDoor>,
    after: Arc<dyn Afterwards>,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
    place: Place,
    done: Checkpoint,
    rejected: RejectedFile,
    total: u64,
}

impl Import<'_> {
    /// Answers whether everything was read.
    async fn consume(&mut self, mut batches: mpsc::Receiver<Batch>) -> Result<bool> {
        while let Some(batch) = batches.recv().await {
            let rows = batch.rows_read;
            self.make_true(batch).await?;
            self.tell(Phase::Importing, rows);
            if self.job.cancel.is_cancelled() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn make_true(&mut self, batch: Batch) -> Result<()> {
        if batch.outcomes == 0 {
            return Ok(());
        }
        let ids: Vec<String> = batch.events.iter().map(|(event_id, ..)| event_id.clone()).collect();
        let known = if ids.is_empty() { Vec::new() } else { self.after.known(self.job.workspace, &ids).await? };
        let mut fresh = Vec::with_capacity(batch.events.len());
        for (index, (_, rows, record)) in batch.events.into_iter().enumerate() {
            if known.get(index) == Some(&true) {
                self.done.skipped += rows;
            } else {
                self.done.accepted += rows;
                fresh.push(record);
            }
        }
        for row in &batch.rejected {
            self.rejected.write(row)?;
        }
        self.done.rejected_bytes = self.rejected.flush()?;
        if !fresh.is_empty() {
            self.done.events += fresh.len() as u64;
            self.done.end_position = self.door.append(fresh).await?;
        }
        self.done.rejected += batch.rejected.len() as u64;
        self.done.skipped += batch.repeated;
        self.done.outcomes += batch.outcomes;
        self.place.save(&self.done)
    }

    fn tell(&self, phase: Phase, rows: u64) {
        let Checkpoint { accepted, rejected, skipped, events, .. } = self.done;
        (self.progress)(Progress { phase, rows, total_rows: Some(self.total), accepted, rejected, skipped, events });
    }

    async fn finish(self, finished: bool, notes: Vec<String>) -> Result<Summary> {
        let Checkpoint { accepted, rejected, skipped, events, .. } = self.done;
        if finished && accepted + rejected + skipped != self.total {
            return Err(Error::bug(
                "connectors.rows_uncounted",
                format!("of {} rows {accepted} were accepted, {rejected} rejected and {skipped} skipped", self.total),
            ));
        }
        self.tell(Phase::Settling, self.total);
        let people = self.after.settle(self.job.workspace, self.done.end_position).await?;
        if finished {
            self.place.remove()?;
        }
        let rejected_file = (rejected > 0).then(|| self.place.rejected.clone());
        let people_created = people.saturating_sub(self.done.people_before);
        Ok(Summary { rows: if finished { self.total } else { accepted + rejected + skipped }, accepted, rejected, skipped, events, people_created, rejected_file, finished, notes })
    }
}
