//! The promises of the README, one function each. The same suite runs on every engine.
#![allow(clippy::unwrap_used, reason = "a promise that does not hold fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rust_decimal::Decimal;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};

use crate::audit_entry::{self, hash_of};
use crate::kernel::{Actor, Control, Error, ErrorKind, Millis, Result, Scope, UserId, WorkspaceId};
use crate::testing::TestStore;
use crate::{At, Exact, Json, Migration, MigrationTrait, Outbox, Rows, Table, contains, db_error, outbox, page};

/// A table of the kind rooms have.
mod note {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub workspace: i64,
        pub name: String,
        pub number: i64,
        pub at: At,
        pub value: Option<Exact>,
        pub body: Option<Json<Value>>,
        pub open: bool,
        pub bytes: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}

    pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let notes = Table::new("notes")
            .id()
            .workspace()
            .text("name")
            .integer("number")
            .millis("at")
            .decimal_or_null("value")
            .json_or_null("body")
            .boolean("open")
            .bytes_or_null("bytes");
        let pages = Table::new("note_pages").serial_id().text("note").references("note", "notes", "id");
        vec![Migration::new("m0001_create_notes").table(notes.unique(&["workspace", "name"]).index(&["workspace", "at"])).table(pages).boxed()]
    }

    pub fn of(id: &str, name: &str) -> Model {
        Model {
            id: id.into(),
            workspace: 1,
            name: name.into(),
            number: 0,
            at: At(Millis(0)),
            value: None,
            body: None,
            open: false,
            bytes: None,
        }
    }
}

const NOW: Millis = Millis(1_795_316_412_045);

fn scope(workspace: u32) -> Scope {
    Scope { workspace: WorkspaceId(workspace), actor: Actor::User(UserId::from("usr_1")) }
}

async fn insert(db: &impl ConnectionTrait, note: note::Model) -> Result<()> {
    note::Entity::insert(note.into_active_model()).exec_without_returning(db).await.map_err(db_error)?;
    Ok(())
}

async fn counts(rows: &Rows) -> (u64, u64, u64) {
    let db = rows.connection();
    let notes = note::Entity::find().count(db).await.unwrap();
    let entries = audit_entry::Entity::find().count(db).await.unwrap();
    let waiting = outbox::Entity::find().count(db).await.unwrap();
    (notes, entries, waiting)
}

/// A log that remembers; it refuses as long as `refuse` is not 0, counting down.
#[derive(Default)]
struct Log {
    controls: Mutex<Vec<Control>>,
    refuse_after: AtomicU64,
}

impl Log {
    fn outbox(self: &Arc<Self>, rows: &Rows) -> Outbox {
        let log = self.clone();
        Outbox::new(rows.clone(), move |control| {
            let log = log.clone();
            async move { log.append(control) }
        })
    }
    fn append(&self, control: Control) -> Result<u64> {
        let mut controls = self.controls.lock();
        let left = self.refuse_after.load(Ordering::SeqCst);
        if left > 0 && controls.len() as u64 >= left {
            return Err(Error::unavailable("log.away", "the log is away"));
        }
        controls.push(control);
        Ok(controls.len() as u64)
    }
    fn told(&self) -> Vec<String> {
        self.controls.lock().iter().map(|c| c.what.clone()).collect()
    }
}

/// Everything above, on one store.
pub async fn all(store: TestStore) {
    store.rows.migrate("notes", note::migrations()).await.unwrap();
    let rows = &store.rows;
    p1_a_unit_is_whole_or_nothing(rows).await;
    p1_a_unit_that_fails_at_its_end_leaves_nothing(rows).await;
    p2_what_was_committed_survives_opening_again(&store).await;
    p3_the_outbox_is_sent_in_order(rows).await;
    p3_nothing_is_lost_when_the_log_is_away(rows).await;
    p3_nothing_is_lost_when_the_relay_dies_after_sending(&store).await;
    p3_many_who_wait_at_once_all_learn_a_position(rows).await;
    p4_units_of_one_workspace_follow_one_another(rows).await;
    p4_workspaces_keep_chains_of_their_own(rows).await;
    p4_a_unit_can_move_into_the_workspace_it_made(rows).await;
    p5_migrations_run_once_and_whole(&store).await;
    p6_what_is_written_reads_back_the_same(&store).await;
    p7_pages_neither_repeat_nor_skip(rows).await;
    p7_a_foreign_cursor_is_refused(rows).await;
    p7_search_takes_every_character_for_itself(rows).await;
    p8_the_same_fault_has_the_same_code(&store).await;
}

