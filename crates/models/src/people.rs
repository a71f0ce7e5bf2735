//! People as columns: what a feature is, and everybody's values of it as of a moment.

use std::collections::HashMap;
use std::ops::Range;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_condition::{Condition, EventTest, Facts, each_value, measure};
use weft_context_kit::long_work::Running;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::StateStore;
use weft_segments::Surroundings;
use weft_tags::Statistic;

use crate::domain::features::{Features, MISSING};
use crate::domain::score::hash_id;
use crate::kernel::event::names;
use crate::kernel::{Atom, Error, EventKind, Millis, PersonId, Result, WorkspaceId, money};

const THREADS: u32 = 2;
/// A category with more values than this tells everybody from everybody, and nothing else.
const MOST_VALUES: usize = 500;
/// Numbers with no more values than this, all whole, may as well be names of things; from here on they are amounts.
const FEW_NUMBERS: usize = 3;
const DAY: f64 = Millis::DAY as f64;
/// People of a sample, about.
const SAMPLE: u64 = 20_000;

/// A column about people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ModelFeature)]
pub struct Feature {
    /// What people read; it is told apart by it.
    pub label: String,
    /// The value of a trait.
    #[serde(default, rename = "trait", skip_serializing_if = "Option::is_none")]
    pub of_trait: Option<String>,
    /// The value of a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A figure over events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
    /// Days since the last event of a sort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<Recency>,
}

/// Of which event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recency {
    /// As in a condition: `name` and `where`.
    #[schema(value_type = Object)]
    pub event: Map<String, Value>,
}

/// Ready to be read.
#[derive(Clone, Debug)]
pub enum Source {
    Trait(String),
    Tag(String),
    Measure(Box<EventTest>),
    /// The time of the last event.
    Last(Box<EventTest>),
}

fn wrong(field: &str, what: &str) -> Error {
    Error::invalid("models.feature_unclear", format!("this feature cannot be read: {what}")).field(field, what)
}

impl Feature {
    pub fn of_trait(name: &str) -> Self {
        Self { label: name.to_owned(), of_trait: Some(name.to_owned()), tag: None, statistic: None, recency: None }
    }
    pub fn of_tag(name: &str) -> Self {
        Self { tag: Some(name.to_owned()), of_trait: None, ..Self::of_trait(name) }
    }

    pub fn source(&self, field: &str) -> Result<Source> {
        if self.label.trim().is_empty() {
            return Err(wrong(&format!("{field}.label"), "give it a label"));
        }
        match (&self.of_trait, &self.tag, &self.statistic, &self.recency) {
            (Some(name), None, None, None) => Ok(Source::Trait(name.clone())),
            (None, Some(name), None, None) => Ok(Source::Tag(name.clone())),
            (None, None, Some(statistic), None) => Ok(Source::Measure(Box::new(statistic.parse()?))),
            (None, None, None, Some(recency)) => {
                let counted = Statistic { event: recency.event.clone(), function: "count".into(), property: None };
                Ok(Source::Last(Box::new(counted.parse()?)))
            }
            _ => Err(wrong(field, "give one of trait, tag, statistic and recency")),
        }
    }
}

/// Sources with their labels; no two are called alike.
pub fn sources(features: &[Feature]) -> Result<Vec<(String, Source)>> {
    let mut found: Vec<(String, Source)> = Vec::with_capacity(features.len());
    for (i, feature) in features.iter().enumerate() {
        let field = format!("features.{i}");
        if found.iter().any(|(label, _)| *label == feature.label) {
            return Err(wrong(&format!("{field}.label"), "two features are called so"));
        }
        found.push((feature.label.clone(), feature.source(&field)?));
    }
    Ok(found)
}

