//! How long the models take on a million people, beside scikit-learn: `cargo run --release -p weft-models --example models_bench [people]`.
//! Without a Python that has scikit-learn (`WEFT_TEST_PYTHON`) only our own times are printed.

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use weft_models::domain::cluster::{ClusterOptions, kmeans};
use weft_models::domain::features::Features;
use weft_models::domain::prepare::{Matrix, PrepareOptions, Preparation, ScalingRule};
use weft_models::domain::random::Dice;
use weft_models::domain::score::{BoostOptions, BoostedTrees, Logistic, LogisticOptions, auc};
use weft_models::domain::tree::{Pruning, Target, Tree, TreeOptions};

const COLUMNS: usize = 20;
const CLUSTERS: usize = 8;

/// Reads the columns that we wrote, and does the same.
const PEER: &str = r#"
import sys, time, numpy as np
from sklearn.cluster import KMeans
from sklearn.tree import DecisionTreeClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
path, rows, columns, k = sys.argv[1], *map(int, sys.argv[2:5])
data = np.fromfile(path, dtype=np.float32)
x = np.ascontiguousarray(data[: rows * columns].reshape(columns, rows).T)
y = data[rows * columns :] > 0.5
def timed(name, work):
    start, used = time.perf_counter(), time.process_time()
    figure = work()
    print(name, time.perf_counter() - start, time.process_time() - used, figure)
timed("kmeans", lambda: KMeans(k, n_init=1, random_state=0, tol=1e-4).fit(x).inertia_)
timed("kmeans_10", lambda: KMeans(k, n_init=10, random_state=0, tol=1e-4).fit(x).inertia_)
flat = np.random.default_rng(9).random((rows, columns), dtype=np.float32)
timed("kmeans_flat", lambda: KMeans(k, n_init=1, random_state=0, tol=1e-4).fit(flat).inertia_)
timed("tree", lambda: roc_auc_score(y, DecisionTreeClassifier(max_depth=5, min_samples_leaf=20).fit(x, y).predict_proba(x)[:, 1]))
boost = HistGradientBoostingClassifier(max_iter=100, max_depth=5, early_stopping=False, l2_regularization=1.0)
timed("boosting", lambda: roc_auc_score(y, boost.fit(x, y).predict_proba(x)[:, 1]))
timed("logistic", lambda: roc_auc_score(y, LogisticRegression(solver="newton-cholesky").fit(x, y).predict_proba(x)[:, 1]))
"#;

/// Seconds of processor time this process has used, of all its threads: what a shared machine does not blur.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = after_name.split(' ').skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Heaps that overlap, and an outcome that depends on some of the columns.
fn people(rows: usize) -> (Vec<Vec<f32>>, Vec<bool>) {
    let mut dice = Dice::new(1);
    let centres: Vec<f64> = (0..CLUSTERS * COLUMNS).map(|_| dice.unit() * 3.0).collect();
    let mut columns: Vec<Vec<f32>> = (0..COLUMNS).map(|_| Vec::with_capacity(rows)).collect();
    let mut target = Vec::with_capacity(rows);
    for _ in 0..rows {
        let heap = dice.below(CLUSTERS);
        let mut odds = -3.0;
        for (d, column) in columns.iter_mut().enumerate() {
            let noise = (0..4).map(|_| dice.unit()).sum::<f64>() - 2.0;
            let v = centres[heap * COLUMNS + d] + 1.7 * noise;
            odds += match d {
                0 => v,
                1 if v > 2.0 => 1.5,
                2 => -v * 0.5,
                3 => (v - 1.0) * (v - 1.0) * 0.4,
                _ => 0.0,
            };
            column.push(v as f32);
        }
        target.push(dice.unit() < 1.0 / (1.0 + f64::exp(-odds)));
    }
    (columns, target)
}

#[derive(Clone, Copy)]
struct Seconds {
    elapsed: f64,
    processor: f64,
}

