//! Two groups by a number: Welch's t where it is about round, Mann–Whitney's ranks where it is skewed; Cliff's delta says how much.

use serde::{Deserialize, Serialize};

use super::super::Interval;
use super::super::distribution::{normal_two_sided, student_two_sided};
use super::super::numbers::{Moments, for_each_tie, quantile};
use super::{CONFIDENCE, deviate};

/// Beyond this skewness (either way) means mislead, and ranks are believed.
const SKEWED: f64 = 1.0;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumericDifference {
    pub feature: String,
    pub people: u64,
    pub rest_people: u64,
    pub mean: f64,
    pub rest_mean: f64,
    pub median: f64,
    pub rest_median: f64,
    pub welch: Option<Welch>,
    pub mann_whitney: Option<MannWhitney>,
    /// Of both together: which of the two tests `p_value` is taken from.
    pub is_skewed: bool,
    pub p_value: f64,
    pub q_value: f64,
    /// Difference of means over the pooled standard deviation.
    pub cohens_d: Option<f64>,
    /// −1 … 1: how much more often a member is above somebody else than below. 0.147 is small, 0.33 medium, 0.474 large (J. Romano and others 2006).
    pub cliffs_delta: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welch {
    pub t: f64,
    pub degrees: f64,
    pub p_value: f64,
    pub difference: f64,
    /// By the normal distribution, which groups of people are large enough for.
    pub interval: Interval,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MannWhitney {
    /// Of the first group.
    pub u: f64,
    /// Normal approximation with correction for ties and continuity.
    pub p_value: f64,
    pub cliffs_delta: f64,
}

/// B. Welch, Biometrika 34 (1947), 28–35. `None` if a group has fewer than two people, or nothing varies.
pub fn welch(a: &[f32], b: &[f32]) -> Option<Welch> {
    let (a, b) = (moments(a), moments(b));
    if a.n < 2.0 || b.n < 2.0 {
        return None;
    }
    let (va, vb) = (a.sample_variance() / a.n, b.sample_variance() / b.n);
    let error = (va + vb).sqrt();
    if error <= 0.0 {
        return None;
    }
    let (difference, degrees) = (a.mean - b.mean, (va + vb).powi(2) / (va * va / (a.n - 1.0) + vb * vb / (b.n - 1.0)));
    let half = deviate(CONFIDENCE) * error;
    let t = difference / error;
    let interval = Interval { low: difference - half, high: difference + half };
    Some(Welch { t, degrees, p_value: student_two_sided(t, degrees), difference, interval })
}

fn moments(values: &[f32]) -> Moments {
    Moments::of(values.iter().map(|v| f64::from(*v)))
}

/// H. Mann, D. Whitney, Annals of Mathematical Statistics 18 (1947), 50–60. `None` if a group is empty or everybody has one value.
pub fn mann_whitney(a: &[f32], b: &[f32]) -> Option<MannWhitney> {
    let mut pairs: Vec<(f32, bool)> = a.iter().map(|v| (*v + 0.0, true)).chain(b.iter().map(|v| (*v + 0.0, false))).collect();
    pairs.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    let (mut ranks, mut ties) = (0.0, 0.0);
    for_each_tie(&pairs, |p| p.0, |rank, run| {
        ranks += rank * run.iter().filter(|p| p.1).count() as f64;
        let t = run.len() as f64;
        ties += t * t * t - t;
    });
    let (na, nb) = (a.len() as f64, b.len() as f64);
    let n = na + nb;
    if na < 1.0 || nb < 1.0 {
        return None;
    }
    let u = ranks - na * (na + 1.0) / 2.0;
    let variance = na * nb / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)));
    let away = ((u - na * nb / 2.0).abs() - 0.5).max(0.0);
    let p_value = if variance > 0.0 { normal_two_sided(away / variance.sqrt()) } else { 1.0 };
    Some(MannWhitney { u, p_value, cliffs_delta: 2.0 * u / (na * nb) - 1.0 })
}

pub(super) fn of_column(name: &str, values: &[f32], members: &[bool]) -> Option<NumericDifference> {
    let known = values.iter().zip(members).filter(|(v, _)| !v.is_nan());
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    known.for_each(|(v, member)| if *member { inside.push(*v) } else { outside.push(*v) });
    numeric_difference(name, &mut inside, &mut outside)
}

/// All figures of one number; reorders the values. `None` if a group is empty.
pub fn numeric_difference(feature: &str, inside: &mut [f32], outside: &mut [f32]) -> Option<NumericDifference> {
    let (a, b) = (moments(inside), moments(outside));
    let both = Moments::of(inside.iter().chain(outside.iter()).map(|v| f64::from(*v)));
    let (t, ranks) = (welch(inside, outside), mann_whitney(inside, outside));
    let is_skewed = both.skewness.abs() > SKEWED;
    let p_value = match (&t, &ranks) {
        (Some(t), _) if !is_skewed => t.p_value,
        (_, Some(ranks)) => ranks.p_value,
        _ => 1.0,
    };
    let pooled = ((a.variance * a.n + b.variance * b.n) / (a.n + b.n - 2.0)).sqrt();
    Some(NumericDifference {
        feature: feature.to_owned(),
        people: inside.len() as u64,
        rest_people: outside.len() as u64,
        mean: a.mean,
        rest_mean: b.mean,
        median: quantile(inside, 0.5)?,
        rest_median: quantile(outside, 0.5)?,
        welch: t,
        mann_whitney: ranks,
        is_skewed,
        p_value,
        q_value: p_value,
        cohens_d: (pooled > 0.0 && pooled.is_finite()).then(|| (a.mean - b.mean) / pooled),
        cliffs_delta: ranks.map_or(0.0, |r| r.cliffs_delta),
    })
}
