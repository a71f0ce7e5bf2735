//! The promises, on SQLite in memory, on SQLite in a file, and on PostgreSQL where there is one.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

use weft_kernel::{Actor, Millis, Scope, WorkspaceId};
use weft_meta_store::{Outbox, Rows, promises, testing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_promises_hold_on_each_engine() {
    testing::on_each_engine(promises::all).await;
}

#[tokio::test]
async fn the_relay_wakes_by_itself() {
    let rows = testing::in_memory().await.unwrap();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let outbox = Outbox::new(rows.clone(), move |control| {
        let told = told.clone();
        async move {
            let _ = told.send(control.what);
            Ok(1)
        }
    });
    let relay = tokio::spawn(async move { outbox.run().await });
    let scope = Scope { workspace: WorkspaceId(1), actor: Actor::System };
    for what in ["one", "two"] {
        let mut unit = rows.begin(&scope, "tell", Millis(0)).await.unwrap();
        unit.announce("notes", what, serde_json::json!({}));
        unit.commit().await.unwrap();
        assert_eq!(heard.recv().await.as_deref(), Some(what));
    }
    relay.abort();
}

#[tokio::test]
async fn a_url_of_another_kind_is_refused() {
    for url in ["", "mysql://x", "/tmp/rows.db"] {
        assert_eq!(Rows::open(url).await.err().unwrap().code, "meta_store.url_invalid");
    }
    assert_eq!(Rows::open("sqlite:/no/such/folder/rows.db").await.err().unwrap().code, "kernel.io");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_written_to_the_disk() {
    use std::os::unix::fs::PermissionsExt;
    use weft_meta_store::sea_orm::ConnectionTrait;

    let folder = tempfile::tempdir().unwrap();
    // A folder's name may hold what means something in a URL.
    let strange = folder.path().join("100%25 ?mode=ro#织");
    std::fs::create_dir(&strange).unwrap();
    let path = strange.join("rows.db");
    let rows = Rows::open(&format!("sqlite:{}", path.display())).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::metadata(&path).unwrap().len() > 0, "the tables are in this very file");
    for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)] {
        let row = rows.connection().query_one_raw(weft_meta_store::sea_orm::Statement::from_string(
            weft_meta_store::sea_orm::DbBackend::Sqlite,
            format!("PRAGMA {pragma}"),
        ));
        let value: i64 = row.await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(value, expected, "{pragma}");
    }
    rows.close().await.unwrap();
}
