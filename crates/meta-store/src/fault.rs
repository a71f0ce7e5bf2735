//! What the database answered, as an error of the house.

use sea_orm::sqlx::{self, error::DatabaseError};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::kernel::Error;

/// For `.map_err(db_error)?` after every call into SeaORM: the same fault has the same code on both engines.
pub fn db_error(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => return Error::conflict("meta_store.duplicate", "something with this name is there already"),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Error::conflict("meta_store.in_use", "something else still refers to this"),
        _ => {}
    }
    match below(&error) {
        Some(sqlx::Error::Database(e)) => of_database(e.as_ref(), &error),
        Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => unavailable(&error),
        _ if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => unavailable(&error),
        _ => Error::bug("meta_store.failed", error.to_string()),
    }
}

fn below(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e)) | DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

/// PostgreSQL answers in five letters, SQLite in numbers whose low byte is the kind.
fn of_database(e: &dyn DatabaseError, whole: &DbErr) -> Error {
    let code = e.code().unwrap_or_default();
    if e.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return of_postgres(&code, whole);
    }
    match code.parse::<u32>().map(|n| n & 0xff) {
        Ok(5 | 6) => busy(),
        Ok(13) => full(),
        Ok(8 | 10 | 14) => unavailable(whole),
        _ => Error::bug("meta_store.failed", whole.to_string()),
    }
}

fn of_postgres(code: &str, whole: &DbErr) -> Error {
    match code {
        "40001" | "40P01" | "55P03" | "57014" => busy(),
        "53100" => full(),
        "22021" | "22P05" => Error::invalid("meta_store.text_invalid", "the text holds a character that cannot be stored (NUL)"),
        _ if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => unavailable(whole),
        _ => Error::bug("meta_store.failed", whole.to_string()),
    }
}

fn busy() -> Error {
    Error::unavailable("meta_store.busy", "somebody else is writing at this moment; try again")
}
fn full() -> Error {
    Error::unavailable("meta_store.full", "the disk of the database is full")
}
fn unavailable(error: &DbErr) -> Error {
    tracing::warn!(%error, "the database cannot be reached");
    Error::unavailable("meta_store.unavailable", "the database cannot be reached")
}
