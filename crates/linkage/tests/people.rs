//! Invented people whose truth is known: families, shared values, cards, being stopped.

#![allow(clippy::unwrap_used, reason = "a test tells by panicking")]

mod support;

use std::ops::ControlFlow;
use std::sync::LazyLock;

use support::{Pairs, quality, within};
use weft_linkage::{Error, Kind, Objection, Outcome, Progress, Records, Settings, Stage, dedupe};

const COLUMNS: [(&str, Kind); 9] = [
    ("given_name", Kind::GivenName),
    ("surname", Kind::Surname),
    ("birthday", Kind::Birthday),
    ("phone", Kind::Phone),
    ("mail", Kind::Mail),
    ("address", Kind::Address),
    ("city", Kind::City),
    ("postcode", Kind::Postcode),
    ("card", Kind::UserId),
];
type Row = [String; COLUMNS.len()];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    /// Few are frequent, most are rare.
    fn skewed(&mut self, n: usize) -> usize {
        let (a, b) = (self.below(n), self.below(n));
        a * b / n
    }
}

fn word(number: usize, syllables: usize) -> String {
    let mut dice = Dice(number as u64 * 7_919 + 13);
    (0..syllables).map(|_| format!("{}{}", ["b", "d", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v"][dice.below(12)], ["a", "e", "i", "o", "u"][dice.below(5)])).collect()
}

fn person(dice: &mut Dice) -> Row {
    let city = dice.skewed(60);
    [
        word(dice.skewed(600), 3),
        word(10_000 + dice.skewed(2_000), 3),
        format!("{}-{:02}-{:02}", 1940 + dice.below(65), 1 + dice.below(12), 1 + dice.below(28)),
        format!("13{:09}", dice.below(1_000_000_000)),
        format!("{}{}@{}.com", word(dice.below(1 << 30), 3), dice.below(100), word(20_000 + dice.skewed(20), 2)),
        format!("{} {} street", 1 + dice.below(300), word(30_000 + dice.skewed(3_000), 4)),
        word(40_000 + city, 4),
        format!("{}", 100_000 + 37 * city),
        String::new(),
    ]
}

fn copy(row: &Row, dice: &mut Dice) -> Row {
    let mut copy = row.clone();
    for _ in 0..1 + dice.below(2) {
        let place = dice.below(8);
        match dice.below(3) {
            0 => copy[place].clear(),
            _ if copy[place].is_empty() => {}
            _ => {
                let at = dice.below(copy[place].len());
                copy[place].replace_range(at..=at, ["x", "7", ""][dice.below(3)]);
            }
        }
    }
    copy
}

struct World {
    records: Records,
    persons: Vec<usize>,
}

impl World {
    fn new() -> Self {
        World { records: Records::new(COLUMNS), persons: Vec::new() }
    }

    fn add(&mut self, row: &Row, person: usize) {
        self.records.push(&row.each_ref().map(|value| Some(value.as_str()))).unwrap();
        self.persons.push(person);
    }

    fn truth(&self) -> Pairs {
        let mut members = std::collections::BTreeMap::<usize, Vec<u32>>::new();
        self.persons.iter().enumerate().for_each(|(record, person)| members.entry(*person).or_default().push(record as u32));
        within(members.into_values())
    }
}

/// A world and what was found in it, once for all tests that only look at it.
static FAMILIES: LazyLock<(World, Outcome)> = LazyLock::new(|| {
    let world = families(6_000);
    let outcome = run(&world.records, &Settings::infer(&world.records).unwrap());
    (world, outcome)
});

/// Half of the people live in families of two to four, with one surname, one address, often one phone.
fn families(count: usize) -> World {
    let (mut world, mut dice, mut number) = (World::new(), Dice(11), 0);
    while world.persons.len() < count {
        let head = person(&mut dice);
        let size = if dice.below(3) == 0 { 2 + dice.below(3) } else { 1 };
        let one_phone = dice.below(2) == 0;
        for _ in 0..size {
            let mut row = person(&mut dice);
            for place in [1, 5, 6, 7] {
                row[place] = head[place].clone();
            }
            if one_phone {
                row[3] = head[3].clone();
            }
            number += 1;
            world.add(&row, number);
            for _ in 0..usize::from(dice.below(5) == 0) {
                world.add(&copy(&row, &mut dice), number);
            }
        }
    }
    world
}

fn run(records: &Records, settings: &Settings) -> Outcome {
    dedupe(records, settings, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn a_family_is_not_one_person() {
    let (world, outcome) = &*FAMILIES;
    let accepted: Pairs = outcome.accepted.iter().map(|pair| (pair.a, pair.b)).collect();
    let q = quality(&accepted, &world.truth());
    assert!(q.precision > 0.999 && q.recall > 0.99, "{q:?}");
    let clusters = quality(&within(outcome.clusters.groups()), &world.truth());
    assert!(clusters.precision > 0.999 && clusters.recall > 0.99, "{clusters:?}");
    // Some 5,000 pairs of relatives: the third class has found them.
    let relatives = outcome.model.household.as_ref().unwrap().prior * world.records.pairs();
    assert!((3_000.0..7_000.0).contains(&relatives), "{relatives}");
}

#[test]
fn one_city_one_postcode_is_one_fact() {
    let (_, outcome) = &*FAMILIES;
    let place = |name: &str| outcome.model.comparisons.iter().position(|c| c.name == name).unwrap();
    let (city, postcode) = (place("city"), place("postcode"));
    let tied = |a: usize, b: usize| outcome.model.weights[a].given.as_ref().is_some_and(|given| given.comparison == b && given.u[1][1] > 0.9);
    assert!(tied(city, postcode) || tied(postcode, city));
}

#[test]
fn the_result_is_the_same_on_one_thread_and_on_four() {
    let world = families(1_000);
    let mut settings = Settings::infer(&world.records).unwrap();
    settings.threads = 1;
    let one = run(&world.records, &settings);
    settings.threads = 4;
    let four = run(&world.records, &settings);
    assert_eq!(one.model, four.model);
    assert_eq!((one.accepted, one.review, one.clusters, one.rules), (four.accepted, four.review, four.clusters, four.rules));
}

#[test]
fn an_explanation_adds_up_to_the_score() {
    let (world, outcome) = &*FAMILIES;
    for pair in outcome.accepted.iter().step_by(50).chain(&outcome.review) {
        let why = outcome.model.explain(&world.records, pair.a, pair.b);
        assert!((why.bits - pair.bits).abs() < 1e-9, "{why:?}");
        let sum: f64 = why.parts.iter().map(|part| part.bits + part.frequency_bits).sum();
        assert!((why.prior_bits + sum + why.household_bits - why.bits).abs() < 1e-9);
        assert_eq!(why.parts.len(), outcome.model.comparisons.len());
    }
}

/// A model that was stored scores as the one that was learnt.
#[test]
fn settings_and_model_can_be_stored() {
    let (world, outcome) = &*FAMILIES;
    let settings = Settings::infer(&world.records).unwrap();
    let stored = serde_json::to_string(&(&settings, &outcome.model)).unwrap();
    let (read, model): (Settings, weft_linkage::Model) = serde_json::from_str(&stored).unwrap();
    assert_eq!((read, &model), (settings, &outcome.model));
    let pair = outcome.accepted[0];
    assert_eq!(model.explain(&world.records, pair.a, pair.b), outcome.model.explain(&world.records, pair.a, pair.b));
}

#[test]
fn two_cards_are_two_persons() {
    let (mut world, mut dice) = (World::new(), Dice(5));
    for number in 0..2_000 {
        let mut row = person(&mut dice);
        world.add(&row, number);
        if number % 4 == 0 {
            // Twice more with all the same, and two different cards: the one without a card can go to one of them only.
            for card in ["A", "B"] {
                row[8] = format!("{card}{number}");
                world.add(&row, number);
            }
        }
    }
    let outcome = run(&world.records, &Settings::infer(&world.records).unwrap());
    let cards = |group: &[u32]| group.iter().filter_map(|record| world.records.value(*record, 8)).count();
    assert!(outcome.clusters.groups().iter().all(|group| cards(group) <= 1));
    assert_eq!(outcome.clusters.groups().len(), 500);
    assert!(outcome.clusters.refused.len() >= 500);
    assert!(outcome.clusters.refused.iter().all(|refused| refused.why == Objection::Unique(8)));
}

#[test]
fn namesakes_with_a_number_in_their_mail_are_two() {
    let mut records = Records::new([("name", Kind::Name), ("phone", Kind::Phone), ("mail", Kind::Mail), ("birthday", Kind::Birthday), ("city", Kind::City)]);
    let mut dice = Dice(11);
    let mut truth = Pairs::new();
    for number in 0..4_000usize {
        let (given, surname) = (word(dice.skewed(80), 2), word(1_000 + dice.skewed(120), 2));
        let birthday = format!("{}-{:02}-{:02}", 1950 + dice.below(55), 1 + dice.below(12), 1 + dice.below(28));
        let (phone, city) = (format!("13{:09}", dice.below(1_000_000_000)), word(4_000 + dice.below(20), 3));
        let (name, mail) = (format!("{given} {surname}"), format!("{given}.{surname}.{number:05}@example.com"));
        let first = records.push(&[Some(&name), Some(&phone), Some(&mail), Some(&birthday), Some(&city)]).unwrap();
        if number % 400 == 0 {
            // A few are there twice, with another phone or without a birthday.
            let (phone, birthday) = if number % 800 == 0 { (format!("15{number:09}"), Some(birthday)) } else { (phone, None) };
            let second = records.push(&[Some(&name), Some(&phone), Some(&mail), birthday.as_deref(), Some(&city)]).unwrap();
            truth.insert((first, second));
        }
    }
    let outcome = run(&records, &Settings::infer(&records).unwrap());
    let accepted: Pairs = outcome.accepted.iter().map(|pair| (pair.a, pair.b)).collect();
    let q = quality(&accepted, &truth);
    assert!(q.precision > 0.9 && q.recall > 0.99, "{q:?}");
}

#[test]
fn exchanged_names_are_one_fact() {
    let (mut world, mut dice) = (World::new(), Dice(9));
    for number in 0..1_000 {
        let mut row = person(&mut dice);
        world.add(&row, number);
        if number % 3 == 0 {
            row.swap(0, 1);
            world.add(&row, number);
        }
    }
    let outcome = run(&world.records, &Settings::infer(&world.records).unwrap());
    assert_eq!(outcome.clusters.groups().len(), 334);
    let why = outcome.model.explain(&world.records, 0, 1);
    assert_eq!((why.parts[0].level.as_str(), why.parts[1].level.as_str()), ("swapped", "says nothing"));
    assert!(why.parts[0].bits > 0.0 && why.parts[1].bits.abs() < 1e-12);
}

#[test]
fn what_is_too_much_is_said() {
    let world = families(1_000);
    let mut settings = Settings::infer(&world.records).unwrap();
    settings.limits.block = 20;
    let outcome = run(&world.records, &settings);
    assert!(outcome.rules.iter().all(|rule| rule.largest_block <= 20));
    let city = outcome.rules.iter().find(|rule| rule.rule == "city").unwrap();
    let sizes: u64 = city.skipped.iter().map(|block| block.records * (block.records - 1) / 2).sum();
    assert!(city.skipped_blocks > 0 && city.skipped_pairs >= sizes && sizes > 0);
    assert!(city.skipped.iter().all(|block| !block.example[0].is_empty()));
    let compared: u64 = outcome.rules.iter().map(|rule| rule.compared).sum();
    let pairs: u64 = outcome.rules.iter().map(|rule| rule.pairs).sum();
    assert!(compared <= pairs);

    settings.limits.block = 5_000;
    (settings.review, settings.accept, settings.review_pairs) = (1e-9, 0.95, 100);
    let few = run(&world.records, &settings);
    settings.review_pairs = 1_000_000;
    let all = run(&world.records, &settings);
    assert_eq!((few.review.len(), few.review_left_out + 100), (100, all.review.len() as u64));
    assert_eq!(few.review[..], all.review[..100]);
}

#[test]
fn it_stops_when_it_is_told_to() {
    let world = families(1_000);
    let settings = Settings::infer(&world.records).unwrap();
    for stage in [Stage::Blocking, Stage::Training, Stage::Comparing, Stage::Clustering] {
        let mut watch = |progress: Progress| if progress.stage == stage { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        assert_eq!(dedupe(&world.records, &settings, &mut watch).err(), Some(Error::Cancelled));
    }
}

#[test]
fn chinese_names_and_addresses() {
    let (surnames, letters): (Vec<char>, Vec<char>) = ("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗".chars().collect(), "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞鹏".chars().collect());
    let mut records = Records::new([("姓名", Kind::Name), ("手机", Kind::Phone), ("生日", Kind::Birthday), ("地址", Kind::Address), ("城市", Kind::City)]);
    let mut dice = Dice(3);
    let mut truth = Pairs::new();
    for number in 0..3_000usize {
        let name: String = [surnames[dice.skewed(20)], letters[dice.below(28)], letters[dice.below(28)]].iter().collect();
        let phone = format!("138{:08}", dice.below(100_000_000));
        let birthday = (1950 + dice.below(55), 1 + dice.below(12), 1 + dice.below(28));
        let road: String = (0..3).map(|_| letters[dice.below(28)]).collect();
        let address = format!("{road}路{}号{}室", 1 + dice.below(500), 100 + dice.below(900));
        let city = ["上海", "北京", "广州", "深圳", "杭州"][dice.below(5)];
        let (y, m, d) = birthday;
        let written = format!("{y}-{m:02}-{d:02}");
        let first = records.push(&[Some(&name), Some(&phone), Some(&written), Some(&address), Some(city)]).unwrap();
        if number % 5 == 0 {
            // From another system: full width, +86, 年月日, and now and then a masked number, a wrong character, or none at all.
            let wide: String = phone.bytes().map(|b| char::from_u32(0xff10 + u32::from(b - b'0')).unwrap()).collect();
            let masked = format!("{}****{}", &phone[..3], &phone[7..]);
            let phone = [format!("+86 {phone}"), wide, masked][dice.below(3)].clone();
            let name = if dice.below(6) == 0 { name.chars().take(2).chain(['晶']).collect() } else { format!(" {name}　") };
            let address = if dice.below(4) == 0 { None } else { Some(format!("{city}市{address}")) };
            let birthday = if dice.below(4) == 0 { None } else { Some(format!("{y}年{m}月{d}日")) };
            let second = records.push(&[Some(&name), Some(&phone), birthday.as_deref(), address.as_deref(), Some(city)]).unwrap();
            truth.insert((first, second));
        }
    }
    let outcome = run(&records, &Settings::infer(&records).unwrap());
    let accepted: Pairs = outcome.accepted.iter().map(|pair| (pair.a, pair.b)).collect();
    let q = quality(&accepted, &truth);
    assert!(q.precision > 0.99 && q.recall > 0.95, "{q:?}");
}

#[test]
fn little_or_nothing_is_no_trouble() {
    let mut records = Records::new(COLUMNS);
    let settings = Settings::infer(&records).unwrap();
    assert!(run(&records, &settings).clusters.root.is_empty());
    records.push(&[None; COLUMNS.len()]).unwrap();
    assert_eq!(run(&records, &settings).clusters.root, [0]);
    let row: [Option<&str>; COLUMNS.len()] = [Some("ann"), Some("lee"), None, None, None, None, None, None, None];
    records.push(&row).unwrap();
    records.push(&row).unwrap();
    let outcome = run(&records, &settings);
    assert!(outcome.model.weights.iter().flat_map(|w| &w.m).all(|m| m.is_finite()));
    assert_eq!(records.push(&[None]).unwrap_err(), Error::Width { given: 1, columns: 9 });
    assert!(matches!(Settings::infer(&Records::new([("card", Kind::UserId)])), Err(Error::Settings(_))));
}
