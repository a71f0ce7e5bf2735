//! The weights: what a level of agreement says for or against two records being one person.

use serde::{Deserialize, Serialize};

use crate::compare::{Comparison, LevelId, MAX_COMPARISONS, NULL_LEVEL};
use crate::metrics::Scratch;
use crate::records::{Column, NULL, Records};

/// Fellegi and Sunter, A theory for record linkage, JASA 64 (1969). For each level of a comparison, by its number; place 0 (null) is unused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// P(level | one person)
    pub m: Vec<f64>,
    /// P(level | two persons)
    pub u: Vec<f64>,
    /// Another comparison that this one follows among two persons, as the postcode follows the city.
    pub given: Option<Given>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The other comparison.
    pub comparison: usize,
    /// P(level | two persons, level of the other): a row for each level of the other.
    pub u: Vec<Vec<f64>>,
}

impl Weights {
    /// P(level | two persons), beside what the comparison it follows has said.
    pub fn u(&self, level: LevelId, of_other: LevelId) -> f64 {
        match &self.given {
            Some(given) if of_other != NULL_LEVEL => given.u[usize::from(of_other)][usize::from(level)],
            _ => self.u[usize::from(level)],
        }
    }

    /// log₂(m/u): how many times twice as likely the level is for one person. Null says nothing.
    pub fn bits(&self, level: LevelId, of_other: LevelId) -> f64 {
        if level == NULL_LEVEL { 0.0 } else { (self.m[usize::from(level)] / self.u(level, of_other)).log2() }
    }
}

/// What was learnt; together with the comparisons it scores any pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// λ: the probability that two records taken at random are one person.
    pub prior: f64,
    pub comparisons: Vec<Comparison>,
    pub weights: Vec<Weights>,
    /// Records per person beyond the first, as seen from one of them: λ·(n − 1).
    pub copies: f64,
    pub household: Option<Household>,
}

/// A third class beside "one person" and "two persons by chance": two persons of one household, who share an address and perhaps a phone, and nothing
/// personal (Winkler 1993; Larsen and Rubin, Iterative automated record linkage using mixture models, JASA 96, 2001). Without it, families are
/// what is found where they are more frequent than copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Household {
    /// The probability that two records taken at random are two persons of one household.
    pub prior: f64,
    /// P(level | one household) for each comparison of what it shares; empty for what is personal, where it is u.
    pub m: Vec<Vec<f64>>,
}

impl Household {
    /// log₂ of its m against that of one person.
    fn bits(&self, place: usize, level: LevelId, weights: &Weights) -> Option<f64> {
        let shared = self.m[place].get(usize::from(level))?;
        Some(if level == NULL_LEVEL { 0.0 } else { (shared / weights.m[usize::from(level)]).log2() })
    }
}

/// Why a pair has its score: the console's waterfall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The prior's odds in bits, where the waterfall begins.
    pub prior_bits: f64,
    pub parts: Vec<Part>,
    /// Taken off because the two may as well be relatives.
    pub household_bits: f64,
    /// Sum of all of it.
    pub bits: f64,
    pub probability: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub comparison: String,
    pub level: String,
    pub values: (Option<String>, Option<String>),
    /// log₂(m/u) of the level.
    pub bits: f64,
    /// Added because the value is rarer or more frequent than others.
    pub frequency_bits: f64,
}

