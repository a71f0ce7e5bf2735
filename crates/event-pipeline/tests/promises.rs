//! The promises of the README, one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use weft_event_pipeline::{Cx, Door, Flow, FrontDoor, InFlight, Outcome, OutcomeFilter, Pipeline, Regrouped, Step, list_outcomes};
use weft_kernel::{Clock, Control, Error, Event, FakeClock, Millis, Record, Result, SourceId, Vault, WorkspaceId};
use weft_profile_kv::{Change, MemoryStore, Read, Space, StateStore};
use weft_stream_bus::StreamBus;

const W: WorkspaceId = WorkspaceId(1);
const SPACE: &str = "counted";
/// (due, the log's time when it fired)
type Fired = Arc<Mutex<Vec<(i64, i64)>>>;

/// Keeps every event; misbehaves by name; answers `call` with an echo; sets a timer for `alarm`.
#[derive(Default)]
struct Keep {
    fired: Fired,
    disk_fails: Arc<AtomicBool>,
}

impl Step for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }
    fn event(&self, event: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let id = event.event.id.clone();
        cx.work.put(SPACE, id.as_bytes().to_vec(), cx.now.0.to_be_bytes().to_vec());
        match event.event.name.as_str() {
            "panic" => panic!("on purpose"),
            "fault" => return Err(Error::bug("test.fault", "on purpose")),
            "disk" if self.disk_fails.load(Ordering::SeqCst) => return Err(Error::unavailable("test.disk", "on purpose")),
            "reject" => return Ok(Flow::End(Outcome::Quarantined("asked".into()))),
            "call" => cx.emit(Event::track(W, SourceId::from("inside"), format!("echo-{id}"), "echo", cx.now)),
            "alarm" => {
                let due = Millis(cx.now.0 + 1_000);
                cx.set_timer("keep", W, due, id.as_bytes());
                cx.set_timer("keep", W, due, id.as_bytes());
            }
            "ask" => {
                assert_eq!(cx.memo::<AtomicU32>(7).swap(1, Ordering::SeqCst), 0, "another event begins empty");
                assert_eq!((cx.memo::<AtomicU32>(7).load(Ordering::SeqCst), cx.memo::<AtomicU32>(8).load(Ordering::SeqCst)), (1, 0));
                cx.memo::<AtomicU32>(7).store(1, Ordering::SeqCst);
                cx.regrouped.push(Regrouped::Refolded(7));
            }
            _ => {}
        }
        Ok(Flow::Continue)
    }
    fn regrouped(&self, _workspace: WorkspaceId, _change: &Regrouped, cx: &mut Cx) -> Result<()> {
        assert_eq!(cx.memo::<AtomicU32>(7).swap(1, Ordering::SeqCst), 0, "what was read before is not what is there now");
        Ok(())
    }
    fn timer(&self, _workspace: WorkspaceId, _key: &[u8], due: Millis, cx: &mut Cx) -> Result<()> {
        self.fired.lock().push((due.0, cx.now.0));
        Ok(())
    }
}

struct House {
    clock: Arc<FakeClock>,
    bus: Arc<dyn StreamBus>,
    door: Arc<dyn FrontDoor>,
    fired: Fired,
    disk_fails: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Millis(1_000_000)));
        let bus = weft_stream_bus::open(&format!("file:{}", folder.path().display()), Default::default()).unwrap();
        let door: Arc<dyn FrontDoor> = Arc::new(Door::new(bus.clone(), clock.clone()));
        Self { clock, bus, door, fired: Arc::default(), disk_fails: Arc::default(), _folder: folder }
    }
    fn pipeline(&self, store: &Arc<MemoryStore>) -> Arc<Pipeline> {
        let keep = Keep { fired: self.fired.clone(), disk_fails: self.disk_fails.clone() };
        Arc::new(Pipeline::new(self.bus.clone(), store.clone(), self.door.clone(), vec![Box::new(keep)], vec![]))
    }
    async fn send(&self, names: &[&str]) {
        let from = self.bus.next();
        let now = self.clock.now();
        let event = |(i, name): (usize, &&str)| {
            let mut event = Event::track(W, SourceId::from("src"), format!("{name}-{}", from + i as u64), *name, now);
            event.received_at = now;
            event
        };
        self.door.accept(names.iter().enumerate().map(event).collect()).await.unwrap();
    }
    fn logged(&self, name: &str) -> usize {
        let records = self.bus.read(self.bus.first(), 100_000, usize::MAX).unwrap();
        records.iter().filter(|(_, bytes)| matches!(Record::decode(bytes), Ok(Record::Event(e)) if e.name == name)).count()
    }
}

fn counts(store: &MemoryStore) -> Vec<(String, u64)> {
    let mut sums = std::collections::BTreeMap::new();
    for o in list_outcomes(store, W, &OutcomeFilter::default()).unwrap() {
        *sums.entry(o.outcome).or_default() += o.count;
    }
    sums.into_iter().collect()
}

