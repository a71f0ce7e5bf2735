//! When the house does what is done once a night: at two in the workspace's own time. The day before is whole by then, also where clocks are late.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::kernel::Millis;

const HOUR: i8 = 2;

/// The night of a date.
pub fn night_of(date: Date, zone: &TimeZone) -> Option<Millis> {
    Some(Millis(date.at(HOUR, 0, 0, 0).to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()))
}

/// The date of a moment.
pub fn date_of(at: Millis, zone: &TimeZone) -> Option<Date> {
    Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()).date())
}

/// The first night after a moment.
pub fn next_night(now: Millis, zone: &TimeZone) -> Option<Millis> {
    let today = date_of(now, zone)?;
    (0..=2).find_map(|days| night_of(today.checked_add(jiff::Span::new().days(days)).ok()?, zone).filter(|at| *at > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_in_the_zones_own_time_also_when_clocks_change() {
        let at = |text: &str| Millis::parse(text).unwrap();
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(next_night(at("2026-11-21T17:59:59Z"), &shanghai), Some(at("2026-11-21T18:00:00Z")));
        assert_eq!(next_night(at("2026-11-21T18:00:00Z"), &shanghai), Some(at("2026-11-22T18:00:00Z")));
        // Two o'clock does not exist in Berlin on 2026-03-29; it is three then.
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(next_night(at("2026-03-28T12:00:00Z"), &berlin), Some(at("2026-03-29T01:00:00Z")));
    }
}
