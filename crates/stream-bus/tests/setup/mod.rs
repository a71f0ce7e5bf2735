//! What the tests of this room share: small logs, and copies of their files as a crash would leave them.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary takes what it needs; a test tells by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use weft_kernel::Result;
use weft_stream_bus::{Options, StreamBus, Verify};

/// Segments of 16 KiB and a dense index, so that a small test crosses all borders.
pub fn small() -> Options {
    Options { segment_bytes: 16 * 1024, index_every_bytes: 256, verify: Verify::All }
}

pub fn open(dir: &Path) -> Result<Arc<dyn StreamBus>> {
    open_with(dir, small())
}

pub fn open_with(dir: &Path, options: Options) -> Result<Arc<dyn StreamBus>> {
    weft_stream_bus::open(&format!("file:{}", dir.display()), options)
}

/// A directory for tests that open a log thousands of times and do not care whether a sync reaches a disk.
pub fn memory_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The files of a directory, by name.
pub type Image = BTreeMap<String, Vec<u8>>;

/// What a kill would leave: the segments as they are now.
pub fn image_of(dir: &Path) -> Image {
    let mut image = Image::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "log") {
            image.insert(path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
    image
}

/// Makes `dir` hold just these files.
pub fn restore(dir: &Path, image: &Image) {
    if dir.exists() {
        std::fs::remove_dir_all(dir).unwrap();
    }
    std::fs::create_dir_all(dir).unwrap();
    for (name, bytes) in image {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

/// Where the written part of a segment ends; test records never end with a zero.
pub fn written_end(file: &[u8]) -> usize {
    file.iter().rposition(|b| *b != 0).unwrap() + 1
}

pub fn texts(range: impl Iterator<Item = u64>) -> Vec<Bytes> {
    range.map(|n| Bytes::from(format!("record {n} {}", "y".repeat((n * 31 % 90) as usize)))).collect()
}

/// The code of the error, or what it was instead.
pub fn code<T>(result: Result<T>) -> &'static str {
    result.err().map_or("no error", |e| e.code)
}
