//! Writes, syncs, renames and pre-writing that fail, at named points.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use fail::FailScenario;
use setup::{code, image_of, open, open_with, restore, small, texts};
use weft_kernel::ErrorKind;
use weft_stream_bus::promises::read_all;
use weft_stream_bus::{Options, StreamBus, Verify};

fn up_to(next: u64) -> Vec<(u64, Bytes)> {
    (1..).zip(texts(1..next)).collect()
}

async fn append(bus: &Arc<dyn StreamBus>, range: std::ops::Range<u64>) -> weft_kernel::Result<u64> {
    bus.append(texts(range)).await
}

/// Broken for good: no append goes through, all that was acknowledged is read.
async fn is_broken(bus: &Arc<dyn StreamBus>, next: u64) {
    for _ in 0..3 {
        let error = append(bus, next..next + 1).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("stream_bus.failed", ErrorKind::Unavailable));
    }
    assert_eq!(code(bus.append(Vec::new()).await), "stream_bus.failed");
    assert!(bus.failed().is_some());
    assert_eq!(bus.next(), next);
    assert_eq!(read_all(&**bus), up_to(next));
}

/// After the fault the log opens; what was not acknowledged is there whole or not at all.
async fn recovers(dir: &Path, next: u64, in_flight: u64) {
    let bus = open(dir).unwrap();
    assert!(bus.next() == next || bus.next() == next + in_flight, "{} is neither", bus.next());
    assert_eq!(read_all(&*bus), up_to(bus.next()));
    let at = bus.next();
    assert_eq!(append(&bus, at..at + 3).await.unwrap(), at);
    assert_eq!(read_all(&*bus), up_to(at + 3));
}

#[tokio::test]
async fn a_failed_sync_breaks_the_log_for_good_and_is_never_tried_again() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    // Once only: were it tried again, it would succeed and be acknowledged.
    fail::cfg("stream_bus.sync", "1*return(EIO)->off").unwrap();
    assert_eq!(code(append(&bus, 10..14).await), "stream_bus.failed");
    is_broken(&bus, 10).await;
    assert!(bus.failed().unwrap().contains("a sync failed"));
    drop(bus);
    recovers(dir.path(), 10, 4).await;
    scenario.teardown();
}

