//! From columns as they are to columns that distances and sums can be made of: gaps filled, scales made alike. What was done is told.

use serde::{Deserialize, Serialize};

use super::features::{Column, Features, Values};
use super::numbers::{Moments, quantile};
use super::no_rows;
use crate::kernel::{Error, Result};

/// How a column of numbers is brought to scale: `(value − centre) / spread`, of the value or of ln(1 + value).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "scaling")]
pub enum Scaling {
    /// Left as it is.
    None,
    /// Mean and standard deviation (divided by n).
    ZScore { mean: f64, sd: f64 },
    /// Median and the interquartile range over 1.349, which is the standard deviation of a normal sample.
    Robust { median: f64, spread: f64 },
    /// Mean and standard deviation of ln(1 + value): money and counts.
    Log1p { mean: f64, sd: f64 },
}

impl Scaling {
    /// On the new scale.
    pub fn apply(&self, value: f32) -> f32 {
        let v = f64::from(value);
        (match *self {
            Self::None => v,
            Self::ZScore { mean, sd } => (v - mean) / sd,
            Self::Robust { median, spread } => (v - median) / spread,
            // Who was scaled by people above −1 and is below, is as low as can be.
            Self::Log1p { mean, sd } => (v.max(-1.0 + 1e-6).ln_1p() - mean) / sd,
        }) as f32
    }
    /// Back in the column's own unit.
    pub fn undo(&self, scaled: f32) -> f64 {
        let s = f64::from(scaled);
        match *self {
            Self::None => s,
            Self::ZScore { mean, sd } => s * sd + mean,
            Self::Robust { median, spread } => s * spread + median,
            Self::Log1p { mean, sd } => (s * sd + mean).exp_m1(),
        }
    }
}

/// Which scaling to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScalingRule {
    /// Log where it is skewed and not negative, robust where a few values are far out, z-score otherwise.
    #[default]
    Automatic,
    ZScore,
    Robust,
    Log1p,
    None,
}

/// What a category that is not known becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CategoryRule {
    /// A category of its own where at least one in twenty is not known: then not knowing says something. Otherwise the most frequent.
    #[default]
    Automatic,
    MostFrequent,
    OwnCategory,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PrepareOptions {
    pub scaling: ScalingRule,
    pub missing_category: CategoryRule,
    /// For single columns, instead of `scaling`.
    pub columns: Vec<(String, ScalingRule)>,
}

/// Why a scaling was taken, with the figures it was decided by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Because {
    Asked,
    /// Only two values.
    TwoValues,
    /// Nothing is negative, and the logarithm takes the skewness away.
    Skewed { skewness: f64, after: f64 },
    /// So large a share lies more than three interquartile ranges beyond the quartiles.
    FarOut { share: f64 },
    Ordinary { skewness: f64 },
}

/// Why a column is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// Nobody's value is known.
    AllMissing,
    /// Everybody whose value is known has the same.
    Constant,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "plan")]
pub enum Plan {
    LeftOut { reason: LeftOut },
    /// `fill` is the median of those who are known.
    Number { fill: f32, scaling: Scaling, because: Because },
    /// `fill` is the code for those who are not known: the most frequent one, or one beyond the dictionary, which is the category of its own.
    Category { fill: u32, dictionary: Vec<String> },
}

/// What is done to one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnPlan {
    pub name: String,
    /// How many were not known among those it was learned from, and got the fill.
    pub filled: u64,
    #[serde(flatten)]
    pub plan: Plan,
}

/// What is done to all columns; it is kept with a model, so that new people are treated as the first ones were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    pub columns: Vec<ColumnPlan>,
}

/// Columns that are complete and to scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    pub(crate) rows: usize,
    pub(crate) numbers: Vec<Vec<f32>>,
    pub(crate) number_names: Vec<String>,
    pub(crate) codes: Vec<Vec<u32>>,
    pub(crate) code_names: Vec<String>,
    /// How many codes each column of codes may hold.
    pub(crate) widths: Vec<u32>,
}

