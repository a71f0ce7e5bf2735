//! `weft verify`: our figures against somebody else's.

use anyhow::bail;
use serde_json::json;

use super::Common;

pub fn run(common: &Common) -> anyhow::Result<()> {
    let checks = weft_experiments::verify();
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
