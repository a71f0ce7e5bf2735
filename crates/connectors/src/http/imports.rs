//! Imports as the console and scripts see them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use std::collections::BTreeMap;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use weft_context_kit::{blocking, workspace_of};
use weft_http_kit::{Answer, Caller, ListQuery, Lock, Problem, QueryOf, Routes};
use weft_meta_store::{At, Json as Column};

use crate::background::{Imports, UPLOADS, counts_of};
use crate::http::upload::{self, Upload};
use crate::kernel::{Error, ImportId, Page, Result, WorkspaceId};
use crate::mapping::{Kind, Mapping};
use crate::readers::{ReadOptions, Table};
use crate::store::{self, Counts, Model, RUNNING};
use crate::suggest::suggest;

/// Rows that a preview shows.
const SHOWN: usize = 5;

pub fn routes(imports: &Imports) -> Routes {
    Routes::new()
        .get("list_imports", "/imports", Lock::Permission("imports:read"), list_imports, imports)
        .summary("Imports of files, newest first")
        .lists::<ImportView>()
        .post("create_import", "/imports", Lock::Permission("imports:write"), create_import, imports)
        .summary("Import a file: multipart with the parts file, kind (orders, events, people, things) and mapping (JSON)")
        .gives::<ImportView>()
        .get("get_import", "/imports/{id}", Lock::Permission("imports:read"), get_import, imports)
        .summary("One import, and how far it is")
        .gives::<ImportView>()
        .post("cancel_import", "/imports/{id}:cancel", Lock::Permission("imports:write"), cancel_import, imports)
        .summary("Stop an import after the batch at hand; what was imported stays")
        .gives::<ImportView>()
        .get("get_rejected", "/imports/{id}/rejected", Lock::Permission("imports:read"), get_rejected, imports)
        .summary("The rejected rows as CSV, with line, code and reason; mended, the file can be imported again")
        .post("preview_import", "/imports:preview", Lock::Permission("imports:write"), preview_import, imports)
        .summary("Look at a file (multipart, part file): its columns, first rows and a suggested mapping")
        .gives::<Preview>()
}

#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
struct ImportView {
    id: String,
    kind: String,
    file: String,
    /// `running`, `done`, `failed` or `cancelled`
    state: String,
    /// Rows walked through so far.
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_rows: Option<u64>,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    events: u64,
    people_created: u64,
    /// Is there a file of rejected rows to fetch?
    has_rejected_file: bool,
    mapping: Mapping,
    notes: Vec<String>,
    created_by: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportPreview)]
struct Preview {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// What the file seems to hold.
    kind: Kind,
    /// Field → column, as far as the names of the columns tell.
    fields: BTreeMap<String, String>,
    /// Fields of each kind, for who wants to map by hand.
    known_fields: BTreeMap<String, Vec<String>>,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<char>,
}

fn view(imports: &Imports, row: Model) -> ImportView {
    // While it runs the row knows nothing yet.
    let progress = if row.state == RUNNING { imports.progress(&row.id) } else { None };
    let Counts { rows, total_rows, accepted, rejected, skipped, events, people_created } = progress.map_or(row.counts.0, counts_of);
    ImportView {
        id: row.id,
        kind: row.kind,
        file: row.file,
        state: row.state,
        rows,
        total_rows,
        accepted,
        rejected,
        skipped,
        events,
        people_created,
        has_rejected_file: row.rejected_file.is_some(),
        mapping: row.mapping.0,
        notes: row.notes.0,
        created_by: row.created_by,
        created_at: row.created_at.0.rfc3339(),
        finished_at: row.finished_at.map(|at| at.0.rfc3339()),
        error_code: row.error_code,
        error: row.error,
    }
}

