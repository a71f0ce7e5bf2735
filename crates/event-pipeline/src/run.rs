//! The runner: reads the log, walks each record through the steps, and makes each batch true at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;
use weft_profile_kv::{Frozen, Read, StateStore, Work};
use weft_stream_bus::StreamBus;

use crate::door::FrontDoor;
use crate::kernel::{Control, Error, ErrorKind, Event, Millis, Record, Result, SourceId, WorkspaceId};
use crate::outcome::{self, Outcome};
use crate::step::{Changed, Cx, Flow, InFlight, Step};
use crate::emits::{self, Waiting};
use crate::timers;

const META: &str = "pipeline";
/// Ids of definitions that were obeyed.
const CONTROLS: &str = "controls";
const NOW: &[u8] = b"now";
const BATCH_RECORDS: usize = 2_000;
const BATCH_BYTES: usize = 4 << 20;
/// From so many records on, a batch is made true while the next is walked; of fewer it is sooner true without.
const WRITTEN_BEHIND: usize = 500;
/// Timers fired by one tick; what is left fires by the next, so that events are not kept waiting.
const TIMERS_PER_TICK: usize = 5_000;
/// After an engine failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// An event and what became of it, told after its batch is true.
#[derive(Clone, Debug)]
pub struct Processed {
    pub in_flight: InFlight,
    pub outcome: Outcome,
}

/// Told of every batch once it is true: the lake's writer, the live page.
pub trait Observer: Send + Sync {
    fn batch(&self, processed: &[Arc<Processed>]);
}

pub struct Pipeline {
    bus: Arc<dyn StreamBus>,
    store: Arc<dyn StateStore>,
    door: Arc<dyn FrontDoor>,
    steps: Vec<Box<dyn Step>>,
    observers: Arc<[Arc<dyn Observer>]>,
    running: Mutex<Running>,
    position: watch::Sender<u64>,
    /// The end of the log when we started: before it, what is emitted may stand in the log already.
    replay_end: AtomicU64,
    live: AtomicBool,
    /// Where the last tick stands; the next waits until it is worked off.
    ticked: AtomicU64,
    failed: Mutex<Option<Error>>,
}

impl Pipeline {
    pub fn new(
        bus: Arc<dyn StreamBus>,
        store: Arc<dyn StateStore>,
        door: Arc<dyn FrontDoor>,
        steps: Vec<Box<dyn Step>>,
        observers: Vec<Arc<dyn Observer>>,
    ) -> Self {
        let position = store.position();
        let replay_end = AtomicU64::new(bus.next());
        Self {
            bus,
            store,
            door,
            steps,
            observers: observers.into(),
            running: Mutex::default(),
            position: watch::channel(position).0,
            replay_end,
            live: AtomicBool::new(false),
            ticked: AtomicU64::new(0),
            failed: Mutex::new(None),
        }
    }

