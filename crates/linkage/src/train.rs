//! Learning the weights without labels.
//!
//! u from pairs taken at random, m and λ by expectation-maximisation under conditional independence (Winkler 1988; Jaro 1989; Enamorado, Fifield and
//! Imai, Using a probabilistic model to assist merging of large-scale administrative records, APSR 113, 2019). EM runs for every blocking rule over its
//! pairs, where the rule's own columns are left out because they always agree; the results are averaged, as Splink does (Linacre et al. 2022). Then
//! all rules together give λ. Levels are few, so what EM sees is not pairs but patterns with their number. Ties between columns among two persons
//! are learnt first (see `dependence`).

use crate::block::{Plan, Task};
use crate::compare::{Comparison, LevelId, NULL_LEVEL, Pattern, level_in, pattern};
use crate::dependence::{Tie, follow, followed_level, ties};
use crate::error::Result;
use crate::hash::{Map, mix};
use crate::metrics::Scratch;
use crate::model::{Household, Model, Weights};
use crate::records::Records;
use crate::settings::Settings;
use crate::work::{Stage, Watch, run};

/// Pairs in one piece of work.
const PIECE: u64 = 50_000;
const ITERATIONS: usize = 200;
const STILL: f64 = 1e-7;
/// u depends on λ and m, for some random pairs are one person, and these on u: so often in turn.
const ROUNDS: usize = 4;

/// Copies that differ in what a person has one of, at most: in the dirtiest of the labelled sets (fake_1000) it is 29 of 100.
const MOST_MISTAKES: f64 = 0.35;
/// What is known before any data of the levels of one person's records, as so many pairs.
const PRIOR_PAIRS: f64 = 2.0;

/// Per comparison and level, a number.
type Table = Vec<Vec<f64>>;

pub(crate) fn train(records: &Records, settings: &Settings, plan: &Plan, watch: Watch) -> Result<Model> {
    let comparisons = &settings.comparisons;
    let patterns = random_patterns(records, settings, watch)?;
    let random: Table = comparisons.iter().enumerate().map(|(place, comparison)| shares(records, comparison, &counts(&patterns, place, comparison))).collect();
    let samples = sample(records, settings, plan, watch)?;
    let union = Weighed::union(&samples, comparisons.len());
    let rules: Vec<(Vec<bool>, Weighed)> = samples
        .iter()
        .zip(&settings.rules)
        .map(|(sample, rule)| (comparisons.iter().map(|c| rule.uses(c.column)).collect(), Weighed::all(sample, comparisons.len())))
        .collect();
    let mut weights: Vec<Weights> = comparisons.iter().zip(&random).map(|(c, u)| Weights { m: presumed(c), u: u.clone(), given: None }).collect();
    let ties = ties(comparisons, &patterns, &weights);
    let shared: Vec<bool> = (0..comparisons.len()).map(|place| settings.household.contains(&place)).collect();
    let nothing = vec![false; comparisons.len()];
    let mut classes = Classes::presumed(comparisons, 1.0 / f64::from(records.len().max(2)));
    for _ in 0..ROUNDS {
        classes.m = average_m(&rules, comparisons, &weights, &ties, &shared);
        follow(&ties, comparisons.len(), &nothing, &mut weights);
        classes = Em { pairs: &union, left_out: &nothing, shared: &shared, total: records.pairs() }.run(comparisons, &weights, classes);
        for (place, weights) in weights.iter_mut().enumerate() {
            weights.m.clone_from(&classes.m[place]);
            weights.u = strangers(&random[place], &classes, place, shared[place]);
        }
    }
    follow(&ties, comparisons.len(), &nothing, &mut weights);
    let copies = classes.prior * (f64::from(records.len()) - 1.0).max(0.0);
    let shared_m = |(m, shared): (&Vec<f64>, &bool)| if *shared { m.clone() } else { Vec::new() };
    let household = shared.contains(&true).then(|| Household { prior: classes.household, m: classes.household_m.iter().zip(&shared).map(shared_m).collect() });
    Ok(Model { prior: classes.prior, comparisons: comparisons.clone(), weights, copies, household })
}

