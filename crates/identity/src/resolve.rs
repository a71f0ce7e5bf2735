//! The step that finds the person of an event, and joins people when an event says that two are one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use weft_event_pipeline::{Cx, Flow, InFlight, Merge, Regrouped, Step};
use weft_profile_kv::Read;

use crate::graph::{self, Evidence, Refusal, Separation};
use crate::kernel::{Atom, Control, Event, Identifier, Millis, Result, WorkspaceId, event::id_types};
use crate::settings::{Settings, settings};
use crate::{by_hand, guard};

/// Sets `atom` and `person` of every event that carries an identifier.
///
/// The heaviest identifier decides whose event it is. Only `identify`, `alias`, `track_signup` and
/// the profile calls may say that identifiers are one person; a `track` that happens to carry two does not.
#[derive(Default)]
pub struct ResolvePerson {
    known: RwLock<HashMap<WorkspaceId, Arc<Settings>>>,
}

impl Step for ResolvePerson {
    fn name(&self) -> &'static str {
        "resolve_person"
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let settings = self.settings(&cx.work, flight.event.workspace)?;
        let usable = usable(&flight.event, &settings);
        let Some(strongest) = usable.first() else { return Ok(Flow::Continue) };
        let Some(home) = atom_or_new(cx, &flight.event, strongest)? else { return Ok(Flow::Continue) };
        if flight.event.kind.links() {
            let previous = flight.event.previous.clone().filter(guard::identifies);
            let joining = usable.iter().skip(1).chain(previous.as_ref()).filter(|i| settings.joins(&i.id_type));
            for other in joining {
                if let Some(other_atom) = atom_or_new(cx, &flight.event, other)? {
                    let link = Link { event: &flight.event, settings: &settings, a: home, b: other_atom, other };
                    match link.connect(cx)? {
                        Connected::No => {}
                        Connected::Joined(merge) => flight.merges.push(merge),
                        Connected::Freed => return Ok(Flow::Again),
                    }
                }
            }
        }
        flight.atom = Some(home);
        flight.person = Some(graph::root(&cx.work, flight.event.workspace, home)?);
        flight.changed.all |= !flight.merges.is_empty();
        Ok(Flow::Continue)
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        if control.room != by_hand::ROOM {
            return Ok(());
        }
        let settings = self.settings(&cx.work, control.workspace)?;
        by_hand::obey(control, &settings, cx)?;
        if control.what == by_hand::RULES_DEFINED {
            self.known.write().remove(&control.workspace);
        }
        Ok(())
    }

    fn forget(&self) {
        self.known.write().clear();
    }
}

impl ResolvePerson {
    fn settings(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Settings>> {
        if let Some(known) = self.known.read().get(&workspace) {
            return Ok(known.clone());
        }
        let found = Arc::new(settings(read, workspace)?);
        self.known.write().insert(workspace, found.clone());
        Ok(found)
    }
}

/// What of the event stands for somebody, heaviest first; as it was sent where weights are equal.
fn usable(event: &Event, settings: &Settings) -> Vec<Identifier> {
    let mut usable: Vec<Identifier> = event.identifiers.iter().filter(|i| guard::identifies(i)).map(trimmed).collect();
    usable.sort_by_key(|i| std::cmp::Reverse(settings.weight(&i.id_type)));
    usable
}

fn trimmed(id: &Identifier) -> Identifier {
    Identifier::new(id.id_type.clone(), id.value.trim())
}

/// The atom of an identifier, made if it is new. A `person` identifier that is not ours makes nobody.
fn atom_or_new(cx: &mut Cx, event: &Event, id: &Identifier) -> Result<Option<Atom>> {
    if let Some(atom) = graph::atom_of(&cx.work, event.workspace, id)? {
        return Ok(Some(atom));
    }
    if id.id_type == id_types::PERSON {
        return Ok(None);
    }
    let seen: Millis = event.ts;
    graph::create(&mut cx.work, event.workspace, id, seen).map(Some)
}

/// Why two are kept apart that were parted by a newer claim.
const NEWEST: &str = "newest";

/// One link that an event speaks for: from whose event it is to another identifier.
struct Link<'a> {
    event: &'a Event,
    settings: &'a Settings,
    a: Atom,
    b: Atom,
    other: &'a Identifier,
}

/// What came of a link.
enum Connected {
    No,
    Joined(Merge),
    /// The identifier was taken from its owner, and belongs to nobody until it is asked for again.
    Freed,
}

