//! The functions that ask the language's questions inside the query engine.

use std::mem::size_of_val;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StringViewArray, UInt64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::cast::{as_binary_array, as_int64_array, as_string_view_array, as_uint64_array};
use datafusion::common::{DataFusionError, Result, ScalarValue, internal_datafusion_err, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;
use serde_json::Value;

use super::question::{Asked, Question};
use crate::facts::{LazyJson, NoProperties, Properties};
use crate::fold::Fold;
use crate::kernel::Millis;
use crate::sequence::{Marks, happened_in_order};
use crate::when::time_of;

static SCALARS: LazyLock<Vec<Arc<ScalarUDF>>> =
    LazyLock::new(|| [Asks::Test, Asks::Time, Asks::Count].map(|asks| Arc::new(ScalarUDF::new_from_impl(Scalar::new(asks)))).into());
static AGGREGATES: LazyLock<Vec<Arc<AggregateUDF>>> =
    LazyLock::new(|| [Gathers::Fold, Gathers::Order].map(|gathers| Arc::new(AggregateUDF::new_from_impl(Aggregate::new(gathers)))).into());

/// The scalar functions that plans call, for engines that must know them by name.
pub fn scalar_functions() -> &'static [Arc<ScalarUDF>] {
    &SCALARS
}

/// The aggregate functions that plans call, for engines that must know them by name.
pub fn aggregate_functions() -> &'static [Arc<AggregateUDF>] {
    &AGGREGATES
}

/// `weft_test(json, question)`: does the object satisfy the filter, or the value pass the test? Never null.
pub(super) fn test() -> &'static ScalarUDF {
    &SCALARS[0]
}
/// `weft_time(json, question)`: the moment a field tells, in milliseconds, or null.
pub(super) fn time() -> &'static ScalarUDF {
    &SCALARS[1]
}
/// `weft_count(n, question)`: does a count satisfy the aggregate? Never null.
pub(super) fn count() -> &'static ScalarUDF {
    &SCALARS[2]
}
/// `weft_aggregate(ts, position, json, question)`: does the aggregate hold of these events?
pub(super) fn aggregate() -> &'static AggregateUDF {
    &AGGREGATES[0]
}
/// `weft_sequence(ts, position, steps, question)`: did the steps happen in order? `steps` has a bit for each step matched.
pub(super) fn sequence() -> &'static AggregateUDF {
    &AGGREGATES[1]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asks {
    Test,
    Time,
    Count,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Scalar {
    asks: Asks,
    signature: Signature,
}

impl Scalar {
    fn new(asks: Asks) -> Self {
        Self { asks, signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Scalar {
    fn name(&self) -> &str {
        match self.asks {
            Asks::Test => "weft_test",
            Asks::Time => "weft_time",
            Asks::Count => "weft_count",
        }
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.asks {
            Asks::Test | Asks::Count => DataType::Boolean,
            Asks::Time => DataType::Int64,
        })
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of, question] = args.args.as_slice() else { return plan_err!("{} takes two arguments", self.name()) };
        let question = match question {
            ColumnarValue::Scalar(text) => Question::read(text_of(text)?)?,
            ColumnarValue::Array(_) => return plan_err!("the question of {} is a literal", self.name()),
        };
        let of = of.to_array(args.number_rows)?;
        Ok(ColumnarValue::Array(match self.asks {
            Asks::Test => Arc::new(tested(&of, &question)?) as ArrayRef,
            Asks::Time => Arc::new(times(&of, &question)?),
            Asks::Count => Arc::new(counts(&of, &question)?),
        }))
    }
}

fn text_of(scalar: &ScalarValue) -> Result<&str> {
    scalar.try_as_str().flatten().ok_or_else(|| internal_datafusion_err!("a question is a text"))
}

/// Any kind of text column as one kind.
fn texts(array: &ArrayRef) -> Result<StringViewArray> {
    let array = cast(array, &DataType::Utf8View)?;
    as_string_view_array(&array).cloned()
}

fn tested(json: &ArrayRef, question: &Question) -> Result<BooleanArray> {
    let json = texts(json)?;
    let moment = question.moment();
    match &question.asked {
        Asked::Where(filter) => Ok(json
            .iter()
            .map(|text| Some(filter.holds(&LazyJson::new(text.unwrap_or_default().as_bytes()), moment)))
            .collect()),
        Asked::Value(test) => Ok(json
            .iter()
            .map(|text| {
                let value: Option<Value> = text.and_then(|t| serde_json::from_str(t).ok());
                Some(test.holds(value.as_ref(), moment))
            })
            .collect()),
        Asked::Time(_) | Asked::Event(_) | Asked::Order { .. } => plan_err!("weft_test is asked something else"),
    }
}

fn times(json: &ArrayRef, question: &Question) -> Result<Int64Array> {
    let Asked::Time(name) = &question.asked else { return plan_err!("weft_time is asked something else") };
    let time = |text: &str| {
        let json = LazyJson::new(text.as_bytes());
        time_of(json.get(name).as_deref()?, question.moment().zone).map(|at| at.0)
    };
    Ok(texts(json)?.iter().map(|text| text.and_then(time)).collect())
}

fn counts(counts: &ArrayRef, question: &Question) -> Result<BooleanArray> {
    let Asked::Event(event) = &question.asked else { return plan_err!("weft_count is asked something else") };
    let counts = cast(counts, &DataType::UInt64)?;
    let holds = |n: u64| Fold::counted(n).holds(&event.aggregate, question.moment());
    Ok(as_uint64_array(&counts)?.iter().map(|n| Some(holds(n.unwrap_or(0)))).collect())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gathers {
    Fold,
    Order,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Aggregate {
    gathers: Gathers,
    signature: Signature,
}

impl Aggregate {
    fn new(gathers: Gathers) -> Self {
        Self { gathers, signature: Signature::any(4, Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        match self.gathers {
            Gathers::Fold => "weft_aggregate",
            Gathers::Order => "weft_sequence",
        }
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }
    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "gathered"), DataType::Binary, true))])
    }
    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let Some(literal) = args.exprs.get(3).and_then(|e| e.downcast_ref::<Literal>()) else {
            return plan_err!("the question of {} is a literal", self.name());
        };
        let question = Arc::new(Question::read(text_of(literal.value())?)?);
        match (self.gathers, &question.asked) {
            (Gathers::Fold, Asked::Event(event)) => Ok(Box::new(FoldAccumulator { fold: Fold::new(&event.aggregate), question })),
            (Gathers::Order, Asked::Order { .. }) => Ok(Box::new(OrderAccumulator { marks: Marks::default(), question })),
            _ => plan_err!("{} is asked something else", self.name()),
        }
    }
}