async fn p1_a_unit_is_whole_or_nothing(rows: &Rows) {
    let before = counts(rows).await;
    let mut dropped = rows.begin(&scope(1), "create_note", NOW).await.unwrap();
    insert(dropped.tx(), note::of("p1", "p1")).await.unwrap();
    dropped.announce("notes", "note_made", json!({}));
    drop(dropped);
    assert_eq!(counts(rows).await, before, "a dropped unit has not happened");

    let mut unit = rows.begin(&scope(1), "create_note", NOW).await.unwrap();
    insert(unit.tx(), note::of("p1", "p1")).await.unwrap();
    unit.target("p1");
    unit.change(None, Some(json!({"name": "p1"})));
    unit.announce("notes", "p1", json!({"id": "p1"}));
    let committed = unit.commit().await.unwrap();
    assert_eq!(committed.flushed().await.unwrap(), None, "nobody relays");
    assert_eq!(counts(rows).await, (before.0 + 1, before.1 + 1, before.2 + 1));
    let entry = newest_entry(rows, 1).await;
    assert_eq!((entry.actor.as_str(), entry.operation.as_str(), entry.target.as_str()), ("usr_1", "create_note", "p1"));
    assert_eq!((entry.before, entry.after.as_deref(), entry.at), (None, Some(r#"{"name":"p1"}"#), NOW.0));
}

/// The audit entry cannot be written: then neither is the row. No record, no action.
async fn p1_a_unit_that_fails_at_its_end_leaves_nothing(rows: &Rows) {
    let before = counts(rows).await;
    let mut unit = rows.begin(&scope(1), "create_note", NOW).await.unwrap();
    insert(unit.tx(), note::of("p1b", "p1b")).await.unwrap();
    unit.announce("notes", "note_made", json!({}));
    // Somebody wrote into the chain behind the unit's back: the entry's number is taken.
    let taken = audit_entry::Model { id: 0, number: newest_entry_in(unit.tx(), 1).await.number + 1, ..newest_entry_in(unit.tx(), 1).await };
    let mut row = taken.into_active_model();
    row.id = sea_orm::ActiveValue::NotSet;
    audit_entry::Entity::insert(row).exec_without_returning(unit.tx()).await.unwrap();
    assert!(unit.commit().await.is_err());
    assert_eq!(counts(rows).await, before);
}

async fn p2_what_was_committed_survives_opening_again(store: &TestStore) {
    let before = counts(&store.rows).await;
    let again = store.reopen().await.unwrap();
    again.migrate("notes", note::migrations()).await.unwrap();
    assert_eq!(counts(&again).await, before);
    assert!(note::Entity::find_by_id("p1").one(again.connection()).await.unwrap().is_some());
}

async fn p3_the_outbox_is_sent_in_order(rows: &Rows) {
    let log = Arc::new(Log::default());
    let relay = log.outbox(rows);
    assert_eq!(relay.flush().await.unwrap(), Some(1), "what was told before anybody relayed");
    for number in 0..5 {
        let mut unit = rows.begin(&scope(1), "tell", NOW).await.unwrap();
        unit.announce("notes", &format!("{number}a"), json!({}));
        unit.announce("notes", &format!("{number}b"), json!({}));
        unit.commit().await.unwrap();
    }
    let silent = rows.begin(&scope(1), "tell_nothing", NOW).await.unwrap().commit().await.unwrap();
    assert_eq!(silent.flushed().await.unwrap(), None);
    let mut unit = rows.begin(&scope(1), "tell", NOW).await.unwrap();
    unit.announce("notes", "last", json!({"n": 12.5}));
    assert_eq!(unit.commit().await.unwrap().flushed().await.unwrap(), Some(12));
    assert_eq!(log.told(), ["p1", "0a", "0b", "1a", "1b", "2a", "2b", "3a", "3b", "4a", "4b", "last"]);
    assert_eq!(relay.flush().await.unwrap(), Some(12), "nothing is sent again");
    assert_eq!(counts(rows).await.2, 0);
    let last = log.controls.lock().last().cloned().unwrap();
    assert_eq!((last.workspace, last.at, last.room.as_str(), &last.body), (WorkspaceId(1), NOW, "notes", &json!({"n": 12.5})));
    let ids: std::collections::BTreeSet<_> = log.controls.lock().iter().map(|c| c.id.clone()).collect();
    assert_eq!(ids.len(), 12);
}

async fn p3_nothing_is_lost_when_the_log_is_away(rows: &Rows) {
    let log = Arc::new(Log::default());
    log.refuse_after.store(2, Ordering::SeqCst);
    let relay = log.outbox(rows);
    let mut unit = rows.begin(&scope(1), "tell", NOW).await.unwrap();
    for what in ["a", "b", "c", "d"] {
        unit.announce("notes", what, json!({}));
    }
    let committed = unit.commit().await.unwrap();
    let error = committed.flushed().await.unwrap_err();
    assert_eq!(error.code, "log.away");
    assert_eq!(counts(rows).await.2, 2, "what was sent is deleted, the rest waits");
    log.refuse_after.store(0, Ordering::SeqCst);
    assert_eq!(committed.flushed().await.unwrap(), Some(4));
    assert_eq!(log.told(), ["a", "b", "c", "d"]);
    drop(relay);
}

/// The relay dies between sending and deleting: the next one sends again, with the same ids, and nothing is missing.
async fn p3_nothing_is_lost_when_the_relay_dies_after_sending(store: &TestStore) {
    let rows = &store.rows;
    let mut unit = rows.begin(&scope(1), "tell", NOW).await.unwrap();
    unit.announce("notes", "first", json!({}));
    unit.announce("notes", "second", json!({}));
    unit.commit().await.unwrap();
    let log = Arc::new(Log::default());
    let (reached, mut wait) = tokio::sync::mpsc::channel::<()>(1);
    let dying = {
        let log = log.clone();
        Outbox::new(rows.clone(), move |control| {
            let (log, reached) = (log.clone(), reached.clone());
            async move {
                let position = log.append(control)?;
                if position == 2 {
                    let _ = reached.send(()).await;
                    // In the log, and the answer never comes back.
                    std::future::pending::<()>().await;
                }
                Ok(position)
            }
        })
    };
    let task = tokio::spawn(async move { dying.flush().await });
    wait.recv().await.unwrap();
    task.abort();
    assert!(task.await.is_err());

    let after = log.outbox(rows);
    after.flush().await.unwrap();
    assert_eq!(counts(rows).await.2, 0);
    assert_eq!(log.told(), ["first", "second", "first", "second"]);
    let ids: Vec<_> = log.controls.lock().iter().map(|c| c.id.clone()).collect();
    assert_eq!(ids[..2], ids[2..], "a control sent twice can be known again");
}

async fn p3_many_who_wait_at_once_all_learn_a_position(rows: &Rows) {
    let log = Arc::new(Log::default());
    let relay = log.outbox(rows);
    let tasks: Vec<_> = (0..12u32)
        .map(|number| {
            let rows = rows.clone();
            tokio::spawn(async move {
                let mut unit = rows.begin(&scope(1 + number % 3), "tell", NOW).await?;
                unit.announce("notes", &number.to_string(), json!({}));
                unit.commit().await?.flushed().await
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let position = task.await.unwrap().unwrap().unwrap();
        let stands_at = log.told().iter().position(|what| *what == number.to_string()).unwrap() as u64 + 1;
        assert!(position >= stands_at, "{number} stands at {stands_at}, but was told {position}");
    }
    assert_eq!(log.told().len(), 12);
    drop(relay);
}

/// Ten units read a number, add one, and write it: no addition is lost.
async fn p4_units_of_one_workspace_follow_one_another(rows: &Rows) {
    insert(rows.connection(), note::of("counter", "counter")).await.unwrap();
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let rows = rows.clone();
            tokio::spawn(async move {
                let unit = rows.begin(&scope(1), "count", NOW).await?;
                let found = note::Entity::find_by_id("counter").one(unit.tx()).await.map_err(db_error)?.unwrap();
                tokio::task::yield_now().await;
                let next = found.number + 1;
                let mut row = found.into_active_model();
                row.number = Set(next);
                row.update(unit.tx()).await.map_err(db_error)?;
                unit.commit().await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(note::Entity::find_by_id("counter").one(rows.connection()).await.unwrap().unwrap().number, 10);
    assert_chain_holds(rows, 1).await;
}

async fn p4_workspaces_keep_chains_of_their_own(rows: &Rows) {
    let tasks: Vec<_> = (0..12u32)
        .map(|number| {
            let rows = rows.clone();
            tokio::spawn(async move { rows.begin(&scope(21 + number % 2), "work", NOW).await?.commit().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for workspace in [21, 22] {
        assert_chain_holds(rows, workspace).await;
        assert_eq!(newest_entry(rows, workspace.into()).await.number, 6);
    }
}

async fn p4_a_unit_can_move_into_the_workspace_it_made(rows: &Rows) {
    let mut unit = rows.begin(&Scope { workspace: WorkspaceId(0), actor: Actor::System }, "create_workspace", NOW).await.unwrap();
    unit.move_to(WorkspaceId(31)).await.unwrap();
    unit.announce("notes", "moved", json!({}));
    unit.commit().await.unwrap();
    assert_eq!(newest_entry(rows, 31).await.actor, "system");
    let waiting = outbox::Entity::find().one(rows.connection()).await.unwrap().unwrap();
    assert!(waiting.body.contains(r#""w":31"#));
    let log = Arc::new(Log::default());
    log.outbox(rows).flush().await.unwrap();
}

async fn p5_migrations_run_once_and_whole(store: &TestStore) {
    let rows = &store.rows;
    rows.migrate("notes", note::migrations()).await.unwrap();
    // The same name in another room is another migration.
    rows.migrate("letters", vec![Migration::new("m0001_create_notes").table(Table::new("letters").id()).boxed()]).await.unwrap();

    let second = || Migration::new("m0002_add_colour").sql("ALTER TABLE notes ADD COLUMN colour text").boxed();
    let broken = || Migration::new("m0003_broken").sql("ALTER TABLE no_such_table ADD COLUMN x text").boxed();
    let mut list = note::migrations();
    list.extend([second(), broken()]);
    let error = rows.migrate("notes", list).await.unwrap_err();
    assert!(error.detail.contains("m0003_broken"), "{error}");
    assert!(rows.connection().execute_unprepared("SELECT colour FROM notes").await.is_err(), "all of them or none");

    let mut list = note::migrations();
    list.push(second());
    let tasks: Vec<_> = [rows.clone(), store.reopen().await.unwrap()]
        .into_iter()
        .map(|rows| {
            let mut list = note::migrations();
            list.push(second());
            tokio::spawn(async move { rows.migrate("notes", list).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    rows.migrate("notes", list).await.unwrap();
    rows.connection().execute_unprepared("SELECT colour FROM notes").await.unwrap();
    let error = rows.migrate("notes", note::migrations()).await.unwrap_err();
    assert_eq!(error.code, "meta_store.newer");
}

async fn p6_what_is_written_reads_back_the_same(store: &TestStore) {
    let whole = note::Model {
        id: "p6".into(),
        workspace: i64::from(u32::MAX),
        name: "织造 – ‘weft’ \"quoted\" 🧵 e\u{301} \u{202e}עברית\t\r\n\\ %_!".into(),
        number: i64::MIN,
        at: At(Millis(-62_135_596_800_001)),
        value: Some(Exact("79228162514264337593543950335".parse::<Decimal>().unwrap())),
        body: Some(Json(json!({"z": 1, "a": [null, true, 0.1, 1e300, -0.0, u64::MAX], "nul": "a\u{0}b", "深": {"空": ""}}))),
        open: true,
        bytes: Some((0..=255).collect()),
    };
    insert(store.rows.connection(), whole.clone()).await.unwrap();
    let empty = note::Model { at: At(Millis(i64::MAX)), number: i64::MAX, value: Some(Exact("0.10".parse().unwrap())), ..note::of("p6b", "") };
    insert(store.rows.connection(), empty.clone()).await.unwrap();
    let again = store.reopen().await.unwrap();
    for written in [whole, empty] {
        let read = note::Entity::find_by_id(&written.id).one(again.connection()).await.unwrap().unwrap();
        assert_eq!(read, written);
        assert_eq!(read.value.map(|v| v.0.to_string()), written.value.map(|v| v.0.to_string()), "0.10 stays 0.10");
        let text = |m: &note::Model| m.body.as_ref().map(|b| b.0.to_string());
        assert_eq!(text(&read), text(&written), "the order of keys stays");
    }
}

async fn p7_pages_neither_repeat_nor_skip(rows: &Rows) {
    // Many with the same time, so that the id must decide; capitals come before small letters on both engines.
    for (number, id) in ["b", "B", "_", "a", "Z", "é", "中", "0", "a-b", "ab"].into_iter().enumerate() {
        let model = note::Model { workspace: 7, at: At(Millis(number as i64 / 4)), ..note::of(&format!("p7{id}"), id) };
        insert(rows.connection(), model).await.unwrap();
    }
    for order in [Order::Asc, Order::Desc] {
        let mine = || note::Entity::find().filter(note::Column::Workspace.eq(7));
        let mut expected: Vec<_> = mine().all(rows.connection()).await.unwrap().into_iter().map(|n| (n.at, n.id)).collect();
        expected.sort();
        if matches!(order, Order::Desc) {
            expected.reverse();
        }
        for limit in [1, 3, 10, 11] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let by = [note::Column::At, note::Column::Id];
                let one = page(rows.connection(), mine(), &by, order.clone(), cursor.as_deref(), limit).await.unwrap();
                assert!(one.items.len() <= limit);
                seen.extend(one.items.into_iter().map(|n| (n.at, n.id)));
                cursor = one.next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "by {limit}");
        }
    }
}

async fn p7_a_foreign_cursor_is_refused(rows: &Rows) {
    let by_id = page(rows.connection(), note::Entity::find(), &[note::Column::Id], Order::Asc, None, 1).await.unwrap();
    let foreign = by_id.next.unwrap();
    for cursor in [foreign.as_str(), "", "%%%", "W10", "WzEsMl0", "bnVsbA", "WyJ4IiwieCJd"] {
        let by = [note::Column::At, note::Column::Id];
        let error = page(rows.connection(), note::Entity::find(), &by, Order::Asc, Some(cursor), 1).await.unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Invalid, "meta_store.cursor_invalid"), "{cursor}");
    }
}

async fn p7_search_takes_every_character_for_itself(rows: &Rows) {
    for (id, name) in [("s1", "100% Wool_"), ("s2", "100 wool"), ("s3", "促销 SALE!")] {
        insert(rows.connection(), note::Model { workspace: 8, ..note::of(id, name) }).await.unwrap();
    }
    for (q, expected) in [("WOOL", vec!["s1", "s2"]), ("0%", vec!["s1"]), ("l_", vec!["s1"]), ("sale!", vec!["s3"]), ("促", vec!["s3"]), ("", vec!["s1", "s2", "s3"]), ("'", vec![]), ("\\", vec![])] {
        let found = note::Entity::find()
            .filter(note::Column::Workspace.eq(8))
            .filter(contains(note::Column::Name, q))
            .order_by_asc(note::Column::Id)
            .all(rows.connection())
            .await
            .unwrap();
        assert_eq!(found.into_iter().map(|n| n.id).collect::<Vec<_>>(), expected, "{q}");
    }
}

async fn p8_the_same_fault_has_the_same_code(store: &TestStore) {
    let rows = &store.rows;
    insert(rows.connection(), note::of("p8", "p8")).await.unwrap();
    for twin in [note::of("p8", "other"), note::of("other", "p8")] {
        let error = insert(rows.connection(), twin).await.unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Conflict, "meta_store.duplicate"));
    }
    rows.connection().execute_unprepared("INSERT INTO note_pages (note) VALUES ('p8')").await.unwrap();
    let error = note::Entity::delete_by_id("p8").exec(rows.connection()).await.map_err(db_error).unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Conflict, "meta_store.in_use"));
    let error = rows.connection().execute_unprepared("SELECT nothing FROM nowhere").await.map_err(db_error).unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Bug, "meta_store.failed"));
    if store.engine == "postgres" {
        let error = insert(rows.connection(), note::of("nul", "a\u{0}b")).await.unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Invalid, "meta_store.text_invalid"));
    }
}

async fn newest_entry(rows: &Rows, workspace: i64) -> audit_entry::Model {
    newest_entry_in(rows.connection(), workspace).await
}

async fn newest_entry_in(db: &impl ConnectionTrait, workspace: i64) -> audit_entry::Model {
    audit_entry::Entity::find()
        .filter(audit_entry::Column::Workspace.eq(workspace))
        .order_by_desc(audit_entry::Column::Number)
        .one(db)
        .await
        .unwrap()
        .unwrap()
}

async fn assert_chain_holds(rows: &Rows, workspace: u32) {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Workspace.eq(i64::from(workspace)))
        .order_by_asc(audit_entry::Column::Number)
        .all(rows.connection())
        .await
        .unwrap();
    let mut previous = String::new();
    for (number, entry) in (1..).zip(&entries) {
        assert_eq!((entry.number, &entry.previous), (number, &previous));
        assert_eq!(entry.hash, hash_of(entry));
        previous.clone_from(&entry.hash);
    }
    let head = crate::head_of(rows.connection(), WorkspaceId(workspace)).await.unwrap();
    assert_eq!(head, Some((entries.len() as i64, previous)));
}
