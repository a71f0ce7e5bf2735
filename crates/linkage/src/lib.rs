#![doc = include_str!("../README.md")]

mod block;
mod clean;
mod cluster;
mod compare;
mod dedupe;
mod dependence;
mod error;
mod hash;
pub mod metrics;
mod model;
mod records;
mod settings;
mod train;
mod work;

pub use block::{Limits, Plan, Rule, RuleStatistics, Skipped, Transform, soundex};
pub use clean::{Kind, clean};
pub use cluster::{Clusters, Objection, Refused};
pub use compare::{Comparison, Level, LevelId, NULL_LEVEL, Test};
pub use dedupe::{Outcome, Pair, dedupe};
pub use error::{Error, Result};
pub use model::{Explanation, Given, Household, Model, Part, Weights, bits, probability};
pub use records::{Column, NULL, Records};
pub use settings::Settings;
pub use work::{Progress, Stage, Watch};