impl Source {
    fn read(&self, reading: &Reading, person: Atom, facts: &dyn Facts) -> Result<Option<Value>> {
        let at = reading.at;
        Ok(match self {
            // Of the past only what was said by then; what it was before is not reckoned with.
            Source::Trait(name) if reading.is_past => {
                let document = weft_profiles::document(reading.store, reading.workspace, person)?;
                document.traits.get(name).filter(|told| told.ts <= at && !told.value.is_null()).map(|told| told.value.clone())
            }
            Source::Tag(name) if reading.is_past => weft_tags::tagged(reading.store, reading.workspace, name, person)?.filter(|t| t.since <= at).map(|t| t.value),
            Source::Trait(name) => facts.trait_value(name).map(|v| v.into_owned()),
            Source::Tag(name) => facts.tag(name).map(|v| v.into_owned()),
            Source::Measure(event) => measure(event, facts, at),
            Source::Last(event) => {
                let mut last = None;
                each_value(event, facts, at, &mut |ts, _| last = Some(ts));
                last.map(|ts| Value::from((at.0 - ts.0) as f64 / DAY))
            }
        })
    }
}

/// Why a column was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    Unknown,
    Constant,
    TooManyValues,
}

/// What became of a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    pub label: String,
    /// `number` or `category`
    pub kind: &'static str,
    pub left_out: Option<LeftOut>,
    pub known: u64,
    pub missing: u64,
}

/// People and their columns, in the same order.
pub struct Table {
    pub people: Vec<Atom>,
    pub features: Features,
    pub notes: Vec<Note>,
}

/// A column in the making: texts by code, numbers beside, so that it can still become either.
#[derive(Default)]
struct Column {
    numbers: Vec<f32>,
    codes: Vec<u32>,
    dictionary: Vec<String>,
    by_text: HashMap<String, u32>,
    /// Known values that are no numbers.
    texts: u64,
    known: u64,
    overflowed: bool,
    /// A figure, however few different ones there are.
    is_figure: bool,
}

impl Column {
    fn push(&mut self, value: Option<Value>) {
        let number = value.as_ref().and_then(as_number);
        let text = value.as_ref().and_then(as_text);
        self.known += u64::from(text.is_some());
        self.texts += u64::from(text.is_some() && number.is_none());
        self.numbers.push(number.unwrap_or(f32::NAN));
        let code = text.map_or(MISSING, |text| self.code(text));
        self.codes.push(code);
    }
    fn code(&mut self, text: String) -> u32 {
        if let Some(code) = self.by_text.get(&text) {
            return *code;
        }
        if self.dictionary.len() >= MOST_VALUES {
            self.overflowed = true;
            return MISSING;
        }
        let code = self.dictionary.len() as u32;
        self.dictionary.push(text.clone());
        self.by_text.insert(text, code);
        code
    }
    fn and(&mut self, other: Column) {
        self.numbers.extend(other.numbers);
        self.known += other.known;
        self.texts += other.texts;
        self.overflowed |= other.overflowed;
        let codes: Vec<u32> = other.dictionary.into_iter().map(|text| self.code(text)).collect();
        self.codes.extend(other.codes.into_iter().map(|c| codes.get(c as usize).copied().unwrap_or(MISSING)));
    }
    fn is_number(&self) -> bool {
        self.texts == 0 && (self.is_figure || self.overflowed || self.dictionary.len() > FEW_NUMBERS)
    }
    fn note(&self, label: &str) -> Note {
        let missing = self.codes.len() as u64 - self.known;
        let left_out = match () {
            () if self.known == 0 => Some(LeftOut::Unknown),
            () if self.is_number() => None,
            () if self.overflowed => Some(LeftOut::TooManyValues),
            // Whether it is known at all tells something, too.
            () if self.dictionary.len() < 2 && missing == 0 => Some(LeftOut::Constant),
            // Nearly everybody has her own: names, addresses, ids.
            () if self.dictionary.len() > 20 && self.dictionary.len() as u64 * 2 > self.known => Some(LeftOut::TooManyValues),
            () => None,
        };
        Note { label: label.to_owned(), kind: if self.is_number() { "number" } else { "category" }, left_out, known: self.known, missing }
    }
    fn into(self, label: String, as_number: bool, features: Features) -> Result<Features> {
        if as_number {
            features.known_numbers(label, self.numbers.into_iter().map(|v| (!v.is_nan()).then_some(v)))
        } else {
            features.codes(label, self.codes, self.dictionary)
        }
    }
}

