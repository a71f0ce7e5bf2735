//! A finished batch that is not true yet: the next one is made on top of it while it is written.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use ahash::RandomState;
use bytes::Bytes;

use crate::kernel::{Result, Vault};
use crate::work::{Own, merged};
use crate::{Change, Read, Space};

/// What a batch wrote; nothing where it deleted.
pub struct Frozen(pub(crate) HashMap<Space, BTreeMap<Vec<u8>, Option<Bytes>>, RandomState>);

impl Frozen {
    pub fn changes(&self) -> Vec<Change> {
        let all = self.0.iter().flat_map(|(space, entries)| entries.iter().map(|(key, value)| (*space, key.clone(), value.as_deref().map(<[u8]>::to_vec))));
        all.collect()
    }

    /// What stands in `base` when this has been applied to it, or is just being applied.
    pub fn over<'a>(&'a self, base: &'a dyn Read) -> Layered<'a> {
        Layered { frozen: self, base }
    }

    fn own(&self, space: Space, from: &[u8], to: &[u8]) -> Vec<Own<'_>> {
        let Some(entries) = self.0.get(space).filter(|_| from < to) else { return Vec::new() };
        let range = entries.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        range.map(|(key, value)| (key.as_slice(), value.as_deref().map(Into::into))).collect()
    }
}

pub struct Layered<'a> {
    frozen: &'a Frozen,
    base: &'a dyn Read,
}

impl Read for Layered<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        match self.frozen.0.get(space).and_then(|entries| entries.get(key)) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(space, key),
        }
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        let own = self.frozen.own(space, from, to);
        if own.is_empty() {
            return self.base.scan(space, from, to, visit);
        }
        merged(own, |a, b| a < b, |inner| self.base.scan(space, from, to, inner), visit)
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        let mut own = self.frozen.own(space, from, to);
        if own.is_empty() {
            return self.base.scan_back(space, from, to, visit);
        }
        own.reverse();
        merged(own, |a, b| a > b, |inner| self.base.scan_back(space, from, to, inner), visit)
    }
    fn vault(&self) -> &Vault {
        self.base.vault()
    }
}