async fn list_imports(State(imports): State<Imports>, caller: Caller, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<ImportView>> {
    let found = store::list(&imports.parts.rows, caller.workspace(), &query.q, query.cursor.as_deref(), query.limit()).await?;
    Ok(Json(found.map(|row| view(&imports, row))))
}

async fn get_import(State(imports): State<Imports>, caller: Caller, Path(id): Path<String>) -> Answer<ImportView> {
    let row = store::find(&imports.parts.rows, caller.workspace(), &id).await?;
    Ok(Json(view(&imports, row)))
}

async fn receive(imports: &Imports, request: Request) -> Result<Upload> {
    upload::receive(request, &imports.settings.folder.join(UPLOADS), imports.settings.most_bytes).await
}

async fn create_import(State(imports): State<Imports>, caller: Caller, request: Request) -> Answer<ImportView> {
    let upload = receive(&imports, request).await?;
    let mapping = mapping_of(&imports, caller.workspace(), &upload).await?;
    // A wrong mapping is answered here and not found out later.
    let (path, checked) = (upload.path(), mapping.clone());
    blocking(move || checked.bind(Table::open(&path, &checked.read_options())?.columns()).map(|_| ())).await?;

    let now = imports.parts.clock.now();
    let row = Model {
        id: ImportId::new().0,
        workspace: i64::from(caller.workspace().0),
        kind: mapping.kind.word().to_owned(),
        file: upload.file_name.clone(),
        stored_as: upload.stored_as.clone(),
        mapping: Column(mapping),
        state: RUNNING.to_owned(),
        counts: Column(Counts::default()),
        notes: Column(Vec::new()),
        rejected_file: None,
        error_code: None,
        error: None,
        created_by: caller.actor().to_string(),
        created_at: At(now),
        finished_at: None,
    };
    // First the file, then the row: a row without its file could never run.
    upload.move_to(&imports.folder(&row.id))?;
    store::insert(&imports.parts.rows, &caller.scope, now, row.clone()).await?;
    imports.spawn(row.clone());
    Ok(Json(view(&imports, row)))
}

/// The mapping of the request; times and sums that say nothing else are in the workspace's zone and currency.
async fn mapping_of(imports: &Imports, workspace: WorkspaceId, upload: &Upload) -> Result<Mapping> {
    let missing = |part: &'static str| Error::invalid("connectors.part_missing", format!("the request has no part \"{part}\"")).field(part, "missing").param("part", part);
    let kind = Kind::read(upload.kind.as_deref().ok_or_else(|| missing("kind"))?.trim())?;
    let mut mapping = Mapping::from_text(kind, upload.mapping.as_deref().ok_or_else(|| missing("mapping"))?)?;
    let state = imports.parts.state.clone();
    let known = blocking(move || workspace_of(&*state, workspace)).await?;
    mapping.time_zone.get_or_insert(known.time_zone);
    if kind == Kind::Orders {
        mapping.currency.get_or_insert(known.currency);
    }
    mapping.check()?;
    Ok(mapping)
}

async fn cancel_import(State(imports): State<Imports>, caller: Caller, Path(id): Path<String>) -> Answer<ImportView> {
    let row = store::find(&imports.parts.rows, caller.workspace(), &id).await?;
    if row.state != RUNNING || !imports.cancel(&id) {
        return Err(Error::conflict("connectors.import_not_running", "this import is not running").param("state", &row.state).into());
    }
    Ok(Json(view(&imports, row)))
}

async fn get_rejected(State(imports): State<Imports>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let row = store::find(&imports.parts.rows, caller.workspace(), &id).await?;
    let none = || Error::not_found("connectors.nothing_rejected", "this import has no rejected rows");
    let name = row.rejected_file.ok_or_else(none)?;
    let file = tokio::fs::File::open(imports.folder(&row.id).join(name)).await.map_err(|_| none())?;
    let mut response = Response::new(Body::from_stream(ReaderStream::new(file)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"rejected.csv\""));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

async fn preview_import(State(imports): State<Imports>, _caller: Caller, request: Request) -> Answer<Preview> {
    let upload = receive(&imports, request).await?;
    let path = upload.path();
    let preview = blocking(move || {
        let table = Table::open(&path, &ReadOptions::default())?;
        let suggestion = suggest(table.columns());
        let shape = table.shape();
        Ok(Preview {
            rows: table.first_rows(SHOWN)?,
            columns: table.columns().to_vec(),
            kind: suggestion.kind,
            fields: suggestion.fields,
            known_fields: Kind::ALL.into_iter().map(|k| (k.word().to_owned(), k.all_fields().map(str::to_owned).collect())).collect(),
            format: shape.format,
            encoding: shape.encoding,
            delimiter: shape.delimiter,
        })
    })
    .await?;
    Ok(Json(preview))
}
