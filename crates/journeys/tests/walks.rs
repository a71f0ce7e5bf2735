//! People walk through journeys: every kind of node, and what their owners do to them meanwhile.

use std::sync::Arc;

use serde_json::{Value, json};
use weft_channels::{KeepLedger, totals};
use weft_event_pipeline::{Door, FrontDoor, Pipeline, Step};
use weft_journeys::{Enrolment, State, WakeJourneys, enrolment};
use weft_kernel::{Clock, Control, Event, EventKind, FakeClock, Identifier, JourneyId, Millis, Record, SourceId, WorkspaceId};
use weft_profile_kv::MemoryStore;
use weft_segments::UpdateMembership;
use weft_stream_bus::StreamBus;

const W: WorkspaceId = WorkspaceId(1);
const START: &str = "2026-03-02T09:00:00Z";
const HOUR: i64 = 3_600_000;

struct House {
    clock: Arc<FakeClock>,
    bus: Arc<dyn StreamBus>,
    door: Arc<dyn FrontDoor>,
    store: Arc<MemoryStore>,
    pipeline: Arc<Pipeline>,
    sent: u64,
    _folder: tempfile::TempDir,
}

fn steps() -> Vec<Box<dyn Step>> {
    vec![
        Box::new(weft_context_kit::RememberWorkspace),
        Box::new(weft_quality::DropDuplicates::default()),
        Box::new(weft_privacy::ApplyConsent),
        Box::new(weft_identity::ResolvePerson::default()),
        Box::new(weft_profiles::FoldIntoProfile::default()),
        Box::new(KeepLedger),
        Box::new(UpdateMembership::default()),
        Box::new(WakeJourneys::default()),
    ]
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Millis::parse(START).unwrap()));
        let options = weft_stream_bus::Options { segment_bytes: 1 << 20, ..Default::default() };
        let bus = weft_stream_bus::open(&format!("file:{}", folder.path().display()), options).unwrap();
        let door: Arc<dyn FrontDoor> = Arc::new(Door::new(bus.clone(), clock.clone()));
        let store = Arc::new(MemoryStore::default());
        let pipeline = Arc::new(Pipeline::new(bus.clone(), store.clone(), door.clone(), steps(), vec![]));
        let mut house = Self { clock, bus, door, store, pipeline, sent: 0, _folder: folder };
        house.control("channels", "sending_defined", json!({"needs_consent": false})).await;
        house
    }

    async fn settle(&self) {
        loop {
            self.pipeline.drain().await.unwrap();
            if !self.pipeline.tick(self.clock.now()).await.unwrap() {
                return;
            }
        }
    }
    async fn after(&self, millis: i64) {
        self.clock.advance(millis);
        self.settle().await;
    }

    async fn control(&mut self, room: &str, what: &str, body: Value) {
        self.sent += 1;
        let control = Control { id: format!("c{}", self.sent), workspace: W, at: self.clock.now(), room: room.into(), what: what.into(), body };
        self.door.control(control).await.unwrap();
        self.settle().await;
    }
    async fn publish(&mut self, id: &str, version: u32, plan: Value) {
        self.control("journeys", "journey_published", json!({"id": id, "name": id, "version": version, "plan": plan})).await;
    }

    async fn does(&mut self, user: &str, name: &str, properties: Value) {
        let mut event = Event::track(W, SourceId::from("src_1"), "", name, self.clock.now());
        event.identifiers = vec![Identifier::new("user_id", user)];
        event.properties = properties.as_object().cloned().unwrap();
        self.send(event).await;
    }
    async fn says(&mut self, user: &str, traits: Value) {
        let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", self.clock.now());
        event.kind = EventKind::Identify;
        event.identifiers = vec![Identifier::new("user_id", user)];
        event.traits = traits.as_object().cloned().unwrap();
        self.send(event).await;
    }
    async fn send(&mut self, mut event: Event) {
        self.sent += 1;
        event.id = format!("e{}", self.sent);
        event.received_at = self.clock.now();
        self.door.accept(vec![event]).await.unwrap();
        self.settle().await;
    }

    fn place(&self, journey: &str, user: &str) -> Option<Enrolment> {
        let atom = weft_identity::find(&*self.store, W, &Identifier::new("user_id", user)).unwrap()?;
        enrolment(&*self.store, W, &JourneyId(journey.into()), atom).unwrap()
    }
    fn node(&self, journey: &str, user: &str) -> String {
        self.place(journey, user).map(|e| e.node).unwrap_or_default()
    }
    fn messages(&self) -> u64 {
        totals(&*self.store, W).unwrap().iter().map(|t| t.count).sum()
    }
    /// What the gate said of her messages, in the order in which they were asked for.
    fn answers(&self, user: &str) -> Vec<(String, String, String)> {
        let person = weft_identity::find(&*self.store, W, &Identifier::new("user_id", user)).unwrap();
        let filter = weft_channels::Filter { atoms: person.map(|p| vec![p]), ..Default::default() };
        let mut found = weft_channels::deliveries(&*self.store, W, &filter, 100, None).unwrap().items;
        found.sort_by_key(|d| (d.created_at, d.intent.purpose.clone()));
        found.into_iter().map(|d| (d.intent.purpose, d.state.name().to_owned(), d.reason)).collect()
    }
    fn is_held(&self, person: weft_kernel::Atom) -> bool {
        weft_segments::pool_of(&*self.store, W, person).unwrap() == Some(weft_segments::Pool::Control)
    }
    fn logged(&self, name: &str) -> usize {
        let records = self.bus.read(self.bus.first(), 100_000, usize::MAX).unwrap();
        records.iter().filter(|(_, bytes)| matches!(Record::decode(bytes), Ok(Record::Event(e)) if e.name == name)).count()
    }
}

