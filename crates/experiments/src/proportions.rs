//! Two shares side by side: how many did it among those who could.

use serde::{Deserialize, Serialize};

use crate::distribution::{normal_quantile, normal_two_sided};
use crate::kernel::{Error, Result};

/// Both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// `None` stands wherever a group is empty (nothing can be said) or a denominator is zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProportionComparison {
    pub control_rate: Option<f64>,
    pub treatment_rate: Option<f64>,
    /// treatment − control, as a share (0.02 is two points).
    pub difference: Option<f64>,
    /// Newcombe's hybrid score interval of the difference: the one to show.
    pub interval: Option<Interval>,
    /// Wald's interval, which most calculators show; too narrow for small counts.
    pub interval_wald: Option<Interval>,
    /// difference / control rate. `None` when nobody converted in the control.
    pub lift: Option<f64>,
    /// Interval of the lift by Katz's log method. `None` when either group has no conversion.
    pub lift_interval: Option<Interval>,
    /// Pooled z statistic.
    pub z: Option<f64>,
    /// Two-sided p of the pooled z test.
    pub p_value: Option<f64>,
    /// Two-sided p of Fisher's exact test, present when an expected count is below 5: then believe this one.
    pub p_value_fisher: Option<f64>,
}

impl ProportionComparison {
    /// The p value to decide by: exact where counts are small, pooled z elsewhere.
    pub fn p(&self) -> Option<f64> {
        self.p_value_fisher.or(self.p_value)
    }
}

/// Each group is `(people, people who did it)`; `confidence` is 0.95 for 95 %.
pub fn compare_proportions(control: (u64, u64), treatment: (u64, u64), confidence: f64) -> Result<ProportionComparison> {
    check_confidence(confidence)?;
    for (group, (n, x)) in [("control", control), ("treatment", treatment)] {
        if x > n {
            let detail = format!("{group}: {x} of {n} people");
            return Err(Error::invalid("experiments.more_conversions_than_people", detail).field(group, "at most everybody can convert"));
        }
    }
    let z = normal_quantile(0.5 + confidence / 2.0);
    let (c, t) = (Group::new(control), Group::new(treatment));
    let mut out = ProportionComparison {
        control_rate: c.map(|g| g.rate),
        treatment_rate: t.map(|g| g.rate),
        difference: None,
        interval: None,
        interval_wald: None,
        lift: None,
        lift_interval: None,
        z: None,
        p_value: None,
        p_value_fisher: None,
    };
    let (Some(c), Some(t)) = (c, t) else { return Ok(out) };
    let difference = t.rate - c.rate;
    out.difference = Some(difference);
    out.interval = Some(newcombe(c, t, z));
    let error = z * (c.rate * (1.0 - c.rate) / c.n + t.rate * (1.0 - t.rate) / t.n).sqrt();
    out.interval_wald = Some(Interval { low: difference - error, high: difference + error });
    if c.x > 0.0 {
        out.lift = Some(difference / c.rate);
        if t.x > 0.0 {
            out.lift_interval = Some(katz(c, t, z));
        }
    }
    let statistic = pooled_z(c, t);
    out.z = Some(statistic);
    out.p_value = Some(normal_two_sided(statistic));
    if smallest_expected(c, t) < 5.0 {
        out.p_value_fisher = Some(fisher_exact(control, treatment));
    }
    Ok(out)
}

pub(crate) fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    Err(Error::invalid("experiments.confidence_out_of_range", format!("confidence {confidence} is not between 0 and 1"))
        .field("confidence", "between 0 and 1, such as 0.95"))
}

#[derive(Clone, Copy)]
struct Group {
    n: f64,
    x: f64,
    rate: f64,
}
impl Group {
    fn new((n, x): (u64, u64)) -> Option<Self> {
        (n > 0).then(|| Self { n: n as f64, x: x as f64, rate: x as f64 / n as f64 })
    }
}

/// Wilson's score interval of a share, clamped to what a share can be (E. Wilson, JASA 22 (1927), 209–212). `None` of nobody.
pub fn wilson(hits: f64, n: f64, confidence: f64) -> Option<Interval> {
    (n > 0.0).then(|| score_interval(hits, n, normal_quantile(0.5 + confidence / 2.0)))
}

