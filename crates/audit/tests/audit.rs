//! The record through its doors, and the chain under somebody who writes behind the house's back.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts as RequestParts;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};
use tower::ServiceExt;
use weft_audit::{Broken, Verdict, Wrong, context, verify_chain};
use weft_context_kit::{Actors, CaughtUp, Parts};
use weft_event_pipeline::FrontDoor;
use weft_http_kit::{Authorizer, Caller, mount, rewrite_verbs};
use weft_kernel::{Actor, ApiKeyId, Clock, Control, Error, Event, FakeClock, Millis, Result, Scope, UserId, WorkspaceId};
use weft_meta_store::sea_orm::ConnectionTrait;
use weft_meta_store::testing::{in_memory, on_each_engine};
use weft_meta_store::{Rows, db_error, statement};

const NOON: Millis = Millis(1_795_316_412_045);

/// A house with nothing in it: audit neither tells the log nor reads the state.
struct Nothing;

#[async_trait]
impl FrontDoor for Nothing {
    async fn accept(&self, _: Vec<Event>) -> Result<u64> {
        Ok(0)
    }
    async fn control(&self, _: Control) -> Result<u64> {
        Ok(0)
    }
    async fn append(&self, _: Vec<Bytes>) -> Result<u64> {
        Ok(0)
    }
    fn now(&self) -> Millis {
        NOON
    }
}
#[async_trait]
impl CaughtUp for Nothing {
    async fn wait_for(&self, _: u64) {}
}

/// `Bearer 1 audit:read` is somebody of workspace 1 who may read the audit.
struct ByWord;

#[async_trait]
impl Authorizer for ByWord {
    async fn authenticate(&self, parts: &RequestParts) -> Result<Caller> {
        let header = parts.headers.get("authorization").and_then(|h| h.to_str().ok()).ok_or_else(|| Error::unauthenticated("access.not_signed_in", "sign in"))?;
        let mut words = header.split(' ').skip(1);
        let workspace = WorkspaceId(words.next().unwrap().parse().unwrap());
        let scope = Scope { workspace, actor: Actor::System };
        Ok(Caller { scope, permissions: words.map(str::to_owned).collect(), by_cookie: false })
    }
}

fn parts(rows: &Rows) -> Parts {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(NOON));
    let state = weft_profile_kv::open("memory:", weft_profile_kv::Options::default()).unwrap();
    Parts { rows: rows.clone(), state, door: Arc::new(Nothing), clock, caught_up: Arc::new(Nothing), names: Arc::new(Ada) }
}

/// One name in every workspace.
struct Ada;
#[async_trait]
impl Actors for Ada {
    async fn names(&self, workspace: WorkspaceId, ids: &[String]) -> Result<BTreeMap<String, String>> {
        Ok(ids.iter().filter(|id| *id == "usr_ada").map(|id| (id.clone(), format!("Ada of {}", workspace.0))).collect())
    }
    async fn members(&self, _: WorkspaceId, _: &[String]) -> Result<BTreeSet<String>> {
        Ok(BTreeSet::new())
    }
}

fn house(rows: &Rows) -> Router {
    mount(context(&parts(rows)).routes, Arc::new(ByWord))
}

async fn ask(house: &Router, method: &str, path: &str, who: &str) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if !who.is_empty() {
        request = request.header("authorization", format!("Bearer {who}"));
    }
    let response = house.clone().oneshot(rewrite_verbs(request.body(Body::empty()).unwrap())).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn act(rows: &Rows, workspace: u32, actor: Actor, operation: &'static str, target: &str, at: Millis) {
    let mut unit = rows.begin(&Scope { workspace: WorkspaceId(workspace), actor }, operation, at).await.unwrap();
    unit.target(target);
    unit.change(Some(json!({"name": "old"})), Some(json!({"name": target})));
    unit.commit().await.unwrap();
}

fn ada() -> Actor {
    Actor::User(UserId::from("usr_ada"))
}
fn program() -> Actor {
    Actor::ApiKey(ApiKeyId::from("key_1"))
}

