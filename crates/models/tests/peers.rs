//! What scikit-learn, kmodes, SciPy and pandas say of the same data, in the same run.

#![allow(clippy::unwrap_used, reason = "helpers of tests tell by panicking")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use weft_models::domain::cluster::{ClusterOptions, adjusted_rand_index, gamma_of, kmeans, kprototypes, quality};
use weft_models::domain::compare::{benjamini_hochberg, chi_square, jensen_shannon, mann_whitney, population_stability_index, share_interval, welch};
use weft_models::domain::distribution::{chi_square_tail, normal_quantile, normal_two_sided, student_two_sided};
use weft_models::domain::features::{Column, Features, MISSING, Values};
use weft_models::domain::life_cycle::typical_cycle;
use weft_models::domain::prepare::{Matrix, Plan, PrepareOptions, Preparation, ScalingRule};
use weft_models::domain::random::Dice;
use weft_models::domain::rfm::{RfmOptions, RfmValues, abc, rfm};
use weft_models::domain::score::{
    BoostOptions, BoostedTrees, Calibration, CalibrationMethod, Logistic, LogisticOptions, PropensityOptions, auc, brier, hash_id, log_loss, propensity,
};
use weft_models::domain::tree::{ClassWeights, Criterion, Pruning, Split, Target, Tree, TreeOptions};

/// A Python that may have the packages of tests/python.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("WEFT_TEST_PYTHON").map(PathBuf::from);
    let cache = std::env::var_os("WEFT_CACHE").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".cache/weft")));
    named.or_else(|| cache.map(|cache| cache.join("venv/bin/python"))).filter(|python| python.exists())
}

fn skipped(what: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is not on this machine; `scripts/setup tests` brings it in");
    println!("skipped: {what}");
}

/// The peers' answer to one question.
fn ask(question: Value) -> Option<Value> {
    ask_all(vec![question])?.pop()
}

/// Their answers; `None`, said by name, where they are not installed. Python takes a second to wake up, so questions are asked together.
fn ask_all(questions: Vec<Value>) -> Option<Vec<Value>> {
    let Some(python) = python() else {
        skipped("a Python with the packages of tests/python; set WEFT_TEST_PYTHON");
        return None;
    };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.py");
    // Tests run side by side already.
    let one = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"].map(|name| (name, "1"));
    let mut child = Command::new(python).arg(program).envs(one).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
    child.stdin.take().expect("its input").write_all(json!({"questions": questions}).to_string().as_bytes()).expect("the questions are read");
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "peers.py failed at {}", questions[0]["task"]);
    match serde_json::from_slice(&output.stdout).expect("answers in JSON") {
        Value::Array(answers) => Some(answers),
        missing => {
            skipped(&format!("the Python packages of crates/models/tests/peers.py ({missing})"));
            None
        }
    }
}

fn real_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WEFT_TEST_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let file = folder.join(name);
    if !file.is_file() {
        println!("skipped: {name} is not there; set WEFT_TEST_DATA to the folder that has it");
        return None;
    }
    Some(file)
}

/// A CSV file, header and rows.
fn csv_of(file: &Path) -> (Vec<String>, Vec<csv::StringRecord>) {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (header, reader.records().map(|r| r.unwrap()).collect())
}

/// Columns that read as numbers become numbers, others categories; `leave` is left out.
fn features_of(header: &[String], rows: &[csv::StringRecord], leave: &[&str]) -> Features {
    let mut features = Features::new(rows.len());
    for (i, name) in header.iter().enumerate().filter(|(_, name)| !leave.contains(&name.as_str())) {
        let cells: Vec<Option<&str>> = rows.iter().map(|r| Some(&r[i]).filter(|c| !c.is_empty() && *c != "NA")).collect();
        features = if cells.iter().flatten().all(|c| c.parse::<f32>().is_ok()) {
            features.known_numbers(name, cells.iter().map(|c| c.map(|c| c.parse().unwrap()))).unwrap()
        } else {
            features.categories(name, cells).unwrap()
        };
    }
    features
}

