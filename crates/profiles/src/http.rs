//! People over HTTP: search, one person, her time line, her identity.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Caller, Lock, QueryOf, Routes, cursor_of, foreign_cursor, items_on_a_page};
use weft_profile_kv::Read;

use crate::brief::{IdentifierBrief, find, name_in, search};
use crate::document::document;
use crate::history::{Happened, tally, timeline};
use crate::kernel::{Atom, Error, EventKind, Identifier, Millis, Page, PersonId, Result, WorkspaceId};
use crate::people;
use crate::rules::TraitRules;
use crate::traits::hidden;

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("people:read");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_people", "/people", READ, list_people, parts)
        .summary("People, newest first")
        .lists::<PersonLine>()
        .asks::<PeopleQuery>()
        .get("get_person", "/people/{id}", READ, get_person, parts)
        .summary("One person: identifiers and traits with their sources")
        .gives::<PersonView>()
        .get("list_person_timeline", "/people/{id}/timeline", READ, list_person_timeline, parts)
        .summary("What happened to a person, newest first")
        .lists::<Happened>()
        .asks::<TimelineQuery>()
        .get("get_person_identity", "/people/{id}/identity", READ, get_person_identity, parts)
        .summary("Why these identifiers are one person: links with evidence, and links that were refused")
        .gives::<IdentityView>()
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
    /// Names of sensitive traits that are known of her and not for the caller's eyes.
    hidden_traits: Vec<String>,
    #[schema(value_type = String)]
    first_seen: Millis,
    #[schema(value_type = String)]
    last_seen: Millis,
    events: u64,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// The beginning of an identifier, a name, an e-mail address or a phone number.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// Exactly this one, as `type:value`: `user_id:42`.
    identifier: Option<String>,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