/// What one expects of a person's two records: mostly equal, sometimes alike, seldom different.
fn presumed(comparison: &Comparison) -> Vec<f64> {
    let levels = comparison.levels.len();
    let mut m = vec![0.0; comparison.len()];
    for (place, share) in m.iter_mut().enumerate().skip(1) {
        *share = match place {
            1 if levels == 1 => 0.9,
            1 => 0.8,
            _ if place == levels + 1 => 0.1,
            _ => 0.1 / (levels - 1) as f64,
        };
    }
    m
}

/// The patterns of pairs taken at random, with how many have it.
fn random_patterns(records: &Records, settings: &Settings, watch: Watch) -> Result<Vec<(Pattern, u64)>> {
    let n = u64::from(records.len());
    let all = n * n.saturating_sub(1) / 2;
    let drawn = all.min(settings.random_pairs);
    let pieces: Vec<u64> = (0..drawn.div_ceil(PIECE)).map(|piece| PIECE.min(drawn - piece * PIECE)).collect();
    let make = || (Scratch::default(), Map::<Pattern, u64>::default());
    let work = |(scratch, counts): &mut (Scratch, Map<Pattern, u64>), piece: usize| {
        let first = piece as u64 * PIECE;
        for number in first..first + pieces[piece] {
            let (a, b) = if drawn == all { pair_number(number) } else { random_pair(mix(settings.seed ^ mix(number)), n) };
            *counts.entry(pattern(&settings.comparisons, records, a, b, scratch)).or_default() += 1;
        }
    };
    let gathered = run(Stage::Training, &pieces, settings.threads, make, work, watch)?;
    let mut sums: Map<Pattern, u64> = Map::default();
    gathered.iter().flat_map(|(_, counts)| counts).for_each(|(pattern, count)| *sums.entry(*pattern).or_default() += count);
    let mut patterns: Vec<(Pattern, u64)> = sums.into_iter().collect();
    // Sums of floating-point numbers depend on their order.
    patterns.sort_unstable();
    Ok(patterns)
}

fn counts(patterns: &[(Pattern, u64)], place: usize, comparison: &Comparison) -> Vec<f64> {
    let mut counts = vec![0.0; comparison.len()];
    patterns.iter().for_each(|(pattern, pairs)| counts[usize::from(level_in(*pattern, place))] += *pairs as f64);
    counts
}

/// The n-th of all pairs (0,1), (0,2), (1,2), (0,3), …
fn pair_number(number: u64) -> (u32, u32) {
    let mut b = ((1.0 + (1.0 + 8.0 * number as f64).sqrt()) / 2.0) as u64;
    while b * (b - 1) / 2 > number {
        b -= 1;
    }
    while b * (b + 1) / 2 <= number {
        b += 1;
    }
    ((number - b * (b - 1) / 2) as u32, b as u32)
}

fn random_pair(dice: u64, n: u64) -> (u32, u32) {
    let a = scale(dice, n);
    let b = scale(mix(dice), n - 1);
    (a as u32, (b + u64::from(b >= a)) as u32)
}

/// A number below `n` (Lemire 2019, without the correction: `n` is far below 2⁶⁴).
fn scale(dice: u64, n: u64) -> u64 {
    ((u128::from(dice) * u128::from(n)) >> 64) as u64
}

/// u as random pairs have it, null left out. How often values are equal is counted, not drawn: it is rare and weighs most.
fn shares(records: &Records, comparison: &Comparison, counts: &[f64]) -> Vec<f64> {
    let filled: f64 = counts[1..].iter().sum();
    // Half a pair in each level, so that what was not seen is rare and not impossible.
    let mut shares: Vec<f64> = counts.iter().map(|count| (count + 0.5) / (filled + 0.5 * (counts.len() - 1) as f64)).collect();
    shares[0] = 0.0;
    let Some(exact) = comparison.exact_level() else { return shares };
    let column = records.column(comparison.column);
    let n = column.filled() as f64;
    let equal = column.collision().max(0.5 / (n * n).max(1.0)).min(1.0 - 1e-9);
    let rest = (1.0 - equal) / (1.0 - shares[exact]).max(1e-9);
    shares.iter_mut().for_each(|share| *share *= rest);
    shares[exact] = equal;
    shares
}

