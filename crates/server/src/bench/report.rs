//! What a benchmark found, in the form that outsiders rely on.

use serde_json::{Map, Value, json};

pub(super) struct Report {
    pub bench: &'static str,
    pub value: f64,
    pub unit: &'static str,
    /// What it is compared with.
    pub against: &'static str,
    pub ratio: f64,
    /// Peak of the process under test.
    pub memory_mb: f64,
    pub detail: Map<String, Value>,
}

impl Report {
    pub(super) fn print(&self, is_json: bool) {
        if is_json {
            let line = json!({
                "bench": self.bench, "value": rounded(self.value), "unit": self.unit, "against": self.against, "ratio": rounded(self.ratio),
                "memory_mb": rounded(self.memory_mb), "load": load(), "detail": self.detail,
            });
            println!("{line}");
            return;
        }
        println!("{}: {:.0} {}; {:.2} of {}; {:.0} MB; load {:.2}", self.bench, self.value, self.unit, self.ratio, self.against, self.memory_mb, load());
        for (name, value) in &self.detail {
            println!("  {name}: {value}");
        }
    }
}

pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The machine's load over the last minute: how much a figure can be trusted.
fn load() -> f64 {
    std::fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(f64::NAN)
}