impl Matrix {
    pub fn rows(&self) -> usize {
        self.rows
    }
    pub fn number_names(&self) -> &[String] {
        &self.number_names
    }
    pub fn code_names(&self) -> &[String] {
        &self.code_names
    }
    /// Column by column, in the order of their names.
    pub fn numbers(&self) -> &[Vec<f32>] {
        &self.numbers
    }
    pub fn codes(&self) -> &[Vec<u32>] {
        &self.codes
    }
    fn push_numbers(&mut self, plan: &ColumnPlan, values: Vec<f32>) {
        self.number_names.push(plan.name.clone());
        self.numbers.push(values);
    }
    fn push_codes(&mut self, plan: &ColumnPlan, codes: Vec<u32>, width: u32) {
        self.code_names.push(plan.name.clone());
        self.widths.push(width);
        self.codes.push(codes);
    }
    /// Some rows only, in the order given; a row may come twice.
    pub fn take(&self, rows: &[u32]) -> Self {
        Self {
            rows: rows.len(),
            numbers: self.numbers.iter().map(|c| rows.iter().map(|r| c[*r as usize]).collect()).collect(),
            number_names: self.number_names.clone(),
            codes: self.codes.iter().map(|c| rows.iter().map(|r| c[*r as usize]).collect()).collect(),
            code_names: self.code_names.clone(),
            widths: self.widths.clone(),
        }
    }
}

impl Preparation {
    /// What to do, learned from these people.
    pub fn fit(features: &Features, options: &PrepareOptions) -> Result<Self> {
        if features.rows() == 0 {
            return Err(no_rows("preparing columns"));
        }
        for (name, _) in &options.columns {
            features.column(name)?;
        }
        Ok(Self { columns: features.columns().iter().map(|column| plan(column, options)).collect() })
    }

    /// Any people with these columns, also new ones, as a copy.
    pub fn apply(&self, features: &Features) -> Result<Matrix> {
        Ok(self.reader(features)?.rows(0..features.rows()))
    }

    /// The same within the memory of the columns: for many millions of people, when the columns are not needed any more.
    pub fn apply_in_place(&self, features: Features) -> Result<Matrix> {
        let mut out = Matrix { rows: features.rows(), ..Matrix::default() };
        let mut columns: Vec<Option<Column>> = features.into_columns().into_iter().map(Some).collect();
        for plan in &self.columns {
            let found = columns.iter_mut().find(|c| c.as_ref().is_some_and(|c| c.name() == plan.name));
            let column = found.and_then(Option::take).ok_or_else(|| unknown(&plan.name))?;
            let treatment = plan.treatment(column.values())?;
            match (treatment, column.into_parts().1) {
                (Some(Treatment::Number { fill, scaling }), Values::Numbers(mut values)) => {
                    values.iter_mut().for_each(|v| *v = number(*v, fill, scaling));
                    out.push_numbers(plan, values);
                }
                (Some(Treatment::Category { fill, known, width }), Values::Categories { mut codes, .. }) => {
                    codes.iter_mut().for_each(|c| *c = known.get(*c as usize).copied().unwrap_or(fill));
                    out.push_codes(plan, codes, width);
                }
                _ => {}
            }
        }
        Ok(out)
    }

    /// Reads these people a block at a time, so that no second copy of them all is needed.
    pub(crate) fn reader<'a>(&'a self, features: &'a Features) -> Result<Reader<'a>> {
        let bind = |plan: &'a ColumnPlan| {
            let values = features.column(&plan.name).map_err(|_| unknown(&plan.name))?.values();
            Ok(plan.treatment(values)?.map(|treatment| (plan, treatment, values)))
        };
        let columns = self.columns.iter().filter_map(|plan| bind(plan).transpose()).collect::<Result<Vec<_>>>()?;
        Ok(Reader { columns })
    }
}

fn unknown(name: &str) -> Error {
    Error::invalid("models.column_unknown", format!("there is no column {name}, which the model was learned with")).param("column", name)
}

fn number(value: f32, fill: f32, scaling: Scaling) -> f32 {
    scaling.apply(if value.is_nan() { fill } else { value })
}

/// A plan bound to the dictionary of the people at hand.
enum Treatment {
    Number { fill: f32, scaling: Scaling },
    Category { fill: u32, known: Vec<u32>, width: u32 },
}

pub(crate) struct Reader<'a> {
    columns: Vec<(&'a ColumnPlan, Treatment, &'a Values)>,
}

