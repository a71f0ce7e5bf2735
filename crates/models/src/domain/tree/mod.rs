//! Who does it, as a handful of sentences: a decision tree (L. Breiman, J. Friedman, R. Olshen, C. Stone, Classification and Regression Trees, 1984)
//! whose leaves read as rules.

mod grow;
mod prune;
mod rules;
mod split;

pub use prune::{PathStep, Validated};
pub use rules::{Condition, Rule, Test};

use serde::{Deserialize, Serialize};

use super::features::{Features, Values, all_finite};
use super::{no_rows, parallel, require, same_length};
use crate::kernel::{Error, Result};

/// What is to be explained.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Classes { labels: Vec<u32>, names: Vec<String> },
    Numbers(Vec<f64>),
}

impl Target {
    /// `no` is class 0, `yes` class 1.
    pub fn yes_no(values: impl IntoIterator<Item = bool>) -> Self {
        Self::Classes { labels: values.into_iter().map(u32::from).collect(), names: vec!["no".to_owned(), "yes".to_owned()] }
    }
    /// Classes in the order of their names.
    pub fn classes<S: AsRef<str>>(values: &[S]) -> Self {
        let mut names: Vec<String> = values.iter().map(|v| v.as_ref().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let labels = values.iter().map(|v| names.binary_search_by(|n| n.as_str().cmp(v.as_ref())).map_or(0, |i| i as u32)).collect();
        Self::Classes { labels, names }
    }
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Numbers(values) => values.len(),
        }
    }
}

