//! What the blocks say is what roaring bitmaps say, and what asking number by number says.

use std::sync::Arc;

use proptest::prelude::*;
use roaring::RoaringBitmap;
use weft_bitmap::{Bitmap, Block, Set, Signed, Expression};

const PEOPLE: u32 = 200_000;

/// Few or many numbers in each of three blocks, or none.
fn set() -> impl Strategy<Value = RoaringBitmap> {
    prop::collection::vec((0u32..5, any::<u64>()), 3).prop_map(|blocks| {
        let mut set = RoaringBitmap::new();
        for (upper, (kind, seed)) in blocks.into_iter().enumerate() {
            let every = [0, 40_000, 300, 40, 2][kind as usize];
            if every == 0 {
                continue;
            }
            let mut at = seed % every;
            while at < 65_536 {
                let number = (upper as u32) << 16 | at as u32;
                if number < PEOPLE {
                    set.insert(number);
                }
                at += 1 + (seed.rotate_left((at % 64) as u32) ^ at.wrapping_mul(0x9E37_79B9_7F4A_7C15)) % (2 * every);
            }
        }
        set
    })
}

#[derive(Clone, Debug)]
enum Asked {
    Set(usize),
    Not(Box<Asked>),
    All(Vec<Asked>),
    Any(Vec<Asked>),
}

fn asked() -> impl Strategy<Value = Asked> {
    (0..5usize).prop_map(Asked::Set).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Asked::Not(Box::new(a))),
            prop::collection::vec(inner.clone(), 0..5).prop_map(Asked::All),
            prop::collection::vec(inner, 0..5).prop_map(Asked::Any),
        ]
    })
}

impl Asked {
    fn signed(&self) -> Signed {
        match self {
            Asked::Set(n) => Signed::In(Expression::Set(*n)),
            Asked::Not(of) => of.signed().negated(),
            Asked::All(of) => Signed::all(of.iter().map(Asked::signed)),
            Asked::Any(of) => Signed::any(of.iter().map(Asked::signed)),
        }
    }
    fn roaring(&self, sets: &[RoaringBitmap], everybody: &RoaringBitmap) -> RoaringBitmap {
        match self {
            Asked::Set(n) => sets[*n].clone(),
            Asked::Not(of) => everybody - of.roaring(sets, everybody),
            Asked::All(of) => of.iter().fold(everybody.clone(), |all, a| all & a.roaring(sets, everybody)),
            Asked::Any(of) => of.iter().fold(RoaringBitmap::new(), |any, a| any | a.roaring(sets, everybody)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn expressions_agree_with_roaring(roaring in prop::collection::vec(set(), 5), asked in asked()) {
        let sets: Vec<Set> = roaring.iter().map(|s| Arc::new(Bitmap::from(s))).collect();
        let everybody: RoaringBitmap = (0..PEOPLE).collect();
        let expected = asked.roaring(&roaring, &everybody);
        let signed = asked.signed();
        prop_assert_eq!(signed.count(&sets, u64::from(PEOPLE)), expected.len());
        let (expression, expected) = match &signed {
            Signed::In(e) => (e, expected),
            Signed::Out(e) => (e, &everybody - expected),
        };
        prop_assert_eq!(expression.numbers(&sets), expected.iter().collect::<Vec<_>>());
        prop_assert_eq!(expression.last(&sets, 3), expected.iter().rev().take(3).collect::<Vec<_>>());
        prop_assert_eq!(expression.last(&sets, 100_000).len() as u64, expected.len().min(100_000));
        prop_assert_eq!(&expression.bitmap(&sets), &Bitmap::from(&expected));
        for number in expected.iter().take(20).chain([0, 7, 65_536, PEOPLE, u32::MAX]) {
            prop_assert_eq!(expression.contains(&sets, number), expected.contains(number));
        }
    }

    #[test]
    fn a_set_is_the_same_set(set in set()) {
        let bitmap = Bitmap::from(&set);
        prop_assert_eq!(bitmap.len(), set.len());
        prop_assert_eq!(bitmap.is_empty(), set.is_empty());
        prop_assert_eq!(RoaringBitmap::from(&bitmap), set.clone());
        prop_assert!(bitmap.iter().rev().eq(set.iter().rev()));
        for upper in 0..4u32 {
            let piece: RoaringBitmap = set.range(upper << 16..=upper << 16 | 0xFFFF).collect();
            let mut bytes = Vec::new();
            piece.serialize_into(&mut bytes).unwrap();
            let block = Block::of_roaring(&bytes);
            prop_assert_eq!(block.as_ref().map_or(0, Block::len), piece.len() as u32);
            prop_assert_eq!(block.as_ref().filter(|b| !b.is_empty()), bitmap.block(upper));
            for member in piece.iter().take(50).flat_map(|n| [n as u16, (n as u16).wrapping_add(1)]).chain([0, u16::MAX]) {
                prop_assert_eq!(Block::is_in_roaring(&bytes, member), block.as_ref().map(|block| block.contains(member)));
            }
        }
    }
}

#[test]
fn runs_and_broken_bytes() {
    let mut all: RoaringBitmap = (65_536..131_072).collect();
    all.optimize();
    let mut bytes = Vec::new();
    all.serialize_into(&mut bytes).unwrap();
    assert_eq!(Block::of_roaring(&bytes).unwrap().len(), 65_536);
    assert!(Block::of_roaring(&bytes[..5]).is_none() && Block::of_roaring(b"").is_none());
    assert_eq!((Block::is_in_roaring(&bytes, 7), Block::is_in_roaring(&bytes[..5], 7)), (Some(true), None));
    let two: RoaringBitmap = [1, 70_000].into_iter().collect();
    bytes.clear();
    two.serialize_into(&mut bytes).unwrap();
    assert!(Block::of_roaring(&bytes).is_none(), "two blocks are no block");
}

#[test]
fn the_ends_of_the_numbers() {
    let set: Bitmap = [0, 65_535, 65_536, u32::MAX].into_iter().collect();
    assert_eq!(set.iter().collect::<Vec<_>>(), [0, 65_535, 65_536, u32::MAX]);
    assert!(set.contains(u32::MAX) && !set.contains(u32::MAX - 1) && set.len() == 4);
    let mut emptied = set.clone();
    emptied.put(u16::MAX, Block::of(Vec::new()));
    assert_eq!((emptied.len(), set.len()), (3, 4));
}
