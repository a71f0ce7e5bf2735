//! Typed, prefixed ids. `per_…` is a person wherever it is read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Crockford base 32, lower case, of 128 bits: 26 letters that sort as the number does.
pub fn base32(value: u128) -> String {
    let mut out = [0u8; 26];
    let mut rest = value;
    for slot in out.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A name that is a function of its parts: the same cause gives the same id, so a replay meets itself.
pub fn derived(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(bytes)
}

/// Declares a string id with its prefix: `new()` is random and sorts by time, `derived()` is a function of its cause.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(format!("{}_{}", $prefix, $crate::id::base32(::uuid::Uuid::now_v7().as_u128())))
            }
            pub fn derived(parts: &[&[u8]]) -> Self {
                Self(format!("{}_{}", $prefix, $crate::id::base32($crate::id::derived(parts))))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(s: &str) -> Self {
                Self(s.to_owned())
            }
        }
        impl From<String> for $name {
            fn from(s: String) -> Self {
                Self(s)
            }
        }
    };
}

typed_id!(/// A person. See [`PersonId::of`].
    PersonId, "per");
typed_id!(/// Somebody who works in the console.
    UserId, "usr");
typed_id!(SegmentId, "seg");
typed_id!(TagId, "tag");
typed_id!(ModelId, "mod");
typed_id!(RunId, "run");
typed_id!(PortraitId, "por");
typed_id!(JourneyId, "jny");
typed_id!(TemplateId, "tpl");
typed_id!(SourceId, "src");
typed_id!(MessageId, "msg");
typed_id!(ExperimentId, "exp");
typed_id!(ApiKeyId, "key");
typed_id!(ImportId, "imp");

/// A tenant. Small and dense, because it leads every key of the state store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(pub u32);

impl std::fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "wsp_{}", self.0)
    }
}

impl PersonId {
    /// A person's id is her workspace and number, mixed: no table has to remember it, and a rebuild gives it again.
    pub fn of(workspace: WorkspaceId, atom: Atom) -> Self {
        let mixed = mix((u64::from(workspace.0) << 32) | u64::from(atom));
        let text = base32(u128::from(mixed));
        Self(format!("per_{}", &text[13..]))
    }
    /// The workspace and number inside, if this is an id that we gave.
    pub fn atom(&self) -> Option<(WorkspaceId, Atom)> {
        let text = self.0.strip_prefix("per_").filter(|t| t.len() == 13)?;
        let mut value: u128 = 0;
        for c in text.bytes() {
            let digit = ALPHABET.iter().position(|a| *a == c)?;
            value = (value << 5) | digit as u128;
        }
        let plain = unmix(u64::try_from(value).ok()?);
        Some((WorkspaceId((plain >> 32) as u32), plain as u32))
    }
}

/// An invertible scrambling, so that ids do not tell how many people there are at a glance. Not a secret.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}
fn unmix(mut x: u64) -> u64 {
    x ^= x >> 32;
    x = x.wrapping_mul(inverse(0xd6e8_feb8_6659_fd93));
    x ^= x >> 32;
    x.wrapping_mul(inverse(0x9e37_79b9_7f4a_7c15))
}
/// Inverse of an odd number modulo 2^64, by Newton's iteration.
const fn inverse(a: u64) -> u64 {
    let mut x: u64 = a;
    let mut i = 0;
    while i < 6 {
        x = x.wrapping_mul(2u64.wrapping_sub(a.wrapping_mul(x)));
        i += 1;
    }
    x
}

/// Dense number of one *atom* of identity: identifiers that were never apart.
/// A person is one or more atoms; her number is the smallest of them.
pub type Atom = u32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_keeps_the_order_of_numbers() {
        let mut numbers = [0u128, 1, 31, 32, u64::MAX as u128, u128::MAX];
        let texts: Vec<_> = numbers.iter().map(|n| base32(*n)).collect();
        let mut sorted = texts.clone();
        sorted.sort();
        numbers.sort();
        assert_eq!(texts, sorted);
        assert_eq!(base32(u128::MAX).len(), 26);
    }

    #[test]
    fn person_ids_carry_their_number() {
        for (w, a) in [(0, 0), (1, 1), (7, u32::MAX), (u32::MAX, 12345)] {
            let id = PersonId::of(WorkspaceId(w), a);
            assert_eq!(id.atom(), Some((WorkspaceId(w), a)), "{id}");
        }
        assert_eq!(PersonId::from("per_short").atom(), None);
    }

    #[test]
    fn derived_ids_keep_parts_apart() {
        assert_ne!(PersonId::derived(&[b"ab", b"c"]), PersonId::derived(&[b"a", b"bc"]));
        assert_eq!(PersonId::derived(&[b"ab"]), PersonId::derived(&[b"ab"]));
    }
}