fn on(event: &str, start: &str, nodes: Value) -> Value {
    json!({"entry": {"event": {"name": event}}, "start": start, "nodes": nodes})
}
fn wait(id: &str, duration: &str, next: Value) -> Value {
    json!({"id": id, "type": "wait", "for": duration, "next": next})
}
fn send(id: &str, next: Value) -> Value {
    json!({"id": id, "type": "send", "channel": "email", "template": "tpl_1", "next": next})
}

#[tokio::test]
async fn a_wait_ends_when_it_is_over_and_not_before() {
    let mut house = House::new().await;
    house.publish("j", 1, on("join", "w", json!([wait("w", "2d", json!("m")), send("m", Value::Null)]))).await;
    house.says("ann", json!({"email": "ann@example.com"})).await;
    house.does("ann", "join", json!({})).await;
    assert_eq!(house.node("j", "ann"), "w");
    house.after(48 * HOUR - 1).await;
    assert_eq!((house.node("j", "ann").as_str(), house.messages()), ("w", 0));
    house.after(1).await;
    let ann = house.place("j", "ann").unwrap();
    assert_eq!((ann.state, ann.exit_reason.as_deref(), house.messages()), (State::Done, Some("end_of_plan"), 1));
    // Each step says when and why.
    let told: Vec<&str> = ann.steps.iter().map(|s| s.node.as_str()).collect();
    assert!(told.contains(&"w") && told.contains(&"m"), "{:?}", ann.steps);
    assert!(ann.steps.iter().all(|s| !s.what.is_empty()));
}

#[tokio::test]
async fn an_awaited_event_comes_or_time_is_up() {
    let mut house = House::new().await;
    let until = json!({"id": "u", "type": "wait_until", "event": {"name": "buy", "where": {"property": "total", "gte": 50}}, "timeout": "3d", "next": "thanks", "on_timeout": "remind"});
    house.publish("j", 1, on("join", "u", json!([until, wait("thanks", "30d", Value::Null), wait("remind", "30d", Value::Null)]))).await;
    house.does("ann", "join", json!({})).await;
    house.does("bob", "join", json!({})).await;
    house.does("ann", "buy", json!({"total": 49})).await;
    assert_eq!(house.node("j", "ann"), "u", "that was not what she is awaited for");
    house.does("ann", "buy", json!({"total": "50.00"})).await;
    assert_eq!(house.node("j", "ann"), "thanks");
    house.after(72 * HOUR).await;
    assert_eq!((house.node("j", "bob").as_str(), house.node("j", "ann").as_str()), ("remind", "thanks"));
    // Too late.
    house.does("bob", "buy", json!({"total": 90})).await;
    assert_eq!(house.node("j", "bob"), "remind");
}

