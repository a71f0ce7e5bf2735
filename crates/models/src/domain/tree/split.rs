//! The best question to ask of some people: every threshold of every number, and every cut through categories in order of their target.

use super::super::features::{MISSING, Values};
use super::super::numbers::cuts;
use super::super::random::Dice;
use super::{Criterion, Split};

/// Sums over people: classes keep the weight of each class; numbers keep weight, sum and sum of squares.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    pub people: u64,
    pub values: Vec<f64>,
}

impl Sums {
    pub fn new(width: usize) -> Self {
        Self { people: 0, values: vec![0.0; width] }
    }
    fn clear(&mut self) {
        self.people = 0;
        self.values.fill(0.0);
    }
    fn add(&mut self, people: u64, values: &[f64]) {
        self.people += people;
        self.values.iter_mut().zip(values).for_each(|(a, b)| *a += b);
    }
    fn set_difference(&mut self, all: &Self, part: &Self) {
        self.people = all.people - part.people;
        self.values.iter_mut().zip(all.values.iter().zip(&part.values)).for_each(|(out, (a, b))| *out = a - b);
    }
}

/// The target as sums are made of it.
pub(super) enum Goal {
    Classes { labels: Vec<u32>, weights: Vec<f64>, criterion: Criterion },
    /// Centred on their mean, so that squares of large numbers do not cancel.
    Numbers { values: Vec<f64>, centre: f64 },
}

impl Goal {
    pub fn width(&self) -> usize {
        match self {
            Self::Classes { weights, .. } => weights.len(),
            Self::Numbers { .. } => 3,
        }
    }
    #[inline]
    pub fn add(&self, row: usize, to: &mut [f64]) {
        match self {
            Self::Classes { labels, weights, .. } => {
                let class = labels[row] as usize;
                to[class] += weights[class];
            }
            Self::Numbers { values, .. } => {
                let v = values[row];
                to[0] += 1.0;
                to[1] += v;
                to[2] += v * v;
            }
        }
    }
    pub fn weight(&self, values: &[f64]) -> f64 {
        match self {
            Self::Classes { .. } => values.iter().sum(),
            Self::Numbers { .. } => values[0],
        }
    }
    /// Weight times impurity: what a split makes less.
    pub fn badness(&self, values: &[f64]) -> f64 {
        let weight = self.weight(values);
        if weight <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Classes { criterion: Criterion::Gini, .. } => weight - values.iter().map(|w| w * w).sum::<f64>() / weight,
            Self::Classes { criterion: Criterion::Entropy, .. } => {
                -values.iter().filter(|w| **w > 0.0).map(|w| w * (w / weight).log2()).sum::<f64>()
            }
            Self::Numbers { .. } => (values[2] - values[1] * values[1] / values[0]).max(0.0),
        }
    }
    /// By what categories are put in order: the share of a class, or the mean (W. Fisher, JASA 53 (1958): one of the cuts in this order
    /// is the best of all, for two classes and for numbers). With more classes each class gives an order of its own, and the best cut is near the best.
    fn orders(&self) -> usize {
        match self {
            Self::Classes { weights, .. } if weights.len() > 2 => weights.len(),
            _ => 1,
        }
    }
    fn order_key(&self, values: &[f64], order: usize) -> f64 {
        let weight = self.weight(values);
        match self {
            Self::Numbers { .. } => values[1] / weight,
            Self::Classes { weights, .. } if weights.len() == 2 => values[1] / weight,
            Self::Classes { .. } => values[order] / weight,
        }
    }
}

