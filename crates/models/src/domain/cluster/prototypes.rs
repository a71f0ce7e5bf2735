//! Centres, and which of them is nearest: tiles of rows are copied together, so that the inner loop runs over neighbours in memory.

use serde::{Deserialize, Serialize};

use super::super::parallel;
use super::super::prepare::Matrix;

/// Rows of a tile: its numbers stay in the first-level cache.
pub(super) const TILE: usize = 64;
/// Rows and centres that the innermost loop holds in registers.
const LANES: usize = 8;
const CENTRES: usize = 4;

/// Means of the numbers and modes of the categories, cluster by cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prototypes {
    pub k: usize,
    pub gamma: f32,
    /// k × columns.
    pub means: Vec<f32>,
    /// k × columns.
    pub modes: Vec<u32>,
}

impl Prototypes {
    pub fn mean(&self, cluster: usize) -> &[f32] {
        let width = self.means.len() / self.k.max(1);
        &self.means[cluster * width..(cluster + 1) * width]
    }
    pub fn mode(&self, cluster: usize) -> &[u32] {
        let width = self.modes.len() / self.k.max(1);
        &self.modes[cluster * width..(cluster + 1) * width]
    }
    pub(super) fn keep(&self, order: &[usize]) -> Self {
        Self {
            k: order.len(),
            gamma: self.gamma,
            means: order.iter().flat_map(|j| self.mean(*j)).copied().collect(),
            modes: order.iter().flat_map(|j| self.mode(*j)).copied().collect(),
        }
    }
    /// Squared distance of two prototypes.
    pub(super) fn between(&self, a: usize, other: &Self, b: usize) -> f64 {
        let numbers: f64 = self.mean(a).iter().zip(other.mean(b)).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum();
        let different = self.mode(a).iter().zip(other.mode(b)).filter(|(x, y)| x != y).count();
        numbers + f64::from(self.gamma) * different as f64
    }
}

/// A matrix as the loops read it.
pub(super) struct Points<'a> {
    pub rows: usize,
    pub numbers: Vec<&'a [f32]>,
    pub codes: Vec<&'a [u32]>,
    pub widths: &'a [u32],
}

impl<'a> Points<'a> {
    pub fn of(matrix: &'a Matrix) -> Self {
        Self {
            rows: matrix.rows,
            numbers: matrix.numbers.iter().map(Vec::as_slice).collect(),
            codes: matrix.codes.iter().map(Vec::as_slice).collect(),
            widths: &matrix.widths,
        }
    }
    /// Squared distance of one row, in the order of additions in which tiles are reckoned.
    pub fn distance(&self, row: usize, to: &Prototypes, cluster: usize) -> f32 {
        let mut sum = 0.0_f32;
        for (column, c) in self.numbers.iter().zip(to.mean(cluster)) {
            let t = column[row] - c;
            sum += t * t;
        }
        for (column, c) in self.codes.iter().zip(to.mode(cluster)) {
            sum += if column[row] == *c { 0.0 } else { to.gamma };
        }
        sum
    }
    /// The same in double precision, for sums that are shown.
    pub fn exact_distance(&self, row: usize, to: &Prototypes, cluster: usize) -> f64 {
        let numbers: f64 = self.numbers.iter().zip(to.mean(cluster)).map(|(column, c)| (f64::from(column[row]) - f64::from(*c)).powi(2)).sum();
        let different = self.codes.iter().zip(to.mode(cluster)).filter(|(column, c)| column[row] != **c).count();
        numbers + f64::from(to.gamma) * different as f64
    }
}

/// The prototypes as the tiles read them: for each column all means side by side, filled up to whole groups.
pub(super) struct Centres<'a> {
    pub prototypes: &'a Prototypes,
    by_column: Vec<f32>,
    padded: usize,
}

impl<'a> Centres<'a> {
    pub fn new(prototypes: &'a Prototypes, columns: usize) -> Self {
        let padded = prototypes.k.next_multiple_of(CENTRES);
        let mut by_column = vec![0.0; padded * columns];
        for j in 0..prototypes.k {
            for (d, mean) in prototypes.mean(j).iter().enumerate() {
                by_column[d * padded + j] = *mean;
            }
        }
        Self { prototypes, by_column, padded }
    }
}

