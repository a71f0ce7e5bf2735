//! When people do things: hours, weekdays, feasts. The brand lives by the clock of Shanghai, which is never moved.

use jiff::civil::{Date, Weekday};

use crate::chance::Chance;
use crate::kernel::Millis;

const EAST: i64 = 8 * Millis::HOUR;

/// How busy the hours are online: lunch, and the evening on the sofa.
const ONLINE: [f64; 24] =
    [1.2, 0.6, 0.3, 0.2, 0.2, 0.3, 0.8, 2.0, 3.2, 3.8, 4.2, 4.6, 6.0, 5.2, 4.0, 3.8, 3.8, 4.0, 4.6, 5.6, 7.2, 7.8, 6.4, 3.2];
/// And in the shops: before work, after lunch, and nobody at night.
const SHOP: [f64; 24] =
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.5, 8.0, 7.0, 5.0, 4.5, 6.5, 7.5, 7.0, 6.5, 5.0, 4.5, 4.0, 3.5, 2.5, 1.0, 0.0, 0.0];

/// First days of the lunar year.
const SPRING: [(i16, i8, i8); 12] = [
    (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3), (2031, 1, 23),
    (2032, 2, 11), (2033, 1, 31), (2034, 2, 19),
];

/// A day by the calendar of Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    pub fn of(at: Millis) -> Self {
        Self((at.0 + EAST).div_euclid(Millis::DAY))
    }
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
    /// Its first moment.
    pub fn start(self) -> Millis {
        Millis(self.0 * Millis::DAY - EAST)
    }
    pub fn date(self) -> Date {
        Millis(self.0 * Millis::DAY).timestamp().to_zoned(jiff::tz::TimeZone::UTC).date()
    }
    fn is_weekend(self) -> bool {
        matches!(self.date().weekday(), Weekday::Saturday | Weekday::Sunday)
    }
    pub fn is_double_eleven(self) -> bool {
        let date = self.date();
        (date.month(), date.day()) == (11, 11)
    }
    /// Days since the spring festival nearest to this day; negative before it.
    fn days_after_spring(self) -> i64 {
        let date = self.date();
        SPRING
            .into_iter()
            .filter_map(|(y, m, d)| Date::new(y, m, d).ok())
            .map(|feast| i64::from((date - feast).get_days()))
            .min_by_key(|days| days.abs())
            .unwrap_or(i64::MAX)
    }
    /// The fortnight in which presents are bought.
    pub fn is_before_spring(self) -> bool {
        (-14..0).contains(&self.days_after_spring())
    }
    /// How busy the day is, on average 1.
    pub fn bustle(self, in_shop: bool) -> f64 {
        let week = if self.is_weekend() { 1.3 } else { 0.88 };
        let feast = match self.days_after_spring() {
            0..=6 if in_shop => 0.3,
            0..=6 => 0.6,
            -14..=-1 => 1.25,
            _ if self.is_double_eleven() => 2.5,
            _ => 1.0,
        };
        week * feast
    }
    /// A moment of this day, as busy hours are more likely.
    pub fn moment(self, in_shop: bool, chance: &mut Chance) -> Millis {
        let hours = if in_shop { &SHOP } else { &ONLINE };
        let hour = chance.weighted(hours.iter().copied()) as i64;
        self.start().plus(hour * Millis::HOUR + chance.below(Millis::HOUR as u64) as i64)
    }
}

/// Are the shops open?
pub fn is_open(at: Millis) -> bool {
    SHOP[hour(at) as usize] > 0.0
}

/// The hour of the clock in Shanghai.
fn hour(at: Millis) -> i64 {
    (at.0 + EAST).rem_euclid(Millis::DAY) / Millis::HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of(Millis::parse(text).unwrap())
    }

    #[test]
    fn days_begin_at_midnight_in_shanghai() {
        let day = day("2026-11-10T16:00:00Z");
        assert_eq!(day.date(), Date::constant(2026, 11, 11));
        assert!(day.is_double_eleven());
        assert_eq!(day.start().rfc3339(), "2026-11-10T16:00:00.000Z");
        assert_eq!(hour(day.start()), 0);
        assert_eq!(Day::of(day.start().minus(1)).next(), day);
    }

    #[test]
    fn feasts_change_the_bustle() {
        assert!(day("2026-02-10T04:00:00Z").is_before_spring());
        assert!(!day("2026-02-17T04:00:00Z").is_before_spring());
        assert!(day("2026-02-18T04:00:00Z").bustle(true) < 0.4);
        assert!(day("2026-06-06T04:00:00Z").bustle(false) > day("2026-06-04T04:00:00Z").bustle(false), "a Saturday beats a Thursday");
    }

    #[test]
    fn shops_are_closed_at_night() {
        let mut chance = Chance::new(1, &[]);
        let day = day("2026-06-04T04:00:00Z");
        for _ in 0..2_000 {
            let at = day.moment(true, &mut chance);
            assert_eq!(Day::of(at), day);
            assert!((7..22).contains(&hour(at)));
        }
    }
}
