//! The store in memory, for tests and for a rebuild that is only compared.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use weft_bitmap::Bitmap;

use crate::kernel::{Result, Vault};
use crate::key::after_prefix;
use crate::pieces::{self, Name};
use crate::{Change, Read, Space, StateStore};

#[derive(Default)]
pub struct MemoryStore {
    inside: RwLock<Inside>,
    vault: Arc<Vault>,
}

#[derive(Default)]
struct Inside {
    spaces: HashMap<Space, BTreeMap<Vec<u8>, Bytes>>,
    position: u64,
}

impl Inside {
    fn between(&self, space: Space, from: &[u8], to: &[u8]) -> Vec<(Vec<u8>, Bytes)> {
        match self.spaces.get(space) {
            Some(entries) if from < to => entries
                .range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

impl MemoryStore {
    pub fn with(vault: Arc<Vault>) -> Self {
        Self { vault, ..Self::default() }
    }
    fn between(&self, space: Space, from: &[u8], to: &[u8]) -> Vec<(Vec<u8>, Bytes)> {
        self.inside.read().between(space, from, to)
    }
}

impl Read for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.inside.read().spaces.get(space).and_then(|s| s.get(key).cloned()))
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        for (k, v) in self.between(space, from, to) {
            if !visit(&k, &v)? {
                break;
            }
        }
        Ok(())
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        for (k, v) in self.between(space, from, to).into_iter().rev() {
            if !visit(&k, &v)? {
                break;
            }
        }
        Ok(())
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
    fn sets(&self, named: &[Name]) -> Result<Vec<Arc<Bitmap>>> {
        let inside = self.inside.read();
        let entries = |name: &Name| inside.between(name.space, &name.key, &after_prefix(&name.key));
        named.iter().map(|name| pieces::joined(entries(name)).map(Arc::new)).collect()
    }
}

impl StateStore for MemoryStore {
    fn apply(&self, changes: Vec<Change>, position: u64) -> Result<()> {
        let mut inside = self.inside.write();
        for (space, key, value) in changes {
            let entries = inside.spaces.entry(space).or_default();
            match value {
                Some(value) => entries.insert(key, Bytes::from(value)),
                None => entries.remove(&key),
            };
        }
        inside.position = inside.position.max(position);
        Ok(())
    }
    fn position(&self) -> u64 {
        self.inside.read().position
    }
    fn sync(&self) -> Result<()> {
        Ok(())
    }
    fn clear(&self) -> Result<()> {
        *self.inside.write() = Inside::default();
        Ok(())
    }
    fn disk_bytes(&self) -> u64 {
        0
    }
}
