//! Recency, frequency, monetary value: scores, the cells of their matrix, the eight kinds by above and below the mean, and ABC.

use serde::{Deserialize, Serialize};

use super::features::all_finite;
use super::{no_rows, require, same_length};
use crate::kernel::{Error, Result};

/// How values become scores 1 … n, n the best. Equal values always have equal scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Scoring {
    /// Cuts at the quantiles of these people. Where many share a value some scores are given to nobody.
    Quantiles { tiles: u8 },
    /// Given cuts, ascending, as many for each of the three; a value at a cut belongs below it.
    Bounds { recency: Vec<f64>, frequency: Vec<f64>, monetary: Vec<f64> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RfmOptions {
    pub scoring: Scoring,
    /// Of recency, frequency and monetary score in the weighted score; only their proportion counts.
    pub weights: [f64; 3],
}

impl Default for RfmOptions {
    fn default() -> Self {
        Self { scoring: Scoring::Quantiles { tiles: 5 }, weights: [1.0; 3] }
    }
}

/// The three values of everybody who has bought.
#[derive(Clone, Copy, Debug)]
pub struct RfmValues<'a> {
    /// Days since the last purchase: less is better.
    pub recency: &'a [f64],
    pub frequency: &'a [f64],
    pub monetary: &'a [f64],
}

/// One cell of the matrix of recency score against frequency and monetary score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    Champions,
    Loyal,
    PotentialLoyalists,
    New,
    Promising,
    NeedAttention,
    AboutToSleep,
    AtRisk,
    CannotLose,
    Hibernating,
    Lost,
}

use Cell::{AboutToSleep, AtRisk, CannotLose, Champions, Hibernating, Lost, Loyal, NeedAttention, New, PotentialLoyalists, Promising};

/// The customary names of the matrix. Rows: recency score 1 … 5; columns: mean of frequency and monetary score 1 … 5.
pub const CELLS: [[Cell; 5]; 5] = [
    [Lost, Hibernating, AtRisk, CannotLose, CannotLose],
    [Hibernating, Hibernating, AtRisk, AtRisk, AtRisk],
    [AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal],
    [Promising, PotentialLoyalists, PotentialLoyalists, Loyal, Champions],
    [New, PotentialLoyalists, PotentialLoyalists, Champions, Champions],
];

/// The eight kinds (价值、发展、保持、挽留, each 重要 or 一般): recency, frequency and monetary value above or below the mean of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eight {
    /// 重要价值: recent, often, much.
    ImportantValue,
    /// 重要发展: recent, seldom, much.
    ImportantDevelop,
    /// 重要保持: long ago, often, much.
    ImportantKeep,
    /// 重要挽留: long ago, seldom, much.
    ImportantRetain,
    /// 一般价值: recent, often, little.
    GeneralValue,
    /// 一般发展: recent, seldom, little.
    GeneralDevelop,
    /// 一般保持: long ago, often, little.
    GeneralKeep,
    /// 一般挽留: long ago, seldom, little.
    GeneralRetain,
}

impl Eight {
    pub fn of(is_recent: bool, is_frequent: bool, is_valuable: bool) -> Self {
        match (is_valuable, is_recent, is_frequent) {
            (true, true, true) => Self::ImportantValue,
            (true, true, false) => Self::ImportantDevelop,
            (true, false, true) => Self::ImportantKeep,
            (true, false, false) => Self::ImportantRetain,
            (false, true, true) => Self::GeneralValue,
            (false, true, false) => Self::GeneralDevelop,
            (false, false, true) => Self::GeneralKeep,
            (false, false, false) => Self::GeneralRetain,
        }
    }
    /// As the trade writes it.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::ImportantValue => "重要价值",
            Self::ImportantDevelop => "重要发展",
            Self::ImportantKeep => "重要保持",
            Self::ImportantRetain => "重要挽留",
            Self::GeneralValue => "一般价值",
            Self::GeneralDevelop => "一般发展",
            Self::GeneralKeep => "一般保持",
            Self::GeneralRetain => "一般挽留",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rfm {
    /// Recency, frequency, monetary: 1 … tiles.
    pub scores: Vec<[u8; 3]>,
    /// Weighted mean of the three.
    pub weighted: Vec<f32>,
    pub cells: Vec<Cell>,
    pub eight: Vec<Eight>,
    pub rule: RfmRule,
}

/// What was learned from these people; new ones are scored by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RfmRule {
    /// Ascending cuts of each.
    pub cuts: [Vec<f64>; 3],
    pub means: [f64; 3],
    /// Together 1.
    pub weights: [f64; 3],
}

