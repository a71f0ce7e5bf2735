//! The same house with its rows in PostgreSQL: the short way from an event to a message, and all of it still there after a
//! restart and after a kill.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod support;

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use support::at_rest;
use support::picture::{all, must_be_same, picture};
use support::receiver::{Receiver, Temper};
use weft_stories::{EMAIL, PASSWORD, Weft, missing};

const POSTGRES: &str = "WEFT_TEST_POSTGRES";
const PEOPLE: usize = 24;

/// A database of this story's own.
struct Fresh {
    admin: String,
    name: String,
}

impl Fresh {
    async fn create(admin: String) -> Self {
        let name = format!("weft_story_{:016x}", rand::random::<u64>());
        let fresh = Self { admin, name };
        fresh.execute(&format!("create database {}", fresh.name)).await;
        fresh
    }
    fn url(&self) -> String {
        let (server, _) = self.admin.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }
    async fn execute(&self, sql: &str) {
        let db = Database::connect(&self.admin).await.unwrap();
        db.execute_unprepared(sql).await.unwrap();
        db.close().await.unwrap();
    }
    /// Also takes it from whoever is still connected.
    async fn remove(&self) {
        self.execute(&format!("drop database if exists {} with (force)", self.name)).await;
    }
}

fn life(from: usize, to: usize) -> Vec<Value> {
    (from..to)
        .flat_map(|i| {
            let user = format!("p{i}");
            [
                json!({"type": "identify", "userId": user, "messageId": format!("i{i}"), "traits": {"city": "Graz", "name": format!("王 {i}")}}),
                json!({"type": "track", "userId": user, "messageId": format!("s{i}"), "event": "Signed Up"}),
            ]
        })
        .collect()
}

#[tokio::test]
async fn a_house_with_its_rows_in_postgres_lives_as_with_sqlite() {
    let Ok(admin) = std::env::var(POSTGRES) else {
        return missing("a PostgreSQL (WEFT_TEST_POSTGRES; tests/support/postgres.sh starts one)");
    };
    let database = Fresh::create(admin).await;
    // The database goes also when the story fails.
    let url = database.url();
    let told = tokio::spawn(async move { story(&url).await }).await;
    database.remove().await;
    if let Err(failed) = told {
        std::panic::resume_unwind(failed.into_panic());
    }
}

async fn story(url: &str) {
    let environment = [("WEFT__STORAGE__ROWS", url)];
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(Temper::by_id).await;
    let weft = Weft::start_in(folder.path(), &environment).await;
    assert!(!folder.path().join("rows.db").exists(), "nothing is left to SQLite");

    weft.put("/settings/sending", receiver.sending(false)).await;
    let template = weft.post("/templates", receiver.template("hello")).await;
    let condition = json!({"event": {"name": "Signed Up", "count": {"gte": 1}, "within": "30d"}});
    let segment = weft.post("/segments", json!({"name": "newcomers", "condition": condition})).await;
    let again = weft.call(Method::POST, "/segments", Some(json!({"name": "newcomers", "condition": condition}))).await;
    assert_eq!(again.status, 409, "{}", again.body);
    let plan = json!({
        "entry": {"segment": segment["id"]}, "goal": {"event": {"name": "Order Completed"}, "within": "14d"}, "start": "split",
        "nodes": [
            {"id": "split", "type": "split", "arms": [{"key": "message", "weight": 75, "next": "send"}, {"key": "control", "weight": 25, "control": true}]},
            {"id": "send", "type": "send", "channel": "webhook", "template": template["id"], "next": null},
        ],
    });
    let journey = weft.post("/journeys", json!({"name": "welcome", "plan": plan})).await;
    let journey = journey["id"].as_str().unwrap();
    weft.post(&format!("/journeys/{journey}:publish"), json!({})).await;
    weft.send(&life(0, PEOPLE)).await;
    at_rest(&weft).await;

    let counts = weft.get(&format!("/journeys/{journey}/counts")).await;
    assert_eq!(counts["entered"], PEOPLE);
    assert_eq!(counts["arms"]["message"].as_u64(), Some(receiver.taken()));
    assert_eq!(receiver.faults(), Vec::<String>::new());
    let before = picture(&weft).await;
    let audit = all(&weft, "/audit").await;
    assert!(weft.stop().await, "the house leaves in order");

    let weft = Weft::start_in(folder.path(), &environment).await;
    assert_eq!(weft.setup_token, None, "somebody lives here");
    at_rest(&weft).await;
    must_be_same(&before, &picture(&weft).await);
    assert_eq!(all(&weft, "/audit").await.len(), audit.len());
    weft.kill().await;

    let weft = Weft::start_in(folder.path(), &environment).await;
    at_rest(&weft).await;
    must_be_same(&before, &picture(&weft).await);
    assert_eq!(weft.post("/audit:verify", json!({})).await["whole"], true);
    let session = weft.request(Method::POST, "/api/v1/session").json(&json!({"email": EMAIL, "password": PASSWORD})).send().await.unwrap();
    assert_eq!(session.status(), 200);
    // And it lives on.
    weft.send(&life(PEOPLE, PEOPLE + 6)).await;
    at_rest(&weft).await;
    assert_eq!(weft.get(&format!("/segments/{}", segment["id"].as_str().unwrap())).await["count"], PEOPLE + 6);
    assert_eq!(weft.get(&format!("/journeys/{journey}/counts")).await["entered"], PEOPLE + 6);
    assert!(weft.stop().await, "the house leaves in order");
}
