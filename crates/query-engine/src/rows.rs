//! Batches as JSON rows: times in RFC 3339, decimals as text, numbers as numbers.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, Schema, TimeUnit, TimestampMillisecondType, UInt64Type};
use datafusion::arrow::util::display::array_value_to_string;
use serde::Serialize;
use serde_json::{Number, Value};

use crate::error::told;
use crate::kernel::{Millis, Result};

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rows {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
    /// There were more rows or bytes than the limits allow.
    pub truncated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
}

/// What the values of a column are, so that a table can be laid out without looking at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Text,
    Integer,
    /// Floating point, as a JSON number.
    Number,
    /// Exact, as text.
    Decimal,
    Boolean,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    /// `2026-11-22`.
    Date,
    /// A JSON list.
    List,
    /// A JSON object.
    Object,
}

pub fn columns(schema: &Schema) -> Vec<Column> {
    schema.fields().iter().map(|f| Column { name: f.name().clone(), kind: kind(f.data_type()) }).collect()
}

fn kind(data_type: &DataType) -> ColumnKind {
    use DataType::*;
    match data_type {
        Boolean => ColumnKind::Boolean,
        Float16 | Float32 | Float64 => ColumnKind::Number,
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => ColumnKind::Decimal,
        Timestamp(..) => ColumnKind::Time,
        Date32 | Date64 => ColumnKind::Date,
        List(_) | LargeList(_) | FixedSizeList(..) | ListView(_) | LargeListView(_) => ColumnKind::List,
        Struct(_) | Map(..) => ColumnKind::Object,
        Dictionary(_, value) => kind(value),
        t if t.is_integer() => ColumnKind::Integer,
        _ => ColumnKind::Text,
    }
}

impl Rows {
    /// Adds rows until a limit is reached; false when one was.
    pub fn add(&mut self, batch: &RecordBatch, most_rows: usize, bytes_left: &mut usize) -> Result<bool> {
        let columns = batch.columns().iter().map(values).collect::<Result<Vec<_>>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            let row: Vec<Value> = columns.iter_mut().map(|c| c.next().unwrap_or(Value::Null)).collect();
            let size: usize = row.iter().map(size).sum();
            if self.rows.len() >= most_rows || size > *bytes_left {
                self.truncated = true;
                return Ok(false);
            }
            *bytes_left -= size;
            self.rows.push(row);
        }
        Ok(true)
    }
}

/// About how many bytes a value takes as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(k, v)| k.len() + 4 + size(v)).sum::<usize>(),
    }
}

/// A column as JSON values.
fn values(column: &ArrayRef) -> Result<Vec<Value>> {
    use DataType::*;
    let to = |data_type: DataType| cast(column, &data_type).map_err(|e| told(e.into()));
    let each = |value: &dyn Fn(usize) -> Result<Value>| {
        (0..column.len()).map(|row| if column.is_null(row) { Ok(Value::Null) } else { value(row) }).collect()
    };
    match column.data_type() {
        Null => Ok(vec![Value::Null; column.len()]),
        Boolean => each(&|row| Ok(column.as_boolean().value(row).into())),
        t if t.is_unsigned_integer() => {
            let column = to(UInt64)?;
            each(&|row| Ok(column.as_primitive::<UInt64Type>().value(row).into()))
        }
        t if t.is_signed_integer() => {
            let column = to(Int64)?;
            each(&|row| Ok(column.as_primitive::<Int64Type>().value(row).into()))
        }
        Float32 => each(&|row| {
            // By way of its text, so that 0.1 does not become 0.10000000149011612.
            let value = column.as_primitive::<Float32Type>().value(row).to_string().parse::<f64>();
            Ok(value.ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number))
        }),
        Float16 | Float64 => {
            let column = to(Float64)?;
            each(&|row| Ok(Number::from_f64(column.as_primitive::<Float64Type>().value(row)).map_or(Value::Null, Value::Number)))
        }
        Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..) => each(&|row| Ok(decimal(&shown(column, row)?).into())),
        Timestamp(_, zone) => {
            let column = to(Timestamp(TimeUnit::Millisecond, zone.clone()))?;
            each(&|row| Ok(Millis(column.as_primitive::<TimestampMillisecondType>().value(row)).rfc3339().into()))
        }
        Dictionary(_, value) => values(&to(value.as_ref().clone())?),
        Utf8 | LargeUtf8 | Utf8View => {
            let column = to(Utf8)?;
            each(&|row| Ok(column.as_string::<i32>().value(row).into()))
        }
        List(item) | FixedSizeList(item, _) | ListView(item) | LargeListView(item) | LargeList(item) => {
            let column = to(LargeList(item.clone()))?;
            each(&|row| values(&column.as_list::<i64>().value(row)).map(Value::Array))
        }
        Struct(fields) => {
            let parts = column.as_struct().columns().iter().map(values).collect::<Result<Vec<_>>>()?;
            each(&|row| {
                let named = fields.iter().zip(&parts).map(|(field, part)| (field.name().clone(), part[row].clone()));
                Ok(Value::Object(named.collect()))
            })
        }
        _ => each(&|row| Ok(shown(column, row)?.into())),
    }
}

