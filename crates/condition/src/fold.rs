//! Folding matching events into what an aggregate asks, in any order and in parts, without ever using a float.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{Op, Test, decimal_of, decimal_of_fact};
use crate::kernel::Millis;
use crate::tree::{Aggregate, Function};
use crate::when::Moment;

/// 10^28: the smallest part of a decimal is one of these.
const PARTS: i128 = 10_i128.pow(28);

/// A sum of decimals that neither rounds nor overflows, so that the order of adding cannot matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ExactSum {
    whole: i128,
    /// 0 to [`PARTS`], exclusive.
    parts: i128,
}

impl ExactSum {
    fn of(decimal: Decimal) -> Self {
        let one = 10_i128.pow(decimal.scale());
        let mantissa = decimal.mantissa();
        Self { whole: mantissa.div_euclid(one), parts: mantissa.rem_euclid(one) * (PARTS / one) }
    }
    fn plus(self, other: Self) -> Self {
        let parts = self.parts + other.parts;
        let whole = self.whole.saturating_add(other.whole).saturating_add(parts / PARTS);
        Self { whole, parts: parts % PARTS }
    }
    fn times(self, count: u64) -> Self {
        let count = i128::from(count);
        let parts = self.parts.saturating_mul(count);
        Self { whole: self.whole.saturating_mul(count).saturating_add(parts / PARTS), parts: parts % PARTS }
    }
    /// To show it; what does not fit is rounded.
    fn to_decimal(self) -> Option<Decimal> {
        let whole = Decimal::try_from_i128_with_scale(self.whole, 0).ok()?;
        let parts = Decimal::try_from_i128_with_scale(self.parts, 28).ok()?;
        whole.checked_add(parts).map(|d| d.normalize())
    }
}

/// What has been folded so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fold {
    /// Matching events.
    pub(crate) count: u64,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Count,
    Sum(ExactSum),
    Avg { sum: ExactSum, numbers: u64 },
    Min(Option<Decimal>),
    Max(Option<Decimal>),
    Distinct(BTreeSet<String>),
    First(Option<Seen>),
    Last(Option<Seen>),
}

/// The value at one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    at: (i64, u64),
    value: Option<Value>,
}

impl Fold {
    pub(crate) fn new(aggregate: &Aggregate) -> Self {
        let kind = match aggregate {
            Aggregate::Occurs | Aggregate::Count(_) => Kind::Count,
            Aggregate::Of { function, .. } => match function {
                Function::Sum => Kind::Sum(ExactSum::default()),
                Function::Avg => Kind::Avg { sum: ExactSum::default(), numbers: 0 },
                Function::Min => Kind::Min(None),
                Function::Max => Kind::Max(None),
                Function::Distinct => Kind::Distinct(BTreeSet::new()),
                Function::First => Kind::First(None),
                Function::Last => Kind::Last(None),
            },
        };
        Self { count: 0, kind }
    }

    /// Takes one matching event with the value of the aggregated property.
    pub(crate) fn add(&mut self, ts: Millis, position: u64, value: Option<Cow<'_, Value>>) {
        self.count += 1;
        let value = value.filter(|v| !v.is_null());
        let number = || value.as_deref().and_then(decimal_of_fact);
        match &mut self.kind {
            Kind::Count => {}
            Kind::Sum(sum) => {
                if let Some(n) = number() {
                    *sum = sum.plus(ExactSum::of(n));
                }
            }
            Kind::Avg { sum, numbers } => {
                if let Some(n) = number() {
                    *sum = sum.plus(ExactSum::of(n));
                    *numbers += 1;
                }
            }
            Kind::Min(least) => *least = merge_by(*least, number(), Decimal::min),
            Kind::Max(most) => *most = merge_by(*most, number(), Decimal::max),
            Kind::Distinct(seen) => {
                if let Some(key) = value.as_deref().and_then(distinct_key) {
                    seen.insert(key);
                }
            }
            Kind::First(seen) => keep(seen, (ts.0, position), value, Ordering::Less),
            Kind::Last(seen) => keep(seen, (ts.0, position), value, Ordering::Greater),
        }
    }

    /// What counting so many events gives.
    #[cfg(feature = "batch")]
    pub(crate) fn counted(count: u64) -> Self {
        Self { count, kind: Kind::Count }
    }

    /// How much memory it holds beside itself, about.
    #[cfg(feature = "batch")]
    pub(crate) fn held_bytes(&self) -> usize {
        match &self.kind {
            Kind::Distinct(seen) => seen.iter().map(|key| key.len() + 2 * size_of::<String>()).sum(),
            Kind::First(seen) | Kind::Last(seen) => if seen.is_some() { 64 } else { 0 },
            Kind::Count | Kind::Sum(_) | Kind::Avg { .. } | Kind::Min(_) | Kind::Max(_) => 0,
        }
    }

