//! Are people still as they were? Two distributions over the same bins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::features::{Column, MISSING, Values};
use super::super::numbers::cuts;
use super::super::require;
use crate::kernel::{Error, Result};

/// What is customary to say of a population stability index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// Below 0.10.
    None,
    /// Below 0.25.
    Some,
    Strong,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// Shares of the bins before and now; the last bin is those whose value is not known.
    pub before: Vec<f64>,
    pub now: Vec<f64>,
    pub population_stability_index: f64,
    /// In bits, 0 … 1.
    pub jensen_shannon: f64,
    pub shift: Shift,
}

/// Σ (now − before) ln(now / before) over shares. A bin that is empty on one side counts as half a person there, so that the sum stays finite.
pub fn population_stability_index(before: &[u64], now: &[u64]) -> Result<f64> {
    let (before, now) = (filled(before)?, filled(now)?);
    require(before.len() == now.len(), "bins", "as many before as now")?;
    Ok(before.iter().zip(&now).filter(|(b, n)| **b + **n > 0.0).map(|(b, n)| (n - b) * (n / b).ln()).sum())
}

fn filled(counts: &[u64]) -> Result<Vec<f64>> {
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return Err(super::super::no_rows("comparing distributions"));
    }
    Ok(counts.iter().map(|n| if *n == 0 { 0.5 } else { *n as f64 } / all as f64).collect())
}

fn shares(counts: &[u64]) -> Result<Vec<f64>> {
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return Err(super::super::no_rows("comparing distributions"));
    }
    Ok(counts.iter().map(|n| *n as f64 / all as f64).collect())
}

/// Jensen–Shannon divergence in bits (J. Lin, IEEE Transactions on Information Theory 37 (1991), 145–151).
pub fn jensen_shannon(before: &[u64], now: &[u64]) -> Result<f64> {
    let (before, now) = (shares(before)?, shares(now)?);
    require(before.len() == now.len(), "bins", "as many before as now")?;
    let part = |p: f64, q: f64| if p > 0.0 { p * (2.0 * p / (p + q)).log2() } else { 0.0 };
    Ok((before.iter().zip(&now).map(|(b, n)| 0.5 * (part(*b, *n) + part(*n, *b))).sum::<f64>()).clamp(0.0, 1.0))
}

/// Counts of the same bins, before and now.
pub fn count_drift(before: &[u64], now: &[u64]) -> Result<Drift> {
    require(before.len() == now.len(), "bins", "as many before as now")?;
    // A bin in which nobody ever was says nothing.
    let used: Vec<usize> = (0..before.len()).filter(|i| before[*i] + now[*i] > 0).collect();
    let keep = |counts: &[u64]| used.iter().map(|i| counts[*i]).collect::<Vec<_>>();
    let index = population_stability_index(&keep(before), &keep(now))?;
    let shift = match index {
        i if i < 0.10 => Shift::None,
        i if i < 0.25 => Shift::Some,
        _ => Shift::Strong,
    };
    Ok(Drift { before: shares(before)?, now: shares(now)?, population_stability_index: index, jensen_shannon: jensen_shannon(before, now)?, shift })
}

/// Numbers in bins at the quantiles of `before`.
pub fn numeric_drift(before: &Column, now: &Column, bins: usize) -> Result<Drift> {
    require((2..=100).contains(&bins), "bins", "between 2 and 100")?;
    let (Values::Numbers(b), Values::Numbers(n)) = (before.values(), now.values()) else { return Err(kinds(before)) };
    let cuts = cuts(&mut b.iter().copied().filter(|v| !v.is_nan()).collect::<Vec<_>>(), bins);
    let count = |values: &[f32]| {
        let mut counts = vec![0_u64; cuts.len() + 2];
        for v in values {
            let bin = if v.is_nan() { cuts.len() + 1 } else { cuts.partition_point(|cut| cut < v) };
            counts[bin] += 1;
        }
        counts
    };
    count_drift(&count(b), &count(n))
}

/// Categories by their names, whatever their codes.
pub fn categorical_drift(before: &Column, now: &Column) -> Result<Drift> {
    let mut counts: BTreeMap<Option<&str>, [u64; 2]> = BTreeMap::new();
    for (side, column) in [before, now].into_iter().enumerate() {
        let Values::Categories { codes, dictionary } = column.values() else { return Err(kinds(column)) };
        let mut own = vec![0_u64; dictionary.len() + 1];
        codes.iter().for_each(|code| own[if *code == MISSING { dictionary.len() } else { *code as usize }] += 1);
        for (code, n) in own.into_iter().enumerate() {
            counts.entry(dictionary.get(code).map(String::as_str)).or_default()[side] += n;
        }
    }
    // Unknown is `None` and comes first in the map; it stands last in the answer.
    let unknown = counts.remove(&None).unwrap_or_default();
    let rows: Vec<[u64; 2]> = counts.into_values().chain([unknown]).collect();
    let side = |s: usize| rows.iter().map(|r| r[s]).collect::<Vec<_>>();
    count_drift(&side(0), &side(1))
}

fn kinds(column: &Column) -> Error {
    let detail = format!("column {} is of another kind than is compared here", column.name());
    Error::invalid("models.column_kind", detail).param("column", column.name())
}