pub fn rfm(values: RfmValues, options: &RfmOptions) -> Result<Rfm> {
    let rule = RfmRule::learn(values, options)?;
    rule.apply(values)
}

impl RfmRule {
    pub fn learn(values: RfmValues, options: &RfmOptions) -> Result<Self> {
        check(values)?;
        let n = values.recency.len();
        if n == 0 {
            return Err(no_rows("RFM"));
        }
        let total: f64 = options.weights.iter().sum();
        require(options.weights.iter().all(|w| w.is_finite() && *w >= 0.0) && total > 0.0, "weights", "not negative, and not all 0")?;
        let columns = [values.recency, values.frequency, values.monetary];
        let cuts = match &options.scoring {
            Scoring::Quantiles { tiles } => {
                require((2..=100).contains(tiles), "tiles", "between 2 and 100")?;
                columns.map(|column| quantile_cuts(column, *tiles))
            }
            Scoring::Bounds { recency, frequency, monetary } => given_cuts([recency, frequency, monetary])?,
        };
        let means = columns.map(|column| column.iter().sum::<f64>() / n as f64);
        Ok(Self { cuts, means, weights: options.weights.map(|w| w / total) })
    }

    pub fn apply(&self, values: RfmValues) -> Result<Rfm> {
        check(values)?;
        let n = values.recency.len();
        let (scores, weighted) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let (cells, eight) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut out = Rfm { scores, weighted, cells, eight, rule: self.clone() };
        for i in 0..n {
            let value = [values.recency[i], values.frequency[i], values.monetary[i]];
            let scores = self.scores(value);
            out.weighted.push(scores.iter().zip(self.weights).map(|(s, w)| f64::from(*s) * w).sum::<f64>() as f32);
            out.cells.push(self.cell(scores));
            out.eight.push(Eight::of(value[0] < self.means[0], value[1] > self.means[1], value[2] > self.means[2]));
            out.scores.push(scores);
        }
        Ok(out)
    }

    fn scores(&self, value: [f64; 3]) -> [u8; 3] {
        let above = |i: usize| self.cuts[i].partition_point(|cut| *cut < value[i]);
        let tiles = self.cuts[0].len() + 1;
        [(tiles - above(0)) as u8, (above(1) + 1) as u8, (above(2) + 1) as u8]
    }

    /// Scores of any number of tiles are brought to five; frequency and monetary score count by their weights.
    fn cell(&self, scores: [u8; 3]) -> Cell {
        let (recency, worth) = self.place(scores);
        CELLS[usize::from(recency) - 1][usize::from(worth) - 1]
    }

    /// Row and column of the matrix, 1 … 5: recency score, and mean of the other two.
    pub fn place(&self, [r, f, m]: [u8; 3]) -> (u8, u8) {
        let last = self.cuts[0].len() as f64;
        let fifth = |score: f64| ((score - 1.0) / last * 4.0).round().clamp(0.0, 4.0) as u8 + 1;
        let [_, wf, wm] = self.weights;
        let fm = if wf + wm > 0.0 { (f64::from(f) * wf + f64::from(m) * wm) / (wf + wm) } else { f64::from(f.midpoint(m)) };
        (fifth(f64::from(r)), fifth(fm))
    }
}

