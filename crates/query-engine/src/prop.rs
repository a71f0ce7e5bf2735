//! `prop(json, path)` and `prop_num(json, path)`: a property of an event, read from its JSON text.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Decimal128Builder, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use weft_event_lake::events;

use crate::json::{as_text, find};
use crate::kernel::money;

/// `prop(json, path)` → text. Strings plain, numbers, booleans, lists and objects as JSON, absent and null as null.
pub fn prop_udf() -> Arc<ScalarUDF> {
    Arc::new(Prop { name: "prop", gives: DataType::Utf8, signature: Signature::user_defined(Volatility::Immutable) }.into())
}

/// `prop_num(json, path)` → `DECIMAL(38,10)`. Numbers and texts that are numbers; all else is null.
pub fn prop_num_udf() -> Arc<ScalarUDF> {
    Arc::new(Prop { name: "prop_num", gives: events::number_type(), signature: Signature::user_defined(Volatility::Immutable) }.into())
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Prop {
    name: &'static str,
    gives: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for Prop {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        let is_text = |t: &DataType| matches!(t, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
        match arg_types {
            [json, path] if is_text(json) && is_text(path) => Ok(vec![DataType::Utf8, DataType::Utf8]),
            _ => plan_err!("{}(properties, 'path') takes two texts", self.name),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let path = match &args.args[1] {
            ColumnarValue::Scalar(path) => Paths::One(path.try_as_str().flatten().map(str::to_owned)),
            ColumnarValue::Array(paths) => Paths::Each(cast(paths, &DataType::Utf8)?),
        };
        let rows = if scalar { 1 } else { args.number_rows };
        let json = cast(&args.args[0].to_array(rows)?, &DataType::Utf8)?;
        let found = (0..rows).map(|row| {
            let json = json.as_string::<i32>();
            let path = path.at(row)?;
            json.is_valid(row).then(|| json.value(row)).and_then(|json| find(json, path)).and_then(as_text)
        });
        let values = if self.gives == DataType::Utf8 { texts(found) } else { numbers(found)? };
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?));
        }
        Ok(ColumnarValue::Array(values))
    }
}

enum Paths {
    One(Option<String>),
    Each(ArrayRef),
}

impl Paths {
    fn at(&self, row: usize) -> Option<&str> {
        match self {
            Self::One(path) => path.as_deref(),
            Self::Each(paths) => {
                let paths = paths.as_string::<i32>();
                paths.is_valid(row).then(|| paths.value(row))
            }
        }
    }
}

fn texts<'a>(found: impl Iterator<Item = Option<Cow<'a, str>>>) -> ArrayRef {
    let mut column = StringBuilder::new();
    found.for_each(|text| column.append_option(text));
    Arc::new(column.finish())
}

fn numbers<'a>(found: impl Iterator<Item = Option<Cow<'a, str>>>) -> Result<ArrayRef> {
    let mut column = Decimal128Builder::new().with_data_type(events::number_type());
    found.for_each(|text| column.append_option(text.and_then(|t| money::parse(t.trim())).and_then(events::number_units)));
    Ok(Arc::new(column.finish()))
}
