//! What people decide about identity: rules, two persons joined, one taken apart. It reaches the graph as controls of the log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_event_pipeline::{Cx, Merge, Regrouped};

use crate::graph::{self, Evidence, Separation};
use crate::guard;
use crate::kernel::{Atom, Control, EventKind, Identifier, PersonId, Result, WorkspaceId, event::id_types};
use crate::settings::{self, Settings};

pub const ROOM: &str = "identity";
pub(crate) const RULES_DEFINED: &str = "rules_defined";
pub const PEOPLE_JOINED: &str = "people_joined";
pub const PEOPLE_KEPT_APART: &str = "people_kept_apart";
pub const PERSON_TAKEN_APART: &str = "person_taken_apart";

/// Two persons are one, somebody says; or, with [`PEOPLE_KEPT_APART`], that they are not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Joined {
    pub a: PersonId,
    pub b: PersonId,
    pub by: String,
    pub reason: String,
}

/// These identifiers are not this person's, somebody says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenApart {
    pub person: PersonId,
    pub out: Vec<Identifier>,
    pub by: String,
    pub reason: String,
}

pub(crate) fn obey(control: &Control, settings: &Settings, cx: &mut Cx) -> Result<()> {
    match control.what.as_str() {
        RULES_DEFINED => settings::put(&mut cx.work, control.workspace, &serde_json::from_value(control.body.clone())?),
        PEOPLE_JOINED => join(control, settings, cx),
        PEOPLE_KEPT_APART => keep_apart(control, settings, cx),
        PERSON_TAKEN_APART => take_apart(control, settings, cx),
        _ => Ok(()),
    }
}

/// Why these two cannot be joined by hand, if there is a reason. That they were taken apart once is none.
pub fn obstacle(read: &dyn weft_profile_kv::Read, workspace: WorkspaceId, a: Atom, b: Atom, settings: &Settings) -> Result<Option<String>> {
    let reason = guard::objection(read, workspace, a, b, EventKind::Alias, settings)?;
    match reason.as_deref() {
        Some(guard::KEPT_APART) => guard::contradiction(read, workspace, a, b, EventKind::Alias, settings),
        _ => Ok(reason),
    }
}

fn join(control: &Control, settings: &Settings, cx: &mut Cx) -> Result<()> {
    let said: Joined = serde_json::from_value(control.body.clone())?;
    let workspace = control.workspace;
    let (Some(a), Some(b)) = (graph::person(&cx.work, workspace, &said.a)?, graph::person(&cx.work, workspace, &said.b)?) else { return Ok(()) };
    if a == b || obstacle(&cx.work, workspace, a, b, settings)?.is_some() {
        return Ok(());
    }
    let pairs = graph::between(&cx.work, workspace, a, b)?;
    graph::reconcile(&mut cx.work, workspace, &pairs);
    let ends = [said.a, said.b].map(|id| Identifier::new(id_types::PERSON, id.0));
    let Value::Object(detail) = json!({"cause": "by_hand", "by": said.by, "reason": said.reason}) else { return Ok(()) };
    let evidence = Evidence { event_id: control.id.clone(), kind: EventKind::Alias, at: control.at, identifiers: ends.to_vec(), detail };
    let (end_a, end_b) = (strongest(&cx.work, workspace, a, settings)?, strongest(&cx.work, workspace, b, settings)?);
    graph::link(&mut cx.work, workspace, end_a, end_b, &evidence)?;
    let (winner, loser) = graph::join(&mut cx.work, workspace, a, b)?;
    cx.regrouped.push(Regrouped::Merged(Merge { winner, loser }));
    Ok(())
}

/// The heaviest identifier of either stands for her: what is told later of any of them is held against it.
fn keep_apart(control: &Control, settings: &Settings, cx: &mut Cx) -> Result<()> {
    let said: Joined = serde_json::from_value(control.body.clone())?;
    let workspace = control.workspace;
    let (Some(a), Some(b)) = (graph::person(&cx.work, workspace, &said.a)?, graph::person(&cx.work, workspace, &said.b)?) else { return Ok(()) };
    if a == b {
        return Ok(());
    }
    let separation = Separation { cause: "by_hand".into(), reason: said.reason, by: said.by, at: control.at, cut: None };
    let (end_a, end_b) = (strongest(&cx.work, workspace, a, settings)?, strongest(&cx.work, workspace, b, settings)?);
    graph::keep_apart(&mut cx.work, workspace, end_a, end_b, &separation)
}

fn strongest(read: &dyn weft_profile_kv::Read, workspace: WorkspaceId, root: Atom, settings: &Settings) -> Result<Atom> {
    let atoms = graph::atoms(read, workspace, root)?;
    Ok(graph::heaviest(read, workspace, &atoms, settings)?.unwrap_or(root))
}

fn take_apart(control: &Control, settings: &Settings, cx: &mut Cx) -> Result<()> {
    let said: TakenApart = serde_json::from_value(control.body.clone())?;
    let workspace = control.workspace;
    let Some(person) = graph::person(&cx.work, workspace, &said.person)? else { return Ok(()) };
    let Some(cut) = cut(&cx.work, workspace, person, &said.out, settings)? else { return Ok(()) };
    let separation = Separation { cause: "by_hand".into(), reason: said.reason, by: said.by, at: control.at, cut: None };
    let split = graph::take_apart(&mut cx.work, workspace, person, &cut.out, cut.staying, &separation)?;
    cx.regrouped.push(Regrouped::Split(split));
    Ok(())
}

/// Where a person would be cut.
pub struct Cut {
    pub out: BTreeSet<Atom>,
    /// The heaviest identifier that is left: who has it goes on being her.
    pub staying: Atom,
}

/// Nothing when none of the identifiers is hers, or all of them are.
pub fn cut(read: &dyn weft_profile_kv::Read, workspace: WorkspaceId, person: Atom, out: &[Identifier], settings: &Settings) -> Result<Option<Cut>> {
    let hers: BTreeSet<Atom> = graph::atoms(read, workspace, person)?.into_iter().collect();
    let mut taken = BTreeSet::new();
    for id in out {
        taken.extend(graph::atom_of(read, workspace, id)?.filter(|atom| hers.contains(atom)));
    }
    let rest: Vec<Atom> = hers.difference(&taken).copied().collect();
    if taken.is_empty() {
        return Ok(None);
    }
    Ok(graph::heaviest(read, workspace, &rest, settings)?.map(|staying| Cut { out: taken, staying }))
}
