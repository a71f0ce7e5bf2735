//! Up to 65,536 numbers: as a list where they are few, as bits where they are many.

use roaring::RoaringBitmap;

use crate::words::{self, WORDS, Words};

/// A list of more members than that costs more to go through than all the bits, though they take more memory from there to 4,096 members.
const MOST_LISTED: usize = 1024;

#[derive(Clone, Debug)]
pub struct Block {
    pub(crate) kind: Kind,
    len: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// In order.
    List(Box<[u16]>),
    Bits(Box<Words>),
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.members() == other.members()
    }
}

/// The one container of a roaring bitmap, without runs, which is what is nearly always there.
enum Container<'a> {
    /// Two bytes each, in order.
    Array(&'a [u8]),
    Bits(&'a [u8]),
}

fn container(bytes: &[u8]) -> Option<Container<'_>> {
    const WITHOUT_RUNS: u32 = 12346;
    const MOST_IN_ARRAY: usize = 4096;
    let number = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    if number(0)? != WITHOUT_RUNS || number(4)? != 1 {
        return None;
    }
    let len = (number(8)? >> 16) as usize + 1;
    let body = bytes.get(16..)?;
    match len <= MOST_IN_ARRAY {
        true => body.get(..len * 2).map(Container::Array),
        false => body.get(..WORDS * 8).map(Container::Bits),
    }
}

impl Block {
    /// From numbers in ascending order.
    pub fn of(members: Vec<u16>) -> Self {
        let len = members.len() as u32;
        if members.len() <= MOST_LISTED {
            return Self { kind: Kind::List(members.into()), len };
        }
        let mut bits = words::empty();
        members.into_iter().for_each(|m| words::insert(&mut bits, m));
        Self { kind: Kind::Bits(bits), len }
    }

    /// Read from the portable format of roaring bitmaps, of a set whose numbers share their upper half
    /// (RoaringFormatSpec, github.com/RoaringBitmap). Nothing where that is not what the bytes say.
    pub fn of_roaring(bytes: &[u8]) -> Option<Self> {
        Self::of_one_container(bytes).or_else(|| {
            let set = RoaringBitmap::deserialize_from(bytes).ok()?;
            let is_one_block = set.min().map(|n| n >> 16) == set.max().map(|n| n >> 16);
            is_one_block.then(|| Self::of(set.iter().map(|n| n as u16).collect()))
        })
    }

    /// Is it in what `of_roaring` would read? Nothing where that cannot be read.
    pub fn is_in_roaring(bytes: &[u8], member: u16) -> Option<bool> {
        let in_one_container = || match container(bytes)? {
            Container::Array(body) => {
                let at = |i: usize| u16::from_le_bytes([body[2 * i], body[2 * i + 1]]);
                let (mut from, mut to) = (0, body.len() / 2);
                while from < to {
                    let middle = (from + to) / 2;
                    if at(middle) < member { from = middle + 1 } else { to = middle }
                }
                Some(from < body.len() / 2 && at(from) == member)
            }
            Container::Bits(body) => Some(body[usize::from(member) / 8] & (1 << (member % 8)) != 0),
        };
        in_one_container().or_else(|| Some(Self::of_roaring(bytes)?.contains(member)))
    }

    fn of_one_container(bytes: &[u8]) -> Option<Self> {
        match container(bytes)? {
            Container::Array(body) => {
                let members: Vec<u16> = body.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
                members.is_sorted().then(|| Self::of(members))
            }
            Container::Bits(body) => {
                let mut bits = words::empty();
                for (word, bytes) in bits.iter_mut().zip(body.chunks_exact(8)) {
                    *word = u64::from_le_bytes(bytes.try_into().ok()?);
                }
                Some(Self { len: words::count(&bits), kind: Kind::Bits(bits) })
            }
        }
    }

    pub(crate) fn of_bits(bits: &Words) -> Self {
        let len = words::count(bits);
        if len as usize > MOST_LISTED {
            return Self { kind: Kind::Bits(Box::new(*bits)), len };
        }
        Self { kind: Kind::List(words::members(bits).into()), len }
    }

    pub fn len(&self) -> u32 {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    pub fn contains(&self, member: u16) -> bool {
        match &self.kind {
            Kind::List(members) => members.binary_search(&member).is_ok(),
            Kind::Bits(bits) => words::contains(bits, member),
        }
    }
    pub fn members(&self) -> Vec<u16> {
        match &self.kind {
            Kind::List(members) => members.to_vec(),
            Kind::Bits(bits) => words::members(bits),
        }
    }
    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.kind {
                Kind::List(members) => members.len() * 2,
                Kind::Bits(_) => WORDS * 8,
            }
    }
}
