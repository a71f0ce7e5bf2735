//! Tags of things.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use weft_context_kit::{HistoryEntry, Parts, blocking, workspace_of};
use weft_http_kit::{Answer, Body, Caller, ListQuery, QueryOf, items_on_a_page};

use super::Room;
use super::wire::{Assigned, Assignment, HistoryQuery, NewTag, Preview, TagDraft, TagTemplate, TagView, ThingTagCount};
use crate::kernel::{Error, Page, Result, WorkspaceId};
use crate::rule::Rule;
use crate::store::Model;
use crate::survey::{Survey, survey};
use crate::tag_operations::{self, Wanted};
use crate::types::check_word;
use crate::{definition, templates, values};

type Names = BTreeMap<String, String>;

fn view(parts: &Parts, workspace: WorkspaceId, model: Model, names: &Names) -> Result<TagView> {
    let stored = definition::stored(&*parts.state, workspace, &model.name)?;
    let values = values::sizes(&*parts.state, workspace, &model.name)?;
    Ok(TagView {
        values: values.into_iter().map(|(value, count)| ThingTagCount { value, count }).collect(),
        is_filled: stored.as_ref().is_none_or(|s| s.filling.is_none()),
        next_night: stored.and_then(|s| s.next_night),
        id: model.id,
        name: model.name,
        of: model.of,
        title: model.title,
        category: model.category,
        owner_name: names.get(&model.owner).cloned(),
        owner: model.owner,
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
    Ok(Json(view(parts, caller.workspace(), model, &names)?))
}

pub(super) async fn list_thing_tags(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<TagView>> {
    let page = tag_operations::list_tags(&parts, &caller, &query).await?;
    let owners: Vec<String> = page.items.iter().map(|m| m.owner.clone()).collect();
    let names = parts.names.names(caller.workspace(), &owners).await?;
    let items = page.items.into_iter().map(|model| view(&parts, caller.workspace(), model, &names)).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { items, next: page.next }))
}

pub(super) async fn create_thing_tag(State(parts): State<Room>, caller: Caller, Body(new): Body<NewTag>) -> Answer<TagView> {
    let wanted = Wanted { title: new.title, category: new.category, owner: new.owner, description: new.description, rule: new.rule };
    let model = tag_operations::create_tag(&parts, &caller, new.name.trim(), new.of.trim(), wanted).await?;
    shown(&parts, &caller, model).await
}

pub(super) async fn get_thing_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<TagView> {
    let model = tag_operations::get_tag(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

pub(super) async fn update_thing_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(draft): Body<TagDraft>) -> Answer<TagView> {
    let wanted = Wanted { title: draft.title, category: draft.category, owner: draft.owner, description: draft.description, rule: draft.rule };
    let model = tag_operations::update_tag(&parts, &caller, &id, wanted).await?;
    shown(&parts, &caller, model).await
}

pub(super) async fn archive_thing_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<TagView> {
    let model = tag_operations::archive_tag(&parts, &caller, &id).await?;
    shown(&parts, &caller, model).await
}

pub(super) async fn list_thing_tag_templates() -> Answer<Page<TagTemplate>> {
    let items = templates::templates()
        .into_iter()
        .map(|(name, [zh, en], category, of, rule)| TagTemplate { name: name.into(), title_zh: zh.into(), title_en: en.into(), category: category.into(), of: of.into(), rule })
        .collect();
    Ok(Json(Page { items, next: None }))
}

pub(super) async fn preview_thing_tag(State(parts): State<Room>, caller: Caller, Body(request): Body<Preview>) -> Answer<Survey> {
    let (workspace, now) = (caller.workspace(), parts.clock.now());
    check_word(&request.of)?;
    let rule = request.rule.parse()?;
    if matches!(rule, Rule::Assigned { .. }) {
        return Err(Error::invalid("catalog.nothing_to_ask", "what is given by hand is said, not asked of anything").field("rule", "is given by hand").into());
    }
    let found = blocking(move || {
        let zone = workspace_of(&*parts.state, workspace)?.zone();
        survey(&*parts.state, workspace, &request.of, &rule, &zone, now)
    })
    .await?;
    Ok(Json(found))
}

pub(super) async fn assign_thing_tag(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Body(request): Body<Assignment>) -> Answer<Assigned> {
    let value = request.value.as_deref().map(str::trim).filter(|v| !v.is_empty());
    let said = tag_operations::assign_by_hand(&parts, &caller, &id, &request.things, value).await?;
    Ok(Json(Assigned { changed: said.changed, unchanged: said.unchanged, unknown: said.unknown }))
}

pub(super) async fn list_thing_tag_history(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<HistoryQuery>) -> Answer<Page<HistoryEntry>> {
    tag_operations::get_tag(&parts, &caller, &id).await?;
    Ok(Json(parts.history(caller.workspace(), &id, query.cursor.as_deref(), items_on_a_page(query.limit)).await?))
}
