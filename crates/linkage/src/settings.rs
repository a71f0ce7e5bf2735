//! What is compared how, and sensible values for all of it from the kinds of the columns alone.

use serde::{Deserialize, Serialize};

use crate::block::{Limits, Rule, Transform};
use crate::clean::Kind;
use crate::compare::{Comparison, Level, MAX_COMPARISONS, Test};
use crate::error::{Error, Result};
use crate::records::Records;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub comparisons: Vec<Comparison>,
    pub rules: Vec<Rule>,
    /// Comparisons (by number) of what a household has in common; the others are a person's own. Pairs that agree in nothing else are taken for
    /// relatives. Empty: nobody has relatives here.
    pub household: Vec<usize>,
    pub limits: Limits,
    /// Columns of which a person has at most one value.
    pub unique: Vec<usize>,
    /// Pairs at least this probable are shown to people.
    pub review: f64,
    /// Pairs at least this probable are joined.
    pub accept: f64,
    /// Pairs for review that are kept, the most probable first; how many more there were is told.
    pub review_pairs: usize,
    /// Pairs at random that u is learnt from.
    pub random_pairs: u64,
    /// Pairs of all rules together that m is learnt from.
    pub training_pairs: u64,
    pub seed: u64,
    pub threads: usize,
}

impl Settings {
    pub fn infer(records: &Records) -> Result<Settings> {
        let columns = Columns(records);
        let comparisons = columns.comparisons();
        let settings = Settings {
            household: columns.household(&comparisons),
            comparisons,
            rules: columns.rules(),
            limits: Limits::default(),
            unique: columns.of(Kind::UserId).collect(),
            review: 0.5,
            accept: 0.95,
            review_pairs: 1_000_000,
            random_pairs: 1_000_000,
            training_pairs: 4_000_000,
            seed: 1,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        };
        settings.check(records)?;
        Ok(settings)
    }

    pub(crate) fn check(&self, records: &Records) -> Result<()> {
        let columns = records.columns().len();
        let wrong = |what: &str| Err(Error::Settings(what.to_owned()));
        if self.comparisons.is_empty() || self.comparisons.len() > MAX_COMPARISONS {
            return wrong("there must be something to compare, and at most 32 comparisons");
        }
        if self.rules.is_empty() {
            return wrong("there must be a blocking rule");
        }
        if !(self.review > 0.0 && self.review <= self.accept && self.accept < 1.0) {
            return wrong("0 < review ≤ accept < 1");
        }
        if self.unique.iter().any(|column| *column >= columns) {
            return wrong("a unique column does not exist");
        }
        if self.household.iter().any(|place| *place >= self.comparisons.len()) {
            return wrong("a comparison of the household does not exist");
        }
        self.comparisons.iter().try_for_each(|comparison| comparison.check(columns))?;
        self.rules.iter().try_for_each(|rule| rule.check(columns))
    }
}

/// Many take their name and a number: zhangwei82 and zhangwei85 are as often two who are called so as one who mistyped it.
fn silent_about_digits(mut comparison: Comparison) -> Comparison {
    comparison.levels.insert(2, Level { test: Test::OtherDigits, counts: false });
    comparison
}

struct Columns<'a>(&'a Records);

