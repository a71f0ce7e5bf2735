//! Segments over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_condition::{Explanation, Lang, describe_with};
use weft_context_kit::{Parts, blocking};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes};
use weft_profile_kv::Read;

use crate::around::{Surroundings, zone_of};
use crate::kernel::{Atom, Error, Millis, Page, PersonId, Result, SegmentId, WorkspaceId};
use crate::operations::{self, Draft, parse};
use crate::store::Model;
use crate::{count, definition, membership};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("segments:read");
const WRITE: Lock = Lock::Permission("segments:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_segments", "/segments", READ, list_segments, parts)
        .summary("Segments with their size")
        .post("create_segment", "/segments", WRITE, create_segment, parts)
        .summary("Make a segment from a condition")
        .takes::<SegmentDraft>()
        .gives::<SegmentView>()
        .get("get_segment", "/segments/{id}", READ, get_segment, parts)
        .summary("One segment")
        .gives::<SegmentView>()
        .put("update_segment", "/segments/{id}", WRITE, update_segment, parts)
        .summary("Change a segment; a changed condition judges everybody again without signals")
        .takes::<SegmentDraft>()
        .gives::<SegmentView>()
        .post("archive_segment", "/segments/{id}:archive", WRITE, archive_segment, parts)
        .summary("Put a segment away")
        .gives::<SegmentView>()
        .post("count_segment", "/segments:count", READ, count_segment, parts)
        .summary("How many people satisfy a condition now, with a sample and a count per line")
        .takes::<CountRequest>()
        .gives::<CountAnswer>()
        .post("describe_segment", "/segments:describe", READ, describe_segment, parts)
        .summary("A condition as a sentence")
        .takes::<DescribeRequest>()
        .get("list_segment_members", "/segments/{id}/members", READ, list_segment_members, parts)
        .summary("Who is in")
        .get("list_segment_growth", "/segments/{id}/growth", READ, list_segment_growth, parts)
        .summary("Entered, left and size per day")
        .post("explain_segment", "/segments/{id}:explain", READ, explain_segment, parts)
        .summary("Why a person is in or not")
        .takes::<ExplainRequest>()
        .get("list_person_segments", "/people/{id}/segments", READ, list_person_segments, parts)
        .summary("The segments a person is in")
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SegmentDraft {
    name: String,
    #[serde(default)]
    description: String,
    #[schema(value_type = Object)]
    condition: Value,
}

impl From<SegmentDraft> for Draft {
    fn from(d: SegmentDraft) -> Self {
        Self { name: d.name, description: d.description, condition: d.condition }
    }
}

