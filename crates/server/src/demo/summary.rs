//! What the history came to, read from the house as anybody could.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use weft_brand::{CONVERSION_ALONE, CONVERSION_SPOKEN_TO};
use weft_channels::{Filter, State};

use super::Demo;
use crate::kernel::Millis;

const AT_ONCE: usize = 5_000;

#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub from: Millis,
    pub to: Millis,
    pub people: u64,
    pub members: u64,
    /// Stored ones: the brand's and the house's own.
    pub events: u64,
    /// Messages asked for; each has one state.
    pub deliveries: u64,
    pub by_state: BTreeMap<&'static str, u64>,
    pub suppressed: BTreeMap<String, u64>,
    pub opened: u64,
    pub clicked: u64,
    pub unsubscribed: u64,
    pub win_back: WinBack,
}

/// The journey "a week without an order", measured, and what the brand's people were made to do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WinBack {
    pub entered: u64,
    /// Share who ordered within 14 days, without and with messages.
    pub control_rate: Option<f64>,
    pub coupon_rate: Option<f64>,
    /// 0.5 is half as many again.
    pub lift: Option<f64>,
    pub p_value: Option<f64>,
    pub significant: bool,
    /// In any seven days, of those who wait: alone, and with a promotion.
    pub truth: (f64, f64),
}

impl Demo {
    pub async fn summary(&self) -> anyhow::Result<Summary> {
        let read = &*self.house.parts.state;
        let outcomes = weft_event_pipeline::list_outcomes(read, self.workspace, &Default::default())?;
        let mut summary = Summary {
            from: self.start,
            to: self.at,
            people: weft_profiles::count_people(read, self.workspace)?,
            members: self.brand.members() as u64,
            events: outcomes.iter().filter(|o| o.outcome == "stored").map(|o| o.count).sum(),
            deliveries: 0,
            by_state: BTreeMap::new(),
            suppressed: BTreeMap::new(),
            opened: 0,
            clicked: 0,
            unsubscribed: self.readers.unsubscribed(),
            win_back: self.win_back().await?,
        };
        let mut cursor: Option<String> = None;
        loop {
            let page = weft_channels::deliveries(read, self.workspace, &Filter::default(), AT_ONCE, cursor.as_deref())?;
            for d in page.items {
                summary.deliveries += 1;
                *summary.by_state.entry(d.state.name()).or_default() += 1;
                if d.state == State::Suppressed {
                    *summary.suppressed.entry(d.reason).or_default() += 1;
                }
                summary.opened += u64::from(d.opened_at.is_some());
                summary.clicked += u64::from(d.clicked_at.is_some());
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(summary),
            }
        }
    }

    async fn win_back(&self) -> anyhow::Result<WinBack> {
        let result = self.inside.get(&format!("/journeys/{}/result", self.stage.win_back)).await?;
        let arms = result["arms"].as_array().cloned().unwrap_or_default();
        let rate = |control: bool| arms.iter().find(|a| a["control"] == control).and_then(|a| a["rate"].as_f64());
        let compared = &result["comparisons"][0];
        Ok(WinBack {
            entered: result["entered"].as_u64().unwrap_or(0),
            control_rate: rate(true),
            coupon_rate: rate(false),
            lift: compared["lift"].as_f64(),
            p_value: compared["p_value"].as_f64(),
            significant: compared["significant"] == Value::Bool(true),
            truth: (CONVERSION_ALONE, CONVERSION_SPOKEN_TO),
        })
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |state: &str| self.by_state.get(state).copied().unwrap_or(0);
        let day = |at: Millis| at.rfc3339().chars().take(10).collect::<String>();
        let reasons: Vec<String> = self.suppressed.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        writeln!(f, "{} to {}: {} people, {} members, {} events", day(self.from), day(self.to), self.people, self.members, self.events)?;
        writeln!(f, "Messages: {} sent, {} opened, {} clicked, {} unsubscribed; {} kept back ({})", of("sent"), self.opened, self.clicked, self.unsubscribed, of("suppressed"), reasons.join(", "))?;
        write!(f, "A week without an order: {}", self.win_back)
    }
}

impl std::fmt::Display for WinBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", s * 100.0));
        write!(f, "{} people; ordered within 14 days: {} of the control group, {} of the others; lift {}", self.entered, percent(self.control_rate), percent(self.coupon_rate), percent(self.lift))?;
        match self.p_value {
            Some(p) => write!(f, " (p = {p:.4}, {})", if self.significant { "significant" } else { "not significant" }),
            None => Ok(()),
        }
    }
}
