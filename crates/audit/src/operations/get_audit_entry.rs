//! One entry, with what it was before and after.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use weft_context_kit::Parts;
use weft_http_kit::{Answer, Caller};

use super::list_audit::EntryView;
use crate::kernel::{Error, Result};
use crate::store::find;

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntryDetail)]
pub(crate) struct EntryDetail {
    #[serde(flatten)]
    entry: EntryView,
    before: Option<Value>,
    after: Option<Value>,
    /// The hash of the entry before, empty for the first.
    previous: String,
    hash: String,
}

pub(crate) async fn get_audit_entry(State(parts): State<Parts>, caller: Caller, Path(id): Path<String>) -> Answer<EntryDetail> {
    let absent = || Error::not_found("audit.entry_not_found", "there is no such entry");
    let number = id.parse().map_err(|_| absent())?;
    let entry = find(parts.rows.connection(), caller.workspace(), number).await?.ok_or_else(absent)?;
    let names = parts.names_of_actors(caller.workspace(), std::slice::from_ref(&entry)).await?;
    Ok(Json(EntryDetail {
        entry: EntryView::of(&entry, &names),
        before: read(entry.before.as_deref())?,
        after: read(entry.after.as_deref())?,
        previous: entry.previous,
        hash: entry.hash,
    }))
}

fn read(json: Option<&str>) -> Result<Option<Value>> {
    Ok(json.map(serde_json::from_str).transpose()?)
}