    /// The last log position the state stands at.
    pub fn position(&self) -> u64 {
        *self.position.borrow()
    }
    /// Everything that was in the log at start has been worked off; from here on, effects may leave the house.
    pub fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }
    /// Records in the log that are not in the state yet.
    pub fn lag(&self) -> u64 {
        self.bus.next().saturating_sub(1).saturating_sub(self.position())
    }
    /// Why the state does not follow the log: an engine failed, and has not worked again since.
    pub fn failed(&self) -> Option<Error> {
        self.failed.lock().clone()
    }
    /// Resolves when the state stands at `position` or later: a caller reads its own write. Also when the pipeline
    /// has [`failed`](Self::failed), since nobody knows how long that will last.
    pub async fn wait_for(&self, position: u64) {
        let mut watch = self.position.subscribe();
        // The sender lives as long as we do.
        let _ = watch.wait_for(|at| *at >= position || self.failed.lock().is_some()).await;
    }

    /// Works off all there is, and comes back when there is no more. Returns the number of records.
    pub async fn drain(self: &Arc<Self>) -> Result<u64> {
        let mut total = 0;
        loop {
            let me = self.clone();
            let turn = tokio::task::spawn_blocking(move || me.turn()).await.map_err(Error::internal)?.inspect_err(|_| self.forget())?;
            total += turn.records;
            let is_end = turn.records == 0 && turn.emitted.is_empty();
            self.send_out(turn.emitted).await?;
            if is_end {
                if self.is_live() {
                    return Ok(total);
                }
                self.go_live().await?;
            }
        }
    }

    /// Runs until `stop`. While an engine fails (a disk is full), nothing leaves the house and it is tried again and again.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.drain().await {
                Ok(_) => {
                    self.recovered();
                    tokio::select! {
                        () = self.bus.wait_past(self.position() + 1) => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    self.stumbled(error);
                    let _ = tokio::time::timeout(TRY_AGAIN, stop.changed()).await;
                }
            }
        }
    }

    /// The batch at hand has not happened, or what it caused is not in the log. Either is made good as after a crash.
    fn stumbled(&self, error: Error) {
        self.replay_end.store(self.bus.next(), Ordering::Release);
        self.live.store(false, Ordering::Release);
        self.forget();
        let before = self.failed.lock().replace(error.clone());
        if before.is_none_or(|b| b.code != error.code) {
            tracing::error!(code = error.code, detail = %error.detail, "the state cannot follow the log; trying again, and reading goes on");
        }
        // Who waits for a position is told.
        self.position.send_modify(|_| {});
    }
    /// Drops what is remembered outside the store.
    fn forget(&self) {
        *self.running.lock() = Running::default();
        self.steps.iter().for_each(|s| s.forget());
    }
    fn recovered(&self) {
        if self.failed.lock().take().is_some() {
            tracing::info!("the state follows the log again");
        }
    }

    /// Appends a tick when a timer is due. The scheduler calls it every fraction of a second; so does a simulated day.
    pub async fn tick(&self, now: Millis) -> Result<bool> {
        match timers::next_due(&*self.store)? {
            Some(due) if due <= now && self.is_live() && self.position() + 1 >= self.ticked.load(Ordering::Acquire) => {
                let end = self.door.append(vec![Bytes::from(Record::Clock(now).encode()?)]).await?;
                self.ticked.store(end, Ordering::Release);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// State from the log: forgets all of it, and reads the log again from its first record.
    pub async fn rebuild(self: &Arc<Self>) -> Result<u64> {
        self.forget();
        self.store.clear()?;
        self.position.send_replace(self.store.position());
        self.replay_end.store(self.bus.next(), Ordering::Release);
        self.live.store(false, Ordering::Release);
        self.drain().await
    }

    async fn go_live(&self) -> Result<()> {
        if self.position() + 1 >= self.replay_end.load(Ordering::Acquire) {
            let left = emits::left_over(&*self.store)?;
            self.live.store(true, Ordering::Release);
            self.door.accept(left).await?;
        }
        Ok(())
    }

    async fn send_out(&self, emitted: Vec<Event>) -> Result<()> {
        if emitted.is_empty() || !self.is_live() {
            return Ok(());
        }
        self.door.accept(emitted).await.map(|_| ())
    }

    /// One batch: read, walk, apply. A full one is applied while the next is walked on top of it.
    fn turn(&self) -> Result<Turn> {
        let mut running = self.running.lock();
        // Put back once all went well: of what failed, nothing is remembered.
        let Running { mut waiting, behind } = std::mem::take(&mut *running);
        let from = (behind.as_ref().map_or_else(|| self.store.position(), |b| b.last) + 1).max(self.bus.first());
        let records = self.bus.read(from, BATCH_RECORDS, BATCH_BYTES)?;
        let Some(last) = records.last().map(|(position, _)| *position) else {
            let emitted = behind.map_or_else(|| Ok(Vec::new()), Behind::become_true)?;
            *running = Running { waiting, behind: None };
            return Ok(Turn { records: 0, emitted });
        };
        let below = behind.as_ref().map(|b| b.written.clone());
        let layered = below.as_ref().map(|written| written.over(&*self.store));
        let base: &dyn Read = layered.as_ref().map_or(&*self.store, |layered| layered);
        let mut batch = self.walk_all(&records, Cx::new(Work::over(base), stored_now(base)?, from), &mut waiting)?;
        batch.work.put(META, NOW.to_vec(), batch.now.0.to_be_bytes().to_vec());
        let mut emitted = behind.map_or_else(|| Ok(Vec::new()), Behind::become_true)?;
        let records = records.len();
        let behind = if records < WRITTEN_BEHIND {
            self.store.apply(batch.work.into_changes(), last)?;
            tell(&self.observers, &batch.processed);
            self.position.send_replace(last);
            emitted.append(&mut batch.emitted);
            None
        } else {
            Some(self.write_behind(batch.work.freeze(), batch.processed, batch.emitted, last)?)
        };
        *running = Running { waiting, behind };
        Ok(Turn { records: records as u64, emitted })
    }

    fn walk_all<'a>(&self, records: &[(u64, Bytes)], mut cx: Cx<'a>, waiting: &mut Waiting) -> Result<Walked<'a>> {
        let mut processed = Vec::with_capacity(records.len());
        let mut emitted = Vec::new();
        for (position, bytes) in records {
            cx.position = *position;
            self.record(bytes, &mut cx, waiting, &mut processed)?;
            keep_emitted(&mut cx, waiting, &mut emitted)?;
        }
        Ok(Walked { now: cx.now, work: cx.work, processed, emitted })
    }

    fn write_behind(&self, written: Frozen, processed: Vec<Arc<Processed>>, emitted: Vec<Event>, last: u64) -> Result<Behind> {
        let written = Arc::new(written);
        let (store, observers, position, changed) = (self.store.clone(), self.observers.clone(), self.position.clone(), written.clone());
        let write = move || {
            store.apply(changed.changes(), last)?;
            tell(&observers, &processed);
            position.send_replace(last);
            Ok(())
        };
        let thread = std::thread::Builder::new().name("pipeline-writer".into()).spawn(write)?;
        Ok(Behind { written, last, emitted, thread: Some(thread) })
    }

    fn record(&self, bytes: &[u8], cx: &mut Cx, waiting: &mut Waiting, processed: &mut Vec<Arc<Processed>>) -> Result<()> {
        match Record::decode(bytes) {
            Ok(Record::Event(event)) => {
                waiting.arrived(&mut cx.work, &event)?;
                self.event(*event, cx, processed)
            }
            Ok(Record::Control(control)) => self.control(&control, cx),
            Ok(Record::Clock(now)) => self.clock(now, cx),
            Err(e) => {
                // It has a valid checksum, so it was written thus: by a newer version, or by a fault of ours.
                tracing::error!(position = cx.position, error = %e, "a record of the log cannot be read; it is counted and passed over");
                outcome::count(&mut cx.work, WorkspaceId(0), &SourceId::from("log"), cx.now, &Outcome::Quarantined("unreadable".into()), 1)
            }
        }
    }

    fn event(&self, event: Event, cx: &mut Cx, processed: &mut Vec<Arc<Processed>>) -> Result<()> {
        cx.now = cx.now.max(event.received_at);
        let mut in_flight =
            InFlight { event, position: cx.position, atom: None, person: None, merges: Vec::new(), changed: Changed::default() };
        cx.work.mark();
        cx.forget_memo();
        let outcome = guarded(|| self.walk(&mut in_flight, cx)).or_else(|e| self.set_aside(e, cx))?;
        let e = &in_flight.event;
        outcome::count(&mut cx.work, e.workspace, &e.source, e.received_at, &outcome, 1)?;
        processed.push(Arc::new(Processed { in_flight, outcome }));
        Ok(())
    }

    fn walk(&self, in_flight: &mut InFlight, cx: &mut Cx) -> Result<Outcome> {
        for step in &self.steps {
            loop {
                let flow = step.event(in_flight, cx)?;
                self.tell_all(in_flight.event.workspace, cx)?;
                match flow {
                    Flow::Continue => break,
                    Flow::Again => {}
                    Flow::End(outcome) => return Ok(outcome),
                }
            }
        }
        Ok(Outcome::Stored)
    }

    /// What a step changed beside the event at hand is heard by all of them.
    fn tell_all(&self, workspace: WorkspaceId, cx: &mut Cx) -> Result<()> {
        // Hearing of one may cause another; nothing is left for the event that comes next, which may be another workspace's.
        while !cx.regrouped.is_empty() || !cx.retagged.is_empty() {
            for change in std::mem::take(&mut cx.regrouped) {
                cx.forget_memo();
                for step in &self.steps {
                    step.regrouped(workspace, &change, cx)?;
                }
            }
            for change in std::mem::take(&mut cx.retagged) {
                cx.forget_memo();
                for step in &self.steps {
                    step.retagged(workspace, &change, cx)?;
                }
            }
            // The steps to come may write of whom was judged here.
            cx.forget_memo();
        }
        Ok(())
    }

    /// One event that a step cannot digest is set aside, and its writes with it. An engine that fails stops everything.
    fn set_aside(&self, error: Error, cx: &mut Cx) -> Result<Outcome> {
        if error.kind == ErrorKind::Unavailable {
            return Err(error);
        }
        tracing::error!(position = cx.position, code = error.code, detail = %error.detail, "a step failed on this event; it is set aside");
        cx.work.roll_back();
        self.steps.iter().for_each(|step| step.forget());
        cx.emitted.clear();
        cx.regrouped.clear();
        cx.retagged.clear();
        Ok(Outcome::Quarantined(error.code.to_owned()))
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        cx.now = cx.now.max(control.at);
        // The outbox sends at least once.
        if cx.work.get(CONTROLS, control.id.as_bytes())?.is_some() {
            return Ok(());
        }
        cx.work.put(CONTROLS, control.id.as_bytes().to_vec(), cx.position.to_be_bytes().to_vec());
        for step in &self.steps {
            cx.work.mark();
            cx.forget_memo();
            let obeyed = guarded(|| {
                step.control(control, cx)?;
                self.tell_all(control.workspace, cx)
            });
            if let Err(e) = obeyed {
                self.set_aside(e, cx)?;
            }
        }
        Ok(())
    }

    fn clock(&self, now: Millis, cx: &mut Cx) -> Result<()> {
        cx.now = cx.now.max(now);
        for timer in timers::due(&cx.work, now, TIMERS_PER_TICK)? {
            timers::done(&mut cx.work, &timer);
            cx.work.mark();
            cx.forget_memo();
            for step in self.steps.iter().filter(|s| s.name() == timer.step) {
                let fired = guarded(|| {
                    step.timer(timer.workspace, &timer.key, timer.due, cx)?;
                    self.tell_all(timer.workspace, cx)
                });
                if let Err(e) = fired {
                    self.set_aside(e, cx)?;
                }
            }
        }
        Ok(())
    }
}