/// Columns about people in the making, a person at a time.
pub struct Columns(Vec<(String, Column)>);

impl Columns {
    /// Labels, and whether the column is a figure, however few different ones there are.
    pub fn new(labels: impl IntoIterator<Item = (String, bool)>) -> Self {
        Self(labels.into_iter().map(|(label, is_figure)| (label, Column { is_figure, ..Column::default() })).collect())
    }
    /// One more person; a value for each column.
    pub fn push(&mut self, values: impl IntoIterator<Item = Option<Value>>) {
        self.0.iter_mut().zip(values).for_each(|((_, column), value)| column.push(value));
    }
    /// Of people who were read by another thread, behind one's own.
    pub fn and(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|((_, column), (_, more))| column.and(more));
    }
    /// What tells nothing is noted and left out; or, where columns were learnt from before, what told nothing then.
    pub fn finish(self, rows: usize, like: Option<&[Note]>) -> Result<(Features, Vec<Note>)> {
        let (mut features, mut notes) = (Features::new(rows), Vec::with_capacity(self.0.len()));
        for (label, column) in self.0 {
            let own = column.note(&label);
            let note = like.and_then(|notes| notes.iter().find(|n| n.label == label)).unwrap_or(&own).clone();
            if note.left_out.is_none() {
                features = column.into(label, note.kind == "number", features)?;
            }
            notes.push(note);
        }
        Ok((features, notes))
    }
}

/// A number, or a text that is one.
fn as_number(value: &Value) -> Option<f32> {
    use rust_decimal::prelude::ToPrimitive;
    money::decimal(value).and_then(|d| d.to_f32()).filter(|v| v.is_finite())
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Whom to read, and how.
pub struct Reading<'a> {
    pub store: &'a dyn StateStore,
    pub workspace: WorkspaceId,
    pub zone: &'a TimeZone,
    /// Events after it have not happened yet.
    pub at: Millis,
    /// The moment lies back: what was told of people since is not known yet.
    pub is_past: bool,
    pub running: &'a Running,
}

/// What is found of one person while people are read; `None` leaves her out.
pub type Look<'a, T> = dyn Fn(Atom, &dyn Facts) -> Result<Option<T>> + Sync + 'a;

