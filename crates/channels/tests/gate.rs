//! The gate, question by question, and the ledger that remembers its answers.

use serde_json::json;
use weft_channels::{Intent, KeepLedger, State, Total, delivery, request_send, totals, totals_of};
use weft_event_pipeline::{Cx, InFlight, Step};
use weft_identity::ResolvePerson;
use weft_kernel::{Atom, Control, Event, EventKind, Identifier, JourneyId, MessageId, Millis, SourceId, TemplateId, WorkspaceId};
use weft_privacy::ApplyConsent;
use weft_profile_kv::{MemoryStore, StateStore, Work};
use weft_profiles::FoldIntoProfile;

const W: WorkspaceId = WorkspaceId(1);
const SUNDAY_NOON: &str = "2026-11-22T12:00:00Z";

struct Bench {
    store: MemoryStore,
    position: u64,
    now: Millis,
    emitted: Vec<Event>,
}

impl Bench {
    fn new() -> Self {
        Self { store: MemoryStore::default(), position: 0, now: Millis::parse(SUNDAY_NOON).unwrap(), emitted: Vec::new() }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Cx) -> T) -> T {
        self.position += 1;
        let mut cx = Cx::new(Work::over(&self.store), self.now, self.position);
        let result = act(&mut cx);
        self.emitted.extend(cx.emitted().iter().cloned());
        self.store.apply(cx.work.into_changes(), self.position).unwrap();
        result
    }

    fn event(&mut self, event: Event) -> Atom {
        let position = self.position + 1;
        let mut flight = InFlight { event, position, atom: None, person: None, merges: vec![], changed: Default::default() };
        self.with(|cx| {
            let steps: [&dyn Step; 4] = [&ApplyConsent, &ResolvePerson::default(), &FoldIntoProfile::default(), &KeepLedger];
            for step in steps {
                step.event(&mut flight, cx).unwrap();
            }
        });
        flight.person.unwrap_or_default()
    }

    fn track(&mut self, user: &str, name: &str, properties: serde_json::Value) -> Atom {
        let mut event = Event::track(W, SourceId::from("channels"), format!("e{}", self.position), name, self.now);
        event.received_at = self.now;
        event.identifiers = vec![Identifier::new("user_id", user)];
        event.properties = properties.as_object().cloned().unwrap();
        self.event(event)
    }

    /// Somebody with an address, who said yes to marketing.
    fn reader(&mut self, user: &str) -> Atom {
        self.known(user, json!({"email": format!("{user}@example.com"), "phone": "13800001111"}));
        self.track(user, "consent_granted", json!({"purpose": "marketing", "channel": "*"}))
    }
    fn known(&mut self, user: &str, traits: serde_json::Value) -> Atom {
        let mut event = Event::track(W, SourceId::from("channels"), format!("i{}", self.position), "identify", self.now);
        event.kind = EventKind::Identify;
        event.received_at = self.now;
        event.identifiers = vec![Identifier::new("user_id", user)];
        event.traits = traits.as_object().cloned().unwrap();
        self.event(event)
    }

    fn control(&mut self, what: &str, body: serde_json::Value) {
        let control = Control { id: format!("c{}", self.position), workspace: W, at: self.now, room: "channels".into(), what: what.into(), body };
        self.with(|cx| KeepLedger.control(&control, cx).unwrap());
    }
    fn settings(&mut self, body: serde_json::Value) {
        self.control("sending_defined", body);
    }

    fn ask(&mut self, person: Atom, channel: &str, id: &str) -> State {
        let intent = Intent {
            id: MessageId::from(id),
            workspace: W,
            person,
            channel: channel.into(),
            template: TemplateId("tpl_1".into()),
            purpose: "marketing".into(),
            journey: Some(JourneyId("jny_1".into())),
            node: Some("n1".into()),
            event: Default::default(),
        };
        self.with(|cx| request_send(cx, intent).unwrap())
    }
    fn reason(&self, id: &str) -> String {
        delivery(&self.store, W, &MessageId::from(id)).unwrap().unwrap().reason
    }
    fn state(&self, id: &str) -> State {
        delivery(&self.store, W, &MessageId::from(id)).unwrap().unwrap().state
    }
    fn fire(&mut self, id: &str) {
        let now = self.now;
        self.with(|cx| KeepLedger.timer(W, id.as_bytes(), now, cx).unwrap());
    }
}

