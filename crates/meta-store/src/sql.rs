//! SQL by hand, for the few things the query builder says badly.

use std::fmt::Write;

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// A statement in words that both engines understand, its values written as `?`: SQLite counts question marks, PostgreSQL
/// numbers them.
pub fn statement(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let engine = db.get_database_backend();
    Statement::from_sql_and_values(engine, placeholders(sql, engine), values)
}

fn placeholders(sql: &str, engine: DbBackend) -> String {
    if engine != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut out = String::with_capacity(sql.len() + 8);
    for (number, part) in sql.split('?').enumerate() {
        if number > 0 {
            let _ = write!(out, "${number}");
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_for_postgres_only() {
        assert_eq!(placeholders("a ? b ?", DbBackend::Sqlite), "a ? b ?");
        assert_eq!(placeholders("a ? b ?", DbBackend::Postgres), "a $1 b $2");
    }
}
