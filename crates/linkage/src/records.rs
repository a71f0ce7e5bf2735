//! The records: each distinct value of a column once, and four bytes per record and column.

use crate::clean::{Kind, clean};
use crate::error::{Error, Result};
use crate::hash::of_bytes;

/// Stands for "no value" in a column.
pub const NULL: u32 = 0;

/// A distinct text, by where it stands in the long string of all.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    start: u64,
    bytes: u32,
    count: u32,
    sketch: Sketch,
}

/// Which letters a text has, and how many: enough to see that most texts are not alike without reading them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch {
    letters: u64,
    length: u32,
}

impl Sketch {
    pub(crate) fn of(text: &str) -> Self {
        let bit = |c: char| match c {
            'a'..='z' => u32::from(c) - u32::from('a'),
            '0'..='9' => 26 + u32::from(c) - u32::from('0'),
            c => 36 + u32::from(c) % 28,
        };
        let mut sketch = Sketch::default();
        for c in text.chars() {
            sketch.letters |= 1 << bit(c);
            sketch.length += 1;
        }
        sketch
    }

    /// At least so many letters of each text are not in the other.
    fn missing(self, other: Sketch) -> (u32, u32) {
        ((self.letters & !other.letters).count_ones(), (other.letters & !self.letters).count_ones())
    }

    /// No edit distance is less: the one Bartolini, Ciaccia and Patella (2002) call bag distance, on sets.
    pub(crate) fn least_distance(self, other: Sketch) -> usize {
        let (here, there) = self.missing(other);
        here.max(there).max(self.length.abs_diff(other.length)) as usize
    }

    /// No Jaro-Winkler similarity is more: with all letters that could be common in their places, and four to begin with.
    pub(crate) fn most_jaro_winkler(self, other: Sketch) -> f64 {
        let (here, there) = self.missing(other);
        let common = f64::from((self.length - here).min(other.length - there));
        if common < 1.0 {
            return 0.0;
        }
        let jaro = (common / f64::from(self.length) + common / f64::from(other.length) + 1.0) / 3.0;
        jaro + 0.4 * (1.0 - jaro)
    }
}

/// Distinct texts in one long string; number 0 is "no value".
#[derive(Clone, Debug)]
struct Values {
    text: String,
    entries: Vec<Entry>,
    /// Open addressing; 0 is a free slot.
    slots: Vec<u32>,
    /// Records with a value.
    filled: u64,
}

impl Values {
    fn new() -> Self {
        Values { text: String::new(), entries: vec![Entry::default()], slots: vec![0; 64], filled: 0 }
    }

    #[inline]
    fn get(&self, id: u32) -> &str {
        let entry = &self.entries[id as usize];
        &self.text[entry.start as usize..][..entry.bytes as usize]
    }

    fn intern(&mut self, text: &str) -> u32 {
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        }
        let slot = self.slot(text);
        if self.slots[slot] == 0 {
            self.slots[slot] = self.entries.len() as u32;
            self.entries.push(Entry { start: self.text.len() as u64, bytes: text.len() as u32, count: 0, sketch: Sketch::of(text) });
            self.text.push_str(text);
        }
        let id = self.slots[slot];
        self.entries[id as usize].count += 1;
        self.filled += 1;
        id
    }

    fn slot(&self, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = of_bytes(text.as_bytes()) as usize & mask;
        while self.slots[slot] != 0 && self.get(self.slots[slot]) != text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for id in 1..self.entries.len() as u32 {
            let slot = self.slot(self.get(id));
            self.slots[slot] = id;
        }
    }
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    values: Values,
}

impl Column {
    #[inline]
    pub fn value(&self, id: u32) -> &str {
        self.values.get(id)
    }

    /// How many records have this value.
    pub fn count(&self, id: u32) -> u32 {
        self.values.entries[id as usize].count
    }

    #[inline]
    pub(crate) fn sketch(&self, id: u32) -> Sketch {
        self.values.entries[id as usize].sketch
    }

    /// One more than the largest number of a value.
    pub fn ids(&self) -> u32 {
        self.values.entries.len() as u32
    }

    /// How many records have a value.
    pub fn filled(&self) -> u64 {
        self.values.filled
    }

    /// Share of random pairs of filled records that have the same value.
    pub fn collision(&self) -> f64 {
        let n = self.filled() as f64;
        let same: f64 = self.values.entries.iter().map(|entry| f64::from(entry.count) * (f64::from(entry.count) - 1.0)).sum();
        if n < 2.0 { 0.0 } else { same.max(0.0) / (n * (n - 1.0)) }
    }
}

/// A table of cleaned texts. A record is its number, in the order of arrival.
#[derive(Clone, Debug)]
pub struct Records {
    columns: Vec<Column>,
    /// Numbers of values, record after record: those of one record are compared together.
    ids: Vec<u32>,
    len: u32,
    buffer: String,
}

impl Records {
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Kind)>) -> Self {
        let column = |(name, kind): (&str, Kind)| Column { name: name.to_owned(), kind, values: Values::new() };
        Records { columns: columns.into_iter().map(column).collect(), ids: Vec::new(), len: 0, buffer: String::new() }
    }

    /// Cleans and adds a record; its number.
    pub fn push(&mut self, values: &[Option<&str>]) -> Result<u32> {
        if values.len() != self.columns.len() {
            return Err(Error::Width { given: values.len(), columns: self.columns.len() });
        }
        if self.len == u32::MAX - 1 {
            return Err(Error::TooMany(self.len as usize));
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            let id = match value {
                Some(text) if clean(column.kind, text, &mut self.buffer) => column.values.intern(&self.buffer),
                _ => NULL,
            };
            self.ids.push(id);
        }
        self.len += 1;
        Ok(self.len - 1)
    }

    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    #[inline]
    pub fn column(&self, index: usize) -> &Column {
        &self.columns[index]
    }

    /// The number of the record's value in a column; [`NULL`] when it has none.
    #[inline]
    pub fn id(&self, record: u32, column: usize) -> u32 {
        self.ids[record as usize * self.columns.len() + column]
    }

    /// The cleaned value.
    pub fn value(&self, record: u32, column: usize) -> Option<&str> {
        Some(self.id(record, column)).filter(|id| *id != NULL).map(|id| self.columns[column].value(id))
    }

    /// Number of pairs there are.
    pub fn pairs(&self) -> f64 {
        let n = f64::from(self.len);
        n * (n - 1.0) / 2.0
    }
}