impl Reader<'_> {
    pub fn rows(&self, rows: std::ops::Range<usize>) -> Matrix {
        let mut out = Matrix { rows: rows.len(), ..Matrix::default() };
        for (plan, treatment, values) in &self.columns {
            match (treatment, values) {
                (Treatment::Number { fill, scaling }, Values::Numbers(values)) => {
                    out.push_numbers(plan, values[rows.clone()].iter().map(|v| number(*v, *fill, *scaling)).collect());
                }
                (Treatment::Category { fill, known, width }, Values::Categories { codes, .. }) => {
                    let code = |c: &u32| known.get(*c as usize).copied().unwrap_or(*fill);
                    out.push_codes(plan, codes[rows.clone()].iter().map(code).collect(), *width);
                }
                _ => {}
            }
        }
        out
    }
}

impl ColumnPlan {
    /// What to do with these values; nothing if the column is left out.
    fn treatment(&self, values: &Values) -> Result<Option<Treatment>> {
        match (&self.plan, values) {
            (Plan::LeftOut { .. }, _) => Ok(None),
            (Plan::Number { fill, scaling, .. }, Values::Numbers(_)) => Ok(Some(Treatment::Number { fill: *fill, scaling: *scaling })),
            (Plan::Category { fill, dictionary }, Values::Categories { dictionary: theirs, .. }) => {
                let known = theirs.iter().map(|name| dictionary.binary_search(name).map_or(*fill, |code| code as u32)).collect();
                Ok(Some(Treatment::Category { fill: *fill, known, width: (dictionary.len() as u32).max(fill + 1) }))
            }
            _ => {
                let detail = format!("column {} is of another kind than the one the model was learned with", self.name);
                Err(Error::invalid("models.column_kind", detail).param("column", &self.name))
            }
        }
    }
}

fn plan(column: &Column, options: &PrepareOptions) -> ColumnPlan {
    let asked = options.columns.iter().find(|(name, _)| name == column.name()).map_or(options.scaling, |(_, rule)| *rule);
    let plan = match column.values() {
        Values::Numbers(values) => plan_numbers(values, asked),
        Values::Categories { codes, dictionary } => plan_categories(codes, dictionary, options.missing_category),
    };
    ColumnPlan { name: column.name().to_owned(), filled: column.missing(), plan }
}

fn plan_numbers(values: &[f32], rule: ScalingRule) -> Plan {
    let known = values.iter().copied().filter(|v| !v.is_nan());
    let mut room: Vec<f32> = known.clone().collect();
    let Some(median) = quantile(&mut room, 0.5) else { return Plan::LeftOut { reason: LeftOut::AllMissing } };
    let low = known.clone().fold(f32::INFINITY, f32::min);
    let high = known.clone().fold(f32::NEG_INFINITY, f32::max);
    let moments = Moments::of(known.clone().map(f64::from));
    if low >= high || moments.variance <= 0.0 {
        return Plan::LeftOut { reason: LeftOut::Constant };
    }
    let quartiles = (quantile(&mut room, 0.25).unwrap_or(median), quantile(&mut room, 0.75).unwrap_or(median));
    let view = View { values: &room, low, high, median, quartiles, moments };
    let (scaling, because) = match rule {
        ScalingRule::Automatic => view.choose(),
        ScalingRule::None => (Scaling::None, Because::Asked),
        ScalingRule::ZScore => (view.z_score(), Because::Asked),
        ScalingRule::Robust => (view.robust(), Because::Asked),
        ScalingRule::Log1p => (if low > -1.0 { view.log1p().0 } else { view.z_score() }, Because::Asked),
    };
    Plan::Number { fill: median as f32, scaling, because }
}

/// A column's known values and what was found about them.
struct View<'a> {
    values: &'a [f32],
    low: f32,
    high: f32,
    median: f64,
    quartiles: (f64, f64),
    moments: Moments,
}

/// Beyond this a distribution is called strongly skewed: the exponential's skewness is 2, a normal sample's near 0.
const SKEWED: f64 = 1.5;
/// Of a normal sample two in a million lie beyond three interquartile ranges from the quartiles (J. Tukey's outer fence).
const MANY_FAR_OUT: f64 = 0.005;