#[derive(Serialize, ToSchema)]
struct SegmentView {
    id: String,
    name: String,
    description: String,
    #[schema(value_type = Object)]
    condition: Value,
    version: i64,
    state: String,
    count: u64,
    #[schema(value_type = String)]
    as_of: Millis,
    /// False while people are still being judged by a new definition.
    is_filled: bool,
    created_by: String,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

fn view(parts: &Parts, workspace: WorkspaceId, model: Model) -> Result<SegmentView> {
    let id = SegmentId(model.id.clone());
    let is_filled = definition::stored(&*parts.state, workspace, &id)?.is_none_or(|d| d.filling_from.is_none());
    Ok(SegmentView {
        count: membership::size(&*parts.state, workspace, &id)?,
        as_of: parts.clock.now(),
        is_filled,
        id: model.id,
        name: model.name,
        description: model.description,
        condition: model.condition.0,
        version: model.version,
        state: model.state,
        created_by: model.created_by,
        created_at: model.created_at.0,
        updated_at: model.updated_at.0,
    })
}

async fn list_segments(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<SegmentView>> {
    let page = operations::list_segments(&parts, &caller, &query).await?;
    let items = page.items.into_iter().map(|m| view(&parts, caller.workspace(), m)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

async fn create_segment(State(parts): State<Room>, caller: Caller, Body(draft): Body<SegmentDraft>) -> Answer<SegmentView> {
    let model = operations::create_segment(&parts, &caller, draft.into()).await?;
    Ok(Json(view(&parts, caller.workspace(), model)?))
}

async fn get_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SegmentView> {
    let model = operations::get_segment(&parts, &caller, &id).await?;
    Ok(Json(view(&parts, caller.workspace(), model)?))
}

async fn update_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<SegmentDraft>) -> Answer<SegmentView> {
    let model = operations::update_segment(&parts, &caller, &id, draft.into()).await?;
    Ok(Json(view(&parts, caller.workspace(), model)?))
}

async fn archive_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SegmentView> {
    let model = operations::archive_segment(&parts, &caller, &id).await?;
    Ok(Json(view(&parts, caller.workspace(), model)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountRequest {
    #[schema(value_type = Object)]
    condition: Value,
}

#[derive(Serialize, ToSchema)]
struct CountAnswer {
    count: u64,
    #[schema(value_type = String)]
    as_of: Millis,
    /// Up to ten of them, newest first.
    #[schema(value_type = Vec<Object>)]
    sample: Vec<Value>,
    /// How many satisfy each line alone, by its path in the tree.
    #[schema(value_type = Vec<Object>)]
    lines: Vec<Value>,
}

async fn count_segment(State(parts): State<Room>, caller: Caller, Body(request): Body<CountRequest>) -> Answer<CountAnswer> {
    let condition = parse(&request.condition)?;
    let workspace = caller.workspace();
    let now = parts.clock.now();
    let answer = blocking(move || {
        let zone = zone_of(&*parts.state, workspace)?;
        let counted = count::count(&*parts.state, workspace, &condition, &zone, now)?;
        let sample = counted.sample.into_iter().map(|p| person_line(&*parts.state, workspace, p)).collect::<Result<Vec<_>>>()?;
        let lines = counted.lines.into_iter().map(|(path, count)| json!({"path": path, "count": count})).collect();
        Ok(CountAnswer { count: counted.count, as_of: now, sample, lines })
    })
    .await?;
    Ok(Json(answer))
}

/// A person, short.
fn person_line(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Value> {
    let document = weft_profiles::document(read, workspace, person)?;
    let name = ["name", "$name", "nickname"].iter().find_map(|n| document.get(n)?.as_str().map(str::to_owned));
    let identifiers: Vec<Value> = weft_identity::identifiers(read, workspace, person)?
        .into_iter()
        .map(|k| json!({"type": k.identifier.id_type, "value": k.identifier.value}))
        .collect();
    Ok(json!({"id": PersonId::of(workspace, person), "name": name, "identifiers": identifiers}))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DescribeRequest {
    #[schema(value_type = Object)]
    condition: Value,
    /// `zh` or `en`.
    lang: String,
}

async fn describe_segment(State(parts): State<Room>, caller: Caller, Body(request): Body<DescribeRequest>) -> Answer<Value> {
    let condition = parse(&request.condition)?;
    let lang = if request.lang == "zh" { Lang::Zh } else { Lang::En };
    let workspace = caller.workspace();
    let text = describe_with(&condition, lang, &|named| match named {
        weft_condition::Named::Segment(id) => definition::stored(&*parts.state, workspace, &SegmentId::from(id)).ok().flatten().map(|d| d.name),
        _ => None,
    });
    Ok(Json(json!({"text": text})))
}

async fn list_segment_members(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<Value>> {
    operations::get_segment(&parts, &caller, &id).await?;
    let workspace = caller.workspace();
    let after: Option<Atom> = match &query.cursor {
        Some(text) => Some(text.parse().map_err(|_| Error::invalid("http.cursor_invalid", "this cursor was not given by this list"))?),
        None => None,
    };
    let page = blocking(move || {
        let segment = SegmentId(id);
        let read: &dyn Read = &*parts.state;
        let members = membership::bitmap(read, workspace, &segment)?;
        let chosen: Vec<Atom> = members.range(after.map_or(0, |a| a + 1)..).take(query.limit() + 1).collect();
        let next = (chosen.len() > query.limit()).then(|| chosen[query.limit() - 1].to_string());
        let mut items = Vec::new();
        for person in chosen.into_iter().take(query.limit()) {
            items.push(json!({
                "person": person_line(read, workspace, person)?,
                "since": membership::since_when(read, workspace, &segment, person)?,
            }));
        }
        Ok(Page { items, next })
    })
    .await?;
    Ok(Json(page))
}

async fn list_segment_growth(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<Value>> {
    operations::get_segment(&parts, &caller, &id).await?;
    let workspace = caller.workspace();
    let days = blocking(move || membership::days(&*parts.state, workspace, &SegmentId(id))).await?;
    let mut size = 0i64;
    let items = days
        .into_iter()
        .map(|(day, entered, left)| {
            size += entered as i64 - left as i64;
            json!({"day": day, "entered": entered, "left": left, "count": size})
        })
        .collect();
    Ok(Json(Page { items, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExplainRequest {
    person: String,
}

async fn explain_segment(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<ExplainRequest>) -> Answer<Value> {
    let model = operations::get_segment(&parts, &caller, &id).await?;
    let condition = parse(&model.condition.0)?;
    let workspace = caller.workspace();
    let now = parts.clock.now();
    let explanation: Explanation = blocking(move || {
        let person = find_person(&*parts.state, workspace, &request.person)?;
        let zone = zone_of(&*parts.state, workspace)?;
        let around = Surroundings::of(&*parts.state, workspace, person, &zone);
        let facts = around.facts()?;
        let explanation = weft_condition::explain(&condition, &facts, now);
        facts.sound()?;
        around.sound()?;
        Ok(explanation)
    })
    .await?;
    Ok(Json(json!({"holds": explanation.verdict, "as_of": now, "tree": explanation})))
}

fn find_person(read: &dyn Read, workspace: WorkspaceId, id: &str) -> Result<Atom> {
    weft_identity::person(read, workspace, &PersonId::from(id))?
        .ok_or_else(|| Error::not_found("profiles.person_not_found", format!("there is no person {id} in this workspace")).param("id", id))
}

async fn list_person_segments(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<Value>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let person = find_person(&*parts.state, workspace, &id)?;
        let mut items = Vec::new();
        for m in membership::of_person(&*parts.state, workspace, person)? {
            let name = definition::stored(&*parts.state, workspace, &m.segment)?.map(|d| d.name);
            items.push(json!({"id": m.segment, "name": name, "since": m.since}));
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}
