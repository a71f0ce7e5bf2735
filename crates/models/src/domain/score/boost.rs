//! Gradient-boosted trees on binned columns (J. Friedman 2001; second-order gains as T. Chen, C. Guestrin, KDD 2016; categories cut in the
//! order of their gradient as W. Fisher 1958), level by level: of two sisters only the smaller is counted, the other is what remains of the mother.

use serde::{Deserialize, Serialize};

use super::super::features::{Column, Features, MISSING, Values};
use super::super::numbers::cuts;
use super::super::random::Dice;
use super::super::{parallel, require, same_length};
use super::calibrate::sigmoid;
use super::one_class;
use crate::kernel::{Error, Result};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BoostOptions {
    pub rounds: usize,
    pub learning_rate: f64,
    /// At most 6.
    pub max_depth: usize,
    pub min_leaf: usize,
    pub l2: f64,
    /// Stops when so many rounds have not lowered the log loss of a tenth that is held out. 0: goes through all rounds with everybody.
    pub patience: usize,
    pub seed: u64,
    pub threads: usize,
}

impl Default for BoostOptions {
    fn default() -> Self {
        Self { rounds: 200, learning_rate: 0.1, max_depth: 5, min_leaf: 20, l2: 1.0, patience: 15, seed: 0, threads: 2 }
    }
}