#[tokio::test]
async fn a_branch_takes_the_first_that_holds() {
    let mut house = House::new().await;
    let branch = json!({"id": "b", "type": "branch", "branches": [
        {"name": "wien", "condition": {"trait": {"name": "city", "eq": "Wien"}}, "next": "w"},
        {"name": "buyers", "condition": {"event": {"name": "buy", "count": {"gte": 1}}}, "next": "x"},
    ], "otherwise": "y"});
    let nodes = json!([branch, wait("w", "9d", Value::Null), wait("x", "9d", Value::Null), wait("y", "9d", Value::Null)]);
    house.publish("j", 1, on("join", "b", nodes)).await;
    house.says("ann", json!({"city": "Wien"})).await;
    house.does("ann", "buy", json!({})).await;
    house.does("bob", "buy", json!({})).await;
    for user in ["ann", "bob", "eve"] {
        house.does(user, "join", json!({})).await;
    }
    assert_eq!(["ann", "bob", "eve"].map(|u| house.node("j", u)), ["w", "x", "y"]);
}

#[tokio::test]
async fn the_control_arm_gets_nothing_and_the_weights_hold() {
    let mut house = House::new().await;
    let split = json!({"id": "s", "type": "split", "arms": [{"key": "mail", "weight": 80, "next": "m"}, {"key": "control", "weight": 20, "control": true}]});
    house.publish("j", 1, on("join", "s", json!([split, send("m", Value::Null)]))).await;
    for i in 0..400 {
        let user = format!("u{i}");
        house.says(&user, json!({"email": format!("u{i}@example.com")})).await;
        house.does(&user, "join", json!({})).await;
    }
    let arms: Vec<String> = (0..400).filter_map(|i| house.place("j", &format!("u{i}"))?.arm).collect();
    let control = arms.iter().filter(|a| *a == "control").count();
    assert_eq!(arms.len(), 400);
    // 80 are expected; four standard deviations are 32.
    assert!((48..=112).contains(&control), "{control}");
    assert_eq!(house.messages(), 400 - control as u64);
    assert_eq!(house.logged("experiment_exposed"), 400);
}

#[tokio::test]
async fn the_goal_counts_once_within_its_window_and_may_end_the_way() {
    let mut house = House::new().await;
    let mut plan = on("join", "w", json!([wait("w", "30d", Value::Null)]));
    plan["goal"] = json!({"event": {"name": "buy"}, "within": "5d", "exit": true});
    house.publish("j", 1, plan).await;
    for user in ["ann", "bob"] {
        house.does(user, "join", json!({})).await;
    }
    house.after(24 * HOUR).await;
    house.does("ann", "buy", json!({"total": "12.30", "currency": "CNY"})).await;
    house.does("ann", "buy", json!({"total": "99.00", "currency": "CNY"})).await;
    let ann = house.place("j", "ann").unwrap();
    assert_eq!((ann.state, ann.exit_reason.as_deref()), (State::Exited, Some("goal_reached")));
    assert!(ann.converted_at.is_some());
    house.after(4 * 24 * HOUR + 1).await;
    house.does("bob", "buy", json!({})).await;
    let bob = house.place("j", "bob").unwrap();
    assert_eq!((bob.state, bob.converted_at), (State::In, None), "five days were over");
}

#[tokio::test]
async fn who_satisfies_an_exit_rule_leaves_at_the_next_step() {
    let mut house = House::new().await;
    let mut plan = on("join", "w", json!([wait("w", "1d", json!("m")), send("m", Value::Null)]));
    plan["exit"] = json!([{"trait": {"name": "closed", "eq": true}}]);
    house.publish("j", 1, plan).await;
    house.says("ann", json!({"email": "ann@example.com"})).await;
    house.does("ann", "join", json!({})).await;
    house.says("ann", json!({"closed": true})).await;
    house.after(25 * HOUR).await;
    let ann = house.place("j", "ann").unwrap();
    assert_eq!((ann.state, ann.exit_reason.as_deref(), house.messages()), (State::Exited, Some("exit_rule"), 0));
}

#[tokio::test]
async fn coming_back_is_as_the_plan_says() {
    let mut house = House::new().await;
    for (id, reentry) in [("never", json!("never")), ("again", json!("after_exit")), ("week", json!({"after": "7d"}))] {
        let mut plan = on("join", "w", json!([wait("w", "1d", Value::Null)]));
        plan["reentry"] = reentry;
        house.publish(id, 1, plan).await;
    }
    house.does("ann", "join", json!({})).await;
    house.does("ann", "join", json!({})).await;
    let entries = |house: &House| ["never", "again", "week"].map(|j| house.place(j, "ann").unwrap().entry);
    assert_eq!(entries(&house), [1, 1, 1], "nobody is in a journey twice");
    house.after(25 * HOUR).await;
    house.does("ann", "join", json!({})).await;
    assert_eq!(entries(&house), [1, 2, 1]);
    house.after(7 * 24 * HOUR).await;
    house.does("ann", "join", json!({})).await;
    assert_eq!(entries(&house), [1, 3, 2]);
}

