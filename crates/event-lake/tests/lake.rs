//! The lake through its public face: exactly once, durable, readable, cheap.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::{SessionConfig, SessionContext};
use tempfile::TempDir;
use url::Url;
use weft_event_lake::{Appended, Lake, Table, Vacuumed, events};
use weft_kernel::{Event, FakeClock, Millis, WorkspaceId};

const NOW: Millis = Millis(1_795_316_412_000);
const APP: &str = "events/0";

fn url(folder: &Path) -> String {
    Url::from_directory_path(folder).unwrap().to_string()
}

async fn lake(folder: &Path) -> Lake {
    Lake::open_with_clock(&url(folder), Arc::new(FakeClock::at(NOW))).await.unwrap()
}

async fn events_table(lake: &Lake) -> Table {
    lake.table(events::TABLE, events::schema(), events::PARTITION_BY).await.unwrap()
}

/// Events at positions `from..to`, one a second, of one workspace.
fn batch(workspace: u32, name: &str, from: u64, to: u64) -> RecordBatch {
    let mut rows = events::Rows::new();
    for position in from..to {
        let at = NOW.plus(position as i64 * Millis::SECOND);
        let event = Event::track(WorkspaceId(workspace), "src_1".into(), format!("e{position}"), name, at)
            .with_identifier("user_id", (position % 7).to_string())
            .with_property("n", position);
        rows.push(&event, position, Some(position as u32 % 5)).unwrap();
    }
    rows.finish().unwrap()
}

fn written(version: u64, rows: u64) -> Appended {
    Appended::Written { version, rows }
}

fn context() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(2);
    config.options_mut().execution.parquet.pushdown_filters = true;
    SessionContext::new_with_config(config)
}

async fn query(table: &Table, sql: &str) -> Vec<RecordBatch> {
    let context = context();
    context.register_table("t", table.provider()).unwrap();
    context.sql(sql).await.unwrap().collect().await.unwrap()
}

