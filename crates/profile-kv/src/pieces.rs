//! Sets of dense numbers in the store: roaring bitmaps cut in pieces of 65,536, each a value of its own, so that a change writes
//! eight kilobytes at most.

use roaring::RoaringBitmap;
use weft_bitmap::{Bitmap, Block};

use crate::kernel::{Error, Result};
use crate::key::Key;
use crate::{Read, Space, Work};

/// Where a set is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub space: Space,
    pub key: Vec<u8>,
}

impl Name {
    pub fn of(space: Space, key: Key) -> Self {
        Self { space, key: key.0 }
    }
}

/// A piece's own part of its key.
const NUMBER: usize = 4;

/// The set's part of a piece's key, and which piece it is.
pub(crate) fn parts(key: &[u8]) -> Option<(&[u8], u16)> {
    let (set, number) = key.split_last_chunk::<NUMBER>()?;
    Some((set, u16::try_from(u32::from_be_bytes(*number)).ok()?))
}

pub(crate) fn block(bytes: &[u8]) -> Result<Block> {
    Block::of_roaring(bytes).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::bug("profile_kv.bitmap_unreadable", "a piece of a set is no roaring bitmap of one container")
}

fn add(all: &mut Bitmap, key: &[u8], value: &[u8]) -> Result<()> {
    if let Some((_, number)) = parts(key) {
        all.put(number, block(value)?);
    }
    Ok(())
}

/// The whole set, ready to be asked.
pub fn bitmap(read: &(impl Read + ?Sized), set: &Name) -> Result<Bitmap> {
    let mut all = Bitmap::default();
    read.scan_prefix(set.space, &set.key, &mut |key, value| {
        add(&mut all, key, value)?;
        Ok(true)
    })?;
    Ok(all)
}

/// The same, of its entries.
pub(crate) fn joined<K: AsRef<[u8]>, V: AsRef<[u8]>>(entries: impl IntoIterator<Item = (K, V)>) -> Result<Bitmap> {
    let mut all = Bitmap::default();
    entries.into_iter().try_for_each(|(key, value)| add(&mut all, key.as_ref(), value.as_ref()))?;
    Ok(all)
}

pub(crate) fn decode(bytes: Option<&[u8]>) -> Result<RoaringBitmap> {
    bytes.map_or_else(|| Ok(RoaringBitmap::new()), |bytes| RoaringBitmap::deserialize_from(bytes).map_err(|e| Error::bug("profile_kv.bitmap_unreadable", e.to_string())))
}

/// Nothing for an empty one.
pub(crate) fn encode(piece: &RoaringBitmap) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(piece.serialized_size());
    // A vector takes all it is given.
    (!piece.is_empty() && piece.serialize_into(&mut bytes).is_ok()).then_some(bytes)
}

pub fn contains(read: &dyn Read, space: Space, set: &Key, number: u32) -> Result<bool> {
    let piece = read.get(space, set.clone().u32(number >> 16).as_slice())?;
    piece.map_or(Ok(false), |bytes| Block::is_in_roaring(&bytes, number as u16).ok_or_else(unreadable))
}

/// The whole set.
pub fn all(read: &dyn Read, space: Space, set: &Key) -> Result<RoaringBitmap> {
    let mut all = RoaringBitmap::new();
    read.scan_prefix(space, set.as_slice(), &mut |_, value| {
        all |= decode(Some(value))?;
        Ok(true)
    })?;
    Ok(all)
}

/// The smallest of them, so many at most.
pub fn first(read: &dyn Read, space: Space, set: &Key, most: usize) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    read.scan_prefix(space, set.as_slice(), &mut |_, value| {
        found.extend(decode(Some(value))?.iter().take(most - found.len()));
        Ok(found.len() < most)
    })?;
    Ok(found)
}

/// Puts a number in or takes it out. Says whether that changed anything.
pub fn set(work: &mut Work, space: Space, set: &Key, number: u32, is_in: bool) -> Result<bool> {
    work.flip(space, set.clone().u32(number >> 16).0, number, is_in)
}

/// Writes a set where nothing is yet.
pub fn write(work: &mut Work, space: Space, set: &Key, numbers: &RoaringBitmap) -> Result<()> {
    let mut from = numbers.min();
    while let Some(number) = from {
        let last = number | 0xFFFF;
        let piece: RoaringBitmap = numbers.range(number..=last).collect();
        if let Some(bytes) = encode(&piece) {
            work.put(space, set.clone().u32(number >> 16), bytes);
        }
        from = last.checked_add(1).and_then(|next| numbers.range(next..).next());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::WorkspaceId;
    use crate::{MemoryStore, StateStore};

    #[test]
    fn what_is_written_is_read_across_pieces() {
        let store = MemoryStore::default();
        let (one, other) = (Key::of(WorkspaceId(1)).text("one"), Key::of(WorkspaceId(1)).text("other"));
        let numbers: RoaringBitmap = [0, 65_535, 65_536, 200_000, u32::MAX].into_iter().collect();
        let mut work = Work::over(&store);
        write(&mut work, "sets", &one, &numbers).unwrap();
        assert!(set(&mut work, "sets", &other, 7, true).unwrap());
        assert!(!set(&mut work, "sets", &other, 7, true).unwrap());
        store.apply(work.into_changes(), 1).unwrap();
        assert_eq!(all(&store, "sets", &one).unwrap(), numbers);
        assert_eq!(first(&store, "sets", &one, 3).unwrap(), [0, 65_535, 65_536]);
        assert_eq!(first(&store, "sets", &one, 9).unwrap().len(), 5);
        assert!(contains(&store, "sets", &one, 65_536).unwrap() && !contains(&store, "sets", &one, 7).unwrap());
        let mut work = Work::over(&store);
        assert!(set(&mut work, "sets", &one, 200_000, false).unwrap());
        assert_eq!(all(&work, "sets", &one).unwrap().len(), 4);
        // One bad event takes back what it did, and nothing else.
        work.mark();
        assert!(set(&mut work, "sets", &one, 200_000, true).unwrap() && set(&mut work, "sets", &one, 200_001, true).unwrap());
        assert!(set(&mut work, "sets", &one, 65_535, false).unwrap() && !contains(&work, "sets", &one, 65_535).unwrap());
        assert!(set(&mut work, "sets", &one, 200_001, false).unwrap());
        work.delete("sets", one.clone().u32(0));
        assert!(set(&mut work, "sets", &one, 3, true).unwrap() && set(&mut work, "sets", &one, 0, true).unwrap());
        work.roll_back();
        let left: RoaringBitmap = [0, 65_535, 65_536, u32::MAX].into_iter().collect();
        assert_eq!(all(&work, "sets", &one).unwrap(), left);
        work.delete_prefix("sets", one.as_slice()).unwrap();
        assert!(all(&work, "sets", &one).unwrap().is_empty());
        assert_eq!(all(&work, "sets", &other).unwrap().len(), 1);
    }
}