fn column_of(header: &[String], rows: &[csv::StringRecord], name: &str) -> Vec<String> {
    let at = header.iter().position(|h| h == name).unwrap();
    rows.iter().map(|r| r[at].to_owned()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

struct DataSet {
    features: Features,
    target: Vec<f64>,
}

/// The data sets that come with scikit-learn.
fn data_set(name: &str) -> Option<DataSet> {
    static ALL: OnceLock<Option<Value>> = OnceLock::new();
    let all = ALL.get_or_init(|| ask(json!({"task": "data_sets"}))).as_ref()?;
    let set = &all[name];
    let columns: Vec<Vec<f64>> = set["columns"].as_array().unwrap().iter().map(floats).collect();
    let mut features = Features::new(columns[0].len());
    for (column, name) in columns.iter().zip(set["names"].as_array().unwrap()) {
        features = features.numbers(name.as_str().unwrap(), column.iter().map(|v| *v as f32).collect()).unwrap();
    }
    Some(DataSet { features, target: floats(&set["target"]) })
}

fn json_numbers(column: &Column) -> Value {
    match column.values() {
        Values::Numbers(values) => values.iter().map(|v| if v.is_nan() { Value::Null } else { json!(v) }).collect(),
        Values::Categories { codes, .. } => codes.iter().map(|c| if *c == MISSING { Value::Null } else { json!(c) }).collect(),
    }
}

fn json_columns(features: &Features) -> Vec<Value> {
    features.columns().iter().map(json_numbers).collect()
}

fn scaled(features: &Features, scaling: ScalingRule) -> Matrix {
    Preparation::fit(features, &PrepareOptions { scaling, ..PrepareOptions::default() }).unwrap().apply(features).unwrap()
}

#[track_caller]
fn close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1e-12), "{what}: {ours}, the peer says {theirs}");
}

/// Overlapping heaps, where beginnings matter.
fn crowd(rows: usize, columns: usize, heaps: usize) -> Features {
    let mut dice = Dice::new(77);
    let centres: Vec<f64> = (0..heaps * columns).map(|_| dice.unit() * 6.0).collect();
    let columns_of: Vec<Vec<f32>> = (0..columns)
        .map(|d| (0..rows).map(|i| (centres[i % heaps * columns + d] + (0..6).map(|_| dice.unit() - 0.5).sum::<f64>()) as f32).collect())
        .collect();
    columns_of.into_iter().enumerate().fold(Features::new(rows), |f, (d, c)| f.numbers(format!("c{d}"), c).unwrap())
}

#[test]
fn clusters_are_as_tight_as_scikit_learns_and_judged_alike() {
    let sets = ["iris", "wine", "breast_cancer"].map(|name| data_set(name).map(|set| (name, set.features)));
    let Some(mut sets) = sets.into_iter().collect::<Option<Vec<_>>>() else { return };
    sets.push(("crowd", crowd(4_000, 8, 9)));
    let mut ours = Vec::new();
    let mut questions = Vec::new();
    for (name, features) in sets {
        let matrix = scaled(&features, ScalingRule::ZScore);
        for k in [2, 3, 5, 9] {
            let found = kmeans(&matrix, &ClusterOptions { k, tolerance: 1e-6, ..ClusterOptions::default() }).unwrap();
            let judged = quality(&matrix, &found.labels, 0.0, matrix.rows(), 0, 2).unwrap();
            questions.push(json!({"task": "k_means", "columns": matrix.numbers(), "k": k, "labels": found.labels}));
            ours.push((format!("{name}, {k} clusters"), found, judged));
        }
    }
    let Some(answers) = ask_all(questions) else { return };
    for ((what, found, judged), theirs) in ours.into_iter().zip(answers) {
        let inertia = theirs["inertia"].as_f64().unwrap();
        println!("{what}: cost {:.4} beside {inertia:.4}", found.cost);
        assert!(found.cost <= inertia * 1.01, "{what}: {} against {inertia}", found.cost);
        close(judged.silhouette.unwrap(), theirs["silhouette"].as_f64().unwrap(), 1e-6, &what);
        close(judged.calinski_harabasz.unwrap(), theirs["calinski_harabasz"].as_f64().unwrap(), 1e-6, &what);
        close(judged.davies_bouldin.unwrap(), theirs["davies_bouldin"].as_f64().unwrap(), 1e-6, &what);
        let labels: Vec<u32> = floats(&theirs["labels"]).iter().map(|l| *l as u32).collect();
        close(adjusted_rand_index(&found.labels, &labels).unwrap(), theirs["adjusted_rand"].as_f64().unwrap(), 1e-9, &what);
    }
}

