//! Whatever happens, whenever: who is in a segment is who satisfies its condition now.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use weft_event_pipeline::{Door, FrontDoor, Pipeline, Step};
use weft_identity::{Joined, PEOPLE_JOINED, PERSON_TAKEN_APART, TakenApart};
use weft_kernel::{Clock, Control, Event, EventKind, FakeClock, Identifier, Millis, PersonId, SegmentId, SourceId, WorkspaceId};
use weft_profile_kv::MemoryStore;
use weft_segments::{Rule, Surroundings, UpdateMembership, contains, definition, of_person, size};

const W: WorkspaceId = WorkspaceId(1);
const START: &str = "2026-03-01T09:00:00Z";

struct House {
    clock: Arc<FakeClock>,
    door: Arc<dyn FrontDoor>,
    store: Arc<MemoryStore>,
    pipeline: Arc<Pipeline>,
    sent: u64,
    _folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Millis::parse(START).unwrap()));
        let options = weft_stream_bus::Options { segment_bytes: 1 << 20, ..Default::default() };
        let bus = weft_stream_bus::open(&format!("file:{}", folder.path().display()), options).unwrap();
        let door: Arc<dyn FrontDoor> = Arc::new(Door::new(bus.clone(), clock.clone()));
        let store = Arc::new(MemoryStore::default());
        let steps: Vec<Box<dyn Step>> = vec![
            Box::new(weft_context_kit::RememberWorkspace),
            Box::new(weft_privacy::ApplyConsent),
            Box::new(weft_identity::ResolvePerson::default()),
            Box::new(weft_profiles::FoldIntoProfile::default()),
            Box::new(weft_tags::ApplyTags::default()),
            Box::new(UpdateMembership::default()),
        ];
        let pipeline = Arc::new(Pipeline::new(bus, store.clone(), door.clone(), steps, vec![]));
        Self { clock, door, store, pipeline, sent: 0, _folder: folder }
    }

    async fn settle(&self) {
        loop {
            self.pipeline.drain().await.unwrap();
            if !self.pipeline.tick(self.clock.now()).await.unwrap() {
                return;
            }
        }
    }

    async fn define(&mut self, id: &str, condition: Value) {
        self.sent += 1;
        let body = json!({"id": id, "name": id, "version": 1, "condition": condition});
        let control = Control { id: format!("c{}", self.sent), workspace: W, at: self.clock.now(), room: "segments".into(), what: "segment_defined".into(), body };
        self.door.control(control).await.unwrap();
        self.settle().await;
    }

    async fn send(&mut self, mut event: Event) {
        self.sent += 1;
        event.id = format!("e{}", self.sent);
        event.received_at = self.clock.now();
        self.door.accept(vec![event]).await.unwrap();
        self.settle().await;
    }
    async fn track(&mut self, user: &str, name: &str, age: i64, properties: Value) {
        let mut event = Event::track(W, SourceId::from("src_1"), "", name, self.clock.now().minus(age));
        event.identifiers = vec![Identifier::new("user_id", user)];
        event.properties = properties.as_object().cloned().unwrap();
        self.send(event).await;
    }

    async fn tag(&mut self, name: &str, rule: Value) {
        self.control("tags", "tag_defined", json!({"id": format!("tag_{name}"), "name": name, "version": 1, "rule": rule})).await;
    }
    fn tagged(&self, user: &str, tag: &str) -> Option<Value> {
        weft_tags::value(&*self.store, W, tag, self.atom(user)).unwrap()
    }
    async fn control(&mut self, room: &str, what: &str, body: Value) {
        self.sent += 1;
        let control = Control { id: format!("c{}", self.sent), workspace: W, at: self.clock.now(), room: room.into(), what: what.into(), body };
        self.door.control(control).await.unwrap();
        self.settle().await;
    }
    async fn take_apart(&mut self, whose: &Identifier, out: &Identifier) {
        let Some(person) = weft_identity::find(&*self.store, W, whose).unwrap() else { return };
        let said = TakenApart { person: PersonId::of(W, person), out: vec![out.clone()], by: "usr_1".into(), reason: "not hers".into() };
        self.control(weft_identity::ROOM, PERSON_TAKEN_APART, json!(said)).await;
    }
    async fn join(&mut self, a: &Identifier, b: &Identifier) {
        let of = |id: &Identifier| weft_identity::find(&*self.store, W, id).unwrap().map(|atom| PersonId::of(W, atom));
        let (Some(a), Some(b)) = (of(a), of(b)) else { return };
        self.control(weft_identity::ROOM, PEOPLE_JOINED, json!(Joined { a, b, by: "usr_1".into(), reason: "the same".into() })).await;
    }

    fn atom(&self, user: &str) -> u32 {
        weft_identity::find(&*self.store, W, &Identifier::new("user_id", user)).unwrap().unwrap()
    }
    fn is_in(&self, user: &str, segment: &str) -> bool {
        contains(&*self.store, W, &SegmentId::from(segment), self.atom(user)).unwrap()
    }

    /// A tag's segment beside the condition that says the same without the tag.
    fn check_tags(&self) -> Result<(), TestCaseError> {
        let zone = jiff::tz::TimeZone::UTC;
        let mut people = Vec::new();
        weft_profiles::all_people(&*self.store, W, 0, &mut |person, _| {
            people.push(person);
            Ok(true)
        })
        .unwrap();
        for (id, _, same) in BY_TAG {
            let condition = weft_condition::parse(&serde_json::from_str(same).unwrap()).unwrap();
            for person in &people {
                let around = Surroundings::of(&*self.store, W, *person, &zone);
                let holds = weft_condition::holds(&condition, &around.facts(), self.clock.now());
                prop_assert_eq!(contains(&*self.store, W, &SegmentId::from(id), *person).unwrap(), holds, "person {} in {}", person, id);
            }
        }
        Ok(())
    }

    /// Membership beside the condition itself, asked of everybody.
    fn check(&self, segments: &[&str]) -> Result<(), TestCaseError> {
        let now = self.clock.now();
        let zone = jiff::tz::TimeZone::UTC;
        let mut people = Vec::new();
        weft_profiles::all_people(&*self.store, W, 0, &mut |person, _| {
            people.push(person);
            Ok(true)
        })
        .unwrap();
        for segment in segments {
            let id = SegmentId::from(*segment);
            let defined = definition(&*self.store, W, &id).unwrap().unwrap();
            let mut members = 0;
            for person in &people {
                let around = Surroundings::of(&*self.store, W, *person, &zone);
                let Rule::Condition(condition) = &defined.rule else { unreachable!() };
                let holds = weft_condition::holds(condition, &around.facts(), now);
                let is_in = contains(&*self.store, W, &id, *person).unwrap();
                prop_assert_eq!(is_in, holds, "person {} in {} at {:?}", person, segment, now);
                members += u64::from(is_in);
            }
            prop_assert_eq!(size(&*self.store, W, &id).unwrap(), members);
        }
        Ok(())
    }
}