fn everything(store: &MemoryStore) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    for space in [SPACE, "pipeline", "outcomes", "timers"] {
        let mut keep = |k: &[u8], v: &[u8]| {
            all.push((k.to_vec(), v.to_vec()));
            Ok(true)
        };
        store.scan_prefix(space, b"", &mut keep).unwrap();
    }
    all
}

#[tokio::test]
async fn each_event_ends_in_one_outcome_and_the_sum_is_what_came_in() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    house.send(&["a", "panic", "b", "fault", "reject", "c"]).await;
    house.pipeline(&store).drain().await.unwrap();
    assert_eq!(counts(&store), [("quarantined".to_owned(), 3), ("stored".to_owned(), 3)]);
    // What failed leaves nothing behind; its neighbours do.
    let kept = |id: &str| store.get(SPACE, id.as_bytes()).unwrap().is_some();
    assert!(kept("a-1") && kept("b-3") && kept("c-6"));
    assert!(!kept("panic-2") && !kept("fault-4"));
}

#[tokio::test]
async fn an_engine_that_fails_stops_the_pipeline_and_nothing_is_lost() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    let pipeline = house.pipeline(&store);
    pipeline.drain().await.unwrap();
    house.send(&["call", "disk", "b"]).await;
    house.disk_fails.store(true, Ordering::SeqCst);
    assert_eq!(pipeline.drain().await.unwrap_err().code, "test.disk");
    assert_eq!(store.position(), 0, "a batch is true whole or not at all");
    house.disk_fails.store(false, Ordering::SeqCst);
    pipeline.drain().await.unwrap();
    assert_eq!(house.logged("echo"), 1, "what the failed batch would have caused is caused now");
    assert_eq!(counts(&store), [("stored".to_owned(), 4)]);
}

#[tokio::test]
async fn what_was_read_is_remembered_until_anything_may_have_changed() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    house.send(&["ask", "ask", "a"]).await;
    house.pipeline(&store).drain().await.unwrap();
    assert_eq!(counts(&store), [("stored".to_owned(), 3)]);
}

#[tokio::test]
async fn while_an_engine_fails_who_waits_is_told_and_then_it_goes_on() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    let pipeline = house.pipeline(&store);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    house.disk_fails.store(true, Ordering::SeqCst);
    let running = tokio::spawn(pipeline.clone().run(stopped));
    house.send(&["call", "disk", "b"]).await;
    pipeline.wait_for(3).await;
    assert_eq!(pipeline.failed().unwrap().code, "test.disk");
    assert!(!pipeline.is_live(), "nothing leaves the house");
    house.disk_fails.store(false, Ordering::SeqCst);
    while pipeline.failed().is_some() || pipeline.position() < 4 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(pipeline.is_live());
    assert_eq!(house.logged("echo"), 1, "what was caused is said once");
    stop.send_replace(true);
    running.await.unwrap();
}

#[tokio::test]
async fn what_is_emitted_stands_in_the_log_once_also_after_a_replay() {
    let house = House::new();
    let first = Arc::new(MemoryStore::default());
    let pipeline = house.pipeline(&first);
    pipeline.drain().await.unwrap();
    house.send(&["call", "call"]).await;
    pipeline.drain().await.unwrap();
    assert_eq!(house.logged("echo"), 2);
    // The state is lost: a new pipeline reads the log from its start, and so does the old one.
    let second = Arc::new(MemoryStore::default());
    house.pipeline(&second).drain().await.unwrap();
    pipeline.rebuild().await.unwrap();
    assert_eq!(house.logged("echo"), 2);
    assert_eq!(everything(&first), everything(&second));
}

/// A store that cannot be written now and then.
struct Flaky {
    store: Arc<MemoryStore>,
    applied: AtomicUsize,
    fails_at: [usize; 2],
}

impl Read for Flaky {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        self.store.get(space, key)
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.store.scan(space, from, to, visit)
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.store.scan_back(space, from, to, visit)
    }
    fn vault(&self) -> &Vault {
        self.store.vault()
    }
}

