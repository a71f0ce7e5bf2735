//! Guard rails: identifiers that identify nobody, and joins that would make one person of many.

use std::collections::BTreeMap;

use weft_profile_kv::Read;

use crate::graph::identifiers;
use crate::kernel::{Atom, EventKind, Identifier, Result, WorkspaceId, event::id_types};

/// Values that clients send when they have no value.
const EMPTY_HANDED: [&str; 14] = [
    "null", "undefined", "none", "nil", "nan", "0", "-1", "unknown", "anonymous", "guest", "test", "true", "false", "[object object]",
];

const MAX_IDENTIFIERS: usize = 200;
const MAX_VALUE_BYTES: usize = 512;

/// Does the value stand for anybody at all?
pub(crate) fn identifies(id: &Identifier) -> bool {
    let value = id.value.trim();
    let zeros = value.bytes().all(|b| b == b'0' || b == b'-');
    !value.is_empty() && value.len() <= MAX_VALUE_BYTES && !zeros && !EMPTY_HANDED.contains(&value.to_lowercase().as_str())
}

/// How many identifiers of a type one person may have. A login is one; what lives on devices is many.
fn most(id_type: &str, kind: EventKind) -> usize {
    match (id_type, kind) {
        // Somebody says on purpose that two accounts are one person.
        (id_types::USER, EventKind::Alias) => 5,
        (id_types::USER, _) => 1,
        ("unionid" | "member_id", _) => 1,
        _ => 50,
    }
}

/// Why two people must not be joined, if there is a reason.
pub(crate) fn objection(read: &dyn Read, workspace: WorkspaceId, a: Atom, b: Atom, kind: EventKind) -> Result<Option<String>> {
    let mut all = identifiers(read, workspace, a)?;
    all.extend(identifiers(read, workspace, b)?);
    if all.len() > MAX_IDENTIFIERS {
        return Ok(Some(format!("too_many_identifiers:{MAX_IDENTIFIERS}")));
    }
    let mut per_type: BTreeMap<&str, usize> = BTreeMap::new();
    for known in &all {
        *per_type.entry(&known.identifier.id_type).or_default() += 1;
    }
    Ok(per_type.into_iter().find(|(t, n)| *n > most(t, kind)).map(|(t, _)| format!("too_many_of_type:{t}")))
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