impl View<'_> {
    fn choose(&self) -> (Scaling, Because) {
        let (low, high) = (self.low, self.high);
        if self.values.iter().all(|v| *v <= low || *v >= high) {
            return (self.z_score(), Because::TwoValues);
        }
        let skewness = self.moments.skewness;
        if low >= 0.0 && skewness > SKEWED {
            let (scaling, after) = self.log1p();
            if after.abs() < skewness {
                return (scaling, Because::Skewed { skewness, after });
            }
        }
        let reach = 3.0 * (self.quartiles.1 - self.quartiles.0);
        let (from, to) = (self.quartiles.0 - reach, self.quartiles.1 + reach);
        let outside = self.values.iter().filter(|v| f64::from(**v) < from || f64::from(**v) > to).count();
        let share = outside as f64 / self.moments.n;
        if reach > 0.0 && share > MANY_FAR_OUT {
            return (self.robust(), Because::FarOut { share });
        }
        (self.z_score(), Because::Ordinary { skewness })
    }
    fn z_score(&self) -> Scaling {
        Scaling::ZScore { mean: self.moments.mean, sd: self.moments.sd() }
    }
    /// Where half of all share one value there is no range to divide by.
    fn robust(&self) -> Scaling {
        let spread = (self.quartiles.1 - self.quartiles.0) / 1.349;
        if spread > 0.0 { Scaling::Robust { median: self.median, spread } } else { self.z_score() }
    }
    /// With the skewness that is left.
    fn log1p(&self) -> (Scaling, f64) {
        let moments = Moments::of(self.values.iter().map(|v| f64::from(*v).ln_1p()));
        if moments.variance <= 0.0 {
            return (self.z_score(), f64::INFINITY);
        }
        (Scaling::Log1p { mean: moments.mean, sd: moments.sd() }, moments.skewness)
    }
}

/// From this share on, not being known is a category of its own.
const OFTEN_MISSING: f64 = 0.05;

