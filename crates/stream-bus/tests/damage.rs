//! Torn ends are cut, damage is refused, and no wrong record is ever read.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use std::path::Path;

use bytes::Bytes;
use setup::{Image, code, image_of, memory_dir, open, open_with, restore, small, texts, written_end};
use weft_stream_bus::promises::read_all;
use weft_stream_bus::{Options, Verify};

const HEADER: usize = 4096;

/// A log of one segment with the groups A, B and C, as a kill would leave it, and where they begin.
struct Sample {
    killed: Image,
    closed: Image,
    b: usize,
    c: usize,
    end: usize,
}

const A: std::ops::Range<u64> = 1..4;
const B: std::ops::Range<u64> = 4..5;
const C: std::ops::Range<u64> = 5..9;

async fn sample(dir: &Path) -> Sample {
    let bus = open(dir).unwrap();
    bus.append(texts(A)).await.unwrap();
    let b = written_end(only(&image_of(dir)));
    bus.append(texts(B)).await.unwrap();
    let c = written_end(only(&image_of(dir)));
    bus.append(texts(C)).await.unwrap();
    let killed = image_of(dir);
    drop(bus);
    let end = written_end(only(&killed));
    Sample { killed, closed: image_of(dir), b, c, end }
}

fn only(image: &Image) -> &Vec<u8> {
    assert_eq!(image.len(), 1);
    image.values().next().unwrap()
}
fn only_mut(image: &mut Image) -> &mut Vec<u8> {
    image.values_mut().next().unwrap()
}
fn up_to(next: u64) -> Vec<(u64, Bytes)> {
    (1..).zip(texts(1..next)).collect()
}

/// The image opens with the records below `next` and no others, takes an append, and still holds just that.
async fn holds(dir: &Path, image: &Image, next: u64, what: &str) {
    restore(dir, image);
    let bus = open(dir).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(bus.next(), next, "{what}");
    assert_eq!(read_all(&*bus), up_to(next), "{what}");
    assert_eq!(bus.append(texts(next..next + 1)).await.unwrap(), next);
    let killed = image_of(dir);
    drop(bus);
    restore(dir, &killed);
    assert_eq!(read_all(&*open(dir).unwrap()), up_to(next + 1), "{what}, after one more append");
}

fn refuses(dir: &Path, image: &Image, what: &str) {
    restore(dir, image);
    let error = open(dir).err().unwrap_or_else(|| panic!("{what}: it opened"));
    assert!(matches!(error.code, "stream_bus.corrupt" | "stream_bus.version_unknown"), "{what}: {error}");
    assert_eq!(&image_of(dir), image, "{what}: a refusal changes nothing");
}

#[tokio::test]
async fn a_torn_end_is_cut_wherever_it_is_torn_and_whatever_is_there_instead() {
    let dir = memory_dir();
    let sample = sample(dir.path()).await;
    for at in sample.c..sample.end {
        let mut truncated = sample.killed.clone();
        only_mut(&mut truncated).truncate(at);
        holds(dir.path(), &truncated, C.start, &format!("truncated at {at}")).await;

        let mut zeroed = sample.killed.clone();
        only_mut(&mut zeroed)[at..sample.end].fill(0);
        holds(dir.path(), &zeroed, C.start, &format!("zeros from {at}")).await;

        let mut garbage = sample.killed.clone();
        for (i, byte) in only_mut(&mut garbage)[at..].iter_mut().enumerate() {
            *byte ^= 0x5A ^ (i * 31) as u8 | 1;
        }
        holds(dir.path(), &garbage, C.start, &format!("garbage from {at}")).await;

        let mut hole = sample.killed.clone();
        only_mut(&mut hole)[at..sample.end.min(at + 16)].fill(0);
        holds(dir.path(), &hole, C.start, &format!("a hole at {at}")).await;
    }
    holds(dir.path(), &sample.killed, C.end, "nothing is torn").await;
    let mut shorter = sample.killed.clone();
    only_mut(&mut shorter).truncate(sample.end);
    holds(dir.path(), &shorter, C.end, "only zeros are missing").await;
}

#[tokio::test]
async fn a_flipped_bit_is_refused_where_a_later_group_proves_that_it_was_good() {
    let dir = memory_dir();
    let sample = sample(dir.path()).await;
    let flip = |image: &Image, bit: usize| {
        let mut flipped = image.clone();
        only_mut(&mut flipped)[bit / 8] ^= 1 << (bit % 8);
        flipped
    };
    for byte in 0..HEADER {
        refuses(dir.path(), &flip(&sample.killed, byte * 8 + byte % 8), &format!("header byte {byte}"));
    }
    for bit in HEADER * 8..sample.c * 8 {
        refuses(dir.path(), &flip(&sample.killed, bit), &format!("bit {bit} of A and B"));
    }
    for bit in HEADER * 8..sample.end * 8 {
        refuses(dir.path(), &flip(&sample.closed, bit), &format!("bit {bit} of a closed log"));
    }
    for byte in sample.c..sample.end {
        let flipped = flip(&sample.killed, byte * 8 + byte % 8);
        holds(dir.path(), &flipped, C.start, &format!("byte {byte} of the last group, which nothing proves")).await;
    }
    let mark_end = written_end(only(&sample.closed)).max(sample.end + 24);
    for byte in sample.end..mark_end + 8 {
        let flipped = flip(&sample.closed, byte * 8 + byte % 8);
        holds(dir.path(), &flipped, C.end, &format!("byte {byte} of the mark and the zeros behind it")).await;
    }
    assert!(sample.b < sample.c);
}

