//! Trend: how often, or by how many people, per hour, day or week.

use serde::Deserialize;
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Error, Millis, Result};

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendQuestion {
    pub event: String,
    #[serde(default)]
    pub measure: Measure,
    pub interval: Interval,
    #[schema(value_type = String)]
    pub from: Millis,
    #[schema(value_type = String)]
    pub to: Millis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    #[default]
    Count,
    People,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interval {
    Hour,
    Day,
    Week,
}

/// Intervals begin in UTC.
pub(crate) fn sql(question: &TrendQuestion) -> Result<String> {
    if question.event.trim().is_empty() {
        return Err(Error::invalid("analytics.event_missing", "name an event").field("event", "must not be empty"));
    }
    if question.to <= question.from || question.to.0 - question.from.0 > 3 * 366 * Millis::DAY {
        return Err(Error::invalid("analytics.period_invalid", "choose a period of up to three years").field("to", "must lie after from"));
    }
    let unit = match question.interval {
        Interval::Hour => "hour",
        Interval::Day => "day",
        Interval::Week => "week",
    };
    let measure = match question.measure {
        Measure::Count => "count(*)",
        Measure::People => "count(DISTINCT person_number)",
    };
    let (name, from, to) = (question.event.replace('\'', "''"), question.from.rfc3339(), question.to.rfc3339());
    Ok(format!(
        "SELECT date_trunc('{unit}', ts) AS at, {measure} AS value FROM events WHERE name = '{name}' AND ts >= TIMESTAMP '{from}' AND ts < TIMESTAMP '{to}' GROUP BY 1 ORDER BY 1"
    ))
}
