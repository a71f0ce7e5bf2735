//! The pure part: arithmetic over columns of people. No clock, no storage; chance only from a seed.

pub mod features;
pub mod prepare;
pub mod cluster;
pub mod tree;
pub mod rfm;
pub mod life_cycle;
pub mod ladder;
pub mod preference;
pub mod axes;
pub mod compare;
pub mod score;

pub mod distribution;
pub mod random;
pub(crate) mod numbers;
pub(crate) mod parallel;

use crate::kernel::{Error, Result};

pub use distribution::Interval;

/// A figure for people and for storage: six digits behind the point, and 0 for what is no number.
pub fn rounded(value: f64) -> f64 {
    if value.is_finite() { (value * 1e6).round() / 1e6 } else { 0.0 }
}

/// An option that makes no sense, by its name.
pub(crate) fn refuse_option(name: &'static str, what: impl Into<String>) -> Error {
    let what = what.into();
    Error::invalid("models.option_out_of_range", format!("{name}: {what}")).field(name, what)
}

pub(crate) fn require(holds: bool, name: &'static str, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(refuse_option(name, what)) }
}

/// What should be as long as there are rows.
pub(crate) fn same_length(what: &str, found: usize, rows: usize) -> Result<()> {
    if found == rows {
        return Ok(());
    }
    Err(Error::invalid("models.length_differs", format!("{what} has {found} rows, and there are {rows}")))
}

pub(crate) fn no_rows(what: &str) -> Error {
    Error::invalid("models.no_rows", format!("{what}: there is nobody to learn from"))
}
