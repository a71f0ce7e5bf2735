//! What every engine promises, one function for each. They panic when a promise is broken.
#![allow(clippy::unwrap_used, reason = "a broken promise is told by a panic")]

use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::kernel::Result;
use crate::{APPEND_BYTES_MAX, StreamBus};

type Bus = Arc<dyn StreamBus>;

/// Runs all promises. `open(name)` opens the log of that name, a new one at first and the same one when asked again;
/// to see trimming at work it should use small segments.
pub async fn all(open: impl Fn(&str) -> Result<Bus>) {
    p1_what_is_acknowledged_is_readable(&open).await;
    p2_positions_are_consecutive_and_in_order_under_concurrent_appenders(&open).await;
    p3_a_read_keeps_its_limits(&open).await;
    p4_a_read_may_begin_anywhere(&open).await;
    p5_waiting_past_a_position_ends_when_it_is_durable(&open).await;
    p6_opened_again_it_holds_the_same_and_counts_on(&open).await;
    p7_trimming_forgets_only_what_is_before(&open).await;
    p8_any_bytes_are_a_record(&open).await;
    p9_too_much_is_refused_and_changes_nothing(&open).await;
    p10_an_append_nobody_waits_for_is_there_whole_or_not_at_all(&open).await;
    p11_a_reader_at_the_end_sees_all_once_in_order(&open).await;
}

/// All records from the first kept one to the durable end, in small reads.
pub fn read_all(bus: &dyn StreamBus) -> Vec<(u64, Bytes)> {
    let mut all = Vec::new();
    let mut from = bus.first();
    loop {
        let some = bus.read(from, 100, 64 * 1024).unwrap();
        let Some((last, _)) = some.last() else { return all };
        from = last + 1;
        all.extend(some);
    }
}

fn records(texts: &[&str]) -> Vec<Bytes> {
    texts.iter().map(|t| Bytes::copy_from_slice(t.as_bytes())).collect()
}

/// A record that tells its number and has a length that depends on it.
fn numbered(n: u64) -> Bytes {
    Bytes::from(format!("{n}:{}", "x".repeat((n * 37 % 200) as usize)))
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.unwrap_or_else(|_| panic!("{what} never happened"))
}

pub async fn p1_what_is_acknowledged_is_readable(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p1").unwrap();
    assert_eq!((bus.first(), bus.next()), (1, 1));
    assert_eq!(bus.append(records(&["a", "b"])).await.unwrap(), 1);
    assert_eq!(bus.append(records(&["c"])).await.unwrap(), 3);
    assert_eq!((bus.first(), bus.next()), (1, 4));
    let expected: Vec<_> = (1..).zip(records(&["a", "b", "c"])).collect();
    assert_eq!(bus.read(1, 10, 1000).unwrap(), expected);
    assert_eq!(bus.append(Vec::new()).await.unwrap(), 4);
    assert_eq!(bus.next(), 4);
    assert_eq!(bus.failed(), None);
}

