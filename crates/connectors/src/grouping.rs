//! Gathers the rows of one order, also when they lie scattered over the file, in bounded memory.
//!
//! Rows that stand together are handed on as soon as the order number changes. Rows of orders that the scan marked
//! as scattered are put aside: in memory while they are few, else into temporary files by a hash of the order
//! number, each of which is small enough to be held when its turn comes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::kernel::{Error, Result, id};
use crate::plan::Fault;
use crate::readers::{Row, take};
use crate::scan::Bloom;

/// More lines than this is no order, but a mapping that took another column for the order number.
pub const MOST_LINES: usize = 20_000;
/// Rows put aside are held in memory up to this many bytes.
const HELD: usize = 32 * 1024 * 1024;
/// Temporary files, once they are more.
const FILES: usize = 128;

/// A row of an order; with a fault if it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub row: Row,
    pub fault: Option<Fault>,
}

/// The rows of one order, in the order of the file.
#[derive(Clone, Debug)]
pub struct Group {
    pub key: String,
    pub entries: Vec<Entry>,
    /// There were more than [`MOST_LINES`]; these are some of them.
    pub too_long: bool,
}

/// Takes finished groups.
pub type Done<'d> = dyn FnMut(Group) -> Result<()> + 'd;

pub struct Groups {
    scattered: Option<Bloom>,
    current: Option<Group>,
    aside: Aside,
}

impl Groups {
    /// `folder` takes the temporary files; `scattered` is `None` when all orders stand together.
    pub fn new(folder: &Path, scattered: Option<Bloom>) -> Self {
        Self { scattered, current: None, aside: Aside { folder: folder.to_owned(), held: Vec::new(), weight: 0, limit: HELD, files: Vec::new() } }
    }

    #[cfg(test)]
    fn holding(mut self, limit: usize) -> Self {
        self.aside.limit = limit;
        self
    }

    pub fn push(&mut self, key: &str, entry: Entry, done: &mut Done<'_>) -> Result<()> {
        if self.scattered.as_ref().is_some_and(|s| s.contains(key)) {
            return self.aside.push(key, entry);
        }
        match &mut self.current {
            Some(group) if group.key == key => {
                if group.entries.len() < MOST_LINES {
                    group.entries.push(entry);
                    return Ok(());
                }
                group.too_long = true;
                let entries = std::mem::replace(&mut group.entries, vec![entry]);
                done(Group { key: key.to_owned(), entries, too_long: true })
            }
            _ => {
                let fresh = Group { key: key.to_owned(), entries: vec![entry], too_long: false };
                self.current.replace(fresh).map_or(Ok(()), done)
            }
        }
    }

    /// Hands on the last order, and those that were put aside.
    pub fn finish(&mut self, done: &mut Done<'_>) -> Result<()> {
        if let Some(group) = self.current.take() {
            done(group)?;
        }
        self.aside.finish(done)
    }
}

/// Rows of scattered orders.
struct Aside {
    folder: PathBuf,
    held: Vec<(String, Entry)>,
    weight: usize,
    limit: usize,
    files: Vec<BufWriter<File>>,
}

impl Aside {
    fn push(&mut self, key: &str, entry: Entry) -> Result<()> {
        self.weight += entry.row.weight() + key.len() + 64;
        self.held.push((key.to_owned(), entry));
        if self.weight < self.limit {
            return Ok(());
        }
        self.spill()
    }

    fn spill(&mut self) -> Result<()> {
        while self.files.len() < FILES {
            // Without a name: it is gone when the program is, however it goes.
            self.files.push(BufWriter::with_capacity(16 * 1024, tempfile::tempfile_in(&self.folder)?));
        }
        let mut bytes = Vec::new();
        for (key, entry) in self.held.drain(..) {
            bytes.clear();
            save(&key, &entry, &mut bytes);
            let file = (id::derived(&[key.as_bytes()]) >> 8) as usize % FILES;
            self.files[file].write_all(&(bytes.len() as u64).to_le_bytes())?;
            self.files[file].write_all(&bytes)?;
        }
        self.weight = 0;
        Ok(())
    }

    fn finish(&mut self, done: &mut Done<'_>) -> Result<()> {
        if self.files.is_empty() {
            return hand_on(std::mem::take(&mut self.held), done);
        }
        self.spill()?;
        for file in std::mem::take(&mut self.files) {
            let mut file = file.into_inner().map_err(|e| Error::from(e.into_error()))?;
            file.seek(SeekFrom::Start(0))?;
            hand_on(load_all(file)?, done)?;
        }
        Ok(())
    }
}

