//! Comparing a fact with what is written: the operators, and the one meaning of numbers and texts.

use std::cmp::Ordering;
use std::str::FromStr;

use regex::{Regex, RegexBuilder};
use rust_decimal::Decimal;
use serde_json::{Number, Value};

use crate::kernel::Millis;
use crate::when::{Moment, When, time_of};

/// The longest pattern that `matches` takes, in bytes.
pub const LONGEST_PATTERN: usize = 500;
/// What a compiled pattern may weigh, in bytes.
const PATTERN_WEIGHT: usize = 2 * 1024 * 1024;

/// The operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    Eq,
    /// Known and not equal.
    Ne,
    In,
    /// Known and none of them.
    Nin,
    Gt,
    Gte,
    Lt,
    Lte,
    /// From the first to the second, both included.
    Between,
    /// The only one that a missing fact can satisfy: `{"exists": false}`.
    Exists,
    /// A list has the member, or a text has the part.
    Contains,
    StartsWith,
    /// A regular expression, found anywhere in a text.
    Matches,
    Before,
    After,
}

impl Op {
    pub const ALL: [Op; 15] = [
        Op::Eq, Op::Ne, Op::In, Op::Nin, Op::Gt, Op::Gte, Op::Lt, Op::Lte, Op::Between, Op::Exists, Op::Contains, Op::StartsWith,
        Op::Matches, Op::Before, Op::After,
    ];

    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::In => "in",
            Op::Nin => "nin",
            Op::Gt => "gt",
            Op::Gte => "gte",
            Op::Lt => "lt",
            Op::Lte => "lte",
            Op::Between => "between",
            Op::Exists => "exists",
            Op::Contains => "contains",
            Op::StartsWith => "starts_with",
            Op::Matches => "matches",
            Op::Before => "before",
            Op::After => "after",
        }
    }
    /// The operator of this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.key() == key)
    }
    /// Can it compare what an aggregate counts?
    pub fn compares_numbers(self) -> bool {
        matches!(self, Op::Eq | Op::Ne | Op::In | Op::Nin | Op::Gt | Op::Gte | Op::Lt | Op::Lte | Op::Between)
    }
}

/// One or more comparisons of one fact, all of which must hold: `{"gte": 18, "lt": 30}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Test(pub Vec<Comparison>);

/// An operator and what it compares with, read once.
#[derive(Clone, Debug)]
pub struct Comparison {
    op: Op,
    operand: Value,
    read: Operand,
}

impl PartialEq for Comparison {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.operand == other.operand
    }
}

#[derive(Clone, Debug)]
enum Operand {
    One(Scalar),
    Many(Vec<Scalar>),
    Range(Scalar, Scalar),
    Asked(bool),
    Pattern(Regex),
    Time(When),
    /// Not readable: every comparison with it is false. `check` says what is wrong.
    Wrong(Wrong),
}

/// What is wrong with an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Scalar,
    List,
    EmptyList,
    Pair,
    Flag,
    Text,
    Pattern,
    PatternTooLong,
    Time,
    Number,
}

/// A text, number or boolean that is written in a tree.
#[derive(Clone, Debug)]
enum Scalar {
    Number(Decimal),
    Text(String, Option<Decimal>),
    Flag(bool),
}

impl Test {
    pub fn one(op: Op, operand: impl Into<Value>) -> Self {
        Self(vec![Comparison::new(op, operand)])
    }

    /// Does it hold for this fact? A missing fact makes every comparison false; `exists` asks.
    pub fn holds(&self, fact: Option<&Value>, moment: Moment<'_>) -> bool {
        let fact = fact.filter(|v| !v.is_null());
        self.0.iter().all(|c| c.holds(fact, moment))
    }

    /// Does it hold for a number that is known only by how it stands to another?
    pub(crate) fn holds_ordered(&self, order: &dyn Fn(Decimal) -> Ordering) -> bool {
        self.0.iter().all(|c| c.holds_ordered(order))
    }

    /// Has it a comparison with a time relative to now?
    pub(crate) fn is_relative(&self) -> bool {
        self.0.iter().any(|c| c.offset().is_some())
    }

    /// The first moment after `now` at which time alone changes a comparison of this fact.
    pub(crate) fn next_change(&self, fact: Option<&Value>, moment: Moment<'_>) -> Option<Millis> {
        self.0.iter().filter_map(|c| c.turns_at(fact?, moment)).filter(|at| *at > moment.now).min()
    }
}

