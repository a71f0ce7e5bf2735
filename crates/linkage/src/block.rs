//! Which pairs are looked at: those that agree in the columns of at least one rule.
//!
//! Pairs are never kept. A rule is a numbering of its blocks; its pairs are walked block by block, and one that an earlier rule has met is passed over.

use serde::{Deserialize, Serialize};

use crate::clean::local_part;
use crate::error::{Error, Result};
use crate::hash::{mix, of_bytes};
use crate::records::{NULL, Records};

/// What of a value must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    Whole,
    /// The first letters; a shorter value is taken whole.
    First(usize),
    /// The last digits: area codes and country codes are often missing.
    LastDigits(usize),
    /// Of a birthday.
    Year,
    /// Of a birthday: all but the year.
    MonthDay,
    /// Russell and Odell's code of the first word; other scripts: the first character, which in a Chinese name is the surname.
    Soundex,
    LocalPart,
    /// The words in alphabetic order: 建国路 88号 as 88号 建国路, John Smith as Smith John.
    SortedWords,
}

/// Agreement in all of the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub parts: Vec<(usize, Transform)>,
    /// The parts may also agree in another order: given name and surname exchanged.
    pub unordered: bool,
}

impl Rule {
    pub fn on(parts: impl IntoIterator<Item = (usize, Transform)>) -> Self {
        Rule { parts: parts.into_iter().collect(), unordered: false }
    }

    #[must_use]
    pub fn in_any_order(mut self) -> Self {
        self.unordered = true;
        self
    }

    pub(crate) fn uses(&self, column: usize) -> bool {
        self.parts.iter().any(|(c, _)| *c == column)
    }

    pub(crate) fn check(&self, columns: usize) -> Result<()> {
        if self.parts.is_empty() || self.parts.iter().any(|(column, _)| *column >= columns) {
            return Err(Error::Settings("a blocking rule needs parts, of columns that exist".to_owned()));
        }
        Ok(())
    }

    /// A name for people: `surname + birthday:year`.
    pub fn label(&self, records: &Records) -> String {
        let part = |(column, transform): &(usize, Transform)| {
            let name = &records.column(*column).name;
            match transform {
                Transform::Whole => name.clone(),
                Transform::First(n) => format!("{name}:first {n}"),
                Transform::LastDigits(n) => format!("{name}:last {n}"),
                Transform::Year => format!("{name}:year"),
                Transform::MonthDay => format!("{name}:month and day"),
                Transform::Soundex => format!("{name}:soundex"),
                Transform::LocalPart => format!("{name}:local part"),
                Transform::SortedWords => format!("{name}:words"),
            }
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join(" + ")
    }
}

/// How much may be looked at. Blocks above are skipped and reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Records in one block.
    pub block: usize,
    /// Pairs of one rule, per record: a rule's largest blocks are skipped until it keeps to it.
    pub pairs_per_record: u64,
    /// Pairs that every rule may have, however few records there are.
    pub free_pairs: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { block: 5_000, pairs_per_record: 20, free_pairs: 2_000_000 }
    }
}

/// A block that was too large.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub records: u64,
    /// The values of the rule's columns in one of its records.
    pub example: Vec<String>,
}

/// What a rule will do, known before anything is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleStatistics {
    pub rule: String,
    pub blocks: u64,
    /// Those of earlier rules included.
    pub pairs: u64,
    pub largest_block: u64,
    pub skipped_blocks: u64,
    pub skipped_pairs: u64,
    /// The largest of the skipped, at most ten.
    pub skipped: Vec<Skipped>,
    /// Pairs that no earlier rule had. Known after the run.
    pub compared: u64,
}

const EXAMPLES: usize = 10;

struct Blocks {
    /// Records of all blocks, block after block, in ascending order.
    members: Vec<u32>,
    /// Where each begins, and the end.
    starts: Vec<u32>,
}

/// The blocks of all rules.
pub struct Plan {
    rules: Vec<Blocks>,
    /// For each record the number of its block in each rule, 0 when it is in none that is looked at.
    numbers: Vec<u32>,
    pub statistics: Vec<RuleStatistics>,
}

/// Consecutive blocks of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub rule: usize,
    pub blocks: std::ops::Range<usize>,
    pub pairs: u64,
}