async fn number(table: &Table, sql: &str) -> i64 {
    let batches = query(table, sql).await;
    batches[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().value(0)
}

async fn positions(table: &Table) -> Vec<u64> {
    let batches = query(table, "SELECT position FROM t ORDER BY position").await;
    batches.iter().flat_map(|b| b.column(0).as_primitive::<UInt64Type>().values().to_vec()).collect()
}

async fn plan(table: &Table, sql: &str) -> String {
    let context = context();
    context.register_table("t", table.provider()).unwrap();
    let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(true).to_string()
}

fn files_in(plan: &str) -> usize {
    plan.matches(".parquet").count()
}

fn parquet_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("_delta_log") {
            found.extend(parquet_files(&path));
        } else if path.extension().is_some_and(|e| e == "parquet") {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn appending_twice_is_appending_once() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    assert_eq!(table.marker(APP).await.unwrap(), None);
    assert_eq!(table.append(&[batch(1, "view", 0, 10)], APP, 9).await.unwrap(), written(1, 10));
    assert_eq!(table.append(&[batch(1, "view", 0, 10)], APP, 9).await.unwrap(), Appended::AlreadyThere);
    assert_eq!(table.append(&[batch(1, "view", 0, 5)], APP, 4).await.unwrap(), Appended::AlreadyThere);
    assert_eq!(table.append(&[batch(1, "view", 0, 3)], "another", 4).await.unwrap(), written(2, 3));
    assert_eq!(table.append(&[], APP, 20).await.unwrap(), written(3, 0), "only the marker moves");
    assert_eq!(parquet_files(folder.path()).len(), 2, "refused appends leave no files");

    let again = events_table(&lake(folder.path()).await).await;
    assert_eq!(again.marker(APP).await.unwrap(), Some(20));
    assert_eq!(again.append(&[batch(1, "view", 10, 20)], APP, 20).await.unwrap(), Appended::AlreadyThere);
    assert_eq!(again.append(&[batch(1, "view", 10, 12)], APP, 21).await.unwrap(), written(4, 2));
    assert_eq!(number(&again, "SELECT count(*) FROM t").await, 15);
    assert_eq!(table.marker(APP).await.unwrap(), Some(21), "the first handle looks at what others wrote");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_who_meet_write_one_behind_the_other() {
    let folder = TempDir::new().unwrap();
    // Two lakes are two processes to each other: they share nothing but the folder.
    let tables = [events_table(&lake(folder.path()).await).await, events_table(&lake(folder.path()).await).await];
    let mut writers = Vec::new();
    for (writer, table) in tables.iter().enumerate() {
        for round in 0..10u64 {
            let table = table.clone();
            writers.push(tokio::spawn(async move {
                let from = writer as u64 * 1000 + round * 10;
                table.append(&[batch(1, "view", from, from + 10)], &format!("w{writer}/{round}"), 1).await.unwrap()
            }));
        }
    }
    // Both try to write the same thing, too.
    for table in &tables {
        let table = table.clone();
        writers.push(tokio::spawn(async move { table.append(&[batch(1, "view", 5000, 5010)], "same", 7).await.unwrap() }));
    }
    let mut outcomes = Vec::new();
    for writer in writers {
        outcomes.push(writer.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|o| **o == Appended::AlreadyThere).count(), 1);
    for table in &tables {
        assert_eq!(table.refresh().await.unwrap(), 21);
        let seen = positions(table).await;
        assert_eq!(seen.len(), 210);
        assert!(seen.windows(2).all(|w| w[0] < w[1]), "a row was there twice");
    }
    assert_eq!(parquet_files(folder.path()).len(), 21, "the loser took its file back");
}

#[tokio::test]
async fn what_was_declared_is_what_queries_see() {
    let folder = TempDir::new().unwrap();
    let lake = lake(folder.path()).await;
    let table = events_table(&lake).await;
    table.append(&[batch(7, "view", 3, 6)], APP, 1).await.unwrap();
    let batches = query(&table, "SELECT * FROM t ORDER BY position").await;
    let back: Vec<_> = batches.iter().flat_map(|b| events::read(b).unwrap()).collect();
    let original = events::read(&batch(7, "view", 3, 6)).unwrap();
    assert_eq!(back, original);
    for field in events::schema().fields() {
        assert_eq!(table.schema().field_with_name(field.name()).unwrap().data_type(), field.data_type());
        assert_eq!(batches[0].schema().field_with_name(field.name()).unwrap().data_type(), field.data_type());
    }
    let same = events_table(&lake).await;
    same.append(&[batch(7, "view", 6, 7)], APP, 2).await.unwrap();
    assert_eq!(table.version(), 2, "asked for twice, it is one table");
}

#[tokio::test]
async fn columns_are_added_and_old_rows_have_null_there() {
    let folder = TempDir::new().unwrap();
    let first = lake(folder.path()).await;
    let table = events_table(&first).await;
    table.append(&[batch(1, "buy", 0, 4)], APP, 1).await.unwrap();

    let declared = [events::Declared::new("n", events::DeclaredKind::Number).unwrap()];
    let wide = || async {
        let lake = lake(folder.path()).await;
        lake.table(events::TABLE, events::schema_with(&declared), events::PARTITION_BY).await.unwrap()
    };
    let table2 = wide().await;
    let mut rows = events::Rows::with_declared(&declared);
    rows.push(&Event::track(WorkspaceId(1), "s".into(), "x", "buy", NOW).with_property("n", "2.50"), 4, None).unwrap();
    table2.append(&[rows.finish().unwrap()], APP, 2).await.unwrap();
    assert_eq!(number(&table2, "SELECT count(*) FROM t WHERE n IS NULL").await, 4);
    assert_eq!(number(&table2, "SELECT count(*) FROM t WHERE n = 2.5").await, 1);

    // The first handle does not know the column and still appends, also behind the foreign change.
    table.append(&[batch(1, "buy", 5, 7)], APP, 3).await.unwrap();
    let table3 = wide().await;
    assert_eq!(number(&table3, "SELECT count(*) FROM t WHERE n IS NULL").await, 6);

    // Asked for with fewer columns, nothing is lost.
    let narrow = events_table(&lake(folder.path()).await).await;
    assert_eq!(number(&narrow, "SELECT count(*) FROM t WHERE n = 2.5").await, 1);

    let odd: SchemaRef = Arc::new(Schema::new(vec![Field::new(events::NAME, DataType::Int64, true)]));
    let refused = first.table(events::TABLE, odd, events::PARTITION_BY).await.err().unwrap();
    assert_eq!(refused.code, "event_lake.column_type_differs");
    let strict: SchemaRef = Arc::new(Schema::new(vec![Field::new("must", DataType::Int64, false)]));
    assert_eq!(first.table(events::TABLE, strict, events::PARTITION_BY).await.err().unwrap().code, "event_lake.column_not_nullable");
    assert_eq!(first.table(events::TABLE, events::schema(), &[]).await.err().unwrap().code, "event_lake.partition_differs");
    assert_eq!(first.table("../x", events::schema(), &[]).await.err().unwrap().code, "event_lake.name_invalid");

    for name in ["a b", "Name", ""] {
        let odd: SchemaRef = Arc::new(Schema::new(vec![Field::new(name, DataType::Int64, true)]));
        let refused = first.table(events::TABLE, odd, events::PARTITION_BY).await.err().unwrap();
        assert_eq!(refused.code, "event_lake.column_name_invalid", "{name:?}");
    }
    let unknown = RecordBatch::try_from_iter([("surprise", Arc::new(StringArray::from(vec!["x"])) as _)]).unwrap();
    assert_eq!(table.append(&[unknown], APP, 99).await.unwrap_err().code, "event_lake.column_unknown");
}

#[tokio::test]
async fn an_orphan_of_a_crash_is_not_seen_and_is_vacuumed() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    table.append(&[batch(1, "view", 0, 10)], APP, 1).await.unwrap();
    // A crash between the file and the commit leaves exactly this.
    let file = parquet_files(folder.path()).remove(0);
    let orphan = file.with_file_name("part-0000000000000-orphan.zstd.parquet");
    std::fs::copy(&file, &orphan).unwrap();
    // And one inside the commit leaves a staged file.
    std::fs::write(folder.path().join(".staging/half"), "{").unwrap();

    let again = events_table(&lake(folder.path()).await).await;
    assert_eq!(number(&again, "SELECT count(*) FROM t").await, 10);
    assert_eq!(again.append(&[batch(1, "view", 10, 20)], APP, 2).await.unwrap(), written(2, 10));
    assert_eq!(again.vacuum(Millis::HOUR, Millis(0)).await.unwrap(), Vacuumed::default(), "too young");
    let later = Millis(i64::MAX / 4);
    let vacuumed = again.vacuum(Millis::HOUR, later).await.unwrap();
    assert_eq!(vacuumed.files, 1);
    assert!(!orphan.exists() && !folder.path().join(".staging/half").exists());
    assert_eq!(positions(&again).await, (0..20).collect::<Vec<_>>());
}

/// The writer of the test below, in a process of its own: appends ten rows at a time and says so, until it is killed.
#[tokio::test]
#[ignore = "runs only as the child of the test that kills it"]
async fn the_writer_that_is_killed() {
    let Some(folder) = std::env::var_os("WEFT_TEST_LAKE") else { return };
    let table = events_table(&lake(Path::new(&folder)).await).await;
    let from = table.marker(APP).await.unwrap().map_or(0, |told| told as u64 + 1);
    for round in from.. {
        table.append(&[batch(1, "view", round * 10, round * 10 + 10)], APP, round as i64).await.unwrap();
        println!("\nacknowledged {round}");
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_commits() {
    use std::io::{BufRead, BufReader};
    let folder = TempDir::new().unwrap();
    for kill_after in [1, 7, 40] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_writer_that_is_killed", "--nocapture"])
            .env("WEFT_TEST_LAKE", folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let acknowledged: Vec<i64> =
            lines.filter_map(|l| l.strip_prefix("acknowledged ").and_then(|n| n.parse().ok())).take(kill_after).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(acknowledged.len(), kill_after);
        let table = events_table(&lake(folder.path()).await).await;
        let told = table.marker(APP).await.unwrap().unwrap();
        assert!(told >= acknowledged[kill_after - 1], "an acknowledged append is gone");
        assert_eq!(positions(&table).await, (0..(told as u64 + 1) * 10).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn files_are_left_out_by_partition_and_by_bounds() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    table.append(&[batch(1, "view", 0, 100), batch(2, "view", 100, 200)], APP, 1).await.unwrap();
    table.append(&[batch(1, "buy", 200, 300)], APP, 2).await.unwrap();
    assert_eq!(table.files().len(), 3);
    assert_eq!(table.files().iter().filter_map(|f| f.rows).sum::<u64>(), 300);

    assert_eq!(files_in(&plan(&table, "SELECT name FROM t").await), 3);
    assert_eq!(files_in(&plan(&table, "SELECT name FROM t WHERE workspace = 2").await), 1);
    assert_eq!(files_in(&plan(&table, "SELECT name FROM t WHERE workspace = 3").await), 0);
    assert_eq!(files_in(&plan(&table, "SELECT position FROM t WHERE name = 'buy'").await), 1);
    let late = NOW.plus(250 * Millis::SECOND);
    assert_eq!(files_in(&plan(&table, &format!("SELECT position FROM t WHERE ts >= '{late}'")).await), 1);
    assert_eq!(files_in(&plan(&table, "SELECT position FROM t WHERE position < 50").await), 1);
    assert_eq!(files_in(&plan(&table, "SELECT position FROM t WHERE channel = 'web'").await), 0, "all null");

    let text = plan(&table, &format!("SELECT position FROM t WHERE name = 'buy' AND ts >= '{late}' LIMIT 3")).await;
    assert!(text.contains("DataSourceExec") && text.contains("predicate=") && text.contains("limit=3"), "{text}");
    assert!(!text.contains("FilterExec"), "filters are in the source: {text}");
    assert!(!text.contains("properties"), "only what is asked is read: {text}");
    assert_eq!(number(&table, &format!("SELECT count(*) FROM t WHERE ts >= '{late}'")).await, 50);
    let counted = plan(&table, "SELECT count(*) FROM t").await;
    assert!(!counted.contains("DataSourceExec: file"), "counted from the log: {counted}");

    let pinned = table.pin(&[]).await.unwrap().only(events::WORKSPACE, ScalarValue::UInt32(Some(2))).unwrap();
    let context = context();
    context.register_table("mine", pinned.provider()).unwrap();
    let rows = context.sql("SELECT DISTINCT workspace FROM mine WHERE true OR workspace = 1").await.unwrap().collect().await.unwrap();
    let seen: Vec<_> = rows.iter().flat_map(|b| b.column(0).as_any().downcast_ref::<UInt32Array>().unwrap().values().to_vec()).collect();
    assert_eq!(seen, [2]);
    assert!(table.pin(&[]).await.unwrap().only(events::NAME, "x".into()).is_err());
}

#[tokio::test]
async fn row_groups_are_left_out_by_their_bounds() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    table.append(&[batch(1, "view", 0, 300_000)], APP, 1).await.unwrap();
    let context = context();
    context.register_table("t", table.provider()).unwrap();
    let at = NOW.plus(299_000 * Millis::SECOND);
    let sql = format!("SELECT position FROM t WHERE ts >= '{at}' AND name = 'view'");
    let plan = context.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
    let rows: usize =
        datafusion::physical_plan::collect(plan.clone(), context.task_ctx()).await.unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, 1000);
    let text = displayable(scan_of(&plan).as_ref()).set_show_statistics(true).indent(true).to_string();
    let metrics = scan_of(&plan).metrics().unwrap().aggregate_by_name().to_string();
    assert!(metrics.contains("row_groups_pruned_statistics=3 total → 1 matched"), "{text}\n{metrics}");
}

fn scan_of(plan: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    match plan.children().first() {
        Some(child) => scan_of(child),
        None => plan.clone(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_files_become_large_ones_and_rows_stay() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    for round in 0..10u64 {
        let (a, b) = (batch(1, "view", round * 20, round * 20 + 10), batch(2, "view", round * 20 + 10, round * 20 + 20));
        table.append(&[a, b], APP, round as i64 + 1).await.unwrap();
    }
    let before = table.pin(&[APP]).await.unwrap();
    let all = query(&table, "SELECT * FROM t ORDER BY position").await;
    let done = table.compact(100 << 20).await.unwrap();
    assert_eq!((done.files_before, done.files_after), (20, 2));
    assert!(done.bytes_after < done.bytes_before);
    assert_eq!(table.files().len(), 2);
    assert_eq!(query(&table, "SELECT * FROM t ORDER BY position").await, all);
    assert_eq!(table.compact(100 << 20).await.unwrap(), Default::default(), "nothing left to do");
    assert_eq!(files_in(&plan(&table, "SELECT position FROM t WHERE position < 5").await), 1, "bounds are kept");
    assert_eq!(table.marker(APP).await.unwrap(), Some(10));

    let commit = std::fs::read_to_string(folder.path().join("events/_delta_log/00000000000000000011.json")).unwrap();
    assert!(commit.contains(r#""dataChange":false"#) && !commit.contains(r#""dataChange":true"#));

    // Who holds the old version still reads it, until the vacuum.
    let context = context();
    context.register_table("old", before.provider()).unwrap();
    let old = context.sql("SELECT position FROM old WHERE position >= 0").await.unwrap().collect().await.unwrap();
    assert_eq!(old.iter().map(RecordBatch::num_rows).sum::<usize>(), 200);
    assert_eq!(table.vacuum(Millis::HOUR, NOW.plus(Millis::MINUTE)).await.unwrap().files, 0);
    assert_eq!(table.vacuum(Millis::HOUR, NOW.plus(2 * Millis::HOUR)).await.unwrap().files, 20);
    assert_eq!(parquet_files(folder.path()).len(), 2);
    assert_eq!(positions(&table).await, (0..200).collect::<Vec<_>>());

    let again = events_table(&lake(folder.path()).await).await;
    assert_eq!(positions(&again).await, (0..200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compacting_and_appending_do_not_hinder_each_other() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    for round in 0..8u64 {
        table.append(&[batch(1, "view", round * 10, round * 10 + 10)], APP, round as i64 + 1).await.unwrap();
    }
    let other = events_table(&lake(folder.path()).await).await;
    let compacting = { let t = table.clone(); tokio::spawn(async move { t.compact(1 << 20).await.unwrap() }) };
    let foreign = { let t = other.clone(); tokio::spawn(async move { t.compact(1 << 20).await.unwrap() }) };
    for round in 8..16u64 {
        table.append(&[batch(1, "view", round * 10, round * 10 + 10)], APP, round as i64 + 1).await.unwrap();
    }
    compacting.await.unwrap();
    foreign.await.unwrap();
    table.refresh().await.unwrap();
    other.refresh().await.unwrap();
    assert_eq!(positions(&table).await, (0..160).collect::<Vec<_>>());
    assert_eq!(positions(&other).await, (0..160).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_holds_files_and_markers() {
    let folder = TempDir::new().unwrap();
    // A clock years ahead of the files' times: every log file behind a checkpoint is old.
    let clock = Arc::new(FakeClock::at(Millis(4_000_000_000_000)));
    let lake = Lake::open_with_clock(&url(folder.path()), clock).await.unwrap();
    let table = events_table(&lake).await;
    for round in 0..70u64 {
        table.append(&[batch(1, "view", round, round + 1)], APP, round as i64).await.unwrap();
    }
    let log = folder.path().join("events/_delta_log");
    assert!(log.join("00000000000000000064.checkpoint.parquet").exists());
    assert!(!log.join("00000000000000000003.json").exists(), "the log behind it was dropped");
    table.compact(1 << 20).await.unwrap();

    let again = events_table(&Lake::open(&url(folder.path())).await.unwrap()).await;
    assert_eq!(again.version(), 71);
    assert_eq!(again.marker(APP).await.unwrap(), Some(69));
    assert_eq!(again.append(&[batch(1, "view", 0, 1)], APP, 69).await.unwrap(), Appended::AlreadyThere);
    assert_eq!(again.files().len(), 1);
    assert_eq!(positions(&again).await, (0..70).collect::<Vec<_>>());
}

#[tokio::test]
async fn bounds_survive_a_checkpoint() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    for round in 0..64u64 {
        table.append(&[batch(1, "view", round * 10, round * 10 + 10)], APP, round as i64).await.unwrap();
    }
    let again = events_table(&lake(folder.path()).await).await;
    assert_eq!(again.files().iter().filter_map(|f| f.rows).sum::<u64>(), 640);
    assert_eq!(files_in(&plan(&again, "SELECT position FROM t WHERE position < 15").await), 2);
    let at = NOW.plus(630 * Millis::SECOND);
    assert_eq!(files_in(&plan(&again, &format!("SELECT position FROM t WHERE ts >= '{at}'")).await), 1);
    assert_eq!(number(&again, &format!("SELECT count(*) FROM t WHERE ts >= '{at}'")).await, 10);
}

#[tokio::test]
async fn a_lake_may_lie_in_any_folder() {
    let folder = TempDir::new().unwrap();
    let odd = folder.path().join("数据 50% #1");
    let table = events_table(&lake(&odd).await).await;
    table.append(&[batch(1, "view", 0, 10)], APP, 1).await.unwrap();
    let again = events_table(&lake(&odd).await).await;
    assert_eq!(positions(&again).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn tables_of_other_shapes() {
    let folder = TempDir::new().unwrap();
    let lake = lake(folder.path()).await;
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("country", DataType::Utf8, true),
        Field::new("n", DataType::UInt64, false),
    ]));
    let table = lake.table("visits", schema.clone(), &["country"]).await.unwrap();
    let rows = RecordBatch::try_new(
        schema,
        vec![
            Arc::new(StringArray::from(vec![Some("中国"), None, Some("a/b c"), Some("中国")])),
            Arc::new(UInt64Array::from(vec![1, 2, 3, 4])),
        ],
    );
    table.append(&[rows.unwrap()], "x", 1).await.unwrap();
    let again = self::lake(folder.path()).await.table("visits", table.schema(), &["country"]).await.unwrap();
    for table in [table, again] {
        assert_eq!(table.files().len(), 3);
        assert_eq!(number(&table, "SELECT CAST(sum(n) AS BIGINT) FROM t WHERE country = '中国'").await, 5);
        assert_eq!(number(&table, "SELECT CAST(sum(n) AS BIGINT) FROM t WHERE country IS NULL").await, 2);
        assert_eq!(files_in(&plan(&table, "SELECT n FROM t WHERE country = 'a/b c'").await), 1);
        let batches = query(&table, "SELECT country FROM t WHERE n = 3").await;
        assert_eq!(batches[0].column(0).as_string::<i32>().value(0), "a/b c");
        assert!(batches[0].column(0).is_valid(0));
    }
}

/// Other people's readers see the same table. Set WEFT_TEST_PYTHON to a python that has `deltalake` and `duckdb`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deltalake_and_duckdb_read_it_too() {
    let Ok(python) = std::env::var("WEFT_TEST_PYTHON") else {
        println!("skipped: deltalake_and_duckdb_read_it_too (WEFT_TEST_PYTHON is not set)");
        return;
    };
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    for round in 0..70u64 {
        let name = if round % 2 == 0 { "view" } else { "buy" };
        table.append(&[batch(1, name, round * 10, round * 10 + 10), batch(2, "view", round, round + 1)], APP, round as i64).await.unwrap();
    }
    table.compact(1 << 20).await.unwrap();
    table.append(&[batch(1, "view", 700, 710)], APP, 100).await.unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/python/read_lake.py");
    let output = Command::new(python).arg(script).arg(folder.path().join("events")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for reader in ["deltalake", "duckdb"] {
        let of = |key: &str| told[reader][key].clone();
        assert_eq!(of("rows"), 780, "{told}");
        assert_eq!(of("by_name"), serde_json::json!({"buy": 350, "view": 430}), "{told}");
        assert_eq!(of("by_workspace"), serde_json::json!({"1": 710, "2": 70}), "{told}");
        assert_eq!(of("positions"), 709 * 710 / 2 + 69 * 70 / 2, "{told}");
        assert_eq!(of("first_ts"), NOW.0, "{told}");
        assert_eq!(of("last_ts"), NOW.0 + 709_000, "{told}");
    }
}

/// Not a test: prints how fast appends are. `cargo test -p weft-event-lake -- --ignored --nocapture measure`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn measure() {
    let folder = TempDir::new().unwrap();
    let table = events_table(&lake(folder.path()).await).await;
    let (mut built, mut appended) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    for round in 0..10u64 {
        let start = std::time::Instant::now();
        let rows = batch(1, ["view", "buy", "search"][round as usize % 3], round * 100_000, (round + 1) * 100_000);
        built += start.elapsed();
        let start = std::time::Instant::now();
        table.append(&[rows], APP, round as i64).await.unwrap();
        appended += start.elapsed();
    }
    println!("1M events: rows built in {built:?}, appended in {appended:?}");
    let bytes: u64 = table.files().iter().map(|f| f.size).sum();
    println!("{} files, {bytes} bytes", table.files().len());
    let start = std::time::Instant::now();
    for round in 0..100u64 {
        table.append(&[batch(1, "view", 0, 10)], "small", round as i64).await.unwrap();
    }
    println!("100 small appends in {:?}", start.elapsed());
    let start = std::time::Instant::now();
    table.compact(128 << 20).await.unwrap();
    println!("compacted in {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let again = events_table(&lake(folder.path()).await).await;
    println!("opened in {:?}, {} files", start.elapsed(), again.files().len());
    for sql in [
        "SELECT count(*) FROM t",
        "SELECT name, count(*) FROM t GROUP BY name",
        "SELECT count(DISTINCT user_id) FROM t WHERE name = 'buy'",
        "SELECT * FROM t WHERE position = 77777",
    ] {
        let start = std::time::Instant::now();
        query(&again, sql).await;
        println!("{sql}: {:?}", start.elapsed());
    }
}
