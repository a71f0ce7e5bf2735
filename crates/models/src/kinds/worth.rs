//! Who is worth most, and what people like: RFM, A-B-C, and preferences that fade.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};
use weft_condition::{EventTest, each_value, measure};

use super::{APPLYING, LEARNING, Outcome, Work, figure, named, require, rounded, too_few, wrong};
use crate::domain::preference::{Act, decayed, preferences};
use crate::domain::rfm::{Abc, Eight, Rfm, RfmOptions, RfmValues, Scoring};
use crate::kernel::{Atom, Millis, Result, money};

const FEWEST: usize = 10;
const DAY: f64 = Millis::DAY as f64;
/// Points of the curve of A-B-C.
const ON_CURVE: usize = 50;
/// Different things people may like; the rest are passed over.
const MOST_ITEMS: usize = 100;
/// What is longer is no name of a thing, and no value of a tag.
const LONGEST: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RfmSettings {
    event: String,
    property: String,
    #[serde(default)]
    within: Option<String>,
    #[serde(default)]
    tiles: Option<u8>,
    #[serde(default)]
    cuts: Option<Cuts>,
    #[serde(default)]
    weights: Option<[f64; 3]>,
    /// `cells` of the matrix, or `eight` kinds.
    #[serde(default)]
    by: Option<By>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cuts {
    recency: Vec<f64>,
    frequency: Vec<f64>,
    monetary: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Cells,
    Eight,
}

#[derive(Clone, Debug)]
pub(crate) struct RfmPlan {
    spend: Spend,
    options: RfmOptions,
    by: By,
}

impl RfmPlan {
    pub fn of(s: RfmSettings) -> Result<Self> {
        let tiles = s.tiles.unwrap_or(5);
        require((2..=10).contains(&tiles), "settings.tiles", "between 2 and 10")?;
        let scoring = match s.cuts {
            Some(c) => Scoring::Bounds { recency: c.recency, frequency: c.frequency, monetary: c.monetary },
            None => Scoring::Quantiles { tiles },
        };
        let weights = s.weights.unwrap_or([1.0; 3]);
        Ok(Self { spend: Spend::of(&s.event, &s.property, s.within.as_deref())?, options: RfmOptions { scoring, weights }, by: s.by.unwrap_or(By::Eight) })
    }
}

/// What somebody spent: when last, how often, how much.
#[derive(Clone, Debug)]
struct Spend {
    amount: Box<EventTest>,
}

#[derive(Default)]
struct Spent {
    people: Vec<Atom>,
    recency: Vec<f64>,
    frequency: Vec<f64>,
    monetary: Vec<f64>,
}

impl Spend {
    fn of(event: &str, property: &str, within: Option<&str>) -> Result<Self> {
        require(!property.trim().is_empty(), "settings.property", "say which property is the amount")?;
        Ok(Self { amount: figure(event, within, "sum", Some(property.trim()))? })
    }
    /// Of everybody who bought; an amount that is no number counts as an order without one.
    fn read(&self, work: &Work) -> Result<Spent> {
        use rust_decimal::prelude::ToPrimitive;
        let wanted = work.reading.wanted(work.population.as_ref());
        let at = work.reading.at;
        let found = work.reading.each(&|person, facts| {
            if !wanted(person, facts) {
                return Ok(None);
            }
            let (mut last, mut orders) = (None, 0.0);
            each_value(&self.amount, facts, at, &mut |ts, _| {
                last = Some(ts);
                orders += 1.0;
            });
            let amount = measure(&self.amount, facts, at).and_then(|v| money::decimal(&v)).and_then(|d| d.to_f64()).unwrap_or(0.0);
            Ok(last.map(|last| (person, (at.0 - last.0) as f64 / DAY, orders, amount)))
        })?;
        let mut spent = Spent::default();
        for (person, recency, frequency, monetary) in found {
            spent.people.push(person);
            spent.recency.push(recency);
            spent.frequency.push(frequency);
            spent.monetary.push(monetary);
        }
        if spent.people.len() < FEWEST {
            return Err(too_few(spent.people.len(), FEWEST));
        }
        work.reading.running.tell(LEARNING, 0, 1);
        Ok(spent)
    }
}

/// Sums of a group.
#[derive(Clone, Copy, Default)]
struct Group {
    people: u64,
    recency: f64,
    frequency: f64,
    monetary: f64,
}

impl Group {
    fn add(&mut self, spent: &Spent, i: usize) {
        self.people += 1;
        self.recency += spent.recency[i];
        self.frequency += spent.frequency[i];
        self.monetary += spent.monetary[i];
    }
    fn mean(&self, sum: f64) -> f64 {
        rounded(sum / self.people.max(1) as f64)
    }
}

const EIGHT: [(Eight, &str); 8] = [
    (Eight::ImportantValue, "Champions"),
    (Eight::ImportantDevelop, "To be developed"),
    (Eight::ImportantKeep, "To be kept"),
    (Eight::ImportantRetain, "To be won back"),
    (Eight::GeneralValue, "Regulars"),
    (Eight::GeneralDevelop, "Newcomers"),
    (Eight::GeneralKeep, "Fading"),
    (Eight::GeneralRetain, "Lapsed"),
];

const CELLS: [(&str, &str); 11] = [
    ("champions", "冠军客户 · Champions"),
    ("loyal", "忠诚客户 · Loyal"),
    ("potential_loyalists", "潜在忠诚 · Potential loyalists"),
    ("new", "新客户 · New"),
    ("promising", "有潜力 · Promising"),
    ("need_attention", "需要关注 · Need attention"),
    ("about_to_sleep", "即将沉睡 · About to sleep"),
    ("at_risk", "有流失风险 · At risk"),
    ("cannot_lose", "不能流失 · Cannot lose"),
    ("hibernating", "沉睡 · Hibernating"),
    ("lost", "流失 · Lost"),
];

fn text_of(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(super) fn rfm(plan: &RfmPlan, work: &Work) -> Result<Outcome> {
    let spent = plan.spend.read(work)?;
    let scored = crate::domain::rfm::rfm(RfmValues { recency: &spent.recency, frequency: &spent.frequency, monetary: &spent.monetary }, &plan.options)?;
    work.reading.running.tell(APPLYING, 0, 0);
    let values: Vec<String> = match plan.by {
        By::Cells => scored.cells.iter().map(text_of).collect(),
        By::Eight => scored.eight.iter().map(text_of).collect(),
    };
    let known: Vec<(String, String)> = match plan.by {
        By::Cells => CELLS.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect(),
        By::Eight => EIGHT.iter().map(|(eight, english)| (text_of(eight), format!("{} · {english}", eight.chinese()))).collect(),
    };
    let n = spent.people.len();
    let mut groups: HashMap<&str, Group> = HashMap::new();
    values.iter().enumerate().for_each(|(i, value)| groups.entry(value).or_default().add(&spent, i));
    let cell = |(value, label): &(String, String)| {
        let group = groups.get(value.as_str()).copied().unwrap_or_default();
        json!({
            "value": value, "label": label, "people": group.people, "share": rounded(group.people as f64 / n as f64), "amount": rounded(group.monetary),
            "recency": group.mean(group.recency), "frequency": group.mean(group.frequency), "monetary": group.mean(group.monetary),
        })
    };
    let cuts = &scored.rule.cuts;
    Ok(Outcome {
        people: n as u64,
        named: known.iter().map(|(value, label)| named(value.as_str(), label.as_str())).collect(),
        notes: Vec::new(),
        result: json!({
            "people": n, "cuts": {"recency": cuts[0], "frequency": cuts[1], "monetary": cuts[2]},
            "matrix": matrix(&scored, &spent), "cells": known.iter().map(cell).collect::<Vec<_>>(),
        }),
        values: spent.people.iter().copied().zip(values.into_iter().map(Some)).collect(),
    })
}

/// People and money by recency score and the mean of frequency and monetary score, five by five as the cells are.
fn matrix(scored: &Rfm, spent: &Spent) -> Vec<Value> {
    let mut found: BTreeMap<(u8, u8), Group> = BTreeMap::new();
    for (i, scores) in scored.scores.iter().enumerate() {
        found.entry(scored.rule.place(*scores)).or_default().add(spent, i);
    }
    let line = |((recency, worth), group): ((u8, u8), Group)| json!({"recency": recency, "frequency": worth, "people": group.people, "amount": rounded(group.monetary)});
    found.into_iter().map(line).collect()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AbcSettings {
    event: String,
    property: String,
    #[serde(default)]
    within: Option<String>,
    #[serde(default)]
    a: Option<f64>,
    #[serde(default)]
    b: Option<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct AbcPlan {
    spend: Spend,
    a: f64,
    b: f64,
}

impl AbcPlan {
    pub fn of(s: AbcSettings) -> Result<Self> {
        let (a, b) = (s.a.unwrap_or(0.8), s.b.unwrap_or(0.95));
        require(a > 0.0 && a < b && b < 1.0, "settings.a", "0 < a < b < 1, such as 0.8 and 0.95")?;
        Ok(Self { spend: Spend::of(&s.event, &s.property, s.within.as_deref())?, a, b })
    }
}

pub(super) fn abc(plan: &AbcPlan, work: &Work) -> Result<Outcome> {
    let spent = plan.spend.read(work)?;
    let classes = crate::domain::rfm::abc(&spent.monetary, plan.a, plan.b)?;
    work.reading.running.tell(APPLYING, 0, 0);
    let (n, amount) = (spent.people.len(), spent.monetary.iter().sum::<f64>());
    let class = |wanted: Abc| {
        let hers: Vec<f64> = classes.iter().zip(&spent.monetary).filter(|(c, _)| **c == wanted).map(|(_, v)| *v).collect();
        let sum: f64 = hers.iter().sum();
        let least = hers.iter().copied().fold(f64::INFINITY, f64::min);
        json!({
            "value": text_of(wanted), "people": hers.len(), "share": rounded(hers.len() as f64 / n as f64), "amount": rounded(sum),
            "amount_share": if amount > 0.0 { rounded(sum / amount) } else { 0.0 }, "least": rounded(least),
        })
    };
    let shown = [Abc::A, Abc::B, Abc::C].map(class);
    Ok(Outcome {
        people: n as u64,
        named: ["A", "B", "C"].map(|c| named(c, c)).into(),
        notes: Vec::new(),
        result: json!({"people": n, "amount": rounded(amount), "classes": shown, "curve": curve(&spent.monetary, amount)}),
        values: spent.people.iter().copied().zip(classes.iter().map(|c| Some(text_of(c)))).collect(),
    })
}

/// How much the best so many bring together (M. Lorenz 1905, from the top).
fn curve(amounts: &[f64], total: f64) -> Vec<Value> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let n = sorted.len();
    let mut points = vec![json!({"people_share": 0.0, "amount_share": 0.0})];
    let (mut sum, mut drawn) = (0.0, 0);
    for (i, value) in sorted.iter().enumerate() {
        sum += value;
        if (i + 1) * ON_CURVE / n > drawn || i + 1 == n {
            drawn = (i + 1) * ON_CURVE / n;
            points.push(json!({"people_share": rounded((i + 1) as f64 / n as f64), "amount_share": if total > 0.0 { rounded(sum / total) } else { 0.0 }}));
        }
    }
    points
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferenceSettings {
    event: String,
    property: String,
    #[serde(default)]
    within: Option<String>,
    /// Days after which an act counts half.
    #[serde(default)]
    half_life: Option<f64>,
    /// What must be left of all acts together, an act of today being 1.
    #[serde(default)]
    least: Option<f64>,
}

#[derive(Clone, Debug)]
pub(crate) struct PreferencePlan {
    act: Box<EventTest>,
    half_life: f64,
    least: f64,
}

impl PreferencePlan {
    pub fn of(s: PreferenceSettings) -> Result<Self> {
        require(!s.property.trim().is_empty(), "settings.property", "say which property tells what it is")?;
        let (half_life, least) = (s.half_life.unwrap_or(30.0), s.least.unwrap_or(0.2));
        require(half_life > 0.0 && half_life <= 3650.0, "settings.half_life", "days, above 0")?;
        require((0.0..=1000.0).contains(&least), "settings.least", "0 or more")?;
        Ok(Self { act: figure(&s.event, s.within.as_deref(), "last", Some(s.property.trim()))?, half_life, least })
    }
}

pub(super) fn preference(plan: &PreferencePlan, work: &Work) -> Result<Outcome> {
    let wanted = work.reading.wanted(work.population.as_ref());
    let at = work.reading.at;
    // Of each person how often she acted on each thing and what is left of it today; a person acts on few different things.
    let hers = work.reading.each(&|person, facts| {
        if !wanted(person, facts) {
            return Ok(None);
        }
        let mut likes: BTreeMap<String, (u64, f64)> = BTreeMap::new();
        each_value(&plan.act, facts, at, &mut |ts, value| {
            let age = (at.0 - ts.0) as f64 / DAY;
            let left = decayed(1.0, age, plan.half_life);
            let mut act = |item: &str| {
                let item = item.trim();
                if !item.is_empty() && item.chars().count() <= LONGEST {
                    let (acts, strength) = likes.entry(item.to_owned()).or_default();
                    *acts += 1;
                    *strength += left;
                }
            };
            match value.as_deref() {
                Some(Value::String(item)) => act(item),
                Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).for_each(act),
                _ => {}
            }
        });
        Ok((!likes.is_empty()).then_some((person, likes)))
    })?;
    work.reading.running.tell(LEARNING, 0, 1);
    if hers.is_empty() {
        return Err(wrong("settings.property", "nobody has an event with a text in this property"));
    }
    let items = frequent(&hers);
    let index: HashMap<&str, u32> = items.iter().enumerate().map(|(i, item)| (item.as_str(), i as u32)).collect();
    let acts: Vec<Act> = hers
        .iter()
        .enumerate()
        .flat_map(|(n, (_, likes))| likes.iter().map(move |(item, (_, strength))| (n, item, strength)))
        .filter_map(|(n, item, strength)| index.get(item.as_str()).map(|item| Act { person: n as u32, item: *item, age: 0.0, weight: *strength as f32 }))
        .collect();
    let liked = preferences(&acts, plan.half_life, 1, plan.least)?;
    let mut of_item = vec![(0_u64, 0.0); items.len()];
    for one in &liked {
        let (people, strength) = &mut of_item[one.item as usize];
        *people += 1;
        *strength += one.strength;
    }
    let mut lines: Vec<(usize, u64, f64)> = of_item.iter().enumerate().filter(|(_, (people, _))| *people > 0).map(|(i, (p, s))| (i, *p, *s)).collect();
    lines.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let all = liked.len().max(1) as f64;
    let line = |(i, people, strength): &(usize, u64, f64)| {
        json!({"value": items[*i], "people": people, "share": rounded(*people as f64 / all), "strength": rounded(strength / *people as f64)})
    };
    Ok(Outcome {
        people: hers.len() as u64,
        named: lines.iter().map(|(i, _, _)| named(items[*i].as_str(), items[*i].as_str())).collect(),
        notes: Vec::new(),
        result: json!({"people": hers.len(), "values": lines.iter().map(line).collect::<Vec<_>>()}),
        values: liked.iter().map(|p| (hers[p.person as usize].0, Some(items[p.item as usize].clone()))).collect(),
    })
}

/// What is acted on most, by name among equals.
fn frequent(hers: &[(Atom, BTreeMap<String, (u64, f64)>)]) -> Vec<String> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    hers.iter().flat_map(|(_, likes)| likes).for_each(|(item, (acts, _))| *counts.entry(item).or_default() += acts);
    let mut items: Vec<(&str, u64)> = counts.into_iter().collect();
    items.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    items.truncate(MOST_ITEMS);
    items.into_iter().map(|(item, _)| item.to_owned()).collect()
}
