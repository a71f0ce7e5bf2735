//! The way down: assign, move the centres, again; G. Hamerly's bounds (SDM 2010) spare most distances once the centres have settled.
//! A category that differs is a step of √gamma in a Euclidean space, so the triangle inequality and with it the bounds hold for mixed columns too.

use super::super::numbers::Moments;
use super::super::parallel;
use super::super::random::Dice;
use super::prototypes::{Centres, Points, Prototypes, TILE, Tile};

/// Rows are cut into so many runs whatever the number of threads, and sums are added in their order.
const SHARDS: usize = 16;
/// Below this number of rows a second thread costs more than it brings.
const WORTH_A_THREAD: usize = 20_000;
/// Bounds are kept in single precision; so much is given away to be sure of them.
const SLACK: f32 = 1e-5;
/// A whole tile costs about as much as so many rows by themselves.
const ONE_BY_ONE: usize = 4;
const NOBODY: u32 = u32::MAX;

pub(super) struct Descent {
    pub prototypes: Prototypes,
    pub labels: Vec<u32>,
    pub sizes: Vec<u64>,
    pub cost: f64,
    pub iterations: usize,
    pub has_converged: bool,
}

/// Mean over the columns of their variance; a column of codes counts as the chance that two people differ.
pub(super) fn mean_variance(points: &Points) -> f64 {
    let columns = points.numbers.len() + points.codes.len();
    let numbers: f64 = points.numbers.iter().map(|column| Moments::of(column.iter().map(|v| f64::from(*v))).variance).sum();
    (numbers + points.codes.len() as f64 * 0.5) / columns.max(1) as f64
}

/// k-means++: each next centre is a row drawn by its squared distance to the nearest one, the best of 2 + ln k draws.
/// Fewer than k come out if there are fewer different rows.
pub(super) fn begin(points: &Points, k: usize, gamma: f32, dice: &mut Dice) -> Prototypes {
    let mut chosen = Prototypes { k: 0, gamma, means: Vec::new(), modes: Vec::new() };
    let trials = 2 + (k as f64).ln() as usize;
    let first = dice.below(points.rows);
    let mut nearest = vec![0.0_f32; points.rows];
    distances_to(points, first, gamma, &mut nearest);
    add(points, first, &mut chosen);
    let (mut candidate, mut best) = (vec![0.0_f32; points.rows], vec![0.0_f32; points.rows]);
    while chosen.k < k {
        let total = sum(&nearest);
        if total <= 0.0 {
            break;
        }
        let mut best_row = None;
        let mut least = f64::INFINITY;
        for _ in 0..trials {
            let row = drawn(&nearest, dice.unit() * total);
            distances_to(points, row, gamma, &mut candidate);
            candidate.iter_mut().zip(&nearest).for_each(|(c, n)| *c = c.min(*n));
            let potential = sum(&candidate);
            if potential < least {
                (least, best_row) = (potential, Some(row));
                std::mem::swap(&mut best, &mut candidate);
            }
        }
        let Some(row) = best_row else { break };
        add(points, row, &mut chosen);
        std::mem::swap(&mut nearest, &mut best);
    }
    chosen
}

fn add(points: &Points, row: usize, to: &mut Prototypes) {
    to.k += 1;
    to.means.extend(points.numbers.iter().map(|column| column[row]));
    to.modes.extend(points.codes.iter().map(|column| column[row]));
}

fn distances_to(points: &Points, row: usize, gamma: f32, out: &mut [f32]) {
    out.fill(0.0);
    for column in &points.numbers {
        let c = column[row];
        out.iter_mut().zip(*column).for_each(|(out, x)| *out += (x - c) * (x - c));
    }
    for column in &points.codes {
        let c = column[row];
        out.iter_mut().zip(*column).for_each(|(out, x)| *out += if *x == c { 0.0 } else { gamma });
    }
}

fn sum(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(*v)).sum()
}

