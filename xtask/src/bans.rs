//! What deny.toml bans is not in Cargo.lock, also where cargo-deny is not installed.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use crate::{Findings, Result, read};

pub fn nothing_banned_is_locked(root: &Path) -> Result<Findings> {
    let parse = |name: &str| -> Result<Table> { read(&root.join(name))?.parse().map_err(|e| format!("{name}: {e}")) };
    let (deny, lock) = (parse("deny.toml")?, parse("Cargo.lock")?);
    let banned = names(deny.get("bans").and_then(|b| b.get("deny")), "crate");
    if banned.is_empty() {
        return Err("deny.toml bans nothing: was [bans] deny renamed?".to_owned());
    }
    let locked = names(lock.get("package"), "name");
    let mut found = Findings::default();
    for name in banned.intersection(&locked) {
        found.wrong(format!("{name} is in Cargo.lock and banned by deny.toml: `cargo tree -i {name}` says who brings it in"));
    }
    Ok(found)
}

fn names<'a>(list: Option<&'a Value>, key: &str) -> BTreeSet<&'a str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(|entry| entry.get(key)?.as_str()).collect()
}
