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
fn a_clear_that_was_broken_off_is_finished_by_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = open(&format!("file:{}", folder.path().display()), Options::default()).unwrap();
        store.apply(vec![("some", b"k".to_vec(), Some(b"v".to_vec()))], 7).unwrap();
        // As `clear` says it before it begins.
        store.apply(vec![("_meta", b"clearing".to_vec(), Some(Vec::new()))], 7).unwrap();
    }
    let store = open(&format!("file:{}", folder.path().display()), Options::default()).unwrap();
    assert_eq!(store.position(), 0);
    assert_eq!(store.get("some", b"k").unwrap(), None);
    store.apply(vec![("some", b"k".to_vec(), Some(b"w".to_vec()))], 3).unwrap();
    drop(store);
    let store = open(&format!("file:{}", folder.path().display()), Options::default()).unwrap();
    assert_eq!((store.position(), store.get("some", b"k").unwrap().as_deref()), (3, Some(b"w".as_slice())));
}

#[test]
fn a_store_of_another_format_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}", folder.path().display());
    let in_format = |format| open(&url, Options { format, ..Options::default() }).unwrap();
    in_format(1).apply(vec![("some", b"k".to_vec(), Some(b"v".to_vec()))], 7).unwrap();
    assert_eq!(in_format(1).position(), 7);
    let anew = in_format(2);
    assert_eq!((anew.position(), anew.get("some", b"k").unwrap()), (0, None));
    anew.apply(vec![("some", b"k".to_vec(), Some(b"w".to_vec()))], 3).unwrap();
    drop(anew);
    assert_eq!(in_format(2).get("some", b"k").unwrap().as_deref(), Some(b"w".as_slice()));
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
