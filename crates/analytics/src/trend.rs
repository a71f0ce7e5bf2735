//! Trend: how often, or to how many people, per hour, day or week of the workspace's zone.

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{TimestampMillisecondType, UInt32Type};
use futures::StreamExt;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Unit, Zoned, ZonedRound};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use weft_condition::{EventMatch, LazyJson, Moment};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_query_engine::QueryEngine;

use crate::kernel::{Error, Millis, Result, SegmentId, WorkspaceId};
use crate::rows::{LONGEST_MILLIS, check_match, named, texts};

/// More than a picture can show.
const MOST_POINTS: usize = 5_000;

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendQuestion {
    /// `{"name": …, "where": …}`, as in conditions.
    #[schema(value_type = Object)]
    pub event: EventMatch,
    #[serde(default)]
    pub measure: Measure,
    pub interval: Interval,
    #[schema(value_type = String)]
    pub from: Millis,
    /// Exclusive.
    #[schema(value_type = String)]
    pub to: Millis,
    /// Only these people.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub segment: Option<SegmentId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    #[default]
    Count,
    People,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    Hour,
    Day,
    /// From Monday on.
    Week,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TrendPoint {
    /// When the interval begins. The first may begin before the period asked for; what counts is within the period.
    #[schema(value_type = String)]
    pub at: Millis,
    pub value: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TrendAnswer {
    /// Every interval up to now, also those in which nothing happened.
    pub points: Vec<TrendPoint>,
    #[schema(value_type = String)]
    pub as_of: Millis,
}

fn begins(at: Millis, interval: Interval, zone: &TimeZone) -> Result<Zoned> {
    let at = at.timestamp().to_zoned(zone.clone());
    match interval {
        Interval::Hour => at.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc)),
        Interval::Day => at.start_of_day(),
        Interval::Week => {
            let since_monday = i64::from(at.date().weekday().to_monday_zero_offset());
            at.checked_sub(since_monday.days()).and_then(|monday| monday.start_of_day())
        }
    }
    .map_err(Error::internal)
}

/// Where the intervals of a period begin. Days are as long as the zone's clock says: 23 or 25 hours twice a year.
fn intervals(from: Millis, to: Millis, interval: Interval, zone: &TimeZone) -> Result<Vec<i64>> {
    let mut next = begins(from, interval, zone)?;
    let mut all = Vec::new();
    while next.timestamp().as_millisecond() < to.0 {
        if all.len() == MOST_POINTS {
            let error = Error::invalid("analytics.too_many_points", format!("a trend has at most {MOST_POINTS} points: choose a shorter period or longer intervals"));
            return Err(error.param("most", MOST_POINTS).field("interval", "is too short for this period"));
        }
        all.push(next.timestamp().as_millisecond());
        let step = match interval {
            Interval::Hour => 1.hours(),
            Interval::Day => 1.days(),
            Interval::Week => 7.days(),
        };
        let after = next.checked_add(step).map_err(Error::internal)?;
        next = if interval == Interval::Hour { after } else { after.start_of_day().map_err(Error::internal)? };
    }
    Ok(all)
}

fn check(question: &TrendQuestion) -> Result<()> {
    check_match(&question.event, "event")?;
    if question.to <= question.from {
        return Err(Error::invalid("analytics.period_invalid", "the period ends before it begins").field("to", "must lie after from"));
    }
    Ok(())
}

fn sql(question: &TrendQuestion) -> String {
    let mut wanted = vec![format!("ts >= TIMESTAMP '{}'", question.from.rfc3339()), format!("ts < TIMESTAMP '{}'", question.to.rfc3339())];
    wanted.extend(named([question.event.name.as_str()]));
    if question.measure == Measure::People || question.segment.is_some() {
        wanted.push("person_number IS NOT NULL".to_owned());
    }
    // A filter looks at names too when any event will do, so both come along only then.
    let carried = if question.event.filter.is_some() { ", name, properties" } else { "" };
    format!("SELECT CAST(ts AS TIMESTAMP(3)) AS ts, person_number{carried} FROM events WHERE {}", wanted.join(" AND "))
}