/// 1 / (1 + 2^−bits)
pub fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// The inverse of [`probability`].
pub fn bits(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

impl Model {
    pub fn explain(&self, records: &Records, a: u32, b: u32) -> Explanation {
        let scorer = Scorer::new(self, records);
        let levels = scorer.levels(a, b, &mut Scratch::default());
        let part = |(place, comparison): (usize, &Comparison)| {
            let value = |record| records.value(record, comparison.column).map(str::to_owned);
            let bits = scorer.tables[place].bits[scorer.row(place, &levels)][usize::from(levels[place])];
            let values = (value(a), value(b));
            let is_silent = levels[place] == NULL_LEVEL && values.0.is_some() && values.1.is_some();
            Part {
                comparison: comparison.name.clone(),
                level: if is_silent { "says nothing".to_owned() } else { comparison.label(levels[place]) },
                values,
                bits,
                frequency_bits: scorer.part(place, &levels, a) - bits,
            }
        };
        let parts: Vec<Part> = self.comparisons.iter().enumerate().map(part).collect();
        let sums: Vec<f64> = parts.iter().map(|part| part.bits + part.frequency_bits).collect();
        let household_bits = scorer.household_bits(&levels, &sums);
        let bits = sums.iter().fold(scorer.prior, |sum, part| sum + part) + household_bits;
        Explanation { prior_bits: scorer.prior, parts, household_bits, bits, probability: probability(bits) }
    }
}

/// A level that is not known yet, but is not the one of equal values.
const UNEQUAL: LevelId = 15;

/// The bits of a comparison: a row for each level of the comparison it follows, a column for each of its own; the place [`UNEQUAL`] of either
/// holds the most that any level but "equal" can give.
struct Table {
    bits: [[f64; 16]; 16],
    /// By the same rows, how much of the frequency's bits counts: nothing where the other comparison has said it all.
    share: [f64; 16],
    frequency: Option<Frequency>,
    follows: Option<usize>,
    followers: Vec<usize>,
}

impl Table {
    fn new(model: &Model, records: &Records, place: usize) -> Self {
        let (comparison, weights) = (&model.comparisons[place], &model.weights[place]);
        let follows = weights.given.as_ref().map(|given| given.comparison);
        let mut table = Table {
            bits: [[f64::NEG_INFINITY; 16]; 16],
            share: [0.0; 16],
            frequency: Frequency::new(model, records, place),
            follows,
            followers: (0..model.weights.len()).filter(|other| model.weights[*other].given.as_ref().is_some_and(|g| g.comparison == place)).collect(),
        };
        let exact = comparison.exact_level();
        for other in 0..follows.map_or(1, |other| model.comparisons[other].len()) {
            let row = &mut table.bits[other];
            for level in 0..comparison.len() {
                row[level] = weights.bits(level as LevelId, other as LevelId);
                if Some(level) != exact {
                    row[usize::from(UNEQUAL)] = row[usize::from(UNEQUAL)].max(row[level]);
                }
            }
            // The exact level's own surprise, as a share of what it would be alone.
            let surprise = |level: usize| weights.u(level as LevelId, other as LevelId).ln() / weights.u[level].ln();
            table.share[other] = exact.map_or(0.0, |level| surprise(level).clamp(0.0, 1.0));
        }
        if let Some(other) = follows {
            table.fill_unequal_row(&model.comparisons[other]);
        }
        table
    }

    fn fill_unequal_row(&mut self, other: &Comparison) {
        let unequal = usize::from(UNEQUAL);
        for row in (0..other.len()).filter(|level| Some(*level) != other.exact_level()) {
            for column in 0..16 {
                self.bits[unequal][column] = self.bits[unequal][column].max(self.bits[row][column]);
            }
            self.share[unequal] = self.share[unequal].max(self.share[row]);
        }
    }
}

/// How likely two persons share a value, by how often it is seen.
struct Frequency {
    /// u of the exact level: the average over all values.
    average: f64,
    /// Records that have a value.
    filled: f64,
    /// Records with one value that may well be one person's.
    own: f64,
}

impl Frequency {
    fn new(model: &Model, records: &Records, place: usize) -> Option<Self> {
        let comparison = &model.comparisons[place];
        let exact = comparison.exact_level().filter(|_| comparison.term_frequency)?;
        let column: &Column = records.column(comparison.column);
        let own = (1.0 + 2.0 * model.copies).max(2.0);
        Some(Frequency { average: model.weights[place].u[exact], filled: (column.filled() as f64).max(1.0), own })
    }

    /// log₂(u / uᵥ): agreement in a rare value says more (Fellegi and Sunter 1969; Winkler 1989). uᵥ is the value's share of the records, without
    /// those that may be copies of one person: otherwise an address that only one person has would look twice as frequent as it is.
    fn bits(&self, count: u32) -> f64 {
        let others = (f64::from(count) - self.own).max(0.0) / self.filled;
        (self.average / (others + self.average.min(1.0 / self.filled))).log2()
    }
}

type Levels = [LevelId; MAX_COMPARISONS];

/// The model made ready for a great many pairs.
pub(crate) struct Scorer<'a> {
    model: &'a Model,
    records: &'a Records,
    comparisons: &'a [Comparison],
    prior: f64,
    tables: Vec<Table>,
    /// The cheap comparisons first.
    order: Vec<usize>,
}

impl<'a> Scorer<'a> {
    pub fn new(model: &'a Model, records: &'a Records) -> Self {
        let mut order: Vec<usize> = (0..model.comparisons.len()).collect();
        order.sort_by_key(|place| model.comparisons[*place].is_costly());
        Scorer {
            model,
            records,
            comparisons: &model.comparisons,
            prior: self::bits(model.prior),
            tables: (0..model.comparisons.len()).map(|place| Table::new(model, records, place)).collect(),
            order,
        }
    }

