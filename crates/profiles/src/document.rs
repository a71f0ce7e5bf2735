//! The document of a person: her traits, each with where it came from, folded from what was told of her.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Atom, EventKind, Millis, Result, Vault, WorkspaceId, money};
use crate::rules::{TraitRules, trait_rules};

/// root → document
const PROFILES: &str = "profiles";
/// atom, position → what was told; the document is a fold of these
const TOLD: &str = "traits_told";
/// names of traits
const NAMES: &str = "traits_named";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraitValue {
    #[serde(rename = "v")]
    pub value: Value,
    #[serde(rename = "t", with = "as_number")]
    pub ts: Millis,
    #[serde(rename = "s")]
    pub source: String,
    /// On the disk: the value is what the vault made of it.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    is_sealed: bool,
}

impl TraitValue {
    fn new(value: Value, ts: Millis, source: String) -> Self {
        Self { value, ts, source, is_sealed: false }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// A removed trait stays as null, so that an older value that comes late does not raise it again.
    pub traits: BTreeMap<String, TraitValue>,
}

/// One telling: an identify, or one of the profile calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    #[serde(rename = "k")]
    pub kind: EventKind,
    #[serde(rename = "t", with = "as_number")]
    pub ts: Millis,
    #[serde(rename = "s")]
    pub source: String,
    #[serde(rename = "tr")]
    pub traits: Map<String, Value>,
    /// Names of the traits whose values stand here sealed: in an event, and on the disk.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<String>,
}

impl Told {
    pub(crate) fn opened(mut self, vault: &Vault, workspace: WorkspaceId) -> Result<Self> {
        for name in std::mem::take(&mut self.sealed) {
            if let Some(value) = self.traits.get_mut(&name) {
                *value = vault.open(workspace, &name, value.as_str().unwrap_or_default())?;
            }
        }
        Ok(self)
    }

    /// As it may stand on the disk.
    fn sealed(mut self, vault: &Vault, workspace: WorkspaceId, salt: &str, rules: &TraitRules) -> Result<Self> {
        for (name, value) in self.traits.iter_mut().filter(|(name, _)| rules.is_sensitive(name)) {
            *value = vault.seal(workspace, name, salt, value)?.into();
            self.sealed.push(name.clone());
        }
        Ok(self)
    }
}

impl Document {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.traits.get(name).map(|t| &t.value).filter(|v| !v.is_null())
    }

    /// Traits as they stand, without the removed ones.
    pub fn present(&self) -> impl Iterator<Item = (&String, &TraitValue)> {
        self.traits.iter().filter(|(_, t)| !t.value.is_null())
    }

    fn opened(mut self, vault: &Vault, workspace: WorkspaceId) -> Result<Self> {
        for (name, told) in self.traits.iter_mut().filter(|(_, told)| told.is_sealed) {
            told.value = vault.open(workspace, name, told.value.as_str().unwrap_or_default())?;
            told.is_sealed = false;
        }
        Ok(self)
    }

    /// As it may stand on the disk. A trait that was taken away is known to be away.
    fn sealed(mut self, vault: &Vault, workspace: WorkspaceId, salt: &str, rules: &TraitRules) -> Result<Self> {
        for (name, told) in self.traits.iter_mut().filter(|(name, told)| rules.is_sensitive(name) && !told.value.is_null()) {
            told.value = vault.seal(workspace, name, salt, &told.value)?.into();
            told.is_sealed = true;
        }
        Ok(self)
    }

    /// Leaves out what is sensitive.
    pub(crate) fn hide(&mut self, rules: &TraitRules) {
        self.traits.retain(|name, _| !rules.is_sensitive(name));
    }

    /// Names of what changed.
    pub(crate) fn fold(&mut self, told: &Told, rules: &TraitRules) -> Vec<String> {
        let mut changed = Vec::new();
        if told.kind == EventKind::ProfileDelete {
            let names: Vec<String> = self.present().map(|(n, _)| n.clone()).collect();
            for name in names {
                self.set(&name, Value::Null, told, rules, &mut changed);
            }
            return changed;
        }
        for (name, value) in &told.traits {
            match told.kind {
                EventKind::ProfileSetOnce if self.get(name).is_some() => {}
                EventKind::ProfileIncrement => self.increment(name, value, told, rules, &mut changed),
                EventKind::ProfileAppend => self.append(name, value, told, rules, &mut changed),
                EventKind::ProfileUnset => self.set(name, Value::Null, told, rules, &mut changed),
                _ => self.set(name, value.clone(), told, rules, &mut changed),
            }
        }
        changed
    }

    /// The source whose word counts more wins; of equals the later telling, by the time it happened, and then by its place in the log.
    fn set(&mut self, name: &str, value: Value, told: &Told, rules: &TraitRules, changed: &mut Vec<String>) {
        let stands = self.traits.get(name);
        let outweighed = |s: &TraitValue| {
            let (hers, new) = (rules.rank(name, &s.source), rules.rank(name, &told.source));
            hers < new || (hers == new && s.ts > told.ts)
        };
        if stands.is_some_and(outweighed) {
            return;
        }
        if stands.map(|s| &s.value) != Some(&value) && !(stands.is_none() && value.is_null()) {
            changed.push(name.to_owned());
        }
        if stands.is_some() || !value.is_null() {
            self.traits.insert(name.to_owned(), TraitValue::new(value, told.ts, told.source.clone()));
        }
    }

    /// Whose word the whole is, when something is added to it.
    fn weightier(&self, name: &str, told: &Told, rules: &TraitRules) -> String {
        let stands = self.traits.get(name).map(|t| &t.source).filter(|s| rules.rank(name, s) < rules.rank(name, &told.source));
        stands.unwrap_or(&told.source).clone()
    }

    /// Sums do not care for order, so a late one counts too.
    fn increment(&mut self, name: &str, by: &Value, told: &Told, rules: &TraitRules, changed: &mut Vec<String>) {
        let Some(by) = money::decimal(by) else { return };
        let before = self.get(name).and_then(money::decimal).unwrap_or(Decimal::ZERO);
        let ts = self.traits.get(name).map_or(told.ts, |t| t.ts.max(told.ts));
        let value = number(before.saturating_add(by));
        let source = self.weightier(name, told, rules);
        self.traits.insert(name.to_owned(), TraitValue::new(value, ts, source));
        changed.push(name.to_owned());
    }

    fn append(&mut self, name: &str, more: &Value, told: &Told, rules: &TraitRules, changed: &mut Vec<String>) {
        let mut list = match self.get(name) {
            Some(Value::Array(list)) => list.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let before = list.len();
        let more = match more {
            Value::Array(many) => many.clone(),
            one => vec![one.clone()],
        };
        for value in more {
            if !list.contains(&value) {
                list.push(value);
            }
        }
        if list.len() > before {
            let ts = self.traits.get(name).map_or(told.ts, |t| t.ts.max(told.ts));
            let source = self.weightier(name, told, rules);
            self.traits.insert(name.to_owned(), TraitValue::new(Value::Array(list), ts, source));
            changed.push(name.to_owned());
        }
    }
}

