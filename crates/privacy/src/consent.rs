//! What people agreed to, by purpose and channel, remembered under each identifier they said it with.

use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::kernel::time::as_number;
use crate::kernel::{Identifier, Millis, Result, WorkspaceId};

/// (type, value, purpose, channel) → the last word said
const CONSENTS: &str = "consents";

pub const MARKETING: &str = "marketing";
/// Withdrawn, it keeps a person's behaviour out of the house.
pub const TRACKING: &str = "tracking";
/// All channels of a purpose.
pub const ANY: &str = "*";

/// One word said: yes or no, when, and by which event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    pub granted: bool,
    #[serde(with = "as_number")]
    pub at: Millis,
    pub event_id: String,
    pub source: String,
    /// Orders words of the same millisecond.
    #[serde(default)]
    pub position: u64,
}

impl Grant {
    fn order(&self) -> (Millis, u64) {
        (self.at, self.position)
    }
}

/// The last word said on a purpose and a channel; `*` is every channel.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Consent {
    pub purpose: String,
    pub channel: String,
    pub granted: bool,
    #[schema(value_type = String)]
    pub at: Millis,
    pub event_id: String,
    pub source: String,
}

fn prefix(workspace: WorkspaceId, id: &Identifier) -> Key {
    Key::of(workspace).text(&id.id_type).text(&id.value)
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, id: &Identifier, purpose: &str, channel: &str, grant: &Grant) -> Result<()> {
    let key = prefix(workspace, id).text(purpose).text(channel);
    let before: Option<Grant> = work.get(CONSENTS, key.as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?;
    if before.is_none_or(|b| b.order() <= grant.order()) {
        work.put(CONSENTS, key, serde_json::to_vec(grant)?);
    }
    Ok(())
}

fn latest<'a>(grants: impl Iterator<Item = &'a Grant>) -> Option<&'a Grant> {
    grants.max_by_key(|g| g.order())
}

/// The last word over all identifiers of a person, for a purpose on a channel.
/// A word about the channel and a word about all channels count alike: the later one holds.
pub fn decide(read: &dyn Read, workspace: WorkspaceId, ids: &[Identifier], purpose: &str, channel: &str) -> Result<Option<Grant>> {
    let mut grants = Vec::new();
    for id in ids {
        for channel in [channel, ANY] {
            let key = prefix(workspace, id).text(purpose).text(channel);
            if let Some(value) = read.get(CONSENTS, key.as_slice())? {
                grants.push(serde_json::from_slice::<Grant>(&value)?);
            }
        }
    }
    Ok(latest(grants.iter()).cloned())
}

/// Granted, and not withdrawn since. Without a channel: on any channel.
pub fn is_granted(read: &dyn Read, workspace: WorkspaceId, ids: &[Identifier], purpose: &str, channel: Option<&str>) -> Result<bool> {
    match channel {
        Some(channel) => Ok(decide(read, workspace, ids, purpose, channel)?.is_some_and(|g| g.granted)),
        None => {
            let all = consents(read, workspace, ids)?;
            let mut channels: Vec<&str> = all.iter().filter(|c| c.purpose == purpose).map(|c| c.channel.as_str()).collect();
            channels.push(ANY);
            for channel in channels {
                if decide(read, workspace, ids, purpose, channel)?.is_some_and(|g| g.granted) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// Everything a person has said, the last word per purpose and channel.
pub fn consents(read: &dyn Read, workspace: WorkspaceId, ids: &[Identifier]) -> Result<Vec<Consent>> {
    let mut said: std::collections::BTreeMap<(String, String), Grant> = Default::default();
    for id in ids {
        let prefix = prefix(workspace, id);
        read.scan_prefix(CONSENTS, prefix.as_slice(), &mut |key, value| {
            let mut parts = Parts(&key[prefix.0.len()..]);
            if let (Some(purpose), Some(channel)) = (parts.text(), parts.text()) {
                let grant: Grant = serde_json::from_slice(value)?;
                let slot = said.entry((purpose, channel)).or_insert_with(|| grant.clone());
                if slot.order() < grant.order() {
                    *slot = grant;
                }
            }
            Ok(true)
        })?;
    }
    Ok(said
        .into_iter()
        .map(|((purpose, channel), g)| Consent { purpose, channel, granted: g.granted, at: g.at, event_id: g.event_id, source: g.source })
        .collect())
}
