//! Spans and moments as the language writes them: `30d`, `2026-01-01`, RFC 3339, `-7d`.

use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::kernel::Millis;
use crate::kernel::time::parse_duration;

/// The longest span a tree may name: a hundred years.
pub const LONGEST_SPAN: i64 = 36_525 * Millis::DAY;

/// Years 1 to 9999: what lies outside is no time.
const EARLIEST: i64 = -62_135_596_800_000;
const LATEST: i64 = 253_402_207_200_000;

/// A length of time as it was written, and in milliseconds if it was written well.
#[derive(Clone, Debug)]
pub struct Span {
    text: String,
    millis: Option<i64>,
}

impl Span {
    /// Reads `30d`, `12h`, `1d12h`. What cannot be read is kept for `check` to report, and makes its node false.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let millis = parse_duration(&text).filter(|m| (1..=LONGEST_SPAN).contains(m));
        Self { text, millis }
    }
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Milliseconds, 1 to [`LONGEST_SPAN`].
    pub fn millis(&self) -> Option<i64> {
        self.millis
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A moment as it was written.
#[derive(Clone, Debug)]
pub struct When {
    written: Value,
    form: Option<Form>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    At(Millis),
    /// A date, or a date and time of day, without an offset: a moment only in a zone.
    Local(civil::DateTime),
    /// Milliseconds after `now`; negative is before.
    FromNow(i64),
}

/// What `now` is, and in which zone dates begin.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    pub now: Millis,
    pub zone: &'a TimeZone,
}

impl When {
    /// Reads a date, RFC 3339, milliseconds since 1970, or a time relative to now (`-7d`, `+3d`).
    pub fn new(written: impl Into<Value>) -> Self {
        let written = written.into();
        let form = match &written {
            Value::String(text) => relative(text).map(Form::FromNow).or_else(|| absolute(text)),
            other => number_of_millis(other).map(Form::At),
        };
        Self { written, form }
    }
    pub fn written(&self) -> &Value {
        &self.written
    }
    pub fn is_readable(&self) -> bool {
        self.form.is_some()
    }
    /// Milliseconds after now, if it is written relative to now.
    pub fn from_now(&self) -> Option<i64> {
        match self.form {
            Some(Form::FromNow(offset)) => Some(offset),
            _ => None,
        }
    }
    pub(crate) fn at(&self, moment: Moment<'_>) -> Option<Millis> {
        self.form.and_then(|form| resolve(form, moment))
    }
}

impl PartialEq for When {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// The moment a fact tells: RFC 3339, a date (midnight in the zone), or milliseconds since 1970.
pub fn time_of(fact: &Value, zone: &TimeZone) -> Option<Millis> {
    match fact {
        Value::String(text) => absolute(text).and_then(|form| resolve(form, Moment { now: Millis(0), zone })),
        other => number_of_millis(other),
    }
}

fn resolve(form: Form, moment: Moment<'_>) -> Option<Millis> {
    let millis = match form {
        Form::At(at) => at,
        Form::FromNow(offset) => moment.now.plus(offset),
        Form::Local(local) => {
            // A midnight that a change of clocks skips is the first moment after the gap; one that comes twice is the earlier.
            let zoned = moment.zone.to_ambiguous_zoned(local).compatible().ok()?;
            Millis(zoned.timestamp().as_millisecond())
        }
    };
    (EARLIEST..=LATEST).contains(&millis.0).then_some(millis)
}

fn number_of_millis(value: &Value) -> Option<Millis> {
    value.as_i64().filter(|n| (EARLIEST..=LATEST).contains(n)).map(Millis)
}

/// `-7d`, `+3d12h`: a sign and a duration.
fn relative(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => return None,
    };
    let millis = if rest == "0d" { 0 } else { Span::new(rest).millis()? };
    Some(sign * millis)
}

/// `2026-01-01`, `2026-01-01T08:00:00`, or RFC 3339 with an offset or `Z`. Nothing else, so that every reader agrees.
fn absolute(text: &str) -> Option<Form> {
    let bytes = text.as_bytes();
    let date_first = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !date_first || bytes.len() > 40 {
        return None;
    }
    if bytes.len() == 10 {
        return text.parse::<civil::Date>().ok().map(|d| Form::Local(d.to_datetime(civil::Time::midnight())));
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') || text.contains('[') {
        return None;
    }
    let has_offset = text[11..].contains(['Z', 'z', '+', '-']);
    if has_offset {
        return text.parse::<jiff::Timestamp>().ok().map(|t| Form::At(floor_millis(t)));
    }
    text.parse::<civil::DateTime>().ok().map(Form::Local)
}

/// Whole milliseconds, towards the past also before 1970.
fn floor_millis(t: jiff::Timestamp) -> Millis {
    let nanos = t.as_nanosecond();
    Millis(i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(value: Value, zone: &TimeZone) -> Option<i64> {
        When::new(value).at(Moment { now: Millis(1_000_000_000_000), zone }).map(|m| m.0)
    }

    #[test]
    fn moments_are_read_in_each_form_and_no_other() {
        let utc = TimeZone::UTC;
        let shanghai = TimeZone::fixed(jiff::tz::offset(8));
        assert_eq!(at(json!("2026-01-01"), &utc), Some(1_767_225_600_000));
        assert_eq!(at(json!("2026-01-01"), &shanghai), Some(1_767_225_600_000 - 8 * Millis::HOUR));
        assert_eq!(at(json!("2026-01-01T00:00:00Z"), &shanghai), Some(1_767_225_600_000));
        assert_eq!(at(json!("2026-01-01T08:00:00.000+08:00"), &utc), Some(1_767_225_600_000));
        assert_eq!(at(json!("2026-01-01T08:00:00"), &shanghai), Some(1_767_225_600_000));
        assert_eq!(at(json!("-7d"), &utc), Some(1_000_000_000_000 - 7 * Millis::DAY));
        assert_eq!(at(json!("+3d"), &utc), Some(1_000_000_000_000 + 3 * Millis::DAY));
        assert_eq!(at(json!("+0d"), &utc), Some(1_000_000_000_000));
        assert_eq!(at(json!(1_767_225_600_000_i64), &utc), Some(1_767_225_600_000));
        for nothing in [json!("tomorrow"), json!("7d"), json!("20260101"), json!("2026-13-01"), json!(1.5), json!(i64::MAX), json!(true), json!(null), json!("")] {
            assert_eq!(at(nothing.clone(), &utc), None, "{nothing}");
        }
    }

    #[test]
    fn a_midnight_that_the_clocks_skip_is_the_first_moment_after() {
        // Clocks go from 00:00 to 01:00 on the last Sunday of March.
        let zone = TimeZone::posix("AAA-2BBB,M3.5.0/0,M10.5.0/0").unwrap();
        let skipped = at(json!("2026-03-29"), &zone).unwrap();
        let before = at(json!("2026-03-28"), &zone).unwrap();
        assert_eq!(skipped - before, Millis::DAY);
    }

    #[test]
    fn spans_have_a_least_and_a_greatest() {
        assert_eq!(Span::new("30d").millis(), Some(30 * Millis::DAY));
        assert_eq!(Span::new("0d").millis(), None);
        assert_eq!(Span::new("36525d").millis(), Some(LONGEST_SPAN));
        assert_eq!(Span::new("36526d").millis(), None);
        assert_eq!(Span::new("a week").millis(), None);
    }
}
