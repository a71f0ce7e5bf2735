//! Times as files write them: a given format, or one that the whole column agrees on.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

use crate::kernel::{Error, Millis, Result};

/// Years outside are typing errors, not history.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// A way of writing times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// `2024-05-01 12:30:00`, `2024/5/1`, `2024年5月1日 12时30分`, RFC 3339.
    YearFirst,
    /// `5/31/2024`.
    MonthFirst,
    /// `31/5/2024`, `31.5.2024`.
    DayFirst,
    /// `20240501`, `20240501123000`.
    Compact,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// As in `strptime`: `%d.%m.%Y %H:%M`.
    Pattern(String),
}

const GUESSED: [Style; 6] = [Style::YearFirst, Style::MonthFirst, Style::DayFirst, Style::Compact, Style::Seconds, Style::Millis];

/// Reads times of one column.
#[derive(Clone, Debug)]
pub struct Moments {
    style: Style,
    zone: TimeZone,
}

impl Moments {
    pub fn new(style: Style, zone: TimeZone) -> Self {
        Self { style, zone }
    }
    /// The moment that a text means. A text without an offset is a wall clock in the zone; one that the
    /// clock showed twice is the first, one that it skipped is moved on by the gap.
    pub fn read(&self, text: &str) -> Option<Millis> {
        let text = text.trim();
        let found = read(text, &self.style);
        // Date cells of workbooks, and files we wrote ourselves, are year first whatever the others are.
        let found = if found.is_none() && matches!(self.style, Style::Pattern(_)) { read(text, &Style::YearFirst) } else { found };
        match found? {
            Found::Moment(at) => Some(at),
            Found::Wall(wall) => self.zone.to_timestamp(wall).ok().map(|t| Millis(t.as_millisecond())),
        }
    }
}

enum Found {
    Moment(Millis),
    Wall(DateTime),
}

/// A format in the letters of `strptime`, tried on a known time.
pub fn pattern(format: &str) -> Result<Style> {
    let sample = Date::constant(2024, 12, 31).at(13, 14, 15, 0);
    let zoned = sample.to_zoned(TimeZone::UTC).map_err(Error::internal)?;
    let unusable = |why: String| {
        Err(Error::invalid("connectors.time_format_unusable", format!("the time format \"{format}\" cannot be used: {why}; write it with %Y %m %d %H %M %S"))
            .field("time_format", "unusable")
            .param("format", format))
    };
    match jiff::fmt::strtime::format(format, &zoned) {
        Err(e) => unusable(e.to_string()),
        Ok(text) => match read(&text, &Style::Pattern(format.to_owned())) {
            Some(_) => Ok(Style::Pattern(format.to_owned())),
            None => unusable("it does not say the whole date".to_owned()),
        },
    }
}

pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Error::invalid("connectors.time_zone_unknown", format!("there is no time zone \"{name}\"; use a name such as Asia/Shanghai or UTC"))
            .field("time_zone", "unknown")
            .param("time_zone", name)
    })
}

/// Finds out how a column writes its times, by trying every way on every value.
#[derive(Clone, Debug, Default)]
pub struct Guess {
    fits: [u64; GUESSED.len()],
    seen: u64,
    /// A value that nothing reads, to show.
    strange: Option<String>,
}

impl Guess {
    pub fn see(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.seen += 1;
        let before: u64 = self.fits.iter().sum();
        for (style, fits) in GUESSED.iter().zip(&mut self.fits) {
            *fits += u64::from(read(text, style).is_some());
        }
        if before == self.fits.iter().sum::<u64>() && self.strange.is_none() {
            self.strange = Some(text.chars().take(40).collect());
        }
    }