/// What is remembered from one turn to the next.
#[derive(Default)]
struct Running {
    waiting: Waiting,
    behind: Option<Behind>,
}

struct Turn {
    records: u64,
    /// By batches that are true now.
    emitted: Vec<Event>,
}

/// A batch whose records went through the steps.
struct Walked<'a> {
    work: Work<'a>,
    now: Millis,
    processed: Vec<Arc<Processed>>,
    emitted: Vec<Event>,
}

/// A batch that is being made true.
struct Behind {
    written: Arc<Frozen>,
    last: u64,
    emitted: Vec<Event>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Behind {
    /// Waits for it. What it caused may leave now.
    fn become_true(mut self) -> Result<Vec<Event>> {
        self.wait()?;
        Ok(std::mem::take(&mut self.emitted))
    }
    fn wait(&mut self) -> Result<()> {
        let panicked = |_| Error::bug("event_pipeline.writer_panicked", "the writing of a batch panicked");
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap_or_else(|e| Err(panicked(e))))
    }
}

/// Nobody may write beside it: who forgets it waits for it, too.
impl Drop for Behind {
    fn drop(&mut self) {
        if let Err(error) = self.wait() {
            tracing::error!(code = error.code, detail = %error.detail, "a batch could not be written");
        }
    }
}

fn tell(observers: &[Arc<dyn Observer>], processed: &[Arc<Processed>]) {
    for observer in observers {
        observer.batch(processed);
    }
}

fn stored_now(read: &dyn Read) -> Result<Millis> {
    let stored = read.get(META, NOW)?;
    Ok(Millis(stored.and_then(|v| v.as_ref().try_into().ok().map(i64::from_be_bytes)).unwrap_or(i64::MIN)))
}

fn keep_emitted(cx: &mut Cx, waiting: &mut Waiting, emitted: &mut Vec<Event>) -> Result<()> {
    for (number, event) in std::mem::take(&mut cx.emitted).into_iter().enumerate() {
        if waiting.keep(&mut cx.work, cx.position, number as u32, &event)? {
            emitted.push(event);
        }
    }
    Ok(())
}

/// A panic in a step is a fault of one event, not of the house.
fn guarded<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(Error::bug("event_pipeline.step_panicked", "a step panicked")))
}
