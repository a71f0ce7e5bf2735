//! Comparisons that follow each other among two persons: who lives in one city often has one postcode too.
//!
//! Taken as independent they count one fact twice, and expectation-maximisation finds neighbours instead of copies. The strongest such ties make a
//! tree (Chow and Liu, Approximating discrete probability distributions with dependence trees, IEEE Trans. IT 14, 1968), learnt from random pairs.

use crate::compare::{Comparison, LevelId, NULL_LEVEL, Pattern, level_in};
use crate::model::{Given, Weights};

/// How many times as often two levels come together as they would by chance: a row for each level of the first.
type Lift = Vec<Vec<f64>>;

pub(crate) struct Tie {
    first: usize,
    second: usize,
    lift: Lift,
}

/// Pairs by which a lift is drawn towards 1: what is seldom seen is taken for independent.
const SHRINKAGE: f64 = 10.0;
/// A tie is worth its trouble when two agreements come together at least so many times as often as by chance, in at least so many pairs.
const NOTABLE_LIFT: f64 = 2.0;
const NOTABLE_PAIRS: f64 = 30.0;
/// … of which at most so few may be one person, as far as one can see by the other columns: else it is copies that make the tie.
const SURELY_TWO: f64 = 0.8;

/// The tree. `weights` are first guesses: they keep apart the few random pairs that are one person.
pub(crate) fn ties(comparisons: &[Comparison], random: &[(Pattern, u64)], weights: &[Weights]) -> Vec<Tie> {
    let bits = |pattern: Pattern, place: usize| weights[place].bits(level_in(pattern, place), NULL_LEVEL);
    let sums: Vec<f64> = random.iter().map(|(pattern, _)| (0..comparisons.len()).map(|place| bits(*pattern, place)).sum()).collect();
    let mut candidates = Vec::new();
    for second in 1..comparisons.len() {
        for first in 0..second {
            let mut counts = vec![vec![Seen::default(); comparisons[second].len()]; comparisons[first].len()];
            for ((pattern, pairs), sum) in random.iter().zip(&sums) {
                // By the other comparisons alone: a pair that agrees in those too says nothing about two persons.
                let others = sum - bits(*pattern, first) - bits(*pattern, second);
                let seen = &mut counts[usize::from(level_in(*pattern, first))][usize::from(level_in(*pattern, second))];
                seen.all += *pairs as f64;
                seen.two_persons += *pairs as f64 / (1.0 + others.exp2());
            }
            let (lift, information, is_notable) = lift(&counts);
            if is_notable {
                candidates.push((information, Tie { first, second, lift }));
            }
        }
    }
    candidates.sort_by(|(x, _), (y, _)| y.total_cmp(x));
    spanning(candidates.into_iter().map(|(_, tie)| tie), comparisons.len())
}

/// Pairs with two levels.
#[derive(Clone, Copy, Default)]
struct Seen {
    all: f64,
    two_persons: f64,
}

/// The lift, the mutual information, and whether two agreements come together notably often.
fn lift(counts: &[Vec<Seen>]) -> (Lift, f64, bool) {
    let rows: Vec<f64> = counts.iter().map(|row| row[1..].iter().map(|seen| seen.two_persons).sum()).collect();
    let columns: Vec<f64> = (0..counts[0].len()).map(|column| counts[1..].iter().map(|row| row[column].two_persons).sum()).collect();
    let all: f64 = rows[1..].iter().sum();
    let mut lift = vec![vec![1.0; columns.len()]; rows.len()];
    let (mut information, mut is_notable) = (0.0, false);
    for row in 1..rows.len() {
        for column in 1..columns.len() {
            let Seen { all: with_copies, two_persons: seen } = counts[row][column];
            if seen < SURELY_TWO * with_copies {
                continue;
            }
            let expected = rows[row] * columns[column] / all.max(1.0);
            let times = (seen + SHRINKAGE) / (expected + SHRINKAGE);
            lift[row][column] = times;
            information += seen / all.max(1.0) * times.ln();
            // The last level is "else".
            is_notable |= row + 1 < rows.len() && column + 1 < columns.len() && times >= NOTABLE_LIFT && seen >= NOTABLE_PAIRS;
        }
    }
    (lift, information, is_notable)
}

/// Kruskal (1956): the strongest ties that make no circle.
fn spanning(candidates: impl Iterator<Item = Tie>, comparisons: usize) -> Vec<Tie> {
    let mut group: Vec<usize> = (0..comparisons).collect();
    let mut ties = Vec::new();
    for tie in candidates {
        let (first, second) = (group[tie.first], group[tie.second]);
        if first != second {
            group.iter_mut().filter(|g| **g == second).for_each(|g| *g = first);
            ties.push(tie);
        }
    }
    ties
}

/// Who follows whom, with `roots` followed and never following: what is known beforehand, because pairs were chosen by it.
pub(crate) fn follow(ties: &[Tie], comparisons: usize, roots: &[bool], weights: &mut [Weights]) {
    weights.iter_mut().for_each(|w| w.given = None);
    let mut reached = vec![false; comparisons];
    let mut queue: Vec<usize> = (0..comparisons).filter(|place| roots[*place]).collect();
    queue.iter().for_each(|place| reached[*place] = true);
    let mut rest = (0..comparisons).filter(|place| !roots[*place]);
    let mut next = 0;
    loop {
        while next < queue.len() {
            let place = queue[next];
            next += 1;
            for tie in ties {
                let other = match () {
                    () if tie.first == place => tie.second,
                    () if tie.second == place => tie.first,
                    () => continue,
                };
                if !reached[other] {
                    reached[other] = true;
                    queue.push(other);
                    weights[other].given = Some(given(tie, place, &weights[other].u));
                }
            }
        }
        match rest.find(|place| !reached[*place]) {
            Some(place) => {
                reached[place] = true;
                queue.push(place);
            }
            None => return,
        }
    }
}

/// P(level | level of the other) ∝ P(level) · lift.
fn given(tie: &Tie, followed: usize, u: &[f64]) -> Given {
    let others = if followed == tie.first { tie.lift.len() } else { tie.lift[0].len() };
    let lift = |other: usize, level: usize| if followed == tie.first { tie.lift[other][level] } else { tie.lift[level][other] };
    let row = |other: usize| {
        let row: Vec<f64> = u.iter().enumerate().map(|(level, u)| u * lift(other, level)).collect();
        let sum: f64 = row.iter().sum();
        row.into_iter().map(|u| u / sum).collect()
    };
    Given { comparison: followed, u: (0..others).map(row).collect() }
}

/// The level that decides which row counts.
pub(crate) fn followed_level(weights: &Weights, levels: &[LevelId]) -> LevelId {
    weights.given.as_ref().map_or(NULL_LEVEL, |given| levels[given.comparison])
}
