//! Events in, people out.

use proptest::prelude::*;
use weft_event_pipeline::{Cx, Flow, InFlight, Step};
use weft_identity as identity;
use weft_kernel::{Control, Event, EventKind, Identifier, Millis, SourceId, WorkspaceId};
use weft_profile_kv::{MemoryStore, StateStore, Work};

const W: WorkspaceId = WorkspaceId(1);

struct Bench {
    store: MemoryStore,
    position: u64,
    step: identity::ResolvePerson,
    /// Who was told of being parted, by the last event.
    splits: usize,
}

impl Bench {
    fn new() -> Self {
        Self { store: MemoryStore::default(), position: 0, step: identity::ResolvePerson::default(), splits: 0 }
    }
    fn send(&mut self, kind: EventKind, ids: &[(&str, &str)], previous: Option<(&str, &str)>) -> InFlight {
        let at = Millis(self.position as i64 + 1);
        self.send_at(at, kind, ids, previous)
    }
    fn send_at(&mut self, at: Millis, kind: EventKind, ids: &[(&str, &str)], previous: Option<(&str, &str)>) -> InFlight {
        self.position += 1;
        let mut event = Event::track(W, SourceId::from("src"), format!("e{}", self.position), "x", at);
        event.kind = kind;
        event.identifiers = ids.iter().map(|(t, v)| Identifier::new(*t, *v)).collect();
        event.previous = previous.map(|(t, v)| Identifier::new(t, v));
        let mut flight = InFlight { event, position: self.position, atom: None, person: None, merges: vec![], changed: Default::default() };
        let mut cx = Cx::new(Work::over(&self.store), Millis(0), self.position);
        while self.step.event(&mut flight, &mut cx).unwrap() == Flow::Again {}
        self.splits = cx.regrouped.len();
        self.store.apply(cx.work.into_changes(), self.position).unwrap();
        flight
    }
    fn obey(&mut self, what: &str, body: serde_json::Value) {
        self.position += 1;
        let control = Control { id: format!("c{}", self.position), workspace: W, at: Millis(0), room: "identity".into(), what: what.into(), body };
        let mut cx = Cx::new(Work::over(&self.store), Millis(0), self.position);
        self.step.control(&control, &mut cx).unwrap();
        self.store.apply(cx.work.into_changes(), self.position).unwrap();
    }
    fn newest_phone_wins(&mut self) {
        let mut settings = identity::Settings::default();
        settings.types.iter_mut().find(|t| t.name == "phone").unwrap().newest_wins = true;
        self.obey("rules_defined", serde_json::to_value(settings).unwrap());
    }
    fn claims(&mut self, at: i64, user: &str) {
        self.send_at(Millis(at), EventKind::Identify, &[("user_id", user), ("phone", "13800138000")], None);
    }
    fn has_the_phone(&self) -> Option<&'static str> {
        let owner = self.find("phone", "13800138000");
        ["ann", "bob"].into_iter().find(|user| self.find("user_id", user) == owner)
    }
    fn find(&self, t: &str, v: &str) -> Option<u32> {
        identity::find(&self.store, W, &Identifier::new(t, v)).unwrap()
    }
}

#[test]
fn an_anonymous_visitor_becomes_a_known_person() {
    let mut b = Bench::new();
    let anonymous = b.send(EventKind::Page, &[("anonymous_id", "c1")], None);
    let identified = b.send(EventKind::Identify, &[("user_id", "42"), ("anonymous_id", "c1")], None);
    assert_eq!(identified.person, anonymous.person);
    assert_eq!(identified.merges.len(), 1);
    let links = identity::links(&b.store, W, identified.person.unwrap()).unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].evidence.event_id, "e2");
    assert_eq!(identity::identifiers(&b.store, W, identified.person.unwrap()).unwrap().len(), 2);
}

#[test]
fn a_track_with_two_identifiers_joins_nobody() {
    let mut b = Bench::new();
    b.send(EventKind::Track, &[("user_id", "1"), ("anonymous_id", "c1")], None);
    assert!(b.find("user_id", "1").is_some());
    assert_eq!(b.find("anonymous_id", "c1"), None);
}

#[test]
fn a_shared_device_does_not_join_two_logins() {
    let mut b = Bench::new();
    b.send(EventKind::Identify, &[("user_id", "ann"), ("anonymous_id", "tablet")], None);
    let bob = b.send(EventKind::Identify, &[("user_id", "bob"), ("anonymous_id", "tablet")], None);
    assert_ne!(b.find("user_id", "ann"), b.find("user_id", "bob"));
    let refused = identity::refusals(&b.store, W, bob.person.unwrap()).unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].reason, "too_many_of_type:user_id");
}

