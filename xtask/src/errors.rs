//! Every error code of the sources has a line in docs/errors.md, and every line there a code in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::{Findings, Result, read, source, workspace};

const PAGE: &str = "docs/errors.md";
/// What stands before the dot of a code and is no crate.
const OTHER_ROOMS: [&str; 4] = ["http", "query", "setup", "plan"];

pub fn every_error_code_is_explained(root: &Path) -> Result<Findings> {
    let mut rooms: BTreeSet<String> = workspace::crates(root)?.into_keys().map(|name| name.replace('-', "_")).collect();
    rooms.extend(OTHER_ROOMS.map(str::to_owned));
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in source::of_crates(root)? {
        for code in in_source(&text, &rooms) {
            codes.entry(code).or_insert_with(|| path.clone());
        }
    }
    let page = read(&root.join(PAGE))?;
    let explained: BTreeSet<&str> = page.lines().filter_map(explained).collect();
    let mut found = Findings::default();
    for (code, path) in codes.iter().filter(|(code, _)| !explained.contains(code.as_str())) {
        found.wrong(format!("{code} ({path}) has no line in {PAGE}: say what it means and what to do"));
    }
    for code in explained.iter().filter(|code| !codes.contains_key(**code)) {
        found.wrong(format!("{code} stands in {PAGE} and in no source: take its line away"));
    }
    Ok(found)
}

/// `room.what_is_wrong` in quotation marks. Failpoints have names of the same form; they stand in a macro of their own.
fn in_source(text: &str, rooms: &BTreeSet<String>) -> Vec<String> {
    let speaks = |line: &&str| !line.contains("point!(") && !line.trim_start().starts_with("//");
    text.lines().filter(speaks).flat_map(|line| in_line(line, rooms)).collect()
}

fn in_line<'a>(line: &'a str, rooms: &'a BTreeSet<String>) -> impl Iterator<Item = String> + 'a {
    source::literals(line).filter_map(move |(before, literal)| code(literal, |room| rooms.contains(room) || makes_an_error(before)))
}

/// `Error::invalid(`, whatever stands in it.
fn makes_an_error(before: &str) -> bool {
    let made = before.rsplit_once("Error::").and_then(|(_, kind)| kind.strip_suffix('('));
    made.is_some_and(|kind| kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

fn code(literal: &str, is_room: impl Fn(&str) -> bool) -> Option<String> {
    // A reason may name what it is about: `plan.missing_property:{missing}`.
    let (code, about) = literal.split_once(':').map_or((literal, None), |(code, about)| (code, Some(about)));
    let (room, what) = code.split_once('.')?;
    let is_word = !what.is_empty() && what.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let is_named = about.is_none_or(|a| a.starts_with('{') && a.ends_with('}'));
    // Names of template variables look the same: `brand.name`.
    (is_word && is_named && is_room(room) && code != "brand.name").then(|| code.to_owned())
}

/// A row of the page: `| `code` | meaning | what to do |`.
fn explained(line: &str) -> Option<&str> {
    let (code, rest) = line.strip_prefix("| `")?.split_once('`')?;
    (rest.matches('|').count() >= 3).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_texts() {
        let rooms = ["collect".to_owned(), "plan".to_owned()].into();
        let text = "Error::invalid(\"collect.too_large\", \"collect.this is no code\");\nfail_point!(\"collect.after\");\n\
                    // \"collect.old\"\nformat!(\"plan.missing_property:{missing}\")\n\"other.thing\"\n\
                    Error::not_found(\"sink.absent\", \"no\")\n";
        assert_eq!(in_source(text, &rooms), ["collect.too_large", "plan.missing_property", "sink.absent"]);
        assert_eq!(explained("| `a.b` | It means. | Do this. |"), Some("a.b"));
        assert_eq!(explained("| `a.b` | It means. |"), None);
    }
}
