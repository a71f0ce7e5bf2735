//! How many clusters: several k are tried on a sample, and what speaks for each is shown.

use serde::{Deserialize, Serialize};

use super::super::prepare::Matrix;
use super::super::random::Dice;
use super::super::require;
use super::{ClusterOptions, cluster, gamma_of, quality};
use crate::kernel::Result;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChoiceOptions {
    pub from: usize,
    pub to: usize,
    /// At most so many people are clustered for each k.
    pub sample: usize,
    /// At most so many of them are compared with each other for the silhouette.
    pub silhouette_sample: usize,
    pub runs: usize,
    pub seed: u64,
    pub threads: usize,
}

impl Default for ChoiceOptions {
    fn default() -> Self {
        Self { from: 2, to: 10, sample: 20_000, silhouette_sample: super::SILHOUETTE_ROWS, runs: 5, seed: 0, threads: 2 }
    }
}

/// One k and its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KScore {
    pub k: usize,
    pub cost: f64,
    pub quality: super::Quality,
    pub smallest_share: f64,
    /// How many of the four criteria prefer it: silhouette, Caliński–Harabasz, Davies–Bouldin, elbow of the cost.
    pub votes: u32,
}

/// What a silhouette says about there being clusters at all (L. Kaufman, P. Rousseeuw, Finding Groups in Data, 1990, table 4 of chapter 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// Above 0.70.
    Strong,
    /// Above 0.50.
    Reasonable,
    /// Above 0.25: may be artificial.
    Weak,
    None,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KChoice {
    pub scores: Vec<KScore>,
    pub elbow: Option<usize>,
    /// Most votes; among equals the best silhouette, then the smaller k.
    pub recommended: usize,
    /// Of the recommended k.
    pub structure: Structure,
    /// On how many people it was tried.
    pub people: usize,
}

/// Tries every k of the range.
pub fn choose_k(matrix: &Matrix, options: &ChoiceOptions) -> Result<KChoice> {
    require(options.from >= 2, "from", "at least two clusters")?;
    require(options.to >= options.from, "to", "not below the first k")?;
    require(options.sample > options.to, "sample", "more people than clusters")?;
    let sample = (matrix.rows > options.sample).then(|| matrix.take(&Dice::of(options.seed, 0x4b).sample(matrix.rows, options.sample)));
    let matrix = sample.as_ref().unwrap_or(matrix);
    let gamma = gamma_of(matrix);
    let mut scores = Vec::new();
    for k in options.from..=options.to {
        let tried = ClusterOptions { k, runs: options.runs, gamma: Some(gamma), seed: options.seed, threads: options.threads, ..ClusterOptions::default() };
        let found = cluster(matrix, &tried)?;
        if found.model.k() < k {
            // There are no more different people than that.
            break;
        }
        let quality = quality(matrix, &found.labels, gamma, options.silhouette_sample, options.seed, options.threads)?;
        let smallest = found.model.sizes.last().copied().unwrap_or(0);
        scores.push(KScore { k, cost: found.cost, quality, smallest_share: smallest as f64 / matrix.rows as f64, votes: 0 });
    }
    Ok(judge(scores, matrix.rows, options.from))
}

fn judge(mut scores: Vec<KScore>, people: usize, fallback: usize) -> KChoice {
    let curve: Vec<(f64, f64)> = scores.iter().map(|s| (s.k as f64, s.cost)).collect();
    let elbow = elbow(&curve).map(|at| scores[at].k);
    let favourites = [
        best(&scores, |s| s.quality.silhouette),
        best(&scores, |s| s.quality.calinski_harabasz),
        best(&scores, |s| s.quality.davies_bouldin.map(|v| -v)),
        elbow,
    ];
    for k in favourites.into_iter().flatten() {
        scores.iter_mut().filter(|s| s.k == k).for_each(|s| s.votes += 1);
    }
    let silhouette = |s: &KScore| s.quality.silhouette.unwrap_or(-1.0);
    let winner = scores.iter().max_by(|a, b| a.votes.cmp(&b.votes).then(silhouette(a).total_cmp(&silhouette(b))).then(b.k.cmp(&a.k)));
    let structure = match winner.map_or(-1.0, silhouette) {
        s if s > 0.70 => Structure::Strong,
        s if s > 0.50 => Structure::Reasonable,
        s if s > 0.25 => Structure::Weak,
        _ => Structure::None,
    };
    KChoice { recommended: winner.map_or(fallback, |s| s.k), elbow, structure, people, scores }
}

fn best(scores: &[KScore], figure: impl Fn(&KScore) -> Option<f64>) -> Option<usize> {
    let known = scores.iter().filter_map(|s| Some((s.k, figure(s)?)));
    known.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(k, _)| k)
}

/// Where a falling, flattening curve bends most: the point farthest below the line from its first to its last point
/// (kneedle: V. Satopää and others, ICDCSW 2011, without smoothing). `None` of fewer than three points, or where nothing bends.
pub fn elbow(curve: &[(f64, f64)]) -> Option<usize> {
    let (first, last) = (curve.first()?, curve.last()?);
    let (width, height) = (last.0 - first.0, first.1 - last.1);
    if curve.len() < 3 || width <= 0.0 || height <= 0.0 {
        return None;
    }
    let below = |(x, y): &(f64, f64)| (first.1 - y) / height - (x - first.0) / width;
    let deepest = curve.iter().map(below).enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (deepest.1 > 1e-9).then_some(deepest.0)
}
