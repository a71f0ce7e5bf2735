//! Dates as they are cleaned: eight digits, YYYYMMDD.

/// Days since 1970-01-01 of a date that exists (Hinnant, chrono-compatible low-level date algorithms: days_from_civil).
pub fn days(text: &str) -> Option<i64> {
    let (year, month, day) = parts(text)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

fn parts(text: &str) -> Option<(i64, i64, i64)> {
    let bytes = text.as_bytes();
    if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| bytes[range].iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    Some((number(0..4), number(4..6), number(6..8)))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The same date with day and month written the other way round.
pub fn is_day_month_swapped(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    a.len() == 8 && b.len() == 8 && a[..4] == b[..4] && a[4..6] == b[6..] && a[6..] == b[4..6]
}

/// How many of year, month and day agree.
pub fn equal_date_parts(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != 8 || b.len() != 8 {
        return 0;
    }
    usize::from(a[..4] == b[..4]) + usize::from(a[4..6] == b[4..6]) + usize::from(a[6..] == b[6..])
}
