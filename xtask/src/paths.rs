//! No file names a place on somebody's machine.

use std::path::Path;

use crate::{Findings, Result, source};

const TEXTS: [&str; 19] =
    ["rs", "toml", "md", "ts", "tsx", "js", "mjs", "cjs", "json", "py", "sh", "css", "html", "yml", "yaml", "txt", "sql", "lock", "svg"];
/// Larger files are data.
const LARGEST: u64 = 1 << 20;
/// Where people keep their things. Put together here, so that this file does not find itself.
const HOMES: [&str; 3] = [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("\\Us", "ers\\")];

pub fn nobody_is_named_by_a_path(root: &Path) -> Result<Findings> {
    let mut found = Findings::default();
    // Whoever checks also knows where she stands: the checkout itself must not be named either.
    let here = root.to_string_lossy().into_owned();
    for path in source::files(root)? {
        let is_text = source::has_extension(&path, &TEXTS) || path.extension().is_none();
        let is_small = path.metadata().is_ok_and(|m| m.len() <= LARGEST);
        // What cannot be read as text is none.
        let Some(text) = (is_text && is_small).then(|| std::fs::read_to_string(&path).ok()).flatten() else { continue };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| names_somebody(line, &here)) {
            let line: String = line.trim().chars().take(80).collect();
            found.wrong(format!("{}:{} names a place on somebody's machine: {line}", source::from_root(root, &path), number + 1));
        }
    }
    Ok(found)
}

fn names_somebody(line: &str, here: &str) -> bool {
    let is_home = |needle: &str| {
        line.match_indices(needle).any(|(at, _)| {
            let begins = !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_' || c == '-');
            begins && line[at + needle.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    };
    HOMES.iter().any(|home| is_home(home)) || is_home(concat!("/ro", "ot/")) || (here.len() > 4 && line.contains(here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_found_and_addresses_are_not() {
        let checkout = concat!("/so", "me/checkout");
        assert!(names_somebody(concat!("see /ho", "me/ann/weft"), checkout));
        assert!(names_somebody(concat!("C:\\Us", "ers\\ann"), checkout));
        assert!(names_somebody(concat!("cd /so", "me/checkout/crates"), checkout));
        assert!(!names_somebody("https://shop.example/home/sale", checkout));
        assert!(!names_somebody("get /home, then $HOME/.cache", checkout));
    }
}
