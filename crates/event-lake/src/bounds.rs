//! Smallest and largest value and nulls of each column of a file: gathered while writing, kept in the log as Delta's
//! statistics, read back, and asked when a query wants to skip files.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, RecordBatch, UInt64Array};
use datafusion::arrow::compute::{max, max_string, min, min_string};
use datafusion::arrow::compute::kernels::cast_utils::string_to_timestamp_nanos;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use serde_json::{Map, Value, json};

use crate::failed;
use crate::kernel::{Millis, Result};
use crate::snapshot::{DataFile, partition_scalar};
use crate::stored::is_long_text;

/// Texts are cut to this many characters; a cut largest value ends in the highest character there is.
const TEXT_LIMIT: usize = 32;
const MICROS_PER_MILLI: i64 = 1_000;

/// What is known about one column of one file. Values are in the stored type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bound {
    pub min: Option<ScalarValue>,
    pub max: Option<ScalarValue>,
    pub nulls: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    pub rows: Option<u64>,
    pub columns: BTreeMap<Arc<str>, Bound>,
}

/// Gathers bounds while batches pass by.
pub struct Gather {
    rows: u64,
    columns: Vec<Gathered>,
}

struct Gathered {
    name: Arc<str>,
    index: usize,
    nulls: u64,
    ordered: bool,
    min: Option<ScalarValue>,
    max: Option<ScalarValue>,
}

impl Gather {
    /// For batches of this stored schema.
    pub fn new(schema: &Schema) -> Self {
        let columns = schema.fields().iter().enumerate().filter(|(_, field)| !is_long_text(field)).map(|(index, field)| Gathered {
            name: field.name().as_str().into(),
            index,
            nulls: 0,
            ordered: has_order(field.data_type()),
            min: None,
            max: None,
        });
        Self { rows: 0, columns: columns.collect() }
    }

    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.columns.iter_mut().try_for_each(|column| column.add(batch.column(column.index)))
    }

    pub fn finish(self) -> Bounds {
        let columns = self.columns.into_iter().map(|c| {
            let bound = Bound { min: c.min.map(floor), max: c.max.map(ceil), nulls: Some(c.nulls) };
            (c.name, bound)
        });
        Bounds { rows: Some(self.rows), columns: columns.collect() }
    }
}

impl Gathered {
    fn add(&mut self, values: &ArrayRef) -> Result<()> {
        self.nulls += values.null_count() as u64;
        if !self.ordered {
            return Ok(());
        }
        let Some((min, max)) = extremes(values)? else { return Ok(()) };
        if is_nan(&min) || is_nan(&max) {
            // JSON has no word for it, and readers do not agree where it stands in the order.
            self.ordered = false;
            (self.min, self.max) = (None, None);
            return Ok(());
        }
        if self.min.as_ref().is_none_or(|known| min < *known) {
            self.min = Some(min);
        }
        if self.max.as_ref().is_none_or(|known| max > *known) {
            self.max = Some(max);
        }
        Ok(())
    }
}

/// Smallest and largest value that is not null.
fn extremes(values: &ArrayRef) -> Result<Option<(ScalarValue, ScalarValue)>> {
    fn of<T: ArrowPrimitiveType>(values: &ArrayRef) -> Result<Option<(ScalarValue, ScalarValue)>> {
        let column = values.as_primitive::<T>();
        let Some((min, max)) = min(column).zip(max(column)) else { return Ok(None) };
        let scalar = |v| ScalarValue::new_primitive::<T>(Some(v), values.data_type()).map_err(failed);
        Ok(Some((scalar(min)?, scalar(max)?)))
    }
    match values.data_type() {
        DataType::Int8 => of::<Int8Type>(values),
        DataType::Int16 => of::<Int16Type>(values),
        DataType::Int32 => of::<Int32Type>(values),
        DataType::Int64 => of::<Int64Type>(values),
        DataType::Float32 => of::<Float32Type>(values),
        DataType::Float64 => of::<Float64Type>(values),
        DataType::Date32 => of::<Date32Type>(values),
        DataType::Timestamp(TimeUnit::Microsecond, _) => of::<TimestampMicrosecondType>(values),
        DataType::Utf8 => {
            let column = values.as_string::<i32>();
            Ok(min_string(column).zip(max_string(column)).map(|(min, max)| (min.into(), max.into())))
        }
        _ => Ok(None),
    }
}

fn has_order(data_type: &DataType) -> bool {
    use DataType::*;
    matches!(data_type, Int8 | Int16 | Int32 | Int64 | Float32 | Float64 | Utf8 | Date32 | Timestamp(..))
}

