//! How a column of two records is compared: ordered levels, the first that holds counts.

use serde::{Deserialize, Serialize};

use crate::clean::local_part;
use crate::error::{Error, Result};
use crate::metrics::{Scratch, days, equal_date_parts, is_day_month_swapped, token_dice};
use crate::records::{NULL, Records, Sketch};

/// What two values must fulfil. Columns are named by their number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Exact,
    /// Jaro-Winkler similarity of at least this.
    JaroWinkler(f64),
    /// Damerau-Levenshtein distance of at most this.
    Damerau(usize),
    /// Share of common words (Dice) of at least this.
    Tokens(f64),
    /// Two dates at most so many days apart.
    Days(u32),
    /// Day and month exchanged.
    DayMonthSwapped,
    /// Year, month and day: two of them agree.
    TwoDateParts,
    /// Two numbers at most this apart.
    Within(f64),
    /// Mails with the same name before the `@`.
    LocalPart,
    /// Mails whose names before the `@` have the same letters and other digits: it is the digits by which namesakes are told apart.
    OtherDigits,
    /// A masked value (138****5678) agrees with the other wherever both can be read, in at least four places.
    Masked,
    /// One begins with the other, and the shorter has at least so many letters.
    Beginning(usize),
    /// This column and another stand in each other's place.
    Swapped { with: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Level {
    pub test: Test,
    /// `false`: when it holds, this comparison says nothing, because another one counts it, or because it speaks for both.
    pub counts: bool,
}

/// A column and its levels from the most alike to the least. Below them is always "else"; above them "null", when a value is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub name: String,
    pub column: usize,
    pub levels: Vec<Level>,
    /// Rare values weigh more than frequent ones: the weight of an exact match follows the value's frequency.
    pub term_frequency: bool,
    /// A person has one of it, for life: among the records of one person it differs by mistake only.
    #[serde(default)]
    pub one_for_life: bool,
}

/// Number of a level in the order it was tried: 0 is null, then the levels, and last "else".
pub type LevelId = u8;

/// A value is missing, so the comparison says nothing.
pub const NULL_LEVEL: LevelId = 0;

pub(crate) const MAX_COMPARISONS: usize = 32;
const MAX_LEVELS: usize = 13;

impl Comparison {
    pub fn new(name: &str, column: usize, tests: impl IntoIterator<Item = Test>) -> Self {
        let levels = tests.into_iter().map(|test| Level { test, counts: true }).collect();
        Comparison { name: name.to_owned(), column, levels, term_frequency: false, one_for_life: false }
    }

    #[must_use]
    pub fn with_term_frequency(mut self) -> Self {
        self.term_frequency = true;
        self
    }

    #[must_use]
    pub fn one_for_life(mut self) -> Self {
        self.one_for_life = true;
        self
    }

    /// Null and "else" counted.
    pub fn len(&self) -> usize {
        self.levels.len() + 2
    }

    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    pub fn else_level(&self) -> LevelId {
        self.levels.len() as LevelId + 1
    }

    /// Whether the level is the one of equal values.
    pub fn is_exact(&self, level: LevelId) -> bool {
        level != NULL_LEVEL && self.levels.get(usize::from(level) - 1).is_some_and(|l| l.test == Test::Exact)
    }

    pub(crate) fn exact_level(&self) -> Option<usize> {
        (1..self.len()).find(|level| self.is_exact(*level as LevelId))
    }

    /// Words are looked at late: that takes longest.
    pub(crate) fn is_costly(&self) -> bool {
        self.levels.iter().any(|level| matches!(level.test, Test::Tokens(_)))
    }

    /// A short name of a level, for people who read the explanation.
    pub fn label(&self, level: LevelId) -> String {
        let Some(level) = usize::from(level).checked_sub(1) else { return "null".to_owned() };
        let Some(level) = self.levels.get(level) else { return "else".to_owned() };
        match level.test {
            Test::Exact => "exact".to_owned(),
            Test::JaroWinkler(t) => format!("jaro_winkler ≥ {t}"),
            Test::Damerau(d) => format!("damerau_levenshtein ≤ {d}"),
            Test::Tokens(t) => format!("common_words ≥ {t}"),
            Test::Days(d) => format!("days ≤ {d}"),
            Test::DayMonthSwapped => "day_month_swapped".to_owned(),
            Test::TwoDateParts => "two_date_parts".to_owned(),
            Test::Within(d) => format!("difference ≤ {d}"),
            Test::LocalPart => "same_local_part".to_owned(),
            Test::OtherDigits => "other_digits".to_owned(),
            Test::Masked => "masked".to_owned(),
            Test::Beginning(_) => "same_beginning".to_owned(),
            Test::Swapped { .. } => "swapped".to_owned(),
        }
    }

    pub(crate) fn check(&self, columns: usize) -> Result<()> {
        let wrong = |what: &str| Err(Error::Settings(format!("comparison {}: {what}", self.name)));
        let with = self.levels.iter().filter_map(|l| if let Test::Swapped { with } = l.test { Some(with) } else { None });
        if with.chain([self.column]).any(|c| c >= columns) {
            return wrong("there is no such column");
        }
        if self.levels.is_empty() || self.levels.len() > MAX_LEVELS {
            return wrong("it needs one level, and at most 13");
        }
        Ok(())
    }