    /// The way that fits most values. A column that can be read as month first and as day first must be told.
    pub fn style(&self) -> Result<Style> {
        let [_, month, day, ..] = self.fits;
        let best = self.fits.iter().copied().max().unwrap_or(0);
        if best == 0 && self.seen > 0 {
            let example = self.strange.clone().unwrap_or_default();
            return Err(Error::invalid("connectors.time_unreadable", format!("times such as \"{example}\" cannot be read; say how they are written, for example --time-format \"%d-%b-%Y %H:%M\""))
                .field("time_format", "needed")
                .param("example", example));
        }
        if best > 0 && month == best && day == best {
            return Err(Error::invalid(
                "connectors.time_ambiguous",
                "the times can be read with the day or with the month first; say which, for example --time-format \"%d/%m/%Y %H:%M\" or \"%m/%d/%Y %H:%M\"",
            )
            .field("time_format", "needed"));
        }
        let index = self.fits.iter().position(|f| *f == best).unwrap_or(0);
        Ok(GUESSED[index].clone())
    }
}

fn read(text: &str, style: &Style) -> Option<Found> {
    match style {
        Style::YearFirst => year_first(text),
        Style::MonthFirst => parts_first(text, true),
        Style::DayFirst => parts_first(text, false),
        Style::Compact => compact(text),
        Style::Seconds => epoch(text, 1_000, 9..=10),
        Style::Millis => epoch(text, 1, 12..=13),
        Style::Pattern(format) => by_pattern(text, format),
    }
}

fn by_pattern(text: &str, format: &str) -> Option<Found> {
    let parts = BrokenDownTime::parse(format, text).ok()?;
    if let Ok(at) = parts.to_timestamp() {
        return Some(Found::Moment(Millis(at.as_millisecond())));
    }
    let date = parts.to_date().ok().filter(|d| YEARS.contains(&d.year()))?;
    Some(Found::Wall(date.to_datetime(parts.to_time().unwrap_or(Time::midnight()))))
}

fn epoch(text: &str, factor: i64, length: std::ops::RangeInclusive<usize>) -> Option<Found> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let plain = length.contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| whole.parse::<i64>().ok()).flatten().map(|n| Found::Moment(Millis(n * factor)))
}

fn compact(text: &str) -> Option<Found> {
    if !matches!(text.len(), 8 | 12 | 14) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<i16>().ok()).unwrap_or(0);
    let date = date(n(0, 4), n(4, 6), n(6, 8))?;
    let time = Time::new(n(8, 10) as i8, n(10, 12) as i8, n(12, 14) as i8, 0).ok()?;
    Some(Found::Wall(date.to_datetime(time)))
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok().filter(|d| YEARS.contains(&d.year()))
}

/// Walks over a text, byte by byte.
struct Walk<'a> {
    rest: &'a str,
}

impl<'a> Walk<'a> {
    /// Between `least` and `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<i16> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok()
    }
    fn one_of(&mut self, signs: &[&'a str]) -> Option<&'a str> {
        let sign = signs.iter().find(|s| self.rest.starts_with(**s))?;
        self.rest = &self.rest[sign.len()..];
        Some(sign)
    }
    fn spaces(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start();
        self.rest.len() < before
    }
}

fn year_first(text: &str) -> Option<Found> {
    let mut walk = Walk { rest: text };
    let year = walk.digits(4, 4)?;
    let sign = walk.one_of(&["-", "/", ".", "年"])?;
    let month = walk.digits(1, 2)?;
    walk.one_of(&[if sign == "年" { "月" } else { sign }])?;
    let day = walk.digits(1, 2)?;
    if sign == "年" {
        walk.one_of(&["日", "号"]);
    }
    after_date(walk, date(year, month, day)?)
}

fn parts_first(text: &str, month_first: bool) -> Option<Found> {
    let mut walk = Walk { rest: text };
    let first = walk.digits(1, 2)?;
    // With points the day stands first everywhere.
    let signs: &[&str] = if month_first { &["/", "-"] } else { &["/", "-", "."] };
    let sign = walk.one_of(signs)?;
    let second = walk.digits(1, 2)?;
    walk.one_of(&[sign])?;
    let year = walk.digits(4, 4)?;
    let (month, day) = if month_first { (first, second) } else { (second, first) };
    after_date(walk, date(year, month, day)?)
}

/// The time of day and the offset, if any.
fn after_date(mut walk: Walk<'_>, date: Date) -> Option<Found> {
    let had_t = walk.one_of(&["T", "t"]).is_some();
    let had_space = walk.spaces();
    if walk.rest.is_empty() {
        return (!had_t).then(|| Found::Wall(date.to_datetime(Time::midnight())));
    }
    if !had_t && !had_space && !walk.rest.starts_with(['上', '下']) {
        return None;
    }
    let mut half = walk.one_of(&["上午", "下午"]);
    walk.spaces();
    let mut hour = walk.digits(1, 2)?;
    walk.one_of(&[":", "时", "点"])?;
    let minute = walk.digits(1, 2).unwrap_or(0);
    let mut second = 0;
    if walk.one_of(&[":", "分"]).is_some() && !walk.rest.is_empty() {
        second = walk.digits(1, 2)?;
        walk.one_of(&["秒"]);
    }
    let nanos = fraction(&mut walk)?;
    walk.spaces();
    half = half.or_else(|| walk.one_of(&["AM", "PM", "am", "pm", "a.m.", "p.m."]));
    match half {
        Some("下午" | "PM" | "pm" | "p.m.") if hour < 12 => hour += 12,
        Some("上午" | "AM" | "am" | "a.m.") if hour == 12 => hour = 0,
        _ => {}
    }
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second.min(59)).ok()?, nanos).ok()?;
    let wall = date.to_datetime(time);
    walk.spaces();
    match walk.rest {
        "" => Some(Found::Wall(wall)),
        "Z" | "z" | "UTC" | "GMT" => at_offset(wall, Offset::UTC),
        offset => at_offset(wall, offset_of(offset)?),
    }
}