#[tokio::test]
async fn silence_counts() {
    let mut house = House::new();
    let lapsing = json!({"all": [{"event": {"name": "buy", "count": {"gte": 1}}}, {"not": {"event": {"name": "buy", "count": {"gte": 1}, "within": "7d"}}}]});
    house.define("seg_lapsing", lapsing).await;
    house.track("ann", "buy", 0, json!({})).await;
    assert!(!house.is_in("ann", "seg_lapsing"));
    house.clock.advance(7 * Millis::DAY - 1);
    house.settle().await;
    assert!(!house.is_in("ann", "seg_lapsing"));
    house.clock.advance(1);
    house.settle().await;
    assert!(house.is_in("ann", "seg_lapsing"), "nothing happened, and that is what counts");
    house.track("ann", "buy", 0, json!({})).await;
    assert!(!house.is_in("ann", "seg_lapsing"));
}

#[tokio::test]
async fn who_belongs_when_the_segment_is_made_belongs_at_once_and_a_segment_may_stand_on_another() {
    let mut house = House::new();
    for user in ["ann", "bob", "eve"] {
        house.track(user, "buy", 0, json!({"price": 10})).await;
    }
    house.track("eve", "refund", 0, json!({})).await;
    house.define("seg_buyers", json!({"event": {"name": "buy", "count": {"gte": 1}}})).await;
    house.define("seg_happy", json!({"all": [{"segment": "seg_buyers"}, {"not": {"event": {"name": "refund", "count": {"gte": 1}}}}]})).await;
    assert_eq!(size(&*house.store, W, &SegmentId::from("seg_buyers")).unwrap(), 3);
    assert_eq!(size(&*house.store, W, &SegmentId::from("seg_happy")).unwrap(), 2);
    house.track("bob", "refund", 0, json!({})).await;
    assert!(!house.is_in("bob", "seg_happy"));
    house.track("new", "buy", 0, json!({})).await;
    assert!(house.is_in("new", "seg_happy"));
}

