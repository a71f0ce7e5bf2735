//! Every engine keeps every promise.

use std::sync::Arc;
use weft_profile_kv::{Options, StateStore, open, promises};

#[test]
fn embedded() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}", folder.path().display());
    promises::all(&|| open(&url, Options::default()).unwrap()).unwrap();
}

#[test]
fn memory() {
    let store: Arc<dyn StateStore> = open("memory:", Options::default()).unwrap();
    promises::all(&|| store.clone()).unwrap();
}

#[test]
fn p7_two_cannot_open_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}", folder.path().display());
    let _first = open(&url, Options::default()).unwrap();
    assert_eq!(open(&url, Options::default()).err().unwrap().code, "profile_kv.locked");
}

#[test]
fn an_absent_engine_says_so() {
    assert_eq!(open("postgres://x", Options::default()).err().unwrap().code, "profile_kv.engine_absent");
}