/// A column as splits are looked for in it.
pub(super) enum Candidate<'a> {
    Numbers { values: &'a [f32], bins: Option<Bins> },
    Codes { codes: &'a [u32], width: usize },
}

/// A column of numbers in at most 255 runs of values, for many people.
pub(super) struct Bins {
    codes: Vec<u8>,
    /// Least and greatest value of each bin.
    ranges: Vec<(f32, f32)>,
}

const MISSING_BIN: u8 = u8::MAX;
const MOST_BINS: usize = 255;
/// Cuts are learned from so many people.
const BIN_SAMPLE: usize = 200_000;

impl Bins {
    pub fn of(values: &[f32]) -> Self {
        let mut sample: Vec<f32> = if values.len() > BIN_SAMPLE {
            Dice::new(0).sample(values.len(), BIN_SAMPLE).into_iter().map(|row| values[row as usize]).filter(|v| !v.is_nan()).collect()
        } else {
            values.iter().copied().filter(|v| !v.is_nan()).collect()
        };
        let cuts = cuts(&mut sample, MOST_BINS);
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); cuts.len() + 1];
        let mut code = |v: &f32| {
            if v.is_nan() {
                return MISSING_BIN;
            }
            let bin = cuts.partition_point(|cut| cut < v);
            ranges[bin] = (ranges[bin].0.min(*v), ranges[bin].1.max(*v));
            bin as u8
        };
        let codes = values.iter().map(&mut code).collect();
        Self { codes, ranges }
    }
}

impl<'a> Candidate<'a> {
    pub fn of(values: &'a Values, binned: bool) -> Self {
        match values {
            Values::Numbers(values) => Self::Numbers { values, bins: binned.then(|| Bins::of(values)) },
            Values::Categories { codes, dictionary } => Self::Codes { codes, width: dictionary.len() },
        }
    }
}

/// The best split of one column.
pub(super) struct Found {
    pub gain: f64,
    pub split: Split,
    pub missing_left: bool,
    pub saw_missing: bool,
    pub more_left: bool,
}

/// Runs of people with one value (or bin, or category), and their sums.
#[derive(Default)]
struct Groups {
    ranges: Vec<(f32, f32)>,
    codes: Vec<u32>,
    people: Vec<u64>,
    sums: Vec<f64>,
}

/// Below so many people in a node they are sorted even if there are bins: then the threshold is exact.
const SORTED: usize = 5_000;

/// The best split of these rows by this column; `None` if none makes anything better.
pub(super) fn best_split(column: &Candidate, goal: &Goal, rows: &[u32], all: &Sums, min_leaf: u64) -> Option<Found> {
    let mut missing = Sums::new(goal.width());
    match column {
        Candidate::Numbers { values, bins } => {
            let groups = match bins {
                Some(bins) if rows.len() > SORTED => binned(bins, goal, rows, &mut missing),
                _ => sorted(values, goal, rows, &mut missing),
            };
            let cut = scan(&groups, goal, all, &missing, min_leaf)?;
            let below = f64::from(groups.ranges[cut.at].1);
            // All who are known on one side, all who are not on the other.
            let threshold = groups.ranges.get(cut.at + 1).map_or(f64::MAX, |above| below + (f64::from(above.0) - below) / 2.0);
            Some(cut.found(Split::Number { threshold }, missing.people > 0))
        }
        Candidate::Codes { codes, width } => {
            let groups = by_code(codes, *width, goal, rows, &mut missing);
            let orders = (0..goal.orders()).filter_map(|order| {
                let ordered = groups.ordered(goal, order);
                let cut = scan(&ordered, goal, all, &missing, min_leaf)?;
                Some((cut, ordered.codes))
            });
            let (cut, order) = orders.reduce(|best, next| if next.0.gain > best.0.gain { next } else { best })?;
            let (mut left, mut right) = (order[..=cut.at].to_vec(), order[cut.at + 1..].to_vec());
            left.sort_unstable();
            right.sort_unstable();
            Some(cut.found(Split::Category { left, right }, missing.people > 0))
        }
    }
}

fn sorted(values: &[f32], goal: &Goal, rows: &[u32], missing: &mut Sums) -> Groups {
    let mut pairs: Vec<(f32, u32)> = Vec::with_capacity(rows.len());
    for row in rows {
        let v = values[*row as usize];
        if v.is_nan() {
            missing.people += 1;
            goal.add(*row as usize, &mut missing.values);
        } else {
            pairs.push((v, *row));
        }
    }
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let width = goal.width();
    let mut groups = Groups::default();
    let mut last = f32::NAN;
    for (v, row) in pairs {
        if !v.total_cmp(&last).is_eq() {
            groups.ranges.push((v, v));
            groups.people.push(0);
            groups.sums.resize(groups.sums.len() + width, 0.0);
            last = v;
        }
        let at = groups.people.len() - 1;
        groups.people[at] += 1;
        goal.add(row as usize, &mut groups.sums[at * width..]);
    }
    groups
}

