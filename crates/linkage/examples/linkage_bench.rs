//! How fast, how large, how good: invented people, a quarter of them twice or more, mistyped after the manner of FEBRL's generator
//! (Christen 2005: a few errors per copy, by insertion, deletion, substitution, exchange, a missing or another value).
//!
//!     cargo run --release -p weft-linkage --example linkage_bench -- 1000000
#![allow(clippy::unwrap_used, reason = "a measurement tells by panicking")]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use weft_linkage::{Kind, Outcome, Records, Settings, Stage, dedupe};

const COLUMNS: [(&str, Kind); 8] = [
    ("given_name", Kind::GivenName),
    ("surname", Kind::Surname),
    ("birthday", Kind::Birthday),
    ("phone", Kind::Phone),
    ("mail", Kind::Mail),
    ("address", Kind::Address),
    ("city", Kind::City),
    ("postcode", Kind::Postcode),
];
type Row = [Option<String>; COLUMNS.len()];

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// Few are frequent and many are rare, as names are.
    fn skewed(&mut self, n: usize) -> usize {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (((n as f64 + 1.0).powf(unit) - 1.0) as usize).min(n - 1)
    }
}

fn word(number: usize, syllables: usize) -> String {
    let (starts, vowels) = (["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "w", "j"], ["a", "e", "i", "o", "u", "ai", "ou", "ie"]);
    let mut dice = Dice(number as u64 * 977);
    (0..syllables).map(|_| format!("{}{}", starts[dice.below(15)], vowels[dice.below(8)])).collect()
}

fn han(number: usize, letters: usize) -> String {
    let mut dice = Dice(number as u64 * 8_191);
    (0..letters).map(|_| char::from_u32(0x4e00 + dice.below(3_000) as u32).unwrap()).collect()
}

fn person(dice: &mut Dice) -> Row {
    let chinese = dice.chance(50);
    let (given, surname) = match chinese {
        true => (han(dice.skewed(20_000), 2), han(1_000_000 + dice.skewed(300), 1)),
        false => (word(dice.skewed(5_000), 3), word(1_000_000 + dice.skewed(40_000), 3)),
    };
    let city = dice.skewed(300);
    let number = dice.next();
    let address = match chinese {
        true => format!("{}路{}号{}单元{}", han(2_000_000 + dice.skewed(5_000), 3), dice.below(900), dice.below(9), dice.below(2_000)),
        false => format!("{} {} street apt {}", dice.below(900), word(2_000_000 + dice.skewed(20_000), 4), dice.below(300)),
    };
    [
        Some(given.clone()),
        Some(surname.clone()),
        Some(format!("{:04}-{:02}-{:02}", 1940 + dice.below(68), 1 + dice.below(12), 1 + dice.below(28))),
        Some(format!("1{:02}{:08}", 30 + dice.below(60), number % 100_000_000)),
        Some(format!("{}{}@{}.com", word(number as usize, 3), number % 1_000, word(3_000_000 + dice.skewed(300), 2))),
        Some(address),
        Some(if chinese { han(4_000_000 + city, 2) } else { word(4_000_000 + city, 4) }),
        Some(format!("{:06}", 100_000 + city * 997)),
    ]
}

fn mistype(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let place = dice.below(letters.len());
    match dice.below(4) {
        0 => letters.insert(place, char::from(b'a' + dice.below(26) as u8)),
        1 if letters.len() > 1 => drop(letters.remove(place)),
        2 if place + 1 < letters.len() => letters.swap(place, place + 1),
        _ => letters[place] = char::from(b'0' + dice.below(10) as u8),
    }
    letters.into_iter().collect()
}

fn copy(original: &Row, dice: &mut Dice) -> Row {
    let mut row = original.clone();
    for _ in 0..1 + dice.below(3) {
        let place = dice.below(COLUMNS.len());
        row[place] = match (dice.below(10), row[place].take()) {
            (0..6, Some(text)) if !text.is_empty() => Some(mistype(&text, dice)),
            (6..8, _) => None,
            (_, _) => person(dice)[place].clone(),
        };
    }
    if dice.chance(3) {
        row.swap(0, 1);
    }
    row
}

/// Records of one person stand behind each other; the person of each.
fn invent(count: usize) -> (Records, Vec<u32>) {
    let (mut records, mut persons, mut dice) = (Records::new(COLUMNS), Vec::with_capacity(count), Dice(7));
    while persons.len() < count {
        let number = persons.len() as u32;
        let mut original = person(&mut dice);
        for value in &mut original {
            if dice.chance(15) {
                *value = None;
            }
        }
        let copies = if dice.chance(25) { 1 + dice.below(3) } else { 0 };
        for nth in 0..=copies {
            let row = if nth == 0 { original.clone() } else { copy(&original, &mut dice) };
            records.push(&row.each_ref().map(|value| value.as_deref())).unwrap();
            persons.push(number);
        }
    }
    (records, persons)
}

fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|l| l.strip_prefix(line)).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1024.0
}

fn judge(outcome: &Outcome, persons: &[u32]) -> (f64, f64) {
    let mut sizes = std::collections::HashMap::new();
    persons.iter().for_each(|person| *sizes.entry(person).or_insert(0u64) += 1);
    let all: u64 = sizes.values().map(|n| n * (n - 1) / 2).sum();
    let right = outcome.accepted.iter().filter(|pair| persons[pair.a as usize] == persons[pair.b as usize]).count() as f64;
    (right / outcome.accepted.len().max(1) as f64, right / all as f64)
}

fn main() {
    let count = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let started = Instant::now();
    let (records, persons) = invent(count);
    println!("{count} records invented, cleaned and kept in {:.1} s; {:.0} MB", started.elapsed().as_secs_f64(), memory("VmRSS:"));
    let settings = Settings::infer(&records).unwrap();
    let started = Instant::now();
    let mut begun: Vec<(Stage, Duration)> = Vec::new();
    let outcome = dedupe(&records, &settings, &mut |progress| {
        if begun.last().is_none_or(|(stage, _)| *stage != progress.stage) {
            begun.push((progress.stage, started.elapsed()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let all = started.elapsed();
    let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([all]);
    let mut comparing = Duration::ZERO;
    for ((stage, begin), end) in begun.iter().zip(ends) {
        println!("  {stage:?}: {:.2} s", (end - *begin).as_secs_f64());
        comparing += if *stage == Stage::Comparing { end - *begin } else { Duration::ZERO };
    }
    for rule in &outcome.rules {
        println!("  {:45} pairs {:>11}, compared {:>11}, skipped {:>13} in {} blocks", rule.rule, rule.pairs, rule.compared, rule.skipped_pairs, rule.skipped_blocks);
    }
    let pairs: u64 = outcome.rules.iter().map(|rule| rule.compared).sum();
    println!(
        "{pairs} pairs compared on {} threads: {:.2} M pairs/s; {:.0} k records/s from records to persons; peak {:.0} MB",
        settings.threads,
        pairs as f64 / comparing.as_secs_f64() / 1e6,
        count as f64 / all.as_secs_f64() / 1e3,
        memory("VmHWM:"),
    );
    let (precision, recall) = judge(&outcome, &persons);
    let groups = outcome.clusters.groups().len();
    println!("accepted {} pairs: precision {precision:.5}, recall {recall:.5}; {} for review; {groups} persons with copies", outcome.accepted.len(), outcome.review.len());
}
