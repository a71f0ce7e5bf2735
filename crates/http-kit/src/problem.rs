//! Errors as problem JSON (RFC 9457): code, title, detail, fields, trace_id. One mapping from kinds to status.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::kernel::{Error, ErrorKind};

/// What every handler answers: its value, or a problem.
pub type Answer<T> = std::result::Result<Json<T>, Problem>;

/// An error on its way out.
#[derive(Clone, Debug)]
pub struct Problem(pub Error);

impl From<Error> for Problem {
    fn from(e: Error) -> Self {
        Self(e)
    }
}

pub fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn title(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "The request is not valid",
        ErrorKind::Unauthenticated => "Sign in first",
        ErrorKind::Denied => "Not allowed",
        ErrorKind::NotFound => "Not found",
        ErrorKind::Conflict => "In conflict with what is there",
        ErrorKind::Limited => "Too much at once",
        ErrorKind::TimedOut => "It took too long",
        ErrorKind::Unavailable => "Not available now",
        ErrorKind::Bug => "A fault of ours",
    }
}

/// The answer for an error, with a trace id that also stands in the log.
pub fn problem(error: &Error) -> Response {
    let trace_id = uuid::Uuid::new_v4().simple().to_string();
    let hidden = error.kind == ErrorKind::Bug;
    if hidden {
        tracing::error!(%trace_id, code = error.code, detail = %error.detail, "answered with a fault of ours");
    }
    let detail = if hidden { "Something broke inside. It has been logged; quote the trace id." } else { error.detail.as_str() };
    let body = json!({
        "type": format!("/docs/errors/{}", error.code),
        "status": status(error.kind).as_u16(),
        "code": error.code,
        "title": title(error.kind),
        "detail": detail,
        "fields": error.fields,
        "params": error.params,
        "trace_id": trace_id,
    });
    let mut response = (status(error.kind), Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if matches!(error.kind, ErrorKind::Limited | ErrorKind::Unavailable) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        problem(&self.0)
    }
}
