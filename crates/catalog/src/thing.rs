//! What is known of a thing, how telling changes it, and what was told before.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Error, Millis, Result, WorkspaceId, money};
use crate::types;

/// type, id → thing
const THINGS: &str = "catalog_things";
/// type, id, position → what changed
const CHANGES: &str = "catalog_changes";

const LONGEST_ID: usize = 200;
const LONGEST_NAME: usize = 300;
const LONGEST_TEXT: usize = 2_000;
const LONGEST_MEMBER: usize = 200;
const MOST_MEMBERS: usize = 50;
const MOST_ATTRIBUTES: usize = 100;
/// Changes that are kept of a thing.
const MOST_CHANGES: u32 = 100;
/// Things of a type that are kept although nobody described them: ids in events are anybody's words.
const MOST_SEEN: u64 = 100_000;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thing {
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(rename = "a", default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_described: bool,
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_archived: bool,
    /// When it was told of first and last.
    #[serde(rename = "f", with = "as_number")]
    pub created_at: Millis,
    #[serde(rename = "u", with = "as_number")]
    pub updated_at: Millis,
    #[serde(rename = "c", default)]
    changes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ThingState)]
pub enum State {
    Described,
    /// Events name it, and nobody said what it is.
    Seen,
    Archived,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Described => "described",
            Self::Seen => "seen",
            Self::Archived => "archived",
        }
    }
}

impl Thing {
    pub fn state(&self) -> State {
        match (self.is_archived, self.is_described) {
            (true, _) => State::Archived,
            (_, true) => State::Described,
            _ => State::Seen,
        }
    }
}

/// How what is told stands to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It is this, and nothing of what was known before.
    Replace,
    /// What is named is this, null takes away, the rest stays.
    Merge,
    SetOnce,
    Increment,
    Append,
    Unset,
    Archive,
    Restore,
}

/// What is told of one thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
}

/// What changed, and who told it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    #[serde(with = "as_number")]
    pub at: Millis,
    /// `usr_…`, `key_…` or `src_…`
    pub by: String,
    pub how: How,
    /// Name → before and after; null where there was or is nothing.
    pub fields: BTreeMap<String, [Value; 2]>,
}

pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().count() <= LONGEST_ID && !id.chars().any(char::is_control)
}

fn wrong(field: impl Into<String>, what: &str) -> Error {
    let field = field.into();
    Error::invalid("catalog.thing_invalid", format!("{field}: {what}")).field(field, what)
}

/// Is an attribute as it may be? What it says is what is wrong.
fn fault(name: &str, value: &Value) -> Option<&'static str> {
    let named = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let short = |value: &Value, most: usize| value.as_str().is_none_or(|text| text.chars().count() <= most);
    match value {
        _ if !named => Some("name an attribute by 1 to 100 characters"),
        _ if matches!(name, "id" | "name" | "type") => Some("is the thing's own; give it beside the attributes"),
        Value::Object(_) => Some("an attribute is a text, a number, true, false or a list of these"),
        Value::Array(list) if list.len() > MOST_MEMBERS => Some("a list has at most 50 members"),
        Value::Array(list) if list.iter().any(|m| m.is_array() || m.is_object() || m.is_null() || !short(m, LONGEST_MEMBER)) => {
            Some("members of a list are texts of at most 200 characters, numbers, true or false")
        }
        value if !short(value, LONGEST_TEXT) => Some("a text has at most 2,000 characters"),
        _ => None,
    }
}

impl Told {
    /// All that is wrong with it.
    pub fn check(&self) -> Result<()> {
        if !is_id(&self.id) {
            return Err(Error::invalid("catalog.id_invalid", "an id has 1 to 200 characters").field("id", "1 to 200 characters"));
        }
        if self.name.as_ref().is_some_and(|n| n.chars().count() > LONGEST_NAME) {
            return Err(wrong("name", "at most 300 characters"));
        }
        if self.attributes.len() > MOST_ATTRIBUTES {
            return Err(wrong("attributes", "a thing has at most 100 attributes"));
        }
        self.attributes.iter().find_map(|(name, value)| fault(name, value).map(|what| wrong(format!("attributes.{name}"), what))).map_or(Ok(()), Err)
    }
    /// What an event says; what cannot be kept of it is left out, since nobody is there to be told.
    pub fn of_event(id: &str, mut said: Map<String, Value>) -> Option<Self> {
        let id = id.trim().to_owned();
        let name = said.shift_remove("name").and_then(|n| n.as_str().map(|n| n.trim().chars().take(LONGEST_NAME).collect::<String>()));
        said.retain(|name, value| fault(name, value).is_none());
        is_id(&id).then_some(Self { id, name, attributes: said.into_iter().take(MOST_ATTRIBUTES).collect() })
    }
}