pub async fn run_trend(
    engine: &QueryEngine,
    workspace: WorkspaceId,
    question: &TrendQuestion,
    is_wanted: impl Fn(u32) -> bool,
    moment: Moment<'_>,
) -> Result<TrendAnswer> {
    check(question)?;
    let starts = intervals(question.from, question.to.min(Millis(moment.now.0 + 1)), question.interval, moment.zone)?;
    let mut tally = Tally { question, counts: vec![0; starts.len()], people: Vec::new(), starts };
    if question.measure == Measure::People {
        tally.people.resize(tally.starts.len(), RoaringBitmap::new());
    }
    let mut batches = engine.stream(workspace, &sql(question), LONGEST_MILLIS, moment.now).await?;
    while let Some(batch) = batches.next().await {
        tally.add(&batch.map_err(|e| Error::internal(e.to_string()))?, &is_wanted, moment)?;
    }
    Ok(tally.finish(moment.now))
}

struct Tally<'a> {
    question: &'a TrendQuestion,
    starts: Vec<i64>,
    counts: Vec<u64>,
    people: Vec<RoaringBitmap>,
}

impl Tally<'_> {
    fn add(&mut self, batch: &RecordBatch, is_wanted: &impl Fn(u32) -> bool, moment: Moment<'_>) -> Result<()> {
        let times = batch.column(0).as_primitive::<TimestampMillisecondType>();
        let persons = batch.column(1).as_primitive::<UInt32Type>();
        let carried = match self.question.event.filter {
            Some(_) => Some((texts(batch, 2)?, texts(batch, 3)?)),
            None => None,
        };
        for row in 0..batch.num_rows() {
            let fits = carried.as_ref().is_none_or(|(names, properties)| {
                self.question.event.fits(names.value(row), &LazyJson::new(properties.value(row).as_bytes()), moment)
            });
            // A client's clock may lie in the future; that is in no interval yet.
            let Some(interval) = self.starts.partition_point(|start| *start <= times.value(row)).checked_sub(1) else { continue };
            if !fits || (self.question.segment.is_some() && !is_wanted(persons.value(row))) {
                continue;
            }
            match self.people.get_mut(interval) {
                Some(people) => drop(people.insert(persons.value(row))),
                None => self.counts[interval] += 1,
            }
        }
        Ok(())
    }

    fn finish(self, now: Millis) -> TrendAnswer {
        let value = |n: usize| self.people.get(n).map_or(self.counts[n], RoaringBitmap::len);
        let points = self.starts.iter().enumerate().map(|(n, start)| TrendPoint { at: Millis(*start), value: value(n) }).collect();
        TrendAnswer { points, as_of: now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap_or_else(|| panic!("{text} is no moment"))
    }
    fn cut(from: &str, to: &str, interval: Interval, zone: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap_or_else(|e| panic!("{zone}: {e}"));
        intervals(at(from), at(to), interval, &zone).map(|all| all.into_iter().map(|start| Millis(start).rfc3339()).collect()).unwrap_or_default()
    }

    #[test]
    fn days_begin_at_midnight_of_the_zone() {
        assert_eq!(cut("2026-03-01T15:00:00Z", "2026-03-02T16:00:00.001Z", Interval::Day, "Asia/Shanghai"), [
            "2026-02-28T16:00:00.000Z",
            "2026-03-01T16:00:00.000Z",
            "2026-03-02T16:00:00.000Z"
        ]);
    }

    #[test]
    fn days_of_a_changing_clock_are_not_all_as_long() {
        // New York puts its clocks forward on 8 March 2026.
        assert_eq!(cut("2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z", Interval::Day, "America/New_York"), [
            "2026-03-08T05:00:00.000Z",
            "2026-03-09T04:00:00.000Z"
        ]);
        assert_eq!(cut("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", Interval::Hour, "America/New_York").len(), 23);
        assert_eq!(cut("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", Interval::Hour, "America/New_York").len(), 25);
    }

    #[test]
    fn weeks_begin_on_mondays_and_hours_of_half_a_zone_at_the_half() {
        assert_eq!(cut("2026-11-22T10:00:00Z", "2026-11-23T00:00:00Z", Interval::Week, "UTC"), ["2026-11-16T00:00:00.000Z"]);
        assert_eq!(cut("2026-11-22T10:00:00Z", "2026-11-22T10:40:00Z", Interval::Hour, "Asia/Kolkata"), [
            "2026-11-22T09:30:00.000Z",
            "2026-11-22T10:30:00.000Z"
        ]);
    }

    #[test]
    fn too_many_points_are_refused() {
        let zone = TimeZone::UTC;
        let refused = intervals(at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), Interval::Hour, &zone).err();
        assert_eq!(refused.map(|e| e.code), Some("analytics.too_many_points"));
    }
}