impl Link<'_> {
    fn connect(&self, cx: &mut Cx) -> Result<Connected> {
        let connected = self.try_to_connect(cx)?;
        if self.settings.newest_wins(&self.other.id_type) && graph::root(&cx.work, self.event.workspace, self.a)? == graph::root(&cx.work, self.event.workspace, self.b)? {
            graph::claim(&mut cx.work, self.event.workspace, self.b, self.event.ts)?;
        }
        Ok(connected)
    }

    fn try_to_connect(&self, cx: &mut Cx) -> Result<Connected> {
        let (workspace, a, b) = (self.event.workspace, self.a, self.b);
        if a == b || graph::is_linked(&cx.work, workspace, a, b)? || guard::is_shared(&cx.work, workspace, b)? || guard::is_shared(&cx.work, workspace, a)? {
            return Ok(Connected::No);
        }
        let (root_a, root_b) = (graph::root(&cx.work, workspace, a)?, graph::root(&cx.work, workspace, b)?);
        if root_a == root_b {
            // One more reason for what is known already.
            graph::link(&mut cx.work, workspace, a, b, &self.evidence())?;
            return Ok(Connected::No);
        }
        if let Some(reason) = self.objection(cx, root_a, root_b)? {
            if self.is_newest_claim(&cx.work, root_a, root_b, &reason)? {
                return self.free(cx, root_a, root_b);
            }
            self.refuse(cx, &reason)?;
            if reason.starts_with(guard::TOO_MANY_OF_TYPE) && self.settings.may_be_shared(&self.other.id_type) {
                self.claim(cx, root_b)?;
            }
            return Ok(Connected::No);
        }
        graph::link(&mut cx.work, workspace, a, b, &self.evidence())?;
        let (winner, loser) = graph::join(&mut cx.work, workspace, root_a, root_b)?;
        Ok(Connected::Joined(Merge { winner, loser }))
    }

    fn objection(&self, cx: &mut Cx, root_a: Atom, root_b: Atom) -> Result<Option<String>> {
        let workspace = self.event.workspace;
        if let Some(reason) = guard::objection(&cx.work, workspace, root_a, root_b, self.event.kind, self.settings)? {
            return Ok(Some(reason));
        }
        // A file about the past says in one second what took years.
        let now = cx.now;
        let slow_enough = self.event.historical || guard::within_rate(&mut cx.work, workspace, root_a, now, self.settings)?;
        Ok((!slow_enough).then(|| format!("too_fast:{}", self.settings.links_per_minute)))
    }

    fn refuse(&self, cx: &mut Cx, reason: &str) -> Result<()> {
        let refusal = Refusal { reason: reason.to_owned(), evidence: self.evidence() };
        graph::refuse(&mut cx.work, self.event.workspace, self.a, self.b, &refusal)
    }

    /// Two logins claim it, it is lighter than they are, the newest claim wins, and this is the newest.
    fn is_newest_claim(&self, read: &dyn Read, root_a: Atom, root_b: Atom, reason: &str) -> Result<bool> {
        let (workspace, settings) = (self.event.workspace, self.settings);
        if !settings.newest_wins(&self.other.id_type) {
            return Ok(false);
        }
        let weighs_less = |id_type: &str| settings.weight(id_type) > settings.weight(&self.other.id_type);
        let may_win = match reason.strip_prefix(guard::TOO_MANY_OF_TYPE) {
            Some(id_type) => weighs_less(id_type),
            // They were parted by an earlier claim, and by nothing else.
            None => reason == guard::KEPT_APART && graph::apart(read, workspace, root_a)?.iter().filter(|x| x.b == self.b).all(|x| x.separation.cause == NEWEST),
        };
        if !may_win {
            return Ok(false);
        }
        let last = graph::last_claimed(read, workspace, self.b)?.max(graph::newest_link(read, workspace, self.b)?);
        // Between the others of the two there may stand more than this one.
        let only_this = graph::between(read, workspace, root_a, root_b)?.iter().all(|(_, b)| *b == self.b);
        let mut together = graph::identifiers(read, workspace, root_a)?;
        together.extend(graph::known(read, workspace, self.b)?);
        Ok(only_this && last.is_none_or(|last| self.event.ts > last) && guard::too_many(&together, self.event.kind, settings).is_none())
    }

    /// Takes it from its owner; what parted it from the one who claims it now is forgotten.
    fn free(&self, cx: &mut Cx, root_a: Atom, root_b: Atom) -> Result<Connected> {
        let workspace = self.event.workspace;
        let pairs = graph::between(&cx.work, workspace, root_a, root_b)?;
        graph::reconcile(&mut cx.work, workspace, &pairs);
        self.cut_from(cx, root_b, NEWEST)?;
        Ok(Connected::Freed)
    }

    /// What too many people claim is cut from the one who had it first.
    fn claim(&self, cx: &mut Cx, owner: Atom) -> Result<()> {
        let workspace = self.event.workspace;
        if !guard::claimed(&mut cx.work, workspace, self.b, owner, self.a, self.settings)? {
            return Ok(());
        }
        self.cut_from(cx, owner, "shared")
    }

    fn cut_from(&self, cx: &mut Cx, owner: Atom, cause: &str) -> Result<()> {
        let workspace = self.event.workspace;
        let others: Vec<Atom> = graph::atoms(&cx.work, workspace, owner)?.into_iter().filter(|atom| *atom != self.b).collect();
        let Some(staying) = graph::heaviest(&cx.work, workspace, &others, self.settings)? else { return Ok(()) };
        let separation = Separation { cause: cause.into(), reason: String::new(), by: String::new(), at: cx.now, cut: None };
        let split = graph::take_apart(&mut cx.work, workspace, owner, &BTreeSet::from([self.b]), staying, &separation)?;
        cx.regrouped.push(Regrouped::Split(split));
        Ok(())
    }

    fn evidence(&self) -> Evidence {
        let event = self.event;
        Evidence {
            event_id: event.id.clone(),
            kind: event.kind,
            at: event.ts,
            identifiers: event.identifiers.iter().chain(&event.previous).cloned().collect(),
            detail: Default::default(),
        }
    }
}
