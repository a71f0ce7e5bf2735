//! A house of which only the gate stands: requests go through the router, time is set by hand.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tower::ServiceExt;
use weft_access::{Access, Settings, context};
use weft_context_kit::{CaughtUp, Parts, nameless};
use weft_event_pipeline::FrontDoor;
use weft_http_kit::{mount, rewrite_verbs};
use weft_kernel::{Clock, Control, Event, FakeClock, Millis, Result};
use weft_meta_store::testing::in_memory;
use weft_meta_store::{Outbox, Rows};

pub const NOON: Millis = Millis(1_795_316_412_045);
pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "looms weave at night";

/// A log that remembers what it was told.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Control>>>);

#[async_trait]
impl FrontDoor for Log {
    async fn accept(&self, _: Vec<Event>) -> Result<u64> {
        Ok(0)
    }
    async fn control(&self, control: Control) -> Result<u64> {
        let mut controls = self.0.lock();
        controls.push(control);
        Ok(controls.len() as u64)
    }
    async fn append(&self, _: Vec<Bytes>) -> Result<u64> {
        Ok(0)
    }
    fn now(&self) -> Millis {
        NOON
    }
}
#[async_trait]
impl CaughtUp for Log {
    async fn wait_for(&self, _: u64) {}
}

pub struct Bench {
    pub rows: Rows,
    pub clock: FakeClock,
    pub access: Access,
    pub parts: Parts,
    pub log: Log,
    pub house: Router,
    _outbox: Outbox,
}

pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    /// The whole `Set-Cookie`.
    pub set_cookie: Option<String>,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
    /// The session cookie as a browser would send it back.
    pub fn cookie(&self) -> String {
        self.set_cookie.as_deref().and_then(|c| c.split(';').next()).expect("a cookie").to_owned()
    }
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }
    pub fn refused(self, status: StatusCode, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        self
    }
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    Nobody,
    Key(&'a str),
    /// The console: cookie and header.
    Cookie(&'a str),
    /// A foreign page: the cookie without the header.
    BareCookie(&'a str),
    /// Nobody yet, at this address of the network.
    From(&'a str),
}

impl Bench {
    pub async fn new() -> Self {
        Self::on(in_memory().await.unwrap()).await
    }

    pub async fn on(rows: Rows) -> Self {
        let clock = FakeClock::at(NOON);
        let log = Log::default();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let state = weft_profile_kv::open("memory:", weft_profile_kv::Options::default()).unwrap();
        let parts = Parts { rows: rows.clone(), state, door: Arc::new(log.clone()), clock: shared.clone(), caught_up: Arc::new(log.clone()), names: nameless() };
        let access = Access::new(rows.clone(), shared, Settings { behind_proxy: true, ..Settings::default() });
        let room = context(&parts, &access);
        rows.migrate(room.name, room.migrations).await.unwrap();
        let door = log.clone();
        let outbox = Outbox::new(rows.clone(), move |control| {
            let door = door.clone();
            async move { door.control(control).await }
        });
        let house = mount(room.routes, Arc::new(access.clone()));
        Self { rows, clock, access, parts, log, house, _outbox: outbox }
    }

    pub async fn ask(&self, who: Who<'_>, method: &str, path: &str, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        request = match who {
            Who::Nobody => request,
            Who::Key(key) => request.header(header::AUTHORIZATION, format!("Bearer {key}")),
            Who::Cookie(cookie) => request.header(header::COOKIE, cookie).header("x-weft-console", "1"),
            Who::BareCookie(cookie) => request.header(header::COOKIE, cookie),
            Who::From(address) => request.header("x-forwarded-for", address),
        };
        self.send(request.body(Body::from(if body.is_null() { String::new() } else { body.to_string() })).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.house.clone().oneshot(rewrite_verbs(request)).await.unwrap();
        let status = response.status();
        let set_cookie = response.headers().get(header::SET_COOKIE).map(|v| v.to_str().unwrap().to_owned());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), set_cookie }
    }

    pub async fn get(&self, who: Who<'_>, path: &str) -> Answer {
        self.ask(who, "GET", path, Value::Null).await
    }

    /// Sets the house up and answers the administrator's cookie.
    pub async fn set_up(&self) -> String {
        let token = self.access.setup_token().await.unwrap().expect("nobody is there yet");
        self.ask(Who::Nobody, "POST", "/setup", setup(&token)).await.ok().cookie()
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.sign_in_from("203.0.113.1", email, password).await
    }
    pub async fn sign_in_from(&self, address: &str, email: &str, password: &str) -> Answer {
        self.ask(Who::From(address), "POST", "/session", json!({"email": email, "password": password})).await
    }

    pub async fn key(&self, cookie: &str, permissions: &[&str]) -> (String, String) {
        let made = self.ask(Who::Cookie(cookie), "POST", "/keys", json!({"name": "program", "permissions": permissions})).await.ok();
        (made.body["id"].as_str().unwrap().to_owned(), made.body["key"].as_str().unwrap().to_owned())
    }

    /// A new member and her cookie.
    pub async fn member(&self, cookie: &str, email: &str, role: &str) -> (String, String) {
        let added = self.ask(Who::Cookie(cookie), "POST", "/members", json!({"email": email, "role": role})).await.ok();
        let password = added.body["first_password"].as_str().unwrap();
        let session = self.sign_in(email, password).await.ok();
        (added.body["id"].as_str().unwrap().to_owned(), session.cookie())
    }

    pub fn told(&self) -> Vec<Control> {
        self.log.0.lock().clone()
    }
}

pub fn setup(token: &str) -> Value {
    json!({"token": token, "workspace_name": "织造", "time_zone": "Asia/Shanghai", "email": EMAIL, "password": PASSWORD})
}
