//! What really comes in: event names, their properties, traits; so that builders can offer them.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Event, Millis, Result, WorkspaceId};
use crate::plan::ValueKind;

const EVENT_NAMES: &str = "event_names";
const PROPERTIES: &str = "event_properties";
const TRAITS: &str = "trait_names";
const MAX_EXAMPLES: usize = 6;
/// A brand has hundreds of names; a fault that puts ids into names has millions.
const MAX_PROPERTIES_PER_EVENT: usize = 200;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventName {
    pub name: String,
    pub count: u64,
    #[schema(value_type = String)]
    pub last_at: Millis,
}

/// A property or a trait, as it was seen used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PropertyUse {
    pub name: String,
    pub kinds: BTreeSet<ValueKind>,
    /// None where it is sensitive.
    pub examples: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sensitive: bool,
}

/// As much of the rules of traits (`profiles`) as matters here.
#[derive(Deserialize)]
pub(crate) struct SensitiveTraits {
    traits: HashMap<String, MaybeSensitive>,
}

#[derive(Deserialize)]
struct MaybeSensitive {
    #[serde(default)]
    is_sensitive: bool,
}

/// Forgets the examples of what became sensitive.
pub(crate) fn withhold_examples(work: &mut Work, workspace: WorkspaceId, rules: &SensitiveTraits) -> Result<()> {
    for mut known in traits(work, workspace)? {
        let is_sensitive = rules.traits.get(&known.name).is_some_and(|rule| rule.is_sensitive);
        if known.is_sensitive != is_sensitive {
            known.withhold(is_sensitive);
            work.put(TRAITS, Key::of(workspace).text(&known.name), serde_json::to_vec(&known)?);
        }
    }
    Ok(())
}

pub(crate) fn count(work: &mut Work, workspace: WorkspaceId, name: &str, at: Millis) -> Result<()> {
    let key = Key::of(workspace).text(name);
    let (before, last) = work.get(EVENT_NAMES, key.as_slice())?.map_or((0, i64::MIN), |v| read_count(&v));
    let mut value = (before + 1).to_be_bytes().to_vec();
    value.extend_from_slice(&last.max(at.0).to_be_bytes());
    work.put(EVENT_NAMES, key, value);
    Ok(())
}

fn read_count(value: &[u8]) -> (u64, i64) {
    let half = |range: std::ops::Range<usize>| value.get(range).and_then(|b| b.try_into().ok()).unwrap_or_default();
    (u64::from_be_bytes(half(0..8)), i64::from_be_bytes(half(8..16)))
}

/// What of the catalogue is known to stand in the state: soon nothing is new, and then nothing need be read.
#[derive(Default)]
pub(crate) struct Familiar {
    uses: HashMap<(&'static str, WorkspaceId), HashMap<String, HashMap<String, PropertyUse>>>,
    count: usize,
}

/// Beyond that it is begun anew; ids in place of names must not fill the memory.
const MOST_FAMILIAR: usize = 50_000;

impl Familiar {
    fn knows(&self, space: &'static str, workspace: WorkspaceId, event: &str, name: &str, kind: ValueKind, value: &Value) -> bool {
        let known = self.uses.get(&(space, workspace)).and_then(|events| events.get(event)?.get(name));
        known.is_some_and(|known| known.kinds.contains(&kind) && known.new_example(value).is_none())
    }

    fn learn(&mut self, space: &'static str, workspace: WorkspaceId, event: &str, known: PropertyUse) {
        if self.count >= MOST_FAMILIAR {
            *self = Self::default();
        }
        let of_event = self.uses.entry((space, workspace)).or_default().entry(event.to_owned()).or_default();
        self.count += usize::from(of_event.insert(known.name.clone(), known).is_none());
    }

    pub fn observe_properties(&mut self, work: &mut Work, workspace: WorkspaceId, event: &str, properties: &Map<String, Value>) -> Result<()> {
        for (name, value) in properties.iter().take(MAX_PROPERTIES_PER_EVENT) {
            self.observe(work, PROPERTIES, workspace, event, name, value)?;
        }
        Ok(())
    }

