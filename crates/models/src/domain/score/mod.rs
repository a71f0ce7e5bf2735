//! How likely somebody is to do it, or how like the seed she is: a logistic regression and boosted trees are trained, calibrated on people
//! neither has seen, compared, and the better one is judged on people nothing has seen.

mod boost;
mod calibrate;
mod evaluate;
mod logistic;

pub use boost::{BoostOptions, BoostedTrees};
pub use calibrate::{Calibration, CalibrationMethod, isotonic, platt};
pub use evaluate::{CalibrationBin, Evaluation, LiftRow, auc, brier, evaluate, log_loss};
pub use logistic::{Logistic, LogisticOptions, Term};

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::random::mix;
use super::{no_rows, require, same_length};
use crate::kernel::{Error, Result};

/// A number for a person's id that does not depend on who else is there: FNV-1a of its bytes, mixed.
pub fn hash_id(id: &str) -> u64 {
    mix(id.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}

/// In [0, 1) by a person's hash and a seed: the same person falls on the same side whenever it is cut again.
fn place(hash: u64, seed: u64) -> f64 {
    (mix(hash ^ mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15))) >> 11) as f64 / (1_u64 << 53) as f64
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Both are trained; the one with the smaller log loss on the calibration people is kept.
    #[default]
    Better,
    Logistic,
    Boosted,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PropensityOptions {
    pub method: Method,
    pub logistic: LogisticOptions,
    pub boost: BoostOptions,
    pub calibration: CalibrationMethod,
    /// Shares of people, by the hash of their ids, to calibrate with and to judge with; the rest trains.
    pub calibration_share: f64,
    pub test_share: f64,
    /// Of those who did not, at most so many for each who did are trained with. Calibration sees them all, which sets the level right again.
    pub negatives_per_positive: f64,
    /// At most so many people are trained with, calibrated with, and judged by.
    pub most_people: usize,
    pub seed: u64,
    pub threads: usize,
}

impl Default for PropensityOptions {
    fn default() -> Self {
        Self {
            method: Method::Better,
            logistic: LogisticOptions::default(),
            boost: BoostOptions::default(),
            calibration: CalibrationMethod::Automatic,
            calibration_share: 0.2,
            test_share: 0.2,
            negatives_per_positive: 10.0,
            most_people: 1_000_000,
            seed: 0,
            threads: 2,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "model")]
pub enum Scorer {
    Logistic(Logistic),
    Boosted(BoostedTrees),
}

impl Scorer {
    /// Log odds, not calibrated.
    pub fn raw(&self, features: &Features, threads: usize) -> Result<Vec<f32>> {
        match self {
            Self::Logistic(model) => model.raw(features, threads),
            Self::Boosted(model) => model.raw(features, threads),
        }
    }
    /// Features by how much they matter, the strongest first; together 1.
    pub fn importance(&self) -> Vec<(String, f64)> {
        match self {
            Self::Logistic(model) => model.importance(),
            Self::Boosted(model) => model.importance(),
        }
    }
}

/// A trained and calibrated score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Propensity {
    pub scorer: Scorer,
    pub calibration: Calibration,
}

impl Propensity {
    /// Everybody's probability.
    pub fn predict(&self, features: &Features, threads: usize) -> Result<Vec<f32>> {
        let mut scores = self.scorer.raw(features, threads)?;
        scores.iter_mut().for_each(|s| *s = self.calibration.apply(f64::from(*s)) as f32);
        Ok(scores)
    }
}

/// What was trained with whom, and how good it is on people that nothing was learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropensityReport {
    pub trained_with: u64,
    pub trained_positives: u64,
    pub calibrated_with: u64,
    /// Log loss on the calibration people of each model that was tried.
    pub tried: Vec<(String, f64)>,
    pub test: Evaluation,
    pub top_features: Vec<(String, f64)>,
}

/// Trains on who did it (`target`) and who did not. `hashes` are `hash_id` of people's ids.
pub fn propensity(features: &Features, target: &[bool], hashes: &[u64], options: &PropensityOptions) -> Result<(Propensity, PropensityReport)> {
    check(features, target, hashes, options)?;
    let parts = Parts::cut(target, hashes, options)?;
    let (train, train_target) = (features.take(&parts.train), pick(target, &parts.train));
    let (held, held_target) = (features.take(&parts.calibrate), pick(target, &parts.calibrate));
    let mut tried: Vec<(Scorer, Vec<f32>, &str, f64)> = Vec::new();
    if options.method != Method::Boosted {
        let model = Logistic::fit(&train, &train_target, &LogisticOptions { threads: options.threads, ..options.logistic.clone() })?;
        tried.push((Scorer::Logistic(model), Vec::new(), "logistic", 0.0));
    }
    if options.method != Method::Logistic {
        let boost = BoostOptions { threads: options.threads, seed: options.seed, ..options.boost.clone() };
        tried.push((Scorer::Boosted(BoostedTrees::fit(&train, &train_target, &boost)?), Vec::new(), "boosted", 0.0));
    }
    for (scorer, raw, _, loss) in &mut tried {
        *raw = scorer.raw(&held, options.threads)?;
        // Both are brought to the level of all people first: compared is what they know, not how negatives were sampled.
        let level = platt(raw, &held_target)?;
        *loss = log_loss(&raw.iter().map(|r| level.apply(f64::from(*r)) as f32).collect::<Vec<_>>(), &held_target)?;
    }
    let named = tried.iter().map(|(_, _, name, loss)| ((*name).to_owned(), *loss)).collect();
    let best = tried.into_iter().reduce(|best, next| if next.3 < best.3 { next } else { best });
    let Some((scorer, raw, _, _)) = best else { return Err(no_rows("training a score")) };
    let calibration = Calibration::fit(options.calibration, &raw, &held_target)?;
    let model = Propensity { scorer, calibration };
    let test = evaluate(&model.predict(&features.take(&parts.test), options.threads)?, &pick(target, &parts.test), 10)?;
    let mut top_features = model.scorer.importance();
    top_features.truncate(20);
    let report = PropensityReport {
        trained_with: parts.train.len() as u64,
        trained_positives: train_target.iter().filter(|t| **t).count() as u64,
        calibrated_with: parts.calibrate.len() as u64,
        tried: named,
        test,
        top_features,
    };
    Ok((model, report))
}

