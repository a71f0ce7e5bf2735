//! Logistic regression with a ridge, by Newton's method (iteratively reweighted least squares), with standard errors.

use serde::{Deserialize, Serialize};

use super::super::distribution::normal_two_sided;
use super::super::features::Features;
use super::super::numbers::Moments;
use super::super::prepare::{Matrix, Plan, PrepareOptions, Preparation, ScalingRule};
use super::super::{parallel, require, same_length};
use super::calibrate::sigmoid;
use super::one_class;
use crate::kernel::{Error, Result};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogisticOptions {
    /// The ridge: half of it times the sum of squared coefficients (without the intercept) is added to the summed loss. 1/C of scikit-learn.
    pub l2: f64,
    pub scaling: ScalingRule,
    /// Of a category so many frequent values have a coefficient of their own, beside the most frequent one, which all are compared with.
    pub categories: usize,
    pub max_iterations: usize,
    pub threads: usize,
}

impl Default for LogisticOptions {
    fn default() -> Self {
        Self { l2: 1.0, scaling: ScalingRule::Automatic, categories: 30, max_iterations: 50, threads: 2 }
    }
}

/// One coefficient, of a scaled number, or of having one value of a category instead of the most frequent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    pub feature: String,
    /// Of a category; `None` for a number. The empty text stands for "not known".
    pub value: Option<String>,
    pub coefficient: f64,
    /// From the curvature with the ridge, so a little small where the ridge is strong.
    pub standard_error: f64,
    pub p_value: f64,
    /// Standard deviation of the term over the people it was learned from.
    pub spread: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    pub preparation: Preparation,
    pub intercept: f64,
    pub intercept_standard_error: f64,
    pub terms: Vec<Term>,
    /// For every column of codes: which term each code is, if any.
    code_terms: Vec<Vec<Option<u32>>>,
    pub iterations: usize,
    pub has_converged: bool,
}

/// More would make the curvature's square too large to be worth it; categories are then better left to trees.
const MOST_TERMS: usize = 1_000;
/// Rows that are laid side by side at a time.
const TILE: usize = 128;

impl Logistic {
    pub fn fit(features: &Features, target: &[bool], options: &LogisticOptions) -> Result<Self> {
        same_length("the target", target.len(), features.rows())?;
        require(options.l2.is_finite() && options.l2 >= 0.0, "l2", "a number that is not negative")?;
        require(options.max_iterations >= 1, "max_iterations", "at least one")?;
        let hits = target.iter().filter(|t| **t).count() as f64;
        if hits < 1.0 || hits >= target.len() as f64 {
            return Err(one_class("training"));
        }
        let preparation = Preparation::fit(features, &PrepareOptions { scaling: options.scaling, ..PrepareOptions::default() })?;
        let matrix = preparation.apply(features)?;
        let mut model = Self::blank(preparation, &matrix, options.categories);
        let p = model.terms.len() + 1;
        if p > MOST_TERMS {
            let detail = format!("{p} coefficients are more than {MOST_TERMS}: leave columns with many values out, or allow fewer categories");
            return Err(Error::invalid("models.too_many_terms", detail));
        }
        let mut beta = vec![0.0; p];
        beta[0] = (hits / (target.len() as f64 - hits)).ln();
        let curvature = model.newton(&matrix, target, &mut beta, options)?;
        let inverse = inverse_diagonal(&curvature, p)?;
        model.intercept = beta[0];
        model.intercept_standard_error = inverse[0].sqrt();
        for (i, term) in model.terms.iter_mut().enumerate() {
            term.coefficient = beta[i + 1];
            term.standard_error = inverse[i + 1].sqrt();
            term.p_value = normal_two_sided(term.coefficient / term.standard_error);
        }
        Ok(model)
    }

    /// Terms in the order of columns, numbers first.
    fn blank(preparation: Preparation, matrix: &Matrix, categories: usize) -> Self {
        let number = |(name, column): (&String, &Vec<f32>)| Term {
            feature: name.clone(),
            value: None,
            coefficient: 0.0,
            standard_error: 0.0,
            p_value: 1.0,
            spread: Moments::of(column.iter().map(|v| f64::from(*v))).sd(),
        };
        let mut terms: Vec<Term> = matrix.number_names.iter().zip(&matrix.numbers).map(number).collect();
        let mut code_terms = Vec::new();
        for ((name, codes), width) in matrix.code_names.iter().zip(&matrix.codes).zip(&matrix.widths) {
            let mut counts = vec![0_u64; *width as usize];
            codes.iter().for_each(|code| counts[*code as usize] += 1);
            let mut order: Vec<usize> = (0..counts.len()).filter(|c| counts[*c] > 0).collect();
            order.sort_by_key(|c| (std::cmp::Reverse(counts[*c]), *c));
            let mut of_code = vec![None; counts.len()];
            // The first is what the others are compared with.
            for code in order.into_iter().skip(1).take(categories) {
                of_code[code] = Some(terms.len() as u32);
                let share = counts[code] as f64 / codes.len() as f64;
                let value = dictionary_value(&preparation, name, code);
                let spread = (share * (1.0 - share)).sqrt();
                terms.push(Term { feature: name.clone(), value: Some(value), coefficient: 0.0, standard_error: 0.0, p_value: 1.0, spread });
            }
            code_terms.push(of_code);
        }
        Self { preparation, intercept: 0.0, intercept_standard_error: 0.0, terms, code_terms, iterations: 0, has_converged: false }
    }