#[test]
fn mixed_clusters_are_as_tight_as_kmodes() {
    let Some(file) = real_file("churn_conversion/wa_churn.csv.gz") else { return };
    let (header, mut rows) = csv_of(&file);
    rows.truncate(700);
    let matrix = scaled(&features_of(&header, &rows, &["churn"]), ScalingRule::ZScore);
    assert!(matrix.numbers().len() >= 3 && matrix.codes().len() >= 8);
    let gamma = gamma_of(&matrix);
    let question = |k: usize| json!({"task": "k_prototypes", "columns": matrix.numbers(), "codes": matrix.codes(), "k": k, "gamma": gamma});
    let Some(answers) = ask_all([3, 5].map(question).to_vec()) else { return };
    for (k, theirs) in [3, 5].into_iter().zip(answers) {
        let found = kprototypes(&matrix, &ClusterOptions { k, ..ClusterOptions::default() }).unwrap();
        let cost = theirs["cost"].as_f64().unwrap();
        println!("k-prototypes, {k} clusters: cost {:.2} beside {cost:.2}", found.cost);
        assert!(found.cost <= cost * 1.01, "{k}: {} against {cost}", found.cost);
    }
}

/// Our splits by number of column and threshold, as scikit-learn's are listed.
fn splits(tree: &Tree) -> Vec<(u32, f64)> {
    let mut out: Vec<(u32, f64)> = tree.nodes.iter().filter_map(|n| n.branch.as_ref()).map(|b| match b.split {
        Split::Number { threshold } => (b.feature, threshold),
        Split::Category { .. } => panic!("there are only numbers"),
    }).collect();
    out.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    out
}

fn leaf_impurity(tree: &Tree) -> f64 {
    let leaves = tree.nodes.iter().filter(|n| n.branch.is_none());
    leaves.map(|n| n.impurity * n.weight).sum::<f64>() / tree.nodes[0].weight
}

struct TreeCase {
    data: &'static str,
    criterion: &'static str,
    max_depth: usize,
    min_leaf: usize,
    balanced: bool,
    with_holes: bool,
}

const TREES: [TreeCase; 9] = [
    TreeCase { data: "iris", criterion: "gini", max_depth: 3, min_leaf: 5, balanced: false, with_holes: false },
    TreeCase { data: "iris", criterion: "entropy", max_depth: 4, min_leaf: 10, balanced: false, with_holes: false },
    TreeCase { data: "wine", criterion: "gini", max_depth: 3, min_leaf: 5, balanced: false, with_holes: false },
    TreeCase { data: "breast_cancer", criterion: "gini", max_depth: 4, min_leaf: 25, balanced: false, with_holes: false },
    TreeCase { data: "breast_cancer", criterion: "entropy", max_depth: 4, min_leaf: 25, balanced: false, with_holes: false },
    TreeCase { data: "breast_cancer", criterion: "gini", max_depth: 4, min_leaf: 20, balanced: true, with_holes: false },
    TreeCase { data: "breast_cancer", criterion: "gini", max_depth: 4, min_leaf: 25, balanced: false, with_holes: true },
    TreeCase { data: "diabetes", criterion: "squared_error", max_depth: 5, min_leaf: 10, balanced: false, with_holes: false },
    TreeCase { data: "diabetes", criterion: "squared_error", max_depth: 5, min_leaf: 10, balanced: false, with_holes: true },
];

impl TreeCase {
    fn name(&self) -> String {
        format!("{}, {}, balanced {}, holes {}", self.data, self.criterion, self.balanced, self.with_holes)
    }

    fn people(&self) -> Option<DataSet> {
        let set = data_set(self.data)?;
        Some(if self.with_holes { DataSet { features: with_holes_in(&set.features), ..set } } else { set })
    }

