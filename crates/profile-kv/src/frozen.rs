//! A finished batch that is not true yet: the next one is made on top of it while it is written.

use bytes::Bytes;

use crate::kernel::{Result, Vault};
use crate::work::Entries;
use crate::{Change, Read, Space};

pub struct Frozen(pub(crate) Entries);

impl Frozen {
    pub fn changes(&self) -> Vec<Change> {
        self.0.changes()
    }

    /// What stands in `base` when this has been applied to it, or is just being applied.
    pub fn over<'a>(&'a self, base: &'a dyn Read) -> Layered<'a> {
        Layered { frozen: self, base }
    }
}

pub struct Layered<'a> {
    frozen: &'a Frozen,
    base: &'a dyn Read,
}

impl Read for Layered<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        self.frozen.0.get(self.base, space, key)
    }
    fn vault(&self) -> &Vault {
        self.base.vault()
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.frozen.0.scan(self.base, space, from, to, visit)
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.frozen.0.scan_back(self.base, space, from, to, visit)
    }
}
