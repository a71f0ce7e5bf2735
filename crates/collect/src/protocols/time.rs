//! When it happened: times as clients write them, corrected for the skew of their clocks.

use crate::kernel::Millis;

/// Reads a JSON value as milliseconds: ISO 8601 with or without an offset (then UTC), or a Unix time in seconds or
/// milliseconds. `None` if it is no time.
pub(crate) fn read(raw: &str) -> Option<i64> {
    match raw.as_bytes() {
        [b'"', text @ .., b'"'] => iso(text).or_else(|| number(text)).or_else(|| Millis::parse(&raw[1..raw.len() - 1]).map(|m| m.0)),
        digits => number(digits),
    }
}

/// Seconds until the year 5138, milliseconds from 1973 on. A fraction is cut off.
fn number(text: &[u8]) -> Option<i64> {
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    let whole = text.split(|b| *b == b'.').next()?;
    let value: i64 = std::str::from_utf8(whole).ok()?.parse().ok()?;
    if value.abs() >= MILLISECONDS_FROM { Some(value) } else { value.checked_mul(Millis::SECOND) }
}

/// `2026-11-22T02:23:49.637Z` and its relatives, without a general parser: this is read for every event.
fn iso(text: &[u8]) -> Option<i64> {
    let (year, month, day) = (digits(text, 0, 4)?, digits(text, 5, 2)?, digits(text, 8, 2)?);
    if text.get(4) != Some(&b'-') || text.get(7) != Some(&b'-') || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * Millis::DAY;
    if text.len() == 10 {
        return Some(midnight);
    }
    let (hour, minute, second) = (digits(text, 11, 2)?, digits(text, 14, 2)?, digits(text, 17, 2)?);
    let marks = matches!(text.get(10), Some(b'T' | b't' | b' ')) && text.get(13) == Some(&b':') && text.get(16) == Some(&b':');
    if !marks || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = &text[19..];
    let mut millis = 0;
    if let [b'.' | b',', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        let digit = |n: usize| fraction[..length].get(n).map_or(0, |b| i64::from(b - b'0'));
        millis = digit(0) * 100 + digit(1) * 10 + digit(2);
        rest = &fraction[length..];
    }
    let local = midnight + hour * Millis::HOUR + minute * Millis::MINUTE + second * Millis::SECOND + millis;
    Some(local - offset(rest)?)
}

/// Milliseconds east of Greenwich; none given means UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let sign = match text.first() {
        None => return Some(0),
        Some(b'Z' | b'z') if text.len() == 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let minutes_at = if text.get(3) == Some(&b':') { 4 } else { 3 };
    let hours = digits(text, 1, 2)?;
    let minutes = if text.len() == 3 { 0 } else { digits(text, minutes_at, 2)? };
    let whole = text.len() == 3 || text.len() == minutes_at + 2;
    (whole && hours <= 23 && minutes <= 59).then_some(sign * (hours * Millis::HOUR + minutes * Millis::MINUTE))
}

fn digits(text: &[u8], from: usize, count: usize) -> Option<i64> {
    text.get(from..from + count)?.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, counted from March so that the leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The moment of an event by our clock, and what the client claimed if that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub ts: Millis,
    pub original: Option<i64>,
}

/// `received_at − (sent_at − claimed)`: how long ago it was by the client's own clock, counted back from ours.
///
/// A client that says it sent the event before it happened has no clock to correct by, so its claim stands.
/// Nothing happens later than we hear of it.
pub(crate) fn corrected(received_at: Millis, claimed: Option<i64>, sent_at: Option<i64>) -> Moment {
    let Some(claimed) = claimed else { return Moment { ts: received_at, original: None } };
    let age = sent_at.and_then(|sent| sent.checked_sub(claimed)).filter(|age| *age >= 0);
    let ts = match age {
        Some(age) => received_at.minus(age),
        None => Millis(claimed).min(received_at),
    };
    Moment { ts, original: (ts.0 != claimed).then_some(claimed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clients_write_them() {
        let expected = 1_795_314_229_637;
        for raw in [
            r#""2026-11-22T02:23:49.637Z""#,
            r#""2026-11-22T02:23:49.637""#,
            r#""2026-11-22 02:23:49.637""#,
            r#""2026-11-22T02:23:49.637999+00:00""#,
            r#""2026-11-22T10:23:49.637+08:00""#,
            r#""2026-11-22T10:23:49,637+0800""#,
            r#""2026-11-21T21:23:49.637-05""#,
            "1795314229637",
            "1795314229637.25",
            r#""1795314229637""#,
        ] {
            assert_eq!(read(raw), Some(expected), "{raw}");
        }
        assert_eq!(read("1795314229"), Some(1_795_314_229_000));
        assert_eq!(read(r#""2024-02-29""#), Some(1_709_164_800_000));
        let no_times = [r#""2026-13-22T02:23:49Z""#, r#""2023-02-29""#, r#""yesterday""#, r#""""#, "true", "{}"];
        for raw in no_times.into_iter().chain([r#""2026-11-22T02:23:49.637Q""#, r#""2026-11-22T02:23:49+8""#]) {
            assert_eq!(read(raw), None, "{raw}");
        }
    }

    #[test]
    fn the_quick_reader_agrees_with_the_general_one() {
        for days in (-150_000..200_000).step_by(997) {
            let at = Millis(days * Millis::DAY + 45_296_789);
            let text = at.rfc3339();
            if text.starts_with('-') {
                continue;
            }
            assert_eq!(iso(text.as_bytes()), Some(at.0), "{text}");
        }
    }

    #[test]
    fn skewed_clocks_are_corrected() {
        let received = Millis(1_000_000);
        for (what, claimed, sent, ts, original) in [
            ("a right clock", Some(999_000), Some(999_900), 999_100, Some(999_000)),
            ("no delay at all", Some(1_000_000), Some(1_000_000), 1_000_000, None),
            ("an hour fast", Some(4_599_000), Some(4_600_000), 999_000, Some(4_599_000)),
            ("in the year 1970", Some(5), Some(105), 999_900, Some(5)),
            ("a day in a tunnel", Some(0), Some(900_000), 100_000, Some(0)),
            ("sent before it happened", Some(500_000), Some(400_000), 500_000, None),
            ("from the future, not sent", Some(9_000_000), None, 1_000_000, Some(9_000_000)),
            ("from the past, not sent", Some(7), None, 7, None),
            ("no time told", None, Some(999_000), 1_000_000, None),
            ("beyond all numbers", Some(i64::MIN), Some(i64::MAX), i64::MIN, None),
        ] {
            assert_eq!(corrected(received, claimed, sent), Moment { ts: Millis(ts), original }, "{what}");
        }
    }
}