#[tokio::test]
async fn a_tag_is_fresh_by_event_by_time_and_by_definition() {
    let mut house = House::new();
    house.track("old", "buy", 40 * Millis::DAY, json!({"price": 5})).await;
    house.tag("spent", json!({"statistic": {"event": {"name": "buy", "within": "30d"}, "function": "sum", "property": "price"}})).await;
    let stages = json!([{"value": "big", "condition": {"tag": {"name": "spent", "gte": 100}}}, {"value": "some", "condition": {"event": {"name": "buy"}}}]);
    house.tag("stage", json!({"values": stages, "otherwise": "none"})).await;
    house.define("seg_big", json!({"tag": {"name": "stage", "eq": "big"}})).await;
    assert_eq!((house.tagged("old", "spent"), house.tagged("old", "stage")), (Some(json!(0)), Some(json!("some"))), "those who were there");
    house.track("ann", "view", 0, json!({})).await;
    assert_eq!(house.tagged("ann", "stage"), Some(json!("none")));
    house.track("ann", "buy", 0, json!({"price": "60.25"})).await;
    house.track("ann", "buy", 0, json!({"price": 40})).await;
    assert_eq!((house.tagged("ann", "spent"), house.tagged("ann", "stage")), (Some(json!(100.25)), Some(json!("big"))));
    assert!(house.is_in("ann", "seg_big"), "a segment follows the tag in the same event");
    house.clock.advance(30 * Millis::DAY);
    house.settle().await;
    assert_eq!((house.tagged("ann", "spent"), house.tagged("ann", "stage")), (Some(json!(0)), Some(json!("some"))), "time took it away");
    assert!(!house.is_in("ann", "seg_big"), "and the segment heard of it");
    house.tag("stage", json!({"values": [{"value": "big", "condition": {"event": {"name": "view"}}}]})).await;
    assert_eq!((house.tagged("ann", "stage"), house.tagged("old", "stage")), (Some(json!("big")), None));
    assert!(house.is_in("ann", "seg_big"), "also of a new definition");
    house.control("tags", "tag_archived", json!({"name": "stage"})).await;
    assert_eq!(house.tagged("ann", "stage"), None);
    assert!(!house.is_in("ann", "seg_big"));
}

