//! Queries through the public face: own rows only, each once, within limits.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;
use weft_event_lake::{Lake, Table, events};
use weft_kernel::{ErrorKind, Event, FakeClock, Millis, PersonId, WorkspaceId};
use weft_query_engine::{
    ColumnKind, Limits, Options, PersonMap, QueryEngine, Rows, lake_table, mapped_events, rows_table, union_table,
};

const NOW: Millis = Millis(1_795_316_412_045);
const APP: &str = "events/0";
const ONE: WorkspaceId = WorkspaceId(1);
const TWO: WorkspaceId = WorkspaceId(2);

struct Bench {
    _folder: TempDir,
    table: Table,
    engine: QueryEngine,
}

async fn table(folder: &Path) -> Table {
    let url = Url::from_directory_path(folder).unwrap().to_string();
    let lake = Lake::open_with_clock(&url, Arc::new(FakeClock::at(NOW))).await.unwrap();
    lake.table(events::TABLE, events::schema(), events::PARTITION_BY).await.unwrap()
}

fn engine(options: Options) -> QueryEngine {
    QueryEngine::new(Options { threads: 2, ..options }).unwrap()
}

/// Events of one workspace at positions `from..to`, one a minute; the atom is the position modulo four.
fn batch(workspace: WorkspaceId, name: &str, from: u64, to: u64) -> RecordBatch {
    let mut rows = events::Rows::new();
    for position in from..to {
        let event = Event::track(workspace, "src_1".into(), format!("{workspace}/e{position}"), name, NOW.plus(position as i64 * Millis::MINUTE))
            .with_identifier("anonymous_id", format!("a{}", position % 4))
            .with_property("price", format!("{position}.50"))
            .with_property("n", position)
            .with_property("page", json!({"url": format!("/p/{position}"), "tags": ["x", position]}));
        rows.push(&event, position, Some(position as u32 % 4)).unwrap();
    }
    rows.finish().unwrap()
}

fn same() -> PersonMap {
    Arc::new(|_| Arc::new(|atom| atom))
}

/// Two workspaces in one lake: positions 0..100 of the first, 100..150 of the second.
async fn bench() -> Bench {
    let folder = TempDir::new().unwrap();
    let table = table(folder.path()).await;
    table.append(&[batch(ONE, "view", 0, 60), batch(TWO, "view", 100, 150)], APP, 149).await.unwrap();
    table.append(&[batch(ONE, "buy", 60, 100)], "backfill", 1).await.unwrap();
    let engine = engine(Options::default());
    let none = Arc::new(|_, _| Ok(Vec::new()));
    engine.register_table("events", mapped_events(union_table(table.clone(), APP, none), same()));
    engine.register_table("raw", lake_table(table.clone()));
    engine.register_table("people", rows_table(people_schema(), Arc::new(|workspace| Ok(vec![people(workspace)]))));
    Bench { _folder: folder, table, engine }
}

fn people_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("person", DataType::Utf8, false), Field::new("city", DataType::Utf8, true)]))
}

