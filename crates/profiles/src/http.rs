//! People over HTTP: search, one person, her time line, her identity.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Caller, ListQuery, Lock, QueryOf, Routes};
use weft_profile_kv::Read;

use crate::document::document;
use crate::history::{Happened, timeline};
use crate::kernel::{Atom, Error, Identifier, Millis, Page, PersonId, Result, WorkspaceId};
use crate::people;

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("people:read");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_people", "/people", READ, list_people, parts)
        .summary("People, newest first; `q` finds by the beginning of an identifier, name or e-mail, `identifier=type:value` exactly")
        .get("get_person", "/people/{id}", READ, get_person, parts)
        .summary("One person: identifiers and traits with their sources")
        .gives::<PersonView>()
        .get("list_person_timeline", "/people/{id}/timeline", READ, list_person_timeline, parts)
        .summary("What happened to a person, newest first")
        .get("get_person_identity", "/people/{id}/identity", READ, get_person_identity, parts)
        .summary("Why these identifiers are one person: links with evidence, and links that were refused")
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentifierView {
    #[serde(rename = "type")]
    id_type: String,
    value: String,
    #[schema(value_type = String)]
    first_seen: Millis,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonLine {
    #[schema(value_type = String)]
    id: PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    identifiers: Vec<IdentifierView>,
    #[schema(value_type = String)]
    first_seen: Millis,
    #[schema(value_type = String)]
    last_seen: Millis,
    events: u64,
    #[schema(value_type = Object)]
    traits: Map<String, Value>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraitView {
    #[schema(value_type = Object)]
    value: Value,
    #[schema(value_type = String)]
    ts: Millis,
    source: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    #[schema(value_type = String)]
    id: PersonId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    identifiers: Vec<IdentifierView>,
    traits: BTreeMap<String, TraitView>,
    #[schema(value_type = String)]
    first_seen: Millis,
    #[schema(value_type = String)]
    last_seen: Millis,
    events: u64,
}

#[derive(Debug, Default, Deserialize)]
struct PeopleQuery {
    #[serde(flatten)]
    list: PlainList,
    identifier: Option<String>,
}

/// `serde(flatten)` in query strings sees texts only, so the limit is parsed here.
#[derive(Debug, Default, Deserialize)]
struct PlainList {
    #[serde(default)]
    q: String,
    limit: Option<String>,
    cursor: Option<String>,
}

impl PlainList {
    fn limit(&self) -> usize {
        ListQuery { limit: self.limit.as_deref().and_then(|l| l.parse().ok()), ..ListQuery::default() }.limit()
    }
}

/// The name people would call her by.
pub(crate) fn display_name(traits: &crate::Document) -> Option<String> {
    ["name", "$name", "full_name", "nickname"].iter().find_map(|n| traits.get(n)?.as_str()).map(str::to_owned)
}

fn identifiers(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<IdentifierView>> {
    let known = weft_identity::identifiers(read, workspace, person)?;
    Ok(known.into_iter().map(|k| IdentifierView { id_type: k.identifier.id_type, value: k.identifier.value, first_seen: k.first_seen }).collect())
}

fn line(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Option<PersonLine>> {
    let Some(seen) = people::seen(read, workspace, person)? else { return Ok(None) };
    let document = document(read, workspace, person)?;
    Ok(Some(PersonLine {
        id: PersonId::of(workspace, person),
        name: display_name(&document),
        identifiers: identifiers(read, workspace, person)?,
        first_seen: seen.first,
        last_seen: seen.last,
        events: seen.events,
        traits: document.present().map(|(n, t)| (n.clone(), t.value.clone())).collect(),
    }))
}

async fn list_people(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<PeopleQuery>) -> Answer<Page<PersonLine>> {
    let workspace = caller.workspace();
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        if let Some(identifier) = &query.identifier {
            return exactly(read, workspace, identifier);
        }
        if !query.list.q.trim().is_empty() {
            return found(read, workspace, query.list.q.trim(), query.list.limit());
        }
        newest(read, workspace, &query.list)
    })
    .await?;
    Ok(Json(page))
}

fn exactly(read: &dyn Read, workspace: WorkspaceId, text: &str) -> Result<Page<PersonLine>> {
    let (id_type, value) = text
        .split_once(':')
        .ok_or_else(|| Error::invalid("profiles.identifier_invalid", "write the identifier as type:value, for example user_id:42"))?;
    let person = weft_identity::find(read, workspace, &Identifier::new(id_type, value))?;
    let items = person.map(|p| line(read, workspace, p)).transpose()?.flatten().into_iter().collect();
    Ok(Page { items, next: None })
}

fn found(read: &dyn Read, workspace: WorkspaceId, q: &str, limit: usize) -> Result<Page<PersonLine>> {
    let mut atoms = Vec::new();
    if let Some(person) = weft_identity::person(read, workspace, &PersonId::from(q))? {
        atoms.push(person);
    }
    atoms.extend(weft_identity::beginning_with(read, workspace, q, limit)?);
    atoms.extend(people::by_word(read, workspace, q, limit)?);
    let mut once = std::collections::BTreeSet::new();
    atoms.retain(|a| once.insert(*a));
    let mut items = Vec::new();
    for atom in atoms.into_iter().take(limit) {
        items.extend(line(read, workspace, atom)?);
    }
    Ok(Page { items, next: None })
}

fn newest(read: &dyn Read, workspace: WorkspaceId, list: &PlainList) -> Result<Page<PersonLine>> {
    let before = match &list.cursor {
        Some(text) => Some(text.parse::<Atom>().map_err(|_| Error::invalid("http.cursor_invalid", "this cursor was not given by this list"))?),
        None => None,
    };
    let limit = list.limit();
    let mut atoms = Vec::new();
    people::newest(read, workspace, before, &mut |atom, _| {
        atoms.push(atom);
        Ok(atoms.len() <= limit)
    })?;
    let next = (atoms.len() > limit).then(|| atoms[limit - 1].to_string());
    let mut items = Vec::new();
    for atom in atoms.into_iter().take(limit) {
        items.extend(line(read, workspace, atom)?);
    }
    Ok(Page { items, next })
}

fn whom(read: &dyn Read, workspace: WorkspaceId, id: &str) -> Result<Atom> {
    weft_identity::person(read, workspace, &PersonId::from(id))?
        .ok_or_else(|| Error::not_found("profiles.person_not_found", format!("there is no person {id} in this workspace")).param("id", id))
}

async fn get_person(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<PersonView> {
    let workspace = caller.workspace();
    let view = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = whom(read, workspace, &id)?;
        let document = document(read, workspace, person)?;
        let seen = people::seen(read, workspace, person)?.unwrap_or(people::Seen { first: Millis(0), last: Millis(0), events: 0 });
        Ok(PersonView {
            id: PersonId::of(workspace, person),
            name: display_name(&document),
            identifiers: identifiers(read, workspace, person)?,
            traits: document.present().map(|(n, t)| (n.clone(), TraitView { value: t.value.clone(), ts: t.ts, source: t.source.clone() })).collect(),
            first_seen: seen.first,
            last_seen: seen.last,
            events: seen.events,
        })
    })
    .await?;
    Ok(Json(view))
}

#[derive(Debug, Default, Deserialize)]
struct TimelineQuery {
    name: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn list_person_timeline(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<TimelineQuery>,
) -> Answer<Page<Happened>> {
    let workspace = caller.workspace();
    let limit = ListQuery { limit: query.limit, ..ListQuery::default() }.limit();
    let before = query.cursor.as_deref().map(parse_cursor).transpose()?;
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = whom(read, workspace, &id)?;
        let atoms = weft_identity::atoms(read, workspace, person)?;
        let mut items = timeline(read, workspace, &atoms, query.name.as_deref().filter(|n| !n.is_empty()), before, limit + 1)?;
        let next = (items.len() > limit).then(|| format!("{}.{}", items[limit - 1].ts.0, items[limit - 1].position));
        items.truncate(limit);
        Ok(Page { items, next })
    })
    .await?;
    Ok(Json(page))
}