/// All that is known of somebody, to be compared.
#[tokio::test]
async fn a_list_follows_its_people_and_a_snapshot_stays() {
    let mut house = House::new();
    for user in ["ann", "bob", "eve"] {
        house.track(user, "buy", 0, json!({})).await;
    }
    let id = |user: &str| Identifier::new("user_id", user);
    house.define("seg_buyers", json!({"event": {"name": "buy"}})).await;
    house.control("segments", "segment_defined", json!({"id": "seg_list", "name": "list", "version": 1, "is_list": true})).await;
    house.control("segments", "segment_defined", json!({"id": "seg_then", "name": "then", "version": 1, "is_list": true, "snapshot_of": "seg_buyers"})).await;
    house.define("seg_on_it", json!({"all": [{"segment": "seg_list"}, {"not": {"event": {"name": "refund"}}}]})).await;
    let put = |ids: &[&str], is_in: bool| json!({"id": "seg_list", "id_type": "user_id", "ids": ids, "is_in": is_in});
    house.control("segments", "list_changed", put(&["ann", "nobody", "bob"], true)).await;
    assert_eq!(["ann", "bob", "eve"].map(|u| house.is_in(u, "seg_list")), [true, true, false]);
    assert_eq!(["ann", "bob", "eve"].map(|u| house.is_in(u, "seg_on_it")), [true, true, false], "segments stand on lists");
    house.join(&id("ann"), &id("eve")).await;
    assert!(house.is_in("eve", "seg_list"), "she is ann now");
    assert_eq!(size(&*house.store, W, &SegmentId::from("seg_list")).unwrap(), 2);
    house.take_apart(&id("ann"), &id("eve")).await;
    assert_eq!(["ann", "eve"].map(|u| house.is_in(u, "seg_list")), [true, false], "what was said of ann is ann's");
    house.control("segments", "list_changed", put(&["bob"], false)).await;
    assert_eq!(["ann", "bob"].map(|u| house.is_in(u, "seg_on_it")), [true, false]);
    house.track("new", "buy", 0, json!({})).await;
    assert!(house.is_in("new", "seg_buyers") && !house.is_in("new", "seg_then"));
    assert_eq!(["ann", "bob", "eve"].map(|u| house.is_in(u, "seg_then")), [true, true, true]);
    house.control("segments", "segment_archived", json!({"id": "seg_then"})).await;
    assert_eq!(size(&*house.store, W, &SegmentId::from("seg_then")).unwrap(), 0);
}

/// So many that neither goes in one piece.
#[tokio::test]
async fn what_is_archived_lets_its_people_go_piece_by_piece() {
    const PEOPLE: u32 = 5_200;
    let mut house = House::new();
    let view = |n: u32| {
        let mut event = Event::track(W, SourceId::from("src_1"), format!("v{n}"), "view", house.clock.now());
        event.received_at = house.clock.now();
        event.identifiers = vec![Identifier::new("user_id", format!("u{n}"))];
        event
    };
    house.door.accept((0..PEOPLE).map(view).collect()).await.unwrap();
    house.settle().await;
    house.tag("seen", json!({"values": [{"value": "yes", "condition": {"event": {"name": "view"}}}]})).await;
    house.define("seg_seen", json!({"tag": {"name": "seen", "eq": "yes"}})).await;
    house.define("seg_kept", json!({"event": {"name": "view"}})).await;
    let sizes = |house: &House| ["seg_seen", "seg_kept"].map(|id| size(&*house.store, W, &SegmentId::from(id)).unwrap());
    assert_eq!(sizes(&house), [u64::from(PEOPLE); 2]);
    house.control("tags", "tag_archived", json!({"name": "seen"})).await;
    assert_eq!((weft_tags::size(&*house.store, W, "seen").unwrap(), sizes(&house)), (0, [0, u64::from(PEOPLE)]), "a segment that asks for it hears of each");
    house.control("segments", "segment_archived", json!({"id": "seg_kept"})).await;
    assert_eq!(sizes(&house), [0, 0]);
    assert!(of_person(&*house.store, W, house.atom("u7")).unwrap().is_empty());
}