#[test]
fn who_has_no_address_or_said_nothing_is_left_in_peace() {
    let mut b = Bench::new();
    let nobody = b.known("u1", json!({"city": "Wien"}));
    assert_eq!(b.ask(nobody, "email", "m1"), State::Suppressed);
    assert_eq!(b.reason("m1"), "no_address");
    let crooked = b.known("u2", json!({"email": "not an address"}));
    assert_eq!((b.ask(crooked, "email", "m2"), b.reason("m2")), (State::Suppressed, "no_address".to_owned()));
    let silent = b.known("u3", json!({"email": "u3@example.com"}));
    assert_eq!((b.ask(silent, "email", "m3"), b.reason("m3")), (State::Suppressed, "no_consent".to_owned()));
    b.settings(json!({"needs_consent": false}));
    assert_eq!(b.ask(silent, "email", "m4"), State::Queued);
    // Each refusal is told, once.
    assert_eq!(b.emitted.iter().filter(|e| e.name == "message_suppressed").count(), 3);
}

#[test]
fn asking_twice_is_asking_once() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    assert_eq!(b.ask(reader, "email", "m1"), State::Queued);
    assert_eq!(b.ask(reader, "email", "m1"), State::Queued);
    let total: u64 = totals(&b.store, W).unwrap().iter().map(|t| t.count).sum();
    assert_eq!(total, 1);
}

#[test]
fn totals_of_a_period_add_up_to_all_and_move_with_the_states() {
    let mut b = Bench::new();
    let begin = b.now;
    let reader = b.reader("u1");
    for (id, minutes) in [("m1", 59), ("m2", 60), ("m3", 150)] {
        b.now = begin.plus(minutes * Millis::MINUTE);
        assert_eq!(b.ask(reader, "email", id), State::Queued);
    }
    b.track("u1", "message_attempted", json!({"message_id": "m1"}));
    b.track("u1", "message_sent", json!({"message_id": "m1"}));
    let count = |from: Option<i64>, to: Option<i64>| {
        let at = |hours: i64| begin.plus(hours * Millis::HOUR);
        let found: Vec<Total> = totals_of(&b.store, W, from.map(at), to.map(at)).unwrap();
        found.into_iter().map(|t| (t.state, t.count)).collect::<Vec<_>>()
    };
    let (sent, queued) = (|n: u64| ("sent".to_owned(), n), |n: u64| ("queued".to_owned(), n));
    assert_eq!(count(None, Some(1)), [sent(1)], "in the hour in which it was asked for, not sent");
    assert_eq!(count(Some(1), None), [queued(2)]);
    assert_eq!(count(Some(1), Some(2)), [queued(1)]);
    assert_eq!(count(Some(0), None), [queued(2), sent(1)]);
    assert!(count(Some(3), None).is_empty());
    let all: u64 = totals(&b.store, W).unwrap().iter().map(|t| t.count).sum();
    assert_eq!(all, 3);
}

#[test]
fn the_last_word_on_consent_holds_per_channel() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.now = b.now.plus(1_000);
    b.track("u1", "consent_withdrawn", json!({"purpose": "marketing", "channel": "email"}));
    assert_eq!((b.ask(reader, "email", "m1"), b.reason("m1")), (State::Suppressed, "consent_withdrawn".to_owned()));
    assert_eq!(b.ask(reader, "sms", "m2"), State::Queued);
    b.now = b.now.plus(1_000);
    b.track("u1", "consent_granted", json!({"purpose": "marketing", "channel": "*"}));
    assert_eq!(b.ask(reader, "email", "m3"), State::Queued);
}

#[test]
fn the_black_list_is_above_consent() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.track("desk", "blacklist_added", json!({"identifier_type": "email", "value": "u1@example.com", "reason": "complained"}));
    assert_eq!((b.ask(reader, "email", "m1"), b.reason("m1")), (State::Suppressed, "blacklisted".to_owned()));
}

#[test]
fn caps_are_never_one_over() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.settings(json!({"caps": [
        {"channel": "email", "window": "rolling", "period": "24h", "limit": 2},
        {"channel": "*", "window": "rolling", "period": "24h", "limit": 3},
    ]}));
    assert_eq!(b.ask(reader, "email", "m1"), State::Queued);
    assert_eq!(b.ask(reader, "email", "m2"), State::Queued);
    assert_eq!((b.ask(reader, "email", "m3"), b.reason("m3")), (State::Suppressed, "cap:email:rolling:24h:2".to_owned()));
    assert_eq!(b.ask(reader, "sms", "m4"), State::Queued);
    assert_eq!((b.ask(reader, "sms", "m5"), b.reason("m5")), (State::Suppressed, "cap:*:rolling:24h:3".to_owned()));
    // A millisecond before the day is over it still holds; then it does not.
    b.now = b.now.plus(Millis::DAY - 1);
    assert_eq!(b.ask(reader, "email", "m6"), State::Suppressed);
    b.now = b.now.plus(1);
    assert_eq!(b.ask(reader, "email", "m7"), State::Queued);
}

