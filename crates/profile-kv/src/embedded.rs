//! The store on disk, on fjall: one keyspace per space, one write batch per apply.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;
use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use parking_lot::{Mutex, RwLock};

use weft_bitmap::Bitmap;

use crate::kernel::{Error, Result, Vault};
use crate::pieces::{self, Name};
use crate::shelf::Shelf;
use crate::{Change, Options, Read, Space, StateStore};

const META: &str = "_meta";
const POSITION: &[u8] = b"position";
const FORMAT: &[u8] = b"format";
/// Stands there while everything is being forgotten.
const CLEARING: &[u8] = b"clearing";

pub struct Embedded {
    db: Database,
    spaces: RwLock<HashMap<String, Keyspace, RandomState>>,
    meta: Keyspace,
    position: AtomicU64,
    /// The position is read and written with the changes; two who apply at once would take it back.
    applying: Mutex<()>,
    fronts: RwLock<Fronts>,
    /// Locked while changes are made true, so that what stands there is what is written.
    shelf: Mutex<Shelf>,
    vault: Arc<Vault>,
}

/// Below which key nothing is left in a space. Queues (timers, what waits to leave) are taken from the front, and what
/// was taken stays as a gravestone until the engine tidies up: without this every look at a queue would walk over all
/// that ever stood in it.
#[derive(Default)]
struct Fronts {
    of: HashMap<Space, Front, RandomState>,
    /// Grows whenever something was written.
    number: u64,
    /// Something is being written: who looks meanwhile may not see it yet, and must not say that nothing is there.
    is_changing: bool,
}

struct Front {
    key: Vec<u8>,
    /// The last write into this space.
    written: u64,
}

impl Fronts {
    /// From where a scan may begin, and the write before which that was learnt; to be asked with the snapshot.
    fn begin(&self, space: Space, from: &[u8]) -> Option<(Vec<u8>, u64)> {
        self.of.get(space).filter(|front| from <= front.key.as_slice()).map(|front| (front.key.clone(), front.written))
    }
    /// A scan found nothing below `key`; true if nobody has written since its snapshot.
    fn learn(&mut self, space: Space, key: &[u8], written: u64) {
        let is_changing = self.is_changing;
        if let Some(front) = self.of.get_mut(space).filter(|front| !is_changing && front.written == written && front.key.as_slice() < key) {
            front.key = key.to_vec();
        }
    }
    fn watch(&mut self, space: Space) {
        self.number += 1;
        let written = self.number;
        self.of.entry(space).or_insert(Front { key: Vec::new(), written });
    }
    fn will_be_written(&mut self, space: Space, key: &[u8]) {
        if let Some(front) = self.of.get_mut(space).filter(|front| key < front.key.as_slice()) {
            front.key = key.to_vec();
        }
    }
    /// What a scan learnt that began before this is not believed.
    fn written(&mut self) {
        self.is_changing = false;
        for front in self.of.values_mut() {
            self.number += 1;
            front.written = self.number;
        }
    }
}

fn failed(e: fjall::Error) -> Error {
    match e {
        fjall::Error::Locked => Error::conflict("profile_kv.locked", "another process has this data folder open; stop it first"),
        // Only a new opening finds out what of it is on the disk.
        fjall::Error::Poisoned => Error::unavailable(
            "profile_kv.failed",
            "the state could not be written some time ago (a full disk, a broken one), and takes no more changes; what was acknowledged is safe in the log: see to the disk, then restart",
        ),
        e => Error::unavailable("profile_kv.failed", e.to_string()),
    }
}

impl Embedded {
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let db = Database::builder(path)
            .cache_size(options.cache_bytes)
            .worker_threads(2)
            .open()
            .map_err(failed)?;
        let meta = db.keyspace(META, KeyspaceCreateOptions::default).map_err(failed)?;
        let position = match meta.get(POSITION).map_err(failed)? {
            Some(bytes) => u64::from_be_bytes(
                bytes.as_ref().try_into().map_err(|_| Error::bug("profile_kv.position_unreadable", "the stored log position is not 8 bytes: stop, take the folder of the state away, and start; it is made anew from the log"))?,
            ),
            None => 0,
        };
        let store = Self { db, spaces: RwLock::default(), meta, position: AtomicU64::new(position), applying: Mutex::new(()), fronts: RwLock::default(), shelf: Mutex::new(Shelf::of(options.set_bytes)), vault: options.vault };
        if store.meta.get(CLEARING).map_err(failed)?.is_some() {
            store.clear()?;
        }
        store.speak(options.format)?;
        Ok(store)
    }

    fn speak(&self, format: u32) -> Result<()> {
        let written = self.meta.get(FORMAT).map_err(failed)?;
        let known = written.as_deref().and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
        if known == format {
            return Ok(());
        }
        if self.position() > 0 {
            tracing::info!(known, format, "the state is of another format; it is made anew from the log");
            self.clear()?;
        }
        self.meta.insert(FORMAT, format.to_be_bytes()).map_err(failed)?;
        self.sync()
    }

    fn space(&self, name: &str) -> Result<Keyspace> {
        if let Some(found) = self.spaces.read().get(name) {
            return Ok(found.clone());
        }
        let opened = self.db.keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(8 << 20)).map_err(failed)?;
        self.spaces.write().insert(name.to_owned(), opened.clone());
        Ok(opened)
    }
}

