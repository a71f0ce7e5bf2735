//! Taking back what does not pay: minimal cost-complexity pruning (Breiman and others 1984, chapter 3), alpha by cross-validation.

use serde::{Deserialize, Serialize};

use super::super::features::Features;
use super::super::random::mix;
use super::grow::grow;
use super::{Target, Tree, TreeOptions};
use crate::kernel::Result;

/// From this alpha on the tree is no larger than this.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathStep {
    pub alpha: f64,
    /// Of all leaves, by weight.
    pub impurity: f64,
    pub leaves: usize,
}

/// One alpha and what it cost on people the tree had not seen: squared error, of classes summed over them (Brier's score).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    pub alpha: f64,
    pub leaves: usize,
    pub loss: f64,
    pub standard_error: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validated {
    /// The one taken.
    pub alpha: f64,
    pub tried: Vec<Tried>,
}

/// So many alphas are tried at most; a longer path is thinned out.
const MOST_TRIED: usize = 40;

impl Tree {
    /// Alphas at which the tree becomes smaller, from the full tree to the root alone.
    pub fn pruning_path(&self) -> Vec<PathStep> {
        let mut worker = Worker::new(self);
        let mut path = vec![worker.step(0.0)];
        while let Some((alpha, at)) = worker.weakest() {
            worker.is_leaf[at] = true;
            let step = worker.step(alpha.max(0.0));
            match path.last_mut() {
                Some(last) if step.alpha <= last.alpha + 1e-15 => *last = PathStep { alpha: last.alpha, ..step },
                _ => path.push(step),
            }
        }
        path
    }

    /// The smallest tree whose every split brings at least `alpha` for each leaf it adds.
    pub fn pruned(&self, alpha: f64) -> Self {
        let mut worker = Worker::new(self);
        while let Some((_, at)) = worker.weakest().filter(|(weakest, _)| *weakest <= alpha) {
            worker.is_leaf[at] = true;
        }
        worker.rest()
    }
}

/// A tree of which some nodes are leaves by now.
struct Worker<'a> {
    tree: &'a Tree,
    is_leaf: Vec<bool>,
}

impl<'a> Worker<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self { tree, is_leaf: tree.nodes.iter().map(|n| n.branch.is_none()).collect() }
    }

    fn cost(&self, at: usize) -> f64 {
        let node = &self.tree.nodes[at];
        node.impurity * node.weight / self.tree.nodes[0].weight
    }

    /// Cost and leaves below every node. A child stands after its parent.
    fn below(&self) -> Vec<(f64, usize)> {
        let mut below = vec![(0.0, 0); self.tree.nodes.len()];
        for at in (0..below.len()).rev() {
            below[at] = match &self.tree.nodes[at].branch {
                Some(b) if !self.is_leaf[at] => {
                    let (left, right) = (below[b.left as usize], below[b.right as usize]);
                    (left.0 + right.0, left.1 + right.1)
                }
                _ => (self.cost(at), 1),
            };
        }
        below
    }

    /// The split that brings least for each leaf it adds; of those that are still there.
    fn weakest(&self) -> Option<(f64, usize)> {
        let below = self.below();
        let mut best: Option<(f64, usize)> = None;
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let Some(b) = self.tree.nodes[at].branch.as_ref().filter(|_| !self.is_leaf[at]) else { continue };
            let alpha = (self.cost(at) - below[at].0) / (below[at].1 - 1) as f64;
            if best.is_none_or(|(least, _)| alpha < least) {
                best = Some((alpha, at));
            }
            open.extend([b.right as usize, b.left as usize]);
        }
        best
    }

    fn step(&self, alpha: f64) -> PathStep {
        let (impurity, leaves) = self.below()[0];
        PathStep { alpha, impurity, leaves }
    }

    fn rest(&self) -> Tree {
        let mut out = Tree { nodes: Vec::new(), ..self.tree.clone() };
        out.nodes.push(self.tree.nodes[0].clone());
        let mut open = vec![(0_usize, 0_usize)];
        while let Some((old, new)) = open.pop() {
            if self.is_leaf[old] {
                out.nodes[new].branch = None;
                continue;
            }
            let Some(b) = &self.tree.nodes[old].branch else { continue };
            let at = out.nodes.len();
            out.nodes.extend([self.tree.nodes[b.left as usize].clone(), self.tree.nodes[b.right as usize].clone()]);
            if let Some(branch) = &mut out.nodes[new].branch {
                (branch.left, branch.right) = (at as u32, at as u32 + 1);
            }
            open.extend([(b.right as usize, at + 1), (b.left as usize, at)]);
        }
        out
    }
}

