//! Short signed texts for links that come back to us: nobody but the house can make them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// `payload.signature`, both URL-safe; the signature is HMAC-SHA-256 over a purpose and the payload.
pub fn seal(key: &[u8], purpose: &str, payload: &[u8]) -> String {
    format!("{}.{}", B64.encode(payload), B64.encode(&mac(key, purpose, payload)[..16]))
}

/// The payload, if the house sealed it for this purpose.
pub fn unseal(key: &[u8], purpose: &str, text: &str) -> Option<Vec<u8>> {
    let (payload, signature) = text.split_once('.')?;
    let payload = B64.decode(payload).ok()?;
    let signature = B64.decode(signature).ok()?;
    let expected = mac(key, purpose, &payload);
    constant_time_eq(&expected[..16], &signature).then_some(payload)
}

pub fn mac(key: &[u8], purpose: &str, payload: &[u8]) -> [u8; 32] {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(&(purpose.len() as u64).to_be_bytes());
    mac.update(purpose.as_bytes());
    mac.update(payload);
    mac.finalize().into_bytes().into()
}

pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_purpose_and_key_only() {
        let text = seal(b"key", "click", b"hello");
        assert_eq!(unseal(b"key", "click", &text).as_deref(), Some(b"hello".as_slice()));
        assert_eq!(unseal(b"key", "open", &text), None);
        assert_eq!(unseal(b"other", "click", &text), None);
        assert_eq!(unseal(b"key", "click", "aGVsbG8.AAAA"), None);
        assert_eq!(unseal(b"key", "click", "garbage"), None);
    }
}
