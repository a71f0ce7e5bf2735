//! One router: the API behind its locks, the doors for outsiders, the console, and the signs of life.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, body::Body};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use weft_context_kit::Context;
use weft_http_kit::{Document, Info, Routes, mount, problem, rewrite_verbs};

use crate::house::House;
use crate::kernel::Error;
use crate::live;

const INFO: Info = Info { title: "Weft", version: env!("CARGO_PKG_VERSION"), description: "The marketing cloud's management and data API." };
/// Scripts only from here; nothing from elsewhere. Previews of messages are shown in sandboxed frames.
const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
                   frame-src 'self' blob: data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

pub(crate) fn router(house: Arc<House>, rooms: Vec<Context>) -> Router {
    let mut routes = Routes::new();
    let mut open = Router::new();
    for room in rooms {
        routes = routes.and(room.routes);
        open = open.merge(room.open);
    }
    let routes = routes.and(live::routes(&house));
    let document = Arc::new(Document::of(&INFO, &routes).0);
    let api = mount(routes, Arc::new(house.access.clone())).layer(axum::extract::DefaultBodyLimit::max(64 << 20));
    let documented = Router::new()
        .route("/api/v1/openapi.json", get(move || async move { Json((*document).clone()) }))
        .route("/api/{*rest}", axum::routing::any(unknown_call));
    let own = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(house);
    let console = weft_console::router().layer(CompressionLayer::new()).layer(middleware::from_fn(guard_page));
    let inner = Router::new().merge(open).merge(own).merge(api).merge(documented).merge(console);
    // Verbs are rewritten before anything is routed.
    Router::new().fallback(move |request: Request<Body>| {
        let inner = inner.clone();
        async move { inner.oneshot(rewrite_verbs(request)).await.into_response() }
    })
}

async fn unknown_call(request: Request) -> Response {
    if request.uri().path().starts_with("/api/v1/sink/") {
        return problem(&Error::not_found("sink.absent", "the inbox exists only in `weft demo`"));
    }
    let what = format!("there is no {} {}; see /api/v1/openapi.json", request.method(), request.uri().path());
    problem(&Error::not_found("http.unknown_call", what))
}

async fn guard_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn ready(State(house): State<Arc<House>>) -> Response {
    match house.bus.failed().or_else(|| house.pipeline.failed().map(|e| e.to_string())) {
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
        None => "ready".into_response(),
    }
}

/// Prometheus text. Names say their unit.
async fn metrics(State(house): State<Arc<House>>) -> String {
    let lines = [
        ("weft_log_next_position", "Position the next record of the log will have.", house.bus.next()),
        ("weft_pipeline_position", "Last log position in the state.", house.pipeline.position()),
        ("weft_pipeline_lag_records", "Records in the log that are not in the state yet.", house.pipeline.lag()),
        ("weft_log_failed", "1 when the log takes no more records.", u64::from(house.bus.failed().is_some())),
        ("weft_state_disk_bytes", "Size of the state on disk.", house.parts.state.disk_bytes()),
        ("weft_uptime_seconds", "Since the start.", house.started.elapsed().as_secs()),
    ];
    lines.iter().map(|(name, help, value)| format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")).collect()
}