    /// The score in bits when it is at least `floor`. Texts are only compared while they could still bring it there: most pairs agree in what they
    /// were blocked by and in nothing else.
    pub fn score(&self, a: u32, b: u32, floor: f64, scratch: &mut Scratch) -> Option<f64> {
        let mut levels = self.known_levels(a, b);
        let mut parts = [0.0; MAX_COMPARISONS];
        let mut bound = self.prior;
        for (place, part) in parts.iter_mut().enumerate().take(self.comparisons.len()) {
            *part = self.part(place, &levels, a);
            bound += *part;
        }
        // What is rounded away on the way must not decide.
        let surely_below = floor - 1e-9;
        for &place in &self.order {
            if bound < surely_below {
                return None;
            }
            if levels[place] != UNEQUAL {
                continue;
            }
            levels[place] = self.comparisons[place].level(self.records, a, b, scratch);
            for &changed in std::iter::once(&place).chain(&self.tables[place].followers) {
                bound -= parts[changed];
                parts[changed] = self.part(changed, &levels, a);
                bound += parts[changed];
            }
        }
        let parts = &parts[..self.comparisons.len()];
        let sum = parts.iter().fold(self.prior, |sum, part| sum + part) + self.household_bits(&levels, parts);
        (sum >= floor).then_some(sum)
    }

    /// What the values say without the prior.
    pub fn evidence(&self, a: u32, b: u32, scratch: &mut Scratch) -> f64 {
        let levels = self.levels(a, b, scratch);
        let mut parts = [0.0; MAX_COMPARISONS];
        let parts = &mut parts[..self.comparisons.len()];
        parts.iter_mut().enumerate().for_each(|(place, part)| *part = self.part(place, &levels, a));
        parts.iter().sum::<f64>() + self.household_bits(&levels, parts)
    }

    /// −log₂(1 + P(pair | relatives) / P(pair | strangers)): two records that only share what a household shares.
    fn household_bits(&self, levels: &Levels, parts: &[f64]) -> f64 {
        let Some(household) = &self.model.household else { return 0.0 };
        let against_person = |(place, part): (usize, &f64)| Some(part + household.bits(place, levels[place], &self.model.weights[place])?);
        let odds = (household.prior / (1.0 - household.prior)).log2() + parts.iter().enumerate().filter_map(against_person).sum::<f64>();
        // log₂(1 + 2ˣ) without overflow
        -(odds.max(0.0) + (-odds.abs()).exp2().ln_1p() / std::f64::consts::LN_2)
    }

    fn levels(&self, a: u32, b: u32, scratch: &mut Scratch) -> Levels {
        let mut levels = [NULL_LEVEL; MAX_COMPARISONS];
        for (level, comparison) in levels.iter_mut().zip(self.comparisons) {
            *level = comparison.level(self.records, a, b, scratch);
        }
        levels
    }

    /// What can be seen from the values' numbers alone.
    #[inline]
    fn known_levels(&self, a: u32, b: u32) -> Levels {
        let mut levels = [NULL_LEVEL; MAX_COMPARISONS];
        for (level, comparison) in levels.iter_mut().zip(self.comparisons) {
            let ids = (self.records.id(a, comparison.column), self.records.id(b, comparison.column));
            *level = match () {
                () if ids.0 == NULL || ids.1 == NULL => NULL_LEVEL,
                () if ids.0 == ids.1 && comparison.is_exact(1) => 1,
                () => UNEQUAL,
            };
        }
        levels
    }

    #[inline]
    fn row(&self, place: usize, levels: &Levels) -> usize {
        self.tables[place].follows.map_or(0, |other| usize::from(levels[other]))
    }

    /// The bits of a comparison; while levels are unknown, the most that they can be.
    #[inline]
    fn part(&self, place: usize, levels: &Levels, a: u32) -> f64 {
        let (table, level) = (&self.tables[place], levels[place]);
        let row = self.row(place, levels);
        let bits = table.bits[row][usize::from(level)];
        let comparison = &self.comparisons[place];
        let Some(frequency) = table.frequency.as_ref().filter(|_| comparison.is_exact(level)) else { return bits };
        let column = self.records.column(comparison.column);
        let added = frequency.bits(column.count(self.records.id(a, comparison.column)));
        // A share that is only known as the largest possible must not make little of what speaks against.
        if row == usize::from(UNEQUAL) && added < 0.0 { bits } else { bits + added * table.share[row] }
    }
}
