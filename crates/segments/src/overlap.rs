//! How segments lie over each other.

use roaring::RoaringBitmap;
use serde::Serialize;
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

/// Every region with somebody in it, the largest first. Each set is cut in two by the next, so nobody is looked at twice.
pub(crate) fn regions(sets: &[(String, RoaringBitmap)]) -> Vec<Region> {
    let mut cut: Vec<(Vec<String>, RoaringBitmap)> = Vec::new();
    let mut seen = RoaringBitmap::new();
    for (id, set) in sets {
        let mut next = Vec::with_capacity(cut.len() * 2 + 1);
        for (names, region) in cut {
            let inside = &region & set;
            let outside = region - set;
            let mut with = names.clone();
            with.push(id.clone());
            next.extend([(names, outside), (with, inside)].into_iter().filter(|(_, r)| !r.is_empty()));
        }
        let alone = set - &seen;
        if !alone.is_empty() {
            next.push((vec![id.clone()], alone));
        }
        seen |= set;
        cut = next;
    }
    let mut regions: Vec<Region> = cut.into_iter().map(|(is_in, set)| Region { is_in, count: set.len() }).collect();
    regions.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.is_in.cmp(&b.is_in)));
    regions
}

pub(crate) fn pairs(sets: &[(String, RoaringBitmap)]) -> Vec<Pair> {
    let mut found = Vec::new();
    for (n, (a, set_a)) in sets.iter().enumerate() {
        for (b, set_b) in &sets[n + 1..] {
            let both = set_a.intersection_len(set_b);
            let either = set_a.len() + set_b.len() - both;
            let jaccard = if either == 0 { 0.0 } else { both as f64 / either as f64 };
            found.push(Pair { a: a.clone(), b: b.clone(), both, only_a: set_a.len() - both, only_b: set_b.len() - both, jaccard });
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
            let named: Vec<(String, RoaringBitmap)> = sets.iter().enumerate().map(|(n, s)| (n.to_string(), s.iter().copied().collect())).collect();
            let mut expected: BTreeMap<Vec<String>, u64> = BTreeMap::new();
            for person in 0..40 {
                let is_in: Vec<String> = named.iter().filter(|(_, s)| s.contains(person)).map(|(n, _)| n.clone()).collect();
                if !is_in.is_empty() {
                    *expected.entry(is_in).or_default() += 1;
                }
            }
            let found: BTreeMap<Vec<String>, u64> = regions(&named).into_iter().map(|r| (r.is_in, r.count)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn pairs_tell_both_sides() {
        let sets = [("a".to_owned(), RoaringBitmap::from_iter([1, 2, 3])), ("b".to_owned(), RoaringBitmap::from_iter([3, 4]))];
        assert_eq!(pairs(&sets), [Pair { a: "a".into(), b: "b".into(), both: 1, only_a: 2, only_b: 1, jaccard: 0.25 }]);
    }
}