fn identifiers(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Vec<IdentifierView>> {
    let known = weft_identity::identifiers(read, workspace, person)?;
    Ok(known.into_iter().map(|k| IdentifierView { id_type: k.identifier.id_type, value: k.identifier.value, first_seen: k.first_seen }).collect())
}

fn line(read: &dyn Read, workspace: WorkspaceId, person: Atom, hidden: &TraitRules) -> Result<Option<PersonLine>> {
    let Some(seen) = people::seen(read, workspace, person)? else { return Ok(None) };
    let mut document = document(read, workspace, person)?;
    document.hide(hidden);
    Ok(Some(PersonLine {
        id: PersonId::of(workspace, person),
        name: name_in(&document),
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
        let hidden = &hidden(read, &caller)?;
        if let Some(identifier) = &query.identifier {
            return exactly(read, workspace, identifier, hidden);
        }
        let limit = items_on_a_page(query.limit);
        if !query.q.trim().is_empty() {
            return found(read, workspace, query.q.trim(), limit, hidden);
        }
        newest(read, workspace, query.cursor.as_deref(), limit, hidden)
    })
    .await?;
    Ok(Json(page))
}

fn exactly(read: &dyn Read, workspace: WorkspaceId, text: &str, hidden: &TraitRules) -> Result<Page<PersonLine>> {
    let (id_type, value) =
        text.split_once(':').ok_or_else(|| Error::invalid("profiles.identifier_invalid", "write the identifier as type:value, for example user_id:42"))?;
    let person = weft_identity::find(read, workspace, &Identifier::new(id_type, value))?;
    let items = person.map(|p| line(read, workspace, p, hidden)).transpose()?.flatten().into_iter().collect();
    Ok(Page { items, next: None })
}

fn found(read: &dyn Read, workspace: WorkspaceId, q: &str, limit: usize, hidden: &TraitRules) -> Result<Page<PersonLine>> {
    Ok(Page { items: lines(read, workspace, search(read, workspace, q, limit)?, hidden)?, next: None })
}

fn newest(read: &dyn Read, workspace: WorkspaceId, cursor: Option<&str>, limit: usize, hidden: &TraitRules) -> Result<Page<PersonLine>> {
    let before: Option<Atom> = cursor_of(cursor)?;
    let mut atoms = Vec::new();
    people::newest(read, workspace, before, &mut |atom, _| {
        atoms.push(atom);
        Ok(atoms.len() <= limit)
    })?;
    let next = (atoms.len() > limit).then(|| atoms[limit - 1].to_string());
    atoms.truncate(limit);
    Ok(Page { items: lines(read, workspace, atoms, hidden)?, next })
}

fn lines(read: &dyn Read, workspace: WorkspaceId, people: Vec<Atom>, hidden: &TraitRules) -> Result<Vec<PersonLine>> {
    people.into_iter().filter_map(|person| line(read, workspace, person, hidden).transpose()).collect()
}

async fn get_person(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<PersonView> {
    let workspace = caller.workspace();
    let view = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find(read, workspace, &id)?;
        let mut document = document(read, workspace, person)?;
        let hidden = hidden(read, &caller)?;
        let hidden_traits = document.present().map(|(n, _)| n.clone()).filter(|n| hidden.is_sensitive(n)).collect();
        document.hide(&hidden);
        let seen = people::seen(read, workspace, person)?.unwrap_or(people::Seen { first: Millis(0), last: Millis(0), events: 0 });
        Ok(PersonView {
            id: PersonId::of(workspace, person),
            name: name_in(&document),
            identifiers: identifiers(read, workspace, person)?,
            traits: document.present().map(|(n, t)| (n.clone(), TraitView { value: t.value.clone(), ts: t.ts, source: t.source.clone() })).collect(),
            hidden_traits,
            first_seen: seen.first,
            last_seen: seen.last,
            events: seen.events,
        })
    })
    .await?;
    Ok(Json(view))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Only events of this name.
    name: Option<String>,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_person_timeline(
    State(parts): State<Room>,
    caller: Caller,
    Path(id): Path<String>,
    QueryOf(query): QueryOf<TimelineQuery>,
) -> Answer<Page<Happened>> {
    let workspace = caller.workspace();
    let limit = items_on_a_page(query.limit);
    let before = query.cursor.as_deref().map(parse_cursor).transpose()?;
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find(read, workspace, &id)?;
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
        .ok_or_else(foreign_cursor)
}

/// The event that spoke for a link.
#[derive(Serialize, ToSchema)]
struct EvidenceView {
    event_id: String,
    #[schema(value_type = String)]
    kind: EventKind,
    #[schema(value_type = String)]
    at: Millis,
    identifiers: Vec<IdentifierBrief>,
    /// Who joined them by hand and why; empty where an event did.
    #[schema(value_type = Object)]
    detail: Map<String, Value>,
}

impl From<weft_identity::Evidence> for EvidenceView {
    fn from(e: weft_identity::Evidence) -> Self {
        Self { event_id: e.event_id, kind: e.kind, at: e.at, identifiers: e.identifiers.into_iter().map(Into::into).collect(), detail: e.detail }
    }
}

#[derive(Serialize, ToSchema)]
struct LinkView {
    a: Option<IdentifierBrief>,
    b: Option<IdentifierBrief>,
    evidence: EvidenceView,
}

#[derive(Serialize, ToSchema)]
struct RefusedLink {
    /// Which guard rail held: `too_many_of_type:user_id`, `kept_apart`, `too_fast:120`, …
    reason: String,
    evidence: EvidenceView,
}

/// Two identifiers that are kept apart.
#[derive(Serialize, ToSchema)]
struct ApartView {
    /// Hers.
    a: Option<IdentifierBrief>,
    /// The other's, and who has it now.
    b: Option<IdentifierBrief>,
    #[schema(value_type = String)]
    person: PersonId,
    /// `by_hand`, or `shared`: so many claimed it that it is nobody's.
    cause: String,
    reason: String,
    /// `usr_…` or `key_…`; empty when a guard rail did it.
    by: String,
    by_name: Option<String>,
    #[schema(value_type = String)]
    at: Millis,
    /// What spoke for the link that was cut.
    cut: Option<EvidenceView>,
}

/// An identifier as a node of the graph.
#[derive(Serialize, ToSchema)]
struct NodeView {
    #[serde(rename = "type")]
    id_type: String,
    value: String,
    #[schema(value_type = String)]
    first_seen: Millis,
    /// 0 to 100; the heaviest identifier of an event says whose it is.
    weight: u8,
    /// What happened under this identifier.
    events: u64,
}

#[derive(Serialize, ToSchema)]
struct IdentityView {
    identifiers: Vec<NodeView>,
    links: Vec<LinkView>,
    refused: Vec<RefusedLink>,
    apart: Vec<ApartView>,
}

async fn get_person_identity(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<IdentityView> {
    let workspace = caller.workspace();
    let actors = parts.names.clone();
    let mut view = blocking(move || {
        let read: &dyn Read = &*parts.state;
        identity(read, workspace, find(read, workspace, &id)?)
    })
    .await?;
    let who: Vec<String> = view.apart.iter().map(|x| x.by.clone()).collect();
    let names = actors.names(workspace, &who).await?;
    for apart in &mut view.apart {
        apart.by_name = names.get(&apart.by).cloned();
    }
    Ok(Json(view))
}

fn identity(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<IdentityView> {
    let settings = weft_identity::settings(read, workspace)?;
    let brief = |atom: Atom| Ok::<_, Error>(weft_identity::known(read, workspace, atom)?.map(|k| IdentifierBrief::from(k.identifier)));
    let node = |atom: Atom| {
        let Some(known) = weft_identity::known(read, workspace, atom)? else { return Ok(None) };
        let events = tally(read, workspace, atom)?.map_or(0, |seen| seen.events);
        let Identifier { id_type, value } = known.identifier;
        Ok(Some(NodeView { weight: settings.weight(&id_type), id_type, value, first_seen: known.first_seen, events }))
    };
    let link = |l: weft_identity::Link| Ok(LinkView { a: brief(l.a)?, b: brief(l.b)?, evidence: l.evidence.into() });
    let apart = |x: weft_identity::Apart| {
        let s = x.separation;
        let person = PersonId::of(workspace, weft_identity::root(read, workspace, x.b)?);
        Ok(ApartView { a: brief(x.a)?, b: brief(x.b)?, person, cause: s.cause, reason: s.reason, by: s.by, by_name: None, at: s.at, cut: s.cut.map(Into::into) })
    };
    let refused = |r: weft_identity::Refusal| RefusedLink { reason: r.reason, evidence: r.evidence.into() };
    Ok(IdentityView {
        identifiers: weft_identity::atoms(read, workspace, person)?.into_iter().filter_map(|atom| node(atom).transpose()).collect::<Result<_>>()?,
        links: weft_identity::links(read, workspace, person)?.into_iter().map(link).collect::<Result<_>>()?,
        refused: weft_identity::refusals(read, workspace, person)?.into_iter().map(refused).collect(),
        apart: weft_identity::apart(read, workspace, person)?.into_iter().map(apart).collect::<Result<_>>()?,
    })
}
