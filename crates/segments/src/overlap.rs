//! How segments lie over each other.

use serde::Serialize;
use weft_bitmap::{Expression, Set};
use weft_http_kit::utoipa::{self, ToSchema};

/// People who are in exactly these segments, of those that were asked about.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OverlapRegion)]
pub(crate) struct Region {
    #[serde(rename = "in")]
    pub is_in: Vec<String>,
    pub count: u64,
}

/// Two segments beside each other.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OverlapPair)]
pub(crate) struct Pair {
    pub a: String,
    pub b: String,
    pub both: u64,
    pub only_a: u64,
    pub only_b: u64,
    /// Both over either, 0 … 1 (P. Jaccard 1901); 0 where both are empty.
    pub jaccard: f64,
}

/// Every region with somebody in it, the largest first. `names` and `sets` stand beside each other.
pub(crate) fn regions(names: &[String], sets: &[Set]) -> Vec<Region> {
    let mut regions: Vec<Region> = (1..1u32 << sets.len())
        .filter_map(|choice| {
            let (with, without): (Vec<usize>, Vec<usize>) = (0..sets.len()).partition(|n| choice >> n & 1 == 1);
            let named = |places: &[usize]| places.iter().map(|n| Expression::Set(*n)).collect();
            let count = Expression::All { with: named(&with), without: named(&without) }.count(sets);
            (count > 0).then(|| Region { is_in: with.iter().map(|n| names[*n].clone()).collect(), count })
        })
        .collect();
    regions.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.is_in.cmp(&b.is_in)));
    regions
}

pub(crate) fn pairs(names: &[String], sets: &[Set]) -> Vec<Pair> {
    let mut found = Vec::new();
    for a in 0..sets.len() {
        for b in a + 1..sets.len() {
            let both = Expression::All { with: vec![Expression::Set(a), Expression::Set(b)], without: vec![] }.count(sets);
            let (only_a, only_b) = (sets[a].len() - both, sets[b].len() - both);
            let either = both + only_a + only_b;
            let jaccard = if either == 0 { 0.0 } else { both as f64 / either as f64 };
            found.push(Pair { a: names[a].clone(), b: names[b].clone(), both, only_a, only_b, jaccard });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everybody_is_in_one_region(sets in prop::collection::vec(prop::collection::btree_set(0u32..40, 0..30), 2..6)) {
            let names: Vec<String> = (0..sets.len()).map(|n| n.to_string()).collect();
            let bitmaps: Vec<Set> = sets.iter().map(|s| Set::new(s.iter().copied().collect())).collect();
            let mut expected: BTreeMap<Vec<String>, u64> = BTreeMap::new();
            for person in 0..40 {
                let is_in: Vec<String> = names.iter().zip(&sets).filter(|(_, s)| s.contains(&person)).map(|(n, _)| n.clone()).collect();
                if !is_in.is_empty() {
                    *expected.entry(is_in).or_default() += 1;
                }
            }
            let found: BTreeMap<Vec<String>, u64> = regions(&names, &bitmaps).into_iter().map(|r| (r.is_in, r.count)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn pairs_tell_both_sides() {
        let sets = [Set::new([1, 2, 3].into_iter().collect()), Set::new([3, 4].into_iter().collect())];
        assert_eq!(pairs(&["a".to_owned(), "b".to_owned()], &sets), [Pair { a: "a".into(), b: "b".into(), both: 1, only_a: 2, only_b: 1, jaccard: 0.25 }]);
    }
}
