//! The doors of the Segment protocol.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::body;
use crate::gate::{Delivered, Gate};
use crate::http::answer::{pixel, received, refusal};
use crate::kernel::{Error, Result};
use crate::protocols::segment::{self, Call, MAX_BODY};

/// `POST /v1/{call}`: the body is JSON, whatever its content type says. Browsers call it text to spare a preflight.
pub(super) async fn collect(
    State(gate): State<Gate>,
    Path(call): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = received(body, MAX_BODY).and_then(|body| decoded(&headers, body));
    match take(&gate, &call, &headers, query.as_deref(), body).await {
        Ok(delivered) => Json(delivered.told()).into_response(),
        Err(error) => refusal(&error),
    }
}

/// `GET /v1/pixel/{call}?data=…`: the call as base 64, for mails and pages without scripts. Answers a picture in any case
/// but an error: a broken picture is what a mail shows.
pub(super) async fn collect_by_pixel(State(gate): State<Gate>, Path(call): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let data = parameter(query.as_deref(), "data").unwrap_or_default();
    let plain = data.trim_end_matches('=').replace(' ', "+").replace('+', "-").replace('/', "_");
    let body = BASE64_URL_SAFE_NO_PAD.decode(plain).map(Bytes::from);
    let body = body.map_err(|e| Error::invalid("collect.bad_base64", format!("data is not base 64: {e}")));
    match take(&gate, &call, &headers, query.as_deref(), body).await {
        Ok(_) => pixel(),
        Err(error) => refusal(&error),
    }
}

async fn take(gate: &Gate, call: &str, headers: &HeaderMap, query: Option<&str>, body: Result<Bytes>) -> Result<Delivered> {
    let keys = [basic_user(headers), parameter(query, "writeKey"), body.as_ref().ok().and_then(|b| key_in(headers, b))];
    let stamp = gate.stamp(keys.into_iter().flatten()).inspect_err(|error| gate.refused(None, error))?;
    let parsed = body.and_then(|body| {
        let unknown = || Error::not_found("collect.unknown_call", "the calls are track, identify, page, screen, group, alias and batch");
        let call = Call::of_path(call).ok_or_else(unknown)?;
        segment::parse(call, &body, &stamp)
    });
    let parsed = parsed.inspect_err(|error| gate.refused(Some(&stamp), error))?;
    gate.deliver(&stamp, parsed).await
}

/// Undoes the content encoding.
fn decoded(headers: &HeaderMap, body: Bytes) -> Result<Bytes> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("identity").trim().to_ascii_lowercase();
    if !matches!(encoding.as_str(), "" | "identity" | "gzip" | "x-gzip") {
        return Err(Error::invalid("collect.encoding_unknown", "send the body as it is, or with Content-Encoding: gzip"));
    }
    match body::unzipped(&body, MAX_BODY)? {
        std::borrow::Cow::Borrowed(_) => Ok(body),
        std::borrow::Cow::Owned(plain) => Ok(Bytes::from(plain)),
    }
}

/// The write key is the user name; the password is empty.
fn basic_user(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    decoded.split(':').next().map(str::to_owned)
}

/// Only looked for when no header says it: it means reading the whole body once more.
fn key_in(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    if headers.contains_key(header::AUTHORIZATION) { None } else { segment::write_key(body) }
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