/// Folds by the row's number and the seed, so that every run cuts the same way.
pub(super) fn cross_validate(features: &Features, target: &Target, full: &Tree, options: &TreeOptions, folds: usize, one_se: bool) -> Result<Validated> {
    let path = full.pruning_path();
    let alphas = thinned(&path);
    let (mut sums, mut squares, mut seen) = (vec![0.0; alphas.len()], vec![0.0; alphas.len()], 0.0);
    let fold_of = |row: u32| (mix(options.seed ^ mix(u64::from(row) + 1)) % folds as u64) as usize;
    for fold in 0..folds {
        let (held, learn): (Vec<u32>, Vec<u32>) = (0..features.rows() as u32).partition(|row| fold_of(*row) == fold);
        // A fold may have missed one of the classes.
        let Ok(tree) = grow(features, target, Some(learn), options) else { continue };
        let held_features = features.take(&held);
        seen += held.len() as f64;
        for (i, (alpha, _)) in alphas.iter().enumerate() {
            let tree = tree.pruned(*alpha);
            for (row, leaf) in held.iter().zip(tree.leaves_of(&held_features, options.threads)?) {
                let loss = loss(target, *row as usize, &tree.nodes[leaf as usize].value);
                sums[i] += loss;
                squares[i] += loss * loss;
            }
        }
    }
    let tried = alphas.iter().enumerate().map(|(i, (alpha, leaves))| {
        let n = f64::max(seen, 1.0);
        let mean = sums[i] / n;
        Tried { alpha: *alpha, leaves: *leaves, loss: mean, standard_error: ((squares[i] / n - mean * mean).max(0.0) / n).sqrt() }
    });
    let tried: Vec<Tried> = tried.collect();
    let best = tried.iter().min_by(|a, b| a.loss.total_cmp(&b.loss).then(b.alpha.total_cmp(&a.alpha)));
    let bar = best.map_or(0.0, |best| best.loss + if one_se { best.standard_error } else { 0.0 });
    let alpha = tried.iter().rev().find(|t| t.loss <= bar).map_or(0.0, |t| t.alpha);
    Ok(Validated { alpha, tried })
}

/// For each tree of the path an alpha in the middle of its range (geometrically, as in the book), with its leaves.
fn thinned(path: &[PathStep]) -> Vec<(f64, usize)> {
    let middle = |i: usize| (path.get(i + 1).map_or(path[i].alpha, |next| (path[i].alpha * next.alpha).sqrt()), path[i].leaves);
    let stride = path.len().div_ceil(MOST_TRIED).max(1);
    let mut out: Vec<(f64, usize)> = (0..path.len()).step_by(stride).map(middle).collect();
    if !(path.len() - 1).is_multiple_of(stride) {
        out.push(middle(path.len() - 1));
    }
    out
}

fn loss(target: &Target, row: usize, value: &[f64]) -> f64 {
    match target {
        Target::Numbers(values) => (values[row] - value[0]).powi(2),
        Target::Classes { labels, .. } => {
            let own = labels[row] as usize;
            value.iter().enumerate().map(|(class, p)| (p - f64::from(u8::from(class == own))).powi(2)).sum()
        }
    }
}
