//! Secrets that a machine remembers: made at random, kept as a hash, compared by it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::kernel::{Error, Result};

const SHORTEST: usize = 32;
/// Words that people put where a secret should be.
const PLACEHOLDERS: [&str; 8] = ["password", "changeme", "change-me", "secret", "example", "default", "insert", "your"];

/// 256 bits from the operating system's generator, as 43 URL-safe letters.
pub(crate) fn token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    B64.encode(bytes)
}

/// An API key; the beginning tells scanners of leaked secrets whose it is.
pub(crate) fn api_key() -> String {
    format!("weft_{}", token())
}

/// SHA-256 in hexadecimal. Enough for 256 random bits; passwords are hashed slowly instead.
pub(crate) fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// What may be shown of a key, to tell it from others.
pub(crate) fn prefix(key: &str) -> String {
    key.chars().take(if key.starts_with("weft_") { 11 } else { 6 }).collect()
}

/// For keys that people bring: long enough, and not what one types to get past a check.
pub(crate) fn must_be_strong(field: &'static str, key: &str) -> Result<()> {
    match weakness(key) {
        None => Ok(()),
        Some(why) => Err(Error::invalid("access.key_weak", format!("{field} is too weak: {why}; take 32 random characters or more")).field(field, why)),
    }
}

fn weakness(key: &str) -> Option<&'static str> {
    let bytes = key.as_bytes();
    if bytes.len() < SHORTEST {
        return Some("fewer than 32 characters");
    }
    if !bytes.iter().all(|b| b.is_ascii_graphic() && *b != b':') {
        return Some("only visible ASCII characters, without a colon");
    }
    let mut distinct = bytes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 10 {
        return Some("too few different characters");
    }
    let lower = key.to_ascii_lowercase();
    if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
        return Some("it holds a word that stands for a secret");
    }
    if (1..=bytes.len() / 2).any(|period| bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b)) {
        return Some("it repeats itself");
    }
    let steps = bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    if steps * 2 > bytes.len() {
        return Some("its characters follow one another");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (a, b) = (token(), token());
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
        assert_eq!(digest("").len(), 64);
        assert_eq!(prefix("weft_abcdefghijkl"), "weft_abcdef");
        assert_eq!(prefix("0123456789"), "012345");
    }

    #[test]
    fn weak_keys_are_refused() {
        for weak in [
            "short",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz012345",
            "changeme-8f3K2mQx7Lr9Tz4Vb6Nc1Wp5",
            "my-secret-8f3K2mQx7Lr9Tz4Vb6Nc1Wp5",
            "8f3K2mQx 7Lr9Tz4Vb6Nc1Wp5Hd0Sg3Jk",
            "8f3K2mQx:7Lr9Tz4Vb6Nc1Wp5Hd0Sg3Jk",
            "8f3K2mQx7Lr9Tz4Vb6Nc1Wp5Hd0Sg3织造",
        ] {
            assert_eq!(must_be_strong("api_key", weak).unwrap_err().code, "access.key_weak", "{weak}");
        }
        for strong in ["8f3K2mQx7Lr9Tz4Vb6Nc1Wp5Hd0Sg3Jk", "d41d8cd98f00b204e9800998ecf8427e", &api_key()] {
            must_be_strong("api_key", strong).unwrap();
        }
    }
}
