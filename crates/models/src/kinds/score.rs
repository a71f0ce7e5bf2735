//! Who is like these, and who will do it.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_condition::{Aggregate, Condition, EventTest, holds};
use weft_tags::Statistic;

use super::{APPLYING, LEARNING, Outcome, Work, named, no_columns, require, rounded, too_few, wrong};
use crate::domain::score::{Propensity, PropensityOptions, PropensityReport, Scorer, hash_id, most_alike};
use crate::kernel::{Atom, Error, Millis, PersonId, Result, SegmentId};
use crate::people::{Reading, Table};

const FEWEST: usize = 100;
/// Fewer who did it teach nothing that would hold for others.
const FEWEST_POSITIVES: usize = 30;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookAlike {
    /// The segment that others are to be like.
    pub seed: SegmentId,
    /// How many are wanted.
    size: usize,
}

impl LookAlike {
    pub fn checked(self) -> Result<Self> {
        require((1..=10_000_000).contains(&self.size), "settings.size", "how many people, 1 at least")?;
        Ok(self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PropensitySettings {
    /// What they will do: `name` and `where`.
    event: Map<String, Value>,
    /// Within so many days.
    days: i64,
    /// The shares of people who are called high, and then medium.
    #[serde(default)]
    steps: Option<[f64; 2]>,
}

#[derive(Clone, Debug)]
pub(crate) struct PropensityPlan {
    event: Box<EventTest>,
    days: i64,
    steps: [f64; 2],
}

impl PropensityPlan {
    pub fn of(s: PropensitySettings) -> Result<Self> {
        require((1..=365).contains(&s.days), "settings.days", "between 1 and 365")?;
        let steps = s.steps.unwrap_or([0.05, 0.2]);
        require(steps.iter().all(|s| *s > 0.0) && steps[0] + steps[1] < 1.0, "settings.steps", "shares above 0, together below 1")?;
        if s.event.contains_key("within") || s.event.contains_key("between") || s.event.contains_key("since") {
            return Err(wrong("settings.event", "the days say when; leave the window out"));
        }
        let mut event = s.event;
        event.insert("within".into(), json!(format!("{}d", s.days)));
        let event = Statistic { event, function: "count".into(), property: None }.parse()?;
        Ok(Self { event: Box::new(event), days: s.days, steps })
    }
}

fn hashes(work: &Work, people: &[Atom]) -> Vec<u64> {
    people.iter().map(|p| hash_id(&PersonId::of(work.reading.workspace, *p).0)).collect()
}

fn train(work: &Work, table: &Table, target: &[bool]) -> Result<(Propensity, PropensityReport)> {
    let positives = target.iter().filter(|t| **t).count();
    if target.len() < FEWEST {
        return Err(too_few(target.len(), FEWEST));
    }
    if positives < FEWEST_POSITIVES || target.len() - positives < FEWEST_POSITIVES {
        let detail = format!("{positives} of {} people are on one side; it takes {FEWEST_POSITIVES} on each", target.len());
        return Err(Error::conflict("models.too_few_examples", detail).param("examples", positives).param("wanted", FEWEST_POSITIVES));
    }
    if table.features.columns().is_empty() {
        return Err(no_columns());
    }
    work.reading.running.tell(LEARNING, 0, 1);
    crate::domain::score::propensity(&table.features, target, &hashes(work, &table.people), &PropensityOptions::default())
}

fn shown(report: &PropensityReport, model: &Propensity, people: usize, positives: usize, values: &[(&str, u64)]) -> Value {
    let test = &report.test;
    let lift = |row: &crate::domain::score::LiftRow| {
        json!({"people": row.people, "positives": row.positives, "rate": rounded(row.rate), "lift": rounded(row.lift), "cumulative_capture": rounded(row.cumulative_capture)})
    };
    let bin = |b: &crate::domain::score::CalibrationBin| json!({"people": b.people, "predicted": rounded(b.predicted), "observed": rounded(b.observed)});
    json!({
        "people": people, "positives": positives, "trained_with": report.trained_with,
        "method": if matches!(model.scorer, Scorer::Boosted(_)) { "boosted" } else { "logistic" },
        "judged_with": test.people, "auc": rounded(test.auc), "log_loss": rounded(test.log_loss), "brier": rounded(test.brier),
        "calibration_error": rounded(test.calibration_error),
        "lift": test.lift.iter().map(lift).collect::<Vec<_>>(), "calibration": test.calibration.iter().map(bin).collect::<Vec<_>>(),
        "importance": report.top_features.iter().map(|(feature, share)| json!({"feature": feature, "share": rounded(*share)})).collect::<Vec<_>>(),
        "values": values.iter().map(|(value, people)| json!({"value": value, "people": people})).collect::<Vec<_>>(),
    })
}

pub(super) fn look_alike(plan: &LookAlike, work: &Work) -> Result<Outcome> {
    let members = weft_segments::bitmap(work.reading.store, work.reading.workspace, &plan.seed)?;
    let wanted = work.reading.wanted(work.population.as_ref());
    // The seed teaches, even where it lies outside of the population.
    let table = work.reading.table(&work.sources, None, &|person, facts| members.contains(person) || wanted(person, facts))?;
    let seed: Vec<bool> = table.people.iter().map(|p| members.contains(*p)).collect();
    let (model, report) = train(work, &table, &seed)?;
    work.reading.running.tell(APPLYING, 0, 0);
    let scores = model.predict(&table.features, 2)?;
    let alike = most_alike(&scores, &seed, plan.size)?;
    let mut values: Vec<Option<String>> = seed.iter().map(|is_in| is_in.then(|| "seed".to_owned())).collect();
    alike.iter().for_each(|(row, _)| values[*row as usize] = Some("alike".into()));
    let positives = seed.iter().filter(|s| **s).count();
    let sizes = [("alike", alike.len() as u64), ("seed", positives as u64)];
    let mut result = shown(&report, &model, table.people.len(), positives, &sizes);
    if let Some(map) = result.as_object_mut() {
        map.insert("as_of".into(), json!(work.reading.at));
        map.insert("least_score".into(), json!(alike.last().map(|(_, score)| rounded(f64::from(*score)))));
    }
    Ok(Outcome {
        people: table.people.len() as u64,
        values: table.people.into_iter().zip(values).collect(),
        named: vec![named("alike", "相似人群 · Alike"), named("seed", "种子人群 · Seed")],
        notes: table.notes,
        result,
    })
}

/// Learns from how people were some days ago and what they did since, and asks the same of how they are now.
pub(super) fn propensity(plan: &PropensityPlan, work: &Work) -> Result<Outcome> {
    let now = work.reading.at;
    let then = Reading { at: now.minus(plan.days * Millis::DAY), is_past: true, ..work.reading };
    let was_wanted = then.wanted(work.population.as_ref());
    let was_there = |person: Atom| -> Result<bool> { Ok(weft_profiles::seen(then.store, then.workspace, person)?.is_some_and(|s| s.first <= then.at)) };
    let outcome = Condition::Event(Box::new(EventTest { aggregate: Aggregate::Occurs, ..(*plan.event).clone() }));
    let (before, did) = then.table_with(&work.sources, None, &|person, facts| {
        let took_part = was_there(person)? && was_wanted(person, facts);
        Ok(took_part.then(|| holds(&outcome, facts, now)))
    })?;
    let (model, report) = train(work, &before, &did)?;
    work.reading.running.check()?;
    let wanted = work.reading.wanted(work.population.as_ref());
    let today = work.reading.table(&work.sources, Some(&before.notes), &wanted)?;
    work.reading.running.tell(APPLYING, 0, 0);
    let scores = model.predict(&today.features, 2)?;
    let values = stepped(&scores, plan.steps);
    let count = |value: &str| values.iter().filter(|v| **v == value).count() as u64;
    let positives = did.iter().filter(|d| **d).count();
    let sizes = ["high", "medium", "low"].map(|v| (v, count(v)));
    let mut result = shown(&report, &model, before.people.len(), positives, &sizes);
    if let Some(map) = result.as_object_mut() {
        map.insert("as_of".into(), json!(now));
        map.insert("learnt_as_of".into(), json!(then.at));
    }
    Ok(Outcome {
        people: today.people.len() as u64,
        values: today.people.into_iter().zip(values.into_iter().map(|v| Some(v.to_owned()))).collect(),
        named: vec![named("high", "高 · High"), named("medium", "中 · Medium"), named("low", "低 · Low")],
        notes: before.notes,
        result,
    })
}

/// The best so many are high, the next medium; who scores the same as the last of a step belongs to it.
fn stepped(scores: &[f32], steps: [f64; 2]) -> Vec<&'static str> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let bound = |share: f64| sorted.get(((scores.len() as f64 * share).ceil() as usize).saturating_sub(1)).copied().unwrap_or(f32::INFINITY);
    let (high, medium) = (bound(steps[0]), bound(steps[0] + steps[1]));
    scores.iter().map(|s| if *s >= high { "high" } else if *s >= medium { "medium" } else { "low" }).collect()
}