    /// Takes what was folded elsewhere over other events.
    #[cfg(any(feature = "batch", test))]
    pub(crate) fn merge(&mut self, other: Fold) {
        self.count += other.count;
        match (&mut self.kind, other.kind) {
            (Kind::Sum(sum), Kind::Sum(more)) => *sum = sum.plus(more),
            (Kind::Avg { sum, numbers }, Kind::Avg { sum: more, numbers: n }) => {
                *sum = sum.plus(more);
                *numbers += n;
            }
            (Kind::Min(least), Kind::Min(other)) => *least = merge_by(*least, other, Decimal::min),
            (Kind::Max(most), Kind::Max(other)) => *most = merge_by(*most, other, Decimal::max),
            (Kind::Distinct(seen), Kind::Distinct(more)) => seen.extend(more),
            (Kind::First(seen), Kind::First(Some(o))) => keep(seen, o.at, o.value.map(Cow::Owned), Ordering::Less),
            (Kind::Last(seen), Kind::Last(Some(o))) => keep(seen, o.at, o.value.map(Cow::Owned), Ordering::Greater),
            _ => {}
        }
    }

    /// Does the aggregate hold of what was folded?
    pub(crate) fn holds(&self, aggregate: &Aggregate, moment: Moment<'_>) -> bool {
        let test = match aggregate {
            Aggregate::Occurs => return self.count > 0,
            Aggregate::Count(test) | Aggregate::Of { test, .. } => test,
        };
        match &self.kind {
            Kind::Count => test.holds_ordered(&|n| Decimal::from(self.count).cmp(&n)),
            Kind::Sum(sum) => test.holds_ordered(&|n| sum.cmp(&ExactSum::of(n))),
            // sum / numbers stands to n as sum stands to n × numbers: no division, no rounding.
            Kind::Avg { sum, numbers } => *numbers > 0 && test.holds_ordered(&|n| sum.cmp(&ExactSum::of(n).times(*numbers))),
            Kind::Min(n) | Kind::Max(n) => n.is_some_and(|n| test.holds_ordered(&|other| n.cmp(&other))),
            Kind::Distinct(seen) => test.holds_ordered(&|n| Decimal::from(seen.len()).cmp(&n)),
            Kind::First(seen) | Kind::Last(seen) => test.holds(seen.as_ref().and_then(|s| s.value.as_ref()), moment),
        }
    }

    /// Holds it already, whatever events may follow? Lets a reader stop early.
    pub(crate) fn is_settled(&self, aggregate: &Aggregate, moment: Moment<'_>) -> bool {
        let only_grows = |test: &Test| test.0.iter().all(|c| matches!(c.op(), Op::Gt | Op::Gte));
        match aggregate {
            Aggregate::Occurs => self.count > 0,
            Aggregate::Count(test) | Aggregate::Of { function: Function::Distinct, test, .. } => only_grows(test) && self.holds(aggregate, moment),
            Aggregate::Of { .. } => false,
        }
    }

    /// What the aggregate came to, to be shown.
    pub(crate) fn outcome(&self) -> Option<Value> {
        let shown = |n: Decimal| Value::String(n.normalize().to_string());
        match &self.kind {
            Kind::Count => Some(Value::from(self.count)),
            Kind::Sum(sum) => sum.to_decimal().map(shown),
            Kind::Avg { sum, numbers } => sum.to_decimal()?.checked_div(Decimal::from(*numbers)).map(|n| shown(n.round_dp(6))),
            Kind::Min(n) | Kind::Max(n) => n.map(shown),
            Kind::Distinct(seen) => Some(Value::from(seen.len())),
            Kind::First(seen) | Kind::Last(seen) => seen.as_ref()?.value.clone(),
        }
    }
}

fn merge_by(a: Option<Decimal>, b: Option<Decimal>, choose: fn(Decimal, Decimal) -> Decimal) -> Option<Decimal> {
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a, b)),
        (a, b) => a.or(b),
    }
}

fn keep(seen: &mut Option<Seen>, at: (i64, u64), value: Option<Cow<'_, Value>>, wanted: Ordering) {
    if seen.as_ref().is_none_or(|s| at.cmp(&s.at) == wanted) {
        *seen = Some(Seen { at, value: value.map(Cow::into_owned) });
    }
}

