//! `architecture.toml`: the house as it is drawn.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use crate::{Result, read};

/// Floors whose crates are rooms: they may always use the frame.
const ROOM_FLOORS: std::ops::RangeInclusive<i64> = 3..=6;
/// In `uses`: everything.
const ANY: &str = "*";
/// In `keys`: every room.
const ROOMS: &str = "rooms";

#[derive(Debug, Default)]
pub struct Plan {
    pub frame: Vec<String>,
    /// Number → name and what stands there.
    pub floors: BTreeMap<i64, String>,
    /// Folder in `crates/` → what is drawn there.
    pub crates: BTreeMap<String, Drawn>,
    /// Outside crate → who may name it.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Path → why it stands open.
    pub open_doors: BTreeMap<String, String>,
    /// Permissions that no role but the administrator's holds, on purpose.
    pub administrators_only: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Drawn {
    pub floor: i64,
    pub uses: Vec<String>,
    /// Used by its tests only.
    pub tests: Vec<String>,
    pub purpose: String,
}

impl Plan {
    pub fn read(root: &Path) -> Result<Self> {
        Self::parse(&read(&root.join("architecture.toml"))?)
    }

    pub fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse().map_err(|e| format!("architecture.toml: {e}"))?;
        let mut plan = Plan { frame: texts(&table, "frame")?, administrators_only: texts(&table, "administrators_only")?, ..Plan::default() };
        for (number, name) in section(&table, "floor")? {
            let number = number.parse().map_err(|_| format!("architecture.toml: floor {number} is no number"))?;
            plan.floors.insert(number, in_words(name, number)?);
        }
        for (name, drawn) in section(&table, "crate")? {
            let drawn = drawn.as_table().ok_or_else(|| format!("architecture.toml: crate {name} is no table"))?;
            let floor = drawn.get("floor").and_then(Value::as_integer).ok_or_else(|| format!("architecture.toml: crate {name} stands on no floor"))?;
            let purpose = drawn.get("purpose").and_then(Value::as_str).unwrap_or_default().to_owned();
            let tests = if drawn.contains_key("tests") { texts(drawn, "tests")? } else { Vec::new() };
            plan.crates.insert(name.clone(), Drawn { floor, uses: texts(drawn, "uses")?, tests, purpose });
        }
        for (name, holders) in section(&table, "keys")? {
            let holders = holders.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            plan.keys.insert(name.clone(), holders);
        }
        for (path, reason) in section(&table, "open_doors")? {
            plan.open_doors.insert(path.clone(), in_words(reason, path)?);
        }
        Ok(plan)
    }

    pub fn is_room(&self, name: &str) -> bool {
        self.crates.get(name).is_some_and(|c| ROOM_FLOORS.contains(&c.floor))
    }

    /// May `name` use `other`?
    pub fn allows(&self, name: &str, other: &str) -> bool {
        let Some(drawn) = self.crates.get(name) else { return false };
        let is_frame = self.is_room(name) && self.frame.iter().any(|f| f == other);
        is_frame || drawn.uses.iter().any(|u| u == other || u == ANY)
    }

    /// May the tests of `name` use `other`?
    pub fn allows_in_tests(&self, name: &str, other: &str) -> bool {
        self.allows(name, other) || self.crates.get(name).is_some_and(|drawn| drawn.tests.iter().any(|t| t == other))
    }

    /// May `name` name the outside crate? Those without a key are open to all.
    pub fn has_key(&self, name: &str, outside: &str) -> bool {
        let Some(holders) = self.keys.get(outside) else { return true };
        holders.iter().any(|h| h == name || (h == ROOMS && self.is_room(name)))
    }
}

fn section<'a>(table: &'a Table, name: &str) -> Result<&'a Table> {
    table.get(name).and_then(Value::as_table).ok_or_else(|| format!("architecture.toml has no [{name}]"))
}

fn texts(table: &Table, name: &str) -> Result<Vec<String>> {
    let list = table.get(name).and_then(Value::as_array).ok_or_else(|| format!("architecture.toml: {name} is no list"))?;
    list.iter().map(|v| in_words(v, name)).collect()
}

fn in_words(value: &Value, of: impl std::fmt::Display) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("architecture.toml: {of} holds something that is no text"))
}