pub async fn p2_positions_are_consecutive_and_in_order_under_concurrent_appenders(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p2").unwrap();
    let appenders: Vec<_> = (0..8)
        .map(|who| {
            let bus = bus.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for turn in 0..20 {
                    let batch: Vec<_> = (0..=(who + turn) % 7).map(|i| Bytes::from(format!("{who} {turn} {i}"))).collect();
                    let first = bus.append(batch.clone()).await.unwrap();
                    acknowledged.extend((first..).zip(batch));
                }
                acknowledged
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for appender in appenders {
        let own = appender.await.unwrap();
        assert!(own.is_sorted_by_key(|(position, _)| *position), "an appender's records keep its order");
        acknowledged.extend(own);
    }
    acknowledged.sort_by_key(|(position, _)| *position);
    assert!(acknowledged.iter().map(|(position, _)| *position).eq(1..bus.next()), "no hole and no position twice");
    assert_eq!(read_all(&*bus), acknowledged);
}

pub async fn p3_a_read_keeps_its_limits(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p3").unwrap();
    bus.append((0..50).map(|_| Bytes::from(vec![7; 100])).collect()).await.unwrap();
    let positions = |from, max_records, max_bytes| -> Vec<u64> {
        bus.read(from, max_records, max_bytes).unwrap().into_iter().map(|(position, _)| position).collect()
    };
    assert_eq!(positions(1, 3, usize::MAX), [1, 2, 3]);
    assert_eq!(positions(1, usize::MAX, 250), [1, 2]);
    assert_eq!(positions(1, usize::MAX, 300), [1, 2, 3]);
    assert_eq!(positions(9, usize::MAX, 1), [9], "at least one");
    assert_eq!(positions(9, 5, 0), [9], "at least one");
    assert!(positions(9, 0, 1000).is_empty());
    assert_eq!(positions(49, 10, 1000), [49, 50]);
    assert!(positions(51, 10, 1000).is_empty(), "the end is not an error");
    assert!(positions(u64::MAX, 10, 1000).is_empty());
    assert_eq!(bus.read(0, 1, 1).unwrap_err().code, "stream_bus.trimmed", "there is no position 0");
}

pub async fn p4_a_read_may_begin_anywhere(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p4").unwrap();
    for chunk in 0..20 {
        bus.append((1..=25).map(|i| numbered(chunk * 25 + i)).collect()).await.unwrap();
    }
    for position in (1..=500).rev() {
        let expected: Vec<_> = (position..=500).take(3).map(|n| (n, numbered(n))).collect();
        assert_eq!(bus.read(position, 3, usize::MAX).unwrap(), expected);
    }
    assert_eq!(bus.read(1, usize::MAX, usize::MAX).unwrap().len(), 500);
}

pub async fn p5_waiting_past_a_position_ends_when_it_is_durable(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p5").unwrap();
    soon("what is past already", bus.wait_past(0)).await;
    let waiter = tokio::spawn({
        let bus = bus.clone();
        async move {
            bus.wait_past(2).await;
            bus.next()
        }
    });
    bus.append(records(&["a"])).await.unwrap();
    assert!(!waiter.is_finished(), "next() is 2, not beyond it");
    bus.append(records(&["b"])).await.unwrap();
    assert!(soon("the wake-up", waiter).await.unwrap() > 2);
}

pub async fn p6_opened_again_it_holds_the_same_and_counts_on(open: &impl Fn(&str) -> Result<Bus>) {
    let mut expected = Vec::new();
    for _ in 0..4 {
        let bus = open("p6").unwrap();
        assert_eq!(read_all(&*bus), expected);
        assert_eq!(bus.next(), expected.len() as u64 + 1);
        for _ in 0..10 {
            let next = bus.next();
            let batch: Vec<_> = (next..next + 9).map(|n| (n, numbered(n))).collect();
            let first = bus.append(batch.iter().map(|(_, bytes)| bytes.clone()).collect()).await.unwrap();
            assert_eq!(first, next);
            expected.extend(batch);
        }
    }
    let bus = open("p6").unwrap();
    assert_eq!(read_all(&*bus), expected);
}

pub async fn p7_trimming_forgets_only_what_is_before(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p7").unwrap();
    for n in 1..=2000 {
        if n % 20 == 0 {
            bus.append((n - 19..=n).map(numbered).collect()).await.unwrap();
        }
    }
    let mut last_first = 1;
    for before in [0, 1, 2, 700, 300, 1500, 2001, u64::MAX] {
        bus.trim(before).unwrap();
        let first = bus.first();
        assert!(first <= before.max(last_first) && first >= last_first && first <= bus.next());
        last_first = first;
        let kept: Vec<_> = (first..=2000).map(|n| (n, numbered(n))).collect();
        assert_eq!(read_all(&*bus), kept);
        if first > 1 {
            assert_eq!(bus.read(first - 1, 1, 1).unwrap_err().code, "stream_bus.trimmed");
        }
    }
    drop(bus);
    let bus = open("p7").unwrap();
    assert_eq!((bus.first(), bus.next()), (last_first, 2001), "what was forgotten stays forgotten");
    assert_eq!(bus.append(vec![numbered(2001)]).await.unwrap(), 2001);
}

pub async fn p8_any_bytes_are_a_record(open: &impl Fn(&str) -> Result<Bus>) {
    let odd = || -> Vec<Bytes> {
        let every: Vec<u8> = (0..=255).collect();
        let large: Vec<u8> = (0..300_000u32).map(|i| (i * 7) as u8).collect();
        vec![Bytes::new(), vec![0; 5000].into(), vec![0xFF; 5000].into(), every.into(), large.into(), Bytes::new()]
    };
    let bus = open("p8").unwrap();
    bus.append(odd()).await.unwrap();
    bus.append(vec![Bytes::new()]).await.unwrap();
    let expected: Vec<_> = (1..).zip(odd().into_iter().chain([Bytes::new()])).collect();
    assert_eq!(bus.read(1, usize::MAX, usize::MAX).unwrap(), expected);
    drop(bus);
    assert_eq!(read_all(&*open("p8").unwrap()), expected);
}

pub async fn p9_too_much_is_refused_and_changes_nothing(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p9").unwrap();
    let too_much = vec![Bytes::from(vec![1; APPEND_BYTES_MAX])];
    assert_eq!(bus.append(too_much).await.unwrap_err().code, "stream_bus.append_too_large");
    assert_eq!(bus.next(), 1);
    assert_eq!(bus.append(records(&["a"])).await.unwrap(), 1);
}

pub async fn p10_an_append_nobody_waits_for_is_there_whole_or_not_at_all(open: &impl Fn(&str) -> Result<Bus>) {
    let bus = open("p10").unwrap();
    for turn in 0..50 {
        let abandoned = bus.append((0..5).map(|i| Bytes::from(format!("{turn} {i}"))).collect());
        tokio::select! {
            biased;
            answer = abandoned => drop(answer.unwrap()),
            () = ready(()) => {}
        }
    }
    bus.append(records(&["end"])).await.unwrap();
    let mut all = read_all(&*bus);
    assert_eq!(all.pop().unwrap().1, "end");
    for append in all.chunks(5) {
        let turn = std::str::from_utf8(&append[0].1).unwrap().split(' ').next().unwrap().to_owned();
        let texts: Vec<_> = append.iter().map(|(_, bytes)| bytes.clone()).collect();
        let whole: Vec<_> = (0..5).map(|i| Bytes::from(format!("{turn} {i}"))).collect();
        assert_eq!(texts, whole);
    }
}

pub async fn p11_a_reader_at_the_end_sees_all_once_in_order(open: &impl Fn(&str) -> Result<Bus>) {
    const EACH: u64 = 300;
    let bus = open("p11").unwrap();
    let reader = tokio::spawn({
        let bus = bus.clone();
        async move {
            let mut seen = Vec::new();
            while seen.len() < 4 * EACH as usize {
                let from = seen.len() as u64 + 1;
                bus.wait_past(from).await;
                let some = bus.read(from, 64, 4096).unwrap();
                assert!(!some.is_empty() && some[0].0 == from, "below next() all is readable");
                seen.extend(some);
                tokio::task::yield_now().await;
            }
            seen
        }
    });
    let appenders: Vec<_> = (0..4)
        .map(|who| {
            let bus = bus.clone();
            tokio::spawn(async move {
                for turn in 0..EACH {
                    bus.append(vec![Bytes::from(format!("{who} {turn}"))]).await.unwrap();
                }
            })
        })
        .collect();
    for appender in appenders {
        appender.await.unwrap();
    }
    let seen = soon("the last record", reader).await.unwrap();
    assert_eq!(seen, read_all(&*bus));
    for who in 0..4 {
        let own = seen.iter().filter(|(_, bytes)| bytes.starts_with(format!("{who} ").as_bytes()));
        let expected = (0..EACH).map(|turn| Bytes::from(format!("{who} {turn}")));
        assert!(own.map(|(_, bytes)| bytes.clone()).eq(expected));
    }
}