    /// Improves `beta` until it rests; gives back the curvature there.
    fn newton(&mut self, matrix: &Matrix, target: &[bool], beta: &mut Vec<f64>, options: &LogisticOptions) -> Result<Vec<f64>> {
        let p = beta.len();
        let mut now = self.sums(matrix, target, beta, options);
        while self.iterations < options.max_iterations && !self.has_converged {
            self.iterations += 1;
            let step = solve(&now.curvature, &now.gradient, p)?;
            let mut length = 1.0;
            let mut candidate: Vec<f64>;
            loop {
                candidate = beta.iter().zip(&step).map(|(b, s)| b - length * s).collect();
                let next = self.sums(matrix, target, &candidate, options);
                if next.loss <= now.loss * (1.0 + 1e-13) || length < 1e-6 {
                    self.has_converged = step.iter().all(|s| (s * length).abs() < 1e-8);
                    now = next;
                    break;
                }
                length /= 2.0;
            }
            *beta = candidate;
        }
        Ok(now.curvature)
    }

    fn sums(&self, matrix: &Matrix, target: &[bool], beta: &[f64], options: &LogisticOptions) -> NewtonSums {
        let p = beta.len();
        let mut all = NewtonSums::new(p);
        let parts = parallel::map(parallel::shards(matrix.rows), options.threads, |rows| {
            let mut sums = NewtonSums::new(p);
            let mut design = vec![0.0_f64; p * TILE];
            for start in rows.clone().step_by(TILE) {
                let tile = start..(start + TILE).min(rows.end);
                self.lay_out(matrix, tile.clone(), &mut design);
                sums.add(&design, &target[tile], beta);
            }
            sums
        });
        parts.iter().for_each(|part| all.merge(part));
        for (j, b) in beta.iter().enumerate().skip(1) {
            all.loss += 0.5 * options.l2 * b * b;
            all.gradient[j] += options.l2 * b;
            all.curvature[j * p + j] += options.l2;
        }
        all
    }

    /// The design of some rows, term by term; rows beyond the end are 0.
    fn lay_out(&self, matrix: &Matrix, rows: std::ops::Range<usize>, design: &mut [f64]) {
        design.fill(0.0);
        let n = rows.len();
        design[..n].fill(1.0);
        for (j, column) in matrix.numbers.iter().enumerate() {
            let space = &mut design[(j + 1) * TILE..(j + 1) * TILE + n];
            space.iter_mut().zip(&column[rows.clone()]).for_each(|(out, v)| *out = f64::from(*v));
        }
        for (codes, terms) in matrix.codes.iter().zip(&self.code_terms) {
            for (i, code) in codes[rows.clone()].iter().enumerate() {
                if let Some(Some(term)) = terms.get(*code as usize) {
                    design[(*term as usize + 1) * TILE + i] = 1.0;
                }
            }
        }
    }

    /// Log odds.
    pub fn raw(&self, features: &Features, threads: usize) -> Result<Vec<f32>> {
        let reader = self.preparation.reader(features)?;
        let mut out = vec![0.0_f32; features.rows()];
        let blocks: Vec<(usize, &mut [f32])> = out.chunks_mut(parallel::BLOCK).enumerate().collect();
        parallel::map(blocks, threads, |(block, out)| {
            let start = block * parallel::BLOCK;
            let matrix = reader.rows(start..start + out.len());
            let mut sums = vec![self.intercept; out.len()];
            for (column, term) in matrix.numbers.iter().zip(&self.terms) {
                sums.iter_mut().zip(column).for_each(|(sum, v)| *sum += term.coefficient * f64::from(*v));
            }
            for (codes, terms) in matrix.codes.iter().zip(&self.code_terms) {
                let value = |code: &u32| terms.get(*code as usize).copied().flatten().map_or(0.0, |t| self.terms[t as usize].coefficient);
                sums.iter_mut().zip(codes).for_each(|(sum, code)| *sum += value(code));
            }
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum as f32);
        });
        Ok(out)
    }

    /// By the variance that a feature's terms bring into the log odds, taken each by itself.
    pub fn importance(&self) -> Vec<(String, f64)> {
        let mut out: Vec<(String, f64)> = Vec::new();
        for term in &self.terms {
            let weight = (term.coefficient * term.spread).abs();
            match out.iter_mut().find(|(name, _)| *name == term.feature) {
                Some((_, sum)) => *sum += weight,
                None => out.push((term.feature.clone(), weight)),
            }
        }
        let total: f64 = out.iter().map(|(_, w)| w).sum();
        out.iter_mut().filter(|_| total > 0.0).for_each(|(_, w)| *w /= total);
        out.sort_by(|a, b| b.1.total_cmp(&a.1));
        out
    }
}