impl Plan {
    pub fn new(records: &Records, rules: &[Rule], limits: &Limits) -> Result<Plan> {
        rules.iter().try_for_each(|rule| rule.check(records.columns().len()))?;
        let mut plan = Plan { rules: Vec::new(), numbers: vec![0; records.len() as usize * rules.len()], statistics: Vec::new() };
        for (number, rule) in rules.iter().enumerate() {
            let keyed = keyed(records, rule);
            let (blocks, statistics) = cut(records, rule, &keyed, limits);
            for (block, bounds) in blocks.starts.windows(2).enumerate() {
                for &record in &blocks.members[bounds[0] as usize..bounds[1] as usize] {
                    plan.numbers[record as usize * rules.len() + number] = block as u32 + 1;
                }
            }
            plan.rules.push(blocks);
            plan.statistics.push(statistics);
        }
        Ok(plan)
    }

    pub fn pairs(&self) -> u64 {
        self.statistics.iter().map(|s| s.pairs).sum()
    }

    pub(crate) fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// The whole work in pieces of about so many pairs.
    pub(crate) fn tasks(&self, pairs: u64) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (rule, blocks) in self.rules.iter().enumerate() {
            let (mut first, mut sum) = (0, 0);
            for block in 0..blocks.starts.len() - 1 {
                sum += pairs_of(u64::from(blocks.starts[block + 1] - blocks.starts[block]));
                if sum >= pairs {
                    tasks.push(Task { rule, blocks: first..block + 1, pairs: sum });
                    (first, sum) = (block + 1, 0);
                }
            }
            if sum > 0 {
                tasks.push(Task { rule, blocks: first..blocks.starts.len() - 1, pairs: sum });
            }
        }
        tasks
    }

    /// Every pair of a block, and whether no earlier rule has it.
    #[inline]
    pub(crate) fn for_each_in_block(&self, rule: usize, block: usize, mut visit: impl FnMut(u32, u32, bool)) {
        let blocks = &self.rules[rule];
        let members = &blocks.members[blocks.starts[block] as usize..blocks.starts[block + 1] as usize];
        let width = self.rules.len();
        for (place, &a) in members.iter().enumerate() {
            let of_a = &self.numbers[a as usize * width..][..rule];
            for &b in &members[place + 1..] {
                let of_b = &self.numbers[b as usize * width..][..rule];
                let is_first = of_a.iter().zip(of_b).all(|(x, y)| x != y || *x == 0);
                visit(a, b, is_first);
            }
        }
    }
}

