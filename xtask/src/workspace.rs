//! The house as it is built: the crates and what each one's `Cargo.toml` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::{Table, Value};

use crate::{Result, read};

const OURS: &str = "weft-";

#[derive(Debug, Default)]
pub struct Crate {
    pub package: String,
    pub description: String,
    /// Folders of our crates that it is built with.
    pub uses: BTreeSet<String>,
    /// Folders of our crates that only its tests are built with.
    pub tests: BTreeSet<String>,
    /// Crates of the world.
    pub outside: BTreeSet<String>,
}

impl Crate {
    fn add(&mut self, name: &str, kind: &str) {
        match name.strip_prefix(OURS) {
            Some(_) if name == self.package => {}
            Some(ours) if kind == "dev-dependencies" => drop(self.tests.insert(ours.to_owned())),
            Some(ours) => drop(self.uses.insert(ours.to_owned())),
            None => drop(self.outside.insert(name.to_owned())),
        }
    }
    /// All of ours that it knows in any way.
    pub fn knows(&self) -> impl Iterator<Item = &String> {
        self.uses.iter().chain(&self.tests)
    }
}

/// Folder in `crates/` → what stands there.
pub fn crates(root: &Path) -> Result<BTreeMap<String, Crate>> {
    let mut found = BTreeMap::new();
    for name in folders(&root.join("crates"))? {
        let built = of(&read(&root.join("crates").join(&name).join("Cargo.toml"))?).map_err(|e| format!("crates/{name}/Cargo.toml: {e}"))?;
        found.insert(name, built);
    }
    Ok(found)
}

fn folders(path: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut names: Vec<String> =
        entries.flatten().filter(|e| e.path().join("Cargo.toml").is_file()).filter_map(|e| e.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

fn of(text: &str) -> Result<Crate> {
    let table: Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
    let package = table.get("package").and_then(Value::as_table).ok_or("it has no [package]")?;
    let field = |name: &str| package.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut built = Crate { package: field("name"), description: field("description"), ..Crate::default() };
    let mut sections = vec![&table];
    sections.extend(table.get("target").and_then(Value::as_table).into_iter().flat_map(|t| t.values()).filter_map(Value::as_table));
    for section in sections {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (key, value) in section.get(kind).and_then(Value::as_table).into_iter().flatten() {
                // A crate may be renamed where it is used.
                built.add(value.get("package").and_then(Value::as_str).unwrap_or(key), kind);
            }
        }
    }
    built.tests.retain(|name| !built.uses.contains(name));
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_dependency_counts_once() {
        let built = of(
            "[package]\nname = \"weft-a\"\ndescription = \"A.\"\n[dependencies]\nweft-b = { path = \"../b\" }\nserde = \"1\"\n\
             [dev-dependencies]\nweft-a = { path = \".\" }\nweft-c = { path = \"../c\" }\nweft-b = { path = \"../b\" }\n\
             [build-dependencies]\nother = { package = \"cc\", version = \"1\" }\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n",
        )
        .unwrap();
        assert_eq!(built.uses.iter().collect::<Vec<_>>(), ["b"]);
        assert_eq!(built.tests.iter().collect::<Vec<_>>(), ["c"]);
        assert_eq!(built.outside.iter().collect::<Vec<_>>(), ["cc", "libc", "serde"]);
    }
}
