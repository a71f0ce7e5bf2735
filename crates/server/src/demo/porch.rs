//! Who comes while the history is still being told is answered at once, and let in as soon as it is told.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tower::ServiceExt;

use crate::kernel::Error;

/// Seconds after which a waiting page asks again.
const AGAIN: u32 = 2;

/// Stands before the house until its door is opened.
#[derive(Default)]
pub struct Porch {
    house: OnceLock<Router>,
    percent: AtomicU32,
}

impl Porch {
    pub fn tell(&self, share: f64) {
        self.percent.store((share * 100.0) as u32, Ordering::Relaxed);
    }
    /// From now on everybody is let in.
    pub fn open(&self, house: Router) {
        let _ = self.house.set(house);
    }
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(let_in).with_state(self)
    }

    fn wait(&self, path: &str) -> Response {
        let percent = self.percent.load(Ordering::Relaxed);
        let again = [(header::RETRY_AFTER, AGAIN.to_string()), (header::CACHE_CONTROL, "no-store".to_owned())];
        if path == "/healthz" {
            return "ok".into_response();
        }
        if path.starts_with("/api/") || path == "/readyz" {
            let error = Error::unavailable("demo.preparing", format!("the demo's history is being made, {percent} % are there; ask again soon")).param("percent", percent);
            return (again, weft_http_kit::problem(&error)).into_response();
        }
        (StatusCode::SERVICE_UNAVAILABLE, again, Html(page(percent))).into_response()
    }
}

async fn let_in(State(porch): State<Arc<Porch>>, request: Request) -> Response {
    match porch.house.get() {
        Some(house) => house.clone().oneshot(request).await.into_response(),
        None => porch.wait(request.uri().path()),
    }
}

fn page(percent: u32) -> String {
    format!(
        "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"{AGAIN}\">\
         <title>Weft</title><style>body{{font:16px/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}}progress{{width:100%}}h1{{font-size:1.25rem}}</style>\
         <main><h1>正在准备演示 · Preparing the demo</h1><progress max=\"100\" value=\"{percent}\">{percent} %</progress>\
         <p>正在写入品牌过去几个月的数据，完成后会自动打开。</p><p>Some months of a brand’s life are being written; this page opens by itself.</p></main></html>"
    )
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;

    use super::*;

    async fn ask(porch: &Arc<Porch>, path: &str) -> (StatusCode, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = porch.clone().router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn who_comes_early_is_told_how_long_and_then_let_in() {
        let porch = Arc::new(Porch::default());
        porch.tell(0.42);
        let (status, body) = ask(&porch, "/").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("value=\"42\"") && body.contains("refresh"), "{body}");
        let (status, body) = ask(&porch, "/api/v1/home").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("demo.preparing"), "{body}");
        assert_eq!(ask(&porch, "/healthz").await.0, StatusCode::OK);
        porch.open(Router::new().route("/", get(|| async { "in" })));
        assert_eq!(ask(&porch, "/").await, (StatusCode::OK, "in".to_owned()));
    }
}
