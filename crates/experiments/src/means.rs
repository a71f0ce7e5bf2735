//! Two averages side by side, whose spreads may differ (Welch).

use serde::{Deserialize, Serialize};

use crate::distribution::{student_quantile_two_sided, student_two_sided};
use crate::kernel::Result;
use crate::proportions::{Interval, check_confidence};

/// What a group's values leave behind: how many, their mean, and the sum of squared distances from it.
/// Kept this way because sums of raw squares lose the spread of large, close values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub n: u64,
    pub mean: f64,
    /// Σ(x − mean)².
    pub squares: f64,
}

impl Sample {
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        values.into_iter().fold(Self::default(), |mut sample, value| {
            sample.push(value);
            sample
        })
    }

    /// From the sums an SQL query gives: count, Σx, Σx².
    pub fn from_sums(n: u64, sum: f64, sum_of_squares: f64) -> Self {
        if n == 0 {
            return Self::default();
        }
        let mean = sum / n as f64;
        Self { n, mean, squares: (sum_of_squares - sum * mean).max(0.0) }
    }

    pub fn push(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (value - self.mean);
    }

    /// Both groups as one.
    pub fn merge(self, other: Self) -> Self {
        if self.n == 0 {
            return other;
        }
        if other.n == 0 {
            return self;
        }
        let n = self.n + other.n;
        let apart = other.mean - self.mean;
        let share = other.n as f64 / n as f64;
        Self { n, mean: self.mean + apart * share, squares: self.squares + other.squares + apart * apart * self.n as f64 * share }
    }

    /// Sample variance; needs two values.
    pub fn variance(self) -> Option<f64> {
        (self.n > 1).then(|| self.squares / (self.n - 1) as f64)
    }
}

/// `None` wherever a group has no value (means) or fewer than two (everything about spread).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanComparison {
    pub control_mean: Option<f64>,
    pub treatment_mean: Option<f64>,
    pub difference: Option<f64>,
    pub interval: Option<Interval>,
    /// difference / control mean. `None` when the control's mean is zero.
    pub lift: Option<f64>,
    pub t: Option<f64>,
    /// Welch–Satterthwaite degrees of freedom.
    pub df: Option<f64>,
    pub p_value: Option<f64>,
}

/// Welch's t test, two-sided. Two groups without any spread: p is 1 if they are equal, else 0.
pub fn compare_means(control: Sample, treatment: Sample, confidence: f64) -> Result<MeanComparison> {
    check_confidence(confidence)?;
    let mean = |s: Sample| (s.n > 0).then_some(s.mean);
    let mut out = MeanComparison {
        control_mean: mean(control),
        treatment_mean: mean(treatment),
        difference: None,
        interval: None,
        lift: None,
        t: None,
        df: None,
        p_value: None,
    };
    let (Some(c), Some(t)) = (out.control_mean, out.treatment_mean) else { return Ok(out) };
    let difference = t - c;
    out.difference = Some(difference);
    out.lift = (c != 0.0).then(|| difference / c);
    let (Some(vc), Some(vt)) = (control.variance(), treatment.variance()) else { return Ok(out) };
    let (ec, et) = (vc / control.n as f64, vt / treatment.n as f64);
    let error = (ec + et).sqrt();
    if error == 0.0 {
        out.interval = Some(Interval { low: difference, high: difference });
        out.p_value = Some(if difference == 0.0 { 1.0 } else { 0.0 });
        return Ok(out);
    }
    // As shares of the larger, so that squares of tiny or huge variances neither vanish nor overflow.
    let larger = ec.max(et);
    let (a, b) = (ec / larger, et / larger);
    let df = (a + b) * (a + b) / (a * a / (control.n - 1) as f64 + b * b / (treatment.n - 1) as f64);
    let statistic = difference / error;
    let reach = student_quantile_two_sided(1.0 - confidence, df) * error;
    out.interval = Some(Interval { low: difference - reach, high: difference + reach });
    out.t = Some(statistic);
    out.df = Some(df);
    out.p_value = Some(student_two_sided(statistic, df));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_too_small_are_answered_in_part() {
        let out = compare_means(Sample::of([1.0]), Sample::of([3.0]), 0.95).unwrap();
        assert_eq!((out.difference, out.lift, out.interval, out.p_value), (Some(2.0), Some(2.0), None, None));
        let out = compare_means(Sample::default(), Sample::of([3.0]), 0.95).unwrap();
        assert_eq!((out.control_mean, out.treatment_mean, out.difference), (None, Some(3.0), None));
    }

    #[test]
    fn groups_without_spread_are_decided() {
        let equal = compare_means(Sample::of([2.0; 5]), Sample::of([2.0; 5]), 0.95).unwrap();
        assert_eq!((equal.p_value, equal.interval), (Some(1.0), Some(Interval { low: 0.0, high: 0.0 })));
        let apart = compare_means(Sample::of([2.0; 5]), Sample::of([3.0; 5]), 0.95).unwrap();
        assert_eq!((apart.p_value, apart.t), (Some(0.0), None));
    }

    #[test]
    fn spread_survives_a_large_mean() {
        let values = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0];
        assert_eq!(Sample::of(values).variance(), Some(30.0));
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(a in proptest::collection::vec(-1e3f64..1e3, 0..50), b in proptest::collection::vec(-1e3f64..1e3, 0..50)) {
            let merged = Sample::of(a.iter().copied()).merge(Sample::of(b.iter().copied()));
            let whole = Sample::of(a.iter().chain(&b).copied());
            prop_assert_eq!(merged.n, whole.n);
            prop_assert!((merged.mean - whole.mean).abs() < 1e-9);
            prop_assert!((merged.squares - whole.squares).abs() <= 1e-9 * whole.squares.max(1.0));
        }

        #[test]
        fn sums_give_the_same_as_values(values in proptest::collection::vec(-1e3f64..1e3, 2..50)) {
            let sums = Sample::from_sums(values.len() as u64, values.iter().sum(), values.iter().map(|v| v * v).sum());
            let direct = Sample::of(values.iter().copied());
            prop_assert!((sums.mean - direct.mean).abs() < 1e-9);
            prop_assert!((sums.squares - direct.squares).abs() <= 1e-6 * direct.squares.max(1.0));
        }
    }
}