fn check(values: RfmValues) -> Result<()> {
    same_length("frequency", values.frequency.len(), values.recency.len())?;
    same_length("monetary", values.monetary.len(), values.recency.len())?;
    all_finite("recency", values.recency)?;
    all_finite("frequency", values.frequency)?;
    all_finite("monetary", values.monetary)
}

fn quantile_cuts(column: &[f64], tiles: u8) -> Vec<f64> {
    let mut room: Vec<f64> = column.to_vec();
    room.sort_unstable_by(f64::total_cmp);
    let last = room.len() - 1;
    let at = |q: f64| {
        let place = q * last as f64;
        let (low, high) = (room[place.floor() as usize], room[place.ceil() as usize]);
        low + (high - low) * place.fract()
    };
    (1..tiles).map(|i| at(f64::from(i) / f64::from(tiles))).collect()
}

fn given_cuts(bounds: [&Vec<f64>; 3]) -> Result<[Vec<f64>; 3]> {
    for (name, cuts) in ["recency", "frequency", "monetary"].into_iter().zip(bounds) {
        let ascending = cuts.windows(2).all(|w| w[0] < w[1]) && cuts.iter().all(|c| c.is_finite());
        if !ascending || cuts.is_empty() || cuts.len() != bounds[0].len() || cuts.len() > 99 {
            let detail = format!("the bounds of {name} must be ascending numbers, as many as those of the others and at least one");
            return Err(Error::invalid("models.bounds_invalid", detail).field(name, "ascending numbers"));
        }
    }
    Ok(bounds.map(Clone::clone))
}

/// The few who bring most (V. Pareto): A up to the first share of the sum, B up to the second, C the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Abc {
    A,
    B,
    C,
}

