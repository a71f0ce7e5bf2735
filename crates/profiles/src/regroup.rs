//! Joining two persons and taking one apart, over HTTP: shown first, then done; whatever was done can be undone.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, Routes};
use weft_identity::{Joined, PEOPLE_JOINED, PERSON_TAKEN_APART, ROOM, TakenApart};
use weft_profile_kv::Read;

use crate::brief::{IdentifierBrief, find, name_in};
use crate::document::refold;
use crate::kernel::{Atom, Error, Identifier, Millis, PersonId, Result, WorkspaceId};
use crate::rules::trait_rules;
use crate::steps::seen_of;

type Room = Arc<Parts>;
const WRITE: Lock = Lock::Permission("people:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .post("unmerge_person", "/people/{id}:unmerge", WRITE, unmerge_person, parts)
        .summary("Take identifiers out of a person: both get back their own traits and history")
        .takes::<Unmerge>()
        .gives::<Regrouping>()
        .post("merge_people", "/people/{id}:merge", WRITE, merge_people, parts)
        .summary("Say that two persons are one")
        .takes::<MergeWith>()
        .gives::<Regrouping>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Unmerge {
    /// What is not hers.
    identifiers: Vec<Named>,
    #[serde(default)]
    reason: String,
    /// Only show who would be there.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NamedIdentifier)]
struct Named {
    #[serde(rename = "type")]
    id_type: String,
    value: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeWith {
    /// The other person's id.
    with: String,
    #[serde(default)]
    reason: String,
    /// Only show who would be there.
    #[serde(default)]
    dry_run: bool,
}

/// Who is there afterwards.
#[derive(Serialize, ToSchema)]
struct Regrouping {
    done: bool,
    people: Vec<Part>,
}

/// One of the persons.
#[derive(Serialize, ToSchema)]
#[schema(as = PersonPart)]
struct Part {
    #[schema(value_type = String)]
    id: PersonId,
    /// Goes on being her: journeys that she is in stay with this one.
    stays: bool,
    name: Option<String>,
    identifiers: Vec<IdentifierBrief>,
    events: u64,
    /// Names of the traits that are known of this one.
    traits: Vec<String>,
    #[schema(value_type = String)]
    first_seen: Millis,
    #[schema(value_type = String)]
    last_seen: Millis,
}

/// A person as she would be if these atoms were all of her.
fn part(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom], staying: Atom) -> Result<Part> {
    let mut document = refold(read, workspace, atoms)?;
    document.hide(&trait_rules(read, workspace)?);
    let seen = seen_of(read, workspace, atoms)?;
    let known: Vec<_> = atoms.iter().filter_map(|atom| weft_identity::known(read, workspace, *atom).transpose()).collect::<Result<_>>()?;
    Ok(Part {
        id: PersonId::of(workspace, atoms.first().copied().unwrap_or(staying)),
        stays: atoms.contains(&staying),
        name: name_in(&document),
        identifiers: known.into_iter().map(|k| k.identifier.into()).collect(),
        events: seen.events,
        traits: document.present().map(|(name, _)| name.clone()).collect(),
        first_seen: seen.first,
        last_seen: seen.last,
    })
}

async fn unmerge_person(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(asked): Body<Unmerge>) -> Answer<Regrouping> {
    let workspace = caller.workspace();
    let out: Vec<Identifier> = asked.identifiers.into_iter().map(|n| Identifier::new(n.id_type, n.value)).collect();
    let shown = {
        let (parts, out) = (parts.clone(), out.clone());
        blocking(move || without(&*parts.state, workspace, &id, &out)).await?
    };
    let (person, people) = shown;
    if asked.dry_run {
        return Ok(Json(Regrouping { done: false, people }));
    }
    let person = PersonId::of(workspace, person);
    let taken = TakenApart { person: person.clone(), out, by: caller.actor().to_string(), reason: asked.reason };
    let mut unit = parts.rows.begin(&caller.scope, "unmerge_person", parts.clock.now()).await?;
    unit.target(person.as_str());
    unit.change(None, Some(json!({"people": people.iter().map(|p| &p.id).collect::<Vec<_>>(), "reason": taken.reason})));
    unit.announce(ROOM, PERSON_TAKEN_APART, json!(taken));
    parts.commit(unit).await?;
    Ok(Json(Regrouping { done: true, people }))
}

/// Who would be there without these identifiers; the one who stays first.
fn without(read: &dyn Read, workspace: WorkspaceId, id: &str, out: &[Identifier]) -> Result<(Atom, Vec<Part>)> {
    let person = find(read, workspace, id)?;
    let settings = weft_identity::settings(read, workspace)?;
    let cut = weft_identity::cut(read, workspace, person, out, &settings)?.ok_or_else(|| {
        Error::invalid("profiles.unmerge_nothing", "name at least one identifier of this person, and leave her at least one")
            .field("identifiers", "must be some of hers, and not all")
    })?;
    let groups = weft_identity::groups_without(read, workspace, person, &cut.out)?;
    let mut people = groups.iter().map(|atoms| part(read, workspace, atoms, cut.staying)).collect::<Result<Vec<_>>>()?;
    people.sort_by_key(|p| !p.stays);
    Ok((person, people))
}

async fn merge_people(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(asked): Body<MergeWith>) -> Answer<Regrouping> {
    let workspace = caller.workspace();
    let (a, b, one) = {
        let (parts, with) = (parts.clone(), asked.with.clone());
        blocking(move || together(&*parts.state, workspace, &id, &with)).await?
    };
    if asked.dry_run {
        return Ok(Json(Regrouping { done: false, people: vec![one] }));
    }
    let joined = Joined { a, b, by: caller.actor().to_string(), reason: asked.reason };
    let mut unit = parts.rows.begin(&caller.scope, "merge_people", parts.clock.now()).await?;
    unit.target(one.id.as_str());
    unit.change(Some(json!({"people": [&joined.a, &joined.b]})), Some(json!({"people": [&one.id], "reason": joined.reason})));
    unit.announce(ROOM, PEOPLE_JOINED, json!(joined));
    parts.commit(unit).await?;
    Ok(Json(Regrouping { done: true, people: vec![one] }))
}

fn together(read: &dyn Read, workspace: WorkspaceId, id: &str, with: &str) -> Result<(PersonId, PersonId, Part)> {
    let (a, b) = (find(read, workspace, id)?, find(read, workspace, with)?);
    if a == b {
        return Err(Error::invalid("profiles.merge_same", "these two are one person already").field("with", "must be somebody else"));
    }
    let settings = weft_identity::settings(read, workspace)?;
    if let Some(reason) = weft_identity::obstacle(read, workspace, a, b, &settings)? {
        return Err(Error::conflict("profiles.merge_refused", format!("these two cannot be one person: {reason}")).param("reason", reason));
    }
    let atoms: BTreeSet<Atom> = weft_identity::atoms(read, workspace, a)?.into_iter().chain(weft_identity::atoms(read, workspace, b)?).collect();
    let one = part(read, workspace, &atoms.into_iter().collect::<Vec<_>>(), a.min(b))?;
    Ok((PersonId::of(workspace, a), PersonId::of(workspace, b), one))
}
