//! From the root down: the best question of all columns, its two answers, and the same again.

use super::super::features::{Column, Features, Values};
use super::super::parallel;
use super::split::{Candidate, Found, Goal, Sums, best_split};
use super::{Branch, ClassWeights, Node, Target, Tree, TreeFeature, TreeOptions};
use crate::kernel::{Error, Result};

/// From so many people on, numbers are put into bins once, instead of sorting at every node.
const BINNED_FROM: usize = 50_000;
/// Cells of a node (people times columns) from which a second thread is worth it.
const WORTH_A_THREAD: usize = 200_000;

/// Grows the whole tree on these rows, or on all; nothing is pruned.
pub(super) fn grow(features: &Features, target: &Target, rows: Option<Vec<u32>>, options: &TreeOptions) -> Result<Tree> {
    let mut rows = rows.unwrap_or_else(|| (0..features.rows() as u32).collect());
    let (goal, classes) = goal(target, &rows, options)?;
    let binned = rows.len() >= BINNED_FROM;
    let candidates = parallel::map(features.columns().iter().collect(), options.threads, |c: &Column| Candidate::of(c.values(), binned));
    let named = |c: &Column| TreeFeature {
        name: c.name().to_owned(),
        dictionary: match c.values() {
            Values::Numbers(_) => None,
            Values::Categories { dictionary, .. } => Some(dictionary.clone()),
        },
    };
    let mut tree = Tree { features: features.columns().iter().map(named).collect(), classes, nodes: Vec::new(), validated: None };
    let bound = tree.bind(features)?;
    let mut room = Vec::with_capacity(rows.len());
    let everybody = rows.len();
    tree.nodes.push(node(&goal, &rows));
    let mut open = vec![(0_usize, 0..everybody, 0_usize)];
    while let Some((at, range, depth)) = open.pop() {
        let own = &mut rows[range.clone()];
        if depth >= options.max_depth || own.len() < 2 * options.min_leaf || is_pure(&tree.nodes[at]) {
            continue;
        }
        let Some((feature, found)) = best_of_all(&candidates, &goal, own, options) else { continue };
        let (left, right) = (tree.nodes.len() as u32, tree.nodes.len() as u32 + 1);
        let Found { split, missing_left, saw_missing, more_left, .. } = found;
        let branch = Branch { feature, split, missing_left, saw_missing, more_left, left, right };
        let middle = partition(own, &mut room, |row| bound[feature as usize].goes_left(row, &branch));
        tree.nodes.push(node(&goal, &own[..middle]));
        tree.nodes.push(node(&goal, &own[middle..]));
        tree.nodes[at].branch = Some(branch);
        let cut = range.start + middle;
        open.push((right as usize, cut..range.end, depth + 1));
        open.push((left as usize, range.start..cut, depth + 1));
    }
    Ok(tree)
}

fn goal(target: &Target, rows: &[u32], options: &TreeOptions) -> Result<(Goal, Vec<String>)> {
    match target {
        Target::Numbers(values) => {
            let centre = rows.iter().map(|r| values[*r as usize]).sum::<f64>() / rows.len().max(1) as f64;
            Ok((Goal::Numbers { values: values.iter().map(|v| v - centre).collect(), centre }, Vec::new()))
        }
        Target::Classes { labels, names } => {
            let mut counts = vec![0.0; names.len()];
            rows.iter().for_each(|r| counts[labels[*r as usize] as usize] += 1.0);
            let used = counts.iter().filter(|n| **n > 0.0).count();
            if used < 2 {
                return Err(Error::invalid("models.one_class", "everybody has the same outcome: there is nothing to tell apart"));
            }
            let weights = match &options.class_weights {
                ClassWeights::Equal => vec![1.0; names.len()],
                ClassWeights::Balanced => counts.iter().map(|n| if *n > 0.0 { rows.len() as f64 / (names.len() as f64 * n) } else { 1.0 }).collect(),
                ClassWeights::Given(weights) => weights.clone(),
            };
            Ok((Goal::Classes { labels: labels.clone(), weights, criterion: options.criterion }, names.clone()))
        }
    }
}

fn sums(goal: &Goal, rows: &[u32]) -> Sums {
    let mut sums = Sums::new(goal.width());
    sums.people = rows.len() as u64;
    rows.iter().for_each(|row| goal.add(*row as usize, &mut sums.values));
    sums
}

fn node(goal: &Goal, rows: &[u32]) -> Node {
    let sums = sums(goal, rows);
    let weight = goal.weight(&sums.values);
    let (value, counts) = match goal {
        Goal::Classes { weights, .. } => {
            let counts = sums.values.iter().zip(weights).map(|(sum, w)| (sum / w).round() as u64).collect();
            (sums.values.iter().map(|v| v / weight).collect(), counts)
        }
        Goal::Numbers { centre, .. } => (vec![centre + sums.values[1] / weight], Vec::new()),
    };
    Node { people: sums.people, weight, impurity: goal.badness(&sums.values) / weight, value, counts, branch: None }
}

fn is_pure(node: &Node) -> bool {
    node.impurity <= 1e-14 * node.value.iter().map(|v| v * v).sum::<f64>().max(1e-300)
}

/// The first of the best, in the order of columns.
fn best_of_all(candidates: &[Candidate], goal: &Goal, rows: &[u32], options: &TreeOptions) -> Option<(u32, Found)> {
    let all = sums(goal, rows);
    let threads = if rows.len() * candidates.len() < WORTH_A_THREAD { 1 } else { options.threads };
    let found = parallel::map(candidates.iter().collect(), threads, |c| best_split(c, goal, rows, &all, options.min_leaf as u64));
    let found = (0..).zip(found).filter_map(|(feature, found)| Some((feature, found?)));
    found.reduce(|best, next| if next.1.gain > best.1.gain * (1.0 + 1e-12) { next } else { best })
}

/// Those who go left first, both in their old order; gives back how many go left.
fn partition(rows: &mut [u32], room: &mut Vec<u32>, left: impl Fn(usize) -> bool) -> usize {
    room.clear();
    let mut kept = 0;
    for i in 0..rows.len() {
        let row = rows[i];
        if left(row as usize) {
            rows[kept] = row;
            kept += 1;
        } else {
            room.push(row);
        }
    }
    rows[kept..].copy_from_slice(room);
    kept
}

