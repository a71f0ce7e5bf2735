//! The first walk through a file: how many rows it has, how it writes times, and which orders lie scattered.
//!
//! An order whose rows do not stand together must still become one event. Which orders those are is kept in two
//! Bloom filters of fixed size: an order that was closed and comes again is marked. A filter errs to one side
//! only – it may mark an order whose rows do stand together – and that costs a detour, never a wrong event.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::kernel::{Result, id};
use crate::mapping::{Bound, Cell, IDENTIFIERS, Kind, Mapping};
use crate::moments::{Guess, Style, pattern};
use crate::numbers;
use crate::readers::{Line, Next, Row, Table};

/// Fields whose columns hold names of things rather than amounts.
const NAMING: [&str; 4] = ["order_id", "item_id", "thing_id", "event_id"];

/// What the first walk found.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Rows, the unreadable ones included.
    pub rows: u64,
    pub style: Style,
    /// Per column: every value is written as `17850.0`.
    pub whole: Vec<bool>,
    /// Per property: it never changes between neighbouring rows of one order.
    pub order_level: Vec<bool>,
    /// Orders whose rows do not stand together, and perhaps some others.
    pub scattered: Bloom,
    pub has_scattered: bool,
}

/// A set of texts in fixed memory that may say yes too often and never says no wrongly.
#[derive(Clone, Debug)]
pub struct Bloom {
    bits: Vec<u64>,
}

impl Bloom {
    /// 8 MiB: one order in four hundred thousand is marked wrongly at a million orders, one in twenty at ten million.
    const WORDS: usize = 1 << 20;

    pub fn empty() -> Self {
        Self { bits: vec![0; Self::WORDS] }
    }
    fn places(key: &str) -> [usize; 5] {
        let hash = id::derived(&[key.as_bytes()]);
        std::array::from_fn(|i| (hash >> (i * 25)) as usize & (Self::WORDS * 64 - 1))
    }
    pub fn insert(&mut self, key: &str) {
        for place in Self::places(key) {
            self.bits[place / 64] |= 1 << (place % 64);
        }
    }
    pub fn contains(&self, key: &str) -> bool {
        Self::places(key).into_iter().all(|place| self.bits[place / 64] & (1 << (place % 64)) != 0)
    }
}

/// The order that a line belongs to, as the file writes it; also lines that are otherwise unreadable, as far as can be told.
pub fn order_key<'r>(bound: &'r Bound, row: &'r Row) -> &'r str {
    match bound.field("order_id") {
        Some(Cell::Column(index)) => row.get(*index).trim(),
        Some(Cell::Constant(value)) => value,
        None => "",
    }
}

/// Walks through the file once. `tick` is called now and then with the rows so far, and may stop the walk by an error.
pub fn scan(table: &Table, mapping: &Mapping, bound: &Bound, tick: &mut dyn FnMut(u64) -> Result<()>) -> Result<Scan> {
    let naming = naming_columns(bound);
    let time = match bound.field("time") {
        Some(Cell::Column(index)) if mapping.time_format.is_none() => Some(*index),
        _ => None,
    };
    let mut found = Scan {
        rows: 0,
        style: Style::YearFirst,
        whole: vec![false; table.columns().len()],
        order_level: vec![true; bound.properties.len()],
        scattered: Bloom::empty(),
        has_scattered: false,
    };
    // Per naming column: does any value speak against whole numbers, and is there one at all?
    let mut habit = vec![(true, false); naming.len()];
    let mut guess = Guess::default();
    let mut closed = Bloom::empty();
    let mut before = Row::default();
    let mut comparable = false;
    let orders = bound.kind == Kind::Orders;
    table.read(&mut |line| {
        found.rows += 1;
        if found.rows.is_multiple_of(10_000) {
            tick(found.rows)?;
        }
        let (row, readable) = match line {
            Line::Row(row) => (row, true),
            Line::Bad { row, .. } => (row, false),
        };
        if readable {
            for (column, (whole, any)) in naming.iter().zip(&mut habit) {
                let text = row.get(*column).trim();
                *whole = *whole && (text.is_empty() || numbers::is_float_integer(text));
                *any = *any || !text.is_empty();
            }
            if let Some(column) = time {
                guess.see(row.get(column));
            }
        }
        let key = order_key(bound, row);
        if !orders || key.is_empty() {
            return Ok(Next::Go);
        }
        if key != order_key(bound, &before) {
            if closed.contains(key) {
                found.scattered.insert(key);
                found.has_scattered = true;
            }
            closed.insert(key);
            before.clone_from(row);
            comparable = readable;
        } else if readable && comparable {
            for ((_, cell), same) in bound.properties.iter().zip(&mut found.order_level) {
                if let Cell::Column(index) = cell {
                    *same = *same && row.get(*index) == before.get(*index);
                }
            }
        }
        Ok(Next::Go)
    })?;
    for (column, (whole, any)) in naming.into_iter().zip(habit) {
        found.whole[column] = whole && any;
    }
    found.style = match &mapping.time_format {
        Some(format) => pattern(format)?,
        None => guess.style()?,
    };
    Ok(found)
}

fn naming_columns(bound: &Bound) -> Vec<usize> {
    let fields = NAMING.iter().filter_map(|f| bound.field(f));
    let people = bound.identifiers.iter().map(|(_, cell)| cell);
    let things = IDENTIFIERS.iter().filter_map(|f| bound.field(f));
    let mut columns: Vec<usize> = fields.chain(people).chain(things).filter_map(|c| if let Cell::Column(i) = c { Some(*i) } else { None }).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// SHA-256 of the file as it lies there.
pub fn digest(path: &Path) -> Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&chunk[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::ReadOptions;

    fn scanned(text: &str, map: &str) -> Scan {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        std::fs::write(&path, text).unwrap();
        let table = Table::open(&path, &ReadOptions::default()).unwrap();
        let mapping = Mapping::from_map(Kind::Orders, map).unwrap();
        let bound = mapping.bind(table.columns()).unwrap();
        scan(&table, &mapping, &bound, &mut |_| Ok(())).unwrap()
    }

    #[test]
    fn scattered_orders_are_seen_and_others_are_not() {
        let found = scanned("no,at,sum\n1,2024-01-01,5\n2,2024-01-01,5\n2,2024-01-01,5\n1,2024-01-01,5\n3,2024-01-01,5\n", "order_id=no,time=at,amount=sum");
        assert!(found.has_scattered && found.scattered.contains("1"));
        assert!(!found.scattered.contains("2") && !found.scattered.contains("3"));
        assert_eq!(found.rows, 5);
    }

    #[test]
    fn columns_of_the_order_and_of_the_line() {
        let found = scanned("no,at,sum,land,colour\n1,2024-01-01,5,UK,red\n1,2024-01-01,5,UK,blue\n2,2024-01-01,5,FR,red\n", "order_id=no,time=at,amount=sum");
        assert_eq!(found.order_level, [true, false]);
    }

    #[test]
    fn whole_columns_only() {
        let found = scanned("no,who,at,sum\n1,17850.0,2024-01-01,5\n2,,2024-01-01,5.0\n3,12.0,2024-01-01,5\n", "order_id=no,user_id=who,time=at,amount=sum");
        assert_eq!(found.whole, [false, true, false, false]);
        let found = scanned("no,who,at,sum\n1,17850.0,2024-01-01,5\n2,x1,2024-01-01,5\n", "order_id=no,user_id=who,time=at,amount=sum");
        assert_eq!(found.whole, [false; 4]);
    }
}