impl Reading<'_> {
    /// Everybody in order of number, looked at on as many threads as there are.
    pub fn each<T: Send>(&self, look: &Look<T>) -> Result<Vec<T>> {
        self.shares(&|range| {
            let mut found = Vec::new();
            self.range(range, look, &mut |one| found.push(one))?;
            Ok(found)
        })
        .map(|parts| parts.into_iter().flatten().collect())
    }

    fn shares<T: Send>(&self, work: &(dyn Fn(Range<Atom>) -> Result<T> + Sync)) -> Result<Vec<T>> {
        let end = weft_identity::count(self.store, self.workspace)?;
        self.running.tell(0, 0, weft_profiles::count_people(self.store, self.workspace)?);
        let share = end.div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || work(n * share..(n + 1).saturating_mul(share)))).collect();
            workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(Error::bug("models.reading_panicked", "reading people failed")))).collect()
        })
    }

    fn range<T>(&self, range: Range<Atom>, look: &Look<T>, keep: &mut dyn FnMut(T)) -> Result<()> {
        let mut unsaid = 0;
        weft_profiles::all_people(self.store, self.workspace, range.start, &mut |person, _| {
            if person >= range.end {
                return Ok(false);
            }
            unsaid += 1;
            if unsaid == 256 {
                self.running.add(unsaid);
                unsaid = 0;
                self.running.check()?;
            }
            let around = Surroundings::of(self.store, self.workspace, person, self.zone);
            let facts = around.facts();
            let found = look(person, &facts)?;
            facts.sound()?;
            around.sound()?;
            found.into_iter().for_each(&mut *keep);
            Ok(true)
        })?;
        self.running.add(unsaid);
        Ok(())
    }

    /// The columns of those who are wanted. What tells nothing is noted and left out, or, where columns were learnt from before,
    /// what told nothing then.
    pub fn table(&self, sources: &[(String, Source)], like: Option<&[Note]>, wanted: &(dyn Fn(Atom, &dyn Facts) -> bool + Sync)) -> Result<Table> {
        self.table_with(sources, like, &|person, facts| Ok(wanted(person, facts).then_some(()))).map(|(table, _)| table)
    }

    /// The same, with what is found of each of them beside her columns.
    pub fn table_with<T: Send>(&self, sources: &[(String, Source)], like: Option<&[Note]>, look: &Look<T>) -> Result<(Table, Vec<T>)> {
        let empty = || Columns::new(sources.iter().map(|(label, source)| (label.clone(), matches!(source, Source::Measure(_) | Source::Last(_)))));
        let parts = self.shares(&|range| {
            let mut people = Vec::new();
            let mut columns = empty();
            let mut beside = Vec::new();
            let read = |person, facts: &dyn Facts| {
                let Some(found) = look(person, facts)? else { return Ok(None) };
                let values = sources.iter().map(|(_, s)| s.read(self, person, facts)).collect::<Result<Vec<_>>>()?;
                Ok(Some((person, found, values)))
            };
            self.range(range, &read, &mut |(person, found, values)| {
                people.push(person);
                beside.push(found);
                columns.push(values);
            })?;
            Ok((people, beside, columns))
        })?;
        let (mut people, mut beside, mut columns) = (Vec::new(), Vec::new(), empty());
        for (more, found, read) in parts {
            people.extend(more);
            beside.extend(found);
            columns.and(read);
        }
        let (features, notes) = columns.finish(people.len(), like)?;
        Ok((Table { people, features, notes }, beside))
    }

    /// Who satisfies a condition as of the moment; everybody where there is none.
    pub fn wanted<'c>(&self, condition: Option<&'c Condition>) -> impl Fn(Atom, &dyn Facts) -> bool + Sync + use<'c> {
        let at = self.at;
        move |_, facts| condition.is_none_or(|c| weft_condition::holds(c, facts, at))
    }
}

/// Traits that name a person instead of describing her.
const NAMES_HER: [&str; 14] =
    ["name", "nickname", "full_name", "first_name", "last_name", "email", "phone", "mobile", "address", "id_card", "avatar", "birthday", "postcode", "title"];

pub fn names_her(trait_name: &str) -> bool {
    NAMES_HER.contains(&trait_name.trim_start_matches('$'))
}

/// Something she did. What the house makes happen says more of our own doings than of hers; who is told of or agrees to something has
/// not acted.
pub fn is_act(happened: &weft_profiles::Happened) -> bool {
    let is_done = matches!(happened.kind, EventKind::Track | EventKind::Page | EventKind::Screen);
    is_done && happened.source.starts_with("src_") && ![names::CONSENT_GRANTED, names::CONSENT_WITHDRAWN].contains(&happened.name.as_str())
}

/// Everybody of few; of many about so many, chosen by their ids, so that the same people are chosen again.
pub fn sample(workspace: WorkspaceId, people: &RoaringBitmap) -> Vec<Atom> {
    if people.len() <= SAMPLE {
        return people.iter().collect();
    }
    let share = SAMPLE as f64 / people.len() as f64;
    let bound = (share * u64::MAX as f64) as u64;
    people.iter().filter(|p| hash_id(&PersonId::of(workspace, *p).0) <= bound).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_about_so_many_are_chosen_and_the_same_again() {
        let people: RoaringBitmap = (0..200_000u32).collect();
        let (one, again) = (sample(WorkspaceId(1), &people), sample(WorkspaceId(1), &people));
        assert_eq!(one, again);
        assert!((19_000..21_000).contains(&one.len()), "{}", one.len());
        assert_eq!(sample(WorkspaceId(1), &(0..100u32).collect()).len(), 100);
    }
}
