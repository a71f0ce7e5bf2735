//! Our message as a signed `SendSms` request. Pure.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::Config;
use crate::kernel::{Millis, id};
use crate::providers::{Address, OutMessage};

type Refusal = (&'static str, String);

/// The form to post, and the number as it is written there.
pub(super) fn form(message: &OutMessage, config: &Config, now: Millis) -> Result<(String, String), Refusal> {
    let Address::Phone(phone) = &message.to else { return Err(("wrong_address", "an SMS goes to a phone number".into())) };
    let phone = number(&phone.0).ok_or(("isv.MOBILE_NUMBER_ILLEGAL", "that is no phone number".to_owned()))?;
    let template = message.template_code.as_ref().or(config.template_code.as_ref());
    let template = template.ok_or(("no_template", "neither the message nor the provider names a template".to_owned()))?;
    let mut parameters = parameters(config, message, now);
    parameters.insert("PhoneNumbers".into(), phone.clone());
    parameters.insert("TemplateCode".into(), template.clone());
    let signature = signature("POST", &parameters, &config.access_key_secret.0);
    parameters.insert("Signature".into(), signature);
    Ok((query(&parameters), phone))
}

fn parameters(config: &Config, message: &OutMessage, now: Millis) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = [
        ("AccessKeyId", config.access_key_id.as_str()),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("OutId", message.id.as_str()),
        ("RegionId", &config.region),
        ("SignName", &config.sign_name),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("Version", "2017-05-25"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    // One nonce per attempt: the gateway refuses a repeated one.
    let nonce = id::base32(id::derived(&[message.id.as_str().as_bytes(), &now.0.to_be_bytes()]));
    parameters.insert("SignatureNonce".into(), nonce);
    parameters.insert("Timestamp".into(), now.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    if !message.template_params.is_empty() {
        let params: serde_json::Map<String, serde_json::Value> =
            message.template_params.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        parameters.insert("TemplateParam".into(), serde_json::Value::Object(params).to_string());
    }
    parameters
}

/// Mainland numbers as eleven digits, all others with their country code and without `+`.
fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let (international, digits) = match digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        Some(rest) => (true, rest.to_owned()),
        None => (false, digits),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_mobile = |n: &str| n.len() == 11 && n.starts_with('1');
    if let Some(home) = digits.strip_prefix("86").filter(|n| is_mobile(n)) {
        return Some(home.to_owned());
    }
    let fits = if international { (7..=15).contains(&digits.len()) } else { is_mobile(&digits) };
    fits.then_some(digits)
}

/// RFC 3986 with only `A-Za-z0-9-_.~` left alone: a blank is `%20`, a star `%2A`.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn query(parameters: &BTreeMap<String, String>) -> String {
    parameters.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect::<Vec<_>>().join("&")
}

/// Signature version 1.0: HMAC-SHA1 under `secret&` over the method, the path and the sorted parameters.
/// A parameter `Signature` does not count.
pub fn signature(method: &str, parameters: &BTreeMap<String, String>, secret: &str) -> String {
    let unsigned: BTreeMap<String, String> = parameters.iter().filter(|(name, _)| *name != "Signature").map(|(n, v)| (n.clone(), v.clone())).collect();
    let text = format!("{method}&{}&{}", percent_encode("/"), percent_encode(&query(&unsigned)));
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(format!("{secret}&").as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    B64.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_gateway_wants_them() {
        for (text, expected) in [
            ("13800138000", Some("13800138000")),
            ("+86 138-0013-8000", Some("13800138000")),
            ("008613800138000", Some("13800138000")),
            ("8613800138000", Some("13800138000")),
            ("+852 6123 4567", Some("85261234567")),
            ("+1 (415) 555-2671", Some("14155552671")),
            ("12345", None),
            ("61234567", None),
            ("1380013800a", None),
            ("13800138000,13900139000", None),
            ("", None),
            ("+", None),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