/// What a split makes less. Numbers always use their variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    #[default]
    Gini,
    Entropy,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    #[default]
    Equal,
    /// Each class counts as much as any other, however few it has.
    Balanced,
    /// One for each class, in their order.
    Given(Vec<f64>),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pruning {
    None,
    /// Takes back splits that bring less than this for each leaf.
    Alpha(f64),
    /// Alpha by cross-validation; with `one_standard_error` the smallest tree that is not clearly worse than the best.
    CrossValidated { folds: usize, one_standard_error: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TreeOptions {
    pub criterion: Criterion,
    pub max_depth: usize,
    /// People in a leaf, at least.
    pub min_leaf: usize,
    pub class_weights: ClassWeights,
    pub pruning: Pruning,
    pub seed: u64,
    pub threads: usize,
}

impl Default for TreeOptions {
    fn default() -> Self {
        Self {
            criterion: Criterion::Gini,
            max_depth: 5,
            min_leaf: 20,
            class_weights: ClassWeights::Equal,
            pruning: Pruning::CrossValidated { folds: 5, one_standard_error: true },
            seed: 0,
            threads: 2,
        }
    }
}

/// Which way a person goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "on")]
pub enum Split {
    /// At most the threshold goes left.
    Number { threshold: f64 },
    /// Codes of the tree's dictionary. What was in neither goes where more people went.
    Category { left: Vec<u32>, right: Vec<u32> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub feature: u32,
    pub split: Split,
    /// Whether unknown values go left: where they served better, or where more people went if none were unknown.
    pub missing_left: bool,
    /// Whether there were unknown values to decide it by.
    pub saw_missing: bool,
    pub more_left: bool,
    pub left: u32,
    pub right: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub people: u64,
    /// Sum of their weights.
    pub weight: f64,
    pub impurity: f64,
    /// Weighted share of every class; or the mean.
    pub value: Vec<f64>,
    /// People of every class, unweighted; empty for numbers.
    pub counts: Vec<u64>,
    pub branch: Option<Branch>,
}

/// The first node is the root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    pub features: Vec<TreeFeature>,
    /// Empty for numbers.
    pub classes: Vec<String>,
    pub nodes: Vec<Node>,
    /// What cross-validation found, if it was asked.
    pub validated: Option<Validated>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TreeFeature {
    pub name: String,
    /// `None` for numbers.
    pub dictionary: Option<Vec<String>>,
}

impl Tree {
    pub fn fit(features: &Features, target: &Target, options: &TreeOptions) -> Result<Self> {
        check(features, target, options)?;
        let full = grow::grow(features, target, None, options)?;
        match options.pruning {
            Pruning::None => Ok(full),
            Pruning::Alpha(alpha) => Ok(full.pruned(alpha)),
            Pruning::CrossValidated { folds, one_standard_error } => {
                let validated = prune::cross_validate(features, target, &full, options, folds, one_standard_error)?;
                let mut tree = full.pruned(validated.alpha);
                tree.validated = Some(validated);
                Ok(tree)
            }
        }
    }

    pub fn leaves(&self) -> usize {
        self.nodes.iter().filter(|n| n.branch.is_none()).count()
    }

    pub fn depth(&self) -> usize {
        let mut depths = vec![0_usize; self.nodes.len()];
        // A child always stands after its parent.
        for (i, node) in self.nodes.iter().enumerate() {
            if let Some(b) = &node.branch {
                depths[b.left as usize] = depths[i] + 1;
                depths[b.right as usize] = depths[i] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// The leaf each person comes to, as an index of `nodes`.
    pub fn leaves_of(&self, features: &Features, threads: usize) -> Result<Vec<u32>> {
        let columns = self.bind(features)?;
        let mut out = vec![0_u32; features.rows()];
        let blocks: Vec<(usize, &mut [u32])> = out.chunks_mut(parallel::BLOCK).enumerate().collect();
        parallel::map(blocks, threads, |(block, out)| {
            for (i, out) in out.iter_mut().enumerate() {
                *out = self.walk(&columns, block * parallel::BLOCK + i);
            }
        });
        Ok(out)
    }

    /// Each person's mean, or the share of class `class` in her leaf.
    pub fn predict(&self, features: &Features, class: usize, threads: usize) -> Result<Vec<f64>> {
        require(class < self.nodes[0].value.len(), "class", "there is no such class")?;
        Ok(self.leaves_of(features, threads)?.into_iter().map(|leaf| self.nodes[leaf as usize].value[class]).collect())
    }

    /// How much of the tree's explaining each feature does; together 1, or 0 if nothing is explained. The strongest first.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let mut gains = vec![0.0; self.features.len()];
        for node in &self.nodes {
            if let Some(b) = &node.branch {
                let of = |i: u32| self.nodes[i as usize].weight * self.nodes[i as usize].impurity;
                gains[b.feature as usize] += node.weight * node.impurity - of(b.left) - of(b.right);
            }
        }
        let total: f64 = gains.iter().sum();
        let share = |gain: f64| if total > 0.0 { gain / total } else { 0.0 };
        let mut out: Vec<(String, f64)> = self.features.iter().zip(gains).map(|(f, gain)| (f.name.clone(), share(gain))).collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }

    /// The columns as the tree's own codes.
    fn bind<'a>(&self, features: &'a Features) -> Result<Vec<Bound<'a>>> {
        let bind = |feature: &TreeFeature| {
            let column = features.column(&feature.name)?;
            match (&feature.dictionary, column.values()) {
                (None, Values::Numbers(values)) => Ok(Bound::Numbers(values)),
                (Some(own), Values::Categories { codes, dictionary }) => {
                    let codes_of = dictionary.iter().map(|name| own.binary_search(name).map_or(UNSEEN, |i| i as u32)).collect();
                    Ok(Bound::Codes { codes, codes_of })
                }
                _ => {
                    let detail = format!("column {} is of another kind than the one the tree was grown with", feature.name);
                    Err(Error::invalid("models.column_kind", detail).param("column", &feature.name))
                }
            }
        };
        self.features.iter().map(bind).collect()
    }

    fn walk(&self, columns: &[Bound], row: usize) -> u32 {
        let mut at = 0_u32;
        while let Some(b) = &self.nodes[at as usize].branch {
            let left = columns[b.feature as usize].goes_left(row, b);
            at = if left { b.left } else { b.right };
        }
        at
    }
}

/// A category that was not there when the tree was grown.
const UNSEEN: u32 = u32::MAX - 1;

enum Bound<'a> {
    Numbers(&'a [f32]),
    Codes { codes: &'a [u32], codes_of: Vec<u32> },
}

impl Bound<'_> {
    fn goes_left(&self, row: usize, branch: &Branch) -> bool {
        match (self, &branch.split) {
            (Bound::Numbers(values), Split::Number { threshold }) => {
                let v = values[row];
                if v.is_nan() { branch.missing_left } else { f64::from(v) <= *threshold }
            }
            (Bound::Codes { codes, codes_of }, Split::Category { left, right }) => match codes_of.get(codes[row] as usize) {
                None => branch.missing_left,
                Some(code) if left.binary_search(code).is_ok() => true,
                Some(code) if right.binary_search(code).is_ok() => false,
                Some(_) => branch.more_left,
            },
            // `bind` has compared the kinds.
            _ => branch.more_left,
        }
    }
}

fn check(features: &Features, target: &Target, options: &TreeOptions) -> Result<()> {
    same_length("the target", target.rows(), features.rows())?;
    if features.rows() == 0 {
        return Err(no_rows("growing a tree"));
    }
    if features.columns().is_empty() {
        return Err(Error::invalid("models.no_columns", "there is no column to split by"));
    }
    require((1..=30).contains(&options.max_depth), "max_depth", "between 1 and 30")?;
    require(options.min_leaf >= 1, "min_leaf", "at least one")?;
    match target {
        Target::Numbers(values) => all_finite("target", values)?,
        Target::Classes { labels, names } => {
            require(labels.iter().all(|l| (*l as usize) < names.len()), "target", "a label is beyond the names of classes")?;
            if let ClassWeights::Given(weights) = &options.class_weights {
                require(weights.len() == names.len(), "class_weights", "one for each class")?;
                require(weights.iter().all(|w| w.is_finite() && *w > 0.0), "class_weights", "numbers above 0")?;
            }
        }
    }
    match options.pruning {
        Pruning::None => Ok(()),
        Pruning::Alpha(alpha) => require(alpha.is_finite() && alpha >= 0.0, "pruning", "a number that is not negative"),
        Pruning::CrossValidated { folds, .. } => require((2..=20).contains(&folds), "pruning", "between 2 and 20 folds"),
    }
}

#[cfg(test)]
mod tests;
