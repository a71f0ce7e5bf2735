//! The embedded engine keeps the promises of the seam, and some of its own.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use bytes::Bytes;
use setup::{code, image_of, open, open_with, small, texts};
use weft_stream_bus::promises::{self, read_all};
use weft_stream_bus::{Options, Verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_all_promises() {
    let dir = tempfile::tempdir().unwrap();
    promises::all(|name| open(&dir.path().join(name))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_all_promises_when_old_segments_are_checked_only_when_read() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { verify: Verify::Last, ..small() };
    promises::all(|name| open_with(&dir.path().join(name), options.clone())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_all_promises_with_the_sizes_of_the_product() {
    let dir = tempfile::tempdir().unwrap();
    promises::all(|name| open_with(&dir.path().join(name), Options::default())).await;
}

#[tokio::test]
async fn two_cannot_open_one_log_and_the_next_can_when_the_first_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    assert_eq!(code(open(dir.path())), "stream_bus.locked");
    first.append(texts(1..3)).await.unwrap();
    drop(first);
    assert_eq!(open(dir.path()).unwrap().next(), 3);
}

#[tokio::test]
async fn urls_with_two_slashes_and_without_name_the_same_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep").join("log");
    let bus = weft_stream_bus::open(&format!("file://{}", path.display()), small()).unwrap();
    bus.append(texts(1..2)).await.unwrap();
    drop(bus);
    assert_eq!(open(&path).unwrap().next(), 2);
}

#[tokio::test]
async fn trimming_removes_the_files_of_whole_segments_and_never_the_live_one() {
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    for n in 0..400 {
        bus.append(texts(n * 4..n * 4 + 4)).await.unwrap();
    }
    let all = image_of(dir.path()).len();
    assert!(all > 5, "{all} segments");
    bus.trim(bus.next() / 2).unwrap();
    let half = image_of(dir.path());
    assert!(half.len() < all && half.len() > 1);
    assert!(half.keys().next().unwrap().ends_with(&format!("{}.log", bus.first())));
    bus.trim(u64::MAX).unwrap();
    assert_eq!(image_of(dir.path()).len(), 1);
    assert_eq!(bus.append(texts(0..1)).await.unwrap(), 1601);
    assert_eq!(read_all(&*bus).last().unwrap().0, 1601);
}

#[tokio::test]
async fn an_append_larger_than_a_segment_gets_a_segment_of_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    bus.append(texts(0..5)).await.unwrap();
    let large: Vec<Bytes> = (0..300u32).map(|n| Bytes::from(vec![(n % 251) as u8; 1000])).collect();
    assert_eq!(bus.append(large.clone()).await.unwrap(), 6);
    assert_eq!(bus.append(texts(0..5)).await.unwrap(), 306);
    drop(bus);
    let bus = open(dir.path()).unwrap();
    let read: Vec<Bytes> = bus.read(6, 300, usize::MAX).unwrap().into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(read, large);
    assert_eq!(bus.next(), 311);
}

#[tokio::test]
async fn an_empty_segment_that_is_too_small_is_replaced_by_a_larger_one() {
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    let large = Bytes::from(vec![3; 100_000]);
    assert_eq!(bus.append(vec![large.clone()]).await.unwrap(), 1);
    assert_eq!(image_of(dir.path()).len(), 1);
    bus.trim(2).unwrap();
    assert_eq!(bus.read(1, 1, 1).unwrap(), [(1, large.clone())]);
    drop(bus);
    let bus = open(dir.path()).unwrap();
    assert_eq!(bus.read(1, 1, 1).unwrap(), [(1, large.clone())]);
    assert_eq!(bus.append(vec![large]).await.unwrap(), 2);
    bus.trim(2).unwrap();
    assert_eq!((bus.first(), image_of(dir.path()).len()), (2, 1));
}

#[tokio::test]
async fn a_log_closed_cleanly_grows_by_one_mark_and_not_more_when_nothing_is_appended() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).unwrap().append(texts(1..5)).await.unwrap();
    let closed = image_of(dir.path());
    for _ in 0..3 {
        assert_eq!(open(dir.path()).unwrap().next(), 5);
    }
    assert_eq!(image_of(dir.path()), closed);
}

#[tokio::test]
async fn files_that_are_not_ours_are_left_alone_and_a_spare_of_a_crash_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    std::fs::write(dir.path().join("notes.txt"), "keep").unwrap();
    std::fs::write(dir.path().join("spare.tmp"), "half").unwrap();
    drop(open(dir.path()).unwrap());
    assert!(dir.path().join("notes.txt").exists());
    assert!(!dir.path().join("spare.tmp").exists());
}

#[tokio::test]
async fn with_more_segments_than_files_kept_open_every_position_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    for n in 0..100 {
        bus.append(vec![Bytes::from(vec![n as u8; 6000])]).await.unwrap();
    }
    assert!(image_of(dir.path()).len() > 40);
    for step in [1, 7, 37] {
        for n in (0..100).map(|n| n * step % 100) {
            let read = bus.read(n + 1, 1, 1).unwrap();
            assert_eq!(read, [(n + 1, Bytes::from(vec![n as u8; 6000]))]);
        }
    }
}

#[test]
fn the_raw_limit_measures_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let limit = weft_stream_bus::raw_limit::run(dir.path(), 1000, 16, 0.01).unwrap();
    assert_eq!(limit.bytes, limit.batches * 1000);
    assert_eq!(limit.batches, limit.syncs * 16);
    assert!(limit.bytes_per_second > 0.0 && limit.syncs_per_second > 0.0);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert_eq!(code(weft_stream_bus::raw_limit::run(dir.path(), 0, 1, 0.01)), "stream_bus.benchmark_invalid");
}