/// The row at which the running sum passes `at`.
fn drawn(weights: &[f32], at: f64) -> usize {
    let mut running = 0.0;
    for (row, weight) in weights.iter().enumerate() {
        running += f64::from(*weight);
        if running > at {
            return row;
        }
    }
    weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
}

/// What the next centres are made of. Numbers of people are signed, because shards report changes.
#[derive(Clone)]
struct Sums {
    people: Vec<i64>,
    numbers: Vec<f64>,
    codes: Vec<i64>,
}

/// Where each column of codes begins in a cluster's counts; the last entry is their number.
fn offsets(points: &Points) -> Vec<usize> {
    let mut at = vec![0];
    let mut sum = 0;
    for width in points.widths {
        sum += *width as usize;
        at.push(sum);
    }
    at
}

impl Sums {
    fn new(k: usize, columns: usize, codes: usize) -> Self {
        Self { people: vec![0; k], numbers: vec![0.0; k * columns], codes: vec![0; k * codes] }
    }
    fn clear(&mut self) {
        self.people.fill(0);
        self.numbers.fill(0.0);
        self.codes.fill(0);
    }
    fn count(&mut self, points: &Points, offsets: &[usize], row: usize, cluster: u32, sign: i64) {
        let j = cluster as usize;
        self.people[j] += sign;
        let columns = points.numbers.len();
        for (sum, column) in self.numbers[j * columns..(j + 1) * columns].iter_mut().zip(&points.numbers) {
            *sum += sign as f64 * f64::from(column[row]);
        }
        let width = offsets[points.codes.len()];
        for (column, offset) in points.codes.iter().zip(offsets) {
            self.codes[j * width + offset + column[row] as usize] += sign;
        }
    }
    fn merge(&mut self, other: &Self) {
        self.people.iter_mut().zip(&other.people).for_each(|(a, b)| *a += b);
        self.numbers.iter_mut().zip(&other.numbers).for_each(|(a, b)| *a += b);
        self.codes.iter_mut().zip(&other.codes).for_each(|(a, b)| *a += b);
    }
    /// A cluster with nobody keeps its centre.
    fn centres(&self, before: &Prototypes, offsets: &[usize]) -> Prototypes {
        let mut next = before.clone();
        let (columns, modes) = (before.mean(0).len(), before.mode(0).len());
        let width = offsets[modes];
        for j in (0..before.k).filter(|j| self.people[*j] > 0) {
            let n = self.people[j] as f64;
            for (mean, sum) in next.means[j * columns..(j + 1) * columns].iter_mut().zip(&self.numbers[j * columns..(j + 1) * columns]) {
                *mean = (sum / n) as f32;
            }
            for (m, mode) in next.modes[j * modes..(j + 1) * modes].iter_mut().enumerate() {
                let counts = &self.codes[j * width + offsets[m]..j * width + offsets[m + 1]];
                let most = counts.iter().enumerate().max_by_key(|(code, n)| (**n, std::cmp::Reverse(*code)));
                *mode = most.map_or(*mode, |(code, _)| code as u32);
            }
        }
        next
    }
}

/// A run of rows with its bounds, and what changed in it.
struct Shard<'a> {
    start: usize,
    labels: &'a mut [u32],
    /// At least the distance to the own centre.
    upper: &'a mut [f32],
    /// At most the distance to any other centre.
    lower: &'a mut [f32],
    changes: Sums,
}

/// What moved since the bounds were made.
struct Moved {
    by: Vec<f32>,
    largest: f32,
    second: f32,
    largest_is: u32,
    /// Half the distance from each centre to its nearest neighbour: who is nearer than that is settled.
    half_gap: Vec<f32>,
    /// Sum of the squares.
    total: f64,
}

