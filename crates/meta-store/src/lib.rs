#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod audit_entry;
mod audit_head;
mod columns;
mod fault;
mod migration;
mod outbox;
mod page;
#[cfg(feature = "testing")]
pub mod promises;
mod rows;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod unit;

pub use audit_head::head_of;
pub use columns::{At, Exact, Json};
pub use fault::db_error;
pub use migration::{Migration, Table};
pub use outbox::Outbox;
pub use page::{contains, page};
pub use rows::Rows;
pub use sql::statement;
pub use unit::{Committed, Unit};

pub use sea_orm;
pub use sea_orm_migration::MigrationTrait;