    fn grow(&self, set: &DataSet) -> Tree {
        let target = if self.criterion == "squared_error" {
            Target::Numbers(set.target.clone())
        } else {
            let most = set.target.iter().copied().fold(0.0, f64::max) as usize;
            Target::Classes { labels: set.target.iter().map(|t| *t as u32).collect(), names: (0..=most).map(|c| c.to_string()).collect() }
        };
        let options = TreeOptions {
            criterion: if self.criterion == "entropy" { Criterion::Entropy } else { Criterion::Gini },
            max_depth: self.max_depth,
            min_leaf: self.min_leaf,
            class_weights: if self.balanced { ClassWeights::Balanced } else { ClassWeights::Equal },
            pruning: Pruning::None,
            ..TreeOptions::default()
        };
        Tree::fit(&set.features, &target, &options).unwrap()
    }

    fn question(&self, set: &DataSet) -> Value {
        json!({
            "task": "decision_tree", "columns": json_columns(&set.features), "target": set.target, "criterion": self.criterion,
            "max_depth": self.max_depth, "min_leaf": self.min_leaf, "class_weight": self.balanced.then_some("balanced"),
        })
    }
}

#[test]
fn every_split_of_a_tree_is_as_good_as_scikit_learns_best() {
    let Some(sets) = TREES.iter().map(TreeCase::people).collect::<Option<Vec<_>>>() else { return };
    let trees: Vec<Tree> = TREES.iter().zip(&sets).map(|(case, set)| case.grow(set)).collect();
    let questions = TREES.iter().zip(&sets).zip(&trees).map(|((case, set), tree)| {
        let mut question = case.question(set);
        question["task"] = json!("best_gains");
        question["nodes"] = inner_nodes(tree, &set.features).into_iter().map(|(rows, _)| json!(rows)).collect();
        question
    });
    let Some(answers) = ask_all(questions.collect()) else { return };
    for (((case, set), tree), theirs) in TREES.iter().zip(&sets).zip(&trees).zip(answers) {
        for ((rows, gain), theirs) in inner_nodes(tree, &set.features).into_iter().zip(floats(&theirs)) {
            close(gain, theirs, 1e-9, &format!("{}, {} people", case.name(), rows.len()));
        }
    }
}

/// The people of every node that is split, and how much its split makes less.
fn inner_nodes(tree: &Tree, features: &Features) -> Vec<(Vec<u32>, f64)> {
    let mut people: Vec<Vec<u32>> = vec![Vec::new(); tree.nodes.len()];
    for (row, leaf) in (0..).zip(tree.leaves_of(features, 1).unwrap()) {
        people[leaf as usize].push(row);
    }
    let bad = |i: u32| tree.nodes[i as usize].impurity * tree.nodes[i as usize].weight;
    let mut out = Vec::new();
    for i in (0..tree.nodes.len()).rev() {
        let Some(b) = &tree.nodes[i].branch else { continue };
        people[i] = [people[b.left as usize].as_slice(), people[b.right as usize].as_slice()].concat();
        out.push((people[i].clone(), bad(i as u32) - bad(b.left) - bad(b.right)));
    }
    out
}

/// The whole tree, where scikit-learn's dice decide few ties enough that a hundred throws meet ours.
#[test]
fn trees_grow_as_scikit_learns() {
    let cases: Vec<&TreeCase> = TREES.iter().filter(|case| !case.balanced).collect();
    let Some(sets) = cases.iter().map(|case| case.people()).collect::<Option<Vec<_>>>() else { return };
    let Some(answers) = ask_all(cases.iter().zip(&sets).map(|(case, set)| case.question(set)).collect()) else { return };
    for ((case, set), theirs) in cases.into_iter().zip(&sets).zip(answers) {
        let (tree, what) = (case.grow(set), case.name());
        let grown = theirs.as_array().unwrap();
        println!("{what}: {} splits; scikit-learn grows {} trees, as its dice fall", tree.leaves() - 1, grown.len());
        let found = grown.iter().any(|theirs| is_the_same(&tree, case, set, theirs));
        assert!(found, "{what}: {:?} {:?}", splits(&tree), grown[0]["splits"]);
    }
}