fn is_nan(value: &ScalarValue) -> bool {
    match value {
        ScalarValue::Float32(Some(v)) => v.is_nan(),
        ScalarValue::Float64(Some(v)) => v.is_nan(),
        _ => false,
    }
}

/// A bound from below that the log can hold: cut texts, whole milliseconds.
fn floor(value: ScalarValue) -> ScalarValue {
    match value {
        ScalarValue::Utf8(Some(text)) => ScalarValue::Utf8(Some(text.chars().take(TEXT_LIMIT).collect())),
        ScalarValue::TimestampMicrosecond(Some(t), zone) => {
            ScalarValue::TimestampMicrosecond(Some(t.div_euclid(MICROS_PER_MILLI).saturating_mul(MICROS_PER_MILLI)), zone)
        }
        other => other,
    }
}

/// A bound from above that the log can hold.
fn ceil(value: ScalarValue) -> ScalarValue {
    match value {
        ScalarValue::Utf8(Some(text)) if text.chars().nth(TEXT_LIMIT).is_some() => {
            ScalarValue::Utf8(Some(text.chars().take(TEXT_LIMIT).chain([char::MAX]).collect()))
        }
        ScalarValue::TimestampMicrosecond(Some(t), zone) => {
            let millis = t.div_euclid(MICROS_PER_MILLI) + i64::from(t.rem_euclid(MICROS_PER_MILLI) != 0);
            ScalarValue::TimestampMicrosecond(Some(millis.saturating_mul(MICROS_PER_MILLI)), zone)
        }
        other => other,
    }
}

impl Bounds {
    /// Delta's statistics text.
    pub fn to_json(&self) -> String {
        let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (name, bound) in &self.columns {
            for (side, value) in [(&mut min, &bound.min), (&mut max, &bound.max)] {
                if let Some(value) = value.as_ref().and_then(to_json) {
                    side.insert(name.to_string(), value);
                }
            }
            if let Some(count) = bound.nulls {
                nulls.insert(name.to_string(), count.into());
            }
        }
        json!({"numRecords": self.rows, "minValues": min, "maxValues": max, "nullCount": nulls}).to_string()
    }

    /// Reads Delta's statistics, whoever wrote them. What is not understood is unknown, never wrong.
    pub fn parse(text: Option<&str>, stored: &Schema) -> Self {
        let Some(Value::Object(stats)) = text.and_then(|t| serde_json::from_str(t).ok()) else { return Self::default() };
        let of = |side: &str, name: &str| stats.get(side).and_then(|values| values.get(name)).filter(|v| !v.is_null());
        let columns = stored.fields().iter().filter_map(|field| {
            let bound = Bound {
                min: of("minValues", field.name()).and_then(|v| parse(v, field)).map(floor),
                max: of("maxValues", field.name()).and_then(|v| parse(v, field)).map(ceil),
                nulls: of("nullCount", field.name()).and_then(Value::as_u64),
            };
            (bound != Bound::default()).then(|| (field.name().as_str().into(), bound))
        });
        Self { rows: stats.get("numRecords").and_then(Value::as_u64), columns: columns.collect() }
    }
}

fn to_json(value: &ScalarValue) -> Option<Value> {
    Some(match value {
        ScalarValue::Int8(Some(v)) => (*v).into(),
        ScalarValue::Int16(Some(v)) => (*v).into(),
        ScalarValue::Int32(Some(v)) => (*v).into(),
        ScalarValue::Int64(Some(v)) => (*v).into(),
        ScalarValue::Float32(Some(v)) => serde_json::Number::from_f64(f64::from(*v))?.into(),
        ScalarValue::Float64(Some(v)) => serde_json::Number::from_f64(*v)?.into(),
        ScalarValue::Utf8(Some(v)) => v.as_str().into(),
        ScalarValue::Date32(Some(_)) => array_value_to_string(&value.to_array().ok()?, 0).ok()?.into(),
        ScalarValue::TimestampMicrosecond(Some(t), _) => Millis(t.div_euclid(MICROS_PER_MILLI)).rfc3339().into(),
        _ => return None,
    })
}

fn parse(value: &Value, field: &Field) -> Option<ScalarValue> {
    match field.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            ScalarValue::Int64(Some(value.as_i64()?)).cast_to(field.data_type()).ok().filter(|v| !v.is_null())
        }
        DataType::Float32 | DataType::Float64 => ScalarValue::Float64(Some(value.as_f64()?)).cast_to(field.data_type()).ok(),
        DataType::Utf8 => Some(ScalarValue::Utf8(Some(value.as_str()?.to_owned()))),
        DataType::Date32 => ScalarValue::try_from_string(value.as_str()?.to_owned(), &DataType::Date32).ok(),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let nanos = string_to_timestamp_nanos(value.as_str()?).ok()?;
            Some(ScalarValue::TimestampMicrosecond(Some(nanos.div_euclid(1_000)), zone.clone()))
        }
        _ => None,
    }
}

