//! Numbers as people write them in files, as decimals.

use rust_decimal::Decimal;

/// Symbols that may stand before or after an amount.
const SYMBOLS: [&str; 12] = ["CNY", "RMB", "USD", "EUR", "GBP", "HKD", "JPY", "¥", "￥", "$", "€", "£"];

/// Reads `12.30`, `1,234.50`, `¥99`, `99元`, `(12.00)`, `1.2E3`, `１２`; with `mark` a comma, `1.234,50`.
/// `None` if it is no number, or one that a decimal cannot hold.
pub fn number(text: &str, mark: char) -> Option<Decimal> {
    let text = text.trim();
    if let Some(plain) = plain(text, mark) {
        return Some(plain);
    }
    let folded = narrow(text);
    let mut rest = folded.trim();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        negative = true;
        rest = inner.trim();
    }
    if let Some(after) = rest.strip_prefix('-') {
        negative = !negative;
        rest = after.trim_start();
    }
    rest = rest.strip_suffix('元').unwrap_or(rest).trim_end();
    for symbol in SYMBOLS {
        rest = rest.strip_prefix(symbol).or_else(|| rest.strip_suffix(symbol)).unwrap_or(rest).trim();
    }
    if let Some(after) = rest.strip_prefix('-') {
        negative = !negative;
        rest = after;
    }
    let value = plain(&ungrouped(rest, mark)?, '.')?;
    Some(if negative { -value } else { value }.normalize())
}

/// Digits with at most one mark, or scientific notation.
fn plain(text: &str, mark: char) -> Option<Decimal> {
    if !text.bytes().any(|b| b.is_ascii_digit()) || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) {
        return None;
    }
    if mark != '.' && text.contains('.') {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    crate::kernel::money::parse(text).map(|d| d.normalize())
}

/// Takes grouping marks away, if they stand where groups of three end (`1,234,567.8`), and makes the mark a point.
fn ungrouped(text: &str, mark: char) -> Option<String> {
    let (whole, fraction) = match text.rsplit_once(mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let group = if mark == '.' { ',' } else { '.' };
    let mut groups = whole.split([group, ' ', '\u{a0}', '\'']);
    let mut digits = groups.next()?.to_owned();
    for part in groups {
        if part.len() != 3 || !part.bytes().all(|b| b.is_ascii_digit()) || digits.is_empty() || digits.len() % 3 > 2 {
            return None;
        }
        digits.push_str(part);
    }
    if let Some(fraction) = fraction {
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.push('.');
        digits.push_str(fraction);
    }
    Some(digits)
}

/// Full-width digits and signs as ASCII ones.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' if c != '￥' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '−' | '–' => '-',
            '，' => ',',
            c => c,
        })
        .collect()
}

/// Digits, a point and nothing but zeros: how programs that only know floats write the number 17850.
pub fn is_float_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.split_once('.').is_some_and(|(whole, zeros)| {
        !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0')
    })
}

/// `1.38E+10`: an identifier that a spreadsheet took for a number and shortened. Its digits are lost.
pub fn is_damaged_identifier(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    exponent.len() == 2
        && exponent.bytes().all(|b| b.is_ascii_digit())
        && mantissa.contains('.')
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        number(text, '.').map(|d| d.to_string())
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, value) in [
            ("12.30", "12.3"), ("6.0", "6"), ("-0.5", "-0.5"), ("1,234.50", "1234.5"), ("1,234,567", "1234567"), ("¥99", "99"), ("￥1,299.00", "1299"),
            ("99元", "99"), ("(12.00)", "-12"), ("-¥5", "-5"), ("¥-5", "-5"), ("1.2E3", "1200"), ("１２．５", "12.5"), ("USD 7", "7"), ("7 EUR", "7"), ("+3", "3"),
            (" 4 ", "4"),
        ] {
            assert_eq!(read(text).as_deref(), Some(value), "{text}");
        }
        for text in ["", "-", "abc", "1,23", "12,34,567", "1.2.3", "12a", "1e999", "--", "()", ",5", "999999999999999999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(number("1.234,50", ',').map(|d| d.to_string()).as_deref(), Some("1234.5"));
        assert_eq!(number("0,5", ',').map(|d| d.to_string()).as_deref(), Some("0.5"));
        assert_eq!(number("1.5", ','), None, "a group of one digit is no group");
    }

    #[test]
    fn traces_of_spreadsheets_are_seen() {
        assert!(is_float_integer("17850.0") && is_float_integer("-3.00"));
        assert!(!is_float_integer("17850") && !is_float_integer("1.5") && !is_float_integer(".0") && !is_float_integer("1.0.0"));
        assert!(is_damaged_identifier("1.38E+10") && !is_damaged_identifier("536E") && !is_damaged_identifier("85123E10"));
    }

    proptest! {
        #[test]
        fn whatever_a_decimal_prints_reads_back(units in any::<i64>(), scale in 0u32..6) {
            let value = Decimal::new(units, scale);
            prop_assert_eq!(number(&value.to_string(), '.'), Some(value.normalize()));
        }
        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = number(&text, '.');
            let _ = number(&text, ',');
        }
    }
}