fn moved(before: &Prototypes, now: &Prototypes) -> Moved {
    let squares: Vec<f64> = (0..now.k).map(|j| now.between(j, before, j)).collect();
    let by: Vec<f32> = squares.iter().map(|s| s.sqrt() as f32 * (1.0 + SLACK)).collect();
    let mut order: Vec<usize> = (0..now.k).collect();
    order.sort_by(|a, b| by[*b].total_cmp(&by[*a]));
    let nearest = |j: usize| (0..now.k).filter(|i| *i != j).map(|i| now.between(j, now, i)).fold(f64::INFINITY, f64::min);
    let half_gap = (0..now.k).map(|j| (nearest(j).sqrt() * 0.5) as f32 * (1.0 - SLACK)).collect();
    let at = |place: usize| order.get(place).map_or(0.0, |j| by[*j]);
    Moved { largest: at(0), second: at(1), largest_is: order.first().map_or(NOBODY, |j| *j as u32), half_gap, total: squares.iter().sum(), by }
}

impl Shard<'_> {
    /// Assigns its rows anew where the bounds leave a doubt.
    fn pass(&mut self, points: &Points, centres: &Centres, moved: &Moved, offsets: &[usize], tile: &mut Tile) {
        self.changes.clear();
        for from in (0..self.labels.len()).step_by(TILE) {
            let rows = from..(from + TILE).min(self.labels.len());
            let doubtful = self.loosen(rows.clone(), moved);
            if doubtful == 0 {
                continue;
            }
            if doubtful > ONE_BY_ONE {
                tile.look(points, centres, self.start + from);
                for (i, at) in rows.enumerate() {
                    self.settle(points, offsets, at, tile.label[i], tile.nearest[i], tile.second[i]);
                }
            } else {
                for at in rows {
                    self.one(points, centres, moved, offsets, at);
                }
            }
        }
    }

    /// Bounds after the centres moved; how many rows they leave in doubt.
    fn loosen(&mut self, rows: std::ops::Range<usize>, moved: &Moved) -> usize {
        let mut doubtful = 0;
        for at in rows {
            let label = self.labels[at];
            if label == NOBODY {
                doubtful += 1;
                continue;
            }
            self.upper[at] += moved.by[label as usize];
            self.lower[at] -= if label == moved.largest_is { moved.second } else { moved.largest };
            doubtful += usize::from(self.upper[at] > self.lower[at].max(moved.half_gap[label as usize]));
        }
        doubtful
    }

    fn one(&mut self, points: &Points, centres: &Centres, moved: &Moved, offsets: &[usize], at: usize) {
        let (row, label) = (self.start + at, self.labels[at]);
        if label != NOBODY {
            let bound = self.lower[at].max(moved.half_gap[label as usize]);
            if self.upper[at] <= bound {
                return;
            }
            self.upper[at] = points.distance(row, centres.prototypes, label as usize).sqrt() * (1.0 + SLACK);
            if self.upper[at] <= bound {
                return;
            }
        }
        let (mut nearest, mut second, mut found) = (f32::INFINITY, f32::INFINITY, 0);
        for j in 0..centres.prototypes.k {
            let d = points.distance(row, centres.prototypes, j);
            if d < nearest {
                (second, nearest, found) = (nearest, d, j as u32);
            } else {
                second = second.min(d);
            }
        }
        self.settle(points, offsets, at, found, nearest, second);
    }

    fn settle(&mut self, points: &Points, offsets: &[usize], at: usize, label: u32, nearest: f32, second: f32) {
        self.upper[at] = nearest.sqrt() * (1.0 + SLACK);
        self.lower[at] = second.sqrt() * (1.0 - SLACK);
        let before = self.labels[at];
        if before != label {
            let row = self.start + at;
            if before != NOBODY {
                self.changes.count(points, offsets, row, before, -1);
            }
            self.changes.count(points, offsets, row, label, 1);
            self.labels[at] = label;
        }
    }
}