#[tokio::test]
async fn a_failed_write_breaks_the_log_for_good() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    fail::cfg("stream_bus.write", "1*return(EIO)->off").unwrap();
    assert_eq!(code(append(&bus, 10..14).await), "stream_bus.failed");
    is_broken(&bus, 10).await;
    drop(bus);
    recovers(dir.path(), 10, 4).await;
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_behind_a_failed_sync_are_told() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    fail::cfg("stream_bus.write", "pause").unwrap();
    fail::cfg("stream_bus.sync", "return(EIO)").unwrap();
    let waiting: Vec<_> = (0..20)
        .map(|n| {
            let bus = bus.clone();
            tokio::spawn(async move { bus.append(texts(n..n + 2)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    fail::remove("stream_bus.write");
    for one in waiting {
        assert_eq!(code(one.await.unwrap()), "stream_bus.failed");
    }
    is_broken(&bus, 10).await;
    scenario.teardown();
}

#[tokio::test]
async fn a_writer_that_panics_breaks_the_log() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    fail::cfg("stream_bus.sync", "1*panic->off").unwrap();
    assert_eq!(code(append(&bus, 10..14).await), "stream_bus.failed");
    is_broken(&bus, 10).await;
    drop(bus);
    recovers(dir.path(), 10, 4).await;
    scenario.teardown();
}

#[tokio::test]
async fn no_room_for_the_next_segment_refuses_what_does_not_fit_and_breaks_nothing() {
    for errno in ["ENOSPC", "EDQUOT"] {
        let scenario = FailScenario::setup();
        let dir = tempfile::tempdir().unwrap();
        let bus = open(dir.path()).unwrap();
        append(&bus, 1..10).await.unwrap();
        fail::cfg("stream_bus.write_zeros", &format!("return({errno})")).unwrap();
        let large = || vec![Bytes::from(vec![b'z'; 20_000])];
        for _ in 0..3 {
            let error = bus.append(large()).await.unwrap_err();
            assert_eq!((error.code, error.kind), ("stream_bus.disk_full", ErrorKind::Unavailable));
        }
        assert_eq!(bus.failed(), None);
        assert_eq!(append(&bus, 10..12).await.unwrap(), 10, "what fits goes on");
        let mut next = 12;
        let refused = loop {
            match append(&bus, next..next + 5).await {
                Ok(first) => next = first + 5,
                Err(e) => break e,
            }
        };
        assert_eq!(refused.code, "stream_bus.disk_full");
        assert_eq!(read_all(&*bus), up_to(next));
        fail::remove("stream_bus.write_zeros");
        assert_eq!(append(&bus, next..next + 5).await.unwrap(), next, "there is room again");
        drop(bus);
        recovers(dir.path(), next + 5, 0).await;
        scenario.teardown();
    }
}

#[tokio::test]
async fn no_room_in_the_live_segment_is_survived_and_what_was_refused_does_not_come_back() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    fail::cfg("stream_bus.write", "2*return(ENOSPC)->off").unwrap();
    assert_eq!(code(append(&bus, 100..120).await), "stream_bus.disk_full");
    assert_eq!(code(append(&bus, 200..240).await), "stream_bus.disk_full");
    assert_eq!(append(&bus, 10..12).await.unwrap(), 10);
    assert_eq!(bus.failed(), None);
    let killed = image_of(dir.path());
    drop(bus);
    recovers(dir.path(), 12, 0).await;
    restore(dir.path(), &killed);
    recovers(dir.path(), 12, 0).await;
    scenario.teardown();
}

#[tokio::test]
async fn what_a_refused_write_has_left_at_the_end_of_a_segment_is_not_damage() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    append(&bus, 1..10).await.unwrap();
    fail::cfg("stream_bus.write", "1*return(ENOSPC)->off").unwrap();
    assert_eq!(code(append(&bus, 100..120).await), "stream_bus.disk_full");
    let large = Bytes::from(vec![b'z'; 20_000]);
    assert_eq!(bus.append(vec![large.clone()]).await.unwrap(), 10, "goes into the next segment");
    drop(bus);
    assert_eq!(image_of(dir.path()).len(), 2);
    for verify in [Verify::All, Verify::Last] {
        let bus = open_with(dir.path(), Options { verify, ..small() }).unwrap();
        let mut expected = up_to(10);
        expected.push((10, large.clone()));
        assert_eq!(read_all(&*bus), expected);
    }
    scenario.teardown();
}

#[tokio::test]
async fn each_step_of_beginning_a_segment_may_fail() {
    for step in ["stream_bus.write_zeros", "stream_bus.write_header", "stream_bus.rename", "stream_bus.sync_directory"] {
        let scenario = FailScenario::setup();
        let dir = tempfile::tempdir().unwrap();
        let bus = open(dir.path()).unwrap();
        fail::cfg(step, "return(EIO)").unwrap();
        let mut next = 1;
        let refused = loop {
            match append(&bus, next..next + 5).await {
                Ok(first) => next = first + 5,
                Err(e) => break e,
            }
        };
        assert_eq!(refused.code, "stream_bus.failed", "{step}");
        is_broken(&bus, next).await;
        fail::remove(step);
        is_broken(&bus, next).await;
        drop(bus);
        recovers(dir.path(), next, 5).await;
        scenario.teardown();
    }
}

#[tokio::test]
async fn each_step_of_opening_may_fail_and_opening_again_finds_all() {
    for step in ["stream_bus.write_zeros", "stream_bus.sync_directory"] {
        let scenario = FailScenario::setup();
        let dir = tempfile::tempdir().unwrap();
        let bus = open(dir.path()).unwrap();
        append(&bus, 1..10).await.unwrap();
        let killed = image_of(dir.path());
        drop(bus);
        restore(dir.path(), &killed);
        fail::cfg(step, "return(EIO)").unwrap();
        assert_eq!(code(open(dir.path())), "stream_bus.cannot_open", "{step}");
        fail::cfg(step, "return(ENOSPC)").unwrap();
        assert!(open(dir.path()).is_err());
        fail::remove(step);
        recovers(dir.path(), 10, 0).await;
        scenario.teardown();
    }
}

#[tokio::test]
async fn a_new_log_on_a_full_disk_says_so_and_opens_when_there_is_room() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    fail::cfg("stream_bus.write_zeros", "return(ENOSPC)").unwrap();
    assert_eq!(code(open(dir.path())), "stream_bus.disk_full");
    fail::remove("stream_bus.write_zeros");
    recovers(dir.path(), 1, 0).await;
    scenario.teardown();
}

#[tokio::test]
async fn a_trim_that_is_not_durable_stops_the_log_before_a_hole_can_come() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().unwrap();
    let bus = open(dir.path()).unwrap();
    let mut next = 1;
    while image_of(dir.path()).len() < 5 {
        next = append(&bus, next..next + 10).await.unwrap() + 10;
    }
    fail::cfg("stream_bus.sync_directory", "return(EIO)").unwrap();
    assert_eq!(code(bus.trim(next)), "stream_bus.failed");
    fail::remove("stream_bus.sync_directory");
    assert!(bus.failed().is_some());
    let first = bus.first();
    let kept: Vec<(u64, Bytes)> = (first..).zip(texts(first..next)).collect();
    assert_eq!(read_all(&*bus), kept);
    drop(bus);
    let bus = open(dir.path()).unwrap();
    assert_eq!((bus.first(), bus.next()), (first, next));
    scenario.teardown();
}
