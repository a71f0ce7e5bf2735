//! Every room has a README, and who knows one knows where to look in all.

use std::path::Path;

use crate::{Findings, Result, read, workspace};

/// The parts of a README in their order. Others may stand between them.
const FORM: [&str; 6] = ["Purpose", "Promises", "What is not here", "Follow one", "Words", "Where to start reading"];
/// What every README has.
const ALWAYS: [&str; 3] = ["Purpose", "What is not here", "Where to start reading"];

pub fn every_room_has_a_readme(root: &Path) -> Result<Findings> {
    let mut found = Findings::default();
    for name in workspace::crates(root)?.into_keys() {
        let path = root.join("crates").join(&name).join("README.md");
        if path.is_file() {
            found.wrong.extend(faults(&name, &read(&path)?).into_iter().map(|fault| format!("crates/{name}/README.md {fault}")));
        } else {
            found.wrong(format!("crates/{name} has no README.md: say what it is for, what it promises, what is not there"));
        }
    }
    Ok(found)
}

fn faults(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    if lines.next() != Some(&format!("# {name}")) {
        faults.push(format!("begins with another title: write # {name}"));
    }
    if !lines.next().is_some_and(|l| l.starts_with("**Purpose.**")) {
        faults.push("does not begin with its purpose: write **Purpose.**".to_owned());
    }
    // `**Promises** (one suite):` is a part as well.
    let place = |part: &str| text.find(&format!("\n**{part}"));
    faults.extend(ALWAYS.iter().filter(|part| place(part).is_none()).map(|part| format!("has no part **{part}.**")));
    let there: Vec<(&str, usize)> = FORM.iter().filter_map(|part| Some((*part, place(part)?))).collect();
    for pair in there.windows(2).filter(|pair| pair[0].1 > pair[1].1) {
        faults.push(format!("has {} before {}: keep the order of the other rooms", pair[1].0, pair[0].0));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_kept_and_may_be_widened() {
        let good = "# a\n\n**Purpose.** P.\n\n**What is not here.** W.\n\n**For the hall.** H.\n\n**Where to start reading.** `lib.rs`.\n";
        assert!(faults("a", good).is_empty());
        assert!(faults("b", good)[0].contains("# b"));
        let turned = "# a\n\n**Purpose.** P.\n\n**Words.** W.\n\n**What is not here.** N.\n\n**Where to start reading.** R.\n";
        assert!(faults("a", turned)[0].contains("What is not here before Words") || faults("a", turned)[0].contains("Words before What is not here"));
        assert!(faults("a", "# a\n\n**Purpose.** P.\n").iter().any(|f| f.contains("What is not here")));
    }
}