/// Equal values have equal keys: 1 and 1.0 are one value, 1 and "1" are two. Lists and objects are not counted.
fn distinct_key(value: &Value) -> Option<String> {
    match value {
        Value::Number(n) => {
            let n = decimal_of(n)?.normalize();
            Some(if n.is_zero() { "n0".to_owned() } else { format!("n{n}") })
        }
        Value::String(text) => Some(format!("t{text}")),
        Value::Bool(flag) => Some(format!("b{flag}")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;
    use std::str::FromStr;

    fn folded(function: Function, op: Op, operand: Value, values: &[Value]) -> (bool, Option<Value>) {
        let aggregate = Aggregate::Of { function, property: "p".to_owned(), test: Test::one(op, operand) };
        let moment = Moment { now: Millis(0), zone: &TimeZone::UTC };
        let mut whole = Fold::new(&aggregate);
        for (i, value) in values.iter().enumerate() {
            whole.add(Millis(i as i64), i as u64, Some(Cow::Borrowed(value)));
        }
        // In two parts, the later first, through the stored form.
        let mut parts = [Fold::new(&aggregate), Fold::new(&aggregate)];
        for (i, value) in values.iter().enumerate().rev() {
            parts[i % 2].add(Millis(i as i64), i as u64, Some(Cow::Borrowed(value)));
        }
        let [mut a, b] = parts;
        a.merge(serde_json::from_slice(&serde_json::to_vec(&b).unwrap()).unwrap());
        assert_eq!(a, whole);
        (whole.holds(&aggregate, moment), whole.outcome())
    }

    #[test]
    fn sums_are_exact() {
        let (holds, shown) = folded(Function::Sum, Op::Eq, json!(0.3), &[json!(0.1), json!("0.2"), json!("x"), json!(null)]);
        assert!(holds);
        assert_eq!(shown, Some(json!("0.3")));
        let big = json!("79228162514264337593543950335");
        let small = json!("0.0000000000000000000000000001");
        let values = [big.clone(), small.clone(), json!("-79228162514264337593543950335")];
        assert!(folded(Function::Sum, Op::Eq, small, &values).0);
        assert!(folded(Function::Sum, Op::Gt, big.clone(), &[big.clone(), big]).0, "beyond a decimal");
        assert!(folded(Function::Sum, Op::Eq, json!(0), &[]).0, "a sum of nothing is 0");
        assert_eq!(folded(Function::Sum, Op::Lt, json!(0), &[json!(-1.5), json!(0.25)]), (true, Some(json!("-1.25"))));
    }

    #[test]
    fn means_are_decided_without_division() {
        let thirds = [json!(1), json!(0), json!(0)];
        assert!(folded(Function::Avg, Op::Gt, json!("0.3333333333333333333333333333"), &thirds).0);
        assert!(folded(Function::Avg, Op::Lt, json!("0.3333333333333333333333333334"), &thirds).0);
        assert!(folded(Function::Avg, Op::Eq, json!(-2.5), &[json!(-2), json!(-3)]).0);
        assert!(!folded(Function::Avg, Op::Ne, json!(1), &[json!("x")]).0, "a mean of nothing is missing");
    }

    #[test]
    fn least_greatest_and_distinct() {
        let values = [json!(3), json!("2.5"), json!("x"), json!(7.25), json!(7.250)];
        assert_eq!(folded(Function::Min, Op::Eq, json!(2.5), &values), (true, Some(json!("2.5"))));
        assert_eq!(folded(Function::Max, Op::Between, json!([7, 8]), &values), (true, Some(json!("7.25"))));
        assert_eq!(folded(Function::Distinct, Op::Eq, json!(4), &values), (true, Some(json!(4))));
        assert!(!folded(Function::Max, Op::Gte, json!(0), &[]).0);
        assert!(folded(Function::Distinct, Op::Eq, json!(0), &[json!([1]), json!(null)]).0);
        assert!(folded(Function::Distinct, Op::Eq, json!(2), &[json!(1), json!("1"), json!(1.0)]).0);
    }

    #[test]
    fn first_and_last_are_of_the_event_even_if_it_lacks_the_value() {
        assert!(folded(Function::First, Op::Eq, json!("a"), &[json!("a"), json!("b")]).0);
        assert!(folded(Function::Last, Op::Eq, json!("b"), &[json!("a"), json!("b")]).0);
        assert!(folded(Function::Last, Op::Exists, json!(false), &[json!("a"), json!(null)]).0);
        assert!(!folded(Function::Last, Op::Ne, json!("x"), &[json!("a"), json!(null)]).0);
    }

    #[test]
    fn exact_sums_multiply_as_they_add() {
        let n = ExactSum::of(Decimal::from_str("-1.75").unwrap());
        assert_eq!(n.times(3), n.plus(n).plus(n));
        assert_eq!(n.times(0), ExactSum::default());
        assert_eq!(n.to_decimal(), Decimal::from_str("-1.75").ok());
    }
}
