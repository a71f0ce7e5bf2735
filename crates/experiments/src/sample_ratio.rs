//! Is the split itself sound? If not, nothing else about the experiment may be read.

use serde::{Deserialize, Serialize};

use crate::distribution::chi_square_tail;
use crate::kernel::{Error, Result};

/// Below this p the split is broken: strict, because the question is asked at every look.
pub const MISMATCH_BELOW: f64 = 0.001;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// How many each arm should hold.
    pub expected: Vec<f64>,
    /// `None` when there is nothing to test: nobody, or a single arm with weight.
    pub chi_square: Option<f64>,
    pub df: u32,
    pub p_value: Option<f64>,
    pub is_mismatch: bool,
}

/// Pearson's chi-square of the arms' sizes against their weights.
/// Somebody found in an arm of weight 0 is a mismatch by itself (p = 0, no statistic).
pub fn sample_ratio_mismatch(observed: &[u64], weights: &[u32]) -> Result<SampleRatio> {
    if observed.len() != weights.len() {
        return Err(Error::invalid("experiments.arms_differ", format!("{} counts for {} weights", observed.len(), weights.len())));
    }
    let total: f64 = observed.iter().map(|n| *n as f64).sum();
    let weight: f64 = weights.iter().map(|w| f64::from(*w)).sum();
    let expected: Vec<f64> = weights.iter().map(|w| if weight > 0.0 { total * (f64::from(*w) / weight) } else { 0.0 }).collect();
    let df = (weights.iter().filter(|w| **w > 0).count() as u32).saturating_sub(1);
    if observed.iter().zip(weights).any(|(n, w)| *n > 0 && *w == 0) {
        return Ok(SampleRatio { expected, chi_square: None, df, p_value: Some(0.0), is_mismatch: true });
    }
    if total == 0.0 || df == 0 {
        return Ok(SampleRatio { expected, chi_square: None, df, p_value: None, is_mismatch: false });
    }
    let chi_square = observed
        .iter()
        .zip(&expected)
        .filter(|(_, e)| **e > 0.0)
        .map(|(n, e)| {
            let apart = *n as f64 - e;
            apart * apart / e
        })
        .sum();
    let p = chi_square_tail(chi_square, f64::from(df));
    Ok(SampleRatio { expected, chi_square: Some(chi_square), df, p_value: Some(p), is_mismatch: p < MISMATCH_BELOW })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_cats_is_a_broken_split_only_at_a_loose_level() {
        // Mobile game experiment, 44 700 against 45 489 players: p = 0.0086, below 0.05 and above our 0.001.
        let out = sample_ratio_mismatch(&[44_700, 45_489], &[1, 1]).unwrap();
        assert!((out.p_value.unwrap() - 0.0086).abs() < 5e-5);
        assert!(!out.is_mismatch);
        assert!(sample_ratio_mismatch(&[44_000, 45_489], &[1, 1]).unwrap().is_mismatch);
    }

    #[test]
    fn empty_and_odd_splits_are_defined() {
        let empty = sample_ratio_mismatch(&[0, 0], &[1, 1]).unwrap();
        assert_eq!((empty.p_value, empty.is_mismatch), (None, false));
        let single = sample_ratio_mismatch(&[7], &[1]).unwrap();
        assert_eq!((single.p_value, single.df), (None, 0));
        let stray = sample_ratio_mismatch(&[5, 5, 1], &[1, 1, 0]).unwrap();
        assert_eq!((stray.p_value, stray.chi_square, stray.is_mismatch), (Some(0.0), None, true));
        assert_eq!(sample_ratio_mismatch(&[1], &[1, 1]).unwrap_err().code, "experiments.arms_differ");
        let huge = sample_ratio_mismatch(&[u64::MAX, u64::MAX], &[u32::MAX, u32::MAX]).unwrap();
        assert_eq!(huge.p_value, Some(1.0));
    }
}
