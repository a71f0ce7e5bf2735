//! The cases that every reader of the language, in every programming language, must decide alike.

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::{Person, condition};
use serde::Deserialize;
use serde_json::Value;
use weft_condition::{Condition, Lang, describe, explain, holds, next_change};
use weft_kernel::Millis;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    says: String,
    tree: Value,
    facts: Person,
    now: Millis,
    verdict: bool,
    next_change: Option<Millis>,
}

fn fixtures() -> Vec<(String, Fixture)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/condition");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let fixture: Fixture = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            (name, fixture)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn every_fixture_is_decided_as_it_says() {
    let all = fixtures();
    assert!(all.len() >= 20);
    for (name, fixture) in all {
        let condition = condition(&fixture.tree);
        let person = fixture.facts.sorted();
        assert_eq!(holds(&condition, &person, fixture.now), fixture.verdict, "{name}: {}", fixture.says);
        assert_eq!(next_change(&condition, &person, fixture.now), fixture.next_change, "{name}: {}", fixture.says);
        let explanation = explain(&condition, &person, fixture.now);
        assert_eq!(explanation.verdict, fixture.verdict, "{name}");
    }
}

#[test]
fn every_fixture_comes_back_as_it_was_written() {
    for (name, fixture) in fixtures() {
        let condition = condition(&fixture.tree);
        let again: Condition = serde_json::from_value(serde_json::to_value(&condition).unwrap()).unwrap();
        assert_eq!(again, condition, "{name}");
        if !name.starts_with("since_the_last") {
            assert_eq!(condition.to_json(), fixture.tree, "{name}");
        }
    }
}

#[test]
fn every_fixture_reads_as_a_sentence() {
    let mut seen = BTreeSet::new();
    for (name, fixture) in fixtures() {
        for lang in [Lang::Zh, Lang::En] {
            let sentence = describe(&condition(&fixture.tree), lang);
            assert!(!sentence.is_empty() && !sentence.contains("  ") && !sentence.contains('{'), "{name}: {sentence}");
            seen.insert(sentence);
        }
    }
    assert!(seen.len() > 40);
}
