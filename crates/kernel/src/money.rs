//! Numbers as people mean them: decimals, never floats.

use rust_decimal::Decimal;
use serde_json::Value;
use std::str::FromStr;

/// A JSON number, or text that is a number (money travels as text), as a decimal.
pub fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(n) => parse(&n.to_string()),
        Value::String(s) => parse(s.trim()),
        _ => None,
    }
}

pub fn parse(text: &str) -> Option<Decimal> {
    // Most texts are words; saying so is cheaper than having it found out.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_of_numbers_are_one() {
        for v in [serde_json::json!(12.3), serde_json::json!("12.30"), serde_json::json!("1.23e1")] {
            assert_eq!(decimal(&v), Some(Decimal::new(123, 1)));
        }
        assert_eq!(decimal(&serde_json::json!("twelve")), None);
        assert_eq!(decimal(&serde_json::json!(null)), None);
    }
}