/// The giver of rows gives everybody's, with their workspace; what is not asked for must not come through.
fn people(workspace: WorkspaceId) -> RecordBatch {
    let id = |w, n| PersonId::of(w, n).to_string();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("person", Arc::new(StringArray::from(vec![id(ONE, 0), id(TWO, 0), id(workspace, 1)]))),
        ("city", Arc::new(StringArray::from(vec![Some("上海"), Some("杭州"), None]))),
        ("workspace", Arc::new(UInt32Array::from(vec![1, 2, workspace.0]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

impl Bench {
    async fn rows(&self, workspace: WorkspaceId, sql: &str) -> Rows {
        self.engine.sql(workspace, sql, Limits::default(), NOW).await.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    async fn one(&self, sql: &str) -> Value {
        self.rows(ONE, sql).await.rows[0][0].clone()
    }

    async fn error(&self, sql: &str) -> weft_kernel::Error {
        self.engine.sql(ONE, sql, Limits::default(), NOW).await.err().unwrap_or_else(|| panic!("{sql} was let through"))
    }
}

#[tokio::test]
async fn events_look_as_the_contract_says() {
    let bench = bench().await;
    let rows = bench.rows(ONE, "SELECT * FROM events WHERE event_id = 'wsp_1/e61'").await;
    let names: Vec<_> = rows.columns.iter().map(|c| c.name.as_str()).collect();
    let contract = ["event_id", "name", "ts", "received_at", "person", "anonymous_id", "user_id", "source", "channel", "properties"];
    assert_eq!(names[..10], contract);
    assert!(!names.contains(&"workspace"));
    assert_eq!(rows.columns[2].kind, ColumnKind::Time);
    let row = &rows.rows[0];
    assert_eq!(row[1], "buy");
    assert_eq!(row[2], NOW.plus(61 * Millis::MINUTE).rfc3339());
    assert_eq!(row[4], PersonId::of(ONE, 1).as_str());
    assert_eq!(row[5], "a1");
    assert_eq!(row[6], Value::Null);
    assert_eq!(serde_json::from_str::<Value>(row[9].as_str().unwrap()).unwrap()["page"]["url"], "/p/61");
    assert!(!rows.truncated);
}

#[tokio::test]
async fn properties_are_read_by_path() {
    let bench = bench().await;
    let of = async |what: &str| bench.one(&format!("SELECT {what} FROM events WHERE position = 7")).await;
    assert_eq!(of("prop(properties, 'price')").await, "7.50");
    assert_eq!(of("prop(properties, 'n')").await, "7");
    assert_eq!(of("prop(properties, 'page.url')").await, "/p/7");
    assert_eq!(of("prop(properties, 'page.tags')").await, r#"["x",7]"#);
    assert_eq!(of("prop(properties, 'page.none')").await, Value::Null);
    assert_eq!(of("prop(properties, NULL)").await, Value::Null);
    assert_eq!(of("prop_num(properties, 'price')").await, "7.5");
    assert_eq!(of("prop_num(properties, 'page.url')").await, Value::Null);
    assert_eq!(of("prop('{\"a\":\"\\u00e9\"}', 'a')").await, "é");
    assert_eq!(of("prop(properties, CASE WHEN position > 5 THEN 'n' ELSE 'price' END)").await, "7");
    assert_eq!(bench.one("SELECT sum(prop_num(properties, 'price')) FROM events WHERE name = 'buy'").await, "3200");
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE prop_num(properties, 'n') >= 90.5").await, 9);
    assert_eq!(bench.error("SELECT prop(position, 'a') FROM events").await.code, "query.invalid");
}

#[tokio::test]
async fn filters_go_down_to_the_files() {
    let bench = bench().await;
    let at = NOW.plus(70 * Millis::MINUTE);
    let sql = format!("SELECT event_id, person FROM events WHERE name = 'buy' AND ts >= '{at}' AND prop(properties, 'n') = '80'");
    let plan = bench.engine.explain(ONE, &sql, NOW).await.unwrap();
    assert_eq!(plan.matches(".parquet").count(), 1, "one file of three: {plan}");
    assert!(plan.contains("predicate=name@") && plan.contains("prop(") && plan.contains("pruning_predicate="), "{plan}");
    assert!(plan.contains("ts_max@"), "row groups are left out by time: {plan}");
    assert!(!plan.contains("FilterExec"), "{plan}");
    assert!(!plan.contains("anonymous_id"), "only what is asked is read: {plan}");
    assert_eq!(bench.rows(ONE, &sql).await.rows, vec![vec![json!("wsp_1/e80"), json!(PersonId::of(ONE, 0).as_str())]]);

    let counted = bench.engine.explain(TWO, "SELECT count(*) FROM events", NOW).await.unwrap();
    assert!(!counted.contains(".parquet"), "counted from the log: {counted}");
    let above = format!("SELECT count(*) FROM events WHERE name = 'buy' AND ts > (SELECT min(ts) FROM events WHERE ts >= '{at}')");
    assert_eq!(bench.one(&above).await, 29);
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE position IN (SELECT position FROM raw WHERE name = 'buy')").await, 40);
    let limited = bench.engine.explain(ONE, "SELECT name FROM events LIMIT 3", NOW).await.unwrap();
    assert!(limited.contains("limit=3"), "{limited}");
}

#[tokio::test]
async fn a_query_reads_and_nothing_else() {
    let bench = bench().await;
    let folder = TempDir::new().unwrap();
    let copy = format!("COPY (SELECT * FROM events) TO '{}/x.parquet'", folder.path().display());
    let external = format!("CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '{}'", folder.path().display());
    for sql in [
        "INSERT INTO people VALUES ('x', 'y')",
        "UPDATE people SET city = 'x'",
        "DELETE FROM people",
        "TRUNCATE TABLE people",
        "CREATE TABLE x AS SELECT * FROM events",
        "CREATE VIEW x AS SELECT * FROM events",
        "DROP TABLE people",
        "SET datafusion.execution.batch_size = 1",
        "SHOW TABLES",
        "SHOW ALL",
        "DESCRIBE events",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT * FROM events",
        "BEGIN",
        "PREPARE p AS SELECT 1",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "SELECT * INTO x FROM events",
        &copy,
        &external,
    ] {
        let refused = bench.error(sql).await;
        assert_eq!(refused.kind, ErrorKind::Invalid, "{sql}");
        assert!(refused.code == "query.reads_only" || refused.code == "query.invalid", "{sql}: {refused}");
        if !sql.starts_with("SELECT") {
            assert_eq!(refused.code, "query.reads_only", "{sql}: {refused}");
        }
    }
    let hidden = bench.error("WITH x AS (INSERT INTO people VALUES ('x', 'y') RETURNING *) SELECT * FROM x").await;
    assert_eq!(hidden.kind, ErrorKind::Invalid);
    assert_eq!(bench.error("SELECT 1; SELECT 2").await.code, "query.several_statements");
    assert_eq!(bench.error("SELECT 1; DROP TABLE people").await.code, "query.several_statements");
    assert_eq!(bench.error("").await.code, "query.invalid");
    assert_eq!(bench.error(" -- nothing").await.code, "query.invalid");
    assert_eq!(bench.one("SELECT 1 -- and a word behind").await, 1);
    assert_eq!(bench.one("WITH a AS (SELECT 2 AS n) SELECT n FROM a").await, 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(bench.rows(ONE, "SELECT * FROM people").await.rows.len(), 2);
}

#[tokio::test]
async fn mistakes_are_told() {
    let bench = bench().await;
    let unknown = bench.error("SELECT nonsense FROM events").await;
    assert_eq!((unknown.kind, unknown.code), (ErrorKind::Invalid, "query.invalid"));
    assert!(unknown.detail.contains("nonsense") && unknown.detail.len() < 1300, "{unknown}");
    for sql in ["SELEC 1", "SELECT FROM WHERE", "SELECT * FROM nowhere", "SELECT 1/0", "SELECT CAST('x' AS INT)", "SELECT nofunc(1)"] {
        assert_eq!(bench.error(sql).await.code, "query.invalid", "{sql}");
    }
    for boundless in ["repeat('x', 2)", "range(1, 3)", "array_repeat(1, 2)", "list_repeat(1, 2)", "array_resize([1], 5)", "generate_series(1, 3)"] {
        assert_eq!(bench.error(&format!("SELECT {boundless}")).await.code, "query.invalid", "{boundless}");
    }
    assert_eq!(bench.one("SELECT count(*) FROM generate_series(1, 3)").await, 3);
    let deep = format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(bench.error(&deep).await.kind, ErrorKind::Invalid, "depth is refused, not fatal");
}

#[tokio::test]
async fn nobody_sees_the_rows_of_another() {
    let bench = bench().await;
    // What each could try: every answer is checked for whose rows it holds.
    let queries = [
        "SELECT event_id FROM events",
        "SELECT event_id FROM raw",
        "SELECT event_id FROM weft.public.raw",
        "SELECT event_id FROM public.events",
        "SELECT event_id FROM raw WHERE workspace = 2 OR workspace = 1 OR true",
        "SELECT a.event_id FROM events a JOIN raw b ON a.ts = b.ts OR a.ts <> b.ts LIMIT 500",
        "SELECT b.event_id FROM people p CROSS JOIN raw b LIMIT 500",
        "SELECT event_id FROM (SELECT * FROM raw UNION ALL SELECT * FROM raw)",
        "WITH r AS (SELECT * FROM raw), s AS (SELECT event_id FROM r) SELECT * FROM s",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT event_id FROM raw, n LIMIT 500",
        "SELECT event_id FROM events WHERE EXISTS (SELECT 1 FROM raw WHERE raw.position <> events.position)",
        "SELECT (SELECT max(event_id) FROM raw) AS event_id",
        "SELECT max(event_id) OVER (PARTITION BY name) AS event_id FROM raw",
        "SELECT event_id FROM raw EXCEPT SELECT event_id FROM events WHERE name = 'none'",
        "SELECT unnest(array_agg(event_id)) AS event_id FROM raw",
    ];
    for (workspace, prefix) in [(ONE, "wsp_1/"), (TWO, "wsp_2/")] {
        for sql in queries {
            let rows = bench.rows(workspace, sql).await;
            assert!(!rows.rows.is_empty(), "{sql}");
            for row in &rows.rows {
                assert!(row[0].as_str().unwrap().starts_with(prefix), "{sql} told {workspace} of {row:?}");
            }
        }
    }
    assert_eq!(bench.rows(ONE, "SELECT count(*), min(workspace), max(workspace) FROM raw").await.rows, vec![vec![json!(100), json!(1), json!(1)]]);
    assert_eq!(bench.rows(TWO, "SELECT count(*), min(workspace), max(workspace) FROM raw").await.rows, vec![vec![json!(50), json!(2), json!(2)]]);
    assert_eq!(bench.rows(WorkspaceId(3), "SELECT count(*) FROM events").await.rows, vec![vec![json!(0)]]);
    let cities = bench.rows(TWO, "SELECT city FROM people ORDER BY city").await.rows;
    assert_eq!(cities, vec![vec![json!("杭州")], vec![Value::Null]], "rows that the giver should not have given");
    for sql in [
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM information_schema.df_settings",
        "SELECT * FROM datafusion.public.events",
        "SELECT * FROM other.events",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'events.parquet'",
        "SELECT * FROM read_parquet('x')",
    ] {
        assert_eq!(bench.error(sql).await.code, "query.invalid", "{sql}");
    }
    let theirs = PersonId::of(TWO, 1);
    assert_eq!(bench.one(&format!("SELECT count(*) FROM events WHERE person = '{theirs}'")).await, 0);
}

/// Rows that wait for the lake, as the pipeline keeps them.
#[derive(Default)]
struct Buffer(Mutex<Vec<(u64, RecordBatch)>>);

impl Buffer {
    fn add(&self, last: u64, batch: RecordBatch) {
        self.0.lock().unwrap().push((last, batch));
    }
    fn after(&self, marker: Option<i64>) -> Vec<RecordBatch> {
        let kept = self.0.lock().unwrap();
        kept.iter().filter(|(last, _)| marker.is_none_or(|m| *last as i64 > m)).map(|(_, b)| b.clone()).collect()
    }
    async fn flush(&self, table: &Table) {
        let (last, all) = {
            let kept = self.0.lock().unwrap();
            (kept.last().map(|(last, _)| *last), kept.iter().map(|(_, b)| b.clone()).collect::<Vec<_>>())
        };
        if let Some(last) = last {
            table.append(&all, APP, last as i64).await.unwrap();
            self.0.lock().unwrap().retain(|(l, _)| *l > last);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_row_counts_once_whenever_the_flush_comes() {
    let folder = TempDir::new().unwrap();
    let table = table(folder.path()).await;
    let buffer = Arc::new(Buffer::default());
    let looks = Arc::new(AtomicUsize::new(0));
    let engine = engine(Options::default());
    let pending = {
        let (buffer, table, looks) = (buffer.clone(), table.clone(), looks.clone());
        Arc::new(move |_, marker| {
            // Every third look meets a flush just before it, every third one just behind it.
            let flush = || tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(buffer.flush(&table)));
            match looks.fetch_add(1, Ordering::SeqCst) % 3 {
                0 => Ok(buffer.after(marker)),
                1 => {
                    flush();
                    Ok(buffer.after(marker))
                }
                _ => {
                    let rows = buffer.after(marker);
                    flush();
                    Ok(rows)
                }
            }
        })
    };
    engine.register_table("events", mapped_events(union_table(table.clone(), APP, pending), same()));
    let engine = Arc::new(engine);
    for round in 0..12u64 {
        buffer.add(round * 10 + 9, batch(ONE, "view", round * 10, round * 10 + 10));
        let sql = "SELECT count(*), count(DISTINCT position), max(position) FROM events";
        let rows = engine.sql(ONE, sql, Limits::default(), NOW).await.unwrap().rows;
        let expected = (round + 1) * 10;
        assert_eq!(rows, vec![vec![json!(expected), json!(expected), json!(expected - 1)]], "round {round}");
        let twice = "SELECT count(*) FROM events a JOIN events b ON a.position = b.position";
        assert_eq!(engine.sql(ONE, twice, Limits::default(), NOW).await.unwrap().rows[0][0], json!(expected), "one version per query");
    }
    assert!(table.version() > 3 && looks.load(Ordering::SeqCst) > 24, "flushes came in between, and looks were repeated");
}

#[tokio::test]
async fn a_sloppy_buffer_is_not_counted_twice() {
    let folder = TempDir::new().unwrap();
    let table = table(folder.path()).await;
    table.append(&[batch(ONE, "view", 0, 10)], APP, 9).await.unwrap();
    let engine = engine(Options::default());
    let sloppy = Arc::new(|_, _| Ok(vec![batch(ONE, "view", 5, 15), batch(TWO, "view", 20, 30)]));
    engine.register_table("events", mapped_events(union_table(table, APP, sloppy), same()));
    let rows = engine.sql(ONE, "SELECT count(*), max(position) FROM events WHERE name = 'view'", Limits::default(), NOW).await.unwrap();
    assert_eq!(rows.rows, vec![vec![json!(15), json!(14)]]);
    assert_eq!(engine.sql(TWO, "SELECT count(*) FROM events", Limits::default(), NOW).await.unwrap().rows[0][0], json!(10));
}

#[tokio::test]
async fn persons_are_those_of_today() {
    let bench = bench().await;
    let merged: Arc<RwLock<HashMap<u32, u32>>> = Arc::default();
    let persons: PersonMap = {
        let merged = merged.clone();
        Arc::new(move |_| {
            let now = merged.read().unwrap().clone();
            Arc::new(move |atom| now.get(&atom).copied().unwrap_or(atom))
        })
    };
    bench.engine.register_table("events", mapped_events(lake_table(bench.table.clone()), persons));
    let counted = "SELECT count(DISTINCT person), count(DISTINCT person_number), count(DISTINCT atom) FROM events";
    assert_eq!(bench.rows(ONE, counted).await.rows, vec![vec![json!(4), json!(4), json!(4)]]);
    let zero = PersonId::of(ONE, 0);
    let hers = format!("SELECT count(*) FROM events WHERE person = '{zero}'");
    assert_eq!(bench.one(&hers).await, 25);

    merged.write().unwrap().insert(3, 0);
    assert_eq!(bench.rows(ONE, counted).await.rows, vec![vec![json!(3), json!(3), json!(4)]]);
    assert_eq!(bench.one(&hers).await, 50);
    assert_eq!(bench.one(&format!("SELECT count(*) FROM events WHERE person IN ('{zero}', '{}')", PersonId::of(ONE, 2))).await, 75);
    assert_eq!(bench.one(&format!("SELECT count(*) FROM events WHERE '{zero}' <> person")).await, 50);
    let shown = bench.rows(ONE, &format!("SELECT person = '{zero}', count(*) FROM events GROUP BY 1 ORDER BY 2, 1")).await;
    assert_eq!(shown.rows, vec![vec![json!(false), json!(50)], vec![json!(true), json!(50)]]);
    assert_eq!(bench.one(&format!("SELECT sum(CASE person WHEN '{zero}' THEN 1 ELSE 0 END) FROM events")).await, 50);
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE person = 'per_nobody'").await, 0);
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE person LIKE 'per_%'").await, 100);
    assert_eq!(bench.one("SELECT count(*) FROM events JOIN people USING (person) WHERE city = '上海'").await, 50);
    let plan = bench.engine.explain(ONE, &hers, NOW).await.unwrap();
    assert!(!plan.contains("person_id_of"), "compared as numbers: {plan}");

    merged.write().unwrap().clear();
    assert_eq!(bench.one(&hers).await, 25, "and taken apart again");

    let mut rows = events::Rows::new();
    rows.push(&Event::track(ONE, "s".into(), "nobody", "order", NOW), 500, None).unwrap();
    bench.table.append(&[rows.finish().unwrap()], "nobody", 1).await.unwrap();
    let nobody = bench.rows(ONE, "SELECT person, person_number FROM events WHERE name = 'order'").await;
    assert_eq!(nobody.rows, vec![vec![Value::Null, Value::Null]]);
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE NOT (person = 'per_nobody')").await, 100);
}

#[tokio::test]
async fn answers_are_cut_and_say_so() {
    let bench = bench().await;
    let sql = "SELECT event_id FROM events ORDER BY position";
    let with = async |limits: Limits| bench.engine.sql(ONE, sql, limits, NOW).await.unwrap();
    let few = with(Limits { rows: 7, ..Limits::default() }).await;
    assert_eq!((few.rows.len(), few.truncated), (7, true));
    let all = with(Limits { rows: 100, ..Limits::default() }).await;
    assert_eq!((all.rows.len(), all.truncated), (100, false));
    let small = with(Limits { bytes: 100, ..Limits::default() }).await;
    assert!(small.truncated && small.rows.len() < 10);
    let none = with(Limits { rows: 0, ..Limits::default() }).await;
    assert!(none.truncated && none.rows.is_empty() && none.columns.len() == 1);
    assert_eq!(bench.rows(ONE, "SELECT event_id FROM events LIMIT 3").await.rows.len(), 3);
}

#[tokio::test]
async fn what_takes_too_long_is_stopped() {
    let bench = bench().await;
    let endless = "SELECT count(*) FROM generate_series(1, 1000000000000) a(n) WHERE n % 7 = 3";
    let stopped = bench.engine.sql(ONE, endless, Limits { millis: 30, ..Limits::default() }, NOW).await.unwrap_err();
    assert_eq!((stopped.kind, stopped.code), (ErrorKind::TimedOut, "query.timed_out"));
    // The engine is free again: what was stopped does not go on.
    assert_eq!(bench.one("SELECT count(*) FROM events").await, 100);
}

#[tokio::test]
async fn what_needs_too_much_spills_or_is_refused() {
    let sorted = "SELECT max(r) FROM (SELECT n, row_number() OVER (ORDER BY lpad(CAST(n % 9973 AS VARCHAR), 90), n) AS r \
                  FROM generate_series(1, 600000) a(n))";
    let memory_bytes = 64 << 20;
    let refusing = engine(Options { memory_bytes, spill_bytes: 0, ..Options::default() });
    let refused = refusing.sql(ONE, sorted, Limits::default(), NOW).await.unwrap_err();
    assert_eq!((refused.kind, refused.code), (ErrorKind::Limited, "query.too_large"));
    let folder = TempDir::new().unwrap();
    let engine = engine(Options { memory_bytes, spill_folder: Some(folder.path().to_owned()), ..Options::default() });
    assert_eq!(engine.sql(ONE, sorted, Limits::default(), NOW).await.unwrap().rows[0][0], json!(600_000));
}

#[tokio::test]
async fn now_is_when_it_was_asked() {
    let bench = bench().await;
    assert_eq!(bench.one("SELECT now()").await, NOW.rfc3339());
    assert_eq!(bench.one("SELECT current_date()").await, "2026-11-22");
    assert_eq!(bench.one("SELECT count(*) FROM events WHERE ts > now() + INTERVAL '90 minutes'").await, 9);
    assert_eq!(bench.one("SELECT date_trunc('day', ts) FROM events LIMIT 1").await, "2026-11-22T00:00:00.000Z");
}

#[tokio::test]
async fn rooms_speak_in_plans() {
    let bench = bench().await;
    let context = bench.engine.context(TWO).await.unwrap();
    let frame = context.table("events").await.unwrap();
    let plan = frame.select_columns(&["event_id", "ts"]).unwrap().limit(0, Some(5)).unwrap().into_unoptimized_plan();
    let rows = bench.engine.plan(TWO, plan, Limits::default(), NOW).await.unwrap();
    assert_eq!(rows.rows.len(), 5);
    assert!(rows.rows.iter().all(|r| r[0].as_str().unwrap().starts_with("wsp_2/")));
    let drop = context.state().create_logical_plan("DROP TABLE events").await.unwrap();
    assert_eq!(bench.engine.plan(TWO, drop, Limits::default(), NOW).await.unwrap_err().code, "query.reads_only");
    assert!(bench.engine.table("events").is_some() && bench.engine.table("none").is_none());
    assert_eq!(bench.engine.table("events").unwrap().schema().field(4).name(), "person");
}

#[tokio::test]
async fn exports_come_batch_by_batch() {
    let bench = bench().await;
    let mut stream = bench.engine.stream(ONE, "SELECT event_id FROM events", 60_000, NOW).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 100);
    assert_eq!(bench.engine.stream(ONE, "DROP TABLE events", 60_000, NOW).await.err().unwrap().code, "query.reads_only");
    let endless = "SELECT n FROM generate_series(1, 1000000000000) a(n) WHERE n % 7 = 9";
    let mut stream = bench.engine.stream(ONE, endless, 30, NOW).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("query.timed_out"), "{error}");
}

/// Not a test: prints how fast queries are. `cargo test -p weft-query-engine -- --ignored --nocapture measure`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn measure() {
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        status.lines().find(|l| l.starts_with("VmRSS")).unwrap_or_default().to_owned()
    };
    println!("before: {}", memory());
    let folder = TempDir::new().unwrap();
    let start = std::time::Instant::now();
    let table = table(folder.path()).await;
    println!("lake with a new table in {:?}: {}", start.elapsed(), memory());
    let start = std::time::Instant::now();
    drop(engine(Options::default()));
    println!("an engine in {:?}: {}", start.elapsed(), memory());
    for round in 0..10u64 {
        let name = ["view", "buy", "search"][round as usize % 3];
        table.append(&[batch(ONE, name, round * 100_000, (round + 1) * 100_000)], APP, round as i64).await.unwrap();
    }
    table.compact(128 << 20).await.unwrap();
    let engine = engine(Options::default());
    let none = Arc::new(|_, _| Ok(Vec::new()));
    engine.register_table("events", mapped_events(union_table(table, APP, none), same()));
    for sql in [
        "SELECT count(*) FROM events",
        "SELECT name, count(*), count(DISTINCT person_number) FROM events GROUP BY name",
        "SELECT count(DISTINCT person) FROM events",
        "SELECT sum(prop_num(properties, 'price')) FROM events WHERE name = 'buy'",
        "SELECT * FROM events WHERE position = 77777",
        "SELECT date_trunc('day', ts) AS day, count(*) FROM events GROUP BY day ORDER BY day",
    ] {
        for _ in 0..2 {
            let start = std::time::Instant::now();
            let rows = engine.sql(ONE, sql, Limits::default(), NOW).await.unwrap();
            println!("{:>8.1} ms, {} rows: {sql}", start.elapsed().as_secs_f64() * 1e3, rows.rows.len());
        }
    }
}
