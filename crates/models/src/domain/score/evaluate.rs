//! How good scores are.

use serde::{Deserialize, Serialize};

use super::super::numbers::for_each_tie;
use super::super::{require, same_length};
use super::one_class;
use crate::kernel::{Error, Result};

/// A tenth (or so) of all people, the highest scores first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiftRow {
    pub people: u64,
    pub positives: u64,
    pub rate: f64,
    /// Rate over the rate of all.
    pub lift: f64,
    /// Share of all positives in this row and those above.
    pub cumulative_capture: f64,
    pub cumulative_lift: f64,
    pub least_score: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub people: u64,
    pub predicted: f64,
    pub observed: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub people: u64,
    pub positives: u64,
    pub auc: f64,
    pub log_loss: f64,
    pub brier: f64,
    pub lift: Vec<LiftRow>,
    pub calibration: Vec<CalibrationBin>,
    /// Mean distance of predicted and observed rate over the bins, weighted by their people.
    pub calibration_error: f64,
}

fn check(scores: &[f32], target: &[bool]) -> Result<()> {
    same_length("the target", target.len(), scores.len())?;
    if let Some(row) = scores.iter().position(|s| !s.is_finite()) {
        return Err(Error::invalid("models.value_not_finite", format!("score, row {row}: {} is not a number", scores[row])).param("row", row));
    }
    let hits = target.iter().filter(|t| **t).count();
    if hits == 0 || hits == target.len() { Err(one_class("judging scores")) } else { Ok(()) }
}

/// Chance that one who did has a higher score than one who did not; a tie counts half.
pub fn auc(scores: &[f32], target: &[bool]) -> Result<f64> {
    check(scores, target)?;
    let mut pairs: Vec<(f32, bool)> = scores.iter().map(|s| s + 0.0).zip(target.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = 0.0;
    for_each_tie(&pairs, |p| p.0, |rank, run| ranks += rank * run.iter().filter(|p| p.1).count() as f64);
    let hits = target.iter().filter(|t| **t).count() as f64;
    Ok((ranks - hits * (hits + 1.0) / 2.0) / (hits * (target.len() as f64 - hits)))
}

/// Mean of −ln of what was given to what happened; probabilities are kept off 0 and 1 by f32's precision.
pub fn log_loss(probabilities: &[f32], target: &[bool]) -> Result<f64> {
    check(probabilities, target)?;
    let least = f64::from(f32::EPSILON);
    let loss = |(p, t): (&f32, &bool)| -(if *t { f64::from(*p) } else { 1.0 - f64::from(*p) }).clamp(least, 1.0 - least).ln();
    Ok(probabilities.iter().zip(target).map(loss).sum::<f64>() / target.len() as f64)
}

/// Mean squared error of probabilities (G. Brier 1950).
pub fn brier(probabilities: &[f32], target: &[bool]) -> Result<f64> {
    check(probabilities, target)?;
    let error = |(p, t): (&f32, &bool)| (f64::from(*p) - f64::from(u8::from(*t))).powi(2);
    Ok(probabilities.iter().zip(target).map(error).sum::<f64>() / target.len() as f64)
}

/// All figures, with `rows` rows of lift and of calibration.
pub fn evaluate(probabilities: &[f32], target: &[bool], rows: usize) -> Result<Evaluation> {
    check(probabilities, target)?;
    require((2..=100).contains(&rows), "rows", "between 2 and 100")?;
    let mut order: Vec<u32> = (0..target.len() as u32).collect();
    order.sort_unstable_by(|a, b| probabilities[*b as usize].total_cmp(&probabilities[*a as usize]).then(a.cmp(b)));
    let n = order.len();
    let slices = (0..rows).map(|i| &order[i * n / rows..(i + 1) * n / rows]).filter(|s| !s.is_empty());
    let all_hits = target.iter().filter(|t| **t).count() as f64;
    let base = all_hits / n as f64;
    let (mut lift, mut calibration) = (Vec::new(), Vec::new());
    let (mut seen, mut found, mut error) = (0.0, 0.0, 0.0);
    for slice in slices {
        let people = slice.len() as f64;
        let hits = slice.iter().filter(|r| target[**r as usize]).count() as f64;
        let predicted = slice.iter().map(|r| f64::from(probabilities[*r as usize])).sum::<f64>() / people;
        (seen, found) = (seen + people, found + hits);
        lift.push(LiftRow {
            people: slice.len() as u64,
            positives: hits as u64,
            rate: hits / people,
            lift: hits / people / base,
            cumulative_capture: found / all_hits,
            cumulative_lift: found / seen / base,
            least_score: slice.last().map_or(0.0, |r| f64::from(probabilities[*r as usize])),
        });
        calibration.push(CalibrationBin { people: slice.len() as u64, predicted, observed: hits / people });
        error += people * (predicted - hits / people).abs();
    }
    Ok(Evaluation {
        people: n as u64,
        positives: all_hits as u64,
        auc: auc(probabilities, target)?,
        log_loss: log_loss(probabilities, target)?,
        brier: brier(probabilities, target)?,
        lift,
        calibration,
        calibration_error: error / n as f64,
    })
}
