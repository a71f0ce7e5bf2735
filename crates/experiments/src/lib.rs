#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

pub mod assign;
pub mod proportions;
pub mod means;
pub mod sample_ratio;
pub mod power;
pub mod distribution;
pub mod verify;

pub use assign::assign;
pub use means::{MeanComparison, Sample, compare_means};
pub use power::{power_of_proportions, required_sample_size};
pub use proportions::{Interval, ProportionComparison, compare_proportions, fisher_exact, wilson};
pub use sample_ratio::{SampleRatio, sample_ratio_mismatch};
pub use verify::{Check, verify};
