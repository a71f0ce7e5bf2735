//! The built web console, embedded in the binary.

use axum::Router;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/console/dist"]
#[allow_missing = true]
struct Assets;

/// Serves the console at every path that is not another's: the page finds its own way from there.
pub fn router() -> Router {
    Router::new().fallback(serve)
}

async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    match Assets::get(path).filter(|_| !path.is_empty()) {
        Some(file) => asset(path, file),
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => match Assets::get("index.html") {
            Some(page) => asset("index.html", page),
            None => (StatusCode::NOT_FOUND, "The console was not built into this binary: run `make build`. The API is at /api/v1.").into_response(),
        },
    }
}

fn asset(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    // Names under assets/ carry a hash of their content; the page itself does not.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = HeaderValue::from_str(kind.as_ref()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static(cache))], file.data).into_response()
}