/// Splits, everybody's prediction, importance, and the way it is pruned.
fn is_the_same(tree: &Tree, case: &TreeCase, set: &DataSet, theirs: &Value) -> bool {
    let near = |a: f64, b: f64, tolerance: f64| (a - b).abs() <= tolerance * b.abs().max(1.0);
    let all_near = |ours: Vec<f64>, theirs: &Value| {
        let theirs = floats(theirs);
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| near(*a, b, 1e-9))
    };
    let (ours, listed) = (splits(tree), theirs["splits"].as_array().unwrap());
    let same_split = |(a, b): (&(u32, f64), &Value)| u64::from(a.0) == b[0].as_u64().unwrap() && near(a.1, b[1].as_f64().unwrap(), 1e-6);
    let predicted = tree.predict(&set.features, usize::from(case.criterion != "squared_error"), 2).unwrap();
    let importance: BTreeMap<String, f64> = tree.importance().into_iter().collect();
    let path = tree.pruning_path();
    ours.len() == listed.len()
        && ours.iter().zip(listed).all(same_split)
        && near(leaf_impurity(tree), theirs["impurity"].as_f64().unwrap(), 1e-9)
        && all_near(predicted, &theirs["predicted"])
        && all_near(set.features.columns().iter().map(|c| importance[c.name()]).collect(), &theirs["importance"])
        && all_near(path.iter().map(|s| s.alpha).collect(), &theirs["alphas"])
        && all_near(path.iter().map(|s| s.impurity).collect(), &theirs["impurities"])
}

/// One in nine values is taken away, more often where it is large.
fn with_holes_in(features: &Features) -> Features {
    let mut dice = Dice::new(12);
    features.columns().iter().fold(Features::new(features.rows()), |out, column| {
        let Values::Numbers(values) = column.values() else { panic!("there are only numbers") };
        let middle = values.iter().sum::<f32>() / values.len() as f32;
        let known = values.iter().map(|v| (dice.unit() > if *v > middle { 0.2 } else { 0.05 }).then_some(*v));
        out.known_numbers(column.name(), known).unwrap()
    })
}

#[test]
fn coefficients_are_scikit_learns() {
    let Some(file) = real_file("churn_conversion/wa_churn.csv.gz") else { return };
    let (header, rows) = csv_of(&file);
    let features = features_of(&header, &rows, &["churn"]);
    let target: Vec<bool> = column_of(&header, &rows, "churn").iter().map(|c| c == "Yes").collect();
    let model = Logistic::fit(&features, &target, &LogisticOptions::default()).unwrap();
    let matrix = model.preparation.apply(&features).unwrap();
    // The design, made anew from what the model says of its terms.
    let design: Vec<Vec<f64>> = model.terms.iter().map(|term| match &term.value {
        None => {
            let at = matrix.number_names().iter().position(|n| *n == term.feature).unwrap();
            matrix.numbers()[at].iter().map(|v| f64::from(*v)).collect()
        }
        Some(value) => {
            let at = matrix.code_names().iter().position(|n| *n == term.feature).unwrap();
            let plan = model.preparation.columns.iter().find(|c| c.name == term.feature).map(|c| &c.plan);
            let Some(Plan::Category { dictionary, .. }) = plan else { panic!("{} is a category", term.feature) };
            let code = dictionary.iter().position(|d| d == value).unwrap_or(dictionary.len()) as u32;
            matrix.codes()[at].iter().map(|c| f64::from(u8::from(*c == code))).collect()
        }
    }).collect();
    let Some(theirs) = ask(json!({"task": "logistic", "columns": design, "target": target, "l2": 1.0})) else { return };
    assert!((model.intercept - theirs["intercept"].as_f64().unwrap()).abs() < 1e-4);
    let errors = floats(&theirs["standard_errors"]);
    assert!((model.intercept_standard_error - errors[0]).abs() < 1e-4);
    let mut largest: f64 = 0.0;
    for ((term, theirs), error) in model.terms.iter().zip(floats(&theirs["coefficients"])).zip(&errors[1..]) {
        largest = largest.max((term.coefficient - theirs).abs());
        assert!((term.coefficient - theirs).abs() < 1e-4, "{term:?} {theirs}");
        assert!((term.standard_error - error).abs() < 1e-4, "{term:?} {error}");
    }
    println!("{} coefficients, the largest difference {largest:.1e}", model.terms.len());
}