impl Columns<'_> {
    fn of(&self, kind: Kind) -> impl Iterator<Item = usize> {
        self.0.columns().iter().enumerate().filter(move |(_, c)| c.kind == kind).map(|(index, _)| index)
    }

    fn first(&self, kind: Kind) -> Option<usize> {
        self.of(kind).next()
    }

    fn comparisons(&self) -> Vec<Comparison> {
        self.0.columns().iter().enumerate().filter_map(|(index, column)| self.comparison(index, &column.name, column.kind)).collect()
    }

    fn comparison(&self, index: usize, name: &str, kind: Kind) -> Option<Comparison> {
        use Test::{Beginning, Damerau, DayMonthSwapped, Days, Exact, JaroWinkler, LocalPart, Masked, Tokens, TwoDateParts, Within};
        let comparison = |tests: &[Test]| Comparison::new(name, index, tests.iter().copied());
        Some(match kind {
            Kind::UserId => return None,
            Kind::Name => comparison(&[Exact, Tokens(0.99), JaroWinkler(0.92), JaroWinkler(0.8), Masked]).with_term_frequency(),
            Kind::GivenName => self.swappable(comparison(&[Exact, JaroWinkler(0.92), JaroWinkler(0.8)]), self.first(Kind::Surname), true).with_term_frequency(),
            Kind::Surname => self.swappable(comparison(&[Exact, JaroWinkler(0.92), JaroWinkler(0.8)]), self.first(Kind::GivenName), false).with_term_frequency(),
            Kind::Phone => comparison(&[Exact, Masked, Damerau(1), Damerau(2)]).with_term_frequency(),
            Kind::Mail => silent_about_digits(comparison(&[Exact, LocalPart, Damerau(2), JaroWinkler(0.9)])).with_term_frequency(),
            Kind::Birthday => comparison(&[Exact, Damerau(1), DayMonthSwapped, TwoDateParts, Damerau(2), Days(31)]).one_for_life(),
            Kind::Address => comparison(&[Exact, Damerau(2), Tokens(0.75), JaroWinkler(0.9), Tokens(0.5)]).with_term_frequency(),
            Kind::City => comparison(&[Exact, JaroWinkler(0.9), Beginning(2)]).with_term_frequency(),
            Kind::Postcode => comparison(&[Exact, Damerau(1), Damerau(2)]).with_term_frequency(),
            Kind::IdNumber => comparison(&[Exact, Damerau(1), Damerau(2)]).one_for_life(),
            Kind::Number => comparison(&[Exact, Within(1.0)]),
            Kind::Text => comparison(&[Exact, Damerau(1)]).with_term_frequency(),
        })
    }

    /// Given name and surname exchanged is one fact: the given name counts it, the surname keeps silent.
    fn swappable(&self, mut comparison: Comparison, with: Option<usize>, counts: bool) -> Comparison {
        if let Some(with) = with {
            comparison.levels.insert(1, Level { test: Test::Swapped { with }, counts });
        }
        comparison
    }

    /// Without an address or a phone a household cannot be told from people of one name, without something personal not from one person.
    fn household(&self, comparisons: &[Comparison]) -> Vec<usize> {
        let kind = |comparison: &Comparison| self.0.column(comparison.column).kind;
        let is_personal = |kind| matches!(kind, Kind::Name | Kind::GivenName | Kind::Birthday | Kind::Mail | Kind::IdNumber);
        let is_known = self.first(Kind::Address).or(self.first(Kind::Phone)).is_some() && comparisons.iter().any(|c| is_personal(kind(c)));
        (0..comparisons.len()).filter(|place| is_known && !is_personal(kind(&comparisons[*place]))).collect()
    }

    /// From the narrowest to the widest: a pair is counted under the first that has it.
    fn rules(&self) -> Vec<Rule> {
        use Transform::{First, LastDigits, LocalPart, MonthDay, Soundex, SortedWords, Whole, Year};
        let mut rules = Vec::new();
        for (kind, transform) in [(Kind::IdNumber, Whole), (Kind::Mail, Whole), (Kind::Phone, Whole), (Kind::Phone, LastDigits(8)), (Kind::Mail, LocalPart)] {
            rules.extend(self.of(kind).map(|column| Rule::on([(column, transform)])));
        }
        let (given, surname, name) = (self.first(Kind::GivenName), self.first(Kind::Surname), self.first(Kind::Name));
        let (birthday, postcode) = (self.first(Kind::Birthday), self.first(Kind::Postcode));
        let both = |a: Option<usize>, x, b: Option<usize>, y| Some(Rule::on([(a?, x), (b?, y)]));
        rules.extend(both(given, Whole, surname, Whole).map(Rule::in_any_order));
        rules.extend(name.map(|name| Rule::on([(name, SortedWords)])));
        rules.extend(birthday.map(|birthday| Rule::on([(birthday, Whole)])));
        rules.extend(self.of(Kind::Address).map(|address| Rule::on([(address, SortedWords)])));
        for person in [surname, given, name].into_iter().flatten() {
            rules.extend(both(Some(person), Soundex, birthday, Year));
            rules.extend(both(Some(person), Soundex, birthday, MonthDay));
            rules.extend(both(Some(person), First(3), postcode, Whole));
        }
        for wide in [surname, given, postcode].into_iter().flatten().chain(self.of(Kind::City)) {
            rules.push(Rule::on([(wide, Whole)]));
        }
        rules
    }
}
