//! A log and a vector do the same under random appends, reopenings, crashes with torn writes, and trims.
#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod setup;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use setup::{Image, image_of, memory_dir, open_with, restore, written_end};
use weft_stream_bus::promises::read_all;
use weft_stream_bus::{Options, StreamBus, Verify};

#[derive(Clone, Debug)]
enum Action {
    /// Records of these lengths, one append.
    Append(Vec<u16>),
    /// Several appends that wait at the same time.
    AppendTogether(Vec<Vec<u16>>),
    Reopen(bool),
    /// The power fails while an append is being written: of each sector the old or the new bytes stay.
    Crash { in_flight: Vec<u16>, sectors: u64, keep: u8 },
    Trim(u8),
    Read { from: u8, records: u8, bytes: u16 },
}

fn action() -> impl Strategy<Value = Action> {
    let lengths = || prop::collection::vec(0..700u16, 1..9);
    prop_oneof![
        4 => lengths().prop_map(Action::Append),
        2 => prop::collection::vec(lengths(), 1..5).prop_map(Action::AppendTogether),
        1 => any::<bool>().prop_map(Action::Reopen),
        3 => (prop::collection::vec(0..2500u16, 1..9), any::<u64>(), any::<u8>())
            .prop_map(|(in_flight, sectors, keep)| Action::Crash { in_flight, sectors, keep }),
        1 => any::<u8>().prop_map(Action::Trim),
        2 => (any::<u8>(), any::<u8>(), any::<u16>()).prop_map(|(from, records, bytes)| Action::Read { from, records, bytes }),
    ]
}

/// A generator small enough to shrink with: the next number after `state`.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

struct World {
    dir: PathBuf,
    bus: Option<Arc<dyn StreamBus>>,
    /// Record n is at n - 1, also when it is trimmed.
    expected: Vec<Bytes>,
    trimmed_before: u64,
    made: u64,
    verify: Verify,
}

impl World {
    fn open(&mut self) {
        let options = Options { segment_bytes: 12 * 1024, index_every_bytes: 512, verify: self.verify };
        self.bus = Some(open_with(&self.dir, options).unwrap());
    }
    fn bus(&self) -> &Arc<dyn StreamBus> {
        self.bus.as_ref().unwrap()
    }
    fn make(&mut self, lengths: &[u16]) -> Vec<Bytes> {
        let mut state = self.made;
        self.made += 1;
        lengths.iter().map(|&n| (0..n).map(|_| draw(&mut state) as u8 | 1).collect::<Vec<u8>>().into()).collect()
    }
    async fn append(&mut self, lengths: &[u16]) {
        let records = self.make(lengths);
        assert_eq!(self.bus().append(records.clone()).await.unwrap(), self.expected.len() as u64 + 1);
        self.expected.extend(records);
    }
    async fn append_together(&mut self, appends: &[Vec<u16>]) {
        let all: Vec<Vec<Bytes>> = appends.iter().map(|lengths| self.make(lengths)).collect();
        let tasks: Vec<_> = all
            .iter()
            .map(|records| {
                let (bus, records) = (self.bus().clone(), records.clone());
                tokio::spawn(async move { bus.append(records).await.unwrap() })
            })
            .collect();
        let mut placed = Vec::new();
        for (task, records) in tasks.into_iter().zip(all) {
            placed.push((task.await.unwrap(), records));
        }
        placed.sort_by_key(|(first, _)| *first);
        for (first, records) in placed {
            assert_eq!(first, self.expected.len() as u64 + 1);
            self.expected.extend(records);
        }
    }
    async fn crash(&mut self, in_flight: &[u16], sectors: u64, keep: u8) {
        let records = self.make(in_flight);
        let before = image_of(&self.dir);
        self.bus().append(records.clone()).await.unwrap();
        let after = image_of(&self.dir);
        self.bus = None;
        let torn = torn(&before, &after, sectors, keep);
        restore(&self.dir, &torn);
        self.open();
        let kept = self.bus().next() - 1;
        let whole = self.expected.len() + records.len();
        if kept as usize == whole {
            self.expected.extend(records);
        } else {
            assert_eq!(kept as usize, self.expected.len(), "nothing acknowledged is lost, nothing half is kept");
            assert_ne!(torn, after, "what reached the disk is kept");
        }
    }
    fn check(&self) {
        let bus = self.bus();
        let first = bus.first();
        assert_eq!(bus.next(), self.expected.len() as u64 + 1);
        assert!(first <= self.trimmed_before.max(1));
        let kept: Vec<(u64, Bytes)> = (first..).zip(self.expected[first as usize - 1..].iter().cloned()).collect();
        assert_eq!(read_all(&**bus), kept);
        // From the end to the beginning, where no bookmark helps.
        for one in kept.chunks(5).rev().map(|some| &some[..1]) {
            assert_eq!(bus.read(one[0].0, 1, 0).unwrap(), one);
        }
    }
    fn read(&self, from: u8, records: u8, bytes: u16) {
        let bus = self.bus();
        let (first, next) = (bus.first(), bus.next());
        let from = first + (next - first) * u64::from(from) / 255;
        let mut sum = 0;
        let expected: Vec<(u64, Bytes)> = (from..next)
            .map(|n| (n, self.expected[n as usize - 1].clone()))
            .take(records as usize)
            .take_while(|(n, record)| {
                sum += record.len();
                *n == from || sum <= bytes as usize
            })
            .collect();
        // A record without bytes may or may not follow when the limit is reached to the byte.
        let read = bus.read(from, records as usize, bytes as usize).unwrap();
        assert!(expected.starts_with(&read));
        assert!(expected[read.len()..].iter().all(|(_, record)| record.is_empty()));
    }
}

/// What a power failure leaves of the last write. Sealed segments, and headers, were durable before.
fn torn(before: &Image, after: &Image, mut sectors: u64, keep: u8) -> Image {
    const SECTOR: usize = 512;
    let mut torn = after.clone();
    let (name, file) = torn.iter_mut().next_back().unwrap();
    // An empty segment may have been replaced by a larger one of the same name.
    let old = before.get(name).filter(|old| old.len() == file.len());
    if old.is_none() && keep.is_multiple_of(8) {
        return before.clone();
    }
    let end = written_end(file);
    for at in (4096..end).step_by(SECTOR) {
        if draw(&mut sectors) as u8 >= keep {
            let to = (at + SECTOR).min(file.len());
            match old {
                Some(old) => file[at..to].copy_from_slice(&old[at..to]),
                None => file[at..to].fill(0),
            }
        }
    }
    torn
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_log_is_a_vector_that_survives(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let dir = memory_dir();
            let mut world = World {
                dir: dir.path().join("log"),
                bus: None,
                expected: Vec::new(),
                trimmed_before: 0,
                made: 1,
                verify: Verify::All,
            };
            world.open();
            for action in &actions {
                match action {
                    Action::Append(lengths) => world.append(lengths).await,
                    Action::AppendTogether(appends) => world.append_together(appends).await,
                    Action::Reopen(all) => {
                        world.bus = None;
                        world.verify = if *all { Verify::All } else { Verify::Last };
                        world.open();
                    }
                    Action::Crash { in_flight, sectors, keep } => world.crash(in_flight, *sectors, *keep).await,
                    Action::Trim(share) => {
                        let before = world.bus().next() * u64::from(*share) / 255;
                        world.bus().trim(before).unwrap();
                        world.trimmed_before = world.trimmed_before.max(before);
                    }
                    Action::Read { from, records, bytes } => world.read(*from, *records, *bytes),
                }
                world.check();
            }
        });
    }
}
