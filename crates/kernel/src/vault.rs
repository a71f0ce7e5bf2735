//! Sealed values: what is sensitive stands on the disk so that only the house's key reads it.
//!
//! AES-256-GCM (NIST SP 800-38D), one key for each workspace, derived from the house's key by HMAC-SHA-256. The nonce is
//! derived from what is sealed and where (as RFC 5297 does), so that sealing is a function of its input: a replay of the log
//! writes the same bytes, and a nonce is never used for two different texts.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::id::WorkspaceId;
use crate::sign::mac;

/// What a sealed value begins with: which key and which suite.
const VERSION: &str = "v1.";

/// Seals values, and opens what it sealed. Without the house's key nothing of it can be read.
pub struct Vault {
    house: [u8; 32],
    workspaces: RwLock<BTreeMap<WorkspaceId, Arc<Keys>>>,
}

struct Keys {
    cipher: LessSafeKey,
    nonces: [u8; 32],
}

impl Keys {
    fn of(house: &[u8], workspace: WorkspaceId) -> Result<Self> {
        let derived = |purpose| mac(house, purpose, &workspace.0.to_be_bytes());
        let key = UnboundKey::new(&AES_256_GCM, &derived("sealed values, cipher, 1")).map_err(broken)?;
        Ok(Self { cipher: LessSafeKey::new(key), nonces: derived("sealed values, nonces, 1") })
    }
}

impl Vault {
    pub fn new(house: [u8; 32]) -> Self {
        Self { house, workspaces: RwLock::default() }
    }

    fn keys(&self, workspace: WorkspaceId) -> Result<Arc<Keys>> {
        if let Some(keys) = self.workspaces.read().unwrap_or_else(|e| e.into_inner()).get(&workspace) {
            return Ok(keys.clone());
        }
        let keys = Arc::new(Keys::of(&self.house, workspace)?);
        Ok(self.workspaces.write().unwrap_or_else(|e| e.into_inner()).entry(workspace).or_insert(keys).clone())
    }

    /// `place` says what the value is (a trait's name): moved to another place or workspace, it cannot be opened.
    /// Equal values look alike only where `salt` is equal too: give it what tells one person or event from another.
    pub fn seal(&self, workspace: WorkspaceId, place: &str, salt: &str, value: &Value) -> Result<String> {
        let keys = self.keys(workspace)?;
        let mut text = serde_json::to_vec(value)?;
        let mut nonce = [0; NONCE_LEN];
        let told = [&(salt.len() as u64).to_be_bytes(), salt.as_bytes(), &text].concat();
        nonce.copy_from_slice(&mac(&keys.nonces, place, &told)[..NONCE_LEN]);
        keys.cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text).map_err(broken)?;
        Ok(format!("{VERSION}{}", B64.encode([&nonce[..], &text].concat())))
    }

    pub fn open(&self, workspace: WorkspaceId, place: &str, sealed: &str) -> Result<Value> {
        let unreadable = || {
            Error::unavailable("kernel.sealed_unreadable", format!("what is sealed of {place:?} cannot be opened: this is not the secret.key that it was sealed with, or it was changed on the disk"))
        };
        let mut bytes = sealed.strip_prefix(VERSION).and_then(|text| B64.decode(text).ok()).ok_or_else(unreadable)?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let text = self.keys(workspace)?.cipher.open_in_place(nonce, Aad::from(place), text).map_err(|_| unreadable())?;
        Ok(serde_json::from_slice(text)?)
    }
}

/// Of a store that nobody gave a key: what it seals is readable by everybody who has this program.
impl Default for Vault {
    fn default() -> Self {
        Self::new([0; 32])
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

fn broken(_: ring::error::Unspecified) -> Error {
    Error::bug("kernel.cipher_failed", "the cipher refused to work")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OURS: WorkspaceId = WorkspaceId(1);

    #[test]
    fn what_is_sealed_comes_back_and_is_not_read_on_the_way() {
        let vault = Vault::new([7; 32]);
        for value in [json!("HIV positive"), json!(12.5), json!(null), json!({"a": [1, "二"]}), json!("")] {
            let sealed = vault.seal(OURS, "health", "p1", &value).unwrap();
            assert_eq!(vault.open(OURS, "health", &sealed).unwrap(), value);
            assert!(!sealed.contains("HIV"));
            assert_eq!(sealed, vault.seal(OURS, "health", "p1", &value).unwrap(), "a replay writes the same");
            assert_ne!(sealed, vault.seal(OURS, "health", "p2", &value).unwrap(), "equal values of two people do not look alike");
        }
    }

    #[test]
    fn nobody_else_opens_it_and_nobody_changes_it() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal(OURS, "income", "p1", &json!(9_000)).unwrap();
        let refused = |opened: Result<Value>| assert_eq!(opened.unwrap_err().code, "kernel.sealed_unreadable");
        refused(Vault::new([8; 32]).open(OURS, "income", &sealed));
        refused(vault.open(WorkspaceId(2), "income", &sealed));
        refused(vault.open(OURS, "age", &sealed));
        for garbage in ["", "v1.", "v1.AAAA", "v2.AAAA", "v1.!", "12"] {
            refused(vault.open(OURS, "income", garbage));
        }
        let bytes = B64.decode(&sealed[VERSION.len()..]).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            refused(vault.open(OURS, "income", &format!("{VERSION}{}", B64.encode(changed))));
        }
    }

    /// NIST's AES-GCM test vectors for a 256-bit key, case 14: the cipher is the one that others call by this name.
    #[test]
    fn the_cipher_is_aes_256_gcm() {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[0; 32]).unwrap());
        let mut text = vec![0; 16];
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut text).unwrap();
        let hex: String = text.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }
}
