//! On a real log and through the real pipeline: what came in is stored, what was refused is counted, nothing vanishes.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use serde_json::json;
use support::{KEY, WORKSPACE, read, request, scope};
use tower::ServiceExt;
use weft_collect::{CountRefusals, SourceKind, context};
use weft_context_kit::pipeline::{Door, Observer, OutcomeFilter, Pipeline, Processed, list_outcomes};
use weft_context_kit::{CaughtUp, Parts, nameless};
use weft_kernel::{FakeClock, Millis, WorkspaceId};
use weft_meta_store::testing::in_memory;
use weft_profile_kv::{MemoryStore, StateStore};

struct AtOnce;
#[async_trait]
impl CaughtUp for AtOnce {
    async fn wait_for(&self, _: u64) {}
}

#[derive(Default)]
struct Seen(parking_lot::Mutex<Vec<String>>);
impl Observer for Seen {
    fn batch(&self, processed: &[Arc<Processed>]) {
        self.0.lock().extend(processed.iter().map(|p| p.in_flight.event.id.clone()));
    }
}

#[tokio::test]
async fn accepted_and_refused_add_up_to_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let bus = weft_stream_bus::open(&format!("file:{}", folder.path().display()), weft_stream_bus::Options::default()).unwrap();
    let clock = Arc::new(FakeClock::at(Millis(1_795_316_412_045)));
    let state: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
    let door = Arc::new(Door::new(bus.clone(), clock.clone()));
    let rows = in_memory().await.unwrap();
    let (room, handles) = context(&Parts { rows: rows.clone(), state: state.clone(), door: door.clone(), clock, caught_up: Arc::new(AtOnce), names: nameless() });
    rows.migrate(room.name, room.migrations).await.unwrap();
    let source = handles.sources().ensure(&scope(), Millis(0), "shop", SourceKind::Web, Some(KEY)).await.unwrap();
    let seen = Arc::new(Seen::default());
    let pipeline = Arc::new(Pipeline::new(bus, state.clone(), door, vec![Box::new(CountRefusals)], vec![seen.clone()]));

    let event = |n: u32| json!({"type": "track", "event": "e", "userId": "u", "messageId": n.to_string()});
    let send = async |path: &str, body: String| read(room.open.clone().oneshot(request(Method::POST, path, body)).await.unwrap()).await.0;
    assert_eq!(send("/v1/batch", json!({"batch": [event(1), {"type": "track"}, event(2), 5, 6]}).to_string()).await, StatusCode::OK);
    assert_eq!(send("/v1/track", event(3).to_string()).await, StatusCode::OK);
    assert_eq!(send("/v1/track", "{".into()).await, StatusCode::BAD_REQUEST);
    assert_eq!(send("/sa?token=nobody", String::new()).await, StatusCode::UNAUTHORIZED);
    handles.flush().await.unwrap();
    pipeline.drain().await.unwrap();

    assert_eq!(*seen.0.lock(), ["1", "2", "3"]);
    let counts = |workspace| {
        let found = list_outcomes(&*state, workspace, &OutcomeFilter::default()).unwrap();
        found.into_iter().map(|c| (c.source.0, c.outcome, c.reason, c.count)).collect::<Vec<_>>()
    };
    let of = |outcome: &str, reason: &str, count| (source.0.clone(), outcome.to_owned(), reason.to_owned(), count);
    assert_eq!(
        counts(WORKSPACE),
        [
            of("rejected", "collect.bad_json", 1),
            of("rejected", "collect.identifier_missing", 1),
            of("rejected", "collect.wrong_type", 2),
            of("stored", "", 3),
        ]
    );
    assert_eq!(counts(WorkspaceId(0)), [("unknown".into(), "rejected".into(), "collect.write_key_wrong".into(), 1)]);
}
