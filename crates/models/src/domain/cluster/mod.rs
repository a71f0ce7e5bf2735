//! Who is alike: k-means for numbers, k-prototypes for numbers and categories, the choice of k, and how much the answer can be trusted.

mod choice;
mod descent;
mod profile;
mod prototypes;
mod quality;
mod stability;

pub use choice::{ChoiceOptions, KChoice, KScore, Structure, choose_k, elbow};
pub use profile::{CategoryShare, ClusterProfile, FeatureProfile, Sign, Telling, profile};
pub use prototypes::Prototypes;
pub use quality::{Quality, SILHOUETTE_ROWS, quality, silhouette};
pub use stability::{Stability, StabilityOptions, adjusted_rand_index, stability};

use serde::{Deserialize, Serialize};

use self::prototypes::Points;
use super::features::Features;
use super::numbers::Moments;
use super::parallel;
use super::prepare::{Matrix, PrepareOptions, Preparation};
use super::random::Dice;
use super::{no_rows, require};
use crate::kernel::{Error, Result};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterOptions {
    pub k: usize,
    /// Beginnings from other seeds, of which the best is kept.
    pub runs: usize,
    pub max_iterations: usize,
    /// Ends when the centres together moved less (squared) than this share of a column's mean variance.
    pub tolerance: f64,
    /// The runs are made on at most so many people; the best is then carried on with everybody.
    pub sample: usize,
    /// What a category that differs costs, beside a squared distance of numbers. `None`: from the data, as Huang proposes.
    pub gamma: Option<f32>,
    pub seed: u64,
    pub threads: usize,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { k: 5, runs: 10, max_iterations: 300, tolerance: 1e-4, sample: 50_000, gamma: None, seed: 0, threads: 2 }
    }
}

/// What is kept to tell where new people belong. Clusters stand in order of size, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterModel {
    pub number_names: Vec<String>,
    pub code_names: Vec<String>,
    pub prototypes: Prototypes,
    pub sizes: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Clustering {
    pub model: ClusterModel,
    /// Each person's cluster, from 0.
    pub labels: Vec<u32>,
    /// Sum over all people of the squared distance to their centre, plus gamma for each category that differs: k-means' inertia.
    pub cost: f64,
    /// Of the runs, on the sample.
    pub run_costs: Vec<f64>,
    pub iterations: usize,
    /// False if it was ended by `max_iterations`.
    pub has_converged: bool,
}

impl ClusterModel {
    pub fn k(&self) -> usize {
        self.prototypes.k
    }

    /// The nearest cluster of each person; the columns must be prepared as the model's were.
    pub fn assign(&self, matrix: &Matrix, threads: usize) -> Result<Vec<u32>> {
        if matrix.number_names != self.number_names || matrix.code_names != self.code_names {
            let detail = format!("the model was learned with {:?} and {:?}", self.number_names, self.code_names);
            return Err(Error::invalid("models.column_unknown", detail));
        }
        Ok(prototypes::assign(&Points::of(matrix), &self.prototypes, threads))
    }
}

/// k-means (S. Lloyd 1982) from k-means++ beginnings (D. Arthur, S. Vassilvitskii 2007). Columns of numbers only.
pub fn kmeans(matrix: &Matrix, options: &ClusterOptions) -> Result<Clustering> {
    if let Some(name) = matrix.code_names.first() {
        let detail = format!("k-means reckons with numbers, and {name} is a category: use k-prototypes, or leave it out");
        return Err(Error::invalid("models.column_kind", detail).param("column", name));
    }
    cluster(matrix, options)
}

/// k-prototypes (Z. Huang, Data Mining and Knowledge Discovery 2 (1998), 283–304), improved in batches instead of person by person.
pub fn kprototypes(matrix: &Matrix, options: &ClusterOptions) -> Result<Clustering> {
    cluster(matrix, options)
}

/// Half the mean standard deviation of the number columns (Huang 1997, section 4.1); 1 if there are none.
pub fn gamma_of(matrix: &Matrix) -> f32 {
    if matrix.numbers.is_empty() {
        return 1.0;
    }
    let sum: f64 = matrix.numbers.iter().map(|column| Moments::of(column.iter().map(|v| f64::from(*v))).sd()).sum();
    (0.5 * sum / matrix.numbers.len() as f64) as f32
}