/// Random pairs hold some of one person and some of one household; u is what the others show. A level is never taken for impossible.
fn strangers(random: &[f64], classes: &Classes, place: usize, is_shared: bool) -> Vec<f64> {
    let of_household = |level: usize| if is_shared { classes.household * classes.household_m[place][level] } else { 0.0 };
    let clean = |(level, p): (usize, &f64)| (p - classes.prior * classes.m[place][level] - of_household(level)).max(p * 0.02);
    let mut u: Vec<f64> = random.iter().enumerate().map(clean).collect();
    let sum: f64 = u.iter().sum();
    u.iter_mut().for_each(|u| *u /= sum);
    u
}

/// The patterns of a rule's pairs, with how many pairs have it, and how many of them no earlier rule has met.
struct Sample {
    patterns: Vec<(Pattern, u64, u64)>,
    /// Share of the rule's blocks that was looked at.
    share: f64,
}

fn sample(records: &Records, settings: &Settings, plan: &Plan, watch: Watch) -> Result<Vec<Sample>> {
    let per_rule = settings.training_pairs / plan.rule_count().max(1) as u64;
    let shares: Vec<f64> = plan.statistics.iter().map(|s| (per_rule as f64 / s.pairs.max(1) as f64).min(1.0)).collect();
    let tasks = plan.tasks(PIECE);
    let sizes: Vec<u64> = tasks.iter().map(|task| (task.pairs as f64 * shares[task.rule]) as u64).collect();
    type Gathered = (Scratch, Vec<Map<Pattern, (u64, u64)>>);
    let make = || (Scratch::default(), vec![Map::default(); plan.rule_count()]);
    let work = |(scratch, maps): &mut Gathered, number: usize| {
        let Task { rule, blocks, .. } = tasks[number].clone();
        for block in blocks.filter(|block| is_drawn(settings.seed, rule, *block, shares[rule])) {
            plan.for_each_in_block(rule, block, |a, b, is_first| {
                let seen = maps[rule].entry(pattern(&settings.comparisons, records, a, b, scratch)).or_default();
                seen.0 += 1;
                seen.1 += u64::from(is_first);
            });
        }
    };
    let gathered = run(Stage::Training, &sizes, settings.threads, make, work, watch)?;
    let merged = |rule: usize| {
        let mut all: Map<Pattern, (u64, u64)> = Map::default();
        for (pattern, seen) in gathered.iter().flat_map(|(_, maps)| &maps[rule]) {
            let sum = all.entry(*pattern).or_default();
            *sum = (sum.0 + seen.0, sum.1 + seen.1);
        }
        let mut patterns: Vec<(Pattern, u64, u64)> = all.into_iter().map(|(pattern, (all, first))| (pattern, all, first)).collect();
        // Sums of floating-point numbers depend on their order.
        patterns.sort_unstable();
        Sample { patterns, share: shares[rule] }
    };
    Ok((0..plan.rule_count()).map(merged).collect())
}

fn is_drawn(seed: u64, rule: usize, block: usize, share: f64) -> bool {
    share >= 1.0 || (mix(seed ^ mix(((rule as u64) << 40) ^ block as u64)) as f64) < share * u64::MAX as f64
}

/// Patterns spelt out, each with its number of pairs.
struct Weighed {
    levels: Vec<LevelId>,
    pairs: Vec<f64>,
    width: usize,
}

impl Weighed {
    fn new(width: usize, patterns: impl Iterator<Item = (Pattern, f64)>) -> Self {
        let mut weighed = Weighed { levels: Vec::new(), pairs: Vec::new(), width };
        for (pattern, pairs) in patterns.filter(|(_, pairs)| *pairs > 0.0) {
            weighed.levels.extend((0..width).map(|place| level_in(pattern, place)));
            weighed.pairs.push(pairs);
        }
        weighed
    }