/// Values of a bin's column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Binning {
    /// Ascending upper ends of all bins but the last.
    Numbers { cuts: Vec<f32> },
    /// The values that have bins of their own, ascending; all others share one.
    Categories { values: Vec<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinnedFeature {
    pub name: String,
    pub binning: Binning,
    /// What it has brought, over all trees.
    pub gain: f64,
}

/// Goes left if its bit in `left` is set: of a number all bins up to one, of a category any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BoostNode {
    feature: u32,
    left: [u64; 4],
    /// 0 for a leaf; the right child stands after the left.
    child: u32,
    /// What a leaf adds to the log odds.
    value: f32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoostedTrees {
    pub features: Vec<BinnedFeature>,
    /// Log odds of all.
    pub base: f64,
    trees: Vec<Vec<BoostNode>>,
}

const UNKNOWN: u8 = u8::MAX;
const OTHERS: u8 = u8::MAX - 1;
const BINS: usize = 256;
/// Columns that are counted at once.
const TOGETHER: usize = 4;
const BIN_SAMPLE: usize = 200_000;
/// The deepest trees that are kept small.
const DEEPEST: usize = 6;
/// So much is added to a category's curvature before it is put in order: rare values do not lead.
const SMOOTH: f64 = 10.0;

fn bit(bits: &[u64; 4], bin: u8) -> bool {
    bits[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
}
fn set(bits: &mut [u64; 4], bin: u8) {
    bits[usize::from(bin >> 6)] |= 1 << (bin & 63);
}

impl Binning {
    fn learn(values: &Values) -> Self {
        match values {
            Values::Numbers(values) => {
                let rows = Dice::new(0).sample(values.len(), BIN_SAMPLE);
                let mut sample: Vec<f32> = rows.into_iter().map(|r| values[r as usize]).filter(|v| !v.is_nan()).collect();
                Self::Numbers { cuts: cuts(&mut sample, usize::from(OTHERS)) }
            }
            Values::Categories { codes, dictionary } => {
                let mut counts = vec![0_u64; dictionary.len()];
                codes.iter().filter(|c| **c != MISSING).for_each(|c| counts[*c as usize] += 1);
                let mut order: Vec<usize> = (0..counts.len()).filter(|c| counts[*c] > 0).collect();
                order.sort_by_key(|c| (std::cmp::Reverse(counts[*c]), *c));
                order.truncate(usize::from(OTHERS));
                order.sort_unstable();
                Self::Categories { values: order.iter().map(|c| dictionary[*c].clone()).collect() }
            }
        }
    }

    /// Bins of some rows.
    fn apply(&self, name: &str, column: &Values, rows: std::ops::Range<usize>, out: &mut [u8]) -> Result<()> {
        match (self, column) {
            (Self::Numbers { cuts }, Values::Numbers(values)) => {
                for (out, v) in out.iter_mut().zip(&values[rows]) {
                    *out = if v.is_nan() { UNKNOWN } else { cuts.partition_point(|cut| cut < v) as u8 };
                }
            }
            (Self::Categories { values }, Values::Categories { codes, dictionary }) => {
                let of_code: Vec<u8> = dictionary.iter().map(|v| values.binary_search(v).map_or(OTHERS, |i| i as u8)).collect();
                for (out, code) in out.iter_mut().zip(&codes[rows]) {
                    *out = of_code.get(*code as usize).copied().unwrap_or(UNKNOWN);
                }
            }
            _ => {
                let detail = format!("column {name} is of another kind than the one the trees were grown with");
                return Err(Error::invalid("models.column_kind", detail).param("column", name));
            }
        }
        Ok(())
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Numbers { .. })
    }
}

/// Gradient, curvature and people of a bin.
#[derive(Clone, Copy, Default)]
struct Bin {
    g: f64,
    h: f64,
    n: u32,
}
impl Bin {
    fn add(&mut self, other: Self) {
        (self.g, self.h, self.n) = (self.g + other.g, self.h + other.h, self.n + other.n);
    }
    fn less(self, other: Self) -> Self {
        Self { g: self.g - other.g, h: self.h - other.h, n: self.n - other.n }
    }
    fn worth(self, l2: f64) -> f64 {
        self.g * self.g / (self.h + l2)
    }
}

type Histogram = Vec<Bin>;

/// A node of the level that is being split.
struct Open {
    at: usize,
    rows: std::ops::Range<usize>,
    sum: Bin,
    /// Where the mother stood on her level, and whether this is the sister that is counted.
    mother: usize,
    is_counted: bool,
}

struct Cut {
    gain: f64,
    left: [u64; 4],
    sum: Bin,
}

impl BoostedTrees {
    pub fn fit(features: &Features, target: &[bool], options: &BoostOptions) -> Result<Self> {
        same_length("the target", target.len(), features.rows())?;
        require((1..=2_000).contains(&options.rounds), "rounds", "between 1 and 2000")?;
        require((1..=DEEPEST).contains(&options.max_depth), "max_depth", "between 1 and 6")?;
        require(options.learning_rate > 0.0 && options.learning_rate <= 1.0, "learning_rate", "above 0, at most 1")?;
        require(options.l2.is_finite() && options.l2 >= 0.0, "l2", "a number that is not negative")?;
        require(options.min_leaf >= 1, "min_leaf", "at least one")?;
        if features.columns().is_empty() {
            return Err(Error::invalid("models.no_columns", "there is no column to split by"));
        }
        let held = if options.patience > 0 { Dice::of(options.seed, 0xe5).sample(target.len(), target.len() / 10) } else { Vec::new() };
        let mut is_held = vec![false; target.len()];
        held.iter().for_each(|r| is_held[*r as usize] = true);
        let rows: Vec<u32> = (0..target.len() as u32).filter(|r| !is_held[*r as usize]).collect();
        let hits = rows.iter().filter(|r| target[**r as usize]).count() as f64;
        if hits < 1.0 || hits >= rows.len() as f64 {
            return Err(one_class("training"));
        }
        let learn = |column: &Column| BinnedFeature { name: column.name().to_owned(), binning: Binning::learn(column.values()), gain: 0.0 };
        let binned = parallel::map(features.columns().iter().collect(), options.threads, |c: &Column| learn(c));
        let mut model = Self { features: binned, base: (hits / (rows.len() as f64 - hits)).ln(), trees: Vec::new() };
        let codes = model.bin(features, options.threads)?;
        Training::new(&codes, target, rows, held, model.base, options).run(&mut model);
        Ok(model)
    }

    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    fn bin(&self, features: &Features, threads: usize) -> Result<Vec<Vec<u8>>> {
        let bin = |feature: &BinnedFeature| {
            let mut out = vec![0_u8; features.rows()];
            feature.binning.apply(&feature.name, features.column(&feature.name)?.values(), 0..features.rows(), &mut out)?;
            Ok(out)
        };
        parallel::map(self.features.iter().collect(), threads, bin).into_iter().collect()
    }

    /// Log odds. Columns are binned a block at a time, so millions of people need no second copy.
    pub fn raw(&self, features: &Features, threads: usize) -> Result<Vec<f32>> {
        let columns = self.features.iter().map(|f| features.column(&f.name)).collect::<Result<Vec<_>>>()?;
        let mut out = vec![0.0_f32; features.rows()];
        let blocks: Vec<(usize, &mut [f32])> = out.chunks_mut(parallel::BLOCK).enumerate().collect();
        let done = parallel::map(blocks, threads, |(block, out)| {
            let start = block * parallel::BLOCK;
            let mut codes = vec![vec![0_u8; out.len()]; columns.len()];
            for ((feature, column), codes) in self.features.iter().zip(&columns).zip(&mut codes) {
                feature.binning.apply(&feature.name, column.values(), start..start + codes.len(), codes)?;
            }
            let mut sums = vec![self.base; out.len()];
            for tree in &self.trees {
                sums.iter_mut().enumerate().for_each(|(row, sum)| *sum += f64::from(leaf(tree, &codes, row)));
            }
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum as f32);
            Ok(())
        });
        done.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(out)
    }

    /// By gain; together 1.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let total: f64 = self.features.iter().map(|f| f.gain).sum();
        let mut out: Vec<(String, f64)> = self.features.iter().map(|f| (f.name.clone(), if total > 0.0 { f.gain / total } else { 0.0 })).collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }
}

