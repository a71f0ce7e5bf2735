//! From scores to probabilities that mean what they say.

use serde::{Deserialize, Serialize};

use super::super::same_length;
use super::one_class;
use crate::kernel::Result;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// Isotonic from 500 people who did on, Platt below: steps need many people.
    #[default]
    Automatic,
    Isotonic,
    Platt,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "calibration")]
pub enum Calibration {
    /// 1 / (1 + exp(−(slope · score + intercept))).
    Platt { slope: f64, intercept: f64 },
    /// Rising, straight between the points, level beyond them.
    Isotonic { scores: Vec<f64>, probabilities: Vec<f64> },
}

const ENOUGH_FOR_ISOTONIC: usize = 500;

impl Calibration {
    pub fn fit(method: CalibrationMethod, scores: &[f32], target: &[bool]) -> Result<Self> {
        let hits = target.iter().filter(|t| **t).count();
        match method {
            CalibrationMethod::Isotonic => isotonic(scores, target),
            CalibrationMethod::Automatic if hits.min(target.len() - hits) >= ENOUGH_FOR_ISOTONIC => isotonic(scores, target),
            CalibrationMethod::Platt | CalibrationMethod::Automatic => platt(scores, target),
        }
    }

    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Self::Platt { slope, intercept } => sigmoid(slope * score + intercept),
            Self::Isotonic { scores, probabilities } => {
                let above = scores.partition_point(|s| *s < score);
                if above == 0 || above == scores.len() {
                    return probabilities.get(above.min(scores.len().saturating_sub(1))).copied().unwrap_or(0.5);
                }
                let (x0, x1) = (scores[above - 1], scores[above]);
                let part = (score - x0) / (x1 - x0);
                probabilities[above - 1] + part * (probabilities[above] - probabilities[above - 1])
            }
        }
    }
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn check(scores: &[f32], target: &[bool]) -> Result<(f64, f64)> {
    same_length("the target", target.len(), scores.len())?;
    let hits = target.iter().filter(|t| **t).count();
    if hits == 0 || hits == target.len() {
        return Err(one_class("calibrating"));
    }
    Ok((hits as f64, (target.len() - hits) as f64))
}

/// J. Platt 1999, with his targets away from 0 and 1, by Newton's method as H.-T. Lin, C.-J. Lin, R. Weng, Machine Learning 68 (2007), 267–276.
pub fn platt(scores: &[f32], target: &[bool]) -> Result<Calibration> {
    let (hits, misses) = check(scores, target)?;
    let (high, low) = ((hits + 1.0) / (hits + 2.0), 1.0 / (misses + 2.0));
    let wanted = |t: bool| if t { high } else { low };
    let loss = |a: f64, b: f64| -> f64 {
        let one = |(s, t): (&f32, &bool)| {
            let f = a * f64::from(*s) + b;
            // ln(1 + e^f) − t·f, without overflow.
            f.max(0.0) + (-f.abs()).exp().ln_1p() - wanted(*t) * f
        };
        scores.iter().zip(target).map(one).sum()
    };
    let (mut a, mut b) = (0.0, ((hits + 1.0) / (misses + 1.0)).ln());
    let mut now = loss(a, b);
    for _ in 0..100 {
        let (mut g, mut h) = ([0.0; 2], [1e-12, 0.0, 1e-12]);
        for (s, t) in scores.iter().zip(target) {
            let s = f64::from(*s);
            let p = sigmoid(a * s + b);
            let (d, w) = (p - wanted(*t), p * (1.0 - p));
            g = [g[0] + d * s, g[1] + d];
            h = [h[0] + w * s * s, h[1] + w * s, h[2] + w];
        }
        let det = h[0] * h[2] - h[1] * h[1];
        if g[0].abs().max(g[1].abs()) < 1e-9 * scores.len() as f64 || det.abs() < 1e-300 {
            break;
        }
        let step = [(h[2] * g[0] - h[1] * g[1]) / det, (h[0] * g[1] - h[1] * g[0]) / det];
        let mut length = 1.0;
        let mut next = loss(a - step[0], b - step[1]);
        while next > now && length > 1e-10 {
            length /= 2.0;
            next = loss(a - length * step[0], b - length * step[1]);
        }
        if next >= now {
            break;
        }
        (a, b, now) = (a - length * step[0], b - length * step[1], next);
    }
    Ok(Calibration::Platt { slope: a, intercept: b })
}

/// Pool adjacent violators (M. Ayer and others 1955): the rising steps nearest to what happened.
pub fn isotonic(scores: &[f32], target: &[bool]) -> Result<Calibration> {
    check(scores, target)?;
    let mut pairs: Vec<(f32, bool)> = scores.iter().map(|s| s + 0.0).zip(target.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Each pool: first and last score, people, those who did.
    let mut pools: Vec<(f32, f32, f64, f64)> = Vec::new();
    for same in pairs.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let mut pool = (same[0].0, same[0].0, same.len() as f64, same.iter().filter(|p| p.1).count() as f64);
        while let Some(last) = pools.last().filter(|last| last.3 * pool.2 >= pool.3 * last.2) {
            pool = (last.0, pool.1, last.2 + pool.2, last.3 + pool.3);
            pools.pop();
        }
        pools.push(pool);
    }
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (first, last, people, hits) in pools {
        x.push(f64::from(first));
        y.push(hits / people);
        if last > first {
            x.push(f64::from(last));
            y.push(hits / people);
        }
    }
    Ok(Calibration::Isotonic { scores: x, probabilities: y })
}
