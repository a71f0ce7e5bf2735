//! One segment file as the running log knows it, its sparse index, and the few files kept open for reading.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::frame::HEADER;

const EXTENSION: &str = "log";

/// `00000000000000000001.log`: twenty digits, so that names sort like positions.
pub(crate) fn path_of(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:020}.{EXTENSION}"))
}

/// The first position in a segment's name, if it is a segment's name.
pub(crate) fn first_in_name(path: &Path) -> Option<u64> {
    let digits = path.file_stem()?.to_str()?;
    let is_ours = path.extension()? == EXTENSION && digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
    is_ours.then(|| digits.parse().ok()).flatten()
}

/// Some places in a segment from which one can read on: eight bytes for each `every` bytes of the file.
#[derive(Debug)]
pub(crate) struct Index {
    every: u32,
    /// (records before this place, offset of this place)
    marks: Vec<(u32, u32)>,
}

impl Index {
    pub(crate) fn new(every: u32) -> Self {
        Self { every, marks: Vec::new() }
    }
    /// Tells that record number `nth` of the segment stands at `offset`; kept if the last kept one is far enough.
    pub(crate) fn note(&mut self, nth: u64, offset: u64) {
        let last = self.marks.last().map_or(HEADER as u64, |&(_, offset)| u64::from(offset));
        if offset < last + u64::from(self.every) {
            return;
        }
        if let (Ok(nth), Ok(offset)) = (u32::try_from(nth), u32::try_from(offset)) {
            self.marks.push((nth, offset));
        }
    }
    /// The nearest known place at or before record number `nth`.
    fn seek(&self, nth: u64) -> (u64, u64) {
        match self.marks.partition_point(|&(n, _)| u64::from(n) <= nth).checked_sub(1) {
            Some(i) => (u64::from(self.marks[i].0), u64::from(self.marks[i].1)),
            None => (0, HEADER as u64),
        }
    }
    pub(crate) fn len(&self) -> usize {
        self.marks.len()
    }
    pub(crate) fn truncate(&mut self, len: usize) {
        self.marks.truncate(len);
    }
}

/// A segment of the log; the file itself is opened when somebody reads.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
    /// Where its durable bytes end; `u64::MAX` if nobody has looked yet.
    end: AtomicU64,
    /// Absent until somebody has scanned the file.
    index: RwLock<Option<Index>>,
}

impl Segment {
    pub(crate) fn new(first: u64, path: PathBuf) -> Self {
        Self { first, path, end: AtomicU64::new(u64::MAX), index: RwLock::new(None) }
    }
    pub(crate) fn indexed(first: u64, path: PathBuf, index: Index, end: u64) -> Self {
        Self { first, path, end: AtomicU64::new(end), index: RwLock::new(Some(index)) }
    }
    pub(crate) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }
    /// Takes in what has become durable: places of some of its records, and the new end.
    pub(crate) fn grow(&self, places: &[(u64, u64)], end: u64) {
        if let Some(index) = self.index.write().as_mut() {
            for &(position, offset) in places {
                index.note(position - self.first, offset);
            }
        }
        self.end.store(end, Ordering::Release);
    }
    pub(crate) fn set_index(&self, index: Index, end: u64) {
        *self.index.write() = Some(index);
        self.end.store(end, Ordering::Release);
    }
    /// A position at or before `position`, and its offset; `None` if the segment has not been indexed yet.
    pub(crate) fn seek(&self, position: u64) -> Option<(u64, u64)> {
        let index = self.index.read();
        let (nth, offset) = index.as_ref()?.seek(position - self.first);
        Some((self.first + nth, offset))
    }
}

/// Files open for reading, the latest used last. A log may have more segments than a process may have open files.
#[derive(Debug, Default)]
pub(crate) struct OpenFiles(Mutex<VecDeque<(u64, Arc<File>)>>);

impl OpenFiles {
    const MOST: usize = 16;

    pub(crate) fn get(&self, segment: &Segment) -> io::Result<Arc<File>> {
        let mut open = self.0.lock();
        if let Some(at) = open.iter().position(|(first, _)| *first == segment.first)
            && let Some(found) = open.remove(at)
        {
            let file = found.1.clone();
            open.push_back(found);
            return Ok(file);
        }
        let file = Arc::new(File::open(&segment.path)?);
        if open.len() == Self::MOST {
            open.pop_front();
        }
        open.push_back((segment.first, file.clone()));
        Ok(file)
    }
    pub(crate) fn forget(&self, first: u64) {
        self.0.lock().retain(|(f, _)| *f != first);
    }
}

/// Where recent reads ended, so that who reads on need not search.
#[derive(Debug, Default)]
pub(crate) struct Bookmarks(Mutex<VecDeque<Bookmark>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bookmark {
    segment: u64,
    position: u64,
    offset: u64,
}

impl Bookmarks {
    const MOST: usize = 32;

    pub(crate) fn find(&self, segment: u64, position: u64) -> Option<u64> {
        let kept = self.0.lock();
        kept.iter().rev().find(|b| b.segment == segment && b.position == position).map(|b| b.offset)
    }
    pub(crate) fn put(&self, segment: u64, position: u64, offset: u64) {
        let mut kept = self.0.lock();
        if kept.len() == Self::MOST {
            kept.pop_front();
        }
        kept.push_back(Bookmark { segment, position, offset });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_not_ours() {
        let dir = Path::new("d");
        assert_eq!(first_in_name(&path_of(dir, 42)), Some(42));
        assert_eq!(first_in_name(&path_of(dir, u64::MAX)), Some(u64::MAX));
        for other in ["d/42.log", "d/00000000000000000042.tmp", "d/lock", "d/+0000000000000000042.log"] {
            assert_eq!(first_in_name(Path::new(other)), None, "{other}");
        }
    }

    #[test]
    fn the_index_is_sparse_and_never_points_behind_what_is_sought() {
        let mut index = Index::new(1000);
        for nth in 0..500u64 {
            index.note(nth, HEADER as u64 + 24 + nth * 100);
        }
        assert_eq!(index.len(), 49);
        for nth in 0..500u64 {
            let (at, offset) = index.seek(nth);
            assert!(at <= nth && nth - at <= 10);
            assert!(offset == HEADER as u64 || offset == HEADER as u64 + 24 + at * 100);
        }
    }
}