fn leaf(tree: &[BoostNode], codes: &[Vec<u8>], row: usize) -> f32 {
    let mut at = 0;
    loop {
        let node = &tree[at];
        if node.child == 0 {
            return node.value;
        }
        at = node.child as usize + usize::from(!bit(&node.left, codes[node.feature as usize][row]));
    }
}

/// What is needed while trees are grown.
struct Training<'a> {
    codes: &'a [Vec<u8>],
    target: &'a [bool],
    rows: Vec<u32>,
    held: Vec<u32>,
    scores: Vec<f64>,
    gradients: Vec<[f32; 2]>,
    /// Gradients of the rows of the nodes that are counted, in the order of `rows`: read once for every column, so side by side.
    ordered: Vec<[f32; 2]>,
    options: &'a BoostOptions,
}

impl<'a> Training<'a> {
    fn new(codes: &'a [Vec<u8>], target: &'a [bool], rows: Vec<u32>, held: Vec<u32>, base: f64, options: &'a BoostOptions) -> Self {
        let n = target.len();
        Self { codes, target, ordered: vec![[0.0; 2]; rows.len()], rows, held, scores: vec![base; n], gradients: vec![[0.0; 2]; n], options }
    }

    fn run(mut self, model: &mut BoostedTrees) {
        let mut best = (self.held_loss(), 0);
        for round in 1..=self.options.rounds {
            self.derive();
            let tree = self.grow(model);
            if tree.len() < 2 {
                break;
            }
            model.trees.push(tree);
            if self.options.patience > 0 {
                let loss = self.held_loss();
                if loss < best.0 {
                    best = (loss, round);
                } else if round - best.1 >= self.options.patience {
                    break;
                }
            }
        }
        if self.options.patience > 0 {
            model.trees.truncate(best.1);
        }
    }

