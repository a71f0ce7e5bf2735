#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

mod embedded;
mod frozen;
pub mod key;
mod memory;
pub mod pieces;
mod shelf;
#[cfg(feature = "testing")]
pub mod promises;
mod work;

use std::sync::Arc;

use bytes::Bytes;
use kernel::{Result, Vault};
use weft_bitmap::Bitmap;

pub use frozen::Frozen;
pub use memory::MemoryStore;
pub use work::Work;

/// A named part of the store. Each room names its own; two rooms never share one.
pub type Space = &'static str;

/// Key and value, as a scan hands them out.
pub type Entry = (Bytes, Bytes);

/// Reading, from what is committed (`StateStore`) or from a batch in the making (`Work`).
/// Domain functions take `&dyn Read`, so that the pipeline and the API ask the same question the same way.
pub trait Read: Send + Sync {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>>;

    /// Visits entries with `from <= key < to` in ascending order until `visit` returns false.
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()>;

    /// The same, in descending order.
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()>;

    fn scan_prefix(&self, space: Space, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.scan(space, prefix, &key::after_prefix(prefix), visit)
    }

    /// What seals values that must not be read on the disk, and opens them.
    fn vault(&self) -> &Vault;

    /// Sets that `pieces` keeps, to ask expressions of. A store has those that are asked for often ready in memory.
    fn sets(&self, named: &[pieces::Name]) -> Result<Vec<Arc<Bitmap>>> {
        named.iter().map(|set| pieces::bitmap(self, set).map(Arc::new)).collect()
    }
}

/// One change: `None` deletes.
pub type Change = (Space, Vec<u8>, Option<Vec<u8>>);

/// State by key. What is in it is a function of the log up to `position()`, hence:
///
/// - **P1** `apply` is atomic over all its changes *and* the position, also when the process dies.
/// - **P2** What `apply` returned from is read by every later `get` and `scan`.
/// - **P3** After a crash, the state is exactly that of some position not newer than the last applied:
///   a prefix. What is missing is replayed from the log. (It need not be fsynced batch by batch.)
/// - **P4** Positions never go back, except through `clear`.
/// - **P5** Scans are ordered by bytes, and see one moment.
/// - **P6** After `sync` returned, nothing applied before is lost, even when power fails.
/// - **P7** Two processes cannot open one store.
/// - **P8** `sets` are as `pieces` wrote them, all of one moment.
pub trait StateStore: Read {
    fn apply(&self, changes: Vec<Change>, position: u64) -> Result<()>;
    /// How far in the log this state is; 0 before anything.
    fn position(&self) -> u64;
    fn sync(&self) -> Result<()>;
    /// Forgets everything, for a rebuild.
    fn clear(&self) -> Result<()>;
    /// Bytes on disk, about.
    fn disk_bytes(&self) -> u64;
}

#[derive(Clone, Debug)]
pub struct Options {
    pub cache_bytes: u64,
    /// Memory for sets that stand ready; a hundred tags on ten million people take about 75 MB.
    pub set_bytes: usize,
    /// What keys and values mean. A store that was written in another format is forgotten on opening: it is a function of
    /// the log, and is made anew from it.
    pub format: u32,
    /// Seals values; without one of its own a store's seal keeps nobody out.
    pub vault: Arc<Vault>,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 32 << 20, set_bytes: 128 << 20, format: 0, vault: Arc::default() }
    }
}

/// `file:/folder` or `memory:`; other engines answer that this binary was built without them.
pub fn open(url: &str, options: Options) -> Result<Arc<dyn StateStore>> {
    if url == "memory:" {
        return Ok(Arc::new(MemoryStore::with(options.vault)));
    }
    if let Some(path) = url.strip_prefix("file:") {
        return Ok(Arc::new(embedded::Embedded::open(path.as_ref(), options)?));
    }
    Err(kernel::Error::invalid("profile_kv.engine_absent", format!("this binary was built without an engine for {url}; use file:/folder")))
}