#[test]
fn boosting_ranks_people_as_well_as_scikit_learns() {
    for (file, outcome) in [("purchase_intention", "revenue"), ("mlc_churn", "churn"), ("wa_churn", "churn")] {
        let Some(path) = real_file(&format!("churn_conversion/{file}.csv.gz")) else { return };
        let (header, rows) = csv_of(&path);
        let features = features_of(&header, &rows, &[outcome]);
        let target: Vec<bool> = column_of(&header, &rows, outcome).iter().map(|c| c.eq_ignore_ascii_case("yes")).collect();
        let (test, train): (Vec<u32>, Vec<u32>) = (0..rows.len() as u32).partition(|r| hash_id(&r.to_string()).is_multiple_of(3));
        let pick = |rows: &[u32]| rows.iter().map(|r| target[*r as usize]).collect::<Vec<_>>();
        let options = BoostOptions { rounds: 100, patience: 0, max_depth: 4, ..BoostOptions::default() };
        let model = BoostedTrees::fit(&features.take(&train), &pick(&train), &options).unwrap();
        let ours = auc(&model.raw(&features.take(&test), 2).unwrap(), &pick(&test)).unwrap();
        let is_category: Vec<bool> = features.columns().iter().map(|c| matches!(c.values(), Values::Categories { .. })).collect();
        let question = json!({
            "task": "boosting", "train": json_columns(&features.take(&train)), "train_target": pick(&train), "test": json_columns(&features.take(&test)),
            "test_target": pick(&test), "is_category": is_category, "rounds": 100, "learning_rate": 0.1, "max_depth": 4, "min_leaf": 20, "l2": 1.0,
        });
        let Some(theirs) = ask(question) else { return };
        let theirs = theirs["auc"].as_f64().unwrap();
        println!("{file}: AUC {ours:.4} beside {theirs:.4}");
        assert!(ours > theirs - 0.01, "{file}: {ours} {theirs}");
    }
}

#[test]
fn propensity_on_real_people_is_calibrated() {
    // The floors are published cross-validated figures; the last column is what a sound calibration may miss by with so few people in a tenth.
    for (file, outcome, floor, noise) in [("purchase_intention", "revenue", 0.8929, 0.02), ("wa_churn", "churn", 0.8451, 0.05)] {
        let Some(path) = real_file(&format!("churn_conversion/{file}.csv.gz")) else { return };
        let (header, rows) = csv_of(&path);
        let features = features_of(&header, &rows, &[outcome]);
        let target: Vec<bool> = column_of(&header, &rows, outcome).iter().map(|c| c.eq_ignore_ascii_case("yes")).collect();
        let hashes: Vec<u64> = (0..rows.len()).map(|r| hash_id(&r.to_string())).collect();
        let (_, report) = propensity(&features, &target, &hashes, &PropensityOptions::default()).unwrap();
        let test = &report.test;
        println!("{file}: {:?}, AUC {:.4}, calibration error {:.4}, first lift {:.2}", report.tried, test.auc, test.calibration_error, test.lift[0].lift);
        // A single fifth of the people may lie a little beside the mean of five.
        assert!(report.test.auc > floor - 0.02, "{file}: {}", report.test.auc);
        assert!(report.test.calibration_error < noise, "{file}: {}", report.test.calibration_error);
    }
}

