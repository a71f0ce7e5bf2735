//! A room to test in: its routes, a door that only collects, and the recorded requests of real clients.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod recorded;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;
use tower::ServiceExt;
use weft_collect::{Handles, SourceKind, context};
use weft_context_kit::pipeline::FrontDoor;
use weft_context_kit::{CaughtUp, Context, Parts, nameless};
use weft_kernel::{Actor, Clock, Control, Error, Event, FakeClock, Millis, Record, Result, Scope, WorkspaceId};
use weft_meta_store::Rows;
use weft_meta_store::testing::in_memory;
use weft_profile_kv::MemoryStore;

pub const WORKSPACE: WorkspaceId = WorkspaceId(3);
pub const KEY: &str = "TEST_WRITE_KEY";

/// Keeps what comes in; can be broken, and can be held so that nothing gets through until it is released.
pub struct Collector {
    pub clock: FakeClock,
    pub appended: Mutex<Vec<Vec<Record>>>,
    pub broken: AtomicBool,
    pub held: tokio::sync::RwLock<()>,
    pub knocks: tokio::sync::Notify,
}

impl Collector {
    pub fn events(&self) -> Vec<Event> {
        let appended = self.appended.lock();
        let events = appended.iter().flatten().filter_map(|r| if let Record::Event(e) = r { Some((**e).clone()) } else { None });
        events.collect()
    }
    pub fn controls(&self) -> Vec<Control> {
        let appended = self.appended.lock();
        let controls = appended.iter().flatten().filter_map(|r| if let Record::Control(c) = r { Some((**c).clone()) } else { None });
        controls.collect()
    }
    /// `(source, reason, count)` of all that was told to be refused, in a workspace.
    pub fn refused(&self, workspace: WorkspaceId) -> Vec<(String, u64)> {
        let controls = self.controls();
        let told = controls.iter().filter(|c| c.workspace == workspace && c.room == "collect" && c.what == "refused");
        told.map(|c| (c.body["reason"].as_str().unwrap().to_owned(), c.body["count"].as_u64().unwrap())).collect()
    }
    pub fn clock_now(&self) -> Millis {
        self.clock.now()
    }
    pub fn clear(&self) {
        self.appended.lock().clear();
    }
}

#[async_trait]
impl FrontDoor for Collector {
    async fn accept(&self, events: Vec<Event>) -> Result<u64> {
        let records = events.into_iter().map(|e| Record::Event(Box::new(e)).encode().map(Bytes::from)).collect::<Result<Vec<_>>>()?;
        self.append(records).await
    }
    async fn control(&self, control: Control) -> Result<u64> {
        self.append(vec![Bytes::from(Record::Control(Box::new(control)).encode()?)]).await
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        self.knocks.notify_one();
        let _open = self.held.read().await;
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::unavailable("stream_bus.disk_full", "no space left"));
        }
        let records = records.iter().map(|r| Record::decode(r).expect("what collect writes, the kernel reads")).collect();
        let mut appended = self.appended.lock();
        appended.push(records);
        Ok(appended.len() as u64)
    }
    fn now(&self) -> Millis {
        self.clock.now()
    }
}

struct AtOnce;
#[async_trait]
impl CaughtUp for AtOnce {
    async fn wait_for(&self, _: u64) {}
}

pub struct Bench {
    pub door: Arc<Collector>,
    pub open: Router,
    pub handles: Handles,
    pub context: Context,
    pub source: String,
    pub rows: Rows,
}

pub fn scope() -> Scope {
    Scope { workspace: WORKSPACE, actor: Actor::System }
}

impl Bench {
    /// A room with a source for each key of the recordings.
    pub async fn new() -> Self {
        let clock = FakeClock::at(Millis::parse("2026-11-22T04:00:00Z").unwrap());
        let door = Arc::new(Collector {
            clock: clock.clone(),
            appended: Mutex::default(),
            broken: AtomicBool::new(false),
            held: tokio::sync::RwLock::new(()),
            knocks: tokio::sync::Notify::new(),
        });
        let rows = in_memory().await.unwrap();
        let state = Arc::new(MemoryStore::default());
        let parts = Parts { rows: rows.clone(), state, door: door.clone(), clock: Arc::new(clock), caught_up: Arc::new(AtOnce), names: nameless() };
        let (mut context, handles) = context(&parts);
        rows.migrate("collect", std::mem::take(&mut context.migrations)).await.unwrap();
        handles.start().await.unwrap();
        let mut source = String::new();
        for (name, key) in [("browser", "WKEY"), ("sensors", "TOK1"), ("server", KEY)] {
            let id = handles.sources().ensure(&scope(), Millis(0), name, SourceKind::Server, Some(key)).await.unwrap();
            source = id.0;
        }
        Self { door, open: context.open.clone(), handles, context, source, rows }
    }

    pub async fn send(&self, request: Request<Body>) -> Response {
        self.open.clone().oneshot(request).await.unwrap()
    }

    /// Posts JSON with the right key.
    pub async fn post(&self, path: &str, body: impl Into<Body>) -> (StatusCode, Value) {
        read(self.send(request(Method::POST, path, body)).await).await
    }
}

/// A request with the right key.
pub fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    let credentials = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{KEY}:"));
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Basic {credentials}")).body(body.into()).unwrap()
}

pub async fn bytes(response: Response) -> Bytes {
    axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap()
}

pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = bytes(response).await;
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
