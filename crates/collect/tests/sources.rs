//! Sources: made, listed and deleted by those who may; their keys open the door while they are there.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use support::{Bench, WORKSPACE, read, scope};
use tower::ServiceExt;
use weft_collect::SourceKind;
use weft_context_kit::http::{Authorizer, Caller, Document, Info, mount};
use weft_kernel::{Actor, Error, Millis, Result, Scope, WorkspaceId};

/// The header says what the caller may, and where.
struct Trusting;
#[async_trait]
impl Authorizer for Trusting {
    async fn authenticate(&self, parts: &Parts) -> Result<Caller> {
        let may = parts.headers.get("may").ok_or_else(|| Error::unauthenticated("access.not_signed_in", "sign in"))?;
        let workspace = parts.headers.get("workspace").map_or(WORKSPACE, |w| WorkspaceId(w.to_str().unwrap().parse().unwrap()));
        let permissions = may.to_str().unwrap().split(' ').map(str::to_owned).collect();
        Ok(Caller { scope: Scope { workspace, actor: Actor::System }, permissions, by_cookie: false })
    }
}

struct Office {
    bench: Bench,
    api: Router,
}

impl Office {
    async fn new() -> Self {
        let mut bench = Bench::new().await;
        let api = mount(std::mem::take(&mut bench.context.routes), Arc::new(Trusting));
        Self { bench, api }
    }
    async fn call(&self, may: &str, workspace: u32, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}")).header("may", may).header("workspace", workspace);
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        read(self.api.clone().oneshot(request.body(body).unwrap()).await.unwrap()).await
    }
    async fn knock(&self, key: &str) -> StatusCode {
        let body = json!({"event": "e", "userId": "u", "writeKey": key}).to_string();
        self.bench.send(Request::post("/v1/track").body(Body::from(body)).unwrap()).await.status()
    }
}

#[tokio::test]
async fn a_source_lives_from_its_making_to_its_deletion() {
    let office = Office::new().await;
    let (status, made) = office.call("sources:write", 3, "POST", "/sources", &json!({"name": " 官网 ", "kind": "web"})).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let (id, key) = (made["id"].as_str().unwrap(), made["write_key"].as_str().unwrap());
    assert!(id.starts_with("src_") && key.len() == 26);
    assert_eq!((made["name"].as_str(), made["kind"].as_str(), made["created_at"].as_str()), (Some("官网"), Some("web"), Some("2026-11-22T04:00:00.000Z")));
    assert_eq!(office.knock(key).await, StatusCode::OK);
    assert_eq!(office.bench.door.events()[0].source.as_str(), id);

    let (_, list) = office.call("sources:read", 3, "GET", "/sources?q=%E5%AE%98", &Value::Null).await;
    assert_eq!(list["items"], json!([made]));
    let (_, all) = office.call("sources:read", 3, "GET", "/sources?limit=3", &Value::Null).await;
    assert_eq!((all["items"].as_array().unwrap().len(), all["next"].is_string()), (3, true));

    let (status, gone) = office.call("sources:write", 3, "DELETE", &format!("/sources/{id}"), &Value::Null).await;
    assert_eq!((status, &gone), (StatusCode::OK, &made));
    assert_eq!(office.knock(key).await, StatusCode::UNAUTHORIZED);
    let (status, problem) = office.call("sources:write", 3, "DELETE", &format!("/sources/{id}"), &Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::NOT_FOUND, Some("collect.source_not_found")));
}

