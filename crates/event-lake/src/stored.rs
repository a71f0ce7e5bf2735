//! What callers declare, and what stands in the files: Delta knows no unsigned numbers and one kind of time.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::failed;
use crate::kernel::{Error, Result};

/// Metadata key that marks a column of long texts (JSON): no dictionary, no bounds. See [`long_text`].
const LONG_TEXT: &str = "weft.long_text";

/// A column of long texts that nobody compares: it gets no dictionary and no bounds.
pub fn long_text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable).with_metadata([(LONG_TEXT.to_owned(), "true".to_owned())].into())
}

pub fn is_long_text(field: &Field) -> bool {
    field.metadata().contains_key(LONG_TEXT)
}

pub fn timestamp_micros() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// How a declared type is stored: the smallest Delta type that holds all its values.
pub fn stored_type(field: &Field) -> Result<DataType> {
    use DataType::*;
    Ok(match field.data_type() {
        same @ (Boolean | Int8 | Int16 | Int32 | Int64 | Float32 | Float64 | Utf8 | Binary | Date32) => same.clone(),
        Decimal128(precision, scale) if *scale >= 0 => Decimal128(*precision, *scale),
        UInt8 => Int16,
        UInt16 => Int32,
        UInt32 | UInt64 => Int64,
        LargeUtf8 | Utf8View => Utf8,
        LargeBinary | BinaryView => Binary,
        Date64 => Date32,
        Timestamp(_, Some(zone)) if zone.eq_ignore_ascii_case("utc") || zone.as_ref() == "+00:00" => timestamp_micros(),
        Dictionary(_, value) => stored_type(&Field::new(field.name(), value.as_ref().clone(), true))?,
        other => {
            return Err(Error::invalid("event_lake.type_unsupported", format!("a lake has no column of type {other}"))
                .param("column", field.name())
                .param("type", other));
        }
    })
}

/// The schema as it stands in the files.
pub fn stored_schema(declared: &Schema) -> Result<Schema> {
    let fields = declared.fields().iter().map(|field| {
        Ok(Field::new(field.name(), stored_type(field)?, field.is_nullable()).with_metadata(field.metadata().clone()))
    });
    Ok(Schema::new(fields.collect::<Result<Vec<_>>>()?))
}

/// The schema that queries see: as declared, without our marks (planners compare schemas mark by mark).
pub fn shown_schema(declared: &Schema) -> SchemaRef {
    let fields = declared.fields().iter().map(|f| f.as_ref().clone().with_metadata(Default::default()));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A batch in the types and the order of `target`; nullable columns it lacks are null. A column that the table does
/// not know, a value that does not fit and a null where none may be are errors.
pub fn cast_batch(batch: &RecordBatch, target: &SchemaRef) -> Result<RecordBatch> {
    for field in batch.schema_ref().fields() {
        if target.index_of(field.name()).is_err() {
            return Err(Error::invalid("event_lake.column_unknown", format!("the table has no column {}", field.name()))
                .param("column", field.name()));
        }
    }
    let columns = target.fields().iter().map(|field| cast_column(batch, field)).collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(target.clone(), columns, &options).map_err(failed)
}

fn cast_column(batch: &RecordBatch, field: &Field) -> Result<ArrayRef> {
    let Some(column) = batch.column_by_name(field.name()) else {
        if field.is_nullable() || batch.num_rows() == 0 {
            return Ok(new_null_array(field.data_type(), batch.num_rows()));
        }
        return Err(Error::invalid("event_lake.column_missing", format!("column {} must have a value", field.name()))
            .param("column", field.name()));
    };
    if !field.is_nullable() && column.null_count() > 0 {
        return Err(Error::invalid("event_lake.column_missing", format!("column {} must have a value in every row", field.name()))
            .param("column", field.name()));
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &strict).map_err(|e| {
        Error::invalid("event_lake.value_unfit", format!("column {}: {e}", field.name())).param("column", field.name())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{Int64Array, UInt64Array};

    #[test]
    fn declared_types_have_a_home() {
        let declared = Schema::new(vec![
            Field::new("a", DataType::UInt32, true),
            Field::new("t", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), false),
            Field::new("d", DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), true),
            long_text("p", true),
        ]);
        let stored = stored_schema(&declared).unwrap();
        let types: Vec<_> = stored.fields().iter().map(|f| f.data_type().clone()).collect();
        assert_eq!(types, [DataType::Int64, timestamp_micros(), DataType::Utf8, DataType::Utf8]);
        assert!(is_long_text(stored.field(3)));
        assert!(shown_schema(&declared).field(3).metadata().is_empty());
        let odd = Schema::new(vec![Field::new("t", DataType::Timestamp(TimeUnit::Second, None), true)]);
        assert_eq!(stored_schema(&odd).unwrap_err().code, "event_lake.type_unsupported");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let target: SchemaRef = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let batch = |column: ArrayRef| {
            RecordBatch::try_new(Arc::new(Schema::new(vec![Field::new("n", column.data_type().clone(), true)])), vec![column])
        };
        let fits = batch(Arc::new(UInt64Array::from(vec![7]))).unwrap();
        assert_eq!(cast_batch(&fits, &target).unwrap().column(0).as_ref(), &Int64Array::from(vec![7]) as &dyn datafusion::arrow::array::Array);
        let large = batch(Arc::new(UInt64Array::from(vec![u64::MAX]))).unwrap();
        assert_eq!(cast_batch(&large, &target).unwrap_err().code, "event_lake.value_unfit");
        let null = batch(Arc::new(Int64Array::from(vec![None]))).unwrap();
        assert_eq!(cast_batch(&null, &target).unwrap_err().code, "event_lake.column_missing");
    }
}
