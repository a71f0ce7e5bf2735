//! From batches to Parquet files.

use std::collections::HashMap;

use bytes::Bytes;
use datafusion::arrow::array::{Array, AsArray, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{cast, take_record_batch};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;
use deltalake_core::kernel::Add;
use uuid::Uuid;

use crate::bounds::{Bounds, Gather};
use crate::failed;
use crate::kernel::{Millis, Result};
use crate::stored::is_long_text;

/// Rows of a row group: large enough to compress well, small enough to skip and to share between threads.
const ROW_GROUP_ROWS: usize = 128 * 1024;
/// Rows of a page, the smallest part of a column that a reader can skip.
const PAGE_ROWS: usize = 8 * 1024;

/// Values of the partition columns, as Delta writes them.
pub type PartitionKey = Vec<Option<String>>;

/// How hard to compress: appends wait for it, compactions do not.
#[derive(Clone, Copy)]
pub enum Effort {
    Append,
    Compact,
}

/// A file in memory, and what the log will say of it.
pub struct Encoded {
    pub bytes: Bytes,
    pub bounds: Bounds,
}

/// Writer settings for a stored schema.
pub fn properties(schema: &Schema, effort: Effort) -> Result<WriterProperties> {
    let level = match effort {
        Effort::Append => 1,
        Effort::Compact => 3,
    };
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(level).map_err(failed)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_created_by(concat!("weft ", env!("CARGO_PKG_VERSION")).to_owned());
    for field in schema.fields().iter().filter(|f| is_long_text(f)) {
        let column = ColumnPath::from(field.name().as_str());
        builder = builder
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_statistics_enabled(column, EnabledStatistics::None);
    }
    Ok(builder.build())
}

/// Encodes batches of one partition, in their order. Heavy: not for an async thread.
pub fn encode(schema: &SchemaRef, batches: &[RecordBatch], effort: Effort) -> Result<Encoded> {
    let mut gather = Gather::new(schema);
    let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties(schema, effort)?)).map_err(failed)?;
    for batch in batches {
        gather.add(batch)?;
        writer.write(batch).map_err(failed)?;
    }
    Ok(Encoded { bytes: writer.into_inner().map_err(failed)?.into(), bounds: gather.finish() })
}

/// Parts batches by their partition, keeping the order of rows within each; partitions in the order they appear.
pub fn split(batches: &[RecordBatch], partition_by: &[String]) -> Result<Vec<(PartitionKey, Vec<RecordBatch>)>> {
    let mut parts: Vec<(PartitionKey, Vec<RecordBatch>)> = Vec::new();
    let mut places: HashMap<PartitionKey, usize> = HashMap::new();
    for batch in batches.iter().filter(|b| b.num_rows() > 0) {
        for (key, part) in split_batch(batch, partition_by)? {
            let place = *places.entry(key.clone()).or_insert_with(|| {
                parts.push((key, Vec::new()));
                parts.len() - 1
            });
            parts[place].1.push(part);
        }
    }
    Ok(parts)
}

fn split_batch(batch: &RecordBatch, partition_by: &[String]) -> Result<Vec<(PartitionKey, RecordBatch)>> {
    let mut texts = Vec::with_capacity(partition_by.len());
    for name in partition_by {
        let column = batch.column_by_name(name).ok_or_else(|| failed(format!("no column {name}")))?;
        texts.push(cast(column, &DataType::Utf8).map_err(failed)?);
    }
    let texts: Vec<_> = texts.iter().map(|t| t.as_string::<i32>()).collect();
    let key = |row: usize| -> PartitionKey { texts.iter().map(|t| t.is_valid(row).then(|| t.value(row).to_owned())).collect() };
    if texts.iter().all(|t| t.iter().all(|v| v == t.iter().next().flatten())) {
        return Ok(vec![(key(0), batch.clone())]);
    }
    let mut rows: Vec<(PartitionKey, Vec<u32>)> = Vec::new();
    let mut places: HashMap<PartitionKey, usize> = HashMap::new();
    for row in 0..batch.num_rows() {
        let key = key(row);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            rows.push((key, Vec::new()));
            rows.len() - 1
        });
        rows[place].1.push(u32::try_from(row).map_err(failed)?);
    }
    rows.into_iter()
        .map(|(key, rows)| Ok((key, take_record_batch(batch, &UInt32Array::from(rows)).map_err(failed)?)))
        .collect()
}

/// The columns of a batch that stand in its file.
pub fn project(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().map(|f| batch.schema_ref().index_of(f.name()));
    batch.project(&columns.collect::<Result<Vec<_>, _>>().map_err(failed)?).map_err(failed)
}

/// A name nobody else will take; names sort by time. Folders are for people: readers go by the log.
pub fn new_path(partition_by: &[String], key: &PartitionKey, now: Millis) -> String {
    let plain = |v: &str| !v.is_empty() && !v.starts_with('.') && v.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let mut path = String::new();
    for (name, value) in partition_by.iter().zip(key) {
        if let Some(value) = value.as_deref().filter(|v| plain(v) && plain(name)) {
            path.push_str(&format!("{name}={value}/"));
        }
    }
    path.push_str(&format!("part-{:013}-{}.zstd.parquet", now.0.max(0), Uuid::new_v4().simple()));
    path
}

/// The log's line for a new file.
pub fn add_action(path: String, size: u64, partition_by: &[String], key: &PartitionKey, bounds: &Bounds, data_change: bool, now: Millis) -> Add {
    Add {
        path,
        partition_values: partition_by.iter().cloned().zip(key.iter().cloned()).collect(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        modification_time: now.0,
        data_change,
        stats: Some(bounds.to_json()),
        ..Add::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
    use datafusion::arrow::datatypes::Field;
    use std::sync::Arc;

    #[test]
    fn rows_keep_their_order_within_a_partition() {
        let schema = Arc::new(Schema::new(vec![Field::new("w", DataType::Int64, true), Field::new("x", DataType::Utf8, true)]));
        let batch = |w: Vec<Option<i64>>, x: Vec<&str>| {
            let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(w)), Arc::new(StringArray::from(x))];
            RecordBatch::try_new(schema.clone(), columns).unwrap()
        };
        let batches =
            [batch(vec![Some(1), Some(2), None, Some(1)], vec!["a", "b", "c", "d"]), batch(vec![Some(2), Some(2)], vec!["e", "f"])];
        let parts = split(&batches, &["w".to_owned()]).unwrap();
        let texts = |batches: &[RecordBatch]| -> Vec<String> {
            batches.iter().flat_map(|b| b.column(1).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>()).collect()
        };
        let seen: Vec<_> = parts.iter().map(|(k, b)| (k[0].as_deref(), texts(b).join(""))).collect();
        assert_eq!(seen, [(Some("1"), "ad".to_owned()), (Some("2"), "bef".to_owned()), (None, "c".to_owned())]);
    }

    #[test]
    fn folders_are_plain_or_absent() {
        let name = |v: &str| new_path(&["w".to_owned()], &vec![Some(v.to_owned())], Millis(5));
        assert!(name("7").starts_with("w=7/part-0000000000005-"));
        assert!(name("../x").starts_with("part-"));
        assert!(name("a b").starts_with("part-"));
    }
}
