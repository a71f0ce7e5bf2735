//! The doors of the Sensors protocol.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::gate::{Delivered, Gate};
use crate::http::answer::{pixel, received, refusal};
use crate::kernel::Result;
use crate::protocols::sensors::{self, Form, MAX_BODY};

/// `/sa`, and `POST /sa.gif`, to which the web client turns `/sa`: a form, whatever its content type says.
pub(super) async fn collect(State(gate): State<Gate>, RawQuery(query): RawQuery, body: Result<Bytes, BytesRejection>) -> Response {
    match take(&gate, query.as_deref(), received(body, MAX_BODY), false).await {
        Ok(delivered) => Json(delivered.told()).into_response(),
        Err(error) => refusal(&error),
    }
}

/// `GET /sa.gif`: the browser shows the answer as a picture.
pub(super) async fn collect_by_image(State(gate): State<Gate>, RawQuery(query): RawQuery) -> Response {
    match take(&gate, query.as_deref(), Ok(Bytes::new()), false).await {
        Ok(_) => pixel(),
        Err(error) => refusal(&error),
    }
}

/// `/debug`: as `/sa`, but anything refused makes it fail; with `Dry-Run: true` it only looks.
/// The web client takes an empty object for success.
pub(super) async fn check(State(gate): State<Gate>, RawQuery(query): RawQuery, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let only_look = headers.get("dry-run").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"true"));
    match take(&gate, query.as_deref(), received(body, MAX_BODY), only_look).await {
        Ok(delivered) if delivered.refused.is_empty() => Json(serde_json::json!({})).into_response(),
        Ok(delivered) => Json(delivered.told()).into_response(),
        Err(error) => refusal(&error),
    }
}

async fn take(gate: &Gate, query: Option<&str>, body: Result<Bytes>, only_look: bool) -> Result<Delivered> {
    let mut form = Form::default();
    form.read(query.unwrap_or_default().as_bytes());
    if let Ok(body) = &body {
        form.read(body);
    }
    // Many servers name the project and have no token: then the project is the key.
    let keys = [form.token.take(), form.project.take()];
    let stamp = gate.stamp(keys.into_iter().flatten()).inspect_err(|error| gate.refused(None, error))?;
    let parsed = body.and_then(|_| sensors::parse(&form, &stamp)).inspect_err(|error| gate.refused(Some(&stamp), error))?;
    if !only_look {
        return gate.deliver(&stamp, parsed).await;
    }
    match parsed.refused.first() {
        Some(first) => Err(crate::kernel::Error::invalid(first.code, first.detail.clone()).param("index", first.index)),
        None => Ok(Delivered { accepted: parsed.accepted.len(), refused: Vec::new() }),
    }
}
