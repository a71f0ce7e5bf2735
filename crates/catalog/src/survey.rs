//! What all things of a type would be called by a rule, asked now: for who writes it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::Read;

use crate::facts::{ThingFacts, figure};
use crate::kernel::{Millis, Result, WorkspaceId};
use crate::rule::{Rule, Share};
use crate::thing::{self, State};

/// Things that are shown by name of each value.
const MOST_SHOWN: usize = 5;

/// How many would be called what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ThingTagSurvey)]
pub(crate) struct Survey {
    /// Things of the type, without the archived.
    pub things: u64,
    /// The most frequent values first.
    pub values: Vec<SurveyValue>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ThingTagSurveyValue)]
pub(crate) struct SurveyValue {
    pub value: String,
    pub count: u64,
    /// Names of a few of them, or their ids.
    pub some: Vec<String>,
}

#[derive(Default)]
struct Gather {
    things: u64,
    values: BTreeMap<String, SurveyValue>,
}

impl Gather {
    fn add(&mut self, value: &str, title: &str) {
        let line = self.values.entry(value.to_owned()).or_insert_with(|| SurveyValue { value: value.to_owned(), ..SurveyValue::default() });
        line.count += 1;
        if line.some.len() < MOST_SHOWN {
            line.some.push(title.to_owned());
        }
    }
    fn finish(self) -> Survey {
        let mut values: Vec<SurveyValue> = self.values.into_values().collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        Survey { things: self.things, values }
    }
}

pub(crate) fn survey(read: &dyn Read, workspace: WorkspaceId, of: &str, rule: &Rule, zone: &TimeZone, now: Millis) -> Result<Survey> {
    let mut gather = Gather::default();
    let mut ranked: Vec<(Decimal, String, String)> = Vec::new();
    thing::each(read, workspace, of, "", &mut |id, thing| {
        if thing.state() == State::Archived {
            return Ok(true);
        }
        gather.things += 1;
        let title = if thing.name.is_empty() { id.clone() } else { thing.name.clone() };
        if let Rule::Share { share, otherwise } = rule {
            match figure(read, workspace, of, &id, &share.asked(), now)? {
                figure if figure > Decimal::ZERO => ranked.push((figure, id, title)),
                _ => otherwise.iter().for_each(|value| gather.add(value, &title)),
            }
            return Ok(true);
        }
        let facts = ThingFacts::new(read, workspace, (of, &id), &thing, zone, now);
        if let Some(value) = rule.judge(&facts, now) {
            gather.add(&value, &title);
        }
        facts.sound()?;
        Ok(true)
    })?;
    if let Rule::Share { share, .. } = rule {
        hand_out(share, ranked, &mut gather);
    }
    Ok(gather.finish())
}

/// The best first; of two that are equal the one with the smaller id.
fn hand_out(share: &Share, mut ranked: Vec<(Decimal, String, String)>, gather: &mut Gather) {
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let whole: Decimal = ranked.iter().map(|(figure, ..)| *figure).sum();
    let mut before = Decimal::ZERO;
    for (figure, _, title) in ranked {
        if let Some(value) = share.value_at(before, whole) {
            gather.add(value, &title);
        }
        before += figure;
    }
}
