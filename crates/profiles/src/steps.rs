//! The step that folds an event into the person it is about.

use serde_json::{Map, Value};
use weft_event_pipeline::{Cx, Flow, InFlight, Merge, Step};

use crate::document::{self, Told};
use crate::kernel::{Atom, Event, EventKind, Result, WorkspaceId};
use crate::{history, people};

pub struct FoldIntoProfile;

impl Step for FoldIntoProfile {
    fn name(&self) -> &'static str {
        "fold_into_profile"
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let (Some(atom), Some(person)) = (flight.atom, flight.person) else { return Ok(Flow::Continue) };
        let workspace = flight.event.workspace;
        for merge in &flight.merges {
            self.merge(workspace, *merge, cx)?;
        }
        if let Some(told) = told(&flight.event) {
            document::tell(&mut cx.work, workspace, atom, flight.position, &told)?;
            let before = document::document(&cx.work, workspace, person)?;
            let mut after = before.clone();
            flight.changed.traits.extend(after.fold(&told));
            if after != before {
                people::index(&mut cx.work, workspace, person, &before, &after);
                document::put(&mut cx.work, workspace, person, &after)?;
            }
        }
        history::put(&mut cx.work, atom, flight.position, &flight.event)?;
        people::see(&mut cx.work, workspace, person, flight.event.ts)?;
        Ok(Flow::Continue)
    }
}

impl FoldIntoProfile {
    /// The winner's document is made anew from all that was told of both, as if they had always been one.
    fn merge(&self, workspace: WorkspaceId, merge: Merge, cx: &mut Cx) -> Result<()> {
        let Merge { winner, loser } = merge;
        people::merge(&mut cx.work, workspace, winner, loser)?;
        let gone = document::document(&cx.work, workspace, loser)?;
        let before = document::document(&cx.work, workspace, winner)?;
        let atoms: Vec<Atom> = weft_identity::atoms(&cx.work, workspace, winner)?;
        let after = document::refold(&cx.work, workspace, &atoms)?;
        people::index(&mut cx.work, workspace, loser, &gone, &Default::default());
        people::index(&mut cx.work, workspace, winner, &before, &after);
        document::remove(&mut cx.work, workspace, loser);
        if !after.traits.is_empty() {
            document::put(&mut cx.work, workspace, winner, &after)?;
        }
        Ok(())
    }
}

/// What the event tells of the person, if it tells anything.
fn told(event: &Event) -> Option<Told> {
    let traits: Map<String, Value> = match event.kind {
        kind if kind.changes_profile() => event.traits.clone(),
        EventKind::Group => {
            let group = event.thing.as_ref()?;
            Map::from_iter([("group_id".to_owned(), Value::String(group.value.clone()))])
        }
        _ => return None,
    };
    let says_nothing = traits.is_empty() && event.kind != EventKind::ProfileDelete;
    (!says_nothing).then(|| Told { kind: event.kind, ts: event.ts, source: event.source.to_string(), traits })
}