impl Comparison {
    pub fn new(op: Op, operand: impl Into<Value>) -> Self {
        let operand = operand.into();
        let read = read(op, &operand).unwrap_or_else(Operand::Wrong);
        Self { op, operand, read }
    }
    pub fn op(&self) -> Op {
        self.op
    }
    /// As it was written.
    pub fn operand(&self) -> &Value {
        &self.operand
    }
    pub(crate) fn wrong(&self) -> Option<Wrong> {
        match self.read {
            Operand::Wrong(wrong) => Some(wrong),
            _ => None,
        }
    }
    /// Is everything it compares with a number?
    pub(crate) fn is_numeric(&self) -> bool {
        match &self.read {
            Operand::One(one) => one.is_number(),
            Operand::Many(many) => many.iter().all(Scalar::is_number),
            Operand::Range(low, high) => low.is_number() && high.is_number(),
            _ => false,
        }
    }
    /// Milliseconds after now, for a comparison with a relative time.
    pub(crate) fn offset(&self) -> Option<i64> {
        match &self.read {
            Operand::Time(when) => when.from_now(),
            _ => None,
        }
    }

    fn holds(&self, fact: Option<&Value>, moment: Moment<'_>) -> bool {
        if let (Op::Exists, Operand::Asked(asked)) = (self.op, &self.read) {
            return fact.is_some() == *asked;
        }
        let Some(fact) = fact else { return false };
        match (self.op, &self.read) {
            (Op::Eq, Operand::One(one)) => one.equals(fact),
            (Op::Ne, Operand::One(one)) => !one.equals(fact),
            (Op::In, Operand::Many(many)) => many.iter().any(|one| one.equals(fact)),
            (Op::Nin, Operand::Many(many)) => !many.iter().any(|one| one.equals(fact)),
            (Op::Gt, Operand::One(one)) => one.order(fact).is_some_and(Ordering::is_gt),
            (Op::Gte, Operand::One(one)) => one.order(fact).is_some_and(Ordering::is_ge),
            (Op::Lt, Operand::One(one)) => one.order(fact).is_some_and(Ordering::is_lt),
            (Op::Lte, Operand::One(one)) => one.order(fact).is_some_and(Ordering::is_le),
            (Op::Between, Operand::Range(low, high)) => {
                low.order(fact).is_some_and(Ordering::is_ge) && high.order(fact).is_some_and(Ordering::is_le)
            }
            (Op::Contains, Operand::One(one)) => one.is_in(fact),
            (Op::StartsWith, Operand::One(Scalar::Text(start, _))) => fact.as_str().is_some_and(|t| t.starts_with(start.as_str())),
            (Op::Matches, Operand::Pattern(pattern)) => fact.as_str().is_some_and(|t| pattern.is_match(t)),
            (Op::Before, Operand::Time(when)) => compare_times(fact, when, moment).is_some_and(Ordering::is_lt),
            (Op::After, Operand::Time(when)) => compare_times(fact, when, moment).is_some_and(Ordering::is_gt),
            _ => false,
        }
    }

    fn holds_ordered(&self, order: &dyn Fn(Decimal) -> Ordering) -> bool {
        let stands = |s: &Scalar| s.number().map(order);
        match (self.op, &self.read) {
            (Op::Eq, Operand::One(one)) => stands(one).is_some_and(Ordering::is_eq),
            (Op::Ne, Operand::One(one)) => stands(one).is_some_and(Ordering::is_ne),
            (Op::In, Operand::Many(many)) => many.iter().any(|one| stands(one).is_some_and(Ordering::is_eq)),
            (Op::Nin, Operand::Many(many)) => many.iter().all(|one| stands(one).is_none_or(Ordering::is_ne)),
            (Op::Gt, Operand::One(one)) => stands(one).is_some_and(Ordering::is_gt),
            (Op::Gte, Operand::One(one)) => stands(one).is_some_and(Ordering::is_ge),
            (Op::Lt, Operand::One(one)) => stands(one).is_some_and(Ordering::is_lt),
            (Op::Lte, Operand::One(one)) => stands(one).is_some_and(Ordering::is_le),
            (Op::Between, Operand::Range(low, high)) => {
                stands(low).is_some_and(Ordering::is_ge) && stands(high).is_some_and(Ordering::is_le)
            }
            _ => false,
        }
    }

    /// The moment at which `before` or `after` a relative time turns for a fact that stays.
    fn turns_at(&self, fact: &Value, moment: Moment<'_>) -> Option<Millis> {
        let offset = self.offset()?;
        let time = time_of(fact, moment.zone)?;
        // `after` is true while time > now + offset; `before` begins one millisecond after they are equal.
        let equal = time.minus(offset);
        Some(if self.op == Op::Before { equal.plus(1) } else { equal })
    }
}