fn score_interval(hits: f64, n: f64, z: f64) -> Interval {
    let (z2, rate) = (z * z, hits / n);
    let middle = (hits + z2 / 2.0) / (n + z2);
    let half = z / (n + z2) * (n * rate * (1.0 - rate) + z2 / 4.0).sqrt();
    Interval { low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, method 10.
fn newcombe(c: Group, t: Group, z: f64) -> Interval {
    let (ci, ti) = (score_interval(c.x, c.n, z), score_interval(t.x, t.n, z));
    let difference = t.rate - c.rate;
    Interval {
        low: difference - (t.rate - ti.low).hypot(ci.high - c.rate),
        high: difference + (ti.high - t.rate).hypot(c.rate - ci.low),
    }
}

fn katz(c: Group, t: Group, z: f64) -> Interval {
    let ratio = t.rate / c.rate;
    let error = z * (1.0 / t.x - 1.0 / t.n + 1.0 / c.x - 1.0 / c.n).max(0.0).sqrt();
    Interval { low: (ratio.ln() - error).exp() - 1.0, high: (ratio.ln() + error).exp() - 1.0 }
}

fn pooled_z(c: Group, t: Group) -> f64 {
    let pooled = (c.x + t.x) / (c.n + t.n);
    let error = (pooled * (1.0 - pooled) * (1.0 / c.n + 1.0 / t.n)).sqrt();
    if error > 0.0 { (t.rate - c.rate) / error } else { 0.0 }
}

fn smallest_expected(c: Group, t: Group) -> f64 {
    let (x, n) = (c.x + t.x, c.n + t.n);
    (x.min(n - x) * c.n.min(t.n)) / n
}

/// Two-sided p of Fisher's exact test: the chance of tables no likelier than the one seen.
/// Groups are `(people, people who did it)`. Empty margins answer 1.
/// Where the counts spread over more than 10⁵ the exact sum and the normal approximation agree, and the latter is told.
pub fn fisher_exact(control: (u64, u64), treatment: (u64, u64)) -> f64 {
    let table = Hypergeometric::of(control, treatment);
    if table.drawn == 0.0 || table.marked == 0.0 {
        return 1.0;
    }
    if table.variance() > 1e10 {
        return Group::new(control).zip(Group::new(treatment)).map_or(1.0, |(c, t)| normal_two_sided(pooled_z(c, t)));
    }
    table.two_sided()
}

/// How many of `drawn` are among the `marked`, when `unmarked` others are there. Turned so that `drawn` is the smallest
/// margin and `marked` the smaller column: then no difference below cancels, however large the counts are.
struct Hypergeometric {
    drawn: f64,
    marked: f64,
    /// Neither drawn nor marked when nothing drawn is marked.
    rest: f64,
    seen: f64,
}

impl Hypergeometric {
    fn of(control: (u64, u64), treatment: (u64, u64)) -> Self {
        let wide = |n: u64| u128::from(n);
        // Cells of the table: rows are groups, columns are "did it" and "did not".
        let mut cells = [
            [wide(control.1), wide(control.0.saturating_sub(control.1))],
            [wide(treatment.1), wide(treatment.0.saturating_sub(treatment.1))],
        ];
        let row = |cells: &[[u128; 2]; 2], i: usize| cells[i][0] + cells[i][1];
        let column = |cells: &[[u128; 2]; 2], i: usize| cells[0][i] + cells[1][i];
        if column(&cells, 0).min(column(&cells, 1)) < row(&cells, 0).min(row(&cells, 1)) {
            cells = [[cells[0][0], cells[1][0]], [cells[0][1], cells[1][1]]];
        }
        if row(&cells, 1) < row(&cells, 0) {
            cells.swap(0, 1);
        }
        if column(&cells, 1) < column(&cells, 0) {
            cells.iter_mut().for_each(|r| r.swap(0, 1));
        }
        let (drawn, marked) = (row(&cells, 0), column(&cells, 0));
        let all = drawn + row(&cells, 1);
        Self { drawn: drawn as f64, marked: marked as f64, rest: (all - drawn - marked) as f64, seen: cells[0][0] as f64 }
    }

    fn mean(&self) -> f64 {
        self.drawn * (self.marked / (self.drawn + self.marked + self.rest))
    }
    fn variance(&self) -> f64 {
        let all = self.drawn + self.marked + self.rest;
        self.mean() * (1.0 - self.marked / all) * (1.0 - self.drawn / all)
    }
    /// Weight of k + 1 when that of k is 1. Ratios of neighbours stay accurate where factorials overflow.
    fn up(&self, k: f64) -> f64 {
        (self.drawn - k) / (k + 1.0) * ((self.marked - k) / (self.rest + k + 1.0))
    }

    fn two_sided(&self) -> f64 {
        let mode = self.mean().floor().clamp(0.0, self.drawn);
        let seen = walk(mode, self.seen, |k| self.up(k));
        let threshold = seen * (1.0 + 1e-7);
        let (mut all, mut no_likelier) = (0.0, 0.0);
        let mut count = |weight: f64| {
            all += weight;
            if weight <= threshold {
                no_likelier += weight;
            }
            // Beyond this the rest of the tail moves neither sum.
            weight > all * 1e-22 || weight > seen * 1e-22
        };
        let (mut k, mut weight) = (mode, 1.0);
        while count(weight) && k < self.drawn {
            weight *= self.up(k);
            k += 1.0;
        }
        (k, weight) = (mode, 1.0);
        while k > 0.0 {
            weight /= self.up(k - 1.0);
            k -= 1.0;
            if !count(weight) {
                break;
            }
        }
        (no_likelier / all).min(1.0)
    }
}

/// The weight at `to` when the weight at `from` is 1.
fn walk(from: f64, to: f64, up: impl Fn(f64) -> f64) -> f64 {
    let (mut k, mut weight) = (from, 1.0);
    while k < to && weight > 0.0 {
        weight *= up(k);
        k += 1.0;
    }
    while k > to && weight > 0.0 {
        k -= 1.0;
        weight /= up(k);
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn newcombes_own_examples() {
        // Table II of the paper, method 10: (a) 56/70 against 48/80, (b) 9/10 against 3/10, (g) 0/10 against 0/20.
        for (t, c, low, high) in [
            ((70, 56), (80, 48), 0.0524, 0.3339),
            ((10, 9), (10, 3), 0.1705, 0.8090),
            ((10, 0), (20, 0), -0.1611, 0.2775),
            ((10, 10), (10, 0), 0.6075, 1.0000),
        ] {
            let interval = compare_proportions(c, t, 0.95).unwrap().interval.unwrap();
            assert!((interval.low - low).abs() < 5.1e-5, "{t:?} {c:?} {interval:?}");
            assert!((interval.high - high).abs() < 5.1e-5, "{t:?} {c:?} {interval:?}");
        }
    }

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher 1935: 3 of 4 against 1 of 4.
        assert!((fisher_exact((4, 3), (4, 1)) - 34.0 / 70.0).abs() < 1e-12);
    }

    #[test]
    fn nobody_to_compare_says_nothing() {
        let out = compare_proportions((0, 0), (10, 5), 0.95).unwrap();
        assert_eq!((out.control_rate, out.treatment_rate), (None, Some(0.5)));
        assert_eq!((out.difference, out.interval, out.p_value, out.lift), (None, None, None, None));
        assert_eq!(out.p(), None);
    }

    #[test]
    fn nobody_and_everybody_converting_are_defined() {
        let out = compare_proportions((100, 0), (100, 0), 0.95).unwrap();
        assert_eq!((out.z, out.p_value, out.lift, out.p_value_fisher), (Some(0.0), Some(1.0), None, Some(1.0)));
        let out = compare_proportions((100, 100), (100, 100), 0.95).unwrap();
        assert_eq!((out.z, out.p_value, out.lift), (Some(0.0), Some(1.0), Some(0.0)));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        assert_eq!(compare_proportions((1, 2), (1, 0), 0.95).unwrap_err().code, "experiments.more_conversions_than_people");
        for confidence in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(compare_proportions((1, 0), (1, 0), confidence).unwrap_err().code, "experiments.confidence_out_of_range");
        }
    }

    proptest! {
        #[test]
        fn every_count_gives_numbers(n1 in prop_oneof![0u64..50, 0u64..=u64::MAX / 2], n2 in prop_oneof![0u64..50, 0u64..=u64::MAX / 2], s1 in 0.0f64..=1.0, s2 in 0.0f64..=1.0) {
            let x1 = ((n1 as f64 * s1) as u64).min(n1);
            let x2 = ((n2 as f64 * s2) as u64).min(n2);
            let out = compare_proportions((n1, x1), (n2, x2), 0.95).unwrap();
            for value in [out.control_rate, out.treatment_rate, out.difference, out.lift, out.z, out.p_value, out.p_value_fisher].into_iter().flatten() {
                prop_assert!(value.is_finite(), "{out:?}");
            }
            if let (Some(interval), Some(difference)) = (out.interval, out.difference) {
                prop_assert!(interval.low <= difference + 1e-12 && difference <= interval.high + 1e-12, "{out:?}");
                prop_assert!(interval.low >= -1.0 - 1e-9 && interval.high <= 1.0 + 1e-9, "{out:?}");
            }
            for p in [out.p_value, out.p_value_fisher].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&p));
            }
        }

        #[test]
        fn changing_sides_changes_the_sign_only(n1 in 1u64..10_000, n2 in 1u64..10_000, s1 in 0.0f64..=1.0, s2 in 0.0f64..=1.0) {
            let a = (n1, (n1 as f64 * s1) as u64);
            let b = (n2, (n2 as f64 * s2) as u64);
            let there = compare_proportions(a, b, 0.9).unwrap();
            let back = compare_proportions(b, a, 0.9).unwrap();
            prop_assert!((there.difference.unwrap() + back.difference.unwrap()).abs() < 1e-12);
            prop_assert!((there.interval.unwrap().low + back.interval.unwrap().high).abs() < 1e-12);
            prop_assert!((there.p().unwrap() - back.p().unwrap()).abs() < 1e-9);
        }
    }
}
