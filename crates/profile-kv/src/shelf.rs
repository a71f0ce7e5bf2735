//! Sets that stand ready in memory: read once, changed with the store, and put away when others need the room.

use std::collections::HashMap;
use std::sync::Arc;

use weft_bitmap::{Bitmap, Block};

use crate::Space;
use crate::pieces::{self, Name};

pub(crate) struct Shelf {
    sets: HashMap<Space, HashMap<Vec<u8>, Standing>>,
    bytes: usize,
    most: usize,
    /// Counts the questions, to tell who was asked for last.
    asked: u64,
}

struct Standing {
    set: Arc<Bitmap>,
    bytes: usize,
    asked: u64,
}

/// A piece of a set that stands here, as it is about to be.
pub(crate) struct Piece {
    space: Space,
    set: Vec<u8>,
    number: u16,
    /// None where it cannot be read: whoever asks for the set is told.
    block: Option<Block>,
}

impl Shelf {
    pub fn of(most: usize) -> Self {
        Self { sets: HashMap::new(), bytes: 0, most, asked: 0 }
    }

    pub fn get(&mut self, name: &Name) -> Option<Arc<Bitmap>> {
        self.asked += 1;
        let standing = self.sets.get_mut(name.space)?.get_mut(&name.key)?;
        standing.asked = self.asked;
        Some(standing.set.clone())
    }

    /// Puts a set there, and those away for it that nobody asked for the longest.
    pub fn put(&mut self, name: &Name, set: Bitmap) -> Arc<Bitmap> {
        let (bytes, set) = (set.bytes() + name.key.len(), Arc::new(set));
        if bytes <= self.most {
            while self.bytes + bytes > self.most && self.put_one_away() {}
            self.bytes += bytes;
            self.sets.entry(name.space).or_default().insert(name.key.clone(), Standing { set: set.clone(), bytes, asked: self.asked });
        }
        set
    }

    fn put_one_away(&mut self) -> bool {
        let oldest = self.sets.iter().flat_map(|(space, sets)| sets.iter().map(move |(key, s)| (s.asked, *space, key))).min();
        let Some((_, space, key)) = oldest else { return false };
        let key = key.clone();
        self.put_away(space, &key);
        true
    }

    fn put_away(&mut self, space: Space, key: &[u8]) {
        if let Some(gone) = self.sets.get_mut(space).and_then(|sets| sets.remove(key)) {
            self.bytes -= gone.bytes;
        }
    }

    /// What a change of the store means here, if anything.
    pub fn change(&self, space: Space, key: &[u8], value: Option<&[u8]>) -> Option<Piece> {
        let sets = self.sets.get(space)?;
        let (set, number) = pieces::parts(key)?;
        sets.contains_key(set).then(|| Piece {
            space,
            set: set.to_vec(),
            number,
            block: value.map_or_else(|| Some(Block::of(Vec::new())), |bytes| pieces::block(bytes).ok()),
        })
    }

    /// Those changes have become true.
    pub fn take(&mut self, pieces: Vec<Piece>) {
        for Piece { space, set, number, block } in pieces {
            let Some(block) = block else {
                self.put_away(space, &set);
                continue;
            };
            let Some(standing) = self.sets.get_mut(space).and_then(|sets| sets.get_mut(&set)) else { continue };
            let before = standing.set.block(u32::from(number)).map_or(0, Block::bytes);
            let after = if block.is_empty() { 0 } else { block.bytes() };
            // Readers keep what they have.
            Arc::make_mut(&mut standing.set).put(number, block);
            standing.bytes = standing.bytes + after - before;
            self.bytes = self.bytes + after - before;
        }
        while self.bytes > self.most && self.put_one_away() {}
    }

    pub fn clear(&mut self) {
        self.sets.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(key: &str) -> Name {
        Name { space: "sets", key: key.into() }
    }
    fn set(numbers: impl IntoIterator<Item = u32>) -> Bitmap {
        numbers.into_iter().collect()
    }

    #[test]
    fn there_is_room_for_those_asked_for_last() {
        let bytes = set(0..100).bytes() + 1;
        let mut shelf = Shelf::of(2 * bytes);
        shelf.put(&name("a"), set(0..100));
        shelf.put(&name("b"), set(0..100));
        assert!(shelf.get(&name("a")).is_some());
        shelf.put(&name("c"), set(0..100));
        assert!(shelf.get(&name("a")).is_some() && shelf.get(&name("b")).is_none() && shelf.get(&name("c")).is_some());
        assert_eq!(shelf.bytes, 2 * bytes);
        assert_eq!(shelf.put(&name("d"), set((0..1_000_000).step_by(2))).len(), 500_000, "what is too large is handed out and does not stand here");
        assert!(shelf.get(&name("d")).is_none() && shelf.get(&name("a")).is_some());
    }
}
