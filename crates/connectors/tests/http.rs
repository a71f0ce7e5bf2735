//! Imports over HTTP: uploaded, previewed, watched, cancelled, and gone on with after a restart.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header, request};
use serde_json::{Value, json};
use support::*;
use tower::ServiceExt;
use weft_connectors::{Imports, Settings, context};
use weft_context_kit::http::{Authorizer, Caller, mount, rewrite_verbs};
use weft_context_kit::{CaughtUp, Parts, nameless};
use weft_kernel::{Actor, Error, FakeClock, Result, Scope, SourceId, WorkspaceId};
use weft_meta_store::Rows;
use weft_meta_store::testing::in_memory;
use weft_profile_kv::MemoryStore;

const ORDERS: &str = "no,who,at,sku,qty,price\n1,u1,2024-05-01,A,2,5\n1,u1,2024-05-01,B,1,2.5\n2,u2,2024-05-01,A,x,5\n";
const MAPPING: &str = r#"{"fields":{"order_id":"no","user_id":"who","time":"at","item_id":"sku","quantity":"qty","price":"price"},"time_zone":"UTC"}"#;

/// `Authorization: 1 imports:read` is somebody of workspace 1 who may read imports.
struct Named;
#[async_trait]
impl Authorizer for Named {
    async fn authenticate(&self, parts: &request::Parts) -> Result<Caller> {
        let told = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once(' '));
        let (workspace, permission) = told.ok_or_else(|| Error::unauthenticated("access.not_signed_in", "sign in"))?;
        let workspace = WorkspaceId(workspace.parse().unwrap());
        Ok(Caller { scope: Scope { workspace, actor: Actor::System }, permissions: [permission.to_owned()].into(), by_cookie: false })
    }
}

struct AtOnce;
#[async_trait]
impl CaughtUp for AtOnce {
    async fn wait_for(&self, _: u64) {}
}

struct Bench {
    house: House,
    rows: Rows,
    folder: tempfile::TempDir,
    router: Router,
    imports: Imports,
}

impl Bench {
    async fn new() -> Self {
        let rows = in_memory().await.unwrap();
        Self::again(House::default(), rows, tempfile::tempdir().unwrap()).await
    }

    /// A house on what another left.
    async fn again(house: House, rows: Rows, folder: tempfile::TempDir) -> Self {
        let parts = Parts {
            rows: rows.clone(),
            state: Arc::new(MemoryStore::default()),
            door: Arc::new(house.clone()),
            clock: Arc::new(FakeClock::at(NOW)),
            caught_up: Arc::new(AtOnce),
            names: nameless(),
        };
        let settings = Settings {
            folder: folder.path().join("imports"),
            after: Arc::new(house.clone()),
            source: Arc::new(|_| SourceId::from("src_import")),
            most_bytes: 64 * 1024 * 1024,
            at_once: 1,
        };
        let (context, imports) = context(&parts, settings);
        rows.migrate(context.name, context.migrations).await.unwrap();
        imports.start().await.unwrap();
        Self { house, rows, folder, router: mount(context.routes, Arc::new(Named)), imports }
    }