#[tokio::test]
async fn a_paused_journey_holds_everybody_and_goes_on_where_they_were() {
    let mut house = House::new().await;
    house.publish("j", 1, on("join", "w", json!([wait("w", "1d", json!("m")), send("m", Value::Null)]))).await;
    house.says("ann", json!({"email": "ann@example.com"})).await;
    house.does("ann", "join", json!({})).await;
    house.control("journeys", "journey_state_changed", json!({"id": "j", "state": "paused"})).await;
    house.does("bob", "join", json!({})).await;
    house.after(48 * HOUR).await;
    assert_eq!((house.node("j", "ann").as_str(), house.messages()), ("w", 0));
    assert!(house.place("j", "bob").is_none(), "nobody comes in meanwhile");
    house.control("journeys", "journey_state_changed", json!({"id": "j", "state": "running"})).await;
    assert_eq!((house.place("j", "ann").unwrap().state, house.messages()), (State::Done, 1));
    house.does("bob", "join", json!({})).await;
    house.control("journeys", "journey_state_changed", json!({"id": "j", "state": "stopped"})).await;
    let bob = house.place("j", "bob").unwrap();
    assert_eq!((bob.state, bob.exit_reason.as_deref()), (State::Exited, Some("journey_stopped")));
}

#[tokio::test]
async fn who_is_inside_walks_by_the_version_she_came_in_with() {
    let mut house = House::new().await;
    house.publish("j", 1, on("join", "w", json!([wait("w", "1d", json!("old")), wait("old", "9d", Value::Null)]))).await;
    house.does("ann", "join", json!({})).await;
    house.publish("j", 2, on("join", "w", json!([wait("w", "1d", json!("new")), wait("new", "9d", Value::Null)]))).await;
    house.does("bob", "join", json!({})).await;
    house.after(25 * HOUR).await;
    assert_eq!((house.node("j", "ann").as_str(), house.node("j", "bob").as_str()), ("old", "new"));
    assert_eq!((house.place("j", "ann").unwrap().version, house.place("j", "bob").unwrap().version), (1, 2));
}

#[tokio::test]
async fn two_who_turn_out_to_be_one_walk_once() {
    let mut house = House::new().await;
    let mut visitor = Event::track(W, SourceId::from("src_1"), "", "join", house.clock.now());
    visitor.identifiers = vec![Identifier::new("anonymous_id", "phone")];
    house.publish("j", 1, on("join", "w", json!([wait("w", "1d", json!("m")), send("m", Value::Null)]))).await;
    house.send(visitor).await;
    house.says("ann", json!({"email": "ann@example.com"})).await;
    house.does("ann", "join", json!({})).await;
    let mut login = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
    login.kind = EventKind::Identify;
    login.identifiers = vec![Identifier::new("user_id", "ann"), Identifier::new("anonymous_id", "phone")];
    house.send(login).await;
    house.after(25 * HOUR).await;
    assert_eq!(house.messages(), 1, "one person, one message");
}

#[tokio::test]
async fn a_rebuild_sends_nothing_again() {
    let mut house = House::new().await;
    house.publish("j", 1, on("join", "m", json!([send("m", json!("w")), wait("w", "1d", Value::Null)]))).await;
    house.says("ann", json!({"email": "ann@example.com"})).await;
    house.does("ann", "join", json!({})).await;
    house.after(25 * HOUR).await;
    let (lived, entered) = (house.place("j", "ann").unwrap(), house.logged("journey_entered"));
    house.pipeline.rebuild().await.unwrap();
    house.settle().await;
    assert_eq!(house.place("j", "ann").unwrap(), lived);
    assert_eq!((house.messages(), house.logged("journey_entered")), (1, entered));
}