pub(crate) fn pairs_of(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

/// Records with the hash of what must agree, sorted. Two keys with one hash cost a comparison and change no result.
fn keyed(records: &Records, rule: &Rule) -> Vec<(u64, u32)> {
    let parts: Vec<(usize, Vec<u64>)> = rule.parts.iter().map(|(column, transform)| (*column, part_keys(records, *column, *transform))).collect();
    let key = |record: u32| {
        let mut key = 0u64;
        for (place, (column, keys)) in parts.iter().enumerate() {
            let part = keys[records.id(record, *column) as usize];
            if part == 0 {
                return None;
            }
            key = if rule.unordered { key.wrapping_add(mix(part)) } else { mix(key ^ part.rotate_left(place as u32)) };
        }
        Some((key, record))
    };
    let mut keyed: Vec<(u64, u32)> = (0..records.len()).filter_map(key).collect();
    keyed.sort_unstable();
    keyed
}

/// A key for each distinct value; 0 when there is nothing that could agree.
fn part_keys(records: &Records, column: usize, transform: Transform) -> Vec<u64> {
    let column = records.column(column);
    let mut buffer = String::new();
    (0..column.ids())
        .map(|id| {
            buffer.clear();
            transform.write(column.value(id), &mut buffer);
            if id == NULL || buffer.is_empty() { 0 } else { of_bytes(buffer.as_bytes()).max(1) }
        })
        .collect()
}

fn cut(records: &Records, rule: &Rule, keyed: &[(u64, u32)], limits: &Limits) -> (Blocks, RuleStatistics) {
    let limit = largest_allowed(keyed, records.len(), limits);
    let mut blocks = Blocks { members: Vec::new(), starts: vec![0] };
    let mut statistics = RuleStatistics {
        rule: rule.label(records),
        blocks: 0,
        pairs: 0,
        largest_block: 0,
        skipped_blocks: 0,
        skipped_pairs: 0,
        skipped: Vec::new(),
        compared: 0,
    };
    let mut skipped: Vec<(u64, u32)> = Vec::new();
    for block in keyed.chunk_by(|a, b| a.0 == b.0) {
        let size = block.len() as u64;
        if size > limit {
            statistics.skipped_blocks += 1;
            statistics.skipped_pairs += pairs_of(size);
            skipped.push((size, block[0].1));
        } else if size > 1 {
            statistics.blocks += 1;
            statistics.pairs += pairs_of(size);
            statistics.largest_block = statistics.largest_block.max(size);
            blocks.members.extend(block.iter().map(|(_, record)| record));
            blocks.starts.push(blocks.members.len() as u32);
        }
    }
    skipped.sort_unstable_by_key(|&(size, record)| (std::cmp::Reverse(size), record));
    let example = |record| rule.parts.iter().map(|(column, _)| records.value(record, *column).unwrap_or_default().to_owned()).collect();
    statistics.skipped = skipped.iter().take(EXAMPLES).map(|&(records, record)| Skipped { records, example: example(record) }).collect();
    (blocks, statistics)
}

/// The largest size of a block with which the rule keeps to its number of pairs.
fn largest_allowed(keyed: &[(u64, u32)], records: u32, limits: &Limits) -> u64 {
    let mut sizes: Vec<u32> = keyed.chunk_by(|a, b| a.0 == b.0).map(|block| block.len() as u32).filter(|size| *size > 1).collect();
    sizes.sort_unstable();
    let budget = limits.free_pairs.max(limits.pairs_per_record * u64::from(records));
    let (mut pairs, mut allowed) = (0, 1);
    for same in sizes.chunk_by(|a, b| a == b) {
        pairs += pairs_of(u64::from(same[0])) * same.len() as u64;
        if pairs > budget || same[0] as usize > limits.block {
            return allowed;
        }
        allowed = u64::from(same[0]);
    }
    allowed.max(1)
}

impl Transform {
    fn write(self, value: &str, out: &mut String) {
        match self {
            Transform::Whole => out.push_str(value),
            Transform::First(n) => out.extend(value.chars().take(n)),
            Transform::LastDigits(n) => {
                let digits = value.bytes().rev().take_while(u8::is_ascii_digit).take(n).count();
                if digits == n {
                    out.push_str(&value[value.len() - n..]);
                }
            }
            Transform::Year => out.push_str(value.get(..4).filter(|_| value.len() == 8).unwrap_or_default()),
            Transform::MonthDay => out.push_str(value.get(4..).filter(|_| value.len() == 8).unwrap_or_default()),
            Transform::Soundex => soundex(value, out),
            Transform::LocalPart => out.push_str(local_part(value)),
            Transform::SortedWords => {
                let mut words: Vec<&str> = value.split(' ').collect();
                words.sort_unstable();
                words.iter().for_each(|word| out.push_str(word));
            }
        }
    }
}

/// The code of Russell's patents (1918, 1922) as the American National Archives use it: letters with `h` or `w` between them count as one.
pub fn soundex(text: &str, out: &mut String) {
    let word = text.split(' ').next().unwrap_or_default();
    let Some(first) = word.chars().next() else { return };
    out.push(first);
    if !first.is_ascii_alphabetic() {
        return;
    }
    let mut before = soundex_digit(first as u8);
    for letter in word.bytes().skip(1) {
        let digit = soundex_digit(letter);
        if digit.is_ascii_digit() && digit != before {
            out.push(char::from(digit));
        }
        if !matches!(letter, b'h' | b'w') {
            before = digit;
        }
        if out.len() == 4 {
            return;
        }
    }
    while out.len() < 4 {
        out.push('0');
    }
}

fn soundex_digit(letter: u8) -> u8 {
    match letter.to_ascii_lowercase() {
        b'b' | b'f' | b'p' | b'v' => b'1',
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => b'2',
        b'd' | b't' => b'3',
        b'l' => b'4',
        b'm' | b'n' => b'5',
        b'r' => b'6',
        _ => b'.',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundex_as_the_national_archives_print_it() {
        let cases = [("washington", "w252"), ("lee", "l000"), ("gutierrez", "g362"), ("pfister", "p236"), ("jackson", "j250"), ("tymczak", "t522")];
        for (name, code) in cases.into_iter().chain([("ashcraft", "a261"), ("robert", "r163"), ("rupert", "r163"), ("王小明", "王")]) {
            let mut out = String::new();
            soundex(name, &mut out);
            assert_eq!(out, code, "{name}");
        }
    }
}
