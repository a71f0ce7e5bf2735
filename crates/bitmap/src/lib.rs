#![doc = include_str!("../README.md")]

mod block;
mod expression;
mod words;

use std::sync::Arc;

use roaring::RoaringBitmap;

pub use block::Block;
pub use expression::{Expression, Set, Signed};

/// Numbers in a block.
pub const BLOCK: u32 = 1 << 16;

/// A set of numbers, in blocks of 65,536. A copy shares the blocks, so it costs a pointer a block.
#[derive(Clone, Debug, Default)]
pub struct Bitmap {
    /// By the upper half of the numbers.
    blocks: Vec<Option<Arc<Block>>>,
}

impl Bitmap {
    pub fn is_empty(&self) -> bool {
        self.blocks.iter().all(Option::is_none)
    }
    pub fn len(&self) -> u64 {
        self.blocks.iter().flatten().map(|block| u64::from(block.len())).sum()
    }
    pub fn contains(&self, number: u32) -> bool {
        self.block(number >> 16).is_some_and(|block| block.contains(number as u16))
    }
    pub fn block(&self, upper: u32) -> Option<&Block> {
        self.blocks.get(upper as usize)?.as_deref()
    }
    /// Puts a block in the place of the one that is there; an empty one takes it away.
    pub fn put(&mut self, upper: u16, block: Block) {
        let place = usize::from(upper);
        if block.is_empty() {
            if let Some(there) = self.blocks.get_mut(place) {
                *there = None;
            }
            return;
        }
        if self.blocks.len() <= place {
            self.blocks.resize(place + 1, None);
        }
        self.blocks[place] = Some(Arc::new(block));
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.blocks.iter().enumerate().flat_map(|(upper, block)| {
            let lower = block.as_deref().map(Block::members).unwrap_or_default();
            lower.into_iter().map(move |lower| (upper as u32) << 16 | u32::from(lower))
        })
    }
    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<Option<Arc<Block>>>() + self.blocks.iter().flatten().map(|block| block.bytes()).sum::<usize>()
    }
    fn uppers(&self) -> u32 {
        self.blocks.len() as u32
    }
}

impl PartialEq for Bitmap {
    fn eq(&self, other: &Self) -> bool {
        (0..self.uppers().max(other.uppers())).all(|upper| self.block(upper) == other.block(upper))
    }
}

impl From<&RoaringBitmap> for Bitmap {
    fn from(set: &RoaringBitmap) -> Self {
        let mut bitmap = Bitmap::default();
        let mut from = set.min();
        while let Some(number) = from {
            let last = number | (BLOCK - 1);
            bitmap.put((number >> 16) as u16, Block::of(set.range(number..=last).map(|n| n as u16).collect()));
            from = last.checked_add(1).and_then(|next| set.range(next..).next());
        }
        bitmap
    }
}

impl From<&Bitmap> for RoaringBitmap {
    fn from(set: &Bitmap) -> Self {
        // The numbers come in order, so this cannot fail; an empty set would be noticed by every caller.
        RoaringBitmap::from_sorted_iter(set.iter()).unwrap_or_default()
    }
}

impl FromIterator<u32> for Bitmap {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        (&numbers.into_iter().collect::<RoaringBitmap>()).into()
    }
}