    fn held_loss(&self) -> f64 {
        let one = |row: &u32| {
            let (f, t) = (self.scores[*row as usize], self.target[*row as usize]);
            f.max(0.0) + (-f.abs()).exp().ln_1p() - if t { f } else { 0.0 }
        };
        self.held.iter().map(one).sum::<f64>() / self.held.len().max(1) as f64
    }

    fn derive(&mut self) {
        let (scores, target) = (&self.scores, self.target);
        let blocks: Vec<(usize, &mut [[f32; 2]])> = self.gradients.chunks_mut(parallel::BLOCK).enumerate().collect();
        parallel::map(blocks, self.options.threads, |(block, out)| {
            let start = block * parallel::BLOCK;
            for (i, out) in out.iter_mut().enumerate() {
                let p = sigmoid(scores[start + i]);
                let y = f64::from(u8::from(target[start + i]));
                *out = [(p - y) as f32, (p * (1.0 - p)) as f32];
            }
        });
    }

    /// One tree; the scores of everybody, also of those held out, are brought up to date.
    fn grow(&mut self, model: &mut BoostedTrees) -> Vec<BoostNode> {
        let mut tree = vec![BoostNode { feature: 0, left: [0; 4], child: 0, value: 0.0 }];
        let mut level = vec![Open { at: 0, rows: 0..self.rows.len(), sum: self.sum(0..self.rows.len()), mother: 0, is_counted: true }];
        let mut leaves = Vec::new();
        let mut histograms: Vec<Vec<Histogram>> = vec![Vec::new(); self.codes.len()];
        for depth in 0..=self.options.max_depth {
            if depth == self.options.max_depth {
                leaves.append(&mut level);
                break;
            }
            self.order_gradients(&level);
            let cuts = self.best_cuts(model, &level, &mut histograms);
            let middles = self.partition(&level, &cuts);
            let mut next = Vec::new();
            for (mother, ((open, cut), middle)) in level.into_iter().zip(cuts).zip(middles).enumerate() {
                let Some((feature, cut)) = cut else {
                    leaves.push(open);
                    continue;
                };
                model.features[feature].gain += cut.gain;
                let child = tree.len();
                tree[open.at] = BoostNode { feature: feature as u32, left: cut.left, child: child as u32, value: 0.0 };
                tree.extend([0, 1].map(|_| BoostNode { feature: 0, left: [0; 4], child: 0, value: 0.0 }));
                let middle = open.rows.start + middle;
                let is_left_smaller = cut.sum.n * 2 <= open.sum.n;
                let right = open.sum.less(cut.sum);
                next.push(Open { at: child, rows: open.rows.start..middle, sum: cut.sum, mother, is_counted: is_left_smaller });
                next.push(Open { at: child + 1, rows: middle..open.rows.end, sum: right, mother, is_counted: !is_left_smaller });
            }
            level = next;
            if level.is_empty() {
                break;
            }
        }
        for open in &leaves {
            let value = (-open.sum.g / (open.sum.h + self.options.l2) * self.options.learning_rate) as f32;
            tree[open.at].value = value;
            for row in &self.rows[open.rows.clone()] {
                self.scores[*row as usize] += f64::from(value);
            }
        }
        for row in &self.held {
            self.scores[*row as usize] += f64::from(leaf(&tree, self.codes, *row as usize));
        }
        tree
    }

    fn sum(&self, rows: std::ops::Range<usize>) -> Bin {
        let mut sum = Bin::default();
        for row in &self.rows[rows] {
            let [g, h] = self.gradients[*row as usize];
            sum.add(Bin { g: f64::from(g), h: f64::from(h), n: 1 });
        }
        sum
    }

