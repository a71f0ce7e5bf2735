//! Some people beside the others: what they are more often, what they have more of, and whether that can be chance.

mod drift;
mod numeric;

pub use drift::{Drift, Shift, categorical_drift, count_drift, jensen_shannon, numeric_drift, population_stability_index};
pub use numeric::{MannWhitney, NumericDifference, Welch, mann_whitney, numeric_difference, welch};

use serde::{Deserialize, Serialize};

use super::distribution::{chi_square_tail, normal_quantile, normal_two_sided, wilson};
use super::features::{Features, Values};
use super::{Interval, parallel, require, same_length};
use crate::kernel::Result;

/// The confidence of the intervals that are shown.
const CONFIDENCE: f64 = 0.95;

/// One value of a category, in the segment and in the rest. Shares are of those whose value is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueDifference {
    pub feature: String,
    pub value: String,
    pub people: u64,
    pub rest_people: u64,
    pub share: f64,
    pub rest_share: f64,
    /// Share over the share in the rest; `None` if nobody of the rest has it.
    pub lift: Option<f64>,
    /// share − rest share, with Newcombe's interval.
    pub difference: f64,
    pub interval: Option<Interval>,
    /// Pooled two-proportion z.
    pub z: f64,
    pub p_value: f64,
    /// After Benjamini and Hochberg, over all that is compared here.
    pub q_value: f64,
    /// Cohen's h: 0.2 is small, 0.5 medium, 0.8 large.
    pub effect: f64,
    /// An expected count is below 5: do not trust the p value.
    pub is_small: bool,
}

/// A whole category: does its distribution differ?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryDifference {
    pub feature: String,
    pub chi_square: f64,
    pub degrees: f64,
    pub p_value: f64,
    pub q_value: f64,
    /// Cramér's V, 0 … 1.
    pub effect: f64,
}

/// Everything that sets a segment apart; each list with the strongest effect first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub people: u64,
    pub rest: u64,
    pub values: Vec<ValueDifference>,
    pub categories: Vec<CategoryDifference>,
    pub numbers: Vec<NumericDifference>,
}

/// The people of a segment beside all others, feature by feature.
pub fn compare(features: &Features, members: &[bool], threads: usize) -> Result<Comparison> {
    same_length("members", members.len(), features.rows())?;
    let people = members.iter().filter(|m| **m).count() as u64;
    let mut out = Comparison { people, rest: members.len() as u64 - people, values: Vec::new(), categories: Vec::new(), numbers: Vec::new() };
    let parts = parallel::map(features.columns().iter().collect(), threads, |column: &super::features::Column| match column.values() {
        Values::Numbers(values) => Part::Number(numeric::of_column(column.name(), values, members)),
        Values::Categories { codes, dictionary } => Part::Category(of_category(column.name(), codes, dictionary, members)),
    });
    for part in parts {
        match part {
            Part::Number(found) => out.numbers.extend(found),
            Part::Category((category, values)) => {
                out.categories.extend(category);
                out.values.extend(values);
            }
        }
    }
    correct(&mut out);
    out.values.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()).then(a.p_value.total_cmp(&b.p_value)));
    out.categories.sort_by(|a, b| b.effect.total_cmp(&a.effect));
    out.numbers.sort_by(|a, b| b.cliffs_delta.abs().total_cmp(&a.cliffs_delta.abs()));
    Ok(out)
}

enum Part {
    Number(Option<NumericDifference>),
    Category((Option<CategoryDifference>, Vec<ValueDifference>)),
}

/// Values and numbers are one family of tests; whole categories ask the same question again and are a family of their own.
fn correct(out: &mut Comparison) {
    let p: Vec<f64> = out.values.iter().map(|v| v.p_value).chain(out.numbers.iter().map(|n| n.p_value)).collect();
    let q = benjamini_hochberg(&p);
    out.values.iter_mut().zip(&q).for_each(|(v, q)| v.q_value = *q);
    out.numbers.iter_mut().zip(&q[out.values.len()..]).for_each(|(n, q)| n.q_value = *q);
    let p: Vec<f64> = out.categories.iter().map(|c| c.p_value).collect();
    out.categories.iter_mut().zip(benjamini_hochberg(&p)).for_each(|(c, q)| c.q_value = q);
}

/// False discovery rates of p values, in their order (Y. Benjamini, Y. Hochberg, JRSS B 57 (1995), 289–300).
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut out = vec![0.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, at) in order.iter().enumerate().rev() {
        least = least.min(p[*at] * p.len() as f64 / (rank + 1) as f64);
        out[*at] = least;
    }
    out
}

