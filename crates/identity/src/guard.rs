//! Guard rails: identifiers that identify nobody, and joins that would make one person of many.

use std::collections::{BTreeMap, BTreeSet};

use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::graph::{Known, between, identifiers};
use crate::kernel::{Atom, EventKind, Identifier, Millis, Result, WorkspaceId};
use crate::settings::Settings;

/// Before the type, in the reason of a refusal.
pub(crate) const TOO_MANY_OF_TYPE: &str = "too_many_of_type:";
pub(crate) const KEPT_APART: &str = "kept_apart";

/// person → minute, links made in it
const RATES: &str = "link_rates";
/// what may be shared, who claimed it → nothing
const CLAIMS: &str = "link_claims";
/// what is shared → nothing
const SHARED: &str = "shared_identifiers";

/// Values that clients send when they have no value.
const EMPTY_HANDED: [&str; 14] = [
    "null", "undefined", "none", "nil", "nan", "0", "-1", "unknown", "anonymous", "guest", "test", "true", "false", "[object object]",
];

const MAX_VALUE_BYTES: usize = 512;

/// Does the value stand for anybody at all?
pub(crate) fn identifies(id: &Identifier) -> bool {
    let value = id.value.trim();
    let zeros = value.bytes().all(|b| b == b'0' || b == b'-');
    !value.is_empty() && value.len() <= MAX_VALUE_BYTES && !zeros && !EMPTY_HANDED.contains(&value.to_lowercase().as_str())
}

/// Why two people must not be joined, if there is a reason.
pub(crate) fn objection(read: &dyn Read, workspace: WorkspaceId, a: Atom, b: Atom, kind: EventKind, settings: &Settings) -> Result<Option<String>> {
    if !between(read, workspace, a, b)?.is_empty() {
        return Ok(Some(KEPT_APART.into()));
    }
    contradiction(read, workspace, a, b, kind, settings)
}

/// The identifiers themselves say that they cannot be one.
pub(crate) fn contradiction(read: &dyn Read, workspace: WorkspaceId, a: Atom, b: Atom, kind: EventKind, settings: &Settings) -> Result<Option<String>> {
    let mut all = identifiers(read, workspace, a)?;
    all.extend(identifiers(read, workspace, b)?);
    Ok(too_many(&all, kind, settings))
}

/// What nobody has so many of.
pub(crate) fn too_many(all: &[Known], kind: EventKind, settings: &Settings) -> Option<String> {
    if all.len() > settings.identifiers_per_person as usize {
        return Some(format!("too_many_identifiers:{}", settings.identifiers_per_person));
    }
    let mut per_type: BTreeMap<&str, u32> = BTreeMap::new();
    for known in all {
        *per_type.entry(&known.identifier.id_type).or_default() += 1;
    }
    per_type.into_iter().find(|(t, n)| *n > settings.per_person(t, kind)).map(|(t, _)| format!("{TOO_MANY_OF_TYPE}{t}"))
}

/// Counts a new link of a person within its minute. False: there were too many.
pub(crate) fn within_rate(work: &mut Work, workspace: WorkspaceId, person: Atom, now: Millis, settings: &Settings) -> Result<bool> {
    let minute = now.0.div_euclid(60_000);
    let key = Key::of(workspace).atom(person);
    let so_far = work.get(RATES, key.as_slice())?.and_then(|v| {
        let mut parts = Parts(&v);
        (parts.time()?.0 == minute).then(|| parts.u32()).flatten()
    });
    let count = so_far.unwrap_or(0) + 1;
    if count > settings.links_per_minute {
        return Ok(false);
    }
    work.put(RATES, key, Key::raw().time(Millis(minute)).u32(count));
    Ok(true)
}

/// Does it belong to nobody, since several people claimed it?
pub(crate) fn is_shared(read: &dyn Read, workspace: WorkspaceId, atom: Atom) -> Result<bool> {
    Ok(read.get(SHARED, Key::of(workspace).atom(atom).as_slice())?.is_some())
}

/// Somebody claims what is another's. True: now so many have that it is shared.
pub(crate) fn claimed(work: &mut Work, workspace: WorkspaceId, what: Atom, owner: Atom, by: Atom, settings: &Settings) -> Result<bool> {
    let mut claimants = BTreeSet::from([owner, by]);
    let prefix = Key::of(workspace).atom(what);
    work.scan_prefix(CLAIMS, prefix.as_slice(), &mut |key, _| {
        claimants.extend(Parts(&key[prefix.0.len()..]).u32());
        Ok(true)
    })?;
    if (claimants.len() as u32) < settings.shared_after {
        work.put(CLAIMS, prefix.atom(by), Vec::new());
        return Ok(false);
    }
    for claimant in claimants {
        work.delete(CLAIMS, prefix.clone().atom(claimant));
    }
    work.put(SHARED, prefix, Vec::new());
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_handed_values_identify_nobody() {
        for value in ["", "  ", "null", "NULL", "0", "00000000-0000-0000-0000-000000000000", "undefined", "[object Object]"] {
            assert!(!identifies(&Identifier::new("user_id", value)), "{value:?}");
        }
        assert!(!identifies(&Identifier::new("user_id", "x".repeat(600))));
        assert!(identifies(&Identifier::new("user_id", "42")));
        assert!(identifies(&Identifier::new("user_id", "张三")));
    }
}
