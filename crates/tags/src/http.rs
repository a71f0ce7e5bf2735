//! Tags over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_context_kit::{HistoryEntry, Parts, blocking, workspace_of};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, Lock, OwnedListQuery, QueryOf, Routes, cursor_of, items_on_a_page};
use weft_profile_kv::Read;
use weft_profiles::{PersonBrief, brief, find_person};

use crate::count::{Distribution, Gather, preview};
use crate::definition::stored;
use crate::kernel::{Atom, Error, Millis, Page, Result, WorkspaceId};
use crate::operations::{self, Wanted};
use crate::rule::Draft;
use crate::store::Model;
use crate::{templates, values};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("tags:read");
const WRITE: Lock = Lock::Permission("tags:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_tags", "/tags", READ, list_tags, parts)
        .summary("Tags with how many people have them")
        .lists::<TagView>()
        .asks::<OwnedListQuery>()
        .post("create_tag", "/tags", WRITE, create_tag, parts)
        .summary("Make a tag from a rule")
        .takes::<NewTag>()
        .gives::<TagView>()
        .get("list_tag_templates", "/tags/templates", READ, list_tag_templates, parts)
        .summary("Ready rules to start from")
        .lists_whole::<TagTemplate>()
        .post("preview_tag", "/tags:preview", READ, preview_tag, parts)
        .summary("Who would be called what, asked of everybody now")
        .takes::<PreviewRequest>()
        .gives::<Distribution>()
        .get("get_tag", "/tags/{id}", READ, get_tag, parts)
        .summary("One tag")
        .gives::<TagView>()
        .put("update_tag", "/tags/{id}", WRITE, update_tag, parts)
        .summary("Change a tag; a changed rule judges everybody again")
        .takes::<TagDraft>()
        .gives::<TagView>()
        .post("hand_over_tag", "/tags/{id}:hand_over", WRITE, hand_over_tag, parts)
        .summary("Give a tag to another owner")
        .takes::<NewOwner>()
        .gives::<TagView>()
        .post("archive_tag", "/tags/{id}:archive", WRITE, archive_tag, parts)
        .summary("Put a tag away")
        .gives::<TagView>()
        .get("get_tag_distribution", "/tags/{id}/distribution", READ, get_tag_distribution, parts)
        .summary("How many are called what")
        .gives::<Distribution>()
        .get("list_tag_people", "/tags/{id}/people", READ, list_tag_people, parts)
        .summary("Who has it, with their values")
        .lists::<TagPerson>()
        .asks::<TagPeopleQuery>()
        .post("assign_tag", "/tags/{id}/people:assign", WRITE, assign_tag, parts)
        .summary("Say by hand what people are called, for ever or for some days")
        .takes::<AssignRequest>()
        .gives::<AssignAnswer>()
        .get("list_tag_history", "/tags/{id}/history", READ, list_tag_history, parts)
        .summary("What was done to a tag, newest first")
        .lists::<HistoryEntry>()
        .asks::<TagHistoryQuery>()
        .get("list_person_tags", "/people/{id}/tags", READ, list_person_tags, parts)
        .summary("What a person is called")
        .lists_whole::<PersonTag>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTag {
    /// What conditions call it: letters, digits and `_`; it never changes.
    name: String,
    title: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    description: String,
    rule: Draft,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagDraft {
    title: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    description: String,
    rule: Draft,
}

#[derive(Serialize, ToSchema)]
struct TagView {
    id: String,
    name: String,
    title: String,
    category: String,
    description: String,
    #[schema(value_type = Draft)]
    rule: Value,
    version: i64,
    state: String,
    /// People who have a value.
    tagged: u64,
    #[schema(value_type = String)]
    as_of: Millis,
    /// False while people are still being judged by a new rule.
    is_filled: bool,
    created_by: String,
    owner: String,
    /// Null when nobody knows it.
    owner_name: Option<String>,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

fn view(parts: &Parts, caller: &Caller, model: Model, names: &BTreeMap<String, String>) -> Result<TagView> {
    let workspace = caller.workspace();
    let is_filled = stored(&*parts.state, workspace, &model.name)?.is_none_or(|d| d.filling_from.is_none());
    Ok(TagView {
        tagged: values::size(&*parts.state, workspace, &model.name)?,
        as_of: parts.clock.now(),
        is_filled,
        owner_name: names.get(&model.owner).cloned(),
        owner: model.owner,
        id: model.id,
        name: model.name,
        title: model.title,
        category: model.category,
        description: model.description,
        rule: model.rule.0,
        version: model.version,
        state: model.state,
        created_by: model.created_by,
        created_at: model.created_at.0,
        updated_at: model.updated_at.0,
    })
}

async fn shown(parts: &Parts, caller: &Caller, model: Model) -> Answer<TagView> {
    let names = parts.names.names(caller.workspace(), std::slice::from_ref(&model.owner)).await?;
    Ok(Json(view(parts, caller, model, &names)?))
}

async fn list_tags(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<OwnedListQuery>) -> Answer<Page<TagView>> {
    let (owner, list) = query.apart();
    let page = operations::list_tags(&parts, &caller, &list, &owner).await?;
    let owners: Vec<String> = page.items.iter().map(|m| m.owner.clone()).collect();
    let names = parts.names.names(caller.workspace(), &owners).await?;
    let items = page.items.into_iter().map(|m| view(&parts, &caller, m, &names)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

async fn create_tag(State(parts): State<Room>, caller: Caller, Body(new): Body<NewTag>) -> Answer<TagView> {
    let wanted = Wanted { title: new.title, category: new.category, description: new.description, rule: new.rule };
    let model = operations::create_tag(&parts, &caller, new.name.trim(), wanted).await?;
    shown(&parts, &caller, model).await
}

async fn get_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<TagView> {
    let model = operations::get_tag(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

async fn update_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<TagDraft>) -> Answer<TagView> {
    let wanted = Wanted { title: draft.title, category: draft.category, description: draft.description, rule: draft.rule };
    let model = operations::update_tag(&parts, &caller, &id, wanted).await?;
    shown(&parts, &caller, model).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagOwner)]
struct NewOwner {
    /// A user who works in the workspace.
    owner: String,
}

async fn hand_over_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(new): Body<NewOwner>) -> Answer<TagView> {
    let model = operations::hand_over_tag(&parts, &caller, &id, new.owner).await?;
    shown(&parts, &caller, model).await
}

async fn archive_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<TagView> {
    let model = operations::archive_tag(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

/// A ready rule.
#[derive(Serialize, ToSchema)]
struct TagTemplate {
    name: String,
    title_zh: String,
    title_en: String,
    category: String,
    #[schema(value_type = Draft)]
    rule: Value,
}

async fn list_tag_templates() -> Answer<Page<TagTemplate>> {
    let items = templates::templates()
        .into_iter()
        .map(|(name, [zh, en], category, rule)| TagTemplate { name: name.into(), title_zh: zh.into(), title_en: en.into(), category: category.into(), rule })
        .collect();
    Ok(Json(Page { items, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagPreview)]
struct PreviewRequest {
    rule: Draft,
}

async fn preview_tag(State(parts): State<Room>, caller: Caller, Body(request): Body<PreviewRequest>) -> Answer<Distribution> {
    let (workspace, now) = (caller.workspace(), parts.clock.now());
    if request.rule.assigned.is_some() {
        return Err(Error::invalid("tags.nothing_to_ask", "what is assigned is said, not asked of anybody").field("rule", "is assigned").into());
    }
    let rule = request.rule.parse()?;
    let shown = blocking(move || {
        let zone = workspace_of(&*parts.state, workspace)?.zone();
        preview(&*parts.state, workspace, &rule, &zone, now)
    })
    .await?;
    Ok(Json(shown))
}

async fn get_tag_distribution(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Distribution> {
    let model = operations::get_tag(&parts, &caller, &id).await?;
    let workspace = caller.workspace();
    let shown = blocking(move || distribution(&*parts.state, workspace, &model.name)).await?;
    Ok(Json(shown))
}

fn distribution(read: &dyn Read, workspace: WorkspaceId, name: &str) -> Result<Distribution> {
    let mut gather = Gather::default();
    values::each(read, workspace, name, 0, &mut |_, tagged| {
        gather.value(tagged.value);
        Ok(true)
    })?;
    Ok(Distribution { people: weft_profiles::count_people(read, workspace)?, ..gather.finish() })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TagPeopleQuery {
    /// Only those who are called so; of tags whose values are a ladder.
    #[serde(default)]
    #[param(required = false)]
    value: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TagPerson {
    person: PersonBrief,
    value: Value,
    #[schema(value_type = String)]
    since: Millis,
}

async fn list_tag_people(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<TagPeopleQuery>) -> Answer<Page<TagPerson>> {
    let name = operations::get_tag(&parts, &caller, &id).await?.name;
    let workspace = caller.workspace();
    let from: Atom = cursor_of(query.cursor.as_deref())?.unwrap_or(0);
    let limit = items_on_a_page(query.limit);
    let page = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let mut found: Vec<(Atom, values::Tagged)> = Vec::new();
        if query.value.is_empty() {
            values::each(read, workspace, &name, from, &mut |person, tagged| {
                found.push((person, tagged));
                Ok(found.len() <= limit)
            })?;
        } else {
            for person in values::people(read, workspace, &name, &query.value)?.range(from..).take(limit + 1) {
                found.extend(values::tagged(read, workspace, &name, person)?.map(|tagged| (person, tagged)));
            }
        }
        let next = (found.len() > limit).then(|| found[limit].0.to_string());
        found.truncate(limit);
        let line = |(person, t): (Atom, values::Tagged)| Ok(TagPerson { person: brief(read, workspace, person)?, value: t.value, since: t.since });
        Ok(Page { items: found.into_iter().map(line).collect::<Result<_>>()?, next })
    })
    .await?;
    Ok(Json(page))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagAssignment)]
struct AssignRequest {
    /// Ids of people, at most 1,000.
    people: Vec<String>,
    /// Null takes the value away.
    value: Option<String>,
    /// How many days it holds; for ever when it is left out.
    #[serde(default)]
    days: Option<u16>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagAssigned)]
struct AssignAnswer {
    changed: u64,
}

async fn assign_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<AssignRequest>) -> Answer<AssignAnswer> {
    let workspace = caller.workspace();
    let people = request.people.iter().map(|p| find_person(&*parts.state, workspace, p)).collect::<Result<Vec<_>>>()?;
    let until = request.days.filter(|_| request.value.is_some()).map(|days| parts.clock.now().plus(i64::from(days) * Millis::DAY));
    let value = request.value.as_deref().map(str::trim).filter(|v| !v.is_empty());
    Ok(Json(AssignAnswer { changed: operations::assign_by_hand(&parts, &caller, &id, &people, value, until).await? }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TagHistoryQuery {
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_tag_history(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<TagHistoryQuery>) -> Answer<Page<HistoryEntry>> {
    operations::get_tag(&parts, &caller, &id).await?;
    Ok(Json(parts.history(caller.workspace(), &id, query.cursor.as_deref(), items_on_a_page(query.limit)).await?))
}

#[derive(Serialize, ToSchema)]
struct PersonTag {
    id: String,
    name: String,
    value: Value,
    #[schema(value_type = String)]
    since: Millis,
}

async fn list_person_tags(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Page<PersonTag>> {
    let workspace = caller.workspace();
    let items = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let person = find_person(read, workspace, &id)?;
        let mut items = Vec::new();
        for (name, tagged) in values::of_person(read, workspace, person)? {
            let Some(defined) = stored(read, workspace, &name)? else { continue };
            items.push(PersonTag { id: defined.id.0, name, value: tagged.value, since: tagged.since });
        }
        Ok(items)
    })
    .await?;
    Ok(Json(Page { items, next: None }))
}
