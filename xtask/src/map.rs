//! The papers tell of what is there: every crate is on the map, every path exists, every name stands in its file.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::plan::Plan;
use crate::{Findings, Result, read, source, workspace};

const MAP: &str = "ARCHITECTURE.md";
const PAPERS: [&str; 5] = ["README.md", MAP, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
/// The table of rooms stands between these two lines.
const BEGIN: &str = "<!-- rooms: written by `cargo run -p xtask -- generate` from architecture.toml -->";
const END: &str = "<!-- end of rooms -->";
/// A path in a paper begins with one of these.
const PLACES: [&str; 8] = ["crates/", "docs/", "web/", "xtask/", "tests/", "scripts/", "fixtures/", ".ci/"];

pub fn the_map_matches_the_land(root: &Path) -> Result<Findings> {
    let mut found = Findings::default();
    let map = read(&root.join(MAP))?;
    if map[place(&map)?] != table(&Plan::read(root)?) {
        found.wrong(format!("the table of rooms in {MAP} is not what architecture.toml says: cargo run -p xtask -- generate"));
    }
    for name in workspace::crates(root)?.into_keys().filter(|name| !map.contains(&format!("`{name}`"))) {
        found.wrong(format!("{MAP} does not mention {name}: draw it in architecture.toml and generate"));
    }
    for paper in papers(root)? {
        let name = source::from_root(root, &paper);
        let folder = paper.parent().unwrap_or(root);
        let text = read(&paper)?;
        for line in prose(&text) {
            for span in line.split('`').skip(1).step_by(2) {
                found.wrong.extend(fault_of_span(root, folder, span).map(|fault| format!("{name}: {fault}")));
            }
            for target in links(line).filter(|target| !folder.join(target).exists()) {
                found.wrong(format!("{name}: the link to {target} leads nowhere"));
            }
        }
    }
    Ok(found)
}

/// Writes the table of rooms into the map.
pub fn generate(root: &Path) -> Result<()> {
    let path = root.join(MAP);
    let fresh = with_table(&read(&path)?, &table(&Plan::read(root)?))?;
    std::fs::write(&path, fresh).map_err(|e| format!("{MAP}: {e}"))
}

fn with_table(text: &str, table: &str) -> Result<String> {
    let place = place(text)?;
    Ok([&text[..place.start], table, &text[place.end..]].concat())
}

/// Where the table stands.
fn place(text: &str) -> Result<Range<usize>> {
    let missing = || format!("{MAP} has no lines {BEGIN} and {END}");
    let start = text.find(BEGIN).ok_or_else(missing)? + BEGIN.len();
    let end = start + text[start..].find(END).ok_or_else(missing)?;
    Ok(start..end)
}

fn table(plan: &Plan) -> String {
    let mut out = String::from("\n| floor | crate | purpose | may use besides the frame |\n|---|---|---|---|\n");
    for (number, floor) in &plan.floors {
        let mut shown = format!("{number} {}", floor.split(':').next().unwrap_or_default().trim());
        for (name, drawn) in plan.crates.iter().filter(|(_, c)| c.floor == *number) {
            let uses = match drawn.uses.as_slice() {
                [] => "–".to_owned(),
                [any] if any == "*" => "all".to_owned(),
                some => some.join(", "),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "| {shown} | `{name}` | {} | {uses} |", drawn.purpose);
            shown.clear();
        }
    }
    out
}

fn papers(root: &Path) -> Result<Vec<PathBuf>> {
    let mut papers: Vec<PathBuf> = PAPERS.iter().map(|name| root.join(name)).collect();
    papers.extend(source::files(&root.join("docs"))?.into_iter().filter(|p| source::has_extension(p, &["md"])));
    papers.extend(workspace::crates(root)?.into_keys().map(|name| root.join("crates").join(name).join("README.md")).filter(|p| p.is_file()));
    Ok(papers)
}

/// Lines outside of fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        is_fenced ^= fence;
        !is_fenced && !fence
    })
}

/// `crates/x/src/y.rs` or `crates/x/src/y.rs::Type::function`, from the root or from the paper's own folder.
fn fault_of_span(root: &Path, folder: &Path, span: &str) -> Option<String> {
    let is_path = PLACES.iter().any(|place| span.starts_with(place)) && !span.contains([' ', '*', '{', '<', '…']) && !span.contains("NNNN");
    if !is_path {
        return None;
    }
    let (path, names) = span.split_once("::").unwrap_or((span, ""));
    let Some(there) = [root.join(path), folder.join(path)].into_iter().find(|p| p.exists()) else {
        return Some(format!("there is no {path}"));
    };
    let text = if names.is_empty() { String::new() } else { std::fs::read_to_string(there).unwrap_or_default() };
    let missing = names.split("::").find(|name| !name.is_empty() && !has_word(&text, name))?;
    Some(format!("{path} has no {missing}"))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// Targets of links within the house, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()).filter(|t| !t.is_empty() && !t.contains("://") && !t.starts_with("mailto:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_the_file_that_is_named() {
        let root = crate::root();
        let fault = |span: &str| fault_of_span(&root, &root, span);
        assert_eq!(fault("xtask/src/map.rs::fault_of_span"), None);
        // Put together, or it would stand in the file.
        assert_eq!(fault(concat!("xtask/src/map.rs::no_such", "_name")), Some(concat!("xtask/src/map.rs has no no_such", "_name").to_owned()));
        assert_eq!(fault("xtask/src/nowhere.rs"), Some("there is no xtask/src/nowhere.rs".to_owned()));
        assert_eq!(fault("docs/decisions/NNNN-title.md"), None);
        assert_eq!(fault("cargo test"), None);
    }

    #[test]
    fn a_table_is_written_into_its_place_and_nowhere_else() {
        let empty = format!("# Title\n\n{BEGIN}\n{END}\nrest\n");
        let once = with_table(&empty, "\n| a |\n").unwrap();
        assert_eq!(once, format!("# Title\n\n{BEGIN}\n| a |\n{END}\nrest\n"));
        assert_eq!(with_table(&once, "\n| a |\n").unwrap(), once);
        assert!(with_table("# Title\n", "").is_err());
    }

    #[test]
    fn links_and_fences_are_told_apart() {
        assert_eq!(links("see [a](docs/a.md#part) and [b](https://x.example/)").collect::<Vec<_>>(), ["docs/a.md"]);
        assert_eq!(prose("a\n```sh\n`docs/no.md`\n```\nb").collect::<Vec<_>>(), ["a", "b"]);
    }
}