/// Down from a beginning until nobody changes, the centres stand still within `tolerance`, or it has gone on long enough.
pub(super) fn descend(points: &Points, begin: Prototypes, max_iterations: usize, tolerance: f64, threads: usize) -> Descent {
    let k = begin.k;
    let threads = if points.rows < WORTH_A_THREAD { 1 } else { threads };
    let offsets = offsets(points);
    let mut labels = vec![NOBODY; points.rows];
    let (mut upper, mut lower) = (vec![0.0_f32; points.rows], vec![0.0_f32; points.rows]);
    let length = points.rows.div_ceil(SHARDS).next_multiple_of(TILE);
    let parts = labels.chunks_mut(length).zip(upper.chunks_mut(length)).zip(lower.chunks_mut(length));
    let empty = Sums::new(k, points.numbers.len(), offsets[points.codes.len()]);
    let mut shards: Vec<Shard> = parts
        .enumerate()
        .map(|(s, ((labels, upper), lower))| Shard { start: s * length, labels, upper, lower, changes: empty.clone() })
        .collect();
    let mut sums = empty;
    let mut prototypes = begin;
    let mut movement = moved(&prototypes, &prototypes);
    let (mut iterations, mut has_converged) = (0, false);
    while iterations < max_iterations && !has_converged {
        iterations += 1;
        pass(points, &prototypes, &movement, &offsets, &mut shards, threads);
        shards.iter().for_each(|shard| sums.merge(&shard.changes));
        let mut next = sums.centres(&prototypes, &offsets);
        refill(points, &prototypes, &mut next, &mut sums, &offsets, &mut shards);
        movement = moved(&prototypes, &next);
        prototypes = next;
        has_converged = movement.total <= tolerance;
    }
    // The labels belong to the centres that are given back, not to those before.
    pass(points, &prototypes, &movement, &offsets, &mut shards, threads);
    shards.iter().for_each(|shard| sums.merge(&shard.changes));
    let cost = cost(points, &prototypes, &labels, threads);
    let sizes = sums.people.iter().map(|n| (*n).max(0) as u64).collect();
    Descent { prototypes, labels, sizes, cost, iterations, has_converged }
}

fn pass(points: &Points, prototypes: &Prototypes, moved: &Moved, offsets: &[usize], shards: &mut [Shard], threads: usize) {
    let centres = Centres::new(prototypes, points.numbers.len());
    parallel::map(shards.iter_mut().collect(), threads, |shard: &mut Shard| {
        shard.pass(points, &centres, moved, offsets, &mut Tile::new(points, &centres));
    });
}

/// A cluster that has lost everybody begins again at the person who is farthest from her centre.
fn refill(points: &Points, before: &Prototypes, next: &mut Prototypes, sums: &mut Sums, offsets: &[usize], shards: &mut [Shard]) {
    let empty: Vec<usize> = (0..before.k).filter(|j| sums.people[*j] <= 0).collect();
    for cluster in empty {
        let mut farthest: Option<(f64, usize, usize)> = None;
        for (s, shard) in shards.iter().enumerate() {
            for (at, label) in shard.labels.iter().enumerate() {
                let alone = sums.people[*label as usize] < 2;
                let d = points.exact_distance(shard.start + at, before, *label as usize);
                if !alone && d > 0.0 && farthest.is_none_or(|(most, _, _)| d > most) {
                    farthest = Some((d, s, at));
                }
            }
        }
        let Some((_, s, at)) = farthest else { return };
        let shard = &mut shards[s];
        let (row, label) = (shard.start + at, shard.labels[at]);
        sums.count(points, offsets, row, label, -1);
        sums.count(points, offsets, row, cluster as u32, 1);
        shard.labels[at] = cluster as u32;
        // Nothing is known about her until the next pass.
        (shard.upper[at], shard.lower[at]) = (f32::INFINITY, 0.0);
        *next = sums.centres(next, offsets);
    }
}

fn cost(points: &Points, prototypes: &Prototypes, labels: &[u32], threads: usize) -> f64 {
    let of_block = |rows: std::ops::Range<usize>| -> f64 { rows.map(|row| points.exact_distance(row, prototypes, labels[row] as usize)).sum() };
    parallel::map(parallel::blocks(points.rows), threads, of_block).into_iter().sum()
}