/// Groups rows by order, the orders by their first row.
fn hand_on(rows: Vec<(String, Entry)>, done: &mut Done<'_>) -> Result<()> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (key, entry) in rows {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { key, entries: Vec::new(), too_long: false });
        }
        let group = &mut groups[place];
        group.entries.push(entry);
        group.too_long = group.entries.len() > MOST_LINES;
    }
    groups.into_iter().try_for_each(done)
}

/// Codes that readers give; their place is what is written.
const READER_CODES: [&str; 4] = ["column_count", "encoding", "quote_unclosed", "row_unreadable"];

fn save(key: &str, entry: &Entry, out: &mut Vec<u8>) {
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    };
    text(key, out);
    entry.row.save(out);
    match &entry.fault {
        None => out.push(0),
        Some(fault) => {
            let place = READER_CODES.iter().position(|c| *c == fault.code).unwrap_or(READER_CODES.len() - 1);
            out.push(place as u8 + 1);
            text(&fault.reason, out);
        }
    }
}

fn load(mut bytes: &[u8]) -> Option<(String, Entry)> {
    fn text(bytes: &mut &[u8]) -> Option<String> {
        let length = u32::from_le_bytes(take(bytes)?) as usize;
        let (text, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    }
    let key = text(&mut bytes)?;
    let row = Row::load(&mut bytes)?;
    let [place] = take::<1>(&mut bytes)?;
    let fault = match place {
        0 => None,
        place => Some(Fault::new(READER_CODES.get(place as usize - 1)?, text(&mut bytes)?)),
    };
    Some((key, Entry { row, fault }))
}

fn load_all(file: File) -> Result<Vec<(String, Entry)>> {
    let mut input = std::io::BufReader::new(file);
    let mut rows = Vec::new();
    let mut length = [0; 8];
    let mut bytes = Vec::new();
    loop {
        match input.read_exact(&mut length) {
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(rows),
            other => other?,
        }
        bytes.resize(u64::from_le_bytes(length) as usize, 0);
        input.read_exact(&mut bytes)?;
        rows.push(load(&bytes).ok_or_else(|| Error::bug("connectors.spill_unreadable", "a temporary file of the import does not hold what was written"))?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rejected::text_row;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entry(line: u64, key: &str) -> Entry {
        let fault = line.is_multiple_of(7).then(|| Fault::new("column_count", "the row has 3 columns, the header has 4"));
        Entry { row: text_row(line, &[key, "x"]), fault }
    }

    fn grouped(keys: &[u8], limit: usize) -> Vec<(String, Vec<Entry>)> {
        let folder = tempfile::tempdir().unwrap();
        let mut closed = Vec::new();
        let mut scattered = Bloom::empty();
        for pair in keys.windows(2).filter(|p| p[0] != p[1]) {
            closed.push(pair[0]);
            if closed.contains(&pair[1]) {
                scattered.insert(&pair[1].to_string());
            }
        }
        let mut groups = Groups::new(folder.path(), Some(scattered)).holding(limit);
        let mut out = Vec::new();
        let mut done = |g: Group| {
            assert!(!g.too_long);
            out.push((g.key, g.entries));
            Ok(())
        };
        for (index, key) in keys.iter().enumerate() {
            groups.push(&key.to_string(), entry(index as u64, &key.to_string()), &mut done).unwrap();
        }
        groups.finish(&mut done).unwrap();
        out
    }

    proptest! {
        /// Each order comes once, with all its rows in the order of the file, in memory as over files.
        #[test]
        fn every_order_comes_once_and_whole(keys in prop::collection::vec(0u8..8, 0..120), small in any::<bool>()) {
            let got = grouped(&keys, if small { 400 } else { HELD });
            let mut expected: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
            for (index, key) in keys.iter().enumerate() {
                expected.entry(key.to_string()).or_default().push(entry(index as u64, &key.to_string()));
            }
            prop_assert_eq!(got.len(), expected.len());
            prop_assert_eq!(got.into_iter().collect::<BTreeMap<_, _>>(), expected);
        }
    }

    #[test]
    fn a_column_that_is_no_order_number_does_not_fill_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut groups = Groups::new(folder.path(), None);
        let (mut rows, mut most) = (0, 0);
        let mut done = |g: Group| {
            assert!(g.too_long);
            rows += g.entries.len();
            most = most.max(g.entries.len());
            Ok(())
        };
        for line in 0..50_000 {
            groups.push("UK", entry(line, "UK"), &mut done).unwrap();
        }
        groups.finish(&mut done).unwrap();
        assert_eq!((rows, most), (50_000, MOST_LINES));
    }
}
