//! `/sources`: what an administrator sees and does.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weft_context_kit::{Parts, blocking};

use crate::http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes};
use crate::kernel::{Millis, Page, Result, SourceId, WorkspaceId};
use crate::pipeline::{Outcome, OutcomeFilter, list_outcomes};
use crate::sources::{Source, SourceKind, Sources};

/// So far back the last event of a source is looked for.
const LOOK_BACK: i64 = 30 * Millis::DAY;

#[derive(Clone)]
pub(crate) struct Room {
    pub sources: Sources,
    pub parts: Parts,
}

impl Room {
    /// The hour in which each source last sent something that was not refused.
    async fn last_hours(&self, workspace: WorkspaceId) -> Result<BTreeMap<SourceId, Millis>> {
        let state = self.parts.state.clone();
        let filter = OutcomeFilter { from: Some(self.parts.clock.now().minus(LOOK_BACK)), ..Default::default() };
        blocking(move || {
            let rejected = Outcome::Rejected(String::new());
            let counts = list_outcomes(&*state, workspace, &filter)?;
            // They come oldest first, so the last hour stays.
            Ok(counts.into_iter().filter(|c| c.outcome != rejected.name()).map(|c| (c.source, c.hour)).collect())
        })
        .await
    }
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
    #[schema(value_type = String)]
    created_at: Millis,
    /// The hour of its last event that was not refused; null if there was none in the last 30 days.
    #[schema(value_type = Option<String>)]
    last_event_hour: Option<Millis>,
}

impl SourceView {
    fn of(source: Source, last_event_hour: Option<Millis>) -> Self {
        Self { id: source.id.0, name: source.name, kind: source.kind, write_key: source.write_key, created_at: source.created_at, last_event_hour }
    }
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
        .lists::<SourceView>()
        .post("create_source", "/sources", Lock::Permission("sources:write"), create_source, room)
        .summary("Make a source with a new write key")
        .takes::<NewSource>()
        .gives::<SourceView>()
        .delete("delete_source", "/sources/{id}", Lock::Permission("sources:write"), delete_source, room)
        .summary("Delete a source: its write key is refused from now on, what it sent stays")
        .gives::<SourceView>()
}

async fn list_sources(State(room): State<Room>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<SourceView>> {
    let found = room.sources.list(&caller.scope, &query.q, query.cursor.as_deref(), query.limit()).await?;
    let last = room.last_hours(caller.workspace()).await?;
    Ok(Json(found.map(|source| {
        let hour = last.get(&source.id).copied();
        SourceView::of(source, hour)
    })))
}

async fn create_source(State(room): State<Room>, caller: Caller, Body(new): Body<NewSource>) -> Answer<SourceView> {
    let source = room.sources.create(&caller.scope, room.parts.clock.now(), &new.name, new.kind).await?;
    Ok(Json(SourceView::of(source, None)))
}

async fn delete_source(State(room): State<Room>, caller: Caller, Path(id): Path<String>) -> Answer<SourceView> {
    let source = room.sources.delete(&caller.scope, room.parts.clock.now(), &SourceId(id)).await?;
    let hour = room.last_hours(caller.workspace()).await?.remove(&source.id);
    Ok(Json(SourceView::of(source, hour)))
}