    fn all(sample: &Sample, width: usize) -> Self {
        Self::new(width, sample.patterns.iter().map(|(pattern, all, _)| (*pattern, *all as f64 / sample.share)))
    }

    /// Every pair once.
    fn union(samples: &[Sample], width: usize) -> Self {
        let mut all: std::collections::BTreeMap<Pattern, f64> = std::collections::BTreeMap::new();
        for sample in samples {
            for (pattern, _, first) in &sample.patterns {
                *all.entry(*pattern).or_default() += *first as f64 / sample.share;
            }
        }
        Self::new(width, all.into_iter())
    }

    fn iter(&self) -> impl Iterator<Item = (&[LevelId], f64)> {
        self.levels.chunks_exact(self.width.max(1)).zip(self.pairs.iter().copied())
    }
}

/// What EM learns: one person, one household, and by what is left over, strangers.
#[derive(Clone)]
struct Classes {
    prior: f64,
    m: Table,
    /// Expected number of pairs of one person in which each comparison was not null.
    matches: Vec<f64>,
    household: f64,
    household_m: Table,
}

impl Classes {
    fn presumed(comparisons: &[Comparison], prior: f64) -> Self {
        let m: Table = comparisons.iter().map(presumed).collect();
        Classes { prior, household: prior, household_m: m.clone(), matches: vec![0.0; m.len()], m }
    }

    fn distance(&self, other: &Classes) -> f64 {
        let moved = |x: &Table, y: &Table| x.iter().flatten().zip(y.iter().flatten()).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        let share = |x: f64, y: f64| (x - y).abs() / y.max(1e-12) * 1e-2;
        let m = moved(&self.m, &other.m).max(moved(&self.household_m, &other.household_m));
        m.max(share(self.prior, other.prior)).max(if other.household > LEAST { share(self.household, other.household) } else { 0.0 })
    }
}

/// A class without pairs keeps this share, so that its logarithm exists.
const LEAST: f64 = 1e-15;

struct Em<'a> {
    pairs: &'a Weighed,
    /// Comparisons of columns that the pairs were chosen by.
    left_out: &'a [bool],
    /// Comparisons of what a household shares; none: there are no households.
    shared: &'a [bool],
    /// Pairs that the classes are shares of; those not among `pairs` are strangers.
    total: f64,
}

