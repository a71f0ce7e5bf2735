//! Who gets what: a fixed function of the experiment and the unit.

use sha2::{Digest, Sha256};

/// Index into `weights` for this unit. `seed` names the experiment (and, if it is reshuffled, the round),
/// `unit` the person. Arms of weight 0 are never chosen; without any weight the answer is arm 0.
///
/// The first 64 bits of SHA-256 are scaled to the sum of the weights, so a bias is at most sum/2⁶⁴.
pub fn assign(seed: &str, unit: &str, weights: &[u32]) -> usize {
    let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
    let mut point = ((u128::from(fingerprint(seed, unit)) * u128::from(total)) >> 64) as u64;
    for (arm, weight) in weights.iter().enumerate() {
        let weight = u64::from(*weight);
        if point < weight {
            return arm;
        }
        point -= weight;
    }
    0
}

/// Lengths are hashed too, so that ("ab", "c") and ("a", "bc") are different people in different experiments.
fn fingerprint(seed: &str, unit: &str) -> u64 {
    let mut hash = Sha256::new();
    for part in [seed, unit] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut first = [0u8; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_ratio::sample_ratio_mismatch;
    use proptest::prelude::*;

    fn counts(seed: &str, weights: &[u32], units: u32) -> Vec<u64> {
        let mut counts = vec![0u64; weights.len()];
        for unit in 0..units {
            counts[assign(seed, &format!("per_{unit}"), weights)] += 1;
        }
        counts
    }

    #[test]
    fn arms_fill_in_proportion_to_their_weights() {
        for (seed, weights) in [
            ("exp_even", vec![1, 1]),
            ("exp_thirds", vec![1, 1, 1]),
            ("exp_holdout", vec![5, 95]),
            ("exp_uneven", vec![10, 20, 30, 40]),
            ("exp_many", vec![1; 50]),
        ] {
            let observed = counts(seed, &weights, 100_000);
            let srm = sample_ratio_mismatch(&observed, &weights).unwrap();
            assert!(srm.p_value.unwrap() > 0.001, "{seed}: {observed:?} {srm:?}");
        }
    }

    #[test]
    fn experiments_split_people_independently() {
        // Among those who got arm 1 in one experiment, the other experiment is still an even split.
        let mut table = [0u64; 4];
        for unit in 0..40_000 {
            let unit = format!("per_{unit}");
            table[assign("exp_a", &unit, &[1, 1]) * 2 + assign("exp_b", &unit, &[1, 1])] += 1;
        }
        let srm = sample_ratio_mismatch(&table, &[1, 1, 1, 1]).unwrap();
        assert!(srm.p_value.unwrap() > 0.001, "{table:?}");
    }

    #[test]
    fn the_split_never_changes_between_releases() {
        let arms: Vec<usize> = (0..12).map(|n| assign("exp_1", &format!("per_{n}"), &[50, 30, 20])).collect();
        assert_eq!(arms, PINNED);
    }
    /// Computed with another language's SHA-256 (tests/python/experiments_reference.py, `assignments`).
    const PINNED: [usize; 12] = [0, 2, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0];

    #[test]
    fn odd_weights_are_answered() {
        assert_eq!(assign("s", "u", &[]), 0);
        assert_eq!(assign("s", "u", &[0, 0]), 0);
        for unit in 0..1000 {
            assert_eq!(assign("s", &unit.to_string(), &[0, u32::MAX, 0]), 1);
        }
    }

    proptest! {
        #[test]
        fn the_arm_always_exists_and_has_weight(seed in ".*", unit in ".*", weights in proptest::collection::vec(0u32.., 1..20)) {
            let arm = assign(&seed, &unit, &weights);
            prop_assert!(arm < weights.len());
            prop_assert!(weights[arm] > 0 || weights.iter().all(|w| *w == 0));
        }
    }
}
