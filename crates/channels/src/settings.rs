//! What the gate obeys: caps, quiet hours, and whether silence means yes.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::Key;
use weft_profile_kv::{Read, Work};

use crate::kernel::time::parse_duration;
use crate::kernel::{Error, Millis, Result, WorkspaceId};

const SETTINGS: &str = "sending_settings";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub caps: Vec<Cap>,
    pub quiet_hours: Option<QuietHours>,
    /// Must a person have said yes before a message with a purpose reaches her? Off, only a no keeps it back.
    pub needs_consent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { caps: Vec::new(), quiet_hours: None, needs_consent: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// The last so many hours or days, to the millisecond.
    Rolling,
    /// Since midnight, Monday or the first, in the person's time zone.
    Calendar,
}

/// At most `limit` messages to a person, on a channel or (`*`) on all together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    #[serde(default = "every_channel")]
    pub channel: String,
    pub window: WindowKind,
    /// Rolling: a duration such as `24h` or `7d`. Calendar: `1d`, `1w` or `1mo`.
    pub period: String,
    pub limit: u32,
}

fn every_channel() -> String {
    "*".to_owned()
}

/// From `from` to `to` in the person's time zone, over midnight if need be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `22:00`
    pub from: String,
    pub to: String,
    /// Empty: all.
    #[serde(default)]
    pub channels: Vec<String>,
}

impl Settings {
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |field: String, what: &str| Err(Error::invalid("channels.settings_invalid", format!("{field}: {what}")).field(field, what));
        for (n, cap) in self.caps.iter().enumerate() {
            let readable = match cap.window {
                WindowKind::Rolling => parse_duration(&cap.period).is_some_and(|p| p > 0 && p <= 366 * Millis::DAY),
                WindowKind::Calendar => ["1d", "1w", "1mo"].contains(&cap.period.as_str()),
            };
            if !readable {
                return wrong(format!("caps.{n}.period"), "a rolling period is 24h, 7d, …; a calendar period is 1d, 1w or 1mo");
            }
        }
        if let Some(quiet) = &self.quiet_hours {
            if quiet.times().is_none() {
                return wrong("quiet_hours".into(), "times are written 22:00");
            }
            if quiet.from == quiet.to {
                return wrong("quiet_hours".into(), "from and to are the same: that would be always or never");
            }
        }
        Ok(())
    }
}

impl QuietHours {
    fn times(&self) -> Option<(Time, Time)> {
        Some((Time::strptime("%H:%M", &self.from).ok()?, Time::strptime("%H:%M", &self.to).ok()?))
    }
    fn concerns(&self, channel: &str) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|c| c == channel)
    }
    /// When the quiet ends, if it is quiet now.
    pub(crate) fn until(&self, channel: &str, now: Millis, zone: &TimeZone) -> Option<Millis> {
        let (from, to) = self.times().filter(|_| self.concerns(channel))?;
        let local = zone.to_datetime(now.timestamp());
        let time = local.time();
        let over_midnight = from > to;
        let is_quiet = if over_midnight { time >= from || time < to } else { time >= from && time < to };
        if !is_quiet {
            return None;
        }
        let day = if over_midnight && time >= from { local.date().tomorrow().ok()? } else { local.date() };
        let end = day.to_datetime(to).to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
        // Where clocks are set back, the hour comes twice; the end lies ahead in any case.
        Some(Millis(end.max(now.0 + 1)))
    }
}

impl Cap {
    pub(crate) fn concerns(&self, channel: &str) -> bool {
        self.channel == "*" || self.channel == channel
    }
    /// Messages after this moment count.
    pub(crate) fn begins(&self, now: Millis, zone: &TimeZone) -> Option<Millis> {
        if self.window == WindowKind::Rolling {
            return Some(now.minus(parse_duration(&self.period)?));
        }
        let date = zone.to_datetime(now.timestamp()).date();
        let first = match self.period.as_str() {
            "1d" => date,
            "1w" => date.checked_sub(jiff::Span::new().days(date.weekday().to_monday_zero_offset())).ok()?,
            _ => date.first_of_month(),
        };
        // The millisecond before midnight, since what is *after* it counts.
        Some(Millis(first.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond() - 1))
    }
    pub(crate) fn name(&self) -> String {
        let kind = if self.window == WindowKind::Rolling { "rolling" } else { "calendar" };
        format!("cap:{}:{kind}:{}:{}", self.channel, self.period, self.limit)
    }
}

/// The settings the pipeline obeys now.
pub fn settings(read: &dyn Read, workspace: WorkspaceId) -> Result<Settings> {
    Ok(read.get(SETTINGS, Key::of(workspace).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?.unwrap_or_default())
}

pub(crate) fn put(work: &mut Work, workspace: WorkspaceId, settings: &Settings) -> Result<()> {
    work.put(SETTINGS, Key::of(workspace), serde_json::to_vec(settings)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::parse(text).unwrap()
    }

    #[test]
    fn quiet_hours_end_on_the_right_morning() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let quiet = QuietHours { from: "22:00".into(), to: "08:00".into(), channels: vec!["sms".into()] };
        // 23:30 in Shanghai: ends tomorrow at eight.
        assert_eq!(quiet.until("sms", at("2026-11-22T15:30:00Z"), &zone), Some(at("2026-11-23T00:00:00Z")));
        // 07:59: ends today.
        assert_eq!(quiet.until("sms", at("2026-11-22T23:59:00Z"), &zone), Some(at("2026-11-23T00:00:00Z")));
        assert_eq!(quiet.until("sms", at("2026-11-23T00:00:00Z"), &zone), None);
        assert_eq!(quiet.until("email", at("2026-11-22T15:30:00Z"), &zone), None);
    }

    #[test]
    fn quiet_hours_survive_the_change_of_clocks() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let quiet = QuietHours { from: "22:00".into(), to: "08:00".into(), channels: vec![] };
        // The night of 25 October 2026 is an hour longer: 08:00 is 07:00 UTC, not 06:00.
        assert_eq!(quiet.until("email", at("2026-10-24T21:00:00Z"), &zone), Some(at("2026-10-25T07:00:00Z")));
    }

    #[test]
    fn calendar_windows_begin_where_people_say() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let cap = |period: &str| Cap { channel: "*".into(), window: WindowKind::Calendar, period: period.into(), limit: 1 };
        let now = at("2026-11-22T15:30:00Z"); // Sunday 23:30 in Shanghai
        assert_eq!(cap("1d").begins(now, &zone), Some(at("2026-11-21T16:00:00Z").minus(1)));
        assert_eq!(cap("1w").begins(now, &zone), Some(at("2026-11-15T16:00:00Z").minus(1)));
        assert_eq!(cap("1mo").begins(now, &zone), Some(at("2026-10-31T16:00:00Z").minus(1)));
    }
}