#[test]
fn scores_are_judged_as_scikit_learn_judges() {
    let mut dice = Dice::new(6);
    let scores: Vec<f32> = (0..800).map(|_| ((dice.unit() * 200.0).floor() / 200.0 * 0.98 + 0.01) as f32).collect();
    let target: Vec<bool> = scores.iter().map(|s| dice.unit() < f64::from(*s).sqrt()).collect();
    let asked: Vec<f64> = (0..60).map(|i| f64::from(i) / 59.0).collect();
    let Some(theirs) = ask(json!({"task": "judging", "scores": scores, "target": target, "ask": asked})) else { return };
    close(auc(&scores, &target).unwrap(), theirs["auc"].as_f64().unwrap(), 1e-12, "AUC");
    close(log_loss(&scores, &target).unwrap(), theirs["log_loss"].as_f64().unwrap(), 1e-9, "log loss");
    close(brier(&scores, &target).unwrap(), theirs["brier"].as_f64().unwrap(), 1e-9, "Brier");
    let steps = Calibration::fit(CalibrationMethod::Isotonic, &scores, &target).unwrap();
    for (x, theirs) in asked.iter().zip(floats(&theirs["isotonic"])) {
        assert!((steps.apply(*x) - theirs).abs() < 1e-6, "{x}: {} {theirs}", steps.apply(*x));
    }
}

#[test]
fn tests_say_what_scipys_say() {
    let mut dice = Dice::new(31);
    let a: Vec<f32> = (0..300).map(|_| ((dice.unit() * 8.0).exp().floor() / 4.0) as f32).collect();
    let b: Vec<f32> = (0..450).map(|_| ((dice.unit() * 7.5).exp().floor() / 4.0) as f32).collect();
    let table = [[20_u64, 35], [44, 31], [9, 18], [120, 77]];
    let p: Vec<f64> = (0..40).map(|_| dice.unit().powi(3)).collect();
    let shares = [(0_u64, 10_u64), (10, 10), (3, 17), (512, 9_000)];
    let (before, now) = ([120_u64, 340, 55, 9], [80_u64, 400, 33, 21]);
    let z = [0.0, 0.3, 1.96, 5.0, 12.0, 30.0];
    let quantiles = [1e-9, 0.001, 0.2, 0.5, 0.9, 0.999_99];
    let t = [(0.5, 1.0), (2.0, 2.5), (3.3, 17.2), (1.1, 480.0), (4.0, 25_000.0), (25.0, 60.0)];
    let chi = [(0.4, 1.0), (3.0, 2.0), (12.0, 7.0), (90.0, 40.0), (900.0, 800.0)];
    let question = json!({
        "task": "tests", "a": a, "b": b, "table": table, "p": p, "shares": shares, "before": before, "now": now,
        "z": z, "quantiles": quantiles, "t": t, "chi": chi,
    });
    let Some(theirs) = ask(question) else { return };
    let w = welch(&a, &b).unwrap();
    for (ours, theirs) in [w.t, w.degrees, w.p_value].into_iter().zip(floats(&theirs["welch"])) {
        close(ours, theirs, 1e-9, "Welch");
    }
    let m = mann_whitney(&a, &b).unwrap();
    for (ours, theirs) in [m.u, m.p_value].into_iter().zip(floats(&theirs["mann_whitney"])) {
        close(ours, theirs, 1e-9, "Mann–Whitney");
    }
    let c = chi_square(&table);
    for (ours, theirs) in [c.statistic, c.degrees, c.p_value].into_iter().zip(floats(&theirs["chi_square"])) {
        close(ours, theirs, 1e-9, "chi-square");
    }
    for (ours, theirs) in benjamini_hochberg(&p).into_iter().zip(floats(&theirs["discoveries"])) {
        close(ours, theirs, 1e-12, "Benjamini–Hochberg");
    }
    for ((k, n), theirs) in shares.into_iter().zip(theirs["wilson"].as_array().unwrap()) {
        let ours = share_interval(k, n, 0.95).unwrap().unwrap();
        assert!((ours.low - theirs[0].as_f64().unwrap()).abs() < 1e-9 && (ours.high - theirs[1].as_f64().unwrap()).abs() < 1e-9, "{k} of {n}: {ours:?}");
    }
    close(jensen_shannon(&before, &now).unwrap(), theirs["jensen_shannon"].as_f64().unwrap(), 1e-9, "Jensen–Shannon");
    close(population_stability_index(&before, &now).unwrap(), theirs["stability"].as_f64().unwrap(), 1e-9, "PSI");
    for (z, theirs) in z.into_iter().zip(floats(&theirs["normal"])) {
        close(normal_two_sided(z), theirs, 1e-9, "normal");
    }
    for (q, theirs) in quantiles.into_iter().zip(floats(&theirs["normal_quantiles"])) {
        assert!((normal_quantile(q) - theirs).abs() < 1e-9, "{q}: {} {theirs}", normal_quantile(q));
    }
    for ((t, df), theirs) in t.into_iter().zip(floats(&theirs["student"])) {
        close(student_two_sided(t, df), theirs, 1e-9, "Student");
    }
    for ((x, df), theirs) in chi.into_iter().zip(floats(&theirs["chi_square_tails"])) {
        close(chi_square_tail(x, df), theirs, 1e-9, "chi-square tail");
    }
}