    async fn call(&self, who: &str, request: request::Builder, body: Body) -> (StatusCode, Vec<u8>) {
        let request = request.header(header::AUTHORIZATION, who).body(body).unwrap();
        let response = self.router.clone().oneshot(rewrite_verbs(request)).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }
    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let (status, body) = self.call("1 imports:read", Request::get(format!("/api/v1{path}")), Body::empty()).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
    async fn post(&self, path: &str, parts: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut body = String::new();
        for (name, content) in parts {
            let file = if *name == "file" { "; filename=\"../订单 2024.csv\"" } else { "" };
            body.push_str(&format!("--seam\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"));
        }
        body.push_str("--seam--\r\n");
        let request = Request::builder().method(Method::POST).uri(format!("/api/v1{path}")).header(header::CONTENT_TYPE, "multipart/form-data; boundary=seam");
        let (status, body) = self.call("1 imports:write", request, Body::from(body)).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
    async fn import(&self, text: &str) -> Value {
        let (status, import) = self.post("/imports", &[("kind", "orders"), ("mapping", MAPPING), ("file", text)]).await;
        assert_eq!(status, StatusCode::OK, "{import}");
        import
    }
}

#[tokio::test]
async fn a_file_is_uploaded_imported_and_accounted_for() {
    let bench = Bench::new().await;
    let import = bench.import(ORDERS).await;
    assert_eq!((&import["state"], &import["kind"], &import["file"]), (&json!("running"), &json!("orders"), &json!("订单 2024.csv")));
    bench.imports.idle().await;
    let id = import["id"].as_str().unwrap();
    assert!(id.starts_with("imp_"));
    let (_, done) = bench.get(&format!("/imports/{id}")).await;
    let counts: Vec<_> = ["state", "rows", "total_rows", "accepted", "rejected", "skipped", "events", "people_created", "has_rejected_file"].iter().map(|k| &done[*k]).collect();
    assert_eq!(json!(counts), json!(["done", 3, 3, 2, 1, 0, 1, 1, true]));
    assert_eq!(done["finished_at"], json!(NOW.rfc3339()));
    assert_eq!(done["mapping"]["currency"], "CNY", "what the workspace says holds where the file says nothing");
    assert_eq!(bench.house.events()[0].text("currency"), Some("CNY"));

    let request = || Request::get(format!("/api/v1/imports/{id}/rejected"));
    let (status, csv) = bench.call("1 imports:read", request(), Body::empty()).await;
    assert_eq!(status, StatusCode::OK);
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains("4,quantity_unreadable,"), "{csv}");
    let left: Vec<_> = std::fs::read_dir(bench.folder.path().join("imports").join(id)).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 1, "the upload is gone, the rejected rows stay: {left:?}");

    let (_, list) = bench.get("/imports?q=2024").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(bench.get("/imports?q=nothing").await.1["items"], json!([]));
    // Somebody of another workspace sees nothing of it.
    assert_eq!(bench.call("2 imports:read", request(), Body::empty()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.call("1 people:read", request(), Body::empty()).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_mapping_is_answered_at_once() {
    let bench = Bench::new().await;
    let wrong = r#"{"fields":{"order_id":"nummer","time":"at","price":"price"}}"#;
    for (parts, code) in [
        (vec![("kind", "orders"), ("mapping", wrong), ("file", ORDERS)], "connectors.column_missing"),
        (vec![("kind", "cats"), ("mapping", MAPPING), ("file", ORDERS)], "connectors.kind_unknown"),
        (vec![("mapping", MAPPING), ("file", ORDERS)], "connectors.part_missing"),
        (vec![("kind", "orders"), ("mapping", MAPPING)], "connectors.file_missing"),
        (vec![("kind", "orders"), ("mapping", "{"), ("file", ORDERS)], "connectors.mapping_unreadable"),
        (vec![("kind", "orders"), ("mapping", MAPPING), ("file", "")], "connectors.file_empty"),
    ] {
        let (status, problem) = bench.post("/imports", &parts).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!(code)));
    }
    assert_eq!(bench.get("/imports").await.1["items"], json!([]));
    let uploads = bench.folder.path().join("imports/.uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0, "nothing is left of refused uploads");
    // A fault that only the rows show ends the import with its reason.
    let import = bench.import("no,who,at,sku,qty,price\n1,u1,1/2/2024,A,2,5\n").await;
    bench.imports.idle().await;
    let (_, failed) = bench.get(&format!("/imports/{}", import["id"].as_str().unwrap())).await;
    assert_eq!((&failed["state"], &failed["error_code"]), (&json!("failed"), &json!("connectors.time_ambiguous")));
    assert_eq!(bench.get("/imports/imp_x").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_preview_shows_columns_rows_and_a_guess() {
    let bench = Bench::new().await;
    let (status, preview) = bench.post("/imports:preview", &[("file", "订单号,手机号,下单时间,实付金额\n1,1380000,2024-05-01,5\n2,1380001,2024-05-01,6\n")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(preview["columns"], json!(["订单号", "手机号", "下单时间", "实付金额"]));
    assert_eq!(preview["rows"][1], json!(["2", "1380001", "2024-05-01", "6"]));
    assert_eq!(preview["kind"], "orders");
    assert_eq!(preview["fields"], json!({"order_id": "订单号", "phone": "手机号", "time": "下单时间", "amount": "实付金额"}));
    assert_eq!((&preview["format"], &preview["encoding"], &preview["delimiter"]), (&json!("delimited"), &json!("UTF-8"), &json!(",")));
    assert_eq!(bench.house.events().len(), 0);
}

fn long() -> String {
    let mut text = "no,who,at,sku,qty,price\n".to_owned();
    (0..12_000).for_each(|n| text.push_str(&format!("{n},u{n},2024-05-01,A,1,5\n")));
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_running_goes_on_after_a_restart() {
    let bench = Bench::new().await;
    let import = bench.import(&long()).await;
    bench.imports.stop().await;
    let id = import["id"].as_str().unwrap().to_owned();
    assert_eq!(bench.get(&format!("/imports/{id}")).await.1["state"], "running", "it is not over, only interrupted");
    let Bench { house, rows, folder, .. } = bench;
    let bench = Bench::again(house, rows, folder).await;
    bench.imports.idle().await;
    let (_, done) = bench.get(&format!("/imports/{id}")).await;
    assert_eq!((&done["state"], &done["rows"], &done["accepted"]), (&json!("done"), &json!(12_000), &json!(12_000)));
    assert_eq!(bench.house.0.lock().unwrap().appended, 12_000);
    let (status, problem) = bench.post(&format!("/imports/{id}:cancel"), &[]).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("connectors.import_not_running")));
}

#[tokio::test]
async fn a_waiting_import_can_be_cancelled() {
    let bench = Bench::new().await;
    let import = bench.import(&long()).await;
    // On one thread nothing of it has run yet.
    let id = import["id"].as_str().unwrap();
    let (status, _) = bench.post(&format!("/imports/{id}:cancel"), &[]).await;
    assert_eq!(status, StatusCode::OK);
    bench.imports.idle().await;
    let (_, cancelled) = bench.get(&format!("/imports/{id}")).await;
    assert_eq!(cancelled["state"], "cancelled");
    assert!(bench.house.events().len() < 12_000);
}
