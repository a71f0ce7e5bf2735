//! What a workspace says of traits: whose word counts, and what is not for everybody's eyes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::{Error, Result, WorkspaceId};

pub(crate) const ROOM: &str = "profiles";
pub(crate) const TRAIT_RULES_DEFINED: &str = "trait_rules_defined";
const RULES: &str = "trait_rules";
const MOST_RULES: usize = 500;
const MOST_SOURCES: usize = 50;

/// Of one trait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitRule {
    /// Sources whose word counts more than that of others, the first most, whenever it was said. Within one the latest counts.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Shown only to who may `people:sensitive`, and sealed on the disk.
    #[serde(default)]
    pub is_sensitive: bool,
}

/// Of all traits that anything is said of, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraitRules {
    pub traits: BTreeMap<String, TraitRule>,
}

impl TraitRules {
    pub fn check(&self) -> Result<()> {
        let wrong = |field: String, what: &'static str| Err(Error::invalid("profiles.trait_rules_invalid", format!("{field}: {what}")).field(field, what));
        if self.traits.len() > MOST_RULES {
            return wrong("traits".into(), "rules for 500 traits at most");
        }
        for (name, rule) in &self.traits {
            if name.trim().is_empty() || name.contains('.') {
                return wrong(format!("traits.{name}"), "name a whole trait, not a part of one");
            }
            let different: std::collections::BTreeSet<&String> = rule.sources.iter().collect();
            if rule.sources.len() > MOST_SOURCES || different.len() != rule.sources.len() {
                return wrong(format!("traits.{name}.sources"), "50 different sources at most");
            }
        }
        Ok(())
    }
    /// Traits that are sensitive here and not there, or the other way round.
    pub(crate) fn hides_differently(&self, other: &Self) -> bool {
        let names = |rules: &Self| rules.traits.iter().filter(|(_, r)| r.is_sensitive).map(|(n, _)| n.clone()).collect::<Vec<_>>();
        names(self) != names(other)
    }
    pub fn is_sensitive(&self, name: &str) -> bool {
        self.traits.get(name).is_some_and(|rule| rule.is_sensitive)
    }
    pub(crate) fn has_sensitive(&self) -> bool {
        self.traits.values().any(|rule| rule.is_sensitive)
    }
    /// The smaller, the more a source's word counts.
    pub(crate) fn rank(&self, name: &str, source: &str) -> usize {
        self.traits.get(name).map_or(0, |rule| rule.sources.iter().position(|s| s == source).unwrap_or(rule.sources.len()))
    }
    /// Traits whose sources are ranked differently here and there.
    pub(crate) fn ranked_differently(&self, other: &Self) -> bool {
        let sources = |rules: &Self| -> BTreeMap<String, Vec<String>> {
            rules.traits.iter().filter(|(_, r)| !r.sources.is_empty()).map(|(n, r)| (n.clone(), r.sources.clone())).collect()
        };
        sources(self) != sources(other)
    }
}

pub fn trait_rules(read: &dyn Read, workspace: WorkspaceId) -> Result<TraitRules> {
    Ok(read.get(RULES, Key::of(workspace).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

/// Of every workspace that has any.
pub(crate) fn all_trait_rules(read: &dyn Read) -> Result<BTreeMap<WorkspaceId, TraitRules>> {
    let mut all = BTreeMap::new();
    read.scan_prefix(RULES, &[], &mut |key, value| {
        if let Some(workspace) = Parts(key).u32() {
            all.insert(WorkspaceId(workspace), serde_json::from_slice(value)?);
        }
        Ok(true)
    })?;
    Ok(all)
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, rules: &TraitRules) -> Result<()> {
    work.put(RULES, Key::of(workspace), serde_json::to_vec(rules)?);
    Ok(())
}
