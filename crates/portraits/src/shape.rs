//! The shape of a portrait, as it is kept and as docs/portraits.md tells it.

use std::collections::BTreeMap;

use serde::Serialize;
use weft_models::domain::compare::Shift;

use crate::kernel::Millis;

#[derive(Debug, Serialize)]
pub struct Portrait {
    pub people: u64,
    pub others: u64,
    pub people_read: u64,
    pub others_read: u64,
    /// Of so many of them only the newest events were read.
    pub cut_short: u64,
    pub as_of: Millis,
    pub striking: Vec<Striking>,
    pub categories: Vec<Category>,
    pub numbers: Vec<Number>,
    pub habits: Habits,
    pub value: Option<Worth>,
    pub events: Vec<EventLine>,
    pub interests: Vec<Interest>,
    pub paths: Vec<Path>,
    pub drift: Option<Drift>,
    pub evaluation: Evaluation,
}

/// How good the portrait is.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Of 100: the mean of the four below, with `tells_apart` from 0.5 to 1 taken for 0 to 1.
    pub score: f64,
    /// Traits and tags of the group that are known, of all that are shown.
    pub coverage: f64,
    /// Of the group, so many were read.
    pub read: f64,
    /// Area under the ROC curve: how well what is striking tells members from others that it was not weighed by. 0.5 is chance.
    pub tells_apart: Option<f64>,
    /// Of what is striking, the share that points the same way in each half of the people.
    pub holds: Option<f64>,
    /// `little_known`, `too_few`, `nothing_striking`, `hardly_told_apart`, `unstable`
    pub suggestions: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Striking {
    pub feature: String,
    pub kind: &'static str,
    pub title: String,
    pub value: Option<String>,
    pub share: Option<f64>,
    pub rest_share: Option<f64>,
    pub median: Option<f64>,
    pub rest_median: Option<f64>,
    pub lift: Option<f64>,
    /// −1 … 1: of a value the difference of the two shares, of a number Cliff's delta.
    pub effect: f64,
    pub q_value: f64,
    pub is_small: bool,
}

#[derive(Debug, Serialize)]
pub struct Category {
    pub feature: String,
    pub kind: &'static str,
    pub title: String,
    pub known: u64,
    pub rest_known: u64,
    /// Cramér's V.
    pub effect: f64,
    pub q_value: f64,
    pub values: Vec<ValueLine>,
    pub other: Shares,
    /// People by value, also of those not shown.
    #[serde(skip)]
    pub all: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Shares {
    pub share: f64,
    pub rest_share: f64,
}

#[derive(Debug, Serialize)]
pub struct ValueLine {
    pub value: String,
    pub people: u64,
    pub share: f64,
    pub rest_share: f64,
    pub lift: Option<f64>,
    /// Of the difference, Newcombe's interval.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub q_value: f64,
    pub is_small: bool,
}

#[derive(Debug, Serialize)]
pub struct Number {
    pub feature: String,
    pub kind: &'static str,
    pub title: String,
    pub unit: Option<String>,
    pub known: u64,
    pub rest_known: u64,
    pub mean: f64,
    pub rest_mean: f64,
    pub median: f64,
    pub rest_median: f64,
    pub quartiles: [f64; 2],
    pub rest_quartiles: [f64; 2],
    pub cliffs_delta: f64,
    pub q_value: f64,
    pub bins: Vec<Bin>,
}

/// From (inclusive) to (exclusive); the first begins and the last ends where the values do.
#[derive(Clone, Debug, Serialize)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub people: u64,
    pub share: f64,
    pub rest_share: f64,
}

#[derive(Debug, Serialize)]
pub struct Habits {
    pub hours: Vec<Shares>,
    pub weekdays: Vec<Shares>,
}

#[derive(Debug, Serialize)]
pub struct Worth {
    pub event: &'static str,
    pub property: &'static str,
    pub buyers: f64,
    pub rest_buyers: f64,
    pub orders_per_buyer: f64,
    pub rest_orders_per_buyer: f64,
    pub amount_per_person: f64,
    pub rest_amount_per_person: f64,
    /// Of those who were read.
    pub amount_total: f64,
    pub currency: String,
}

#[derive(Debug, Serialize)]
pub struct EventLine {
    pub name: String,
    pub share: f64,
    pub rest_share: f64,
    pub per_person: f64,
    pub rest_per_person: f64,
    pub lift: Option<f64>,
    pub q_value: f64,
}

#[derive(Debug, Serialize)]
pub struct Interest {
    pub event: String,
    pub property: String,
    pub values: Vec<InterestLine>,
}

#[derive(Debug, Serialize)]
pub struct InterestLine {
    pub value: String,
    pub share: f64,
    pub rest_share: f64,
    pub lift: Option<f64>,
    pub q_value: f64,
}

#[derive(Debug, Serialize)]
pub struct Path {
    pub steps: Vec<String>,
    pub people: u64,
    pub share: f64,
    pub rest_share: f64,
}

/// What has shifted since the portrait before.
#[derive(Debug, Serialize)]
pub struct Drift {
    pub since: String,
    pub since_at: Millis,
    pub features: Vec<Shifted>,
}

#[derive(Debug, Serialize)]
pub struct Shifted {
    pub feature: String,
    pub title: String,
    pub population_stability_index: f64,
    pub shift: Shift,
}
