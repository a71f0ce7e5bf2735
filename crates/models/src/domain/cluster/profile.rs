//! What is special about each cluster, feature by feature: enough to give it a name.

use serde::{Deserialize, Serialize};

use super::super::features::{Column, Features, Values};
use super::super::numbers::{for_each_tie, quantile};
use super::super::random::Dice;
use super::super::{parallel, same_length};
use crate::kernel::Result;

/// Medians and orders are taken of at most so many people; means, shares and counts of all.
const ORDERED_ROWS: usize = 500_000;
/// So many values of a category are listed per cluster.
const LISTED: usize = 10;
/// So many features are named as telling.
const TELLING: usize = 8;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterProfile {
    pub cluster: u32,
    pub people: u64,
    pub share: f64,
    pub features: Vec<FeatureProfile>,
    /// What sets it apart most, the strongest first.
    pub telling: Vec<Telling>,
}

/// `None` where nobody's value is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FeatureProfile {
    Number {
        name: String,
        missing: u64,
        mean: Option<f64>,
        median: Option<f64>,
        overall_mean: Option<f64>,
        overall_median: Option<f64>,
        /// Cliff's delta of the cluster against everybody else.
        effect: Option<f64>,
    },
    Category { name: String, missing: u64, values: Vec<CategoryShare> },
}

/// Shares are of those whose value is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryShare {
    pub value: String,
    pub people: u64,
    pub share: f64,
    pub overall_share: f64,
    /// Share in the cluster less share in the rest.
    pub effect: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Higher,
    Lower,
    /// This value is more frequent than elsewhere.
    MoreOften,
    LessOften,
}

/// One feature that sets a cluster apart. `effect` is Cliff's delta, −1 … 1 (N. Cliff 1993): how much more often a member is above
/// somebody else than below. Of a yes-or-no value that is the difference of the two shares, so numbers and categories can be put in one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    pub feature: String,
    /// Of a category: which value.
    pub value: Option<String>,
    pub sign: Sign,
    pub effect: f64,
}

/// Profiles of all clusters, of the columns as they were before preparing.
pub fn profile(features: &Features, labels: &[u32], threads: usize) -> Result<Vec<ClusterProfile>> {
    same_length("labels", labels.len(), features.rows())?;
    let k = labels.iter().max().map_or(0, |most| *most as usize + 1);
    let mut people = vec![0_u64; k];
    labels.iter().for_each(|label| people[*label as usize] += 1);
    let by_column = parallel::map(features.columns().iter().collect(), threads, |column: &Column| of_column(column, labels, k));
    let mut by_column: Vec<_> = by_column.into_iter().map(Vec::into_iter).collect();
    let profiles = people.iter().enumerate().map(|(j, people)| {
        let features: Vec<FeatureProfile> = by_column.iter_mut().filter_map(Iterator::next).collect();
        let share = if labels.is_empty() { 0.0 } else { *people as f64 / labels.len() as f64 };
        ClusterProfile { cluster: j as u32, people: *people, share, telling: telling(&features), features }
    });
    Ok(profiles.collect())
}

fn of_column(column: &Column, labels: &[u32], k: usize) -> Vec<FeatureProfile> {
    match column.values() {
        Values::Numbers(values) => of_numbers(column.name(), values, labels, k),
        Values::Categories { codes, dictionary } => of_categories(column.name(), codes, dictionary, labels, k),
    }
}

fn of_numbers(name: &str, values: &[f32], labels: &[u32], k: usize) -> Vec<FeatureProfile> {
    let (mut sums, mut missing) = (vec![(0.0_f64, 0_u64); k], vec![0_u64; k]);
    for (value, label) in values.iter().zip(labels) {
        let j = *label as usize;
        if value.is_nan() {
            missing[j] += 1;
        } else {
            sums[j] = (sums[j].0 + f64::from(*value), sums[j].1 + 1);
        }
    }
    let mean = |(sum, n): (f64, u64)| (n > 0).then(|| sum / n as f64);
    let overall_mean = mean(sums.iter().fold((0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1)));
    let (medians, overall_median, effects) = ordered(values, labels, k);
    let one = |j: usize| FeatureProfile::Number {
        name: name.to_owned(),
        missing: missing[j],
        mean: mean(sums[j]),
        median: medians[j],
        overall_mean,
        overall_median,
        effect: effects[j],
    };
    (0..k).map(one).collect()
}