#[test]
fn a_number_stays_with_whoever_had_it_first_unless_the_newest_wins() {
    let mut b = Bench::new();
    b.claims(10, "ann");
    b.claims(20, "bob");
    assert_eq!((b.has_the_phone(), b.splits), (Some("ann"), 0));
    b.newest_phone_wins();
    b.claims(30, "bob");
    assert_eq!((b.has_the_phone(), b.splits), (Some("bob"), 1));
    let apart = identity::apart(&b.store, W, b.find("user_id", "ann").unwrap()).unwrap();
    assert_eq!(apart.iter().map(|x| x.separation.cause.as_str()).collect::<Vec<_>>(), ["newest"], "the cut is kept with its evidence");
    assert!(apart[0].separation.cut.is_some());

    // What is said late of a time before changes nothing.
    b.claims(25, "ann");
    assert_eq!((b.has_the_phone(), b.splits), (Some("bob"), 0));
    // He goes on using it, and she says so of a time between.
    b.claims(50, "bob");
    b.claims(40, "ann");
    assert_eq!(b.has_the_phone(), Some("bob"));
    // She has it back.
    b.claims(60, "ann");
    assert_eq!((b.has_the_phone(), b.splits), (Some("ann"), 1));
    assert_ne!(b.find("user_id", "ann"), b.find("user_id", "bob"));
}

#[test]
fn the_newest_does_not_win_against_a_person_who_decided() {
    let mut b = Bench::new();
    b.newest_phone_wins();
    b.claims(10, "ann");
    b.send(EventKind::Track, &[("user_id", "bob")], None);
    let person = |b: &Bench, user: &str| weft_kernel::PersonId::of(W, b.find("user_id", user).unwrap());
    let body = serde_json::json!({"a": person(&b, "bob"), "b": person(&b, "ann"), "by": "usr_1", "reason": "sisters"});
    b.obey("people_kept_apart", body);
    b.claims(20, "bob");
    assert_eq!((b.has_the_phone(), b.splits), (Some("ann"), 0));
}

proptest! {
    /// However claims arrive, the number is with whoever claimed it last by the time of the claims, and nobody is two logins.
    #[test]
    fn the_newest_claim_wins_in_any_order(claims in proptest::collection::vec((1i64..50, 0usize..2), 1..20)) {
        let mut b = Bench::new();
        b.newest_phone_wins();
        let mut newest: Option<(i64, usize)> = None;
        for (at, who) in claims {
            b.claims(at, ["ann", "bob"][who]);
            // Of two at the same time the first that came in is believed.
            if newest.is_none_or(|(last, _)| at > last) {
                newest = Some((at, who));
            }
            prop_assert_eq!(b.has_the_phone(), newest.map(|(_, who)| ["ann", "bob"][who]));
            let (ann, bob) = (b.find("user_id", "ann"), b.find("user_id", "bob"));
            prop_assert!(ann.is_none() || ann != bob);
        }
    }
}

#[test]
fn alias_and_sign_up_join_what_was_before() {
    let mut b = Bench::new();
    b.send(EventKind::Track, &[("anonymous_id", "a")], None);
    b.send(EventKind::SignUp, &[("user_id", "u")], Some(("anonymous_id", "a")));
    assert_eq!(b.find("user_id", "u"), b.find("anonymous_id", "a"));
    b.send(EventKind::Alias, &[("user_id", "new")], Some(("user_id", "u")));
    assert_eq!(b.find("user_id", "new"), b.find("user_id", "u"));
}

#[test]
fn values_that_stand_for_nobody_make_nobody() {
    let mut b = Bench::new();
    let flight = b.send(EventKind::Track, &[("user_id", "null"), ("anonymous_id", "")], None);
    assert_eq!(flight.person, None);
    assert_eq!(identity::count(&b.store, W).unwrap(), 0);
}

#[test]
fn our_own_person_ids_find_their_person_and_no_other_workspace() {
    let mut b = Bench::new();
    let p = b.send(EventKind::Track, &[("user_id", "1")], None).person.unwrap();
    let id = weft_kernel::PersonId::of(W, p);
    assert_eq!(identity::person(&b.store, W, &id).unwrap(), Some(p));
    assert_eq!(identity::person(&b.store, WorkspaceId(2), &id).unwrap(), None);
    let foreign = b.send(EventKind::Track, &[("person", weft_kernel::PersonId::of(WorkspaceId(9), p).as_str())], None);
    assert_eq!(foreign.person, None);
}

proptest! {
    /// Whatever the order of links, people are the connected components of the links that were not refused.
    #[test]
    fn people_are_connected_components(pairs in proptest::collection::vec((0u8..12, 0u8..12), 1..40)) {
        let mut b = Bench::new();
        let mut group: Vec<usize> = (0..12).collect();
        let mut seen = [false; 12];
        for (x, y) in pairs {
            b.send(EventKind::Alias, &[("device", &format!("d{x}"))], Some(("device", &format!("d{y}"))));
            seen[x as usize] = true;
            seen[y as usize] = true;
            let (gx, gy) = (group[x as usize], group[y as usize]);
            group.iter_mut().filter(|g| **g == gy).for_each(|g| *g = gx);
        }
        for x in 0..12 {
            for y in 0..12 {
                if seen[x] && seen[y] {
                    let same = b.find("device", &format!("d{x}")) == b.find("device", &format!("d{y}"));
                    prop_assert_eq!(same, group[x] == group[y]);
                }
            }
        }
    }
}