fn compare_times(fact: &Value, when: &When, moment: Moment<'_>) -> Option<Ordering> {
    Some(time_of(fact, moment.zone)?.cmp(&when.at(moment)?))
}

fn read(op: Op, operand: &Value) -> Result<Operand, Wrong> {
    Ok(match op {
        Op::Eq | Op::Ne | Op::Contains | Op::Gt | Op::Gte | Op::Lt | Op::Lte => {
            let one = Scalar::read(operand)?;
            if matches!(op, Op::Gt | Op::Gte | Op::Lt | Op::Lte) && matches!(one, Scalar::Flag(_)) {
                return Err(Wrong::Scalar);
            }
            Operand::One(one)
        }
        Op::StartsWith => match operand {
            Value::String(_) => Operand::One(Scalar::read(operand)?),
            _ => return Err(Wrong::Text),
        },
        Op::In | Op::Nin => {
            let members = operand.as_array().ok_or(Wrong::List)?;
            if members.is_empty() {
                return Err(Wrong::EmptyList);
            }
            Operand::Many(members.iter().map(Scalar::read).collect::<Result<_, _>>()?)
        }
        Op::Between => match operand.as_array().map(Vec::as_slice) {
            Some([low, high]) => match (Scalar::read(low)?, Scalar::read(high)?) {
                (Scalar::Flag(_), _) | (_, Scalar::Flag(_)) => return Err(Wrong::Pair),
                (low, high) => Operand::Range(low, high),
            },
            _ => return Err(Wrong::Pair),
        },
        Op::Exists => Operand::Asked(operand.as_bool().ok_or(Wrong::Flag)?),
        Op::Matches => Operand::Pattern(pattern(operand.as_str().ok_or(Wrong::Text)?)?),
        Op::Before | Op::After => {
            let when = When::new(operand.clone());
            if !when.is_readable() {
                return Err(Wrong::Time);
            }
            Operand::Time(when)
        }
    })
}

fn pattern(text: &str) -> Result<Regex, Wrong> {
    if text.len() > LONGEST_PATTERN {
        return Err(Wrong::PatternTooLong);
    }
    RegexBuilder::new(text).size_limit(PATTERN_WEIGHT).dfa_size_limit(PATTERN_WEIGHT).nest_limit(50).build().map_err(|_| Wrong::Pattern)
}

impl Scalar {
    fn read(value: &Value) -> Result<Self, Wrong> {
        match value {
            Value::Number(n) => decimal_of(n).map(Self::Number).ok_or(Wrong::Number),
            Value::String(text) => Ok(Self::Text(text.clone(), decimal_in(text))),
            Value::Bool(flag) => Ok(Self::Flag(*flag)),
            Value::Null | Value::Array(_) | Value::Object(_) => Err(Wrong::Scalar),
        }
    }
    fn is_number(&self) -> bool {
        self.number().is_some()
    }
    fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(_, n) => *n,
            Self::Flag(_) => None,
        }
    }
    /// Is the fact equal to this?
    fn equals(&self, fact: &Value) -> bool {
        match (self, fact) {
            (Self::Flag(flag), Value::Bool(fact)) => flag == fact,
            _ => self.order(fact).is_some_and(Ordering::is_eq),
        }
    }
    /// How the fact stands to this: as numbers if either is a number, by code point if both are text.
    fn order(&self, fact: &Value) -> Option<Ordering> {
        match (self, fact) {
            (Self::Text(text, _), Value::String(fact)) => Some(fact.as_str().cmp(text)),
            (Self::Number(n), Value::String(fact)) => Some(decimal_in(fact)?.cmp(n)),
            (_, Value::Number(fact)) => Some(decimal_of(fact)?.cmp(&self.number()?)),
            _ => None,
        }
    }
    /// Is this a member of the list, or a part of the text?
    fn is_in(&self, fact: &Value) -> bool {
        match (fact, self) {
            (Value::Array(members), _) => members.iter().any(|member| self.equals(member)),
            (Value::String(text), Self::Text(part, _)) => text.contains(part.as_str()),
            _ => false,
        }
    }
}

/// A JSON number as a decimal: whole numbers as they are, others to 15 significant digits, which is what a double
/// surely holds; `None` beyond ±7.9e28. So a client's 0.1 + 0.2 is 0.3, and a number stays the same number when it is
/// written and read again.
pub fn decimal_of(number: &Number) -> Option<Decimal> {
    if let Some(n) = number.as_i64() {
        return Some(Decimal::from(n));
    }
    if let Some(n) = number.as_u64() {
        return Some(Decimal::from(n));
    }
    let rounded: f64 = format!("{:.14e}", number.as_f64()?).parse().ok()?;
    // Rust writes a float as the shortest decimal that reads back as the same float, without an exponent.
    Decimal::from_str(&rounded.to_string()).ok()
}

