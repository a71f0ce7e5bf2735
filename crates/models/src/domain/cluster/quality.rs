//! How well clusters stand apart. Where categories come in, all three figures are reckoned in the same space as the clusters:
//! a category is a corner of a simplex whose corners are √gamma apart.

use serde::{Deserialize, Serialize};

use super::super::prepare::Matrix;
use super::super::random::Dice;
use super::super::{parallel, same_length};
use super::prototypes::Points;
use crate::kernel::Result;

/// So many people are compared with each other for a silhouette, unless told otherwise: its work grows with the square.
pub const SILHOUETTE_ROWS: usize = 3_000;

/// `None` where there are fewer than two clusters with people, or as many as people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// −1 … 1: how much nearer people are to their own cluster than to the next (P. Rousseeuw 1987), of a sample.
    pub silhouette: Option<f64>,
    /// Spread between clusters over spread within (T. Caliński, J. Harabasz 1974): more is better.
    pub calinski_harabasz: Option<f64>,
    /// How alike each cluster is to the one most like it (D. Davies, D. Bouldin 1979): less is better.
    pub davies_bouldin: Option<f64>,
}

/// All three; the silhouette of at most `sample` people.
pub fn quality(matrix: &Matrix, labels: &[u32], gamma: f32, sample: usize, seed: u64, threads: usize) -> Result<Quality> {
    same_length("labels", labels.len(), matrix.rows)?;
    let k = labels.iter().max().map_or(0, |most| *most as usize + 1);
    let spread = Spread::of(&Points::of(matrix), labels, k, f64::from(gamma));
    let used = spread.people.iter().filter(|n| **n > 0.0).count();
    if used < 2 || used >= matrix.rows {
        return Ok(Quality::default());
    }
    Ok(Quality {
        silhouette: silhouette(matrix, labels, gamma, sample, seed, threads)?,
        calinski_harabasz: spread.calinski_harabasz(matrix.rows, used),
        davies_bouldin: spread.davies_bouldin(),
    })
}

/// The mean silhouette of a sample, every person against every other; alone in a cluster counts 0.
pub fn silhouette(matrix: &Matrix, labels: &[u32], gamma: f32, sample: usize, seed: u64, threads: usize) -> Result<Option<f64>> {
    same_length("labels", labels.len(), matrix.rows)?;
    let chosen = Dice::of(seed, 0x51).sample(matrix.rows, sample);
    let rows = RowMajor::of(matrix, &chosen);
    let labels: Vec<u32> = chosen.iter().map(|row| labels[*row as usize]).collect();
    let k = labels.iter().max().map_or(0, |most| *most as usize + 1);
    let mut people = vec![0_u64; k];
    labels.iter().for_each(|label| people[*label as usize] += 1);
    if people.iter().filter(|n| **n > 0).count() < 2 {
        return Ok(None);
    }
    let slices: Vec<std::ops::Range<usize>> = (0..chosen.len()).step_by(256).map(|s| s..(s + 256).min(chosen.len())).collect();
    let sums = parallel::map(slices, threads, |slice| {
        let mut distances = vec![0.0_f64; k];
        slice.map(|row| one_silhouette(&rows, &labels, &people, gamma, row, &mut distances)).sum::<f64>()
    });
    Ok(Some(sums.into_iter().sum::<f64>() / chosen.len() as f64))
}

fn one_silhouette(rows: &RowMajor, labels: &[u32], people: &[u64], gamma: f32, row: usize, distances: &mut [f64]) -> f64 {
    distances.fill(0.0);
    for (other, label) in labels.iter().enumerate() {
        distances[*label as usize] += rows.distance(row, other, gamma);
    }
    let own = labels[row] as usize;
    if people[own] < 2 {
        return 0.0;
    }
    let within = distances[own] / (people[own] - 1) as f64;
    let others = distances.iter().zip(people).enumerate().filter(|(j, (_, n))| *j != own && **n > 0);
    let next = others.map(|(_, (d, n))| d / *n as f64).fold(f64::INFINITY, f64::min);
    let larger = within.max(next);
    if larger > 0.0 { (next - within) / larger } else { 0.0 }
}

/// A sample with each person's values side by side, for comparing everybody with everybody.
struct RowMajor {
    numbers: Vec<f32>,
    codes: Vec<u32>,
    columns: usize,
    code_columns: usize,
}