impl StateStore for Flaky {
    fn apply(&self, changes: Vec<Change>, position: u64) -> Result<()> {
        if self.fails_at.contains(&self.applied.fetch_add(1, Ordering::SeqCst)) {
            return Err(Error::unavailable("test.full", "on purpose"));
        }
        self.store.apply(changes, position)
    }
    fn position(&self) -> u64 {
        self.store.position()
    }
    fn sync(&self) -> Result<()> {
        self.store.sync()
    }
    fn clear(&self) -> Result<()> {
        self.store.clear()
    }
    fn disk_bytes(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn full_batches_are_written_behind_and_what_is_not_written_is_made_anew() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    let flaky = Arc::new(Flaky { store: store.clone(), applied: AtomicUsize::new(0), fails_at: [1, 4] });
    let keep = Keep { fired: house.fired.clone(), disk_fails: house.disk_fails.clone() };
    let pipeline = Arc::new(Pipeline::new(house.bus.clone(), flaky.clone(), house.door.clone(), vec![Box::new(keep)], vec![]));
    pipeline.drain().await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    for _ in 0..30 {
        house.send(&["a", "call", "panic", "reject"].repeat(100)).await;
    }
    let running = tokio::spawn(pipeline.clone().run(stopped));
    while pipeline.lag() > 0 || !pipeline.is_live() || house.logged("echo") < 3_000 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stop.send_replace(true);
    running.await.unwrap();
    assert!(flaky.applied.load(Ordering::SeqCst) > 6, "it failed on the way");
    assert_eq!(house.logged("echo"), 3_000, "what was caused is said once");
    assert_eq!(counts(&store), [("quarantined".to_owned(), 6_000), ("stored".to_owned(), 9_000)]);
    let replayed = Arc::new(MemoryStore::default());
    house.pipeline(&replayed).drain().await.unwrap();
    assert_eq!(everything(&store), everything(&replayed));
}

/// A door that is shut to what the house itself says.
struct Shut(Arc<dyn FrontDoor>);

#[async_trait]
impl FrontDoor for Shut {
    async fn accept(&self, events: Vec<Event>) -> Result<u64> {
        if events.is_empty() { self.0.accept(events).await } else { Err(Error::unavailable("test.shut", "the door is shut")) }
    }
    async fn control(&self, control: Control) -> Result<u64> {
        self.0.control(control).await
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        self.0.append(records).await
    }
    fn now(&self) -> Millis {
        self.0.now()
    }
}

#[tokio::test]
async fn what_a_crash_left_unsaid_is_said_once_when_live_again() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    // The batch becomes true and then the door fails: as if the process had died between the two.
    let shut = Arc::new(Shut(house.door.clone()));
    let pipeline = Arc::new(Pipeline::new(house.bus.clone(), store.clone(), shut, vec![Box::new(Keep::default())], vec![]));
    pipeline.drain().await.unwrap();
    house.send(&["call"]).await;
    pipeline.drain().await.unwrap_err();
    assert_eq!((house.logged("echo"), store.position()), (0, 1));
    house.pipeline(&store).drain().await.unwrap();
    assert_eq!(house.logged("echo"), 1);
    house.pipeline(&store).drain().await.unwrap();
    assert_eq!(house.logged("echo"), 1);
}

#[tokio::test]
async fn a_timer_fires_once_and_never_early() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    let pipeline = house.pipeline(&store);
    house.send(&["alarm"]).await;
    pipeline.drain().await.unwrap();
    let due = house.clock.now().0 + 1_000;
    house.clock.set(Millis(due - 1));
    assert!(!pipeline.tick(house.clock.now()).await.unwrap());
    house.clock.set(Millis(due));
    assert!(pipeline.tick(house.clock.now()).await.unwrap());
    pipeline.drain().await.unwrap();
    assert_eq!(*house.fired.lock(), [(due, due)]);
    assert!(!pipeline.tick(Millis(due + 10_000)).await.unwrap());
    // A replay fires it at the same moment of the log, whatever the clock says by then.
    house.clock.advance(1_000_000);
    pipeline.rebuild().await.unwrap();
    assert_eq!(*house.fired.lock(), [(due, due), (due, due)]);
}

#[tokio::test]
async fn rebuild_gives_what_was_lived() {
    let house = House::new();
    let store = Arc::new(MemoryStore::default());
    let pipeline = house.pipeline(&store);
    for round in 0..20 {
        house.clock.advance(700);
        house.send(&["a", "call", "alarm", ["panic", "reject", "fault"][round % 3]]).await;
        pipeline.drain().await.unwrap();
        while pipeline.tick(house.clock.now()).await.unwrap() {
            pipeline.drain().await.unwrap();
        }
    }
    let lived = everything(&store);
    assert!(lived.len() > 60);
    pipeline.rebuild().await.unwrap();
    assert_eq!(everything(&store), lived);
}

/// Counts the definitions it is told.
struct Obey(Arc<AtomicUsize>);

impl Step for Obey {
    fn name(&self) -> &'static str {
        "obey"
    }
    fn control(&self, _control: &Control, _cx: &mut Cx) -> Result<()> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn a_definition_told_twice_is_obeyed_once() {
    let house = House::new();
    let obeyed = Arc::new(AtomicUsize::new(0));
    let control =
        Control { id: "c1".into(), workspace: W, at: Millis(5), room: "test".into(), what: "defined".into(), body: serde_json::json!({}) };
    house.door.control(control.clone()).await.unwrap();
    house.door.control(control).await.unwrap();
    let steps: Vec<Box<dyn Step>> = vec![Box::new(Obey(obeyed.clone()))];
    let store = Arc::new(MemoryStore::default());
    Arc::new(Pipeline::new(house.bus.clone(), store, house.door.clone(), steps, vec![])).drain().await.unwrap();
    assert_eq!(obeyed.load(Ordering::SeqCst), 1);
}
