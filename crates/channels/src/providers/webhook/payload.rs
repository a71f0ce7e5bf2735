//! Our message as a signed webhook. Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::kernel::{MessageId, Millis};
use crate::providers::OutMessage;

/// A signing key.
pub struct Key(Vec<u8>);

impl Key {
    /// Reads `whsec_<base64>`.
    pub fn parse(secret: &str) -> Result<Self, &'static str> {
        let text = secret.trim().strip_prefix("whsec_").ok_or("a secret begins with whsec_")?;
        let bytes = B64.decode(text).map_err(|_| "after whsec_ stands base64")?;
        if !(24..=64).contains(&bytes.len()) {
            return Err("a secret has 24 to 64 bytes");
        }
        Ok(Self(bytes))
    }
}

/// `{"type", "timestamp", "data"}`, with our id beside.
pub(super) fn body(message: &OutMessage) -> String {
    json!({
        "type": "weft.message",
        "timestamp": message.at.rfc3339(),
        "id": message.id.as_str(),
        "data": message.payload.as_ref().unwrap_or(&Value::Null),
    })
    .to_string()
}

pub(super) fn headers(keys: &[Key], id: &MessageId, now: Millis, body: &str) -> [(&'static str, String); 3] {
    let seconds = now.0.div_euclid(1000);
    let signatures: Vec<String> = keys.iter().map(|key| sign(key, id.as_str(), seconds, body)).collect();
    [("webhook-id", id.to_string()), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signatures.join(" "))]
}

/// `v1,` and HMAC-SHA256 over `id.timestamp.body`, in base64.
pub fn sign(key: &Key, id: &str, seconds: i64, body: &str) -> String {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("any length");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    format!("v1,{}", B64.encode(mac.finalize().into_bytes()))
}