/// Columns `ts` and `position`, then whatever the third is.
fn places(values: &[ArrayRef]) -> Result<(Int64Array, UInt64Array, &ArrayRef)> {
    let [ts, position, third, ..] = values else { return plan_err!("time, position and a third column are needed") };
    let ts = as_int64_array(&cast(ts, &DataType::Int64)?)?.clone();
    let position = as_uint64_array(&cast(position, &DataType::UInt64)?)?.clone();
    Ok((ts, position, third))
}

fn external(error: serde_json::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

struct FoldAccumulator {
    fold: Fold,
    question: Arc<Question>,
}

impl std::fmt::Debug for FoldAccumulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FoldAccumulator").field("events", &self.fold.count).finish_non_exhaustive()
    }
}

impl Accumulator for FoldAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Asked::Event(event) = &self.question.asked else { return plan_err!("weft_aggregate is asked something else") };
        let (ts, position, json) = places(values)?;
        let json = texts(json)?;
        for row in 0..ts.len() {
            let (at, place) = (Millis(ts.value(row)), position.value(row));
            match event.aggregated_property() {
                Some(property) if json.is_valid(row) => {
                    let properties = LazyJson::new(json.value(row).as_bytes());
                    self.fold.add(at, place, properties.get(property));
                }
                Some(_) | None => self.fold.add(at, place, NoProperties.get("")),
            }
        }
        Ok(())
    }
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Asked::Event(event) = &self.question.asked else { return plan_err!("weft_aggregate is asked something else") };
        Ok(ScalarValue::Boolean(Some(self.fold.holds(&event.aggregate, self.question.moment()))))
    }
    fn size(&self) -> usize {
        size_of_val(self) + self.fold.held_bytes()
    }
    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(serde_json::to_vec(&self.fold).map_err(external)?))])
    }
    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        for state in as_binary_array(states)?.iter().flatten() {
            self.fold.merge(serde_json::from_slice(state).map_err(external)?);
        }
        Ok(())
    }
}

struct OrderAccumulator {
    marks: Marks,
    question: Arc<Question>,
}

impl std::fmt::Debug for OrderAccumulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderAccumulator").field("events", &self.marks.len()).finish_non_exhaustive()
    }
}

impl Accumulator for OrderAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (ts, position, steps) = places(values)?;
        let steps = cast(steps, &DataType::Int64)?;
        let steps = as_int64_array(&steps)?;
        for row in 0..ts.len() {
            self.marks.add(ts.value(row), position.value(row), steps.value(row).cast_unsigned());
        }
        Ok(())
    }
    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Asked::Order { steps, within } = self.question.asked else { return plan_err!("weft_sequence is asked something else") };
        Ok(ScalarValue::Boolean(Some(happened_in_order(&self.marks, steps, within).is_some())))
    }
    fn size(&self) -> usize {
        size_of_val(self) + self.marks.len() * 2 * size_of::<(i64, u64, u64)>()
    }
    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let bytes = self.marks.iter().flat_map(|(ts, position, steps)| {
            [ts.to_le_bytes(), position.to_le_bytes(), steps.to_le_bytes()].into_iter().flatten()
        });
        Ok(vec![ScalarValue::Binary(Some(bytes.collect()))])
    }
    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        for state in as_binary_array(states)?.iter().flatten() {
            for mark in state.as_chunks::<24>().0 {
                let ([ts, position, steps], _) = mark.as_chunks::<8>() else { return plan_err!("a mark has three parts") };
                self.marks.add(i64::from_le_bytes(*ts), u64::from_le_bytes(*position), u64::from_le_bytes(*steps));
            }
        }
        Ok(())
    }
}
