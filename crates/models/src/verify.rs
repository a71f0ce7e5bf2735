//! The statistics of this room against published figures, for `weft verify` and for the tests.

use weft_experiments::Check;

use crate::domain::cluster::{ClusterOptions, kmeans, silhouette};
use crate::domain::compare::{benjamini_hochberg, chi_square, share_interval, welch};
use crate::domain::features::Features;
use crate::domain::prepare::{Preparation, PrepareOptions, ScalingRule};
use crate::domain::score::auc;
use crate::domain::tree::{Split, Target, Tree, TreeOptions};
use crate::kernel::Result;

/// Sepal length and width, petal length and width, species (R. Fisher, Annals of Eugenics 7 (1936), table I).
const IRIS: &str = include_str!("../data/iris.csv");
const COLUMNS: [&str; 4] = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

pub fn verify() -> Vec<Check> {
    let mut checks = comparisons();
    checks.extend(iris());
    checks
}

fn comparisons() -> Vec<Check> {
    // Fifteen p-values of a trial with thrombolysis: four hypotheses are rejected at 0.05.
    let p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0];
    let q = benjamini_hochberg(&p);
    let rejected = q.iter().filter(|q| **q <= 0.05).count() as f64;
    // Hours of sleep gained by two drugs.
    let sleep = welch(&[0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], &[1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
    let share = share_interval(81, 263, 0.95).ok().flatten();
    let hours = "R, t.test of the data set sleep (Student 1908)";
    let newcombe = "Newcombe 1998, Statistics in Medicine 17:857, table I, method 3";
    vec![
        Check::of("hypotheses rejected of fifteen", "Benjamini and Hochberg 1995, section 3.2", 4.0, Some(rejected), 0.0),
        Check::of("sleep gained, t", hours, -1.8608, sleep.map(|w| w.t), 1e-4),
        Check::of("sleep gained, degrees of freedom", hours, 17.776, sleep.map(|w| w.degrees), 1e-4),
        Check::of("sleep gained, p", hours, 0.07939, sleep.map(|w| w.p_value), 1e-4),
        Check::of("81 of 263, lower limit", newcombe, 0.2553, share.map(|i| i.low), 2e-4),
        Check::of("81 of 263, upper limit", newcombe, 0.3662, share.map(|i| i.high), 2e-4),
        Check::of("aspirin and heart attacks, chi-square", "Agresti 2002, Categorical Data Analysis, table 2.1", 25.01, Some(chi_square(&[[189, 10_845], [104, 10_933]]).statistic), 3e-4),
        Check::of("area under the curve of four", "scikit-learn, example of roc_auc_score", 0.75, auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).ok(), 1e-12),
    ]
}

struct Iris {
    features: Features,
    species: Vec<String>,
}

fn flowers() -> Result<Iris> {
    let rows: Vec<Vec<&str>> = IRIS.lines().map(|line| line.split(',').collect()).collect();
    let mut features = Features::new(rows.len());
    for (n, name) in COLUMNS.into_iter().enumerate() {
        features = features.numbers(name, rows.iter().map(|row| row[n].parse().unwrap_or(f32::NAN)).collect())?;
    }
    Ok(Iris { features, species: rows.iter().map(|row| row[COLUMNS.len()].to_owned()).collect() })
}

fn iris() -> Vec<Check> {
    let clusters = flowers().and_then(|iris| {
        let options = PrepareOptions { scaling: ScalingRule::None, ..PrepareOptions::default() };
        let matrix = Preparation::fit(&iris.features, &options)?.apply(&iris.features)?;
        let found = kmeans(&matrix, &ClusterOptions { k: 3, tolerance: 1e-6, ..ClusterOptions::default() })?;
        let silhouette = silhouette(&matrix, &found.labels, 0.0, matrix.rows(), 0, 1)?;
        Ok((found.cost, silhouette))
    });
    let (cost, silhouette) = clusters.map_or((None, None), |(cost, silhouette)| (Some(cost), silhouette));
    let first_split = flowers().ok().and_then(|iris| {
        let tree = Tree::fit(&iris.features, &Target::classes(&iris.species), &TreeOptions::default()).ok()?;
        match tree.nodes.first()?.branch.as_ref()?.split {
            Split::Number { threshold } => Some(threshold),
            Split::Category { .. } => None,
        }
    });
    let scikit = "scikit-learn, KMeans of load_iris with three clusters";
    vec![
        Check::of("iris in three clusters, sum of squares", scikit, 78.851_441_426_146, cost, 1e-5),
        Check::of("iris in three clusters, silhouette", scikit, 0.552_819_012_356_410, silhouette, 1e-5),
        Check::of("iris, where the tree is cut first", "Venables and Ripley 2002, Modern Applied Statistics with S, section 9.2; R, rpart", 2.45, first_split, 1e-6),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_published_figure_is_met() {
        for check in super::verify() {
            assert!(check.ok, "{}: {:?}, and {} says {}", check.name, check.got, check.source, check.expected);
        }
    }
}