fn dictionary_value(preparation: &Preparation, name: &str, code: usize) -> String {
    let plan = preparation.columns.iter().find(|c| c.name == name).map(|c| &c.plan);
    match plan {
        Some(Plan::Category { dictionary, .. }) => dictionary.get(code).cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

struct NewtonSums {
    loss: f64,
    gradient: Vec<f64>,
    /// Upper triangle, row by row.
    curvature: Vec<f64>,
}

impl NewtonSums {
    fn new(p: usize) -> Self {
        Self { loss: 0.0, gradient: vec![0.0; p], curvature: vec![0.0; p * p] }
    }

    fn add(&mut self, design: &[f64], target: &[bool], beta: &[f64]) {
        let p = beta.len();
        let mut f = [0.0_f64; TILE];
        for (column, b) in design.chunks_exact(TILE).zip(beta) {
            f.iter_mut().zip(column).for_each(|(f, x)| *f += b * x);
        }
        let (mut off, mut weight) = ([0.0_f64; TILE], [0.0_f64; TILE]);
        for (i, t) in target.iter().enumerate() {
            let y = f64::from(u8::from(*t));
            let p = sigmoid(f[i]);
            self.loss += f[i].max(0.0) + (-f[i].abs()).exp().ln_1p() - y * f[i];
            (off[i], weight[i]) = (p - y, p * (1.0 - p));
        }
        let mut weighted = [0.0_f64; TILE];
        for (a, column) in design.chunks_exact(TILE).enumerate() {
            self.gradient[a] += dot(column, &off);
            weighted.iter_mut().zip(column.iter().zip(&weight)).for_each(|(out, (x, w))| *out = x * w);
            for (out, other) in self.curvature[a * p + a..(a + 1) * p].iter_mut().zip(design[a * TILE..].chunks_exact(TILE)) {
                *out += dot(other, &weighted);
            }
        }
    }

    fn merge(&mut self, other: &Self) {
        self.loss += other.loss;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += b);
        self.curvature.iter_mut().zip(&other.curvature).for_each(|(a, b)| *a += b);
    }
}

/// Four sums side by side, which the processor can add at once.
fn dot(a: &[f64], b: &[f64; TILE]) -> f64 {
    let mut sums = [0.0_f64; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum()
}

/// Cholesky's factor of a symmetric matrix given by its upper triangle: lower triangle, row by row.
fn cholesky(upper: &[f64], p: usize) -> Result<Vec<f64>> {
    let mut l = vec![0.0; p * p];
    for i in 0..p {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i * p + k] * l[j * p + k]).sum();
            let rest = upper[j * p + i] - sum;
            if i != j {
                l[i * p + j] = rest / l[j * p + j];
            } else if rest > 1e-12 * upper[i * p + i] {
                l[i * p + i] = rest.sqrt();
            } else {
                let detail = "two columns say the same, or one column decides the outcome: a ridge (l2) above 0 is needed";
                return Err(Error::invalid("models.columns_dependent", detail));
            }
        }
    }
    Ok(l)
}

fn solve(upper: &[f64], right: &[f64], p: usize) -> Result<Vec<f64>> {
    let l = cholesky(upper, p)?;
    let mut x = right.to_vec();
    for i in 0..p {
        let sum: f64 = (0..i).map(|k| l[i * p + k] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i * p + i];
    }
    for i in (0..p).rev() {
        let sum: f64 = (i + 1..p).map(|k| l[k * p + i] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i * p + i];
    }
    Ok(x)
}

fn inverse_diagonal(upper: &[f64], p: usize) -> Result<Vec<f64>> {
    let l = cholesky(upper, p)?;
    // Column by column of the factor's inverse: the diagonal is the sum of their squares.
    let of_column = |j: usize| {
        let mut column = vec![0.0; p];
        for i in j..p {
            let unit = f64::from(u8::from(i == j));
            let sum: f64 = (j..i).map(|k| l[i * p + k] * column[k]).sum();
            column[i] = (unit - sum) / l[i * p + i];
        }
        column.iter().map(|v| v * v).sum()
    };
    Ok((0..p).map(of_column).collect())
}
