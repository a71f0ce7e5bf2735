//! Models over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_context_kit::long_work::Progress;
use weft_context_kit::{HistoryEntry, Parts, blocking};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Body, Caller, ListQuery, Lock, QueryOf, Routes, items_on_a_page};

use crate::kernel::{Error, Millis, Page, Result};
use crate::kinds::Kind;
use crate::operations::{self, Draft};
use crate::people::Feature;
use crate::run::Runs;
use crate::schedule::Every;
use crate::store::{Model, runs};
use crate::suggest::{self, Suggestion};

const READ: Lock = Lock::Permission("models:read");
const WRITE: Lock = Lock::Permission("models:write");

pub(crate) struct Room {
    parts: Parts,
    runs: Runs,
}

pub(crate) fn routes(runs: &Runs) -> Routes {
    let room = &Arc::new(Room { parts: runs.parts.clone(), runs: runs.clone() });
    Routes::new()
        .get("list_models", "/models", READ, list_models, room)
        .summary("Models and what they found last")
        .lists::<ModelView>()
        .post("create_model", "/models", WRITE, create_model, room)
        .summary("Make a model and the tag it writes")
        .takes::<ModelDraft>()
        .gives::<ModelView>()
        .get("list_model_features", "/models/features", READ, list_model_features, room)
        .summary("Columns about people that a model can learn from")
        .lists_whole::<Suggestion>()
        .get("get_model", "/models/{id}", READ, get_model, room)
        .summary("One model with its last run")
        .gives::<ModelView>()
        .put("update_model", "/models/{id}", WRITE, update_model, room)
        .summary("Change a model; the next run goes by it")
        .takes::<ModelDraft>()
        .gives::<ModelView>()
        .post("archive_model", "/models/{id}:archive", WRITE, archive_model, room)
        .summary("Put a model and its tag away")
        .gives::<ModelView>()
        .post("run_model", "/models/{id}:run", WRITE, run_model, room)
        .summary("Read people, learn, and write the tag")
        .gives::<ModelView>()
        .post("cancel_model", "/models/{id}:cancel", WRITE, cancel_model, room)
        .summary("Stop the run; the tag stays as it is")
        .gives::<ModelView>()
        .get("list_model_runs", "/models/{id}/runs", READ, list_model_runs, room)
        .summary("Runs, newest first, without their results")
        .lists::<RunView>()
        .asks::<RunsQuery>()
        .get("get_model_run", "/models/{id}/runs/{run}", READ, get_model_run, room)
        .summary("One run with its result")
        .gives::<RunView>()
        .get("list_model_history", "/models/{id}/history", READ, list_model_history, room)
        .summary("What was done to a model, newest first")
        .lists::<HistoryEntry>()
        .asks::<RunsQuery>()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ModelDraft {
    /// Of a new one: what conditions call its tag; letters, digits and `_`. It never changes.
    #[serde(default)]
    name: Option<String>,
    title: String,
    #[serde(default)]
    description: String,
    kind: Kind,
    /// Whom it is about; everybody when it is null.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    population: Option<Value>,
    /// What it learns from; chosen by the house when it is empty.
    #[serde(default)]
    features: Vec<Feature>,
    /// By kind; docs/models.md tells them.
    #[schema(value_type = Object)]
    settings: Value,
    #[serde(default)]
    every: Every,
}

impl ModelDraft {
    fn draft(self) -> (String, Draft) {
        let draft = Draft {
            title: self.title,
            description: self.description,
            kind: self.kind,
            population: self.population.filter(|p| !p.is_null()),
            features: self.features,
            settings: self.settings,
            every: self.every,
        };
        (self.name.unwrap_or_default().trim().to_owned(), draft)
    }
}

#[derive(Serialize, ToSchema)]
struct ModelView {
    id: String,
    name: String,
    title: String,
    description: String,
    #[schema(value_type = Kind)]
    kind: String,
    #[schema(value_type = Option<Object>)]
    population: Value,
    #[schema(value_type = Vec<Feature>)]
    features: Value,
    #[schema(value_type = Object)]
    settings: Value,
    #[schema(value_type = Every)]
    every: String,
    version: i64,
    state: String,
    /// The id of the tag it writes.
    tag: String,
    /// Of the run under way.
    progress: Option<Progress>,
    last_run: Option<RunView>,
    created_by: String,
    #[schema(value_type = String)]
    created_at: Millis,
    #[schema(value_type = String)]
    updated_at: Millis,
}

/// What came of a run.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelRun)]
struct RunView {
    id: String,
    model: String,
    /// `done`, `failed` or `cancelled`
    state: String,
    people: i64,
    /// People whose value it changed.
    tagged: i64,
    /// Why it failed: `code`, `detail` and `params`.
    #[schema(value_type = Option<Object>)]
    error: Option<Value>,
    started_by: String,
    #[schema(value_type = String)]
    started_at: Millis,
    #[schema(value_type = String)]
    finished_at: Millis,
    /// By kind; null in lists and where the run did not end well.
    #[schema(value_type = Option<Object>)]
    result: Value,
}

fn run_view(run: runs::Model, with_result: bool) -> RunView {
    RunView {
        id: run.id,
        model: run.model,
        state: run.state,
        people: run.people,
        tagged: run.tagged,
        error: run.error.and_then(|e| serde_json::from_str(&e).ok()),
        started_by: run.started_by,
        started_at: run.started_at.0,
        finished_at: run.finished_at.0,
        result: if with_result { run.result.0 } else { Value::Null },
    }
}

impl Room {
    /// In lists without the result, which may be large.
    async fn view(&self, caller: &Caller, model: Model, with_result: bool) -> Result<ModelView> {
        let newest = operations::newest(&self.parts, &model, None).await?;
        // After a run that failed the last good result is still what the tag says.
        let shown = match newest {
            Some(run) if with_result && run.state != "done" => {
                let result = operations::newest_run(&self.parts, &model).await?.map_or(Value::Null, |r| r.result.0);
                Some(RunView { result, ..run_view(run, false) })
            }
            other => other.map(|run| run_view(run, with_result)),
        };
        Ok(ModelView {
            progress: self.runs.of(caller.workspace(), &model.id).map(|r| r.progress()),
            last_run: shown,
            id: model.id,
            name: model.name,
            title: model.title,
            description: model.description,
            kind: model.kind,
            population: model.population.0,
            features: model.features.0,
            settings: model.settings.0,
            every: model.every,
            version: model.version,
            state: model.state,
            tag: model.tag,
            created_by: model.created_by,
            created_at: model.created_at.0,
            updated_at: model.updated_at.0,
        })
    }
}

async fn list_models(State(room): State<Arc<Room>>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<ModelView>> {
    let page = operations::list_models(&room.parts, &caller, &query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for model in page.items {
        items.push(room.view(&caller, model, false).await?);
    }
    Ok(Json(Page { items, next: page.next }))
}

async fn create_model(State(room): State<Arc<Room>>, caller: Caller, Body(draft): Body<ModelDraft>) -> Answer<ModelView> {
    let (name, draft) = draft.draft();
    let model = operations::create_model(&room.parts, &caller, &name, draft).await?;
    Ok(Json(room.view(&caller, model, true).await?))
}

async fn list_model_features(State(room): State<Arc<Room>>, caller: Caller) -> Answer<Page<Suggestion>> {
    let (parts, workspace) = (room.parts.clone(), caller.workspace());
    let items = blocking(move || suggest::suggestions(&parts, workspace, None)).await?;
    Ok(Json(Page { items, next: None }))
}

async fn get_model(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>) -> Answer<ModelView> {
    let model = operations::get_model(&room.parts, &caller, &id).await?;
    Ok(Json(room.view(&caller, model, true).await?))
}

async fn update_model(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>, Body(draft): Body<ModelDraft>) -> Answer<ModelView> {
    let (name, draft) = draft.draft();
    let before = operations::get_model(&room.parts, &caller, &id).await?;
    if !name.is_empty() && name != before.name {
        return Err(Error::conflict("models.name_fixed", "conditions know the tag by this name; it never changes").field("name", "cannot be changed").into());
    }
    let model = operations::update_model(&room.parts, &caller, &id, draft).await?;
    Ok(Json(room.view(&caller, model, true).await?))
}

async fn archive_model(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>) -> Answer<ModelView> {
    let _no_run_meanwhile = room.runs.hold(caller.workspace(), &id)?;
    let model = operations::archive_model(&room.parts, &caller, &id).await?;
    Ok(Json(room.view(&caller, model, true).await?))
}

async fn run_model(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>) -> Answer<ModelView> {
    let model = operations::active(&room.parts, &caller, &id).await?;
    room.runs.start(&caller.scope, model.clone()).await?;
    Ok(Json(room.view(&caller, model, true).await?))
}

async fn cancel_model(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>) -> Answer<ModelView> {
    let model = operations::get_model(&room.parts, &caller, &id).await?;
    if let Some(running) = room.runs.of(caller.workspace(), &id) {
        running.cancel();
    }
    Ok(Json(room.view(&caller, model, true).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RunsQuery {
    /// Items on a page: 50 if nothing is said, 500 at most.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

async fn list_model_runs(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<RunsQuery>) -> Answer<Page<RunView>> {
    let query = ListQuery { limit: query.limit, cursor: query.cursor, ..ListQuery::default() };
    let page = operations::list_runs(&room.parts, &caller, &id, &query).await?;
    Ok(Json(Page { items: page.items.into_iter().map(|r| run_view(r, false)).collect(), next: page.next }))
}

async fn get_model_run(State(room): State<Arc<Room>>, caller: Caller, Path((id, run)): Path<(String, String)>) -> Answer<RunView> {
    Ok(Json(run_view(operations::get_run(&room.parts, &caller, &id, &run).await?, true)))
}

async fn list_model_history(State(room): State<Arc<Room>>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<RunsQuery>) -> Answer<Page<HistoryEntry>> {
    operations::get_model(&room.parts, &caller, &id).await?;
    Ok(Json(room.parts.history(caller.workspace(), &id, query.cursor.as_deref(), items_on_a_page(query.limit)).await?))
}