/// A tile's rows and what was found about them. One per thread; nothing is allocated while rows go through.
pub(super) struct Tile {
    numbers: Vec<f32>,
    distances: Vec<[f32; TILE]>,
    /// Squared distances to the nearest and the second nearest centre.
    pub nearest: [f32; TILE],
    pub second: [f32; TILE],
    pub label: [u32; TILE],
}

impl Tile {
    pub fn new(points: &Points, centres: &Centres) -> Self {
        Self {
            numbers: vec![0.0; points.numbers.len() * TILE],
            distances: vec![[0.0; TILE]; centres.padded],
            nearest: [0.0; TILE],
            second: [0.0; TILE],
            label: [0; TILE],
        }
    }

    /// Looks at the rows from `start` on, at most `TILE`.
    pub fn look(&mut self, points: &Points, centres: &Centres, start: usize) {
        let rows = TILE.min(points.rows - start);
        for (space, column) in self.numbers.chunks_exact_mut(TILE).zip(&points.numbers) {
            space[..rows].copy_from_slice(&column[start..start + rows]);
        }
        for first in (0..centres.padded).step_by(CENTRES) {
            for lane in (0..TILE).step_by(LANES) {
                self.numbers_part(centres, first, lane);
            }
        }
        self.codes_part(points, centres, start, rows);
        self.reduce(centres.prototypes.k);
    }

    fn numbers_part(&mut self, centres: &Centres, first: usize, lane: usize) {
        let mut sums = [[0.0_f32; LANES]; CENTRES];
        for (x, c) in self.numbers.chunks_exact(TILE).zip(centres.by_column.chunks_exact(centres.padded)) {
            let (x, c) = (&x[lane..lane + LANES], &c[first..first + CENTRES]);
            for (sum, c) in sums.iter_mut().zip(c) {
                for (sum, x) in sum.iter_mut().zip(x) {
                    let t = x - c;
                    *sum += t * t;
                }
            }
        }
        for (sum, distances) in sums.iter().zip(&mut self.distances[first..first + CENTRES]) {
            distances[lane..lane + LANES].copy_from_slice(sum);
        }
    }

    fn codes_part(&mut self, points: &Points, centres: &Centres, start: usize, rows: usize) {
        let gamma = centres.prototypes.gamma;
        for j in 0..centres.prototypes.k {
            for (column, mode) in points.codes.iter().zip(centres.prototypes.mode(j)) {
                for (distance, code) in self.distances[j].iter_mut().zip(&column[start..start + rows]) {
                    *distance += if code == mode { 0.0 } else { gamma };
                }
            }
        }
    }

    fn reduce(&mut self, k: usize) {
        self.nearest = [f32::INFINITY; TILE];
        self.second = [f32::INFINITY; TILE];
        self.label = [0; TILE];
        for (j, distances) in (0_u32..).zip(&self.distances[..k]) {
            for (i, d) in distances.iter().copied().enumerate() {
                let closer = d < self.nearest[i];
                self.second[i] = if closer { self.nearest[i] } else { self.second[i].min(d) };
                self.label[i] = if closer { j } else { self.label[i] };
                self.nearest[i] = if closer { d } else { self.nearest[i] };
            }
        }
    }
}

/// The nearest prototype of every row; of two that are equally near, the first.
pub(super) fn assign(points: &Points, prototypes: &Prototypes, threads: usize) -> Vec<u32> {
    let centres = Centres::new(prototypes, points.numbers.len());
    let mut labels = vec![0_u32; points.rows];
    let blocks: Vec<(usize, &mut [u32])> = labels.chunks_mut(parallel::BLOCK).enumerate().collect();
    parallel::map(blocks, threads, |(block, labels)| {
        let mut tile = Tile::new(points, &centres);
        for (t, labels) in labels.chunks_mut(TILE).enumerate() {
            tile.look(points, &centres, block * parallel::BLOCK + t * TILE);
            labels.copy_from_slice(&tile.label[..labels.len()]);
        }
    });
    labels
}