#[tokio::test]
async fn what_is_assigned_follows_its_people_and_ends_in_time() {
    let mut house = House::new();
    for user in ["ann", "eve"] {
        house.track(user, "buy", 0, json!({})).await;
    }
    house.tag("kind", json!({"assigned": {"by": "hand", "values": [{"value": "vip"}, {"value": "press"}]}})).await;
    house.define("seg_vip", json!({"tag": {"name": "kind", "eq": "vip"}})).await;
    let id = |user: &str| Identifier::new("user_id", user);
    let say = |user: &str, value: Value, until: Option<Millis>| json!({"name": "kind", "people": [[id(user), value]], "until": until});
    house.control("tags", "tag_assigned", say("ann", json!("vip"), None)).await;
    assert_eq!((house.tagged("ann", "kind"), house.tagged("eve", "kind")), (Some(json!("vip")), None));
    assert!(house.is_in("ann", "seg_vip"));
    house.clock.advance(1_000);
    house.join(&id("ann"), &id("eve")).await;
    assert_eq!(house.tagged("eve", "kind"), Some(json!("vip")), "they are one");
    let tomorrow = house.clock.now().plus(Millis::DAY);
    house.control("tags", "tag_assigned", say("eve", json!("press"), Some(tomorrow))).await;
    assert_eq!(house.tagged("ann", "kind"), Some(json!("press")), "what was said last");
    assert!(!house.is_in("ann", "seg_vip"));
    house.take_apart(&id("ann"), &id("eve")).await;
    assert_eq!((house.tagged("ann", "kind"), house.tagged("eve", "kind")), (Some(json!("vip")), Some(json!("press"))));
    house.clock.advance(Millis::DAY);
    house.settle().await;
    assert_eq!((house.tagged("ann", "kind"), house.tagged("eve", "kind")), (Some(json!("vip")), None), "a day later");
    house.control("tags", "tag_assigned", say("ann", Value::Null, None)).await;
    assert_eq!(house.tagged("ann", "kind"), None);
    assert_eq!(size(&*house.store, W, &SegmentId::from("seg_vip")).unwrap(), 0);
}

#[tokio::test]
async fn by_night_a_tag_says_what_it_would_have_said_at_once() {
    let mut house = House::new();
    let ladder = json!([{"value": "twice", "condition": {"event": {"name": "buy", "count": {"gte": 2}, "within": "3d"}}}, {"value": "once", "condition": {"event": {"name": "buy"}}}]);
    house.tag("at_once", json!({"values": ladder})).await;
    house.tag("nightly", json!({"values": ladder, "refresh": "day"})).await;
    house.define("seg_twice", json!({"tag": {"name": "nightly", "eq": "twice"}})).await;
    house.track("ann", "buy", 0, json!({})).await;
    house.track("bob", "buy", 2 * Millis::DAY, json!({})).await;
    house.track("ann", "buy", Millis::DAY, json!({})).await;
    assert_eq!((house.tagged("ann", "at_once"), house.tagged("ann", "nightly")), (Some(json!("twice")), None), "the night is to come");
    for night in 0..6 {
        // It is nine in the morning; the night is at two.
        house.clock.advance(if night == 0 { 17 * 3_600_000 } else { Millis::DAY });
        house.settle().await;
        for user in ["ann", "bob"] {
            assert_eq!(house.tagged(user, "nightly"), house.tagged(user, "at_once"), "{user}, night {night}");
        }
        assert_eq!(house.is_in("ann", "seg_twice"), house.tagged("ann", "nightly") == Some(json!("twice")));
        // What comes late, and what comes by day, is in the next night's value.
        house.track("bob", "buy", 12 * 3_600_000, json!({})).await;
    }
    assert_eq!(house.tagged("ann", "nightly"), Some(json!("once")), "time went by");
}

#[tokio::test]
async fn the_source_whose_word_counts_more_is_heard_whenever_it_spoke() {
    let mut house = House::new();
    let says = |source: &str, age: i64, city: &str| {
        let mut event = Event::track(W, SourceId::from(source), "", "identify", Millis::parse(START).unwrap().minus(age));
        event.kind = EventKind::Identify;
        event.identifiers = vec![Identifier::new("user_id", "ann")];
        event.traits = json!({"city": city}).as_object().cloned().unwrap();
        event
    };
    house.define("seg_sh", json!({"trait": {"name": "city", "eq": "上海"}})).await;
    house.send(says("src_crm", 1_000, "上海")).await;
    house.send(says("src_web", 0, "杭州")).await;
    assert!(!house.is_in("ann", "seg_sh"), "the latest word counts");
    let rules = json!({"traits": {"city": {"sources": ["src_crm"]}}});
    house.control("profiles", "trait_rules_defined", rules).await;
    assert!(house.is_in("ann", "seg_sh"), "and with rules the weightier one");
    house.send(says("src_web", 0, "杭州")).await;
    assert!(house.is_in("ann", "seg_sh"));
    house.control("profiles", "trait_rules_defined", json!({"traits": {}})).await;
    assert!(!house.is_in("ann", "seg_sh"));
}