    pub(crate) fn level(&self, records: &Records, a: u32, b: u32, scratch: &mut Scratch) -> LevelId {
        let ids = (records.id(a, self.column), records.id(b, self.column));
        if ids.0 == NULL || ids.1 == NULL {
            return NULL_LEVEL;
        }
        if ids.0 == ids.1 && self.levels[0].test == Test::Exact {
            return 1;
        }
        let column = records.column(self.column);
        let pair = Pair { records, column: self.column, records_of: (a, b), ids, sketches: (column.sketch(ids.0), column.sketch(ids.1)) };
        let mut seen = Seen::default();
        for (number, level) in self.levels.iter().enumerate() {
            if pair.holds(level.test, scratch, &mut seen) {
                return if level.counts { number as LevelId + 1 } else { NULL_LEVEL };
            }
        }
        self.else_level()
    }
}

struct Pair<'a> {
    records: &'a Records,
    column: usize,
    records_of: (u32, u32),
    ids: (u32, u32),
    sketches: (Sketch, Sketch),
}

/// What several levels of one comparison ask for is computed once.
#[derive(Default)]
struct Seen {
    jaro_winkler: Option<f64>,
    damerau: Option<usize>,
    tokens: Option<f64>,
}

impl Pair<'_> {
    fn holds(&self, test: Test, scratch: &mut Scratch, seen: &mut Seen) -> bool {
        match test {
            Test::Exact => self.ids.0 == self.ids.1,
            Test::Swapped { with } => self.is_swapped(with),
            Test::JaroWinkler(t) => self.sketches.0.most_jaro_winkler(self.sketches.1) >= t && self.jaro_winkler(scratch, seen) >= t,
            Test::Damerau(d) => self.sketches.0.least_distance(self.sketches.1) <= d && self.damerau(scratch, seen) <= d,
            Test::Tokens(t) => self.tokens(scratch, seen) >= t,
            _ => self.texts_hold(test),
        }
    }

    fn texts_hold(&self, test: Test) -> bool {
        let (a, b) = self.texts();
        match test {
            Test::Days(d) => days(a).zip(days(b)).is_some_and(|(a, b)| a.abs_diff(b) <= u64::from(d)),
            Test::DayMonthSwapped => is_day_month_swapped(a, b),
            Test::TwoDateParts => equal_date_parts(a, b) >= 2,
            Test::Within(d) => a.parse::<f64>().ok().zip(b.parse::<f64>().ok()).is_some_and(|(a, b)| (a - b).abs() <= d),
            Test::LocalPart => local_part(a) == local_part(b) && !local_part(a).is_empty(),
            Test::OtherDigits => has_other_digits(local_part(a), local_part(b)),
            Test::Masked => is_masked_alike(a, b),
            Test::Beginning(n) => a.chars().take(n).count() == n && b.chars().take(n).count() == n && (a.starts_with(b) || b.starts_with(a)),
            Test::Exact | Test::Swapped { .. } | Test::JaroWinkler(_) | Test::Damerau(_) | Test::Tokens(_) => false,
        }
    }

    fn texts(&self) -> (&str, &str) {
        let column = self.records.column(self.column);
        (column.value(self.ids.0), column.value(self.ids.1))
    }

    fn jaro_winkler(&self, scratch: &mut Scratch, seen: &mut Seen) -> f64 {
        let (a, b) = self.texts();
        *seen.jaro_winkler.get_or_insert_with(|| scratch.jaro_winkler(a, b))
    }

    fn damerau(&self, scratch: &mut Scratch, seen: &mut Seen) -> usize {
        let (a, b) = self.texts();
        *seen.damerau.get_or_insert_with(|| scratch.damerau(a, b))
    }

    fn tokens(&self, scratch: &mut Scratch, seen: &mut Seen) -> f64 {
        let (a, b) = self.texts();
        *seen.tokens.get_or_insert_with(|| token_dice(scratch, a, b))
    }

    fn is_swapped(&self, with: usize) -> bool {
        let (a, b) = self.records_of;
        // Numbers of values are those of one column, so texts are compared.
        let value = |record, column| self.records.value(record, column);
        value(a, with).is_some() && value(a, self.column) == value(b, with) && value(a, with) == value(b, self.column)
    }
}

fn has_other_digits(a: &str, b: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| c.is_alphabetic())
    }
    fn digits(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(char::is_ascii_digit)
    }
    letters(a).next().is_some() && letters(a).eq(letters(b)) && !digits(a).eq(digits(b))
}

fn is_masked_alike(a: &str, b: &str) -> bool {
    if a.len() != b.len() || !(a.contains('*') || b.contains('*')) {
        return false;
    }
    let mut readable = 0;
    for (x, y) in a.bytes().zip(b.bytes()).filter(|(x, y)| *x != b'*' && *y != b'*') {
        if x != y {
            return false;
        }
        readable += 1;
    }
    readable >= 4
}

/// The levels of all comparisons in one number, four bits each.
pub(crate) type Pattern = u128;

pub(crate) fn pattern(comparisons: &[Comparison], records: &Records, a: u32, b: u32, scratch: &mut Scratch) -> Pattern {
    comparisons.iter().enumerate().fold(0, |all, (place, c)| all | (Pattern::from(c.level(records, a, b, scratch)) << (4 * place)))
}

pub(crate) fn level_in(pattern: Pattern, place: usize) -> LevelId {
    (pattern >> (4 * place)) as LevelId & 15
}