fn plan_categories(codes: &[u32], dictionary: &[String], rule: CategoryRule) -> Plan {
    let mut counts = vec![0_u64; dictionary.len()];
    let mut missing = 0_u64;
    for code in codes {
        match counts.get_mut(*code as usize) {
            Some(count) => *count += 1,
            None => missing += 1,
        }
    }
    let Some((most, _)) = counts.iter().enumerate().max_by_key(|(code, n)| (**n, std::cmp::Reverse(*code))).filter(|(_, n)| **n > 0) else {
        return Plan::LeftOut { reason: LeftOut::AllMissing };
    };
    let own = match rule {
        CategoryRule::Automatic => missing as f64 >= OFTEN_MISSING * codes.len() as f64,
        CategoryRule::MostFrequent => false,
        CategoryRule::OwnCategory => true,
    } && missing > 0;
    if counts.iter().filter(|n| **n > 0).count() == 1 && !own {
        return Plan::LeftOut { reason: LeftOut::Constant };
    }
    let fill = if own { dictionary.len() } else { most } as u32;
    Plan::Category { fill, dictionary: dictionary.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(features: &Features) -> Preparation {
        Preparation::fit(features, &PrepareOptions::default()).unwrap()
    }

    #[test]
    fn scaling_is_chosen_and_told() {
        let n = 2000;
        let flat: Vec<f32> = (0..n).map(|i| i as f32).collect();
        let skewed: Vec<f32> = (0..n).map(|i| (i as f32 / 200.0).exp()).collect();
        let wild: Vec<f32> = (0..n).map(|i| if i % 100 == 0 { if i % 200 == 0 { -1e6 } else { 1e6 } } else { i as f32 }).collect();
        let two: Vec<f32> = (0..n).map(|i| f32::from(u8::from(i % 50 == 0))).collect();
        let f = Features::new(n).numbers("flat", flat).unwrap().numbers("skewed", skewed).unwrap();
        let f = f.numbers("wild", wild).unwrap().numbers("two", two).unwrap();
        let told: Vec<_> = fit(&f).columns.into_iter().map(|c| c.plan).collect();
        assert!(matches!(told[0], Plan::Number { scaling: Scaling::ZScore { .. }, because: Because::Ordinary { .. }, .. }), "{:?}", told[0]);
        assert!(matches!(told[1], Plan::Number { scaling: Scaling::Log1p { .. }, because: Because::Skewed { .. }, .. }), "{:?}", told[1]);
        assert!(matches!(told[2], Plan::Number { scaling: Scaling::Robust { .. }, because: Because::FarOut { .. }, .. }), "{:?}", told[2]);
        assert!(matches!(told[3], Plan::Number { scaling: Scaling::ZScore { .. }, because: Because::TwoValues, .. }), "{:?}", told[3]);
    }

    #[test]
    fn scaled_columns_have_mean_zero_and_can_be_taken_back() {
        let f = Features::new(4).numbers("a", vec![1.0, 2.0, 3.0, 10.0]).unwrap();
        for rule in [ScalingRule::ZScore, ScalingRule::Robust, ScalingRule::Log1p, ScalingRule::None] {
            let p = Preparation::fit(&f, &PrepareOptions { scaling: rule, ..PrepareOptions::default() }).unwrap();
            let m = p.apply(&f).unwrap();
            assert_eq!(p.apply_in_place(f.clone()).unwrap(), m);
            let Plan::Number { scaling, .. } = &p.columns[0].plan else { panic!() };
            for (scaled, wanted) in m.numbers[0].iter().zip([1.0, 2.0, 3.0, 10.0]) {
                assert!((scaling.undo(*scaled) - wanted).abs() < 1e-5);
            }
            if matches!(rule, ScalingRule::ZScore | ScalingRule::Log1p) {
                assert!(m.numbers[0].iter().sum::<f32>().abs() < 1e-5);
            }
        }
    }

    #[test]
    fn gaps_are_filled_and_useless_columns_left_out() {
        let f = Features::new(4).known_numbers("a", [Some(1.0), None, Some(3.0), Some(8.0)]).unwrap();
        let f = f.known_numbers("gone", [None; 4]).unwrap().numbers("same", vec![5.0; 4]).unwrap();
        let f = f.categories("often", [Some("x"), None, Some("y"), Some("x")]).unwrap().categories::<&str>("none", [None; 4]).unwrap();
        let f = f.categories("one", [Some("x"); 4]).unwrap();
        let p = fit(&f);
        let reasons: Vec<_> = p.columns.iter().map(|c| if let Plan::LeftOut { reason } = &c.plan { Some(*reason) } else { None }).collect();
        assert_eq!(reasons, [None, Some(LeftOut::AllMissing), Some(LeftOut::Constant), None, Some(LeftOut::AllMissing), Some(LeftOut::Constant)]);
        assert!(matches!(p.columns[0].plan, Plan::Number { fill, .. } if (fill - 3.0).abs() < 1e-6) && p.columns[0].filled == 1);
        let m = p.apply(&f).unwrap();
        assert_eq!((m.number_names(), m.code_names()), (["a".to_owned()].as_slice(), ["often".to_owned()].as_slice()));
        assert_eq!((m.codes[0].as_slice(), m.widths[0]), ([0, 2, 1, 0].as_slice(), 3));
        let rule = PrepareOptions { missing_category: CategoryRule::MostFrequent, ..PrepareOptions::default() };
        assert_eq!(Preparation::fit(&f, &rule).unwrap().apply(&f).unwrap().codes[0], [0, 0, 1, 0]);
    }

    #[test]
    fn new_people_are_treated_as_the_first_ones_were() {
        let f = Features::new(3).categories("city", [Some("a"), Some("b"), Some("b")]).unwrap();
        let new = Features::new(3).categories("city", [Some("b"), Some("z"), None]).unwrap();
        assert_eq!(fit(&f).apply(&new).unwrap().codes[0], [1, 1, 1]);
        let other = Features::new(1).numbers("city", vec![1.0]).unwrap();
        assert_eq!(fit(&f).apply(&other).unwrap_err().code, "models.column_kind");
        assert_eq!(fit(&f).apply(&Features::new(1)).unwrap_err().code, "models.column_unknown");
        assert_eq!(Preparation::fit(&Features::new(0), &PrepareOptions::default()).unwrap_err().code, "models.no_rows");
    }
}