/// The number a text is: an optional minus, digits, and optionally a point and digits. Nothing else.
pub fn decimal_in(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, parts) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if text.len() > 64 || !plain(whole) || !plain(parts) {
        return None;
    }
    Decimal::from_str(text).ok()
}

/// The number a fact is, be it a JSON number or a text that is one.
pub fn decimal_of_fact(fact: &Value) -> Option<Decimal> {
    match fact {
        Value::Number(n) => decimal_of(n),
        Value::String(text) => decimal_in(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    const NOW: i64 = 1_767_225_600_000; // 2026-01-01T00:00:00Z

    fn holds(fact: Value, op: &str, operand: Value) -> bool {
        let zone = TimeZone::UTC;
        Test::one(Op::of_key(op).unwrap(), operand).holds(Some(&fact), Moment { now: Millis(NOW), zone: &zone })
    }
    fn holds_for_nothing(op: Op, operand: Value) -> bool {
        Test::one(op, operand).holds(None, Moment { now: Millis(NOW), zone: &TimeZone::UTC })
    }

    #[test]
    fn eq_and_ne() {
        assert!(holds(json!("上海"), "eq", json!("上海")));
        assert!(holds(json!(1.0), "eq", json!(1)));
        assert!(holds(json!("1.50"), "eq", json!(1.5)));
        assert!(holds(json!(1.5), "eq", json!("1.50")));
        assert!(!holds(json!("1.50"), "eq", json!("1.5")), "two texts compare as texts");
        assert!(holds(json!(true), "eq", json!(true)));
        assert!(!holds(json!("true"), "eq", json!(true)));
        assert!(!holds(json!(["a"]), "eq", json!("a")));
        assert!(holds(json!("a"), "ne", json!("b")));
        assert!(holds(json!(["a"]), "ne", json!("a")), "a list is known, and is not a text");
        assert!(!holds(json!(1), "ne", json!("1")));
    }

    #[test]
    fn in_and_nin() {
        assert!(holds(json!("杭州"), "in", json!(["上海", "杭州"])));
        assert!(holds(json!("2"), "in", json!([1, 2])));
        assert!(!holds(json!("北京"), "in", json!(["上海", "杭州"])));
        assert!(holds(json!("北京"), "nin", json!(["上海", "杭州"])));
        assert!(!holds(json!("上海"), "nin", json!(["上海", "杭州"])));
    }

    #[test]
    fn order_is_of_numbers_or_of_texts_and_never_of_both() {
        assert!(holds(json!(0.3), "gt", json!(0.1)));
        assert!(holds(json!("10"), "gt", json!(9)));
        assert!(!holds(json!("10"), "gt", json!("9")), "by code point");
        assert!(holds(json!(3), "gte", json!("3.00")));
        assert!(holds(json!("a"), "lt", json!("b")));
        assert!(holds(json!("😀"), "gt", json!("\u{ffff}")), "by code point, not by UTF-16 unit");
        assert!(holds(json!(3), "lte", json!(3)));
        assert!(!holds(json!("x"), "lt", json!(3)));
        assert!(!holds(json!("x"), "gte", json!(3)));
        assert!(!holds(json!(true), "lte", json!(1)));
        assert!(holds(json!(5), "between", json!([5, 7])));
        assert!(holds(json!(7), "between", json!([5, 7])));
        assert!(!holds(json!(7.0001), "between", json!([5, 7])));
    }

    #[test]
    fn a_number_no_decimal_can_hold_is_no_number() {
        assert!(!holds(json!(1e300), "gt", json!(1)));
        assert!(holds(json!(1e20), "gt", json!(1)));
        assert!(holds(json!(1e-40), "eq", json!(0)));
        assert_eq!(Comparison::new(Op::Gt, json!(1e300)).wrong(), Some(Wrong::Number));
        for odd in ["1e3", "+1", " 1", "1_000", ".5", "1.", "-", "", "０", "NaN"] {
            assert_eq!(decimal_in(odd), None, "{odd:?}");
        }
        assert_eq!(decimal_in("-0012.50"), Some(Decimal::from_str("-12.5").unwrap()));
    }

    #[test]
    fn the_last_digits_of_a_double_decide_nothing() {
        assert!(holds(json!(0.1 + 0.2), "eq", json!(0.3)));
        assert!(holds(json!(944.2109999999999), "eq", json!("944.211")));
        assert!(!holds(json!(0.123456789012345), "eq", json!(0.123456789012346)));
        assert!(holds(json!(9_007_199_254_740_993_i64), "gt", json!(9_007_199_254_740_992_i64)));
        for cents in 1..2_000_i64 {
            let price = cents as f64 / 100.0 * 1.3;
            let again: Value = serde_json::from_str(&json!(price).to_string()).unwrap();
            assert!(holds(json!(price), "eq", again), "{price}");
        }
    }

    #[test]
    fn only_exists_says_something_about_a_missing_fact() {
        for op in Op::ALL.into_iter().filter(|op| *op != Op::Exists) {
            for operand in [json!("a"), json!(["a"]), json!([1, 2]), json!("-7d"), json!(false)] {
                assert!(!holds_for_nothing(op, operand), "{op:?}");
            }
        }
        assert!(holds_for_nothing(Op::Exists, json!(false)));
        assert!(!holds_for_nothing(Op::Exists, json!(true)));
        assert!(holds(json!(null), "exists", json!(false)), "null is missing");
        assert!(holds(json!(""), "exists", json!(true)));
    }

    #[test]
    fn texts_and_lists() {
        assert!(holds(json!(["coffee", 5]), "contains", json!("coffee")));
        assert!(holds(json!(["coffee", 5]), "contains", json!("5")));
        assert!(!holds(json!(["coffee"]), "contains", json!("cof")));
        assert!(holds(json!("latte macchiato"), "contains", json!("macc")));
        assert!(!holds(json!("a5"), "contains", json!(5)));
        assert!(holds(json!("/shop/1"), "starts_with", json!("/shop")));
        assert!(!holds(json!(12), "starts_with", json!("1")));
        assert!(holds(json!("SKU-0042"), "matches", json!(r"\d{4}$")));
        assert!(!holds(json!(42), "matches", json!("42")));
    }

    #[test]
    fn times() {
        assert!(holds(json!("2025-12-31"), "before", json!("2026-01-01")));
        assert!(!holds(json!("2026-01-01"), "before", json!("2026-01-01")));
        assert!(holds(json!(NOW + 1), "after", json!("2026-01-01T00:00:00Z")));
        assert!(holds(json!("2025-12-26"), "after", json!("-7d")));
        assert!(!holds(json!("2025-12-25"), "after", json!("-7d")), "exactly seven days is not after");
        assert!(holds(json!("2026-01-03"), "before", json!("+3d")));
        assert!(!holds(json!("soon"), "before", json!("+3d")));
        assert!(!holds(json!("soon"), "after", json!("-3d")));
    }

    #[test]
    fn a_pattern_may_not_weigh_too_much() {
        assert_eq!(Comparison::new(Op::Matches, json!("(")).wrong(), Some(Wrong::Pattern));
        assert_eq!(Comparison::new(Op::Matches, json!(r"(\w{100}){100}")).wrong(), Some(Wrong::Pattern));
        assert_eq!(Comparison::new(Op::Matches, json!("x".repeat(501))).wrong(), Some(Wrong::PatternTooLong));
        assert_eq!(Comparison::new(Op::Matches, json!(r"^\w{1,20}@example\.com$")).wrong(), None);
    }

    #[test]
    fn several_comparisons_hold_together() {
        let test = Test(vec![Comparison::new(Op::Gte, json!(18)), Comparison::new(Op::Lt, json!(30))]);
        let moment = Moment { now: Millis(NOW), zone: &TimeZone::UTC };
        assert!(test.holds(Some(&json!(18)), moment));
        assert!(!test.holds(Some(&json!(30)), moment));
    }

    #[test]
    fn relative_times_turn_at_the_moment_they_say() {
        let zone = TimeZone::UTC;
        let at = |now| Moment { now: Millis(now), zone: &zone };
        for (op, offset) in [(Op::After, "-7d"), (Op::Before, "-7d"), (Op::After, "+7d"), (Op::Before, "+7d")] {
            let test = Test::one(op, json!(offset));
            let shift = if offset.starts_with('-') { 7 * Millis::DAY } else { -7 * Millis::DAY };
            let fact = json!(NOW);
            let early = NOW + shift - 1000;
            let turn = test.next_change(Some(&fact), at(early)).unwrap();
            assert_ne!(test.holds(Some(&fact), at(turn.0)), test.holds(Some(&fact), at(turn.0 - 1)), "{op:?} {offset}");
            assert_eq!(test.next_change(Some(&fact), at(turn.0)), None);
        }
    }
}