impl RowMajor {
    fn of(matrix: &Matrix, rows: &[u32]) -> Self {
        Self {
            numbers: rows.iter().flat_map(|r| matrix.numbers.iter().map(|c| c[*r as usize])).collect(),
            codes: rows.iter().flat_map(|r| matrix.codes.iter().map(|c| c[*r as usize])).collect(),
            columns: matrix.numbers.len(),
            code_columns: matrix.codes.len(),
        }
    }
    fn distance(&self, a: usize, b: usize, gamma: f32) -> f64 {
        let (n, m) = (self.columns, self.code_columns);
        let pairs = self.numbers[a * n..(a + 1) * n].iter().zip(&self.numbers[b * n..(b + 1) * n]);
        let numbers: f64 = pairs.map(|(x, y)| f64::from(x - y).powi(2)).sum();
        let different = self.codes[a * m..(a + 1) * m].iter().zip(&self.codes[b * m..(b + 1) * m]).filter(|(x, y)| x != y).count();
        (numbers + f64::from(gamma) * different as f64).sqrt()
    }
}

/// Centres of clusters in the space of the codes' shares, and how far people are from them.
struct Spread {
    people: Vec<f64>,
    /// Numbers, then the share of every code times √(gamma/2); cluster by cluster.
    centres: Vec<Vec<f64>>,
    /// Sums over the people of a cluster.
    squares: Vec<f64>,
    distances: Vec<f64>,
    between: f64,
}

impl Spread {
    fn of(points: &Points, labels: &[u32], k: usize, gamma: f64) -> Self {
        let step = (gamma / 2.0).sqrt();
        let mut starts = vec![points.numbers.len()];
        points.widths.iter().for_each(|w| starts.push(starts[starts.len() - 1] + *w as usize));
        let size = starts[starts.len() - 1];
        let mut people = vec![0.0; k];
        let mut centres = vec![vec![0.0; size]; k];
        labels.iter().for_each(|label| people[*label as usize] += 1.0);
        for (d, column) in points.numbers.iter().enumerate() {
            column.iter().zip(labels).for_each(|(v, label)| centres[*label as usize][d] += f64::from(*v));
        }
        for (start, column) in starts.iter().zip(&points.codes) {
            column.iter().zip(labels).for_each(|(code, label)| centres[*label as usize][start + *code as usize] += step);
        }
        let rows: f64 = people.iter().sum();
        let overall: Vec<f64> = (0..size).map(|d| centres.iter().map(|c| c[d]).sum::<f64>() / rows).collect();
        centres.iter_mut().zip(&people).filter(|(_, n)| **n > 0.0).for_each(|(c, n)| c.iter_mut().for_each(|v| *v /= n));
        let squared = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        let between = centres.iter().zip(&people).map(|(c, n)| if *n > 0.0 { n * squared(c, &overall) } else { 0.0 }).sum();
        let (mut squares, mut distances) = (vec![0.0; k], vec![0.0; k]);
        // |corner − shares|² = |shares|² − 2·share·step + step²: no loop over all codes for each person.
        let own_squares: Vec<f64> = centres.iter().map(|c| c[points.numbers.len()..].iter().map(|v| v * v).sum()).collect();
        for (row, label) in labels.iter().enumerate() {
            let (j, centre) = (*label as usize, &centres[*label as usize]);
            let mut d2: f64 = points.numbers.iter().zip(centre).map(|(column, c)| (f64::from(column[row]) - c).powi(2)).sum();
            if !points.codes.is_empty() {
                let hits: f64 = starts.iter().zip(&points.codes).map(|(start, column)| centre[start + column[row] as usize]).sum();
                d2 += (own_squares[j] - 2.0 * step * hits + step * step * points.codes.len() as f64).max(0.0);
            }
            squares[j] += d2;
            distances[j] += d2.sqrt();
        }
        Self { people, centres, squares, distances, between }
    }

    fn calinski_harabasz(&self, rows: usize, used: usize) -> Option<f64> {
        let within: f64 = self.squares.iter().sum();
        (within > 0.0).then(|| self.between / within * (rows - used) as f64 / (used - 1) as f64)
    }

    fn davies_bouldin(&self) -> Option<f64> {
        let used: Vec<usize> = (0..self.people.len()).filter(|j| self.people[*j] > 0.0).collect();
        let mean = |j: usize| self.distances[j] / self.people[j];
        let apart = |a: usize, b: usize| self.centres[a].iter().zip(&self.centres[b]).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
        let mut sum = 0.0;
        for a in &used {
            let others = used.iter().filter(|b| *b != a && apart(*a, **b) > 0.0);
            sum += others.map(|b| (mean(*a) + mean(*b)) / apart(*a, *b)).fold(0.0, f64::max);
        }
        Some(sum / used.len() as f64)
    }
}
