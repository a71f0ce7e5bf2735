//! The promise suite: what README.md promises, one function each, for every engine.

use std::future::Future;

use bytes::Bytes;

use crate::Blobs;
use crate::kernel::ErrorKind;

/// Runs every promise. `open` gives the same folder each time it is called with the same name.
#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn all<F: Future<Output = Blobs>>(open: impl Fn(&'static str) -> F) {
    p1_bytes_come_back_also_after_a_restart(open("p1").await, open("p1").await).await;
    p2_a_put_is_whole_or_absent(open("p2").await).await;
    p4_absent_is_not_found(open("p4").await).await;
    p5_ranges_are_inside_the_file(open("p5").await).await;
    p6_lists_are_complete_sorted_and_by_folder(open("p6").await).await;
    p7_names_cannot_leave_the_folder(open("p7").await).await;
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p1_bytes_come_back_also_after_a_restart(first: Blobs, second: Blobs) {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    first.put("reports/2026/报告 一.bin", bytes.clone()).await.unwrap();
    first.put("empty", Bytes::new()).await.unwrap();
    assert_eq!(first.get("reports/2026/报告 一.bin").await.unwrap(), bytes);
    drop(first);
    assert_eq!(second.get("reports/2026/报告 一.bin").await.unwrap(), bytes);
    assert_eq!(second.get("empty").await.unwrap(), Bytes::new());
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p2_a_put_is_whole_or_absent(blobs: Blobs) {
    const SIZE: usize = 300_000;
    blobs.put("one", vec![0u8; SIZE]).await.unwrap();
    let writer = {
        let blobs = blobs.clone();
        tokio::spawn(async move {
            for round in 1..=20u8 {
                blobs.put("one", vec![round; SIZE]).await.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let seen = blobs.get("one").await.unwrap();
        assert_eq!(seen.len(), SIZE);
        assert!(seen.iter().all(|b| *b == seen[0]), "a mixture of two writes was read");
    }
    writer.await.unwrap();
    assert_eq!(blobs.get("one").await.unwrap()[0], 20);
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p4_absent_is_not_found(blobs: Blobs) {
    assert_eq!(blobs.get("none").await.unwrap_err().kind, ErrorKind::NotFound);
    assert_eq!(blobs.get_range("none", 0..1).await.unwrap_err().kind, ErrorKind::NotFound);
    blobs.delete("none").await.unwrap();
    blobs.put("some", "x").await.unwrap();
    blobs.delete("some").await.unwrap();
    blobs.delete("some").await.unwrap();
    assert_eq!(blobs.get("some").await.unwrap_err().code, "blob_store.blob_absent");
    assert_eq!(blobs.list("").await.unwrap(), vec![]);
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p5_ranges_are_inside_the_file(blobs: Blobs) {
    blobs.put("digits", "0123456789").await.unwrap();
    assert_eq!(blobs.get_range("digits", 2..5).await.unwrap(), "234");
    assert_eq!(blobs.get_range("digits", 0..10).await.unwrap(), "0123456789");
    assert_eq!(blobs.get_range("digits", 4..4).await.unwrap(), "");
    for outside in [5..11, 10..12, 20..30] {
        assert_eq!(blobs.get_range("digits", outside).await.unwrap_err().code, "blob_store.range_outside");
    }
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p6_lists_are_complete_sorted_and_by_folder(blobs: Blobs) {
    for key in ["b/2", "a/b/1", "a/bc", "a/b/c/3", "z"] {
        blobs.put(key, key).await.unwrap();
    }
    let keys = |blobs: Vec<crate::Blob>| blobs.into_iter().map(|b| b.key).collect::<Vec<_>>();
    assert_eq!(keys(blobs.list("").await.unwrap()), ["a/b/1", "a/b/c/3", "a/bc", "b/2", "z"]);
    assert_eq!(keys(blobs.list("a/b").await.unwrap()), ["a/b/1", "a/b/c/3"]);
    assert_eq!(keys(blobs.list("a/b/").await.unwrap()), ["a/b/1", "a/b/c/3"]);
    assert_eq!(keys(blobs.list("nothing").await.unwrap()), Vec::<String>::new());
    assert_eq!(blobs.list("z").await.unwrap().len(), 0, "a file is not a folder");
    assert_eq!(blobs.list("a/b").await.unwrap()[0].size, 5);
}

#[allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]
pub async fn p7_names_cannot_leave_the_folder(blobs: Blobs) {
    for key in ["", "/", "../x", "a/../../x", "a//b", "/etc/x", "a/", "a\\..\\b", "a#1", "a:b", "50%", ".staging/x", "a\u{0}b", &"k".repeat(2000)] {
        let put = blobs.put(key, "x").await;
        assert_eq!(put.unwrap_err().code, "blob_store.key_invalid", "{key:?}");
    }
}