fn known_of(house: &House, id: &Identifier) -> (u32, Value, Vec<String>, Option<weft_profiles::Seen>) {
    let store = &*house.store;
    let person = weft_identity::find(store, W, id).unwrap().unwrap();
    let atoms = weft_identity::atoms(store, W, person).unwrap();
    let happened = weft_profiles::timeline(store, W, &atoms, None, None, 100).unwrap();
    let document = json!(weft_profiles::document(store, W, person).unwrap());
    (person, document, happened.into_iter().map(|h| h.id).collect(), weft_profiles::seen(store, W, person).unwrap())
}

#[tokio::test]
async fn five_identities_become_one_and_one_is_taken_out_again() {
    let mut house = House::new();
    house.define("seg_viewers", json!({"event": {"name": "view", "count": {"gte": 2}}})).await;
    let ids = [("user_id", "ann"), ("openid", "o1"), ("unionid", "x1"), ("phone", "13800138000"), ("anonymous_id", "c1")].map(|(t, v)| Identifier::new(t, v));
    for id in &ids {
        let mut event = Event::track(W, SourceId::from("src_1"), "", "view", house.clock.now());
        event.identifiers = vec![id.clone()];
        house.send(event).await;
        let mut event = Event::track(W, SourceId::from("src_1"), "", "profile_set", house.clock.now());
        event.kind = EventKind::ProfileSet;
        event.identifiers = vec![id.clone()];
        event.traits.insert(format!("from_{}", id.id_type), true.into());
        house.send(event).await;
    }
    let apart: Vec<_> = ids.iter().map(|id| known_of(&house, id)).collect();
    let people_before = weft_profiles::count_people(&*house.store, W).unwrap();
    for id in &ids[1..] {
        house.join(&ids[0], id).await;
    }
    let one = known_of(&house, &ids[0]);
    assert_eq!((one.2.len(), one.3.unwrap().events, weft_profiles::count_people(&*house.store, W).unwrap()), (10, 10, people_before - 4));
    assert!(ids.iter().all(|id| known_of(&house, id).0 == one.0));
    assert!(house.is_in("ann", "seg_viewers"), "five views, seen together");

    // The cookie was not hers: it goes with what happened under it, and she is what the other four make.
    house.take_apart(&ids[0], &ids[4]).await;
    assert_eq!(known_of(&house, &ids[4]), apart[4], "just as before");
    assert_eq!(known_of(&house, &ids[0]).2.len(), 8);
    assert_eq!(weft_identity::apart(&*house.store, W, one.0).unwrap().len(), 1);
    house.check(&["seg_viewers"]).unwrap();

    // An event that says otherwise does not bring them together again; a person who says so does.
    let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
    event.kind = EventKind::Identify;
    event.identifiers = vec![ids[0].clone(), ids[4].clone()];
    house.send(event).await;
    assert_ne!(known_of(&house, &ids[4]).0, known_of(&house, &ids[0]).0);
    assert!(weft_identity::refusals(&*house.store, W, one.0).unwrap().iter().any(|r| r.reason == "kept_apart"));
    house.join(&ids[0], &ids[4]).await;
    assert_eq!(known_of(&house, &ids[4]).0, one.0);
    house.take_apart(&ids[0], &ids[4]).await;

    // All taken out, one after the other, in another order: everybody is who they were.
    for id in [&ids[2], &ids[1], &ids[3]] {
        house.take_apart(&ids[0], id).await;
    }
    for (id, before) in ids[1..].iter().zip(&apart[1..]) {
        assert_eq!(&known_of(&house, id), before);
    }
    assert_eq!(weft_profiles::count_people(&*house.store, W).unwrap(), people_before);

    // And all of it is a function of the log.
    let lived: Vec<_> = ids.iter().map(|id| known_of(&house, id)).collect();
    house.pipeline.rebuild().await.unwrap();
    assert_eq!(lived, ids.iter().map(|id| known_of(&house, id)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_device_that_many_claim_is_nobodys() {
    let mut house = House::new();
    let device = Identifier::new("anonymous_id", "kiosk");
    let mut seen = Event::track(W, SourceId::from("src_1"), "", "view", house.clock.now());
    seen.identifiers = vec![device.clone()];
    house.send(seen).await;
    for user in ["ann", "bob", "ann", "bob", "eve"] {
        let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
        event.kind = EventKind::Identify;
        event.identifiers = vec![Identifier::new("user_id", user), device.clone()];
        house.send(event).await;
        let owner = weft_identity::find(&*house.store, W, &device).unwrap().unwrap();
        assert_eq!(owner == house.atom("ann"), user != "eve", "two share a tablet, three a kiosk");
    }
    let store = &*house.store;
    let mine = weft_identity::apart(store, W, house.atom("ann")).unwrap();
    assert_eq!((mine.len(), mine[0].separation.cause.as_str()), (1, "shared"));
    assert_eq!(known_of(&house, &device).2.len(), 1, "the view stays with the device");
    // A million more logins on it cost nothing.
    let before = weft_identity::refusals(store, W, house.atom("eve")).unwrap().len();
    let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
    event.kind = EventKind::Identify;
    event.identifiers = vec![Identifier::new("user_id", "eve"), device.clone()];
    house.send(event).await;
    assert_eq!(weft_identity::refusals(&*house.store, W, house.atom("eve")).unwrap().len(), before);
}

#[derive(Clone, Debug)]
enum Happens {
    Event { user: u8, name: u8, age_hours: i64, price: i64 },
    Trait { user: u8, city: u8 },
    Merge { a: u8, b: u8 },
    TakeApart { device: u8 },
    Join { a: u8, b: u8 },
    Consent { user: u8, granted: bool },
    Time { hours: i64 },
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        5 => (0..5u8, 0..3u8, 0..200i64, 1..50i64).prop_map(|(user, name, age_hours, price)| Happens::Event { user, name, age_hours, price }),
        2 => (0..5u8, 0..2u8).prop_map(|(user, city)| Happens::Trait { user, city }),
        1 => (0..5u8, 0..5u8).prop_map(|(a, b)| Happens::Merge { a, b }),
        1 => (0..5u8).prop_map(|device| Happens::TakeApart { device }),
        1 => (0..5u8, 0..5u8).prop_map(|(a, b)| Happens::Join { a, b }),
        1 => (0..5u8, any::<bool>()).prop_map(|(user, granted)| Happens::Consent { user, granted }),
        4 => (1..100i64).prop_map(|hours| Happens::Time { hours }),
    ]
}

const NAMES: [&str; 3] = ["view", "buy", "refund"];

async fn live(house: &mut House, what: &Happens) {
    match what {
        Happens::Event { user, name, age_hours, price } => {
            let age = age_hours * 3_600_000;
            house.track(&format!("u{user}"), NAMES[*name as usize], age, json!({"price": price, "shop": if price % 2 == 0 { "web" } else { "store" }})).await;
        }
        Happens::Trait { user, city } => {
            let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
            event.kind = EventKind::Identify;
            event.identifiers = vec![Identifier::new("user_id", format!("u{user}"))];
            event.traits.insert("city".into(), ["Wien", "Graz"][*city as usize].into());
            house.send(event).await;
        }
        // Devices are shared, and an identify joins what was seen on one.
        Happens::Merge { a, b } => {
            let device = Identifier::new("anonymous_id", format!("d{b}"));
            let mut before = Event::track(W, SourceId::from("src_1"), "", "view", house.clock.now());
            before.identifiers = vec![device.clone()];
            before.properties.insert("price".into(), 7.into());
            house.send(before).await;
            let mut event = Event::track(W, SourceId::from("src_1"), "", "identify", house.clock.now());
            event.kind = EventKind::Identify;
            event.identifiers = vec![Identifier::new("user_id", format!("u{a}")), device];
            house.send(event).await;
        }
        Happens::TakeApart { device } => {
            let device = Identifier::new("anonymous_id", format!("d{device}"));
            house.take_apart(&device, &device).await;
        }
        Happens::Join { a, b } => {
            let ends = [Identifier::new("user_id", format!("u{a}")), Identifier::new("anonymous_id", format!("d{b}"))];
            house.join(&ends[0], &ends[1]).await;
        }
        Happens::Consent { user, granted } => {
            let name = if *granted { "consent_granted" } else { "consent_withdrawn" };
            house.track(&format!("u{user}"), name, 0, json!({"purpose": "marketing", "channel": "*"})).await;
        }
        Happens::Time { hours } => {
            house.clock.advance(hours * 3_600_000);
            house.settle().await;
        }
    }
}

/// Rules that say as tags what segments say as conditions.
const TAGS: [(&str, &str); 3] = [
    ("spent", r#"{"statistic":{"event":{"name":"buy","within":"10d"},"function":"sum","property":"price"}}"#),
    ("stage", r#"{"values":[
        {"value":"bought","condition":{"event":{"name":"buy","count":{"gte":1},"within":"7d"}}},
        {"value":"lapsing","condition":{"event":{"name":"buy","count":{"gte":1}}}}],"otherwise":"other"}"#),
    ("home", r#"{"values":[{"value":"rich_wien","condition":{"all":[{"trait":{"name":"city","eq":"Wien"}},{"tag":{"name":"spent","gte":60}}]}}]}"#),
];
const BY_TAG: [(&str, &str, &str); 3] = [
    ("seg_by_spent", r#"{"tag":{"name":"spent","gte":60}}"#, r#"{"segment":"seg_spender"}"#),
    ("seg_by_stage", r#"{"tag":{"name":"stage","eq":"lapsing"}}"#, r#"{"segment":"seg_lapsing"}"#),
    ("seg_by_home", r#"{"tag":{"name":"home","exists":true}}"#, r#"{"all":[{"segment":"seg_wien"},{"segment":"seg_spender"}]}"#),
];

const SEGMENTS: [(&str, &str); 7] = [
    ("seg_lapsing", r#"{"all":[{"event":{"name":"buy","count":{"gte":1}}},{"not":{"event":{"name":"buy","count":{"gte":1},"within":"7d"}}}]}"#),
    ("seg_spender", r#"{"event":{"name":"buy","sum":{"property":"price","gte":60},"within":"10d"}}"#),
    ("seg_viewer", r#"{"event":{"name":"view","where":{"property":"shop","eq":"web"},"count":{"gte":2},"within":"3d"}}"#),
    ("seg_path", r#"{"sequence":{"steps":[{"name":"view"},{"name":"buy"}],"within":"2d"}}"#),
    ("seg_wien", r#"{"trait":{"name":"city","eq":"Wien"}}"#),
    ("seg_agreed", r#"{"all":[{"segment":"seg_spender"},{"consent":{"purpose":"marketing"}}]}"#),
    ("seg_quiet", r#"{"not":{"event":{"name":"*","count":{"gte":1},"within":"5d"}}}"#),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn membership_is_the_condition_at_every_moment(before in prop::collection::vec(happens(), 0..6), after in prop::collection::vec(happens(), 10..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut house = House::new();
            for what in &before {
                live(&mut house, what).await;
            }
            for (id, condition) in SEGMENTS {
                house.define(id, serde_json::from_str(condition).unwrap()).await;
            }
            for (name, rule) in TAGS {
                house.tag(name, serde_json::from_str(rule).unwrap()).await;
            }
            for (id, by_tag, _) in BY_TAG {
                house.define(id, serde_json::from_str(by_tag).unwrap()).await;
            }
            let ids: Vec<&str> = SEGMENTS.iter().map(|(id, _)| *id).chain(BY_TAG.iter().map(|(id, ..)| *id)).collect();
            house.check(&ids)?;
            house.check_tags()?;
            for what in &after {
                live(&mut house, what).await;
                house.check(&ids)?;
                house.check_tags()?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
