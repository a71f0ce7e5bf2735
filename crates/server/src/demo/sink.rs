//! The demo's inbox over HTTP: everything that would have left.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use weft_channels::smtp_sink::{SmtpSink, Summary};
use weft_context_kit::{Context, blocking};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_http_kit::{Answer, ListQuery, Lock, QueryOf, Routes, cursor_of};

use crate::kernel::{Error, Millis, Page};

type This = Arc<SmtpSink>;
const READ: Lock = Lock::Permission("channels:read");
/// Looked through at once for a part of an address or subject.
const AT_ONCE: usize = 200;

pub(super) fn room(sink: &This) -> Context {
    let routes = Routes::new()
        .get("list_sink_messages", "/sink/messages", READ, list_sink_messages, sink)
        .summary("The demo's inbox, newest first")
        .lists::<SinkLine>()
        .get("get_sink_message", "/sink/messages/{id}", READ, get_sink_message, sink)
        .summary("One message as it came")
        .gives::<SinkMessage>();
    Context { routes, ..Context::new("sink") }
}

async fn list_sink_messages(State(sink): State<This>, QueryOf(query): QueryOf<ListQuery>) -> Answer<Page<SinkLine>> {
    let before = cursor_of(query.cursor.as_deref())?;
    let page = blocking(move || Ok(list(&sink, before, &query.q.to_lowercase(), query.limit()))).await?;
    Ok(Json(page))
}

fn list(sink: &SmtpSink, mut before: Option<u64>, q: &str, limit: usize) -> Page<SinkLine> {
    let fits = |s: &Summary| q.is_empty() || s.subject.to_lowercase().contains(q) || s.to.iter().any(|to| to.to_lowercase().contains(q));
    let mut found: Vec<Summary> = Vec::new();
    while found.len() <= limit {
        let looked_at = sink.list(before, AT_ONCE);
        let Some(oldest) = looked_at.last().map(|s| s.id) else { break };
        before = Some(oldest);
        found.extend(looked_at.into_iter().filter(fits));
    }
    let next = (found.len() > limit).then(|| found[limit - 1].id.to_string());
    Page { items: found.iter().take(limit).map(line).collect(), next }
}

#[derive(Serialize, ToSchema)]
struct SinkLine {
    id: String,
    to: String,
    from: String,
    subject: String,
    #[schema(value_type = String)]
    at: Millis,
}

fn line(s: &Summary) -> SinkLine {
    SinkLine { id: s.id.to_string(), to: s.to.join(", "), from: s.from.clone(), subject: s.subject.clone(), at: s.at }
}

#[derive(Serialize, ToSchema)]
struct SinkMessage {
    #[serde(flatten)]
    line: SinkLine,
    html: Option<String>,
    text: Option<String>,
    /// Name and value, in the order in which they came.
    #[schema(value_type = Vec<Vec<String>>)]
    headers: Vec<(String, String)>,
}

async fn get_sink_message(State(sink): State<This>, Path(id): Path<String>) -> Answer<SinkMessage> {
    let found = id.parse().ok().and_then(|id| sink.get(id));
    let mail = found.ok_or_else(|| Error::not_found("sink.message_not_found", "this message is not in the inbox, or no longer").param("id", &id))?;
    Ok(Json(SinkMessage { line: line(&mail.summary), html: mail.html, text: mail.text, headers: mail.headers }))
}
