//! Tails, quantiles and the interval of a share: those of `experiments`, which `weft verify` replays.

pub use weft_experiments::distribution::{chi_square_tail, normal_quantile, normal_two_sided, student_two_sided};
pub use weft_experiments::{Interval, wilson};
