//! Answers that only the collection doors give.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::body::{self, TOO_LARGE};
use crate::http_kit::problem;
use crate::kernel::Error;

/// A transparent picture of one pixel.
const PIXEL: &[u8; 43] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

pub(super) fn pixel() -> Response {
    ([(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store")], PIXEL.as_slice()).into_response()
}

/// The problem of an error. The kinds of the house have no "too large"; here it has a status of its own,
/// because clients split their batches when they see it.
pub(super) fn refusal(error: &Error) -> Response {
    if !matches!(error.code, TOO_LARGE | "collect.event_too_large") {
        return problem(error);
    }
    let body = serde_json::json!({
        "type": format!("/docs/errors/{}", error.code),
        "status": StatusCode::PAYLOAD_TOO_LARGE.as_u16(),
        "code": error.code,
        "title": "Too large",
        "detail": error.detail,
        "fields": error.fields,
        "params": error.params,
        "trace_id": uuid::Uuid::new_v4().simple().to_string(),
    });
    (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONTENT_TYPE, "application/problem+json")], Json(body)).into_response()
}

/// The body, or why it could not be read: too large for `limit`, or broken off.
pub(super) fn received(body: Result<Bytes, BytesRejection>, limit: usize) -> Result<Bytes, Error> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => body::too_large(limit),
        _ => Error::invalid("collect.body_unreadable", "the body broke off"),
    })
}