#[tokio::test]
async fn who_is_in_a_pool_gets_no_marketing_and_everything_else() {
    let mut house = House::new().await;
    let transactional = json!({"id": "t", "type": "send", "channel": "email", "template": "tpl_1", "purpose": "transactional", "next": null});
    house.publish("j", 1, on("join", "m", json!([send("m", json!("t")), transactional]))).await;
    let people = ["ann", "bob", "eve", "both"];
    for user in people {
        house.says(user, json!({"email": format!("{user}@example.com"), "staff": user == "ann" || user == "both"})).await;
    }
    let staff = json!({"trait": {"name": "staff", "eq": true}});
    house.control("segments", "segment_defined", json!({"id": "seg_staff", "name": "staff", "version": 1, "condition": staff})).await;
    house.control("segments", "segment_used_as", json!({"id": "seg_staff", "pool": "exclusion"})).await;
    house.control("segments", "segment_defined", json!({"id": "seg_held", "name": "held", "version": 1, "is_list": true})).await;
    house.control("segments", "segment_used_as", json!({"id": "seg_held", "pool": "control"})).await;
    house.control("segments", "list_changed", json!({"id": "seg_held", "id_type": "user_id", "ids": ["bob", "both"], "is_in": true})).await;
    for user in people {
        house.does(user, "join", json!({})).await;
    }
    assert_eq!(house.answers("ann"), [("marketing", "suppressed", "pool:exclusion"), ("transactional", "queued", "")].map(line));
    assert_eq!(house.answers("bob"), [("marketing", "suppressed", "pool:control"), ("transactional", "queued", "")].map(line));
    assert_eq!(house.answers("eve"), [("marketing", "queued", ""), ("transactional", "queued", "")].map(line));
    assert_eq!(house.answers("both")[0], line(("marketing", "suppressed", "pool:exclusion")), "she would get nothing in any case");
    assert_eq!(house.logged("message_suppressed"), 3);
    // As a pool no longer, it keeps nobody.
    house.control("segments", "segment_used_as", json!({"id": "seg_staff", "pool": null})).await;
    house.after(1_000).await;
    house.publish("k", 1, on("again", "m", json!([send("m", Value::Null)]))).await;
    house.does("ann", "again", json!({})).await;
    assert_eq!(house.answers("ann").last(), Some(&line(("marketing", "queued", ""))));
}

#[tokio::test]
async fn a_control_pool_is_a_share_of_everybody_and_of_who_comes_later() {
    let mut house = House::new().await;
    let sample = json!({"id": "seg_5", "name": "held out", "version": 1, "sample": {"share": 2_000, "salt": "spring"}});
    for i in 0..150 {
        house.says(&format!("u{i}"), json!({"email": format!("u{i}@example.com")})).await;
    }
    house.control("segments", "segment_defined", sample).await;
    house.control("segments", "segment_used_as", json!({"id": "seg_5", "pool": "control"})).await;
    for i in 150..300 {
        house.says(&format!("u{i}"), json!({"email": format!("u{i}@example.com")})).await;
    }
    let of = |house: &House, user: &str| weft_identity::find(&*house.store, W, &Identifier::new("user_id", user)).unwrap().unwrap();
    let held = |house: &House, from: usize, to: usize| (from..to).filter(|i| house.is_held(of(house, &format!("u{i}")))).count();
    // 30 of each half are expected; four standard deviations are 20.
    let (before, after) = (held(&house, 0, 150), held(&house, 150, 300));
    assert!((10..=50).contains(&before) && (10..=50).contains(&after), "{before} {after}");
    // Two who turn out to be one are one person with one lot: hers who stays.
    for i in 0..40 {
        let (ann, phone) = (format!("u{i}"), format!("phone{i}"));
        let mut visitor = Event::track(W, SourceId::from("src_1"), "", "view", house.clock.now());
        visitor.identifiers = vec![Identifier::new("anonymous_id", phone.as_str())];
        house.send(visitor).await;
        let (hers, was_held) = (of(&house, &ann), house.is_held(of(&house, &ann)));
        let mut login = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
        login.kind = EventKind::Identify;
        login.identifiers = vec![Identifier::new("user_id", ann.as_str()), Identifier::new("anonymous_id", phone.as_str())];
        house.send(login).await;
        assert_eq!(of(&house, &ann), hers);
        assert_eq!(house.is_held(hers), was_held);
    }
    let lived: Vec<bool> = (0..300).map(|i| house.is_held(of(&house, &format!("u{i}")))).collect();
    house.pipeline.rebuild().await.unwrap();
    house.settle().await;
    assert_eq!((0..300).map(|i| house.is_held(of(&house, &format!("u{i}")))).collect::<Vec<_>>(), lived);
}

fn line((purpose, state, reason): (&str, &str, &str)) -> (String, String, String) {
    (purpose.into(), state.into(), reason.into())
}