fn visit_all(
    entries: impl Iterator<Item = fjall::Guard>,
    visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>,
) -> Result<()> {
    for entry in entries {
        let (key, value) = entry.into_inner().map_err(failed)?;
        if !visit(&key, &value)? {
            break;
        }
    }
    Ok(())
}

impl Read for Embedded {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        let found = self.space(space)?.get(key).map_err(failed)?;
        Ok(found.map(Bytes::from_owner))
    }
    fn vault(&self) -> &Vault {
        &self.vault
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        let keyspace = self.space(space)?;
        if from.is_empty() && !self.fronts.read().of.contains_key(space) {
            self.fronts.write().watch(space);
        }
        let (front, snapshot) = {
            let fronts = self.fronts.read();
            (fronts.begin(space, from), self.db.snapshot())
        };
        let Some((front, written)) = front else { return visit_all(snapshot.range(&keyspace, from..to), visit) };
        if front.as_slice() >= to {
            return Ok(());
        }
        let mut first = true;
        let mut learn = |key: &[u8]| {
            // The front moves only when something was taken from it.
            if std::mem::take(&mut first) && key != front.as_slice() {
                self.fronts.write().learn(space, key, written);
            }
        };
        visit_all(snapshot.range(&keyspace, front.as_slice()..to), &mut |key, value| {
            learn(key);
            visit(key, value)
        })?;
        learn(to);
        Ok(())
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        visit_all(self.db.snapshot().range(&self.space(space)?, from..to).rev(), visit)
    }
    fn sets(&self, named: &[Name]) -> Result<Vec<Arc<Bitmap>>> {
        let mut shelf = self.shelf.lock();
        let mut found = Vec::with_capacity(named.len());
        for name in named {
            found.push(match shelf.get(name) {
                Some(set) => set,
                None => shelf.put(name, pieces::bitmap(self, name)?),
            });
        }
        Ok(found)
    }
}

impl StateStore for Embedded {
    fn apply(&self, changes: Vec<Change>, position: u64) -> Result<()> {
        let _one_at_a_time = self.applying.lock();
        // The shelf before the fronts, as a reader of sets locks them.
        let mut shelf = self.shelf.lock();
        let mut fronts = self.fronts.write();
        let mut pieces = Vec::new();
        let mut batch = self.db.batch();
        for (space, key, value) in changes {
            pieces.extend(shelf.change(space, &key, value.as_deref()));
            let keyspace = self.space(space)?;
            match value {
                Some(value) => {
                    fronts.will_be_written(space, &key);
                    batch.insert(&keyspace, key, value);
                }
                None => batch.remove(&keyspace, key),
            }
        }
        let position = position.max(self.position.load(Ordering::Acquire));
        batch.insert(&self.meta, POSITION, position.to_be_bytes());
        // Others read on while it is written.
        fronts.is_changing = true;
        drop(fronts);
        let committed = batch.commit().map_err(failed);
        self.fronts.write().written();
        committed?;
        shelf.take(pieces);
        self.position.store(position, Ordering::Release);
        Ok(())
    }
    fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }
    fn sync(&self) -> Result<()> {
        self.db.persist(PersistMode::SyncAll).map_err(failed)
    }
    fn clear(&self) -> Result<()> {
        let _nobody_applies = self.applying.lock();
        let mut shelf = self.shelf.lock();
        shelf.clear();
        self.fronts.write().of.clear();
        // Who dies on the way must not leave half a state under a position that speaks of a whole one.
        self.meta.insert(CLEARING, b"").map_err(failed)?;
        self.sync()?;
        for name in self.db.list_keyspace_names().iter().filter(|name| &***name != META) {
            self.space(name)?.clear().map_err(failed)?;
        }
        let mut done = self.db.batch();
        done.remove(&self.meta, POSITION);
        done.remove(&self.meta, CLEARING);
        done.commit().map_err(failed)?;
        self.position.store(0, Ordering::Release);
        self.sync()
    }
    fn disk_bytes(&self) -> u64 {
        self.db.disk_space().unwrap_or(0)
    }
}
