//! How good it is without labels, beside others: FEBRL's and Splink's invented people, and the German names of R's RecordLinkage.
//!
//! Settings are inferred from the kinds of the columns; a pair counts as found when it is rather a match than not (p ≥ 0.5), here and with the peers.

#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{Pairs, Quality, folder, labelled, quality, within};
use weft_linkage::{Settings, dedupe};

/// Rather one person than two: chosen before anything was measured, and the same for all sets. The defaults' levels and rules are not as blind: they
/// were settled with results on these sets in view.
const THRESHOLD: f64 = 0.5;
const ALLOWED: f64 = 0.002;

/// The sets, and the F1 below which something has been broken.
const SMALL: [(&str, f64); 2] = [("fake_1000", 0.93), ("febrl1", 0.999)];
const LARGE: [(&str, f64); 3] = [("febrl2", 0.998), ("febrl3", 0.9985), ("RLdata10000", 0.965)];

fn sets() -> Vec<(&'static str, f64)> {
    let full = std::env::var_os("WEFT_FULL").is_some();
    SMALL.into_iter().chain(LARGE.into_iter().filter(|_| full)).collect()
}

struct Ours {
    pairs: Quality,
    clusters: Quality,
    found: usize,
    truth: usize,
    /// Expected by the model, without knowing the truth.
    expected: f64,
}

fn ours(folder: &Path, name: &str) -> Ours {
    let labelled = labelled(folder, name);
    let settings = Settings::infer(&labelled.records).unwrap();
    let outcome = dedupe(&labelled.records, &settings, &mut |_| ControlFlow::Continue(())).unwrap();
    let all = outcome.accepted.iter().chain(&outcome.review);
    let found: Pairs = all.filter(|pair| pair.probability() >= THRESHOLD).map(|pair| (pair.a, pair.b)).collect();
    let truth = labelled.true_pairs();
    Ours {
        pairs: quality(&found, &truth),
        clusters: quality(&within(outcome.clusters.groups()), &truth),
        found: found.len(),
        truth: truth.len(),
        expected: outcome.model.prior * labelled.records.pairs(),
    }
}

fn line(set: &str, who: &str, pairs: usize, q: &Quality, clusters: f64, remark: &str) {
    println!("{set:<12} {who:<30} {pairs:>7} {:>9.4} {:>7.4} {:>7.4} {clusters:>11.4}  {remark}", q.precision, q.recall, q.f1);
}

fn has_peers(python: &Path) -> bool {
    Command::new(python).args(["-c", "import recordlinkage, splink"]).output().is_ok_and(|output| output.status.success())
}

fn python() -> Option<PathBuf> {
    let found = std::env::var_os("WEFT_TEST_PYTHON").map(PathBuf::from).filter(|python| has_peers(python));
    let may_be_missing = std::env::var_os("CI").is_none_or(|ci| ci != "true");
    assert!(found.is_some() || may_be_missing, "WEFT_TEST_PYTHON names no Python with splink and recordlinkage; `scripts/setup tests` brings them in");
    found
}

fn peers(python: &Path, folder: &Path, names: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers.py");
    let output = Command::new(python).arg(program).arg(folder).args(names).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for answer in String::from_utf8_lossy(&output.stdout).lines() {
        let answer: Value = serde_json::from_str(answer).unwrap();
        answers.entry(answer["set"].as_str().unwrap().to_owned()).or_default().push(answer);
    }
    answers
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn as_good_as_it_was() {
    let Some(folder) = folder() else {
        println!("skipped: the folder linkage is not there; set WEFT_TEST_DATA to the folder that has it");
        return;
    };
    for (name, floor) in sets() {
        let ours = ours(&folder, name);
        assert!(ours.pairs.f1 >= floor, "{name}: {:?}", ours.pairs);
        assert!((ours.expected / ours.truth as f64 - 1.0).abs() < 0.15, "{name}: {} expected, {} there", ours.expected, ours.truth);
    }
}

#[test]
fn not_behind_splink_and_recordlinkage() {
    let Some(folder) = folder() else {
        println!("skipped: the folder linkage is not there; set WEFT_TEST_DATA to the folder that has it");
        return;
    };
    let Some(python) = python() else {
        println!("skipped: WEFT_TEST_PYTHON names no Python with splink and recordlinkage");
        return;
    };
    let names: Vec<&str> = sets().into_iter().map(|(name, _)| name).collect();
    let peers = peers(&python, &folder, &names);
    println!("{:<12} {:<30} {:>7} {:>9} {:>7} {:>7} {:>11}", "set", "", "pairs", "precision", "recall", "F1", "F1 clusters");
    let mut behind = Vec::new();
    for name in names {
        let ours = ours(&folder, name);
        line(name, "weft", ours.found, &ours.pairs, ours.clusters.f1, &format!("expects {:.0} pairs, there are {}", ours.expected, ours.truth));
        for peer in &peers[name] {
            let who = peer["peer"].as_str().unwrap();
            let q = Quality { precision: number(&peer["precision"]), recall: number(&peer["recall"]), f1: number(&peer["f1"]) };
            let best = peer["at"].as_object().and_then(|at| at.values().map(number).reduce(f64::max));
            let remark = best.map_or_else(String::new, |best| format!("{best:.4} at the threshold that suits it best"));
            line(name, who, peer["pairs"].as_u64().unwrap() as usize, &q, number(&peer["clusters"]["f1"]), &remark);
            if ours.pairs.f1 < q.f1 - ALLOWED {
                behind.push(format!("{name}: ours {:.4}, {who} {:.4}", ours.pairs.f1, q.f1));
            }
        }
    }
    assert!(behind.is_empty(), "behind: {behind:?}");
}
