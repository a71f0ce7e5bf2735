#![doc = include_str!("../README.md")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

pub(crate) use weft_kernel as kernel;

#[macro_use]
mod disk;
mod errors;
mod frame;
mod segment;
mod scan;
mod lock;
mod prepare;
mod recovery;
mod log;
mod reader;
mod writer;
mod embedded;
#[cfg(feature = "testing")]
pub mod promises;
pub mod raw_limit;

/// Most that one append may carry, in bytes of payload plus eight for each record: 32 MiB.
pub const APPEND_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A durable, ordered, single-writer log of byte records. Positions start at 1 and have no holes.
///
/// Its promises are functions in `promises.rs`; every engine is tested against the same list.
#[async_trait]
pub trait StreamBus: Send + Sync + 'static {
    /// Appends all records, in order, as one unit of durability, and answers the position of the first.
    ///
    /// Answers only after the bytes are on the disk. Not acknowledged means: there as a whole or not at all, also
    /// when the future is dropped half way. An empty append answers `next()`. More than [`APPEND_BYTES_MAX`] is
    /// refused with `stream_bus.append_too_large`.
    async fn append(&self, records: Vec<Bytes>) -> kernel::Result<u64>;

    /// Durable records from position `from` (inclusive): at most `max_records`, at most `max_bytes` of payload, but
    /// always one if there is one and `max_records` is not 0. Nothing at or beyond `next()`.
    ///
    /// `from` below `first()` is `stream_bus.trimmed`. Reads the disk in the calling thread. The records of one read
    /// share their memory: who keeps a single one for long should copy it.
    fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> kernel::Result<Vec<(u64, Bytes)>>;

    /// The oldest position that is kept.
    fn first(&self) -> u64;

    /// The durable end: the position that the next durable record will have. All below it are readable.
    fn next(&self) -> u64;

    /// Resolves when `next()` is greater than `position`, at once if it already is.
    async fn wait_past(&self, position: u64);

    /// Forgets records below `before`, whole segments only, so that more may be kept than was asked for.
    ///
    /// Call it only after the place from which you would read again is durable beyond `before`.
    fn trim(&self, before: u64) -> kernel::Result<()>;

    /// Why the log takes no more appends, if a write or a sync failed; reading goes on. `None` is health.
    fn failed(&self) -> Option<String>;
}

/// How an embedded log is laid out and checked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Size that a segment file grows to, in bytes. The first ones are smaller, so that an idle log costs little.
    pub segment_bytes: u64,
    /// One entry of the index in memory (8 bytes) for so many bytes of a segment.
    pub index_every_bytes: u32,
    /// How much is read and checked before the log opens.
    pub verify: Verify,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024 * 1024, index_every_bytes: 64 * 1024, verify: Verify::All }
    }
}

/// Every record is checked when it is read, whatever is chosen here; this is about knowing early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Every record of every segment: a damaged log does not open. Takes as long as reading all of it.
    All,
    /// Every record of the last segment, the headers of the others: opens at once whatever the size, and damage in an
    /// old segment is answered by the read that meets it.
    Last,
}

/// Opens the log that `url` names: `file:/path` is the embedded engine, made when it is not there.
///
/// `nats://…` is `stream_bus.engine_absent` in a binary built without NATS; anything else `stream_bus.url_invalid`.
pub fn open(url: &str, options: Options) -> kernel::Result<Arc<dyn StreamBus>> {
    if let Some(rest) = url.strip_prefix("file:") {
        let path = rest.strip_prefix("//").unwrap_or(rest);
        if path.is_empty() {
            return Err(errors::url_invalid(url));
        }
        return Ok(Arc::new(embedded::EmbeddedLog::open(PathBuf::from(path), options)?));
    }
    if url.starts_with("nats:") || url.starts_with("nats+tls:") {
        return Err(errors::engine_absent("NATS"));
    }
    Err(errors::url_invalid(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_is_not_built_in_says_so() {
        let code = |url: &str| open(url, Options::default()).err().map(|e| e.code);
        assert_eq!(code("nats://127.0.0.1:4222/events"), Some("stream_bus.engine_absent"));
        assert_eq!(code("kafka://x"), Some("stream_bus.url_invalid"));
        assert_eq!(code("file:"), Some("stream_bus.url_invalid"));
    }
}