/// The thing as it is once this was told of it.
pub(crate) fn told(before: Option<&Thing>, told: &Told, how: How) -> Thing {
    let mut thing = before.cloned().unwrap_or_default();
    match how {
        How::Archive => {
            thing.is_archived = true;
            return thing;
        }
        How::Replace => {
            thing.name = told.name.clone().unwrap_or_default().trim().to_owned();
            thing.attributes = told.attributes.iter().filter(|(_, v)| !v.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect();
        }
        _ => {
            if let Some(name) = told.name.as_deref().map(str::trim).filter(|n| !n.is_empty())
                && (how == How::Merge || (how == How::SetOnce && thing.name.is_empty()))
            {
                name.clone_into(&mut thing.name);
            }
            for (name, value) in &told.attributes {
                set(&mut thing.attributes, name, value, how);
            }
        }
    }
    // Whatever is told of a thing brings it back.
    thing.is_archived = false;
    thing.is_described |= how != How::Restore;
    thing
}

fn set(attributes: &mut Map<String, Value>, name: &str, value: &Value, how: How) {
    let known = attributes.get(name);
    let after = match (how, known) {
        (How::Unset, _) | (How::Merge, _) if how == How::Unset || value.is_null() => {
            attributes.shift_remove(name);
            return;
        }
        (How::Merge, _) | (How::SetOnce, None) => value.clone(),
        (How::Increment, known) => match sum(known, value) {
            Some(sum) => sum,
            None => return,
        },
        (How::Append, known) => list_with(known, value),
        _ => return,
    };
    if !after.is_null() && (known.is_some() || attributes.len() < MOST_ATTRIBUTES) {
        attributes.insert(name.to_owned(), after);
    }
}

fn sum(known: Option<&Value>, by: &Value) -> Option<Value> {
    let sum = known.map_or(Some(Decimal::ZERO), money::decimal)?.checked_add(money::decimal(by)?)?.normalize().to_string();
    Some(sum.parse::<serde_json::Number>().ok().filter(|n| n.to_string() == sum).map_or(Value::String(sum), Value::Number))
}

/// A list as a set: what is in it already is not put in again.
fn list_with(known: Option<&Value>, more: &Value) -> Value {
    let members = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let mut list = known.map(members).unwrap_or_default();
    for member in members(more) {
        if list.len() < MOST_MEMBERS && !member.is_null() && !list.contains(&member) {
            list.push(member);
        }
    }
    Value::Array(list)
}

fn key(workspace: WorkspaceId, of: &str, id: &str) -> Key {
    Key::of(workspace).text(of).text(id)
}

pub fn get(read: &dyn Read, workspace: WorkspaceId, of: &str, id: &str) -> Result<Option<Thing>> {
    Ok(read.get(THINGS, key(workspace, of, id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// Visits things of a type by id, from one on.
pub fn each(read: &dyn Read, workspace: WorkspaceId, of: &str, from: &str, visit: &mut dyn FnMut(String, Thing) -> Result<bool>) -> Result<()> {
    let prefix = Key::of(workspace).text(of);
    let (begin, end) = (prefix.clone().text(from), after_prefix(prefix.as_slice()));
    read.scan(THINGS, begin.as_slice(), &end, &mut |key, value| match Parts(&key[prefix.as_slice().len()..]).text() {
        Some(id) => visit(id, serde_json::from_slice(value)?),
        None => Ok(true),
    })
}

fn put(work: &mut Work, workspace: WorkspaceId, of: &str, id: &str, thing: &Thing) -> Result<()> {
    work.put(THINGS, key(workspace, of, id), serde_json::to_vec(thing)?);
    Ok(())
}

/// Who tells it, when, and at which place of the log.
pub(crate) struct Teller<'a> {
    pub by: &'a str,
    pub at: Millis,
    pub position: u64,
}

/// Obeys what was told. Says whether that changed anything.
pub(crate) fn tell(work: &mut Work, workspace: WorkspaceId, of: &str, what: &Told, how: How, teller: &Teller) -> Result<bool> {
    let before = get(work, workspace, of, &what.id)?;
    if before.is_none() && matches!(how, How::Archive | How::Restore | How::Unset) {
        return Ok(false);
    }
    let mut after = told(before.as_ref(), what, how);
    if before.as_ref() == Some(&after) {
        return Ok(false);
    }
    let fields = differences(before.as_ref(), &after);
    after.updated_at = teller.at;
    if before.is_none() {
        after.created_at = teller.at;
    }
    types::moved(work, workspace, of, before.as_ref().map(Thing::state), after.state())?;
    let change = Change { at: teller.at, by: teller.by.to_owned(), how, fields };
    let place = key(workspace, of, &what.id).u64(teller.position);
    // One entry of the log says one thing of each.
    if work.get(CHANGES, place.as_slice())?.is_none() {
        after.changes += 1;
    }
    work.put(CHANGES, place, serde_json::to_vec(&change)?);
    if after.changes > MOST_CHANGES {
        forget_oldest_change(work, &key(workspace, of, &what.id))?;
        after.changes = MOST_CHANGES;
    }
    put(work, workspace, of, &what.id, &after)?;
    Ok(true)
}

fn differences(before: Option<&Thing>, after: &Thing) -> BTreeMap<String, [Value; 2]> {
    let nothing = Map::new();
    let known = before.map_or(&nothing, |b| &b.attributes);
    let mut fields = BTreeMap::new();
    for name in known.keys().chain(after.attributes.keys()) {
        let of = |map: &Map<String, Value>| map.get(name).cloned().unwrap_or(Value::Null);
        let pair = [of(known), of(&after.attributes)];
        if pair[0] != pair[1] {
            fields.insert(name.clone(), pair);
        }
    }
    let name = |name: &str| if name.is_empty() { Value::Null } else { name.into() };
    let pair = [name(before.map_or("", |b| &b.name)), name(&after.name)];
    if pair[0] != pair[1] {
        fields.insert("name".into(), pair);
    }
    fields
}

fn forget_oldest_change(work: &mut Work, thing: &Key) -> Result<()> {
    let mut oldest = None;
    work.scan_prefix(CHANGES, thing.as_slice(), &mut |key, _| {
        oldest = Some(key.to_vec());
        Ok(false)
    })?;
    if let Some(oldest) = oldest {
        work.delete(CHANGES, oldest);
    }
    Ok(())
}

/// An event named a thing that nobody had spoken of. False where too many of them are there already.
pub(crate) fn see(work: &mut Work, workspace: WorkspaceId, of: &str, id: &str, at: Millis) -> Result<bool> {
    if get(work, workspace, of, id)?.is_some() {
        return Ok(true);
    }
    if types::counts(work, workspace, of)?.seen >= MOST_SEEN {
        return Ok(false);
    }
    let thing = Thing { created_at: at, updated_at: at, ..Thing::default() };
    types::moved(work, workspace, of, None, thing.state())?;
    put(work, workspace, of, id, &thing)?;
    Ok(true)
}

/// What was told, newest first.
pub(crate) fn changes(read: &dyn Read, workspace: WorkspaceId, of: &str, id: &str) -> Result<Vec<Change>> {
    let thing = key(workspace, of, id);
    let mut changes = Vec::new();
    read.scan_back(CHANGES, thing.as_slice(), &after_prefix(thing.as_slice()), &mut |_, value| {
        changes.push(serde_json::from_slice(value)?);
        Ok(true)
    })?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(attributes: Value) -> Told {
        Told { id: "A".into(), name: None, attributes: attributes.as_object().unwrap().clone() }
    }

    #[test]
    fn telling_means_what_it_says() {
        let first = told(None, &Told { name: Some(" Beans ".into()), ..of(json!({"price": 88, "old": 1, "gone": null})) }, How::Replace);
        assert_eq!((first.name.as_str(), first.attributes.len(), first.state()), ("Beans", 2, State::Described));
        let merged = told(Some(&first), &of(json!({"price": 90, "old": null, "colours": ["red"]})), How::Merge);
        assert_eq!(Value::Object(merged.attributes.clone()), json!({"price": 90, "colours": ["red"]}));
        let once = told(Some(&merged), &of(json!({"price": 1, "brand": "S"})), How::SetOnce);
        assert_eq!((&once.attributes["price"], &once.attributes["brand"]), (&json!(90), &json!("S")));
        let more = told(Some(&once), &of(json!({"price": "0.5", "stock": 3, "brand": 1})), How::Increment);
        assert_eq!((&more.attributes["price"], &more.attributes["stock"], &more.attributes["brand"]), (&json!(90.5), &json!(3), &json!("S")));
        let longer = told(Some(&more), &of(json!({"colours": ["red", "blue"]})), How::Append);
        assert_eq!(longer.attributes["colours"], json!(["red", "blue"]));
        assert!(!told(Some(&longer), &of(json!({"colours": true})), How::Unset).attributes.contains_key("colours"));
        let away = told(Some(&longer), &of(json!({})), How::Archive);
        assert_eq!((away.state(), told(Some(&away), &of(json!({})), How::Restore)), (State::Archived, longer));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_and_left_out_of_events() {
        let wrong = |attributes: Value| of(attributes).check().unwrap_err().fields.into_keys().next().unwrap();
        assert_eq!(wrong(json!({"a": {"b": 1}})), "attributes.a");
        assert_eq!(wrong(json!({"a": vec![1; 51]})), "attributes.a");
        assert_eq!(wrong(json!({"name": "x"})), "attributes.name");
        assert_eq!(wrong(json!({"a": "x".repeat(2_001)})), "attributes.a");
        assert_eq!(Told::default().check().unwrap_err().code, "catalog.id_invalid");
        let said = json!({"name": "Beans", "id": "B", "deep": {"b": 1}, "price": 3});
        let heard = Told::of_event(" A ", said.as_object().unwrap().clone()).unwrap();
        assert_eq!((heard.id.as_str(), heard.name.as_deref(), heard.attributes.len()), ("A", Some("Beans"), 1));
        assert!(Told::of_event("", Map::new()).is_none());
    }
}
