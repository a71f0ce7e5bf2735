//! Templates over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use weft_context_kit::Parts;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, Body as Taken, Caller, Done, ListQuery, Lock, QueryOf, Routes};

use crate::kernel::{Millis, Page, TemplateId};
use crate::template::{self, Body, Channel, Draft, Template};

type Room = Arc<Parts>;
const READ: Lock = Lock::Permission("content:read");
const WRITE: Lock = Lock::Permission("content:write");

pub(crate) fn routes(parts: &Room) -> Routes {
    Routes::new()
        .get("list_templates", "/templates", READ, list_templates, parts)
        .summary("Templates")
        .lists::<TemplateView>()
        .post("create_template", "/templates", WRITE, create_template, parts)
        .summary("Make a template")
        .takes::<TemplateDraft>()
        .gives::<TemplateView>()
        .get("get_template", "/templates/{id}", READ, get_template, parts)
        .summary("One template")
        .gives::<TemplateView>()
        .put("update_template", "/templates/{id}", WRITE, update_template, parts)
        .summary("Change a template; messages not yet sent use the new one")
        .takes::<TemplateDraft>()
        .gives::<TemplateView>()
        .delete("delete_template", "/templates/{id}", WRITE, delete_template, parts)
        .summary("Delete a template")
        .gives::<Done>()
}

#[derive(Deserialize, ToSchema)]
struct TemplateDraft {
    name: String,
    channel: Channel,
    #[serde(flatten)]
    body: Body,
}

#[derive(Serialize, ToSchema)]
struct TemplateView {
    id: String,
    name: String,
    channel: Channel,
    #[serde(flatten)]
    body: Body,
    version: i64,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

impl From<Template> for TemplateView {
    fn from(t: Template) -> Self {
        Self { id: t.id.0, name: t.name, channel: t.channel, body: t.body, version: t.version, created_at: t.created_at, updated_at: t.updated_at }
    }
}

async fn list_templates(State(parts): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<TemplateView>> {
    Ok(Json(template::list_templates(&parts, &caller, &query).await?.map(TemplateView::from)))
}

async fn create_template(State(parts): State<Room>, caller: Caller, Taken(draft): Taken<TemplateDraft>) -> Answer<TemplateView> {
    Ok(Json(template::create_template(&parts, &caller.scope, &draft.name, draft.channel, draft.body).await?.into()))
}

async fn get_template(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<TemplateView> {
    Ok(Json(template::load(&parts, caller.workspace(), &TemplateId(id)).await?.into()))
}

async fn update_template(State(parts): State<Room>, caller: Caller, Path(id): Path<String>, Taken(draft): Taken<TemplateDraft>) -> Answer<TemplateView> {
    let draft = Draft { name: draft.name, channel: draft.channel, body: draft.body };
    Ok(Json(template::update_template(&parts, &caller, &id, draft).await?.into()))
}

async fn delete_template(State(parts): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<Done> {
    template::delete_template(&parts, &caller, &id).await?;
    Ok(Json(Done {}))
}
