//! No edge that was not drawn, no step up, no cycle, no borrowed key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::plan::Plan;
use crate::workspace::{self, Crate};
use crate::{Findings, Result};

pub fn the_house_stands_as_drawn(root: &Path) -> Result<Findings> {
    Ok(compare(&Plan::read(root)?, &workspace::crates(root)?))
}

pub fn compare(plan: &Plan, built: &BTreeMap<String, Crate>) -> Findings {
    let mut found = Findings::default();
    for (name, krate) in built {
        let Some(drawn) = plan.crates.get(name) else {
            found.wrong(format!("{name} is not in architecture.toml: add its line under [crate]"));
            continue;
        };
        if krate.package != format!("weft-{name}") {
            found.wrong(format!("the package in crates/{name} is called {}: call it weft-{name}", krate.package));
        }
        if !plan.floors.contains_key(&drawn.floor) {
            found.wrong(format!("{name} stands on floor {}, which does not exist", drawn.floor));
        }
        for other in krate.uses.iter().filter(|other| !plan.allows(name, other)) {
            found.wrong(format!("{name} must not know {other}: draw the edge in architecture.toml, or go without"));
        }
        for other in krate.tests.iter().filter(|other| !plan.allows_in_tests(name, other)) {
            found.wrong(format!("the tests of {name} must not know {other}: list it under tests in architecture.toml, or go without"));
        }
        for other in krate.knows() {
            if plan.crates.get(other).is_some_and(|o| o.floor > drawn.floor) {
                found.wrong(format!("{name} reaches up to {other}: let it come back as an event"));
            }
        }
        for outside in &krate.outside {
            if !plan.has_key(name, outside) {
                found.wrong(format!("{name} names {outside}, whose key others hold: use the crate that keeps it"));
            }
        }
    }
    for circle in cycles(built) {
        found.wrong(format!("{circle}: break the circle; what comes back is an event"));
    }
    remarks(plan, built, &mut found);
    found
}

/// A plan may be ahead of the building; a permission that nobody uses may go; one thing has one description.
fn remarks(plan: &Plan, built: &BTreeMap<String, Crate>, found: &mut Findings) {
    let otherwise: Vec<&str> =
        built.iter().filter(|(name, k)| plan.crates.get(*name).is_some_and(|d| d.purpose != k.description)).map(|(name, _)| name.as_str()).collect();
    if !otherwise.is_empty() {
        found.remark(format!("Cargo.toml describes in other words than architecture.toml: {}", otherwise.join(", ")));
    }
    for (name, drawn) in &plan.crates {
        let Some(krate) = built.get(name) else {
            found.remark(format!("{name} is drawn and not built yet"));
            continue;
        };
        for edge in drawn.uses.iter().filter(|u| *u != "*" && !krate.uses.contains(*u)) {
            found.remark(format!("{name} may use {edge} and does not"));
        }
        for edge in drawn.tests.iter().filter(|t| !krate.tests.contains(*t)) {
            found.remark(format!("the tests of {name} may use {edge} and do not"));
        }
    }
}

/// Each circle once, as `a → b → a`.
fn cycles(built: &BTreeMap<String, Crate>) -> BTreeSet<String> {
    let mut circles = BTreeSet::new();
    for start in built.keys() {
        let mut seen = BTreeSet::new();
        let mut ways = vec![vec![start.as_str()]];
        while let Some(way) = ways.pop() {
            let here = way[way.len() - 1];
            for next in built.get(here).into_iter().flat_map(Crate::knows) {
                if next == start && way.iter().min() == Some(&start.as_str()) {
                    circles.insert(format!("{} → {start}", way.join(" → ")));
                } else if seen.insert(next.as_str()) {
                    ways.push([way.as_slice(), &[next.as_str()]].concat());
                }
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWN: &str = "frame = [\"kernel\"]\nadministrators_only = []\n[floor]\n0 = \"ground\"\n4 = \"facts\"\n5 = \"insight\"\n[crate]\n\
        kernel = { floor = 0, uses = [], purpose = \"K.\" }\na = { floor = 4, uses = [], purpose = \"A.\" }\n\
        b = { floor = 5, uses = [\"a\"], purpose = \"B.\" }\n[keys]\nengine = [\"a\"]\n[open_doors]\n";

    fn built(all: &[(&str, &str, &[&str], &[&str])]) -> BTreeMap<String, Crate> {
        let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        all.iter()
            .map(|(name, description, uses, outside)| {
                let krate = Crate { package: format!("weft-{name}"), description: (*description).to_owned(), uses: set(uses), outside: set(outside), ..Crate::default() };
                ((*name).to_owned(), krate)
            })
            .collect()
    }

    fn wrong(all: &[(&str, &str, &[&str], &[&str])]) -> Vec<String> {
        compare(&Plan::parse(DRAWN).unwrap(), &built(all)).wrong
    }

    #[test]
    fn a_house_as_drawn_has_no_faults() {
        let house: [(&str, &str, &[&str], &[&str]); 3] =
            [("kernel", "K.", &[], &[]), ("a", "A.", &["kernel"], &["engine"]), ("b", "B.", &["a", "kernel"], &["serde"])];
        assert_eq!(wrong(&house), Vec::<String>::new());
    }

    #[test]
    fn tests_have_edges_of_their_own() {
        let mut house = built(&[("kernel", "K.", &[], &[]), ("a", "A.", &["kernel"], &[])]);
        if let Some(a) = house.get_mut("a") {
            a.tests.insert("other".to_owned());
        }
        let mut plan = Plan::parse(DRAWN).unwrap();
        assert!(compare(&plan, &house).wrong[0].contains("the tests of a must not know other"));
        plan.crates.entry("a".to_owned()).or_default().tests.push("other".to_owned());
        assert_eq!(compare(&plan, &house).wrong, Vec::<String>::new());
    }

    #[test]
    fn each_fault_says_what_to_do() {
        assert!(wrong(&[("c", "C.", &[], &[])])[0].contains("add its line"));
        assert!(wrong(&[("b", "B.", &["kernel", "a"], &["engine"])])[0].contains("whose key others hold"));
        assert_eq!(wrong(&[("a", "Another sentence.", &[], &[])]), Vec::<String>::new());
        let up = wrong(&[("a", "A.", &["b"], &[]), ("b", "B.", &["a"], &[])]);
        assert!(up.iter().any(|l| l.contains("a must not know b")), "{up:?}");
        assert!(up.iter().any(|l| l.contains("reaches up")), "{up:?}");
        assert_eq!(up.iter().filter(|l| l.contains("a → b → a")).count(), 1, "{up:?}");
    }
}
