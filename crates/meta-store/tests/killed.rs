//! A process that is killed in the middle of its work: what it had been told is committed is there, whole.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use weft_kernel::{Actor, Millis, Scope, WorkspaceId};
use weft_meta_store::sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use weft_meta_store::testing::on_each_engine;
use weft_meta_store::{Rows, audit_entry, head_of, statement};

const URL: &str = "WEFT_TEST_KILLED_URL";
const ENOUGH: u64 = 25;

/// The child: commits units until somebody kills it, and says so after each.
#[tokio::test]
#[ignore = "run by the test below"]
async fn child() {
    let rows = Rows::open(&std::env::var(URL).unwrap()).await.unwrap();
    let scope = Scope { workspace: WorkspaceId(1), actor: Actor::System };
    for number in 1u64.. {
        let mut unit = rows.begin(&scope, "work", Millis(0)).await.unwrap();
        unit.target(&number.to_string());
        unit.announce("notes", "worked", serde_json::json!({"number": number}));
        unit.commit().await.unwrap();
        println!("\ncommitted {number}");
    }
}

#[tokio::test]
async fn what_was_committed_before_a_kill_is_there_and_whole() {
    on_each_engine(|store| async move {
        let Some(url) = store.url() else { return };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(URL, url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("committed ").and_then(|n| n.parse::<u64>().ok()))
            .find(|number| *number >= ENOUGH)
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();

        let rows = store.reopen().await.unwrap();
        let db = rows.connection();
        let entries = audit_entry::Entity::find().order_by_asc(audit_entry::Column::Number).all(db).await.unwrap();
        assert!(entries.len() as u64 >= told);
        for (number, entry) in (1i64..).zip(&entries) {
            assert_eq!((entry.number, entry.target.as_str()), (number, number.to_string().as_str()));
        }
        let head = head_of(db, WorkspaceId(1)).await.unwrap().unwrap();
        assert_eq!(head, (entries.len() as i64, entries.last().unwrap().hash.clone()));
        let waiting = db.query_one_raw(statement(db, "SELECT count(*) AS n FROM outbox", [])).await.unwrap().unwrap();
        assert_eq!(waiting.try_get::<i64>("", "n").unwrap(), entries.len() as i64, "each unit with what it told");
    })
    .await;
}