fn timed<T>(work: impl FnOnce() -> Result<T, weft_kernel::Error>) -> Result<(T, Seconds), weft_kernel::Error> {
    let (start, used) = (Instant::now(), processor_seconds());
    let done = work()?;
    Ok((done, Seconds { elapsed: start.elapsed().as_secs_f64(), processor: processor_seconds() - used }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let rows: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let (columns, target) = people(rows);
    let peer = ask_peer(&columns, &target, rows)?;
    let features = columns.into_iter().enumerate().try_fold(Features::new(rows), |f, (d, c)| f.numbers(format!("c{d}"), c))?;
    let plain = PrepareOptions { scaling: ScalingRule::None, ..PrepareOptions::default() };
    let (matrix, prepared) = timed(|| Preparation::fit(&features, &plain)?.apply(&features))?;
    println!("{rows} people × {COLUMNS} columns, prepared in {:.2} s. Seconds are elapsed / processor.", prepared.elapsed);
    let show = |name: &str, ours: Seconds, figure: f64| {
        print!("{name}: {:.2} / {:.2} s, {figure:.6}", ours.elapsed, ours.processor);
        match peer.iter().find(|p| p.name == name) {
            Some(p) => {
                let (elapsed, processor) = (p.seconds.elapsed / ours.elapsed, p.seconds.processor / ours.processor);
                let (e, c) = (p.seconds.elapsed, p.seconds.processor);
                println!("; scikit-learn {e:.2} / {c:.2} s, {:.6}; ratio {elapsed:.2} / {processor:.2}", p.figure);
            }
            None => println!(),
        }
    };
    for (name, runs) in [("kmeans", 1), ("kmeans_10", 10)] {
        let (found, seconds) = timed(|| kmeans(&matrix, &ClusterOptions { k: CLUSTERS, runs, ..ClusterOptions::default() }))?;
        show(name, seconds, found.cost);
    }
    // Without heaps centres wander long, and bounds help least.
    let flat = flat(rows)?;
    let (found, seconds) = timed(|| kmeans(&flat, &ClusterOptions { k: CLUSTERS, runs: 1, ..ClusterOptions::default() }))?;
    show("kmeans_flat", seconds, found.cost);
    println!("  {} iterations", found.iterations);
    let options = TreeOptions { pruning: Pruning::None, ..TreeOptions::default() };
    let outcome = Target::yes_no(target.iter().copied());
    let (tree, seconds) = timed(|| Tree::fit(&features, &outcome, &options))?;
    let predicted: Vec<f32> = tree.predict(&features, 1, 2)?.into_iter().map(|p| p as f32).collect();
    show("tree", seconds, auc(&predicted, &target)?);
    let boost = BoostOptions { rounds: 100, patience: 0, ..BoostOptions::default() };
    let ((_, predicted), seconds) = timed(|| {
        let model = BoostedTrees::fit(&features, &target, &boost)?;
        let scores = model.raw(&features, 2)?;
        Ok((model, scores))
    })?;
    show("boosting", seconds, auc(&predicted, &target)?);
    let (logistic, seconds) = timed(|| Logistic::fit(&features, &target, &LogisticOptions { scaling: ScalingRule::None, ..LogisticOptions::default() }))?;
    show("logistic", seconds, auc(&logistic.raw(&features, 2)?, &target)?);
    Ok(())
}

fn flat(rows: usize) -> Result<Matrix, weft_kernel::Error> {
    let mut dice = Dice::new(9);
    let features = (0..COLUMNS).try_fold(Features::new(rows), |f, d| f.numbers(format!("c{d}"), (0..rows).map(|_| dice.unit() as f32).collect()))?;
    let plain = PrepareOptions { scaling: ScalingRule::None, ..PrepareOptions::default() };
    Preparation::fit(&features, &plain)?.apply_in_place(features)
}

struct Peer {
    name: String,
    seconds: Seconds,
    figure: f64,
}

fn ask_peer(columns: &[Vec<f32>], target: &[bool], rows: usize) -> Result<Vec<Peer>, Box<dyn Error>> {
    let Some(python) = std::env::var_os("WEFT_TEST_PYTHON") else { return Ok(Vec::new()) };
    let path = std::env::temp_dir().join(format!("weft-models-bench-{}.f32", std::process::id()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let outcome = target.iter().map(|t| f32::from(u8::from(*t)));
    for v in columns.iter().flatten().copied().chain(outcome) {
        std::io::Write::write_all(&mut file, &v.to_le_bytes())?;
    }
    drop(file);
    let output = Command::new(python).args(["-c", PEER]).arg(&path).args([rows, COLUMNS, CLUSTERS].map(|n| n.to_string())).output();
    std::fs::remove_file(&path)?;
    let said = String::from_utf8(output?.stdout)?;
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let mut next = || words.next()?.parse().ok();
        Some(Peer { name, seconds: Seconds { elapsed: next()?, processor: next()? }, figure: next()? })
    };
    Ok(said.lines().filter_map(parse).collect())
}