/// The bounds of many files, in the form the pruner of the query engine asks for.
pub struct FileBounds<'a> {
    pub files: &'a [Arc<DataFile>],
    /// As queries see it.
    pub shown: &'a SchemaRef,
    pub partition_by: &'a [String],
}

impl FileBounds<'_> {
    fn values(&self, column: &Column, side: impl Fn(&Bound) -> &Option<ScalarValue>) -> Option<ArrayRef> {
        let field = self.shown.field_with_name(&column.name).ok()?;
        let unknown = ScalarValue::try_from(field.data_type()).ok()?;
        let partition = self.partition_by.iter().position(|name| *name == column.name);
        let values = self.files.iter().map(|file| match partition {
            Some(at) => partition_scalar(file.partition.get(at)?.as_deref(), field.data_type()).ok(),
            None => {
                let bound = file.bounds.columns.get(column.name.as_str()).and_then(|b| side(b).as_ref());
                Some(bound.and_then(|v| v.cast_to(field.data_type()).ok()).unwrap_or_else(|| unknown.clone()))
            }
        });
        ScalarValue::iter_to_array(values.collect::<Option<Vec<_>>>()?).ok()
    }
}

impl PruningStatistics for FileBounds<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |bound| &bound.min)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |bound| &bound.max)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let partition = self.partition_by.iter().position(|name| *name == column.name);
        let counts: UInt64Array = self
            .files
            .iter()
            .map(|file| match partition {
                Some(at) if file.partition.get(at)?.is_none() => file.bounds.rows,
                Some(_) => Some(0),
                None => file.bounds.columns.get(column.name.as_str())?.nulls,
            })
            .collect();
        Some(Arc::new(counts))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts: UInt64Array = self.files.iter().map(|file| file.bounds.rows).collect();
        Some(Arc::new(counts))
    }

    fn contained(&self, _: &Column, _: &std::collections::HashSet<ScalarValue>) -> Option<datafusion::arrow::array::BooleanArray> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::{long_text, timestamp_micros};
    use datafusion::arrow::array::{Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};

    fn schema() -> Schema {
        Schema::new(vec![
            Field::new("n", DataType::Int64, true),
            Field::new("s", DataType::Utf8, true),
            Field::new("t", timestamp_micros(), true),
            Field::new("f", DataType::Float64, true),
            long_text("p", true),
        ])
    }

    fn batch(s: &str, f: f64) -> RecordBatch {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(vec![Some(3), None])),
            Arc::new(StringArray::from(vec!["b", s])),
            Arc::new(TimestampMicrosecondArray::from(vec![1_500, -1]).with_timezone("UTC")),
            Arc::new(Float64Array::from(vec![1.5, f])),
            Arc::new(StringArray::from(vec!["{}", "{}"])),
        ];
        RecordBatch::try_new(Arc::new(schema()), columns).unwrap()
    }

    #[test]
    fn bounds_survive_the_log() {
        let mut gather = Gather::new(&schema());
        gather.add(&batch(&"商品".repeat(30), 2.0)).unwrap();
        gather.add(&batch("a", f64::NAN)).unwrap();
        let bounds = gather.finish();
        assert_eq!(bounds.rows, Some(4));
        assert_eq!(bounds.columns["n"], Bound { min: Some(3i64.into()), max: Some(3i64.into()), nulls: Some(2) });
        let Some(ScalarValue::Utf8(Some(max))) = &bounds.columns["s"].max else { panic!() };
        assert!(max.as_str() > "商品".repeat(30).as_str() && max.chars().count() == TEXT_LIMIT + 1);
        let time = |t| Some(ScalarValue::TimestampMicrosecond(Some(t), Some("UTC".into())));
        assert_eq!((&bounds.columns["t"].min, &bounds.columns["t"].max), (&time(-1_000), &time(2_000)));
        assert_eq!(bounds.columns["f"].max, None, "NaN has no place in an order");
        assert!(!bounds.columns.contains_key("p"));
        assert_eq!(Bounds::parse(Some(&bounds.to_json()), &schema()), bounds);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        assert_eq!(Bounds::parse(None, &schema()), Bounds::default());
        assert_eq!(Bounds::parse(Some("no json"), &schema()), Bounds::default());
        let odd = r#"{"numRecords":2,"minValues":{"n":"x","t":5,"s":"a"},"maxValues":null}"#;
        let bounds = Bounds::parse(Some(odd), &schema());
        assert_eq!(bounds.rows, Some(2));
        assert_eq!(bounds.columns.keys().map(|k| k.to_string()).collect::<Vec<_>>(), ["s"]);
    }
}
