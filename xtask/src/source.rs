//! Sources as the checks read them: without tests, and with the texts in them.

use std::path::{Path, PathBuf};

use crate::{Result, read};

/// Files of `src` that only tests use.
const FOR_TESTS: [&str; 4] = ["tests.rs", "testing.rs", "promises.rs", "stand_in.rs"];
/// Never looked into.
pub const ELSEWHERE: [&str; 7] = [".git", "target", "node_modules", "dist", "__pycache__", "weft-data", "test-results"];

/// All files below a folder, sorted, without those of `ELSEWHERE`.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_file() {
                found.push(path);
            } else if kind.is_dir() && !ELSEWHERE.iter().any(|name| path.ends_with(name)) {
                todo.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

pub fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| wanted.contains(&e))
}

/// A file's path as the house speaks of it.
pub fn from_root(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// The Rust sources of every crate, without what only tests use: (path from the root, text).
pub fn of_crates(root: &Path) -> Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    for path in files(&root.join("crates"))? {
        let name = from_root(root, &path);
        let is_source = has_extension(&path, &["rs"]) && name.split('/').nth(2) == Some("src");
        if is_source && !FOR_TESTS.iter().any(|f| path.ends_with(f)) {
            sources.push((name, without_tests(&read(&path)?).to_owned()));
        }
    }
    Ok(sources)
}

/// Tests stand at the end of a file.
fn without_tests(text: &str) -> &str {
    let end = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\nmod test {"].iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}

/// Every text literal on a line, roughly: what stands between two plain quotation marks, after what stood before it.
pub fn literals(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts: Vec<&str> = line.split('"').collect();
    let pairs: Vec<(&str, &str)> = parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_left_out() {
        assert_eq!(without_tests("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n"), "fn a() {}\n");
        assert_eq!(without_tests("fn a() {}\n"), "fn a() {}\n");
    }

    #[test]
    fn literals_are_found_on_a_line() {
        assert_eq!(literals(r#"x("a.b", 1, "c")"#).collect::<Vec<_>>(), [("x(", "a.b"), (", 1, ", "c")]);
        assert_eq!(literals("none").count(), 0);
    }
}
