//! The types of things a workspace has, and how events name things of each.

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Error, Result, WorkspaceId};
use crate::thing::State;

/// type → settings
const TYPES: &str = "catalog_types";
/// type → how many are described, seen, archived
const COUNTS: &str = "catalog_counts";

/// Types that everybody has.
const READY: [&str; 4] = ["goods", "store", "coupon", "article"];
/// Words that stand at the place of a type in addresses.
const RESERVED: [&str; 2] = ["types", "tags"];
const LONGEST: usize = 40;
pub(crate) const MOST_TYPES: usize = 50;
const MOST_PROPERTIES: usize = 10;

/// How events name things of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CatalogTypeSettings)]
pub struct Settings {
    /// What people read; the word itself where it is empty.
    #[serde(default)]
    pub title: String,
    /// Properties of events that hold an id; the first that is there counts.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Properties that hold a list of lines, each with such an id: what an order consists of.
    #[serde(default)]
    pub lists: Vec<String>,
    /// Properties that hold what an event is worth, where the thing has no price in it.
    #[serde(default)]
    pub amounts: Vec<String>,
    /// Events may describe things of this type, too.
    #[serde(default = "yes")]
    pub is_told_by_events: bool,
}

fn yes() -> bool {
    true
}

impl Settings {
    /// What holds until somebody says otherwise.
    pub fn usual(of: &str) -> Self {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        let (ids, lists, amounts): (Vec<String>, Vec<String>, Vec<String>) = match of {
            "goods" => (words(&["product_id", "sku", "item_id"]), words(&["products", "items"]), Vec::new()),
            "store" => (words(&["store_id", "shop_id"]), Vec::new(), words(&["total", "revenue", "value"])),
            "coupon" => (words(&["coupon_id"]), Vec::new(), words(&["total", "revenue", "value"])),
            other => (vec![format!("{other}_id")], Vec::new(), Vec::new()),
        };
        Self { title: String::new(), ids, lists, amounts, is_told_by_events: true }
    }
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |field: &str, what: &str| Err(Error::invalid("catalog.settings_invalid", format!("{field}: {what}")).field(field, what));
        if self.title.chars().count() > 100 {
            return wrong("title", "at most 100 characters");
        }
        for (field, names) in [("ids", &self.ids), ("lists", &self.lists), ("amounts", &self.amounts)] {
            if names.len() > MOST_PROPERTIES || names.iter().any(|n| n.trim().is_empty() || n.chars().count() > 100) {
                return wrong(field, "at most 10 names of properties, each of 1 to 100 characters");
            }
        }
        Ok(())
    }
}

pub(crate) fn is_word(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    !word.is_empty() && word.chars().count() <= LONGEST && word.chars().all(plain) && !RESERVED.contains(&word)
}

pub(crate) fn check_word(word: &str) -> Result<()> {
    if is_word(word) {
        return Ok(());
    }
    Err(Error::invalid("catalog.type_invalid", "a type is one word of letters, digits, _ and -, at most 40 of them, and not types or tags").field("type", "is no such word"))
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, of: &str, settings: &Settings) -> Result<()> {
    work.put(TYPES, Key::of(workspace).text(of), serde_json::to_vec(settings)?);
    Ok(())
}

pub(crate) fn settings(read: &dyn Read, workspace: WorkspaceId, of: &str) -> Result<Settings> {
    let said = read.get(TYPES, Key::of(workspace).text(of).as_slice())?;
    Ok(said.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_else(|| Settings::usual(of)))
}

/// The word of every type.
pub fn types(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<String>> {
    Ok(all(read, workspace)?.into_iter().map(|(word, _)| word).collect())
}

/// Every type: those everybody has, those somebody spoke of, and those that have things.
pub(crate) fn all(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<(String, Settings)>> {
    let mut names: Vec<String> = READY.iter().map(|r| (*r).to_owned()).collect();
    for space in [TYPES, COUNTS] {
        read.scan_prefix(space, Key::of(workspace).as_slice(), &mut |key, _| {
            names.extend(Parts(&key[4..]).text().filter(|name| !names.contains(name)));
            Ok(true)
        })?;
    }
    names.into_iter().map(|name| Ok((name.clone(), settings(read, workspace, &name)?))).collect()
}

/// How many things of a type there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CatalogTypeCounts)]
pub(crate) struct Counts {
    pub described: u64,
    /// Events name them, and nobody said what they are.
    pub seen: u64,
    pub archived: u64,
}

impl Counts {
    fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Described => &mut self.described,
            State::Seen => &mut self.seen,
            State::Archived => &mut self.archived,
        }
    }
}

pub(crate) fn counts(read: &dyn Read, workspace: WorkspaceId, of: &str) -> Result<Counts> {
    Ok(read.get(COUNTS, Key::of(workspace).text(of).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

/// A thing came, or went from one state to another.
pub(crate) fn moved(work: &mut Work, workspace: WorkspaceId, of: &str, from: Option<State>, to: State) -> Result<()> {
    if from == Some(to) {
        return Ok(());
    }
    let mut counts = counts(work, workspace, of)?;
    if let Some(from) = from {
        let count = counts.of(from);
        *count = count.saturating_sub(1);
    }
    *counts.of(to) += 1;
    work.put(COUNTS, Key::of(workspace).text(of), serde_json::to_vec(&counts)?);
    Ok(())
}
