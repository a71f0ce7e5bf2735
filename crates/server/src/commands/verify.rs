//! `weft verify`: our figures against somebody else's.

use anyhow::bail;
use serde_json::json;

use weft_experiments::Check;
use weft_linkage::metrics::Scratch;

use super::Common;

/// String comparators, which stand on a floor that knows no checks.
fn comparators() -> Vec<Check> {
    let mut scratch = Scratch::default();
    let table = "Winkler 1999, The State of Record Linkage and Current Research Problems, table 6";
    [("shackleford", "shackelford", 0.982), ("nichleson", "nichulson", 0.956), ("jones", "johnson", 0.832), ("massey", "massie", 0.933), ("abroms", "abrams", 0.922)]
        .map(|(a, b, expected)| Check::of(format!("jaro_winkler {a} {b}"), table, expected, Some(scratch.jaro_winkler(a, b)), 6e-4))
        .into()
}

pub fn run(common: &Common) -> anyhow::Result<()> {
    let mut checks = weft_experiments::verify();
    checks.extend(weft_models::verify());
    checks.extend(comparators());
    let mut wrong = 0;
    for c in &checks {
        wrong += usize::from(!c.ok);
        if common.json {
            println!("{}", json!({"name": c.name, "source": c.source, "expected": c.expected, "got": c.got, "tolerance": c.tolerance, "ok": c.ok}));
        } else {
            let within = if c.tolerance > 0.0 { format!(" ± {}", c.tolerance) } else { String::new() };
            println!("{} {}: {} (expected {}{within}; {})", if c.ok { "✓" } else { "✗" }, c.name, c.got.map_or_else(|| "nothing".into(), |g| g.to_string()), c.expected, c.source);
        }
    }
    if wrong > 0 {
        bail!("{wrong} of {} figures differ", checks.len());
    }
    if !common.json {
        println!("{} figures agree", checks.len());
    }
    Ok(())
}
