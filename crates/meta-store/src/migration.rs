//! Tables as rooms declare them, in words that mean the same on both engines, and how they are made once.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::fault::db_error;
use crate::kernel::{Error, Result};
use crate::rows::Rows;
use crate::sql::statement;

/// One step in the life of a room's tables. Steps are only ever added; a step that was released is never edited.
pub struct Migration {
    name: &'static str,
    steps: Vec<Step>,
}

enum Step {
    Create(Table),
    Sql(&'static str),
}

impl Migration {
    /// `m0001_create_segments`
    pub fn new(name: &'static str) -> Self {
        Self { name, steps: Vec::new() }
    }
    pub fn table(mut self, table: Table) -> Self {
        self.steps.push(Step::Create(table));
        self
    }
    /// SQL that both engines understand.
    pub fn sql(mut self, sql: &'static str) -> Self {
        self.steps.push(Step::Sql(sql));
        self
    }
    pub fn boxed(self) -> Box<dyn MigrationTrait> {
        Box::new(self)
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let engine = manager.get_database_backend();
        for step in &self.steps {
            let statements = match step {
                Step::Create(table) => table.statements(engine),
                Step::Sql(sql) => vec![(*sql).to_owned()],
            };
            for statement in statements {
                manager.get_connection().execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Serial,
    Text,
    Integer,
    Boolean,
    Bytes,
}

/// A table in the making. Columns must not be empty unless `_or_null` says so. Times are `millis`, JSON and decimals are texts
/// (see [`Json`](crate::Json) and [`Exact`](crate::Exact)); texts compare by code point on both engines.
pub struct Table {
    name: &'static str,
    columns: Vec<(&'static str, Kind, bool)>,
    primary: Vec<&'static str>,
    unique: Vec<Vec<&'static str>>,
    indexes: Vec<Vec<&'static str>>,
    references: Vec<(&'static str, &'static str, &'static str)>,
}

macro_rules! kinds {
    ($($name:ident, $or_null:ident => $kind:ident),* $(,)?) => {$(
        pub fn $name(self, column: &'static str) -> Self {
            self.column(column, Kind::$kind, false)
        }
        pub fn $or_null(self, column: &'static str) -> Self {
            self.column(column, Kind::$kind, true)
        }
    )*};
}

impl Table {
    pub fn new(name: &'static str) -> Self {
        Self { name, columns: Vec::new(), primary: Vec::new(), unique: Vec::new(), indexes: Vec::new(), references: Vec::new() }
    }
    /// The text column `id` as primary key.
    pub fn id(self) -> Self {
        self.text("id").primary(&["id"])
    }
    /// The column `id` as primary key, numbered by the database.
    pub fn serial_id(self) -> Self {
        self.column("id", Kind::Serial, false)
    }
    /// The column `workspace`, which every table of a room has.
    pub fn workspace(self) -> Self {
        self.integer("workspace")
    }
    kinds!(
        text, text_or_null => Text,
        json, json_or_null => Text,
        decimal, decimal_or_null => Text,
        integer, integer_or_null => Integer,
        millis, millis_or_null => Integer,
        boolean, boolean_or_null => Boolean,
        bytes, bytes_or_null => Bytes,
    );
    fn column(mut self, name: &'static str, kind: Kind, or_null: bool) -> Self {
        self.columns.push((name, kind, or_null));
        self
    }
    pub fn primary(mut self, columns: &[&'static str]) -> Self {
        self.primary = columns.to_vec();
        self
    }
    pub fn unique(mut self, columns: &[&'static str]) -> Self {
        self.unique.push(columns.to_vec());
        self
    }
    pub fn index(mut self, columns: &[&'static str]) -> Self {
        self.indexes.push(columns.to_vec());
        self
    }
    /// `column` names a row of `table` by its `other`; that row cannot be deleted while this one is there.
    pub fn references(mut self, column: &'static str, table: &'static str, other: &'static str) -> Self {
        self.references.push((column, table, other));
        self
    }

    fn statements(&self, engine: DbBackend) -> Vec<String> {
        let mut parts: Vec<String> = self.columns.iter().map(|(name, kind, or_null)| column_sql(name, *kind, *or_null, engine)).collect();
        if !self.primary.is_empty() {
            parts.push(format!("PRIMARY KEY ({})", names(&self.primary)));
        }
        parts.extend(self.unique.iter().map(|columns| format!("UNIQUE ({})", names(columns))));
        parts.extend(self.references.iter().map(|(c, t, o)| format!(r#"FOREIGN KEY ("{c}") REFERENCES "{t}" ("{o}")"#)));
        let mut statements = vec![format!(r#"CREATE TABLE "{}" ({})"#, self.name, parts.join(", "))];
        statements.extend(self.indexes.iter().map(|columns| {
            let index = format!("{}_by_{}", self.name, columns.join("_"));
            format!(r#"CREATE INDEX "{index}" ON "{}" ({})"#, self.name, names(columns))
        }));
        statements
    }
}

fn names(columns: &[&str]) -> String {
    columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ")
}

fn column_sql(name: &str, kind: Kind, or_null: bool, engine: DbBackend) -> String {
    let postgres = engine == DbBackend::Postgres;
    let mut sql = format!("\"{name}\" ");
    sql.push_str(match (kind, postgres) {
        (Kind::Serial, true) => return sql + "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        // AUTOINCREMENT, so that the number of a deleted row is not given again.
        (Kind::Serial, false) => return sql + "integer PRIMARY KEY AUTOINCREMENT",
        // SQLite compares bytes; PostgreSQL must be told to.
        (Kind::Text, true) => r#"text COLLATE "C""#,
        (Kind::Text, false) => "text",
        (Kind::Integer, _) => "bigint",
        (Kind::Boolean, _) => "boolean",
        (Kind::Bytes, true) => "bytea",
        (Kind::Bytes, false) => "blob",
    });
    if !or_null {
        sql.push_str(" NOT NULL");
    }
    sql
}

/// Two processes that start at once must not both create the tables.
const MIGRATION_LOCK: i64 = 0x7765_6674_0001;

pub(crate) async fn migrate(rows: &Rows, room: &'static str, migrations: Vec<Box<dyn MigrationTrait>>) -> Result<()> {
    let (tx, _permit) = rows.transaction().await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        tx.execute_unprepared(&lock).await.map_err(db_error)?;
    }
    let record = r#"CREATE TABLE IF NOT EXISTS "migrations" ("room" text NOT NULL, "name" text NOT NULL, PRIMARY KEY ("room", "name"))"#;
    tx.execute_unprepared(record).await.map_err(db_error)?;
    let done = done(&tx, room).await?;
    refuse_newer(room, &done, &migrations)?;
    for migration in migrations.iter().filter(|m| !done.contains(m.name())) {
        migration.up(&SchemaManager::new(&tx)).await.map_err(|e| named(room, migration.name(), db_error(e)))?;
        let record = statement(&tx, r#"INSERT INTO "migrations" ("room", "name") VALUES (?, ?)"#, [room.into(), migration.name().into()]);
        tx.execute_raw(record).await.map_err(db_error)?;
    }
    tx.commit().await.map_err(db_error)
}

async fn done(db: &impl ConnectionTrait, room: &str) -> Result<BTreeSet<String>> {
    let names = statement(db, r#"SELECT "name" FROM "migrations" WHERE "room" = ?"#, [room.into()]);
    let rows = db.query_all_raw(names).await.map_err(db_error)?;
    rows.iter().map(|row| row.try_get("", "name").map_err(db_error)).collect()
}

fn refuse_newer(room: &str, done: &BTreeSet<String>, known: &[Box<dyn MigrationTrait>]) -> Result<()> {
    match done.iter().find(|name| known.iter().all(|m| m.name() != name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Error::conflict("meta_store.newer", format!("a newer version has written this store ({room}: {name}); start that version"))),
    }
}

fn named(room: &str, name: &str, mut error: Error) -> Error {
    error.detail = format!("{room}: {name}: {}", error.detail);
    error
}

/// The store's own tables.
pub(crate) fn own() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Migration::new("m0001_create_audit_and_outbox")
            .table(
                Table::new("audit_entries")
                    .serial_id()
                    .workspace()
                    .integer("number")
                    .millis("at")
                    .text("actor")
                    .text("operation")
                    .text("target")
                    .json_or_null("before")
                    .json_or_null("after")
                    .text("previous")
                    .text("hash")
                    .unique(&["workspace", "number"])
                    .index(&["workspace", "at"]),
            )
            .table(Table::new("audit_heads").workspace().integer("number").text("hash").primary(&["workspace"]))
            .table(Table::new("outbox").serial_id().json("body"))
            .table(Table::new("outbox_sent").integer("id").integer("position").primary(&["id"]))
            .boxed(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_alike_on_both_engines() {
        let table = Table::new("t").id().workspace().text_or_null("n").boolean("b").unique(&["workspace", "n"]).index(&["n"]);
        assert_eq!(
            table.statements(DbBackend::Sqlite),
            [
                r#"CREATE TABLE "t" ("id" text NOT NULL, "workspace" bigint NOT NULL, "n" text, "b" boolean NOT NULL, PRIMARY KEY ("id"), UNIQUE ("workspace", "n"))"#,
                r#"CREATE INDEX "t_by_n" ON "t" ("n")"#
            ]
        );
        assert!(table.statements(DbBackend::Postgres)[0].contains(r#""id" text COLLATE "C" NOT NULL"#));
    }
}