impl Em<'_> {
    fn run(&self, comparisons: &[Comparison], weights: &[Weights], start: Classes) -> Classes {
        let mut now = start;
        if !self.shared.contains(&true) {
            now.household = LEAST;
        }
        let chances = self.chances(weights);
        for _ in 0..ITERATIONS {
            let next = self.step(comparisons, &chances, &now);
            let moved = next.distance(&now);
            now = next;
            if moved < STILL {
                break;
            }
        }
        now
    }

    /// ln P(pattern | strangers), of all comparisons and of those that a household shares: it stays, for u is not learnt here.
    fn chances(&self, weights: &[Weights]) -> Vec<(f64, f64)> {
        let of_pattern = |levels: &[LevelId]| {
            let mut chances = (0.0, 0.0);
            for (place, &level) in levels.iter().enumerate() {
                if level != NULL_LEVEL && !self.left_out[place] {
                    let chance = weights[place].u(level, followed_level(&weights[place], levels)).ln();
                    chances.0 += chance;
                    chances.1 += if self.shared[place] { chance } else { 0.0 };
                }
            }
            chances
        };
        self.pairs.iter().map(|(levels, _)| of_pattern(levels)).collect()
    }

    /// ln m, nought where nothing is said: null, and what takes no part.
    fn logs(&self, m: &Table, takes_part: impl Fn(usize) -> bool) -> Table {
        let of_comparison = |(place, m): (usize, &Vec<f64>)| {
            let log = |(level, m): (usize, &f64)| if level == 0 || self.left_out[place] || !takes_part(place) { 0.0 } else { m.ln() };
            m.iter().enumerate().map(log).collect()
        };
        m.iter().enumerate().map(of_comparison).collect()
    }

    fn step(&self, comparisons: &[Comparison], chances: &[(f64, f64)], now: &Classes) -> Classes {
        let (person, household) = (self.logs(&now.m, |_| true), self.logs(&now.household_m, |place| self.shared[place]));
        let strangers = (1.0 - now.prior - now.household).max(1e-9).ln();
        let before = (now.prior.ln() - strangers, now.household.ln() - strangers);
        let mut counts: Table = comparisons.iter().map(|c| vec![0.0; c.len()]).collect();
        let mut household_counts = counts.clone();
        let (mut matches, mut relatives) = (0.0, 0.0);
        for ((levels, pairs), chance) in self.pairs.iter().zip(chances) {
            let mut odds = (before.0 - chance.0, before.1 - chance.1);
            for (place, &level) in levels.iter().enumerate() {
                odds.0 += person[place][usize::from(level)];
                odds.1 += household[place][usize::from(level)];
            }
            let largest = odds.0.max(odds.1).max(0.0);
            let likely = ((odds.0 - largest).exp(), (odds.1 - largest).exp());
            let all = likely.0 + likely.1 + (-largest).exp();
            let (one_person, one_household) = (pairs * likely.0 / all, pairs * likely.1 / all);
            matches += one_person;
            relatives += one_household;
            for (place, &level) in levels.iter().enumerate() {
                counts[place][usize::from(level)] += one_person;
                household_counts[place][usize::from(level)] += one_household;
            }
        }
        let m = |counts: &Table| counts.iter().zip(comparisons).map(|(counts, c)| estimated_m(counts, c)).collect();
        Classes {
            prior: (matches / self.total).clamp(1e-12, 1.0 - 1e-6),
            m: m(&counts),
            matches: counts.iter().map(|counts| counts[1..].iter().sum()).collect(),
            household: (relatives / self.total).clamp(LEAST, 1.0 - 1e-6),
            household_m: m(&household_counts),
        }
    }
}

fn estimated_m(counts: &[f64], comparison: &Comparison) -> Vec<f64> {
    let seen: f64 = counts[1..].iter().sum();
    let mut m: Vec<f64> = counts.iter().zip(presumed(comparison)).map(|(count, prior)| (count + PRIOR_PAIRS * prior) / (seen + PRIOR_PAIRS)).collect();
    m[0] = 0.0;
    if comparison.one_for_life {
        bound_mistakes(&mut m);
    }
    m
}

/// Where nobody is there twice, those who look most alike are namesakes. A birthday that nearly always differs is no birthday of one person.
fn bound_mistakes(m: &mut [f64]) {
    let Some((different, alike)) = m.split_last_mut().filter(|(different, _)| **different > MOST_MISTAKES) else { return };
    let scale = (1.0 - MOST_MISTAKES) / (1.0 - *different).max(1e-9);
    alike.iter_mut().for_each(|share| *share *= scale);
    *different = MOST_MISTAKES;
}

/// m of each comparison over the rules that do not use its column, each rule with the number of matches it has seen.
fn average_m(rules: &[(Vec<bool>, Weighed)], comparisons: &[Comparison], weights: &[Weights], ties: &[Tie], shared: &[bool]) -> Table {
    let mut weights = weights.to_vec();
    let mut sums: Table = comparisons.iter().map(|c| presumed(c).iter().map(|m| m * PRIOR_PAIRS).collect()).collect();
    for (left_out, pairs) in rules {
        let total: f64 = pairs.pairs.iter().sum();
        if total < 1.0 {
            continue;
        }
        follow(ties, comparisons.len(), left_out, &mut weights);
        let classes = Em { pairs, left_out, shared, total }.run(comparisons, &weights, Classes::presumed(comparisons, 0.1));
        for place in (0..comparisons.len()).filter(|place| !left_out[*place]) {
            for (sum, m) in sums[place].iter_mut().zip(&classes.m[place]) {
                *sum += m * classes.matches[place];
            }
        }
    }
    for sums in &mut sums {
        let all: f64 = sums.iter().sum();
        sums.iter_mut().for_each(|share| *share /= all);
    }
    sums
}