fn number(value: Decimal) -> Value {
    let text = value.normalize().to_string();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn key(workspace: WorkspaceId, atom: Atom) -> Key {
    Key::of(workspace).atom(atom)
}

/// The document of a person; empty when nothing was told of her.
pub fn document(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Document> {
    stored(read, workspace, person)?.opened(read.vault(), workspace)
}

fn stored(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Document> {
    Ok(read.get(PROFILES, key(workspace, person).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, person: Atom, document: Document, rules: &TraitRules) -> Result<()> {
    let sealed = document.sealed(work.vault(), workspace, &person.to_string(), rules)?;
    work.put(PROFILES, key(workspace, person), serde_json::to_vec(&sealed)?);
    Ok(())
}

/// Seals what these rules call sensitive and opens what they do not, of one who is not told of anew.
pub(crate) fn reseal(work: &mut Work, workspace: WorkspaceId, person: Atom, atoms: &[Atom], rules: &TraitRules) -> Result<()> {
    let is_otherwise = |(name, told): (&String, &TraitValue)| told.is_sealed != (rules.is_sensitive(name) && !told.value.is_null());
    if stored(work, workspace, person)?.traits.iter().any(is_otherwise) {
        let document = document(work, workspace, person)?;
        put(work, workspace, person, document, rules)?;
    }
    for atom in atoms {
        for (position, told) in told_of(work, workspace, *atom)? {
            let sensitive = |name: &&String| rules.is_sensitive(name);
            if !told.traits.keys().filter(sensitive).eq(told.sealed.iter()) {
                let told = told.opened(work.vault(), workspace)?;
                write_down(work, workspace, *atom, position, told, rules)?;
            }
        }
    }
    Ok(())
}

pub(crate) fn remove(work: &mut Work, workspace: WorkspaceId, person: Atom) {
    work.delete(PROFILES, key(workspace, person));
}

fn write_down(work: &mut Work, workspace: WorkspaceId, atom: Atom, position: u64, told: Told, rules: &TraitRules) -> Result<()> {
    let sealed = told.sealed(work.vault(), workspace, &format!("{atom}/{position}"), rules)?;
    work.put(TOLD, key(workspace, atom).u64(position), serde_json::to_vec(&sealed)?);
    Ok(())
}

pub(crate) fn tell(work: &mut Work, workspace: WorkspaceId, atom: Atom, position: u64, told: &Told, rules: &TraitRules) -> Result<()> {
    write_down(work, workspace, atom, position, told.clone(), rules)?;
    for name in told.traits.keys() {
        let key = Key::of(workspace).text(name);
        if work.get(NAMES, key.as_slice())?.is_none() {
            work.put(NAMES, key, Vec::new());
        }
    }
    Ok(())
}

/// Names of traits that were ever told of anybody.
pub fn trait_names(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<String>> {
    let mut names = Vec::new();
    read.scan_prefix(NAMES, Key::of(workspace).as_slice(), &mut |key, _| {
        names.extend(Parts(&key[4..]).text());
        Ok(true)
    })?;
    Ok(names)
}

/// Everything told of these atoms, in the order of the log.
pub(crate) fn tellings(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom]) -> Result<Vec<(u64, Told)>> {
    let mut all: Vec<(u64, Told)> = Vec::new();
    for atom in atoms {
        for (position, told) in told_of(read, workspace, *atom)? {
            all.push((position, told.opened(read.vault(), workspace)?));
        }
    }
    all.sort_by_key(|(position, _)| *position);
    Ok(all)
}

/// What was told of one, as it stands on the disk.
fn told_of(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<Vec<(u64, Told)>> {
    let mut all = Vec::new();
    read.scan_prefix(TOLD, key(workspace, atom).as_slice(), &mut |raw, value| {
        let position = raw.get(8..16).and_then(|b| b.try_into().ok()).map_or(0, u64::from_be_bytes);
        all.push((position, serde_json::from_slice(value)?));
        Ok(true)
    })?;
    Ok(all)
}

/// The document made anew from everything told of these atoms.
pub(crate) fn refold(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom]) -> Result<Document> {
    let rules = trait_rules(read, workspace)?;
    let mut document = Document::default();
    for (_, told) in &tellings(read, workspace, atoms)? {
        document.fold(told, &rules);
    }
    Ok(document)
}

/// The document without what is sensitive: for pictures and tables that show many people.
pub fn open_document(read: &dyn Read, workspace: WorkspaceId, person: Atom) -> Result<Document> {
    let rules = trait_rules(read, workspace)?;
    let mut document = document(read, workspace, person)?;
    document.hide(&rules);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(kind: EventKind, ts: i64, traits: Value) -> Told {
        Told { kind, ts: Millis(ts), source: "s".into(), traits: traits.as_object().cloned().unwrap_or_default(), sealed: Vec::new() }
    }

    #[test]
    fn what_happened_later_wins_even_if_told_earlier() {
        let mut d = Document::default();
        d.fold(&told(EventKind::Identify, 20, json!({"city": "上海"})), &TraitRules::default());
        assert!(d.fold(&told(EventKind::Identify, 10, json!({"city": "杭州", "age": 3})), &TraitRules::default()).contains(&"age".to_owned()));
        assert_eq!(d.get("city"), Some(&json!("上海")));
    }

    #[test]
    fn the_source_whose_word_counts_more_wins_whenever_it_spoke() {
        let rule = crate::rules::TraitRule { sources: vec!["crm".into()], is_sensitive: false };
        let rules = TraitRules { traits: [("city".to_owned(), rule)].into() };
        let says = |source: &str, ts: i64, city: &str| Told { source: source.into(), ..told(EventKind::Identify, ts, json!({"city": city, "age": ts})) };
        let (web, crm, late, newer) = (says("web", 30, "杭州"), says("crm", 10, "上海"), says("crm", 5, "北京"), says("crm", 40, "广州"));
        let mut d = Document::default();
        for told in [&web, &crm, &late, &web] {
            d.fold(told, &rules);
        }
        assert_eq!((d.get("city"), d.get("age")), (Some(&json!("上海")), Some(&json!(30))), "only of the trait that is ranked");
        d.fold(&newer, &rules);
        assert_eq!(d.get("city"), Some(&json!("广州")));
    }

    #[test]
    fn the_profile_calls_do_what_their_names_say() {
        let mut d = Document::default();
        d.fold(&told(EventKind::ProfileSetOnce, 1, json!({"first": "a"})), &TraitRules::default());
        d.fold(&told(EventKind::ProfileSetOnce, 2, json!({"first": "b"})), &TraitRules::default());
        d.fold(&told(EventKind::ProfileIncrement, 3, json!({"points": 10})), &TraitRules::default());
        d.fold(&told(EventKind::ProfileIncrement, 2, json!({"points": "0.5"})), &TraitRules::default());
        d.fold(&told(EventKind::ProfileAppend, 4, json!({"tags": ["x", "y"]})), &TraitRules::default());
        d.fold(&told(EventKind::ProfileAppend, 5, json!({"tags": ["y", "z"]})), &TraitRules::default());
        assert_eq!(d.get("first"), Some(&json!("a")));
        assert_eq!(d.get("points"), Some(&json!(10.5)));
        assert_eq!(d.get("tags"), Some(&json!(["x", "y", "z"])));
        d.fold(&told(EventKind::ProfileUnset, 6, json!({"first": true})), &TraitRules::default());
        assert_eq!(d.get("first"), None);
        d.fold(&told(EventKind::ProfileDelete, 7, json!({})), &TraitRules::default());
        assert_eq!(d.present().count(), 0);
        assert!(d.fold(&told(EventKind::ProfileSet, 6, json!({"tags": "late"})), &TraitRules::default()).is_empty());
    }
}