    /// For every open node its best cut over all columns; histograms of the last level become those of this one.
    fn best_cuts(&self, model: &BoostedTrees, level: &[Open], histograms: &mut [Vec<Histogram>]) -> Vec<Option<(usize, Cut)>> {
        let together = self.codes.chunks(TOGETHER).zip(histograms.chunks_mut(TOGETHER));
        parallel::map(together.collect(), self.options.threads, |(codes, histograms)| self.count_level(codes, level, histograms));
        let work: Vec<(usize, &mut Vec<Histogram>)> = histograms.iter_mut().enumerate().collect();
        let found = parallel::map(work, self.options.threads, |(feature, histograms)| {
            let is_number = model.features[feature].binning.is_number();
            level.iter().zip(histograms.iter()).map(|(open, bins)| self.best_cut(is_number, bins, open.sum)).collect::<Vec<_>>()
        });
        let mut best: Vec<Option<(usize, Cut)>> = level.iter().map(|_| None).collect();
        for (feature, cuts) in found.into_iter().enumerate() {
            for (best, cut) in best.iter_mut().zip(cuts) {
                if let Some(cut) = cut.filter(|cut| best.as_ref().is_none_or(|(_, b)| cut.gain > b.gain)) {
                    *best = Some((feature, cut));
                }
            }
        }
        best
    }

    /// Makes the histograms of this level out of those of the last, for some columns.
    fn count_level(&self, codes: &[Vec<u8>], level: &[Open], histograms: &mut [Vec<Histogram>]) {
        let mothers: Vec<Vec<Histogram>> = histograms.iter_mut().map(std::mem::take).collect();
        histograms.iter_mut().for_each(|h| h.resize(level.len(), Vec::new()));
        for (i, open) in level.iter().enumerate().filter(|(_, open)| open.is_counted) {
            let (rows, gradients) = (&self.rows[open.rows.clone()], &self.ordered[open.rows.clone()]);
            match codes {
                [a, b, c, d] => count([a, b, c, d], rows, gradients).into_iter().zip(&mut *histograms).for_each(|(bins, h)| h[i] = bins),
                _ => codes.iter().zip(&mut *histograms).for_each(|(a, h)| count([a], rows, gradients).into_iter().for_each(|bins| h[i] = bins)),
            }
        }
        for (h, mothers) in histograms.iter_mut().zip(&mothers) {
            for i in (0..level.len()).filter(|i| !level[*i].is_counted) {
                // Sisters stand side by side.
                let sister = if i % 2 == 0 { i + 1 } else { i - 1 };
                h[i] = mothers[level[i].mother].iter().zip(&h[sister]).map(|(mother, sister)| mother.less(*sister)).collect();
            }
        }
    }

    fn best_cut(&self, is_number: bool, bins: &[Bin], all: Bin) -> Option<Cut> {
        if (all.n as usize) < 2 * self.options.min_leaf {
            return None;
        }
        if is_number {
            let known: Vec<u8> = (0..=OTHERS).filter(|b| bins[usize::from(*b)].n > 0).collect();
            let unknown = bins[usize::from(UNKNOWN)];
            let right = self.scan(bins, &known, Bin::default(), all);
            let left = if unknown.n > 0 { self.scan(bins, &known, unknown, all) } else { None };
            let unknown_left = left.as_ref().is_some_and(|l| right.as_ref().is_none_or(|r| l.gain > r.gain));
            let mut cut = if unknown_left { left } else { right }?;
            // Every bin up to the last that goes left, also those that are empty here.
            let last = known.iter().rev().find(|b| bit(&cut.left, **b)).copied();
            cut.left = [0; 4];
            (0..=last?).for_each(|b| set(&mut cut.left, b));
            // If none was unknown, they go where more people went.
            if unknown_left || unknown.n == 0 && cut.sum.n * 2 >= all.n {
                set(&mut cut.left, UNKNOWN);
            }
            return Some(cut);
        }
        let mut order: Vec<u8> = (0..=UNKNOWN).filter(|b| bins[usize::from(*b)].n > 0).collect();
        let slope = |b: &u8| bins[usize::from(*b)].g / (bins[usize::from(*b)].h + SMOOTH);
        order.sort_by(|a, b| slope(a).total_cmp(&slope(b)).then(a.cmp(b)));
        let mut cut = self.scan(bins, &order, Bin::default(), all)?;
        if cut.sum.n * 2 >= all.n {
            (0..=UNKNOWN).filter(|b| bins[usize::from(*b)].n == 0).for_each(|b| set(&mut cut.left, b));
        }
        Some(cut)
    }