fn of_category(name: &str, codes: &[u32], dictionary: &[String], members: &[bool]) -> (Option<CategoryDifference>, Vec<ValueDifference>) {
    let mut counts = vec![[0_u64; 2]; dictionary.len()];
    for (code, member) in codes.iter().zip(members) {
        if let Some(count) = counts.get_mut(*code as usize) {
            count[usize::from(*member)] += 1;
        }
    }
    let rest: u64 = counts.iter().map(|c| c[0]).sum();
    let people: u64 = counts.iter().map(|c| c[1]).sum();
    if rest == 0 || people == 0 {
        return (None, Vec::new());
    }
    let seen = dictionary.iter().zip(&counts).filter(|(_, c)| c[0] + c[1] > 0);
    let values = seen.map(|(value, c)| value_difference(name, value, (c[1], people), (c[0], rest))).collect();
    let table: Vec<[u64; 2]> = counts.into_iter().filter(|c| c[0] + c[1] > 0).collect();
    let test = chi_square(&table);
    let category = CategoryDifference {
        feature: name.to_owned(),
        chi_square: test.statistic,
        degrees: test.degrees,
        p_value: test.p_value,
        q_value: test.p_value,
        effect: (test.statistic / (rest + people) as f64).sqrt().min(1.0),
    };
    ((table.len() > 1).then_some(category), values)
}

/// One share beside another: so many of so many, and of the rest. The q value is the p value until several are corrected together.
pub fn value_difference(feature: &str, value: &str, (x, n): (u64, u64), (x0, n0): (u64, u64)) -> ValueDifference {
    let (share, rest_share) = (x as f64 / n as f64, x0 as f64 / n0 as f64);
    let pooled = (x + x0) as f64 / (n + n0) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / n as f64 + 1.0 / n0 as f64)).sqrt();
    let z = if error > 0.0 { (share - rest_share) / error } else { 0.0 };
    let angle = |p: f64| 2.0 * p.sqrt().min(1.0).asin();
    let p_value = normal_two_sided(z);
    ValueDifference {
        feature: feature.to_owned(),
        value: value.to_owned(),
        people: x,
        rest_people: x0,
        share,
        rest_share,
        lift: (x0 > 0).then(|| share / rest_share),
        difference: share - rest_share,
        interval: newcombe((x, n), (x0, n0), CONFIDENCE),
        z,
        p_value,
        q_value: p_value,
        effect: angle(share) - angle(rest_share),
        is_small: n.min(n0) as f64 * pooled.min(1.0 - pooled) < 5.0,
    }
}

/// R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890, method 10.
fn newcombe((x, n): (u64, u64), (x0, n0): (u64, u64), confidence: f64) -> Option<Interval> {
    let (a, b) = (wilson(x as f64, n as f64, confidence)?, wilson(x0 as f64, n0 as f64, confidence)?);
    let (p, p0) = (x as f64 / n as f64, x0 as f64 / n0 as f64);
    let down = ((p - a.low).powi(2) + (b.high - p0).powi(2)).sqrt();
    let up = ((a.high - p).powi(2) + (p0 - b.low).powi(2)).sqrt();
    Some(Interval { low: p - p0 - down, high: p - p0 + up })
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiSquare {
    pub statistic: f64,
    pub degrees: f64,
    pub p_value: f64,
}

/// Pearson's test of independence, without a correction for continuity; rows in which nobody is are left out.
pub fn chi_square(table: &[[u64; 2]]) -> ChiSquare {
    let columns = [0, 1].map(|c| table.iter().map(|row| row[c] as f64).sum::<f64>());
    let all = columns[0] + columns[1];
    let (mut statistic, mut rows) = (0.0, 0.0);
    for row in table.iter().filter(|row| row[0] + row[1] > 0) {
        rows += 1.0;
        let total = (row[0] + row[1]) as f64;
        for c in [0, 1] {
            let expected = total * columns[c] / all;
            if expected > 0.0 {
                statistic += (row[c] as f64 - expected).powi(2) / expected;
            }
        }
    }
    let degrees = f64::max(rows - 1.0, 0.0);
    let is_testable = degrees > 0.0 && columns[0] > 0.0 && columns[1] > 0.0;
    ChiSquare { statistic, degrees, p_value: if is_testable { chi_square_tail(statistic, degrees) } else { 1.0 } }
}

/// The interval of a share, for showing: Wilson's.
pub fn share_interval(hits: u64, n: u64, confidence: f64) -> Result<Option<Interval>> {
    require(confidence > 0.0 && confidence < 1.0, "confidence", "between 0 and 1, such as 0.95")?;
    Ok(wilson(hits as f64, n as f64, confidence))
}

/// Half the width of a normal interval, in standard errors.
fn deviate(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

#[cfg(test)]
mod tests;
