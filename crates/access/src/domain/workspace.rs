//! What a workspace must have to be one.

use crate::kernel::{Error, Result};

pub(crate) const DEFAULT_CURRENCY: &str = "CNY";
pub(crate) const DEFAULT_TIME_ZONE: &str = "Asia/Shanghai";
pub(crate) const DEFAULT_NAME: &str = "Weft";
const LONGEST_NAME: usize = 100;

/// What somebody or something is called: a workspace, a user, a key.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("access.name_invalid", format!("a name has 1 to {LONGEST_NAME} characters")).field(field, "1 to 100 characters"));
    }
    Ok(name.to_owned())
}

pub(crate) fn time_zone(text: &str) -> Result<String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(text).to_owned()),
        Err(_) => Err(Error::invalid("access.time_zone_unknown", "the time zone is one of the IANA list, such as Asia/Shanghai").field("time_zone", "unknown")),
    }
}

/// Three letters of ISO 4217.
pub(crate) fn currency(text: &str) -> Result<String> {
    let currency = text.trim().to_ascii_uppercase();
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(currency);
    }
    Err(Error::invalid("access.currency_invalid", "a currency is three letters, such as CNY").field("currency", "three letters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_currencies_and_names_are_checked() {
        assert_eq!(time_zone("Asia/Shanghai").unwrap(), "Asia/Shanghai");
        assert!(time_zone("Mars/Olympus").is_err());
        assert_eq!(currency("cny").unwrap(), "CNY");
        assert!(currency("¥").is_err());
        assert_eq!(name("name", " 织 ").unwrap(), "织");
        assert!(name("name", " ").is_err());
        assert!(name("name", &"x".repeat(101)).is_err());
    }
}