fn check(matrix: &Matrix, options: &ClusterOptions) -> Result<()> {
    if matrix.rows == 0 {
        return Err(no_rows("clustering"));
    }
    if matrix.numbers.is_empty() && matrix.codes.is_empty() {
        return Err(Error::invalid("models.no_columns", "no column is left in which people differ"));
    }
    require((1..=1000).contains(&options.k), "k", "between 1 and 1000 clusters")?;
    require(options.runs >= 1, "runs", "at least one")?;
    require(options.max_iterations >= 1, "max_iterations", "at least one")?;
    require(options.tolerance >= 0.0, "tolerance", "not negative")?;
    require(options.sample >= options.k, "sample", "at least k people")?;
    require(options.gamma.is_none_or(|g| g.is_finite() && g >= 0.0), "gamma", "a number that is not negative")
}

fn cluster(matrix: &Matrix, options: &ClusterOptions) -> Result<Clustering> {
    check(matrix, options)?;
    let gamma = options.gamma.unwrap_or_else(|| gamma_of(matrix));
    let points = Points::of(matrix);
    let sample = (matrix.rows > options.sample).then(|| matrix.take(&Dice::of(options.seed, 0).sample(matrix.rows, options.sample)));
    let of_runs = sample.as_ref().map_or_else(|| Points::of(matrix), Points::of);
    let tolerance = options.tolerance * descent::mean_variance(&of_runs);
    let runs = parallel::map((1..=options.runs as u64).collect(), options.threads, |run| {
        let begin = descent::begin(&of_runs, options.k, gamma, &mut Dice::of(options.seed, run));
        descent::descend(&of_runs, begin, options.max_iterations, tolerance, 1)
    });
    let run_costs: Vec<f64> = runs.iter().map(|run| run.cost).collect();
    let Some(best) = runs.into_iter().reduce(|best, run| if run.cost < best.cost { run } else { best }) else { return Err(no_rows("clustering")) };
    let end = match sample {
        None => best,
        Some(_) => descent::descend(&points, best.prototypes, options.max_iterations, tolerance, options.threads),
    };
    Ok(in_order_of_size(matrix, end, run_costs))
}

/// The largest cluster first, and none that is empty.
fn in_order_of_size(matrix: &Matrix, end: descent::Descent, run_costs: Vec<f64>) -> Clustering {
    let mut order: Vec<usize> = (0..end.prototypes.k).filter(|j| end.sizes[*j] > 0).collect();
    order.sort_by_key(|j| std::cmp::Reverse(end.sizes[*j]));
    let mut place = vec![0_u32; end.prototypes.k];
    order.iter().zip(0..).for_each(|(old, new)| place[*old] = new);
    let mut labels = end.labels;
    labels.iter_mut().for_each(|label| *label = place[*label as usize]);
    let model = ClusterModel {
        number_names: matrix.number_names.clone(),
        code_names: matrix.code_names.clone(),
        prototypes: end.prototypes.keep(&order),
        sizes: order.iter().map(|j| end.sizes[*j]).collect(),
    };
    Clustering { model, labels, cost: end.cost, run_costs, iterations: end.iterations, has_converged: end.has_converged }
}

/// A clustering with the preparation of its columns: people in, clusters out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segmentation {
    pub preparation: Preparation,
    pub model: ClusterModel,
}

impl Segmentation {
    /// Prepares the columns and clusters, by k-means if all are numbers and by k-prototypes otherwise.
    pub fn fit(features: &Features, prepare: &PrepareOptions, options: &ClusterOptions) -> Result<(Self, Clustering)> {
        let preparation = Preparation::fit(features, prepare)?;
        let matrix = preparation.apply(features)?;
        Self::of(preparation, &matrix, options)
    }

    /// The same within the memory of the columns, which are gone afterwards.
    pub fn fit_in_place(features: Features, prepare: &PrepareOptions, options: &ClusterOptions) -> Result<(Self, Clustering)> {
        let preparation = Preparation::fit(&features, prepare)?;
        let matrix = preparation.apply_in_place(features)?;
        Self::of(preparation, &matrix, options)
    }

    fn of(preparation: Preparation, matrix: &Matrix, options: &ClusterOptions) -> Result<(Self, Clustering)> {
        let clustering = cluster(matrix, options)?;
        Ok((Self { preparation, model: clustering.model.clone() }, clustering))
    }

    /// Where people belong, also new ones; a block at a time.
    pub fn assign(&self, features: &Features, threads: usize) -> Result<Vec<u32>> {
        let reader = self.preparation.reader(features)?;
        let parts = parallel::map(parallel::blocks(features.rows()), threads, |rows| self.model.assign(&reader.rows(rows), 1));
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }
}

#[cfg(test)]
mod tests;
