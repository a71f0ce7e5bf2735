//! Funnel: how many people did these steps in this order within a window.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{TimestampMillisecondType, UInt32Type};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use weft_condition::{EventMatch, LazyJson, Moment};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_query_engine::QueryEngine;

use crate::kernel::time::parse_duration;
use crate::kernel::{Error, Millis, Result, SegmentId, WorkspaceId};
use crate::rows::{LONGEST_MILLIS, check_match, named, texts};

const MOST_STEPS: usize = 20;

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelQuestion {
    /// Each `{"name": …, "where": …}`, as in conditions.
    #[schema(value_type = Vec<Object>)]
    pub steps: Vec<EventMatch>,
    /// From the first step to the last.
    pub within: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Option<Millis>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Option<Millis>,
    /// Only these people.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub segment: Option<SegmentId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FunnelLevel {
    pub name: String,
    pub people: u64,
    pub rate_from_first: Option<f64>,
    pub rate_from_previous: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FunnelAnswer {
    pub steps: Vec<FunnelLevel>,
    /// Of those who did all steps.
    pub median_time_to_convert_ms: Option<i64>,
    #[schema(value_type = String)]
    pub as_of: Millis,
}

/// How far one person came. A later start replaces an earlier one, so the span is counted from the latest possible start
/// (the same rule as ClickHouse's `windowFunnel`).
#[derive(Clone, Debug)]
pub struct Progress {
    /// For each step reached: when the chain that reached it began.
    began: Vec<Option<i64>>,
    window: i64,
    best: usize,
    took: Option<i64>,
}

impl Progress {
    pub fn new(steps: usize, window: i64) -> Self {
        Self { began: vec![None; steps], window, best: 0, took: None }
    }
    /// An event that is an instance of the steps in `of`. Steps are taken from the last to the first,
    /// so that one event is not two steps of one chain.
    pub fn see(&mut self, of: &[usize], ts: i64) {
        for &step in of.iter().rev() {
            let start = if step == 0 { Some(ts) } else { self.began[step - 1].filter(|s| ts - s <= self.window) };
            let Some(start) = start else { continue };
            self.began[step] = Some(start);
            if step + 1 > self.best {
                self.best = step + 1;
                if self.best == self.began.len() {
                    self.took = Some(ts - start);
                }
            }
        }
    }
    pub fn level(&self) -> usize {
        self.best
    }
}

fn check(question: &FunnelQuestion) -> Result<i64> {
    if question.steps.is_empty() || question.steps.len() > MOST_STEPS {
        return Err(Error::invalid("analytics.steps_invalid", format!("a funnel has 1 to {MOST_STEPS} steps")).field("steps", "add a step"));
    }
    for (n, step) in question.steps.iter().enumerate() {
        check_match(step, &format!("steps.{n}"))?;
    }
    parse_duration(&question.within)
        .filter(|w| *w > 0)
        .ok_or_else(|| Error::invalid("analytics.window_invalid", "write the window as 7d, 12h or 30m").field("within", "is not a duration"))
}

fn sql(question: &FunnelQuestion) -> String {
    let mut wanted = vec!["person_number IS NOT NULL".to_owned()];
    wanted.extend(named(question.steps.iter().map(|s| s.name.as_str())));
    wanted.extend(question.from.map(|at| format!("ts >= TIMESTAMP '{}'", at.rfc3339())));
    wanted.extend(question.to.map(|at| format!("ts < TIMESTAMP '{}'", at.rfc3339())));
    let properties = if question.steps.iter().any(|s| s.filter.is_some()) { "properties" } else { "'' AS properties" };
    format!("SELECT person_number, CAST(ts AS TIMESTAMP(3)) AS ts, name, {properties} FROM events WHERE {} ORDER BY person_number, ts, position", wanted.join(" AND "))
}

pub async fn run_funnel(
    engine: &QueryEngine,
    workspace: WorkspaceId,
    question: &FunnelQuestion,
    is_wanted: impl Fn(u32) -> bool,
    moment: Moment<'_>,
) -> Result<FunnelAnswer> {
    let window = check(question)?;
    let mut tally = Tally::new(question, window);
    let mut batches = engine.stream(workspace, &sql(question), LONGEST_MILLIS, moment.now).await?;
    while let Some(batch) = batches.next().await {
        tally.add(&batch.map_err(|e| Error::internal(e.to_string()))?, &is_wanted, moment)?;
    }
    Ok(tally.finish(moment.now))
}

struct Tally<'a> {
    question: &'a FunnelQuestion,
    window: i64,
    person: Option<(u32, Progress)>,
    reached: Vec<u64>,
    times: Vec<i64>,
}