fn fraction(walk: &mut Walk<'_>) -> Option<i32> {
    if walk.one_of(&[".", ","]).is_none() {
        return Some(0);
    }
    let count = walk.rest.bytes().take_while(u8::is_ascii_digit).count();
    let digits: String = walk.rest.chars().take(count.min(9)).collect();
    walk.rest = &walk.rest[count..];
    if digits.is_empty() { None } else { format!("{digits:0<9}").parse().ok() }
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) || rest.matches(':').count() > 1 {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

fn at_offset(wall: DateTime, offset: Offset) -> Option<Found> {
    offset.to_timestamp(wall).ok().map(|t| Found::Moment(Millis(t.as_millisecond())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str, style: Style, name: &str) -> Option<String> {
        Moments::new(style, zone(name).unwrap()).read(text).map(|m| m.rfc3339())
    }

    #[test]
    fn times_of_many_lands() {
        let cases = [
            ("2010-12-01 08:26:00", "2010-12-01T08:26:00.000Z"),
            ("2024/5/1", "2024-05-01T00:00:00.000Z"),
            ("2024.05.01 7:05", "2024-05-01T07:05:00.000Z"),
            ("2024年5月1日 12时30分", "2024-05-01T12:30:00.000Z"),
            ("2024年5月1日下午3:04:05", "2024-05-01T15:04:05.000Z"),
            ("2024-05-01T12:30:00.123456Z", "2024-05-01T12:30:00.123Z"),
            ("2024-05-01T12:30:00+08:00", "2024-05-01T04:30:00.000Z"),
            ("2024-05-01 12:30 PM", "2024-05-01T12:30:00.000Z"),
            ("2024-05-01 12:30 AM", "2024-05-01T00:30:00.000Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(at(text, Style::YearFirst, "UTC").as_deref(), Some(expected), "{text}");
        }
        for text in ["2024-13-01", "2024-05", "24-05-01", "2024-05-01T", "2024-05-01 25:00", "2024-05-01x", "", "2024-02-30", "1024-01-01", "2024-05-01 12:30 +8"] {
            assert_eq!(at(text, Style::YearFirst, "UTC"), None, "{text}");
        }
        assert_eq!(at("31/5/2024 1:02 PM", Style::DayFirst, "UTC").as_deref(), Some("2024-05-31T13:02:00.000Z"));
        assert_eq!(at("5/31/2024", Style::MonthFirst, "UTC").as_deref(), Some("2024-05-31T00:00:00.000Z"));
        assert_eq!(at("20240531235959", Style::Compact, "UTC").as_deref(), Some("2024-05-31T23:59:59.000Z"));
        assert_eq!(at("1714521600", Style::Seconds, "UTC").as_deref(), Some("2024-05-01T00:00:00.000Z"));
        assert_eq!(at("1714521600123", Style::Millis, "UTC").as_deref(), Some("2024-05-01T00:00:00.123Z"));
    }

    #[test]
    fn walls_are_read_in_their_zone() {
        assert_eq!(at("2024-05-01 08:00", Style::YearFirst, "Asia/Shanghai").as_deref(), Some("2024-05-01T00:00:00.000Z"));
        assert_eq!(at("2024-05-01T08:00Z", Style::YearFirst, "Asia/Shanghai").as_deref(), Some("2024-05-01T08:00:00.000Z"));
        assert_eq!(at("2024-03-31 02:30", Style::YearFirst, "Europe/Berlin").as_deref(), Some("2024-03-31T01:30:00.000Z"), "a time the clock skipped");
        assert_eq!(at("2024-10-27 02:30", Style::YearFirst, "Europe/Berlin").as_deref(), Some("2024-10-27T00:30:00.000Z"), "a time it showed twice");
        assert_eq!(zone("Mars/Olympus").unwrap_err().code, "connectors.time_zone_unknown");
    }

    #[test]
    fn formats_are_tried_before_they_are_used() {
        let style = pattern("%d-%b-%y %H:%M").unwrap();
        assert_eq!(at("01-Dec-10 08:26", style, "UTC").as_deref(), Some("2010-12-01T08:26:00.000Z"));
        let style = pattern("%m/%d/%Y").unwrap();
        assert_eq!(at("12/01/2010", style.clone(), "UTC").as_deref(), Some("2010-12-01T00:00:00.000Z"));
        assert_eq!(at("2010-12-02 10:00:00", style, "UTC").as_deref(), Some("2010-12-02T10:00:00.000Z"), "date cells are year first");
        assert_eq!(at("2010-12-01 08:26 +0100", pattern("%Y-%m-%d %H:%M %z").unwrap(), "UTC").as_deref(), Some("2010-12-01T07:26:00.000Z"));
        assert_eq!(at("1714521600", pattern("%s").unwrap(), "UTC").as_deref(), Some("2024-05-01T00:00:00.000Z"));
        for format in ["%H:%M", "%Y-%m", "%é", "nothing"] {
            assert_eq!(pattern(format).unwrap_err().code, "connectors.time_format_unusable", "{format}");
        }
    }

    fn guess(texts: &[&str]) -> Result<Style> {
        let mut guess = Guess::default();
        texts.iter().for_each(|t| guess.see(t));
        guess.style()
    }

    #[test]
    fn a_column_says_how_it_writes_times() {
        assert_eq!(guess(&["2024-05-01", "", "2024-05-02 10:00"]).unwrap(), Style::YearFirst);
        assert_eq!(guess(&["5/1/2024", "5/31/2024"]).unwrap(), Style::MonthFirst);
        assert_eq!(guess(&["1/5/2024", "31/5/2024", "rubbish"]).unwrap(), Style::DayFirst);
        assert_eq!(guess(&["1.5.2024", "2.5.2024"]).unwrap(), Style::DayFirst, "points mean the day comes first");
        assert_eq!(guess(&["1/5/2024", "2/5/2024"]).unwrap_err().code, "connectors.time_ambiguous");
        assert_eq!(guess(&["1714521600"]).unwrap(), Style::Seconds);
        assert_eq!(guess(&["20240501"]).unwrap(), Style::Compact);
        let error = guess(&["soon"]).unwrap_err();
        assert_eq!(error.code, "connectors.time_unreadable");
        assert!(error.detail.contains("soon"));
        assert_eq!(guess(&[]).unwrap(), Style::YearFirst);
    }

    proptest! {
        #[test]
        fn what_the_kernel_writes_reads_back(ms in 0i64..4_000_000_000_000) {
            prop_assert_eq!(Moments::new(Style::YearFirst, TimeZone::UTC).read(&Millis(ms).rfc3339()), Some(Millis(ms)));
        }
        #[test]
        fn any_text_is_answered(text in "[0-9年月日:/. TZ+-]{0,30}|.{0,20}") {
            let mut guess = Guess::default();
            guess.see(&text);
            let _ = guess.style();
        }
    }
}