#[tokio::test]
async fn nobody_does_what_she_may_not() {
    let office = Office::new().await;
    let new = json!({"name": "x", "kind": "web"});
    for (may, method, path, body) in [
        ("sources:read", "POST", "/sources", &new),
        ("sources:read", "DELETE", "/sources/src_1", &Value::Null),
        ("sources:write", "GET", "/sources", &Value::Null),
        ("people:read", "GET", "/sources", &Value::Null),
    ] {
        let (status, problem) = office.call(may, 3, method, path, body).await;
        assert_eq!((status, problem["code"].as_str()), (StatusCode::FORBIDDEN, Some("access.denied")), "{may} {method}");
    }
    let unsigned = Request::get("/api/v1/sources").body(Body::empty()).unwrap();
    assert_eq!(office.api.clone().oneshot(unsigned).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // Another workspace sees and deletes nothing of ours.
    let (_, list) = office.call("*", 9, "GET", "/sources", &Value::Null).await;
    assert_eq!(list, json!({"items": []}));
    let (status, _) = office.call("*", 9, "DELETE", &format!("/sources/{}", office.bench.source), &Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_makes_no_source_is_told() {
    let office = Office::new().await;
    for (body, status, code) in [
        (json!({"name": "browser", "kind": "web"}), 409, "collect.source_taken"),
        (json!({"name": "  ", "kind": "web"}), 400, "collect.source_name_invalid"),
        (json!({"name": "x".repeat(101), "kind": "web"}), 400, "collect.source_name_invalid"),
        (json!({"name": "x", "kind": "internal"}), 400, "collect.kind_invalid"),
        (json!({"name": "x", "kind": "fax"}), 400, "http.body_invalid"),
        (json!({"name": "x"}), 400, "http.body_invalid"),
    ] {
        let (found, problem) = office.call("*", 3, "POST", "/sources", &body).await;
        assert_eq!((found.as_u16(), problem["code"].as_str()), (status, Some(code)), "{body}");
    }
    // The same name in another workspace is another source.
    assert_eq!(office.call("*", 9, "POST", "/sources", &json!({"name": "browser", "kind": "web"})).await.0, StatusCode::OK);
}

#[tokio::test]
async fn ensuring_twice_is_ensuring_once() {
    let office = Office::new().await;
    let sources = office.bench.handles.sources();
    let first = sources.ensure(&scope(), Millis(5), "imports", SourceKind::Import, None).await.unwrap();
    assert_eq!(sources.ensure(&scope(), Millis(6), "imports", SourceKind::Import, None).await.unwrap(), first);
    let (status, problem) = office.call("*", 3, "DELETE", &format!("/sources/{first}"), &Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("collect.source_is_ours")));
    let (_, list) = office.call("*", 3, "GET", "/sources?q=imports", &Value::Null).await;
    assert!(list["items"][0].get("write_key").is_none());
    // The key of the bootstrap opens the door at once, and belongs to one source.
    let key = "bootstrap-key-of-the-first-start";
    sources.ensure(&scope(), Millis(7), "first", SourceKind::Web, Some(key)).await.unwrap();
    assert_eq!(office.knock(key).await, StatusCode::OK);
    let taken = sources.ensure(&scope(), Millis(8), "second", SourceKind::Web, Some(key)).await.unwrap_err();
    assert_eq!(taken.code, "collect.source_taken");
}

#[tokio::test]
async fn the_operations_are_described() {
    let bench = Bench::new().await;
    let document = Document::of(&Info { title: "t", version: "1", description: "d" }, &bench.context.routes).0;
    assert_eq!(document["paths"]["/api/v1/sources"]["post"]["x-permission"], "sources:write");
    assert_eq!(document["paths"]["/api/v1/sources/{id}"]["delete"]["operationId"], "delete_source");
    assert_eq!(document["components"]["schemas"]["SourceKind"]["enum"][2], "mini_program");
    assert!(document["components"]["schemas"]["Source"]["properties"]["write_key"].is_object());
}

#[tokio::test]
async fn keys_are_never_in_the_audit() {
    let office = Office::new().await;
    let (_, made) = office.call("*", 3, "POST", "/sources", &json!({"name": "audited", "kind": "app"})).await;
    let key = made["write_key"].as_str().unwrap();
    use weft_meta_store::sea_orm::EntityTrait;
    let rows = office.bench.rows.connection();
    let entries = weft_meta_store::audit_entry::Entity::find().all(rows).await.unwrap();
    let entry = entries.iter().find(|e| e.operation == "create_source").unwrap();
    assert_eq!(entry.target, made["id"].as_str().unwrap());
    assert!(entry.after.as_deref().unwrap().contains("audited") && !entry.after.as_deref().unwrap().contains(key));
}
