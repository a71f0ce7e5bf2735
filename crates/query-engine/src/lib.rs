#![doc = include_str!("../README.md")]

mod catalog;
mod engine;
mod error;
mod guard;
mod json;
mod persons;
mod pool;
mod prop;
mod rows;
mod tenant;

pub(crate) use weft_kernel as kernel;

pub use engine::{Limits, Options, QueryEngine};
pub use persons::{PersonMap, mapped_events};
pub use prop::{prop_num_udf, prop_udf};
pub use rows::{Column, ColumnKind, Rows};
pub use tenant::{Pending, RowsOf, TenantTable, lake_table, rows_table, union_table};
