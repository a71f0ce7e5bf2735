//! What questions over rows of events have in common.

use datafusion::arrow::array::{AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use weft_condition::{ANY_EVENT, EventMatch};

use crate::kernel::{Error, Result};

/// A question that takes longer is broken off.
pub(crate) const LONGEST_MILLIS: u64 = 60_000;

pub(crate) fn check_match(wanted: &EventMatch, field: &str) -> Result<()> {
    match weft_condition::check_match(wanted).into_iter().next() {
        Some(fault) => {
            let place = format!("{field}{}", fault.path.replace('/', "."));
            Err(Error::invalid("analytics.event_invalid", format!("{place}: {}", fault.message)).field(place, fault.message))
        }
        None => Ok(()),
    }
}

/// The events of these names, in SQL; nothing if any will do.
pub(crate) fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut all: Vec<&str> = names.into_iter().collect();
    if all.contains(&ANY_EVENT) {
        return None;
    }
    all.sort_unstable();
    all.dedup();
    let quoted: Vec<String> = all.iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    Some(format!("name IN ({})", quoted.join(", ")))
}

pub(crate) fn texts(batch: &RecordBatch, column: usize) -> Result<StringArray> {
    let plain = cast(batch.column(column), &DataType::Utf8).map_err(Error::internal)?;
    plain.as_string_opt::<i32>().cloned().ok_or_else(|| Error::bug("analytics.column_not_text", "a text column is not text"))
}
