//! Somebody who takes webhooks as the other side of an idempotent channel: verifies each signature, takes each id once,
//! is sometimes slow, sometimes refuses, and sometimes takes a message and says that it did not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub const SECRET: &str = "whsec_4dTqk0mZ8hQe1sVb6yXnL2wRfJc9uAoPg5iKtE7HzD0=";
const FIVE_MINUTES: u64 = 300;

/// How the first request of a message is met. Every later one is taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temper {
    Takes,
    TakesSlowly,
    Refuses,
    TakesAndSaysNo,
}

impl Temper {
    /// Of ten messages six are taken at once. By the id alone, so that a house that is started again meets the same.
    pub fn by_id(id: &str) -> Self {
        let sum = id.bytes().fold(7u32, |sum, b| sum.wrapping_mul(31).wrapping_add(b.into()));
        match sum % 10 {
            0 | 1 => Self::TakesSlowly,
            2 => Self::Refuses,
            3 => Self::TakesAndSaysNo,
            _ => Self::Takes,
        }
    }
    pub fn always(_: &str) -> Self {
        Self::Takes
    }
}

/// What is known of one id.
#[derive(Clone, Debug, Default)]
pub struct Got {
    pub requests: u32,
    pub taken: bool,
    pub person: String,
}

#[derive(Default)]
struct Seen {
    by_id: BTreeMap<String, Got>,
    /// Requests that a receiver would have to complain of.
    faults: Vec<String>,
}

pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone)]
struct Desk {
    key: Vec<u8>,
    temper: fn(&str) -> Temper,
    seen: Arc<Mutex<Seen>>,
}

impl Receiver {
    pub async fn start(temper: fn(&str) -> Temper) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let key = B64.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let desk = Desk { key, temper, seen: seen.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(take)).with_state(desk)).await });
        Self { url, seen }
    }

    /// The settings under which a house sends here.
    pub fn sending(&self, needs_consent: bool) -> Value {
        json!({"caps": [], "quiet_hours": null, "needs_consent": needs_consent, "providers": {"webhook": self.provider()}})
    }
    pub fn provider(&self) -> Value {
        json!({"kind": "webhook", "config": {"secret": SECRET}})
    }
    pub fn template(&self, name: &str) -> Value {
        json!({"name": name, "channel": "webhook", "webhook_url": self.url, "fields": {"city": "{{ person.city }}"}})
    }

    pub fn seen(&self) -> BTreeMap<String, Got> {
        self.seen.lock().unwrap().by_id.clone()
    }
    pub fn faults(&self) -> Vec<String> {
        self.seen.lock().unwrap().faults.clone()
    }
    pub fn requests(&self) -> u64 {
        self.seen.lock().unwrap().by_id.values().map(|got| u64::from(got.requests)).sum()
    }
    pub fn taken(&self) -> u64 {
        self.seen.lock().unwrap().by_id.values().filter(|got| got.taken).count() as u64
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let id = text(&headers, "webhook-id");
    if let Err(fault) = desk.check(&id, &headers, &body) {
        desk.seen.lock().unwrap().faults.push(fault);
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let temper = desk.note(&id, &body);
    match temper {
        Temper::Takes => StatusCode::OK.into_response(),
        Temper::TakesSlowly => {
            tokio::time::sleep(Duration::from_millis(200)).await;
            StatusCode::OK.into_response()
        }
        Temper::Refuses => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response(),
        Temper::TakesAndSaysNo => (StatusCode::INTERNAL_SERVER_ERROR, [(header::RETRY_AFTER, "0")]).into_response(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

impl Desk {
    /// Standard Webhooks 1.0, from its text and not from our sender's code.
    fn check(&self, id: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let stamp = text(headers, "webhook-timestamp");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let is_fresh = stamp.parse::<u64>().is_ok_and(|at| now.abs_diff(at) <= FIVE_MINUTES);
        if id.is_empty() || !is_fresh {
            return Err(format!("id {id:?} at {stamp:?}"));
        }
        let signatures = text(headers, "webhook-signature");
        let is_ours = signatures.split(' ').filter_map(|s| B64.decode(s.strip_prefix("v1,")?).ok()).any(|signature| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap();
            mac.update(format!("{id}.{stamp}.").as_bytes());
            mac.update(body);
            mac.verify_slice(&signature).is_ok()
        });
        if is_ours { Ok(()) } else { Err(format!("{id}: no signature of {signatures:?} is right")) }
    }

    fn note(&self, id: &str, body: &[u8]) -> Temper {
        let told: Value = serde_json::from_slice(body).unwrap_or_default();
        let person = told["data"]["data"]["person"].as_str().unwrap_or_default();
        let mut seen = self.seen.lock().unwrap();
        let got = seen.by_id.entry(id.to_owned()).or_default();
        got.requests += 1;
        let temper = if got.requests == 1 { (self.temper)(id) } else { Temper::Takes };
        got.taken |= temper != Temper::Refuses;
        let is_same = got.requests == 1 || got.person == person;
        person.clone_into(&mut got.person);
        if person.is_empty() || !is_same || told["id"] != id {
            seen.faults.push(format!("{id} says {told}"));
        }
        temper
    }
}
