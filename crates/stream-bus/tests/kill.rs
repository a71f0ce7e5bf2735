//! A process that appends is killed again and again; what it was told is durable is there once, with the right bytes.
//!
//! `WEFT_KILL_CYCLES` sets how often (20 if not set). The process is this test itself, started again.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use setup::open;
use weft_stream_bus::StreamBus;
use weft_stream_bus::promises::read_all;

const DIRECTORY: &str = "WEFT_KILL_DIRECTORY";
const CYCLE: &str = "WEFT_KILL_CYCLE";
const POINT: &str = "WEFT_KILL_POINT";
const APPENDERS: u64 = 4;

/// One append, as its appender made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Append {
    cycle: u64,
    appender: u64,
    turn: u64,
}

impl Append {
    fn count(self) -> u64 {
        1 + (self.cycle * 5 + self.appender * 3 + self.turn * 7) % 9
    }
    fn record(self, nth: u64) -> Bytes {
        let Self { cycle, appender, turn } = self;
        let length = (cycle * 131 + appender * 17 + turn * 37 + nth * 101) % 700;
        Bytes::from(format!("{cycle} {appender} {turn} {nth} {}", "k".repeat(length as usize)))
    }
    fn records(self) -> Vec<Bytes> {
        (0..self.count()).map(|nth| self.record(nth)).collect()
    }
}

/// Which append a record belongs to, and its place in it.
fn origin(record: &Bytes) -> (Append, u64) {
    let text = std::str::from_utf8(record).unwrap();
    let numbers: Vec<u64> = text.split(' ').take(4).map(|n| n.parse().unwrap()).collect();
    (Append { cycle: numbers[0], appender: numbers[1], turn: numbers[2] }, numbers[3])
}

/// The process that is killed. Does nothing when the test runner calls it.
#[test]
fn appends_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIRECTORY) else { return };
    let cycle: u64 = std::env::var(CYCLE).unwrap().parse().unwrap();
    if let Ok(point) = std::env::var(POINT) {
        std::panic::set_hook(Box::new(|_| std::process::abort()));
        fail::cfg(point, "8%panic").unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let bus = open(Path::new(&dir)).unwrap();
        let appenders: Vec<_> = (0..APPENDERS)
            .map(|appender| {
                let bus = bus.clone();
                tokio::spawn(async move {
                    for turn in 0.. {
                        let append = Append { cycle, appender, turn };
                        let first = bus.append(append.records()).await.unwrap();
                        println!("acknowledged {first} {appender} {turn}");
                    }
                })
            })
            .collect();
        for appender in appenders {
            appender.await.unwrap();
        }
    });
}

/// Starts the process and kills it after so many acknowledgements, or lets it die at a fail point. Answers what was
/// acknowledged, by first position.
fn live_and_die(dir: &Path, cycle: u64, after: u64, point: Option<&str>) -> Vec<(u64, Append)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["appends_until_it_is_killed", "--exact", "--nocapture"]);
    command.env(DIRECTORY, dir).env(CYCLE, cycle.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
    if let Some(point) = point {
        command.env(POINT, point);
    }
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    let mut is_killed = false;
    loop {
        line.clear();
        // A line without an end was being written when the process died.
        if lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            break;
        }
        // The test runner's own words may stand before ours in a line.
        let Some(at) = line.find("acknowledged ") else { continue };
        let numbers: Vec<u64> = line[at..].split_whitespace().skip(1).map(|n| n.parse().unwrap()).collect();
        acknowledged.push((numbers[0], Append { cycle, appender: numbers[1], turn: numbers[2] }));
        if acknowledged.len() as u64 >= after && !is_killed {
            is_killed = true;
            child.kill().unwrap();
        }
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was killed");
    acknowledged
}

/// Every acknowledged append is there once, where it was said to be; every other one is there once and whole, or not.
fn check(bus: &Arc<dyn StreamBus>, acknowledged: &[(u64, Append)]) {
    let records = read_all(&**bus);
    let first = bus.first();
    assert_eq!(records.len() as u64, bus.next() - first);
    let mut found: HashMap<Append, u64> = HashMap::new();
    let mut at = 0;
    while at < records.len() {
        let (append, nth) = origin(&records[at].1);
        assert!(nth == 0 || at == 0, "{append:?} begins with its record {nth}");
        let rest = append.records().split_off(nth as usize);
        let read: Vec<Bytes> = records[at..].iter().take(rest.len()).map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(read, rest, "{append:?} is whole");
        assert_eq!(found.insert(append, records[at].0), None, "{append:?} is there once");
        at += rest.len();
    }
    for (position, append) in acknowledged.iter().filter(|(position, _)| *position >= first) {
        assert_eq!(found.get(append), Some(position), "{append:?} was acknowledged");
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_kills() {
    let cycles: u64 = std::env::var("WEFT_KILL_CYCLES").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for cycle in 0..cycles {
        let after = 1 + rand_below(cycle, 400);
        acknowledged.extend(live_and_die(dir.path(), cycle, after, None));
        let bus = open(dir.path()).unwrap();
        check(&bus, &acknowledged);
        if cycle % 5 == 4 {
            bus.trim(bus.next() - (bus.next() - bus.first()) / 3).unwrap();
            check(&bus, &acknowledged);
        }
    }
    println!("{cycles} kills, {} acknowledged appends, none lost", acknowledged.len());
    assert!(acknowledged.len() as u64 >= cycles);
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_dying_at_any_fail_point() {
    let points = [
        "stream_bus.write",
        "stream_bus.sync",
        "stream_bus.sync_directory",
        "stream_bus.write_zeros",
        "stream_bus.write_header",
        "stream_bus.rename",
    ];
    for point in points {
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = Vec::new();
        for cycle in 0..4 {
            acknowledged.extend(live_and_die(dir.path(), cycle, u64::MAX, Some(point)));
            check(&open(dir.path()).unwrap(), &acknowledged);
        }
    }
}

/// A number below `most` that the process's own chance decides.
fn rand_below(salt: u64, most: u64) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(salt) % most
}