/// Everybody's class. Who reaches the share still belongs to it, and with her all who have the same value; nothing and less is C.
/// The usual shares are 0.80 and 0.95.
pub fn abc(values: &[f64], a: f64, b: f64) -> Result<Vec<Abc>> {
    all_finite("value", values)?;
    require(a > 0.0 && a <= b && b <= 1.0, "shares", "0 < a <= b <= 1, such as 0.80 and 0.95")?;
    let total: f64 = values.iter().filter(|v| **v > 0.0).sum();
    let mut order: Vec<u32> = (0..values.len() as u32).filter(|i| values[*i as usize] > 0.0).collect();
    order.sort_unstable_by(|x, y| values[*y as usize].total_cmp(&values[*x as usize]));
    let mut out = vec![Abc::C; values.len()];
    let (mut before, mut last, mut class) = (0.0, f64::INFINITY, Abc::A);
    for i in order {
        let value = values[i as usize];
        if value < last {
            // Sums of many small values end a little beside a round share.
            let share = before / total + 1e-12;
            class = if share < a { Abc::A } else if share < b { Abc::B } else { Abc::C };
            last = value;
        }
        out[i as usize] = class;
        before += value;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIVE: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];

    #[test]
    fn five_people_have_five_scores() {
        let out = rfm(RfmValues { recency: &FIVE, frequency: &FIVE, monetary: &FIVE }, &RfmOptions::default()).unwrap();
        assert_eq!(out.scores, [[5, 1, 1], [4, 2, 2], [3, 3, 3], [2, 4, 4], [1, 5, 5]]);
        assert_eq!(out.cells, [New, PotentialLoyalists, NeedAttention, AtRisk, CannotLose]);
        assert_eq!(out.eight[0], Eight::GeneralDevelop);
        assert_eq!(out.eight[4].chinese(), "重要保持");
        // The mean itself is not above the mean.
        assert_eq!(out.eight[2], Eight::GeneralRetain);
        assert!((out.weighted[0] - 7.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn bounds_and_weights_are_obeyed() {
        let cuts = || vec![10.0, 20.0];
        let options = RfmOptions { scoring: Scoring::Bounds { recency: cuts(), frequency: cuts(), monetary: cuts() }, weights: [0.0, 0.0, 2.0] };
        let out = rfm(RfmValues { recency: &[10.0, 10.1, 99.0], frequency: &[1.0, 15.0, 20.5], monetary: &[1.0, 15.0, 20.5] }, &options).unwrap();
        assert_eq!(out.scores, [[3, 1, 1], [2, 2, 2], [1, 3, 3]]);
        assert_eq!(out.weighted, [1.0, 2.0, 3.0]);
        assert_eq!(out.cells, [New, NeedAttention, CannotLose]);
        let wrong = Scoring::Bounds { recency: vec![2.0, 1.0], frequency: cuts(), monetary: cuts() };
        let e = rfm(RfmValues { recency: &FIVE, frequency: &FIVE, monetary: &FIVE }, &RfmOptions { scoring: wrong, ..options });
        assert_eq!(e.unwrap_err().code, "models.bounds_invalid");
    }

    #[test]
    fn what_cannot_be_scored_is_refused() {
        let of = |r: &[f64], f: &[f64]| rfm(RfmValues { recency: r, frequency: f, monetary: r }, &RfmOptions::default());
        assert_eq!(of(&[], &[]).unwrap_err().code, "models.no_rows");
        assert_eq!(of(&[1.0], &[]).unwrap_err().code, "models.length_differs");
        assert_eq!(of(&[f64::NAN], &[1.0]).unwrap_err().code, "models.value_not_finite");
        // All alike: nobody is above a cut.
        assert_eq!(of(&[3.0; 4], &[3.0; 4]).unwrap().scores, [[5, 1, 1]; 4]);
    }

    #[test]
    fn the_few_who_bring_most() {
        use Abc::{A, B, C};
        assert_eq!(abc(&[80.0, 15.0, 4.0, 1.0, 0.0, -3.0], 0.80, 0.95).unwrap(), [A, B, C, C, C, C]);
        assert_eq!(abc(&[1.0; 4], 0.80, 0.95).unwrap(), [A; 4]);
        assert_eq!(abc(&[], 0.80, 0.95).unwrap(), []);
        assert!(abc(&[1.0], 0.9, 0.8).is_err());
    }

    proptest! {
        #[test]
        fn more_is_never_less(people in prop::collection::vec((0.0_f64..400.0, 1_u32..20, 0.0_f64..1e4), 1..50), tiles in 2_u8..8) {
            let r: Vec<f64> = people.iter().map(|p| p.0).collect();
            let f: Vec<f64> = people.iter().map(|p| f64::from(p.1)).collect();
            let m: Vec<f64> = people.iter().map(|p| p.2).collect();
            let options = RfmOptions { scoring: Scoring::Quantiles { tiles }, ..RfmOptions::default() };
            let out = rfm(RfmValues { recency: &r, frequency: &f, monetary: &m }, &options).unwrap();
            prop_assert!(out.scores.iter().flatten().all(|s| (1..=tiles).contains(s)));
            for i in 0..people.len() {
                for j in 0..people.len() {
                    prop_assert!(f[i] > f[j] || out.scores[i][1] <= out.scores[j][1]);
                    prop_assert!(r[i] < r[j] || out.scores[i][0] <= out.scores[j][0]);
                }
            }
            let turned = |v: &[f64]| v.iter().rev().copied().collect::<Vec<_>>();
            let back = rfm(RfmValues { recency: &turned(&r), frequency: &turned(&f), monetary: &turned(&m) }, &options).unwrap();
            prop_assert!(back.scores.iter().rev().eq(&out.scores));
            let classes = abc(&m, 0.8, 0.95).unwrap();
            prop_assert!(abc(&turned(&m), 0.8, 0.95).unwrap().iter().rev().eq(&classes));
        }
    }
}
