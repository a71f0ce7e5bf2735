//! Every statistic of this room against somebody else's figure, for `weft verify` and for the tests.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::means::{Sample, compare_means};
use crate::power::{power_of_proportions, required_sample_size};
use crate::proportions::{Interval, compare_proportions, fisher_exact};
use crate::sample_ratio::sample_ratio_mismatch;

const REFERENCE: &str = include_str!("../tests/reference.json");

/// Relative; an expected value below 1e-290 is compared absolutely.
const TOLERANCE: f64 = 1e-9;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// `compare_proportions 1000:52 1013:70 0.95 / p_value`
    pub name: String,
    /// Whose figure it is.
    pub source: String,
    pub expected: f64,
    /// `None` when we had no answer.
    pub got: Option<f64>,
    /// Allowed relative distance.
    pub tolerance: f64,
    pub ok: bool,
}

/// One check per figure: the committed answers of SciPy and statsmodels, and figures from publications.
pub fn verify() -> Vec<Check> {
    let mut checks = published();
    match serde_json::from_str::<Reference>(REFERENCE) {
        Ok(reference) => checks.extend(reference.cases.iter().flat_map(|case| replay(case, &reference.source))),
        Err(e) => checks.push(Check {
            name: format!("tests/reference.json: {e}"),
            source: String::new(),
            expected: 1.0,
            got: None,
            tolerance: 0.0,
            ok: false,
        }),
    }
    checks
}

#[derive(Deserialize)]
struct Reference {
    source: String,
    cases: Vec<Case>,
}
#[derive(Deserialize)]
struct Case {
    function: String,
    arguments: Value,
    expected: serde_json::Map<String, Value>,
}

fn replay(case: &Case, source: &str) -> Vec<Check> {
    let got = answer(case);
    case.expected
        .iter()
        .map(|(figure, expected)| {
            let expected = expected.as_f64().unwrap_or(f64::NAN);
            let got = got.as_ref().and_then(|g| g.iter().find(|(name, _)| name == figure)).and_then(|(_, value)| *value);
            Check::of(format!("{} {} / {figure}", case.function, case.arguments), source, expected, got, TOLERANCE)
        })
        .collect()
}

impl Check {
    /// `tolerance` is the allowed relative distance.
    pub fn of(name: impl Into<String>, source: &str, expected: f64, got: Option<f64>, tolerance: f64) -> Self {
        let ok = got.is_some_and(|got| (got - expected).abs() <= tolerance * expected.abs().max(1e-290));
        Self { name: name.into(), source: source.to_owned(), expected, got, tolerance, ok }
    }
}

type Figures = Vec<(&'static str, Option<f64>)>;

fn answer(case: &Case) -> Option<Figures> {
    let args = &case.arguments;
    match case.function.as_str() {
        "compare_proportions" => {
            let out = compare_proportions(pair(args, "control")?, pair(args, "treatment")?, number(args, "confidence")?).ok()?;
            let mut figures: Figures = vec![
                ("difference", out.difference),
                ("lift", out.lift),
                ("z", out.z),
                ("p_value", out.p_value),
                ("p_value_fisher", out.p_value_fisher),
            ];
            push_interval(&mut figures, ["low", "high"], out.interval);
            push_interval(&mut figures, ["wald_low", "wald_high"], out.interval_wald);
            push_interval(&mut figures, ["lift_low", "lift_high"], out.lift_interval);
            Some(figures)
        }
        "fisher_exact" => Some(vec![("p_value", Some(fisher_exact(pair(args, "control")?, pair(args, "treatment")?)))]),
        "compare_means" => {
            let out = compare_means(sample(args, "control")?, sample(args, "treatment")?, number(args, "confidence")?).ok()?;
            let mut figures: Figures = vec![("difference", out.difference), ("t", out.t), ("df", out.df), ("p_value", out.p_value)];
            push_interval(&mut figures, ["low", "high"], out.interval);
            Some(figures)
        }
        "sample_ratio_mismatch" => {
            let observed: Vec<u64> = serde_json::from_value(args.get("observed")?.clone()).ok()?;
            let weights: Vec<u32> = serde_json::from_value(args.get("weights")?.clone()).ok()?;
            let out = sample_ratio_mismatch(&observed, &weights).ok()?;
            Some(vec![("chi_square", out.chi_square), ("p_value", out.p_value)])
        }
        "required_sample_size" => {
            let n = required_sample_size(number(args, "control_rate")?, number(args, "treatment_rate")?, number(args, "confidence")?, number(args, "power")?);
            Some(vec![("people", n.ok().map(|n| n as f64))])
        }
        "power_of_proportions" => {
            let group = |name: &str| Some((args.get(name)?.get(0)?.as_u64()?, args.get(name)?.get(1)?.as_f64()?));
            let power = power_of_proportions(group("control")?, group("treatment")?, number(args, "confidence")?);
            Some(vec![("power", power.ok())])
        }
        _ => None,
    }
}

fn push_interval(figures: &mut Figures, names: [&'static str; 2], interval: Option<Interval>) {
    figures.push((names[0], interval.map(|i| i.low)));
    figures.push((names[1], interval.map(|i| i.high)));
}
fn pair(args: &Value, name: &str) -> Option<(u64, u64)> {
    serde_json::from_value(args.get(name)?.clone()).ok()
}
fn number(args: &Value, name: &str) -> Option<f64> {
    args.get(name)?.as_f64()
}
/// Either the values themselves or `{n, mean, variance}`.
fn sample(args: &Value, name: &str) -> Option<Sample> {
    let given = args.get(name)?;
    if let Some(values) = given.as_array() {
        return Some(Sample::of(values.iter().filter_map(Value::as_f64)));
    }
    let n = given.get("n")?.as_u64()?;
    Some(Sample { n, mean: number(given, "mean")?, squares: number(given, "variance")? * (n.saturating_sub(1)) as f64 })
}

/// Figures as printed, so the tolerance is half of the last printed digit.
fn published() -> Vec<Check> {
    let newcombe = compare_proportions((80, 48), (70, 56), 0.95).ok();
    let interval = newcombe.and_then(|c| c.interval);
    let paper = "Newcombe 1998, Statistics in Medicine 17:873, table II (a), method 10";
    vec![
        Check::of("difference of 56/70 and 48/80, lower limit", paper, 0.0524, interval.map(|i| i.low), 1e-3),
        Check::of("difference of 56/70 and 48/80, upper limit", paper, 0.3339, interval.map(|i| i.high), 2e-4),
        Check::of("the lady tasting tea, 3 of 4 against 1 of 4", "Fisher 1935, The Design of Experiments", 34.0 / 70.0, Some(fisher_exact((4, 3), (4, 1))), 1e-9),
    ]
}