#[tokio::test]
async fn bytes_of_an_earlier_run_never_come_back_as_records() {
    let dir = memory_dir();
    let sample = sample(dir.path()).await;
    // The write of C reached the disk except for its first sector-like piece: old bytes of C stand behind the hole.
    let mut torn = sample.killed.clone();
    only_mut(&mut torn)[sample.c..sample.c + 30].fill(0);
    restore(dir.path(), &torn);
    let bus = open(dir.path()).unwrap();
    assert_eq!(bus.next(), C.start);
    assert!(only(&image_of(dir.path()))[sample.c..].iter().all(|b| *b == 0), "the end is zeroed before the first append");
    // The same record at the same place with the same group size but one: were the old bytes there, they would fit.
    bus.append(texts(C.start..C.start + 1)).await.unwrap();
    let killed = image_of(dir.path());
    drop(bus);
    restore(dir.path(), &killed);
    assert_eq!(read_all(&*open(dir.path()).unwrap()), up_to(C.start + 1));
}

/// A log of several segments, as a kill would leave it.
async fn long(dir: &Path) -> Image {
    let bus = open(dir).unwrap();
    for n in 0..200 {
        bus.append(texts(n * 4 + 1..n * 4 + 5)).await.unwrap();
    }
    let image = image_of(dir);
    assert!(image.len() >= 4);
    image
}

#[tokio::test]
async fn lost_swapped_foreign_and_older_files_are_refused() {
    let dir = memory_dir();
    let image = long(dir.path()).await;
    let other = long(&dir.path().join("other")).await;
    let names: Vec<String> = image.keys().cloned().collect();
    let (one, two) = (&names[1], &names[2]);

    let mut lost = image.clone();
    lost.remove(one);
    refuses(dir.path(), &lost, "a segment in the middle is gone");

    let mut swapped = image.clone();
    swapped.insert(one.clone(), image[two].clone());
    swapped.insert(two.clone(), image[one].clone());
    refuses(dir.path(), &swapped, "two segments are swapped");

    assert_eq!(names, other.keys().cloned().collect::<Vec<_>>());
    let mut foreign = image.clone();
    foreign.insert(one.clone(), other[one].clone());
    refuses(dir.path(), &foreign, "a segment of another log");

    let mut older = image.clone();
    let half = written_end(&image[one]) / 2;
    older.get_mut(one).unwrap()[half..].fill(0);
    refuses(dir.path(), &older, "an older copy of a segment");

    let mut newer = image.clone();
    newer.get_mut(one).unwrap()[8] = 2;
    restore(dir.path(), &newer);
    assert_eq!(code(open(dir.path())), "stream_bus.version_unknown");
}

#[tokio::test]
async fn a_zeroed_page_in_the_middle_is_refused_in_the_last_segment_too() {
    let dir = memory_dir();
    let image = long(dir.path()).await;
    let mut refused = Vec::new();
    for name in image.keys() {
        let mut zeroed = image.clone();
        let file = zeroed.get_mut(name).unwrap();
        if written_end(file) > 2 * 4096 + 2000 {
            file[4096..8192].fill(0);
            refuses(dir.path(), &zeroed, &format!("a page of {name}"));
            refused.push(name);
        }
    }
    assert_eq!(refused.last(), image.keys().last().as_ref(), "the last segment was among them");
}

#[tokio::test]
async fn damage_in_an_old_segment_that_was_not_checked_is_found_by_the_read_that_meets_it() {
    let dir = memory_dir();
    let mut image = long(dir.path()).await;
    let name = image.keys().nth(1).unwrap().clone();
    image.get_mut(&name).unwrap()[5000] ^= 4;
    restore(dir.path(), &image);
    let bus = open_with(dir.path(), Options { verify: Verify::Last, ..small() }).unwrap();
    let damaged: u64 = name.trim_end_matches(".log").parse().unwrap();
    let error = bus.read(damaged, 1000, usize::MAX).unwrap_err();
    assert_eq!(error.code, "stream_bus.corrupt");
    assert!(error.detail.contains(&name) && error.params.contains_key("offset"), "{error}");
    assert_eq!(bus.read(1, 3, usize::MAX).unwrap(), up_to(4));
    assert_eq!(bus.append(texts(801..802)).await.unwrap(), 801);
}

#[tokio::test]
async fn damage_that_comes_while_the_log_is_open_is_never_read_as_a_record() {
    let dir = memory_dir();
    let bus = open(dir.path()).unwrap();
    bus.append(texts(1..9)).await.unwrap();
    let (name, bytes) = image_of(dir.path()).pop_first().unwrap();
    for at in HEADER..written_end(&bytes) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        std::fs::write(dir.path().join(&name), &flipped).unwrap();
        assert_eq!(code(bus.read(1, 100, usize::MAX)), "stream_bus.corrupt", "byte {at}");
    }
    std::fs::write(dir.path().join(&name), &bytes).unwrap();
    assert_eq!(bus.read(1, 100, usize::MAX).unwrap(), up_to(9));
}
