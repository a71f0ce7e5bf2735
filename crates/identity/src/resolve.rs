//! The step that finds the person of an event, and joins people when an event says that two are one.

use weft_event_pipeline::{Cx, Flow, InFlight, Merge, Step};

use crate::graph::{self, Evidence, Refusal};
use crate::guard;
use crate::kernel::{Atom, Event, Identifier, Millis, Result};

/// Sets `atom` and `person` of every event that carries an identifier.
///
/// The strongest identifier (the first) decides whose event it is. Only `identify`, `alias`, `track_signup` and
/// the profile calls may say that identifiers are one person; a `track` that happens to carry two does not.
pub struct ResolvePerson;

impl Step for ResolvePerson {
    fn name(&self) -> &'static str {
        "resolve_person"
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let usable: Vec<Identifier> = flight.event.identifiers.iter().filter(|i| guard::identifies(i)).map(trimmed).collect();
        let Some(strongest) = usable.first() else { return Ok(Flow::Continue) };
        let Some(home) = atom_or_new(cx, &flight.event, strongest)? else { return Ok(Flow::Continue) };
        if flight.event.kind.links() {
            let previous = flight.event.previous.clone().filter(guard::identifies);
            for other in usable.iter().skip(1).chain(previous.as_ref()) {
                if let Some(other) = atom_or_new(cx, &flight.event, other)? {
                    flight.merges.extend(connect(cx, &flight.event, home, other)?);
                }
            }
        }
        flight.atom = Some(home);
        flight.person = Some(graph::root(&cx.work, flight.event.workspace, home)?);
        flight.changed.all |= !flight.merges.is_empty();
        Ok(Flow::Continue)
    }
}

fn trimmed(id: &Identifier) -> Identifier {
    Identifier::new(id.id_type.clone(), id.value.trim())
}

/// The atom of an identifier, made if it is new. A `person` identifier that is not ours makes nobody.
fn atom_or_new(cx: &mut Cx, event: &Event, id: &Identifier) -> Result<Option<Atom>> {
    if let Some(atom) = graph::atom_of(&cx.work, event.workspace, id)? {
        return Ok(Some(atom));
    }
    if id.id_type == crate::kernel::event::id_types::PERSON {
        return Ok(None);
    }
    let seen: Millis = event.ts;
    graph::create(&mut cx.work, event.workspace, id, seen).map(Some)
}

fn connect(cx: &mut Cx, event: &Event, a: Atom, b: Atom) -> Result<Option<Merge>> {
    let workspace = event.workspace;
    if a == b || graph::is_linked(&cx.work, workspace, a, b)? {
        return Ok(None);
    }
    let evidence = Evidence {
        event_id: event.id.clone(),
        kind: event.kind,
        at: event.ts,
        identifiers: event.identifiers.iter().chain(&event.previous).cloned().collect(),
    };
    let (root_a, root_b) = (graph::root(&cx.work, workspace, a)?, graph::root(&cx.work, workspace, b)?);
    if root_a == root_b {
        // One more reason for what is known already.
        graph::link(&mut cx.work, workspace, a, b, &evidence)?;
        return Ok(None);
    }
    if let Some(reason) = guard::objection(&cx.work, workspace, root_a, root_b, event.kind)? {
        graph::refuse(&mut cx.work, workspace, a, cx.position, &Refusal { reason, evidence })?;
        return Ok(None);
    }
    graph::link(&mut cx.work, workspace, a, b, &evidence)?;
    let (winner, loser) = graph::join(&mut cx.work, workspace, root_a, root_b)?;
    Ok(Some(Merge { winner, loser }))
}