fn binned(bins: &Bins, goal: &Goal, rows: &[u32], missing: &mut Sums) -> Groups {
    let width = goal.width();
    let mut people = vec![0_u64; MOST_BINS + 1];
    let mut sums = vec![0.0; (MOST_BINS + 1) * width];
    for row in rows {
        let bin = bins.codes[*row as usize] as usize;
        people[bin] += 1;
        goal.add(*row as usize, &mut sums[bin * width..(bin + 1) * width]);
    }
    missing.add(people[MISSING_BIN as usize], &sums[MISSING_BIN as usize * width..]);
    let mut groups = Groups::default();
    for (bin, range) in bins.ranges.iter().enumerate().filter(|(bin, _)| people[*bin] > 0) {
        groups.ranges.push(*range);
        groups.people.push(people[bin]);
        groups.sums.extend_from_slice(&sums[bin * width..(bin + 1) * width]);
    }
    groups
}

fn by_code(codes: &[u32], categories: usize, goal: &Goal, rows: &[u32], missing: &mut Sums) -> Groups {
    let width = goal.width();
    let mut people = vec![0_u64; categories];
    let mut sums = vec![0.0; categories * width];
    for row in rows {
        let code = codes[*row as usize];
        if code == MISSING {
            missing.people += 1;
            goal.add(*row as usize, &mut missing.values);
        } else {
            people[code as usize] += 1;
            goal.add(*row as usize, &mut sums[code as usize * width..]);
        }
    }
    let mut groups = Groups::default();
    for code in (0..categories).filter(|code| people[*code] > 0) {
        groups.codes.push(code as u32);
        groups.people.push(people[code]);
        groups.sums.extend_from_slice(&sums[code * width..(code + 1) * width]);
    }
    groups
}

impl Groups {
    fn ordered(&self, goal: &Goal, order: usize) -> Self {
        let width = goal.width();
        let of = |g: usize| &self.sums[g * width..(g + 1) * width];
        let mut places: Vec<usize> = (0..self.people.len()).collect();
        places.sort_by(|a, b| goal.order_key(of(*a), order).total_cmp(&goal.order_key(of(*b), order)).then(a.cmp(b)));
        Self {
            ranges: Vec::new(),
            codes: places.iter().map(|g| self.codes[*g]).collect(),
            people: places.iter().map(|g| self.people[*g]).collect(),
            sums: places.iter().flat_map(|g| of(*g)).copied().collect(),
        }
    }
}

/// The last group that goes left, and where the unknown go.
struct Cut {
    at: usize,
    gain: f64,
    missing_left: bool,
    left: u64,
    right: u64,
}

impl Cut {
    fn found(&self, split: Split, saw_missing: bool) -> Found {
        let more_left = self.left >= self.right;
        let missing_left = if saw_missing { self.missing_left } else { more_left };
        Found { gain: self.gain, split, missing_left, saw_missing, more_left }
    }
}

/// Of two gains that differ by rounding only, the first is kept.
const SAME: f64 = 1e-12;

fn scan(groups: &Groups, goal: &Goal, all: &Sums, missing: &Sums, min_leaf: u64) -> Option<Cut> {
    let width = goal.width();
    let whole = goal.badness(&all.values);
    let mut best: Option<Cut> = None;
    let (mut left, mut right) = (Sums::new(width), Sums::new(width));
    let sides: &[bool] = if missing.people > 0 { &[true, false] } else { &[false] };
    for missing_left in sides {
        left.clear();
        if *missing_left {
            left.add(missing.people, &missing.values);
        }
        for at in 0..groups.people.len() {
            left.add(groups.people[at], &groups.sums[at * width..(at + 1) * width]);
            right.set_difference(all, &left);
            if left.people < min_leaf || right.people < min_leaf || right.people == 0 {
                continue;
            }
            let gain = whole - goal.badness(&left.values) - goal.badness(&right.values);
            if gain > SAME * whole.max(1.0) && best.as_ref().is_none_or(|b| gain > b.gain + SAME * whole) {
                best = Some(Cut { at, gain, missing_left: *missing_left, left: left.people, right: right.people });
            }
        }
    }
    best
}
