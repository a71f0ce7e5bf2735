//! Time as milliseconds since 1970 in UTC, and the clock that everybody asks.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment. On the wire RFC 3339 in UTC; in the lake and the state milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    pub const SECOND: i64 = 1_000;
    pub const MINUTE: i64 = 60_000;
    pub const HOUR: i64 = 3_600_000;
    pub const DAY: i64 = 86_400_000;

    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
    pub fn minus(self, millis: i64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
    pub fn timestamp(self) -> jiff::Timestamp {
        let clamped = self.0.clamp(-62_135_596_800_000, 253_402_207_200_000);
        jiff::Timestamp::from_millisecond(clamped).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
    /// RFC 3339 with milliseconds: `2026-11-22T03:00:12.045Z`.
    pub fn rfc3339(self) -> String {
        format!("{:.3}", self.timestamp())
    }
    /// RFC 3339 and the ISO 8601 forms clients really send (offset or `Z`, `T` or a space).
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.rfc3339())
    }
}
impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}
impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a time such as 2026-11-22T03:00:12Z"))
    }
}

/// For stored forms, where a number is shorter and faster than text: `#[serde(with = "kernel::time::as_number")]`.
pub mod as_number {
    use super::*;
    pub fn serialize<S: Serializer>(m: &Millis, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(m.0)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Millis, D::Error> {
        i64::deserialize(d).map(Millis)
    }
}

/// Who asks the time asks here, so that a test can hold a year in a second.
pub trait Clock: Send + Sync {
    fn now(&self) -> Millis;
}

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;
impl Clock for SystemClock {
    fn now(&self) -> Millis {
        Millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// A clock that somebody sets: tests, and the demo's past.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);
impl FakeClock {
    pub fn at(now: Millis) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }
    pub fn set(&self, now: Millis) {
        self.0.store(now.0, Ordering::SeqCst);
    }
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}
impl Clock for FakeClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

/// Reads `30d`, `12h`, `15m`, `45s`, `2w`, or several of them in a row (`1d12h`), as milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut digits = String::new();
    let mut seen = false;
    for c in text.trim().chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let n: i64 = digits.parse().ok()?;
        digits.clear();
        let unit = match c {
            's' => Millis::SECOND,
            'm' => Millis::MINUTE,
            'h' => Millis::HOUR,
            'd' => Millis::DAY,
            'w' => 7 * Millis::DAY,
            _ => return None,
        };
        total = total.checked_add(n.checked_mul(unit)?)?;
        seen = true;
    }
    (seen && digits.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(parse_duration("30d"), Some(30 * Millis::DAY));
        assert_eq!(parse_duration("1d12h"), Some(36 * Millis::HOUR));
        assert_eq!(parse_duration("7"), None);
        assert_eq!(parse_duration(""), None);
        assert_eq!(parse_duration("d"), None);
        assert_eq!(parse_duration("99999999999999999999d"), None);
    }

    #[test]
    fn times_go_out_with_milliseconds_and_come_back() {
        let t = Millis(1_795_316_412_045);
        assert_eq!(t.rfc3339(), "2026-11-22T03:00:12.045Z");
        assert_eq!(Millis::parse(&t.rfc3339()), Some(t));
        assert_eq!(Millis::parse("2026-11-22T11:00:12.045+08:00"), Some(t));
    }
}
