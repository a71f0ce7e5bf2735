//! Keys that sort as their parts do: numbers big-endian, texts ended by a zero byte.

use crate::kernel::{Atom, Millis, WorkspaceId};

/// Builds a key part by part.
#[derive(Clone, Debug, Default)]
pub struct Key(pub Vec<u8>);

impl Key {
    pub fn of(workspace: WorkspaceId) -> Self {
        Self(workspace.0.to_be_bytes().to_vec())
    }
    pub fn raw() -> Self {
        Self(Vec::with_capacity(32))
    }
    pub fn u32(mut self, n: u32) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }
    pub fn u64(mut self, n: u64) -> Self {
        self.0.extend_from_slice(&n.to_be_bytes());
        self
    }
    pub fn atom(self, atom: Atom) -> Self {
        self.u32(atom)
    }
    /// Signed, so that times before 1970 sort before those after.
    pub fn time(self, at: Millis) -> Self {
        self.u64((at.0 as u64) ^ (1 << 63))
    }
    /// A zero inside would end it early, so it is written as an escape.
    pub fn text(mut self, text: &str) -> Self {
        for b in text.bytes() {
            match b {
                0 => self.0.extend_from_slice(&[1, 1]),
                1 => self.0.extend_from_slice(&[1, 2]),
                _ => self.0.push(b),
            }
        }
        self.0.push(0);
        self
    }
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
impl From<Key> for Vec<u8> {
    fn from(key: Key) -> Self {
        key.0
    }
}

/// Takes a key apart again, in the order it was built.
pub struct Parts<'a>(pub &'a [u8]);

impl<'a> Parts<'a> {
    pub fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_at_checked(4)?;
        self.0 = rest;
        Some(u32::from_be_bytes(head.try_into().ok()?))
    }
    pub fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_at_checked(8)?;
        self.0 = rest;
        Some(u64::from_be_bytes(head.try_into().ok()?))
    }
    pub fn time(&mut self) -> Option<Millis> {
        self.u64().map(|n| Millis((n ^ (1 << 63)) as i64))
    }
    pub fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let (head, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        let mut out = Vec::with_capacity(head.len());
        let mut bytes = head.iter();
        while let Some(b) = bytes.next() {
            match b {
                1 => out.push(bytes.next()? - 1),
                b => out.push(*b),
            }
        }
        String::from_utf8(out).ok()
    }
}

/// The smallest key greater than all that begin with `prefix`.
pub fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return end;
        }
    }
    vec![0xff; 64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_come_back_and_sort(a in any::<(u32, String, i64)>(), b in any::<(u32, String, i64)>()) {
            let key = |x: &(u32, String, i64)| Key::of(WorkspaceId(x.0)).text(&x.1).time(Millis(x.2));
            let (ka, kb) = (key(&a), key(&b));
            let mut parts = Parts(ka.as_slice());
            prop_assert_eq!((parts.u32().unwrap(), parts.text().unwrap(), parts.time().unwrap()), (a.0, a.1.clone(), Millis(a.2)));
            // Texts sort by bytes except that escapes keep zero and one apart from what follows.
            if !a.1.contains(['\0', '\u{1}']) && !b.1.contains(['\0', '\u{1}']) {
                prop_assert_eq!(ka.0.cmp(&kb.0), (a.0, a.1.as_bytes(), a.2).cmp(&(b.0, b.1.as_bytes(), b.2)));
            }
        }

        #[test]
        fn nothing_stands_between_a_prefix_and_its_end(prefix in proptest::collection::vec(any::<u8>(), 0..6), tail in proptest::collection::vec(any::<u8>(), 0..6)) {
            let mut key = prefix.clone();
            key.extend(tail);
            prop_assert!(key.as_slice() < after_prefix(&prefix).as_slice());
        }
    }
}
