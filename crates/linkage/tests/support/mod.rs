//! The labelled sets, their true pairs, and how well pairs agree with them.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its own part, and tells by panicking")]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use weft_linkage::{Kind, Records};

pub struct Labelled {
    pub records: Records,
    entity: Vec<String>,
}

pub type Pairs = HashSet<(u32, u32)>;

/// The folder with the labelled sets, if this machine has it.
pub fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("WEFT_TEST_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    Some(data.join("linkage")).filter(|folder| folder.is_dir())
}

type Table = (Vec<String>, Vec<Vec<String>>);

fn table(folder: &Path, file: &str) -> Table {
    let file = std::fs::File::open(folder.join(file)).unwrap();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(flate2::read::GzDecoder::new(file));
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (header, reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect())
}

pub fn labelled(folder: &Path, name: &str) -> Labelled {
    match name {
        "fake_1000" => fake_1000(folder),
        "RLdata10000" => rl_data(folder),
        febrl => self::febrl(folder, febrl),
    }
}

fn febrl(folder: &Path, name: &str) -> Labelled {
    let kinds = [
        ("given_name", Kind::GivenName),
        ("surname", Kind::Surname),
        ("street_number", Kind::Text),
        ("address_1", Kind::Address),
        ("address_2", Kind::Address),
        ("suburb", Kind::City),
        ("postcode", Kind::Postcode),
        ("state", Kind::Text),
        ("date_of_birth", Kind::Birthday),
        ("soc_sec_id", Kind::IdNumber),
    ];
    let file = format!("febrl_dataset{}.csv.gz", name.trim_start_matches("febrl"));
    let entity = |id: &str| id.split('-').nth(1).unwrap_or_default().to_owned();
    read(&table(folder, &file), &kinds, "rec_id", entity)
}

fn fake_1000(folder: &Path) -> Labelled {
    let kinds =
        [("first_name", Kind::GivenName), ("surname", Kind::Surname), ("dob", Kind::Birthday), ("city", Kind::City), ("email", Kind::Mail)];
    read(&table(folder, "splink_fake_1000.csv.gz"), &kinds, "cluster", str::to_owned)
}

fn rl_data(folder: &Path) -> Labelled {
    let (header, mut rows) = table(folder, "RLdata10000.csv.gz");
    let (_, identities) = table(folder, "identity.RLdata10000.csv.gz");
    for (row, identity) in rows.iter_mut().zip(identities) {
        row.truncate(header.len());
        let birthday = format!("{}-{}-{}", row[4], row[5], row[6]);
        row.extend([birthday, identity[0].clone()]);
    }
    let header = header.into_iter().chain(["birthday".to_owned(), "identity".to_owned()]).collect();
    let kinds = [
        ("fname_c1", Kind::GivenName),
        ("fname_c2", Kind::Text),
        ("lname_c1", Kind::Surname),
        ("lname_c2", Kind::Text),
        ("birthday", Kind::Birthday),
    ];
    read(&(header, rows), &kinds, "identity", str::to_owned)
}

fn read((header, rows): &Table, kinds: &[(&str, Kind)], label: &str, entity: impl Fn(&str) -> String) -> Labelled {
    let place = |name: &str| header.iter().position(|h| h == name).unwrap();
    let places: Vec<usize> = kinds.iter().map(|(name, _)| place(name)).collect();
    let label = place(label);
    let mut records = Records::new(kinds.iter().copied());
    for row in rows {
        let values: Vec<Option<&str>> = places.iter().map(|p| Some(row[*p].as_str())).collect();
        records.push(&values).unwrap();
    }
    Labelled { records, entity: rows.iter().map(|row| entity(&row[label])).collect() }
}

impl Labelled {
    pub fn true_pairs(&self) -> Pairs {
        let mut members: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (record, entity) in self.entity.iter().enumerate() {
            members.entry(entity).or_default().push(record as u32);
        }
        within(members.into_values())
    }
}

/// All pairs within the groups.
pub fn within(groups: impl IntoIterator<Item = Vec<u32>>) -> Pairs {
    let mut pairs = Pairs::new();
    for group in groups {
        for (place, a) in group.iter().enumerate() {
            pairs.extend(group[place + 1..].iter().map(|b| (*a.min(b), *a.max(b))));
        }
    }
    pairs
}

#[derive(Clone, Copy, Debug)]
pub struct Quality {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

pub fn quality(found: &Pairs, truth: &Pairs) -> Quality {
    let right = found.intersection(truth).count() as f64;
    let (precision, recall) = (right / found.len().max(1) as f64, right / truth.len().max(1) as f64);
    Quality { precision, recall, f1: 2.0 * precision * recall / (precision + recall).max(1e-12) }
}
