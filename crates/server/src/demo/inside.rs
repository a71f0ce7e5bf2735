//! The house's own HTTP face, without a network: what the demo sets up, and what its people click, goes in as a stranger's would.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::Value;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::house::House;

const MOST_BYTES: usize = 16 << 20;

#[derive(Clone)]
pub struct Inside {
    router: Router,
    api_key: String,
}

impl Inside {
    pub(super) fn new(router: Router, api_key: &str) -> Self {
        Self { router, api_key: api_key.to_owned() }
    }

    /// Below `/api/v1`, with the administrator's key.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let request = Request::builder()
            .method(method.clone())
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.api_key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |b| Body::from(b.to_string())))?;
        let (status, text) = answer(self.router.clone(), request).await?;
        if !status.is_success() {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&text));
        }
        serde_json::from_slice(&text).with_context(|| format!("{method} {path}"))
    }
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// A link of a message, followed by somebody without a key. The status it was answered with.
    pub(super) async fn follow(self, method: Method, path: String) -> anyhow::Result<StatusCode> {
        let body = if method == Method::POST { Body::from("List-Unsubscribe=One-Click") } else { Body::empty() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)?;
        Ok(answer(self.router, request).await?.0)
    }
}

async fn answer(router: Router, request: Request<Body>) -> anyhow::Result<(StatusCode, Vec<u8>)> {
    let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
    let status = response.status();
    Ok((status, axum::body::to_bytes(response.into_body(), MOST_BYTES).await?.to_vec()))
}

/// Waits for something that waits for the pipeline, while the past is told and nothing goes by itself.
pub(super) async fn attended<T>(house: &Arc<House>, work: impl Future<Output = T>) -> anyhow::Result<T> {
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(house.pipeline.clone().run(stopped));
    let done = work.await;
    stop.send_replace(true);
    running.await?;
    if let Some(error) = house.pipeline.failed() {
        return Err(error.into());
    }
    Ok(done)
}