/// Medians, the median of all, and Cliff's delta of each cluster, from one sorting.
fn ordered(values: &[f32], labels: &[u32], k: usize) -> (Vec<Option<f64>>, Option<f64>, Vec<Option<f64>>) {
    let known = |row: usize| (!values[row].is_nan()).then(|| (values[row], labels[row]));
    let mut pairs: Vec<(f32, u32)> = if values.len() > ORDERED_ROWS {
        Dice::new(0).sample(values.len(), ORDERED_ROWS).into_iter().filter_map(|row| known(row as usize)).collect()
    } else {
        (0..values.len()).filter_map(known).collect()
    };
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut by_cluster: Vec<Vec<f32>> = vec![Vec::new(); k];
    let mut ranks = vec![0.0_f64; k];
    for_each_tie(&pairs, |pair| pair.0, |rank, run| run.iter().for_each(|(_, label)| ranks[*label as usize] += rank));
    pairs.iter().for_each(|(value, label)| by_cluster[*label as usize].push(*value));
    let all = pairs.len() as f64;
    let effect = |(rank_sum, members): (&f64, &Vec<f32>)| {
        let n = members.len() as f64;
        let rest = all - n;
        // The rank sum less its least possible value is how often a member is above somebody else.
        (n > 0.0 && rest > 0.0).then(|| 2.0 * (rank_sum - n * (n + 1.0) / 2.0) / (n * rest) - 1.0)
    };
    let effects = ranks.iter().zip(&by_cluster).map(effect).collect();
    let medians = by_cluster.iter_mut().map(|members| quantile(members, 0.5)).collect();
    let mut everybody: Vec<f32> = pairs.into_iter().map(|(value, _)| value).collect();
    (medians, quantile(&mut everybody, 0.5), effects)
}

fn of_categories(name: &str, codes: &[u32], dictionary: &[String], labels: &[u32], k: usize) -> Vec<FeatureProfile> {
    let width = dictionary.len();
    let (mut counts, mut missing) = (vec![0_u64; k * width], vec![0_u64; k]);
    for (code, label) in codes.iter().zip(labels) {
        let j = *label as usize;
        if (*code as usize) < width { counts[j * width + *code as usize] += 1 } else { missing[j] += 1 }
    }
    let totals: Vec<u64> = (0..width).map(|code| (0..k).map(|j| counts[j * width + code]).sum()).collect();
    let all: u64 = totals.iter().sum();
    let one = |j: usize| {
        let own = &counts[j * width..(j + 1) * width];
        let n: u64 = own.iter().sum();
        let ratio = |a: u64, b: u64| if b > 0 { a as f64 / b as f64 } else { 0.0 };
        let shares = own.iter().zip(&totals).zip(dictionary).map(|((people, total), value)| CategoryShare {
            value: value.clone(),
            people: *people,
            share: ratio(*people, n),
            overall_share: ratio(*total, all),
            effect: if n > 0 && all > n { ratio(*people, n) - ratio(total - people, all - n) } else { 0.0 },
        });
        let mut values: Vec<CategoryShare> = shares.collect();
        values.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()).then(b.people.cmp(&a.people)));
        values.truncate(LISTED);
        FeatureProfile::Category { name: name.to_owned(), missing: missing[j], values }
    };
    (0..k).map(one).collect()
}

fn telling(features: &[FeatureProfile]) -> Vec<Telling> {
    let mut out = Vec::new();
    for feature in features {
        match feature {
            FeatureProfile::Number { name, effect: Some(effect), .. } => {
                let sign = if *effect > 0.0 { Sign::Higher } else { Sign::Lower };
                out.push(Telling { feature: name.clone(), value: None, sign, effect: *effect });
            }
            FeatureProfile::Number { .. } => {}
            FeatureProfile::Category { name, values, .. } => out.extend(values.iter().take(2).map(|v| Telling {
                feature: name.clone(),
                value: Some(v.value.clone()),
                sign: if v.effect > 0.0 { Sign::MoreOften } else { Sign::LessOften },
                effect: v.effect,
            })),
        }
    }
    out.retain(|t| t.effect.abs() > 0.0);
    out.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    out.truncate(TELLING);
    out
}
