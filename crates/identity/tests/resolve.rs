//! Events in, people out.

use proptest::prelude::*;
use weft_event_pipeline::{Cx, InFlight, Step};
use weft_identity as identity;
use weft_kernel::{Event, EventKind, Identifier, Millis, SourceId, WorkspaceId};
use weft_profile_kv::{MemoryStore, StateStore, Work};

const W: WorkspaceId = WorkspaceId(1);

struct Bench {
    store: MemoryStore,
    position: u64,
}

impl Bench {
    fn new() -> Self {
        Self { store: MemoryStore::default(), position: 0 }
    }
    fn send(&mut self, kind: EventKind, ids: &[(&str, &str)], previous: Option<(&str, &str)>) -> InFlight {
        self.position += 1;
        let mut event = Event::track(W, SourceId::from("src"), format!("e{}", self.position), "x", Millis(self.position as i64));
        event.kind = kind;
        event.identifiers = ids.iter().map(|(t, v)| Identifier::new(*t, *v)).collect();
        event.previous = previous.map(|(t, v)| Identifier::new(t, v));
        let mut flight = InFlight { event, position: self.position, atom: None, person: None, merges: vec![], changed: Default::default() };
        let mut cx = Cx::new(Work::over(&self.store), Millis(0), self.position);
        identity::ResolvePerson::default().event(&mut flight, &mut cx).unwrap();
        self.store.apply(cx.work.into_changes(), self.position).unwrap();
        flight
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
