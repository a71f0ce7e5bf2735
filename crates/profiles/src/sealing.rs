//! What is sensitive is sealed where it comes in, so that neither the log, nor the lake, nor the state has it in clear.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use weft_event_pipeline::FrontDoor;
use weft_profile_kv::StateStore;

use crate::kernel::{Control, Event, EventKind, Millis, Record, Result, Vault, WorkspaceId};
use crate::rules::{TraitRules, all_trait_rules};

/// How the log writes that an event tells traits.
const TRAITS: &[u8] = br#""tr":"#;

/// The front door of a house that has sensitive traits: seals their values before they are written.
pub struct SealingDoor {
    door: Arc<dyn FrontDoor>,
    state: Arc<dyn StateStore>,
}

impl SealingDoor {
    pub fn before(door: Arc<dyn FrontDoor>, state: Arc<dyn StateStore>) -> Self {
        Self { door, state }
    }

    /// Rules of the workspaces that have sensitive traits; mostly none, and then nothing is looked at.
    fn sensitive(&self) -> Result<BTreeMap<WorkspaceId, TraitRules>> {
        let mut rules = all_trait_rules(&*self.state)?;
        rules.retain(|_, rules| rules.has_sensitive());
        Ok(rules)
    }

    fn sealed(&self, record: Bytes, rules: &BTreeMap<WorkspaceId, TraitRules>) -> Result<Bytes> {
        if !record.windows(TRAITS.len()).any(|part| part == TRAITS) {
            return Ok(record);
        }
        let Record::Event(mut event) = Record::decode(&record)? else { return Ok(record) };
        match rules.get(&event.workspace) {
            Some(rules) if seal_event(self.state.vault(), &mut event, rules)? => Ok(Record::Event(event).encode()?.into()),
            _ => Ok(record),
        }
    }
}

#[async_trait]
impl FrontDoor for SealingDoor {
    async fn accept(&self, mut events: Vec<Event>) -> Result<u64> {
        let rules = self.sensitive()?;
        for event in &mut events {
            if let Some(rules) = rules.get(&event.workspace) {
                seal_event(self.state.vault(), event, rules)?;
            }
        }
        self.door.accept(events).await
    }
    async fn control(&self, control: Control) -> Result<u64> {
        self.door.control(control).await
    }
    async fn append(&self, mut records: Vec<Bytes>) -> Result<u64> {
        let rules = self.sensitive()?;
        if !rules.is_empty() {
            records = records.into_iter().map(|record| self.sealed(record, &rules)).collect::<Result<_>>()?;
        }
        self.door.append(records).await
    }
    fn now(&self) -> Millis {
        self.door.now()
    }
}

/// Whether anything had to be sealed.
fn seal_event(vault: &Vault, event: &mut Event, rules: &TraitRules) -> Result<bool> {
    // What is taken away carries no value.
    if !event.kind.changes_profile() || event.kind == EventKind::ProfileUnset {
        return Ok(false);
    }
    let Event { workspace, id, traits, sealed, .. } = event;
    let mut is_new = false;
    for (name, value) in traits.iter_mut().filter(|(name, _)| rules.is_sensitive(name)) {
        if !sealed.contains(name) {
            *value = vault.seal(*workspace, name, id, value)?.into();
            sealed.push(name.clone());
            is_new = true;
        }
    }
    Ok(is_new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::SourceId;
    use crate::rules::TraitRule;

    fn rules() -> TraitRules {
        TraitRules { traits: [("income".to_owned(), TraitRule { is_sensitive: true, ..TraitRule::default() })].into() }
    }
    fn told(kind: EventKind) -> Event {
        let event = Event::track(WorkspaceId(1), SourceId::from("src_a"), "e1", "identify", Millis(1));
        Event { kind, ..event }.with_trait("income", 9_000).with_trait("city", "上海")
    }

    #[test]
    fn only_what_is_sensitive_is_sealed_and_once() {
        let vault = Vault::new([1; 32]);
        let mut event = told(EventKind::Identify);
        assert!(seal_event(&vault, &mut event, &rules()).unwrap());
        assert_eq!((event.traits["city"].as_str(), event.sealed.as_slice()), (Some("上海"), ["income".to_owned()].as_slice()));
        let sealed = event.traits["income"].as_str().unwrap().to_owned();
        assert_eq!(vault.open(WorkspaceId(1), "income", &sealed).unwrap(), 9_000);
        assert!(!seal_event(&vault, &mut event, &rules()).unwrap());
        assert_eq!(event.traits["income"], *sealed);
    }

    #[test]
    fn things_and_what_is_taken_away_have_nothing_to_seal() {
        for kind in [EventKind::ThingSet, EventKind::Group, EventKind::Track, EventKind::ProfileUnset] {
            let mut event = told(kind);
            assert!(!seal_event(&Vault::default(), &mut event, &rules()).unwrap());
            assert_eq!(event, told(kind));
        }
    }
}