    pub fn observe_traits(&mut self, work: &mut Work, event: &Event) -> Result<()> {
        for (name, value) in event.traits.iter().take(MAX_PROPERTIES_PER_EVENT) {
            if event.sealed.contains(name) {
                self.observe_sealed(work, event.workspace, name, value)?;
            } else {
                self.observe(work, TRAITS, event.workspace, "", name, value)?;
            }
        }
        Ok(())
    }

    /// Of what is sealed only the kind is learnt.
    fn observe_sealed(&mut self, work: &mut Work, workspace: WorkspaceId, name: &str, sealed: &Value) -> Result<()> {
        let value = work.vault().open(workspace, name, sealed.as_str().unwrap_or_default())?;
        let Some(kind) = ValueKind::of(&value) else { return Ok(()) };
        let key = Key::of(workspace).text(name);
        let mut known = known_use(work, TRAITS, key.as_slice(), name)?;
        let is_new = known.kinds.insert(kind);
        if is_new || !known.is_sensitive {
            known.withhold(true);
            work.put(TRAITS, key, serde_json::to_vec(&known)?);
        }
        Ok(())
    }

    /// Writes only when there is something new to say.
    fn observe(&mut self, work: &mut Work, space: &'static str, workspace: WorkspaceId, event: &str, name: &str, value: &Value) -> Result<()> {
        let Some(kind) = ValueKind::of(value) else { return Ok(()) };
        if self.knows(space, workspace, event, name, kind, value) {
            return Ok(());
        }
        let key = if event.is_empty() { Key::of(workspace) } else { Key::of(workspace).text(event) }.text(name);
        let mut known = known_use(work, space, key.as_slice(), name)?;
        let new_example = known.new_example(value);
        let is_new_kind = known.kinds.insert(kind);
        if is_new_kind || new_example.is_some() {
            known.examples.extend(new_example);
            work.put(space, key, serde_json::to_vec(&known)?);
        } else {
            // Only what was read: what is written here may be taken back with its event.
            self.learn(space, workspace, event, known);
        }
        Ok(())
    }
}

fn known_use(work: &Work, space: &'static str, key: &[u8], name: &str) -> Result<PropertyUse> {
    let known = work.get(space, key)?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
    Ok(known.unwrap_or_else(|| PropertyUse { name: name.to_owned(), ..PropertyUse::default() }))
}

impl PropertyUse {
    fn withhold(&mut self, is_sensitive: bool) {
        self.is_sensitive = is_sensitive;
        if is_sensitive {
            self.examples.clear();
        }
    }

    fn new_example(&self, value: &Value) -> Option<String> {
        if self.is_sensitive || self.examples.len() >= MAX_EXAMPLES {
            return None;
        }
        example_of(value).filter(|example| !self.examples.contains(example))
    }
}

fn example_of(value: &Value) -> Option<String> {
    match value {
        Value::String(s) if s.chars().count() <= 40 => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// All event names, most frequent first.
pub fn event_names(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<EventName>> {
    let mut names = Vec::new();
    read.scan_prefix(EVENT_NAMES, Key::of(workspace).as_slice(), &mut |key, value| {
        let mut parts = Parts(key);
        if let (Some(_), Some(name)) = (parts.u32(), parts.text()) {
            let (count, last) = read_count(value);
            names.push(EventName { name, count, last_at: Millis(last) });
        }
        Ok(true)
    })?;
    names.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    Ok(names)
}

pub fn properties(read: &dyn Read, workspace: WorkspaceId, event: &str) -> Result<Vec<PropertyUse>> {
    list(read, PROPERTIES, Key::of(workspace).text(event))
}

pub fn traits(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<PropertyUse>> {
    list(read, TRAITS, Key::of(workspace))
}

fn list(read: &dyn Read, space: &'static str, prefix: Key) -> Result<Vec<PropertyUse>> {
    let mut found = Vec::new();
    read.scan_prefix(space, prefix.as_slice(), &mut |_, value| {
        found.push(serde_json::from_slice(value)?);
        Ok(true)
    })?;
    Ok(found)
}