impl<'a> Tally<'a> {
    fn new(question: &'a FunnelQuestion, window: i64) -> Self {
        Self { question, window, person: None, reached: vec![0; question.steps.len()], times: Vec::new() }
    }

    fn add(&mut self, batch: &RecordBatch, is_wanted: &impl Fn(u32) -> bool, moment: Moment<'_>) -> Result<()> {
        let persons = batch.column(0).as_primitive::<UInt32Type>();
        let times = batch.column(1).as_primitive::<TimestampMillisecondType>();
        let (names, properties) = (texts(batch, 2)?, texts(batch, 3)?);
        for row in 0..batch.num_rows() {
            let person = persons.value(row);
            if !is_wanted(person) {
                continue;
            }
            let of = self.steps_of(names.value(row), properties.value(row), moment);
            if self.person.as_ref().map(|(p, _)| *p) != Some(person) {
                self.close();
                self.person = Some((person, Progress::new(self.question.steps.len(), self.window)));
            }
            if let Some((_, progress)) = &mut self.person {
                progress.see(&of, times.value(row));
            }
        }
        Ok(())
    }

    fn steps_of(&self, name: &str, properties: &str, moment: Moment<'_>) -> Vec<usize> {
        let properties = LazyJson::new(properties.as_bytes());
        self.question.steps.iter().enumerate().filter(|(_, step)| step.fits(name, &properties, moment)).map(|(n, _)| n).collect()
    }

    fn close(&mut self) {
        if let Some((_, progress)) = self.person.take() {
            self.reached[..progress.best].iter_mut().for_each(|n| *n += 1);
            self.times.extend(progress.took);
        }
    }

    fn finish(mut self, now: Millis) -> FunnelAnswer {
        self.close();
        let first = self.reached.first().copied().unwrap_or(0);
        let rate = |n: u64, of: u64| (of > 0).then(|| n as f64 / of as f64);
        let steps = self
            .question
            .steps
            .iter()
            .enumerate()
            .map(|(n, step)| FunnelLevel {
                name: step.name.clone(),
                people: self.reached[n],
                rate_from_first: rate(self.reached[n], first),
                rate_from_previous: rate(self.reached[n], if n == 0 { first } else { self.reached[n - 1] }),
            })
            .collect();
        self.times.sort_unstable();
        let median_time_to_convert_ms = (!self.times.is_empty()).then(|| self.times[(self.times.len() - 1) / 2]);
        FunnelAnswer { steps, median_time_to_convert_ms, as_of: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(events: &[(usize, i64)], steps: usize, window: i64) -> usize {
        let mut p = Progress::new(steps, window);
        events.iter().for_each(|(step, ts)| p.see(&[*step], *ts));
        p.level()
    }

    #[test]
    fn order_and_window_decide() {
        assert_eq!(level(&[(0, 0), (1, 5), (2, 9)], 3, 10), 3);
        assert_eq!(level(&[(0, 0), (1, 5), (2, 11)], 3, 10), 2);
        assert_eq!(level(&[(1, 0), (0, 1)], 2, 10), 1);
        // A later start saves a chain that the first start would have lost.
        assert_eq!(level(&[(0, 0), (0, 8), (1, 15)], 2, 10), 2);
        assert_eq!(level(&[], 2, 10), 0);
    }

    #[test]
    fn one_event_is_not_two_steps_at_once() {
        let mut p = Progress::new(2, 10);
        p.see(&[0, 1], 1);
        assert_eq!(p.level(), 1);
        p.see(&[0, 1], 2);
        assert_eq!(p.level(), 2);
    }
}