    /// The best place to cut bins that stand in order; `before` goes left in any case.
    fn scan(&self, bins: &[Bin], order: &[u8], before: Bin, all: Bin) -> Option<Cut> {
        let (least, l2) = (self.options.min_leaf as u32, self.options.l2);
        let whole = all.worth(l2);
        let mut left = before;
        let mut best: Option<(f64, usize, Bin)> = None;
        for (i, bin) in order.iter().enumerate() {
            left.add(bins[usize::from(*bin)]);
            if left.n < least || all.n - left.n < least {
                continue;
            }
            let gain = left.worth(l2) + all.less(left).worth(l2) - whole;
            if gain > 1e-9 && best.is_none_or(|(most, _, _)| gain > most) {
                best = Some((gain, i, left));
            }
        }
        let (gain, last, sum) = best?;
        let mut bits = [0; 4];
        order[..=last].iter().for_each(|b| set(&mut bits, *b));
        Some(Cut { gain, left: bits, sum })
    }

    fn order_gradients(&mut self, level: &[Open]) {
        for open in level.iter().filter(|open| open.is_counted) {
            for (out, row) in self.ordered[open.rows.clone()].iter_mut().zip(&self.rows[open.rows.clone()]) {
                *out = self.gradients[*row as usize];
            }
        }
    }

    /// Puts those who go left first in every node that is cut; how many they are.
    fn partition(&mut self, level: &[Open], cuts: &[Option<(usize, Cut)>]) -> Vec<usize> {
        let codes = self.codes;
        let mut rest = self.rows.as_mut_slice();
        let mut begun = 0;
        let mut work = Vec::with_capacity(level.len());
        for (open, cut) in level.iter().zip(cuts) {
            let (_, after) = rest.split_at_mut(open.rows.start - begun);
            let (own, after) = after.split_at_mut(open.rows.len());
            (rest, begun) = (after, open.rows.end);
            work.push((own, cut));
        }
        parallel::map(work, self.options.threads, |(rows, cut)| cut.as_ref().map_or(0, |(feature, cut)| left_first(rows, &codes[*feature], &cut.left)))
    }
}

/// Both sides keep their order.
fn left_first(rows: &mut [u32], codes: &[u8], left: &[u64; 4]) -> usize {
    let mut goes_left = [false; BINS];
    (0..=UNKNOWN).for_each(|bin| goes_left[usize::from(bin)] = bit(left, bin));
    let mut others = vec![0_u32; rows.len()];
    let (mut kept, mut moved) = (0, 0);
    for i in 0..rows.len() {
        let row = rows[i];
        let goes = goes_left[usize::from(codes[row as usize])];
        // Both are written and one is counted: which way people go cannot be guessed.
        rows[kept] = row;
        others[moved] = row;
        kept += usize::from(goes);
        moved += usize::from(!goes);
    }
    rows[kept..].copy_from_slice(&others[..moved]);
    kept
}

/// Histograms of some rows, of several columns at once: while one waits for memory, the others go on.
fn count<const N: usize>(codes: [&Vec<u8>; N], rows: &[u32], gradients: &[[f32; 2]]) -> [Histogram; N] {
    let mut bins = [[Bin::default(); BINS]; N];
    for (row, [g, h]) in rows.iter().zip(gradients) {
        let (g, h) = (f64::from(*g), f64::from(*h));
        for (bins, codes) in bins.iter_mut().zip(codes) {
            let bin = &mut bins[usize::from(codes[*row as usize])];
            (bin.g, bin.h, bin.n) = (bin.g + g, bin.h + h, bin.n + 1);
        }
    }
    bins.map(|b| b.to_vec())
}