fn pick(target: &[bool], rows: &[u32]) -> Vec<bool> {
    rows.iter().map(|r| target[*r as usize]).collect()
}

fn check(features: &Features, target: &[bool], hashes: &[u64], options: &PropensityOptions) -> Result<()> {
    same_length("the target", target.len(), features.rows())?;
    same_length("the hashes", hashes.len(), features.rows())?;
    if features.rows() == 0 {
        return Err(no_rows("training a score"));
    }
    let (c, t) = (options.calibration_share, options.test_share);
    require(c > 0.0 && t > 0.0 && c + t < 1.0, "shares", "above 0, and something must be left to train with")?;
    require(options.negatives_per_positive >= 1.0, "negatives_per_positive", "at least one")?;
    require(options.most_people >= 100, "most_people", "at least 100")
}

pub(super) fn one_class(which: &str) -> Error {
    Error::invalid("models.one_class", format!("{which}: everybody has the same outcome; there is nothing to tell apart"))
}

/// Who trains, calibrates and judges.
struct Parts {
    train: Vec<u32>,
    calibrate: Vec<u32>,
    test: Vec<u32>,
}

impl Parts {
    fn cut(target: &[bool], hashes: &[u64], options: &PropensityOptions) -> Result<Self> {
        let mut parts = Self { train: Vec::new(), calibrate: Vec::new(), test: Vec::new() };
        for (row, hash) in (0_u32..).zip(hashes) {
            let place = place(*hash, options.seed);
            let part = match place {
                p if p < options.test_share => &mut parts.test,
                p if p < options.test_share + options.calibration_share => &mut parts.calibrate,
                _ => &mut parts.train,
            };
            part.push(row);
        }
        for (name, rows) in [("training", &parts.train), ("calibrating", &parts.calibrate), ("judging", &parts.test)] {
            let hits = rows.iter().filter(|r| target[**r as usize]).count();
            if hits == 0 || hits == rows.len() {
                return Err(one_class(name));
            }
        }
        parts.thin_out(target, hashes, options);
        for rows in [&mut parts.calibrate, &mut parts.test] {
            // Of all alike: the level must stay what it is.
            let chance = options.most_people as f64 / rows.len() as f64;
            rows.retain(|row| place(hashes[*row as usize], options.seed ^ 0xca11) < chance);
        }
        Ok(parts)
    }

    /// Keeps all who did (unless they are too many) and a sample of the others, by their hash.
    fn thin_out(&mut self, target: &[bool], hashes: &[u64], options: &PropensityOptions) {
        let positives = self.train.iter().filter(|r| target[**r as usize]).count() as f64;
        let negatives = self.train.len() as f64 - positives;
        let wanted = negatives.min(positives * options.negatives_per_positive);
        let squeeze = (options.most_people as f64 / (positives + wanted)).min(1.0);
        let (keep_positive, keep_negative) = (squeeze, squeeze * wanted / negatives);
        self.train.retain(|row| {
            let chance = if target[*row as usize] { keep_positive } else { keep_negative };
            place(hashes[*row as usize], options.seed ^ 0x7417) < chance
        });
    }
}

/// The people outside of the seed who are most like it: rows with their scores, the best first.
/// A look-alike is `propensity` with the seed as those who did, and this.
pub fn most_alike(scores: &[f32], seed: &[bool], wanted: usize) -> Result<Vec<(u32, f32)>> {
    same_length("the seed", seed.len(), scores.len())?;
    let mut rows: Vec<u32> = (0..scores.len() as u32).filter(|r| !seed[*r as usize]).collect();
    let order = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
    if wanted < rows.len() {
        rows.select_nth_unstable_by(wanted, order);
        rows.truncate(wanted);
    }
    rows.sort_unstable_by(order);
    Ok(rows.into_iter().map(|r| (r, scores[r as usize])).collect())
}

#[cfg(test)]
mod tests;
