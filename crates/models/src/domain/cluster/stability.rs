//! Would it come out again? With other people of the same kind, and from another seed.

use serde::{Deserialize, Serialize};

use super::super::prepare::Matrix;
use super::super::random::Dice;
use super::super::{parallel, require, same_length};
use super::{ClusterOptions, cluster};
use crate::kernel::Result;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StabilityOptions {
    pub bootstraps: usize,
    pub reseedings: usize,
    /// At most so many people.
    pub sample: usize,
}

impl Default for StabilityOptions {
    fn default() -> Self {
        Self { bootstraps: 50, reseedings: 10, sample: 5_000 }
    }
}

/// For each cluster the mean Jaccard coefficient with the most similar cluster of resampled people (C. Hennig, CSDA 52 (2007), 258–271):
/// above 0.85 it is stable, above 0.75 valid, below 0.6 it should not be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// In the order of the model's clusters, as found again on the sample.
    pub jaccard: Vec<f64>,
    /// Mean adjusted Rand index between runs from different seeds: 1 is the same, 0 is chance.
    pub adjusted_rand: f64,
    pub people: usize,
}

/// Clusters the same people again and again, resampled and reseeded.
pub fn stability(matrix: &Matrix, options: &ClusterOptions, how: &StabilityOptions) -> Result<Stability> {
    require(how.bootstraps >= 1, "bootstraps", "at least one")?;
    require(how.reseedings >= 2, "reseedings", "at least two, to be compared")?;
    require(how.sample >= options.k, "sample", "at least k people")?;
    let sample = (matrix.rows > how.sample).then(|| matrix.take(&Dice::of(options.seed, 0x57).sample(matrix.rows, how.sample)));
    let matrix = sample.as_ref().unwrap_or(matrix);
    let one = ClusterOptions { threads: 1, ..options.clone() };
    let original = cluster(matrix, &one)?;
    let again = parallel::map((0..how.bootstraps as u64).collect(), options.threads, |b| {
        bootstrap(matrix, &original.labels, original.model.k(), &ClusterOptions { seed: options.seed ^ (b + 1), runs: one.runs.min(3), ..one.clone() })
    });
    let mut jaccard = vec![(0.0, 0.0); original.model.k()];
    for found in again {
        for (sum, j) in jaccard.iter_mut().zip(found?) {
            // A small cluster may not have been drawn at all.
            if let Some(j) = j {
                *sum = (sum.0 + j, sum.1 + 1.0);
            }
        }
    }
    let reseeded = parallel::map((0..how.reseedings as u64).collect(), options.threads, |r| {
        cluster(matrix, &ClusterOptions { seed: options.seed.wrapping_add(r + 1), runs: 1, ..one.clone() }).map(|found| found.labels)
    });
    let reseeded = reseeded.into_iter().collect::<Result<Vec<_>>>()?;
    let pairs = (0..reseeded.len()).flat_map(|a| (a + 1..reseeded.len()).map(move |b| (a, b)));
    let indices = pairs.map(|(a, b)| adjusted_rand_index(&reseeded[a], &reseeded[b])).collect::<Result<Vec<_>>>()?;
    Ok(Stability {
        jaccard: jaccard.into_iter().map(|(sum, n)| if n > 0.0 { sum / n } else { 0.0 }).collect(),
        adjusted_rand: indices.iter().sum::<f64>() / indices.len() as f64,
        people: matrix.rows,
    })
}

/// For each original cluster its best Jaccard coefficient among clusters of resampled people, reckoned on those who were drawn, each once.
fn bootstrap(matrix: &Matrix, labels: &[u32], k: usize, options: &ClusterOptions) -> Result<Vec<Option<f64>>> {
    let mut dice = Dice::of(options.seed, 0xb007);
    let mut drawn: Vec<u32> = (0..matrix.rows).map(|_| dice.below(matrix.rows) as u32).collect();
    drawn.sort_unstable();
    let found = cluster(&matrix.take(&drawn), options)?;
    let mut pairs: Vec<(u32, u32)> = drawn.iter().copied().zip(found.labels).collect();
    pairs.dedup_by_key(|(row, _)| *row);
    let both = Contingency::of(pairs.iter().map(|(row, label)| (labels[*row as usize], *label)), k, found.model.k());
    Ok((0..k).map(|original| both.best_jaccard(original)).collect())
}

/// How often each pair of labels occurs together.
struct Contingency {
    counts: Vec<Vec<u64>>,
    rows: Vec<u64>,
    columns: Vec<u64>,
}

impl Contingency {
    fn of(pairs: impl Iterator<Item = (u32, u32)>, rows: usize, columns: usize) -> Self {
        let mut out = Self { counts: vec![vec![0; columns]; rows], rows: vec![0; rows], columns: vec![0; columns] };
        for (a, b) in pairs {
            out.counts[a as usize][b as usize] += 1;
            out.rows[a as usize] += 1;
            out.columns[b as usize] += 1;
        }
        out
    }
    fn best_jaccard(&self, row: usize) -> Option<f64> {
        (self.rows[row] > 0).then(|| {
            let both = self.counts[row].iter().zip(&self.columns);
            both.map(|(both, column)| *both as f64 / (self.rows[row] + column - both) as f64).fold(0.0, f64::max)
        })
    }
}

/// How much two ways to cluster the same people agree, beyond chance (L. Hubert, P. Arabie, Journal of Classification 2 (1985), 193–218).
pub fn adjusted_rand_index(a: &[u32], b: &[u32]) -> Result<f64> {
    same_length("the second labelling", b.len(), a.len())?;
    let size = |labels: &[u32]| labels.iter().max().map_or(0, |most| *most as usize + 1);
    let both = Contingency::of(a.iter().copied().zip(b.iter().copied()), size(a), size(b));
    let pairs = |n: u64| n as f64 * (n as f64 - 1.0) / 2.0;
    let together: f64 = both.counts.iter().flatten().map(|n| pairs(*n)).sum();
    let (in_a, in_b): (f64, f64) = (both.rows.iter().map(|n| pairs(*n)).sum(), both.columns.iter().map(|n| pairs(*n)).sum());
    let all = pairs(a.len() as u64);
    if all <= 0.0 {
        return Ok(1.0);
    }
    let (expected, most) = (in_a * in_b / all, (in_a + in_b) / 2.0);
    // Both put everybody together, or everybody alone: they agree, and there was nothing to agree by chance.
    Ok(if (most - expected).abs() < 1e-12 * all { 1.0 } else { (together - expected) / (most - expected) })
}