fn parse_cursor(text: &str) -> Result<(Millis, u64)> {
    text.split_once('.')
        .and_then(|(ts, position)| Some((Millis(ts.parse().ok()?), position.parse().ok()?)))
        .ok_or_else(|| Error::invalid("http.cursor_invalid", "this cursor was not given by this list"))
}

async fn get_person_identity(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Value> {
    let workspace = caller.workspace();
    let view = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = whom(read, workspace, &id)?;
        let names: BTreeMap<Atom, Identifier> = weft_identity::atoms(read, workspace, person)?
            .into_iter()
            .zip(weft_identity::identifiers(read, workspace, person)?)
            .map(|(atom, known)| (atom, known.identifier))
            .collect();
        let evidence = |e: &weft_identity::Evidence| {
            serde_json::json!({"event_id": e.event_id, "kind": e.kind, "at": e.at, "identifiers": view_ids(&e.identifiers)})
        };
        let links: Vec<Value> = weft_identity::links(read, workspace, person)?
            .iter()
            .map(|l| serde_json::json!({"a": names.get(&l.a).map(view_id), "b": names.get(&l.b).map(view_id), "evidence": evidence(&l.evidence)}))
            .collect();
        let refused: Vec<Value> = weft_identity::refusals(read, workspace, person)?
            .iter()
            .map(|r| serde_json::json!({"reason": r.reason, "evidence": evidence(&r.evidence)}))
            .collect();
        Ok(serde_json::json!({"atoms": names.len(), "links": links, "refused": refused}))
    })
    .await?;
    Ok(Json(view))
}

fn view_id(id: &Identifier) -> Value {
    serde_json::json!({"type": id.id_type, "value": id.value})
}
fn view_ids(ids: &[Identifier]) -> Vec<Value> {
    ids.iter().map(view_id).collect()
}