#[test]
fn a_calendar_day_is_the_persons_day() {
    let mut b = Bench::new();
    b.settings(json!({"caps": [{"channel": "email", "window": "calendar", "period": "1d", "limit": 1}]}));
    let shanghai = b.reader("u1");
    b.known("u1", json!({"time_zone": "Asia/Shanghai"}));
    assert_eq!(b.ask(shanghai, "email", "m1"), State::Queued);
    // 23:59 in Shanghai.
    b.now = Millis::parse("2026-11-22T15:59:59Z").unwrap();
    assert_eq!(b.ask(shanghai, "email", "m2"), State::Suppressed);
    b.now = Millis::parse("2026-11-22T16:00:00Z").unwrap();
    assert_eq!(b.ask(shanghai, "email", "m3"), State::Queued);
}

#[test]
fn a_message_that_certainly_never_left_gives_its_place_back() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.settings(json!({"caps": [{"channel": "*", "window": "rolling", "period": "7d", "limit": 1}]}));
    b.ask(reader, "email", "m1");
    b.control("withdrawn", json!({"id": "m1", "reason": "template_gone"}));
    assert_eq!((b.state("m1"), b.reason("m1")), (State::Suppressed, "template_gone".to_owned()));
    assert_eq!(b.ask(reader, "email", "m2"), State::Queued);
}

#[test]
fn quiet_hours_put_off_and_the_gate_asks_again_in_the_morning() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.known("u1", json!({"time_zone": "Asia/Shanghai"}));
    b.settings(json!({"quiet_hours": {"from": "22:00", "to": "08:00"}}));
    b.now = Millis::parse("2026-11-22T15:30:00Z").unwrap();
    assert_eq!((b.ask(reader, "email", "m1"), b.reason("m1")), (State::Deferred, "quiet_hours".to_owned()));
    assert_eq!(b.ask(reader, "email", "m2"), State::Deferred);
    let morning = Millis::parse("2026-11-23T00:00:00Z").unwrap();
    assert_eq!(weft_event_pipeline::next_due(&b.store).unwrap(), Some(morning));
    b.now = morning;
    b.fire("m1");
    assert_eq!(b.state("m1"), State::Queued);
    // In the night she changed her mind.
    b.track("u1", "consent_withdrawn", json!({"purpose": "marketing", "channel": "*"}));
    b.fire("m2");
    assert_eq!((b.state("m2"), b.reason("m2")), (State::Suppressed, "consent_withdrawn".to_owned()));
}

#[test]
fn caps_count_a_person_and_not_her_devices() {
    let mut b = Bench::new();
    b.settings(json!({"caps": [{"channel": "*", "window": "rolling", "period": "24h", "limit": 1}]}));
    let reader = b.reader("u1");
    assert_eq!(b.ask(reader, "email", "m1"), State::Queued);
    // A second identity with an own history turns out to be the same person.
    let mut other = Event::track(W, SourceId::from("channels"), "v1", "page", b.now);
    other.identifiers = vec![Identifier::new("anonymous_id", "phone-1")];
    b.event(other);
    let mut alias = Event::track(W, SourceId::from("channels"), "v2", "identify", b.now);
    alias.kind = EventKind::Identify;
    alias.identifiers = vec![Identifier::new("user_id", "u1"), Identifier::new("anonymous_id", "phone-1")];
    let merged = b.event(alias);
    assert_eq!((b.ask(merged, "email", "m2"), b.reason("m2")), (State::Suppressed, "cap:*:rolling:24h:1".to_owned()));
}

#[test]
fn what_comes_back_is_written_beside_what_went_out() {
    let mut b = Bench::new();
    let reader = b.reader("u1");
    b.ask(reader, "email", "m1");
    b.control("attempted", json!({"ids": ["m1"]}));
    assert_eq!(b.state("m1"), State::Attempting);
    b.track("u1", "message_sent", json!({"message_id": "m1", "channel": "email"}));
    b.now = b.now.plus(5_000);
    b.track("u1", "message_opened", json!({"message_id": "m1"}));
    b.now = b.now.plus(5_000);
    b.track("u1", "message_opened", json!({"message_id": "m1"}));
    let line = delivery(&b.store, W, &MessageId::from("m1")).unwrap().unwrap();
    assert_eq!(line.state, State::Sent);
    // The first opening counts.
    assert_eq!(line.opened_at, Some(Millis::parse(SUNDAY_NOON).unwrap().0 + 5_000));
    // Somebody with a write key says what is not true, and is not believed.
    let mut forged = Event::track(W, SourceId::from("src_web"), "forged", "message_clicked", b.now).with_property("message_id", "m1");
    forged.identifiers = vec![Identifier::new("user_id", "u1")];
    b.event(forged);
    assert_eq!(delivery(&b.store, W, &MessageId::from("m1")).unwrap().unwrap().clicked_at, None);
    // A late failure does not unsay that it was sent.
    b.track("u1", "message_failed", json!({"message_id": "m1", "reason": "late"}));
    assert_eq!(b.state("m1"), State::Sent);
}