fn shown(column: &ArrayRef, row: usize) -> Result<String> {
    array_value_to_string(column, row).map_err(|e| told(e.into()))
}

/// Without the zeros that only fill the scale.
fn decimal(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{
        Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array, ListArray, StringArray, StructArray,
        TimestampMicrosecondArray, UInt64Array,
    };
    use datafusion::arrow::datatypes::{Field, Int32Type};
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn values_are_spelled_for_the_wire() {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("u", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
            ("d", Arc::new(Decimal128Array::from(vec![Some(1_230), Some(-5_000)]).with_precision_and_scale(20, 3).unwrap())),
            ("f", Arc::new(Float64Array::from(vec![f64::NAN, 1.5]))),
            ("g", Arc::new(Float32Array::from(vec![0.1, -2.0]))),
            ("t", Arc::new(TimestampMicrosecondArray::from(vec![Some(1_795_316_412_045_999), None]).with_timezone("UTC"))),
            ("day", Arc::new(Date32Array::from(vec![20_779, 0]))),
            ("dict", Arc::new(DictionaryArray::<Int32Type>::from_iter(["a", "b"]))),
            ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]))),
            (
                "obj",
                Arc::new(StructArray::from(vec![(
                    Arc::new(Field::new("k", DataType::Utf8, true)),
                    Arc::new(StringArray::from(vec!["v", "w"])) as ArrayRef,
                )])),
            ),
            ("i", Arc::new(Int32Array::from(vec![-1, 2]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut rows = Rows { columns: super::columns(batch.schema_ref()), ..Rows::default() };
        assert!(rows.add(&batch, 10, &mut 10_000).unwrap());
        assert_eq!(
            json!(rows.rows[0]),
            json!([u64::MAX, "1.23", null, 0.1, "2026-11-22T03:00:12.045Z", "2026-11-22", "a", [1, null], {"k": "v"}, -1])
        );
        assert_eq!(json!(rows.rows[1]), json!([null, "-5", 1.5, -2.0, null, "1970-01-01", "b", null, {"k": "w"}, 2]));
        let kinds: Vec<_> = rows.columns.iter().map(|c| json!(c.kind)).collect();
        assert_eq!(
            json!(kinds),
            json!(["integer", "decimal", "number", "number", "time", "date", "text", "list", "object", "integer"])
        );

        let mut few = Rows::default();
        assert!(!few.add(&batch, 1, &mut 10_000).unwrap());
        assert!(few.truncated && few.rows.len() == 1);
        let mut small = Rows::default();
        assert!(!small.add(&batch, 10, &mut 20).unwrap());
        assert!(small.truncated && small.rows.is_empty());
    }
}
