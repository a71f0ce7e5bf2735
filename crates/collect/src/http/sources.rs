//! `/sources`: what an administrator sees and does.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes};
use crate::kernel::{Clock, SourceId};
use crate::sources::{Source, SourceKind, Sources};

#[derive(Clone)]
pub(crate) struct Room {
    pub sources: Sources,
    pub clock: Arc<dyn Clock>,
}

/// A source as the console shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = Source)]
struct SourceView {
    id: String,
    name: String,
    kind: SourceKind,
    /// What clients authenticate with. The house's own sources have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    write_key: Option<String>,
    created_at: String,
}

impl From<Source> for SourceView {
    fn from(source: Source) -> Self {
        Self { id: source.id.0, name: source.name, kind: source.kind, write_key: source.write_key, created_at: source.created_at.rfc3339() }
    }
}

#[derive(Serialize, ToSchema)]
struct SourceList {
    items: Vec<SourceView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSource {
    name: String,
    kind: SourceKind,
}

pub(crate) fn routes(room: &Room) -> Routes {
    Routes::new()
        .get("list_sources", "/sources", Lock::Permission("sources:read"), list_sources, room)
        .summary("The sources that may send events, with their write keys")
        .gives::<SourceList>()
        .post("create_source", "/sources", Lock::Permission("sources:write"), create_source, room)
        .summary("Make a source with a new write key")
        .takes::<NewSource>()
        .gives::<SourceView>()
        .delete("delete_source", "/sources/{id}", Lock::Permission("sources:write"), delete_source, room)
        .summary("Delete a source: its write key is refused from now on, what it sent stays")
        .gives::<SourceView>()
}

async fn list_sources(State(room): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<SourceList> {
    let found = room.sources.list(&caller.scope, &query.q, query.cursor.as_deref(), query.limit()).await?;
    Ok(Json(SourceList { items: found.items.into_iter().map(SourceView::from).collect(), next: found.next }))
}

async fn create_source(State(room): State<Room>, caller: Caller, Body(new): Body<NewSource>) -> Answer<SourceView> {
    let source = room.sources.create(&caller.scope, room.clock.now(), &new.name, new.kind).await?;
    Ok(Json(source.into()))
}

async fn delete_source(State(room): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SourceView> {
    let source = room.sources.delete(&caller.scope, room.clock.now(), &SourceId(id)).await?;
    Ok(Json(source.into()))
}