async fn ids(house: &Router, query: &str) -> Vec<i64> {
    let (status, body) = ask(house, "GET", &format!("/api/v1/audit{query}"), "1 audit:read").await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    body["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_record_is_read_newest_first_and_by_filter() {
    on_each_engine(|store| async move {
        let (rows, house) = (&store.rows, house(&store.rows));
        act(rows, 1, ada(), "create_key", "key_9", NOON).await;
        act(rows, 1, program(), "create_segment", "seg_1", NOON.plus(1_000)).await;
        act(rows, 2, ada(), "create_key", "key_of_two", NOON).await;
        act(rows, 1, Actor::System, "publish_journey", "jny_Sale", NOON.plus(2_000)).await;

        let (_, body) = ask(&house, "GET", "/api/v1/audit", "1 audit:*").await;
        let expected = json!({"items": [
            {"id": 3, "at": "2026-11-22T03:00:14.045Z", "actor": "system", "operation": "publish_journey", "target": "jny_Sale"},
            {"id": 2, "at": "2026-11-22T03:00:13.045Z", "actor": "key_1", "operation": "create_segment", "target": "seg_1"},
            {"id": 1, "at": "2026-11-22T03:00:12.045Z", "actor": "usr_ada", "actor_name": "Ada of 1", "operation": "create_key", "target": "key_9"},
        ]});
        assert_eq!(body, expected);
        for (query, expected) in [
            ("?q=SALE", vec![3]),
            ("?q=create_", vec![2, 1]),
            ("?q=usr_a", vec![1]),
            ("?q=%25", vec![]),
            ("?actor=key_1", vec![2]),
            ("?operation=create_key", vec![1]),
            ("?target=seg_1", vec![2]),
            ("?from=2026-11-22T03:00:13.045Z", vec![3, 2]),
            ("?to=2026-11-22T03:00:13.045Z", vec![1]),
            ("?from=2026-11-22T11:00:13.045%2B08:00&to=2026-11-22T03:00:14Z", vec![2]),
            ("?actor=&operation=&q=", vec![3, 2, 1]),
        ] {
            assert_eq!(ids(&house, query).await, expected, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let rows = in_memory().await.unwrap();
    for number in 0..7 {
        act(&rows, 1, ada(), "work", &number.to_string(), NOON).await;
    }
    let house = house(&rows);
    let mut seen = Vec::new();
    let mut path = "/api/v1/audit?limit=3".to_owned();
    loop {
        let (_, body) = ask(&house, "GET", &path, "1 audit:read").await;
        seen.extend(body["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()));
        match body["next"].as_str() {
            Some(next) => path = format!("/api/v1/audit?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    let (status, body) = ask(&house, "GET", "/api/v1/audit?cursor=x", "1 audit:read").await;
    assert_eq!((status, &body["code"]), (StatusCode::BAD_REQUEST, &json!("meta_store.cursor_invalid")));
    assert_eq!(ask(&house, "GET", "/api/v1/audit?from=yesterday", "1 audit:read").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_entry_tells_before_and_after_and_only_to_its_own_workspace() {
    let rows = in_memory().await.unwrap();
    act(&rows, 1, ada(), "rename", "seg_1", NOON).await;
    let house = house(&rows);
    let (status, body) = ask(&house, "GET", "/api/v1/audit/1", "1 audit:read").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&body["before"], &body["after"]), (&json!({"name": "old"}), &json!({"name": "seg_1"})));
    assert_eq!((&body["previous"], &body["actor_name"]), (&json!(""), &json!("Ada of 1")));
    assert_eq!(body["hash"].as_str().unwrap().len(), 64);
    for (path, who) in [("/api/v1/audit/1", "2 *"), ("/api/v1/audit/2", "1 *"), ("/api/v1/audit/x", "1 *"), ("/api/v1/audit/-1", "1 *")] {
        let (status, body) = ask(&house, "GET", path, who).await;
        assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!("audit.entry_not_found")), "{path} {who}");
    }
    assert_eq!(ask(&house, "GET", "/api/v1/audit", "2 *").await.1, json!({"items": []}));
}

#[tokio::test]
async fn every_door_is_locked() {
    let rows = in_memory().await.unwrap();
    let doors: Vec<_> = context(&parts(&rows)).routes.operations.iter().map(|o| (o.method.clone(), o.path.replace("{id}", "1"))).collect();
    assert_eq!(doors.len(), 3);
    let house = house(&rows);
    for (method, path) in doors {
        let path = format!("/api/v1{path}");
        assert_eq!(ask(&house, method.as_str(), &path, "").await.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(ask(&house, method.as_str(), &path, "1 segments:* keys:read").await.0, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_chain_can_be_verified_by_the_api() {
    let rows = in_memory().await.unwrap();
    let house = house(&rows);
    assert_eq!(ask(&house, "POST", "/api/v1/audit:verify", "1 audit:read").await.1, json!({"whole": true, "entries": 0, "head": ""}));
    act(&rows, 1, ada(), "work", "x", NOON).await;
    sql(&rows, "UPDATE audit_entries SET target = 'y'").await;
    let (_, body) = ask(&house, "POST", "/api/v1/audit:verify", "1 audit:read").await;
    assert_eq!((&body["whole"], &body["broken"]), (&json!(false), &json!({"number": 1, "wrong": "edited"})));
}

async fn sql(rows: &Rows, text: &str) {
    let changed = rows.connection().execute_raw(statement(rows.connection(), text, [])).await.map_err(db_error).unwrap();
    assert!(changed.rows_affected() > 0, "{text}");
}

async fn verdict(rows: &Rows) -> Verdict {
    verify_chain(rows.connection(), WorkspaceId(1)).await.unwrap()
}

#[tokio::test]
async fn a_whole_chain_is_whole_also_across_batches_and_neighbours() {
    let rows = in_memory().await.unwrap();
    for number in 0..1_003 {
        act(&rows, 1, ada(), "work", &number.to_string(), NOON).await;
        if number % 100 == 0 {
            act(&rows, 2, ada(), "work", "elsewhere", NOON).await;
        }
    }
    let found = verdict(&rows).await;
    assert_eq!((found.whole, found.entries, found.broken), (true, 1_003, None));
    // A fault in the neighbour's chain is the neighbour's.
    sql(&rows, "DELETE FROM audit_entries WHERE workspace = 2 AND number = 3").await;
    assert!(verdict(&rows).await.whole);
    assert!(!verify_chain(rows.connection(), WorkspaceId(2)).await.unwrap().whole);
}

/// Each way of tampering, on a chain of five, on each engine.
#[tokio::test]
async fn what_was_edited_deleted_or_put_in_is_found() {
    let insert = "INSERT INTO audit_entries (workspace, number, at, actor, operation, target, previous, hash)";
    let copy = format!("{insert} SELECT workspace, 6, at, actor, operation, target, hash, hash FROM audit_entries WHERE workspace = 1 AND number = 5");
    // Room is made between 2 and 3, and everything behind is renumbered.
    let put_in = format!("{insert} SELECT workspace, 3, at, actor, operation, target, hash, hash FROM audit_entries WHERE workspace = 1 AND number = 2");
    let cases: Vec<(Vec<&str>, i64, Wrong)> = vec![
        (vec!["UPDATE audit_entries SET actor = 'usr_eve' WHERE number = 3"], 3, Wrong::Edited),
        (vec!["UPDATE audit_entries SET at = at + 1 WHERE number = 1"], 1, Wrong::Edited),
        (vec!["UPDATE audit_entries SET before = NULL WHERE number = 5"], 5, Wrong::Edited),
        (vec!["UPDATE audit_entries SET after = '{}' WHERE number = 2"], 2, Wrong::Edited),
        (vec!["UPDATE audit_entries SET previous = '' WHERE number = 4"], 4, Wrong::Edited),
        (vec!["UPDATE audit_entries SET hash = 'x' WHERE number = 4"], 4, Wrong::Edited),
        (vec!["DELETE FROM audit_entries WHERE number = 3"], 3, Wrong::Missing),
        (vec!["DELETE FROM audit_entries WHERE number = 1"], 1, Wrong::Missing),
        (vec!["DELETE FROM audit_entries WHERE number = 5"], 5, Wrong::Missing),
        (vec!["DELETE FROM audit_entries"], 1, Wrong::Missing),
        (vec!["DELETE FROM audit_entries WHERE number = 3", "UPDATE audit_entries SET number = number - 1 WHERE number = 4"], 3, Wrong::Edited),
        (vec!["UPDATE audit_entries SET number = number + 100 WHERE number > 2", "UPDATE audit_entries SET number = number - 99 WHERE number > 100", &put_in], 3, Wrong::Edited),
        (vec![&copy], 6, Wrong::AfterHead),
        (vec!["UPDATE audit_heads SET number = 4"], 4, Wrong::HeadDiffers),
        (vec!["UPDATE audit_heads SET hash = ''"], 5, Wrong::HeadDiffers),
        (vec!["DELETE FROM audit_heads"], 1, Wrong::AfterHead),
    ];
    for (tampering, number, wrong) in cases {
        let tampering: Vec<String> = tampering.into_iter().map(str::to_owned).collect();
        on_each_engine(move |store| {
            let tampering = tampering.clone();
            async move {
                for target in 0..5 {
                    act(&store.rows, 1, ada(), "work", &target.to_string(), NOON).await;
                }
                assert!(verdict(&store.rows).await.whole);
                for text in &tampering {
                    sql(&store.rows, text).await;
                }
                assert_eq!(verdict(&store.rows).await.broken, Some(Broken { number, wrong }), "{tampering:?}");
            }
        })
        .await;
    }
}

/// Somebody who knows how the hash is made rewrites one entry with its own hash: the link to the next one breaks.
#[tokio::test]
async fn an_entry_hashed_anew_no_longer_links() {
    use weft_meta_store::audit_entry::{Column, Entity, hash_of};
    use weft_meta_store::sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

    let rows = in_memory().await.unwrap();
    for target in ["a", "b", "c"] {
        act(&rows, 1, ada(), "work", target, NOON).await;
    }
    let mut forged = Entity::find().filter(Column::Number.eq(2)).one(rows.connection()).await.unwrap().unwrap();
    forged.actor = "usr_eve".into();
    forged.hash = hash_of(&forged);
    forged.into_active_model().reset_all().update(rows.connection()).await.unwrap();
    assert_eq!(verdict(&rows).await.broken, Some(Broken { number: 3, wrong: Wrong::NotLinked }));
}