/// Days since the year 0, from `2010-12-01 08:26:00`.
fn day(date: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().unwrap();
    let (y, m, d) = (part(0..4), part(5..7), part(8..10));
    let (y, m) = if m > 2 { (y, m - 3) } else { (y - 1, m + 9) };
    365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d
}

#[derive(Default)]
struct Customer {
    days: Vec<i64>,
    invoices: std::collections::BTreeSet<String>,
    spent: f64,
}

#[test]
fn rfm_of_a_real_shop_is_what_pandas_says() {
    let Some(file) = real_file("transactions/onlineretail.csv.gz") else { return };
    let Some(theirs) = ask(json!({"task": "rfm", "file": file})) else { return };
    let (header, rows) = csv_of(&file);
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (invoice, quantity, date, price, customer) = (at("InvoiceNo"), at("Quantity"), at("InvoiceDate"), at("UnitPrice"), at("CustomerID"));
    let mut customers: BTreeMap<u64, Customer> = BTreeMap::new();
    for row in &rows {
        let (q, p): (f64, f64) = (row[quantity].parse().unwrap(), row[price].parse().unwrap());
        let Ok(id) = row[customer].parse::<f64>() else { continue };
        if row[invoice].starts_with('C') || q <= 0.0 || p <= 0.0 {
            continue;
        }
        let c = customers.entry(id as u64).or_default();
        c.days.push(day(&row[date]));
        c.invoices.insert(row[invoice].to_owned());
        c.spent += q * p;
    }
    let last_day = customers.values().flat_map(|c| c.days.iter().copied()).max().unwrap();
    let column = |of: &dyn Fn(&Customer) -> f64| customers.values().map(of).collect::<Vec<f64>>();
    let recency = column(&|c| (last_day - c.days.iter().max().unwrap()) as f64);
    let frequency = column(&|c| c.invoices.len() as f64);
    let monetary = column(&|c| c.spent);
    let ours = rfm(RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary }, &RfmOptions::default()).unwrap();
    let classes = abc(&monetary, 0.80, 0.95).unwrap();
    assert_eq!(customers.len(), theirs["people"].as_object().unwrap().len());
    for (i, id) in customers.keys().enumerate() {
        let row = &theirs["people"][id.to_string()];
        let said = json!([recency[i] as i64, frequency[i] as i64, ours.scores[i], ours.eight[i].chinese(), format!("{:?}", classes[i])]);
        let wanted = json!([row[0], row[1], [row[3], row[4], row[5]], row[6], row[7]]);
        assert_eq!(said, wanted, "customer {id}");
        close(monetary[i], row[2].as_f64().unwrap(), 1e-9, "spent");
    }
    let mut gaps: Vec<f64> = Vec::new();
    for c in customers.values_mut() {
        c.days.sort_unstable();
        c.days.dedup();
        gaps.extend(c.days.windows(2).map(|w| (w[1] - w[0]) as f64));
    }
    assert_eq!(typical_cycle(&mut gaps), theirs["typical_cycle"].as_f64());
    let mut cells: BTreeMap<String, usize> = BTreeMap::new();
    ours.cells.iter().for_each(|c| *cells.entry(format!("{c:?}")).or_default() += 1);
    println!("{} customers alike; {cells:?}; typical cycle {:?} days", customers.len(), typical_cycle(&mut gaps));
}
