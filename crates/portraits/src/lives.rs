//! What is read of one person: what is told of her, what she is called, and what she did lately.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde_json::Value;
use weft_models::people::{is_act, names_her};
use weft_profile_kv::Read;
use weft_profiles::Happened;

use crate::kernel::{Atom, Millis, Result, WorkspaceId, money};

/// How far back a portrait looks.
pub const WINDOW: i64 = 90 * Millis::DAY;
/// Events read of one person, the newest first.
const MOST_EVENTS: usize = 2_000;
/// A pause that ends a session.
const SESSION: i64 = 30 * 60 * 1_000;
/// The first steps of a session that make a path.
pub const STEPS: usize = 3;
/// Whose texts are no names of things: addresses of pages, ids and the like are longer.
const LONGEST: usize = 40;

/// One person.
#[derive(Default)]
pub struct Life {
    pub is_member: bool,
    /// More happened in the window than was read.
    pub is_cut_short: bool,
    pub traits: BTreeMap<String, Value>,
    pub tags: BTreeMap<String, Value>,
    /// How often she did what.
    pub events: BTreeMap<String, u32>,
    pub hours: [u32; 24],
    /// Monday first.
    pub weekdays: [u32; 7],
    /// (event, property, text) she acted on.
    pub interests: BTreeSet<(String, String, String)>,
    pub paths: BTreeSet<Vec<String>>,
    pub orders: u32,
    pub amount: f64,
}

/// Which event and property tell what somebody is worth.
pub const ORDER: &str = crate::kernel::event::names::PURCHASE;
pub const AMOUNTS: [&str; 5] = ["value", "amount", "total", "revenue", "price"];

impl Life {
    pub fn read(read: &dyn Read, workspace: WorkspaceId, person: Atom, is_member: bool, now: Millis, zone: &TimeZone) -> Result<Self> {
        let mut life = Life { is_member, ..Life::default() };
        for (name, told) in weft_profiles::open_document(read, workspace, person)?.present() {
            if !names_her(name) {
                life.traits.insert(name.clone(), told.value.clone());
            }
        }
        for (name, tagged) in weft_tags::of_person(read, workspace, person)? {
            life.tags.insert(name, tagged.value);
        }
        let atoms = weft_identity::atoms(read, workspace, person)?;
        let mut happened = weft_profiles::timeline(read, workspace, &atoms, None, None, MOST_EVENTS)?;
        life.is_cut_short = happened.len() == MOST_EVENTS && happened.last().is_some_and(|h| h.ts >= now.minus(WINDOW));
        happened.retain(|h| h.ts >= now.minus(WINDOW) && h.ts <= now && is_act(h));
        happened.reverse();
        happened.iter().for_each(|h| life.live(h, zone));
        life.walk(&happened);
        Ok(life)
    }

    fn live(&mut self, happened: &Happened, zone: &TimeZone) {
        *self.events.entry(happened.name.clone()).or_default() += 1;
        if let Ok(at) = jiff::Timestamp::from_millisecond(happened.ts.0) {
            let local = at.to_zoned(zone.clone());
            self.hours[local.hour() as usize % 24] += 1;
            self.weekdays[local.weekday().to_monday_zero_offset() as usize % 7] += 1;
        }
        for (property, value) in &happened.properties {
            if let Some(text) = value.as_str().map(str::trim)
                && !text.is_empty()
                && text.chars().count() <= LONGEST
                && text.parse::<f64>().is_err()
                && !text.contains("://")
                && !text.starts_with('/')
            {
                self.interests.insert((happened.name.clone(), property.clone(), text.to_owned()));
            }
        }
        if happened.name == ORDER {
            use rust_decimal::prelude::ToPrimitive;
            self.orders += 1;
            let amount = AMOUNTS.iter().find_map(|name| money::decimal(happened.properties.get(*name)?));
            self.amount += amount.and_then(|a| a.to_f64()).unwrap_or(0.0);
        }
    }

    /// The first different steps of each session, oldest first.
    fn walk(&mut self, happened: &[Happened]) {
        let mut steps: Vec<String> = Vec::new();
        let mut last: Option<Millis> = None;
        for one in happened {
            if last.is_some_and(|last| one.ts.0 - last.0 > SESSION) {
                self.end(std::mem::take(&mut steps));
            }
            last = Some(one.ts);
            if steps.len() < STEPS && steps.last() != Some(&one.name) {
                steps.push(one.name.clone());
            }
        }
        self.end(steps);
    }
    fn end(&mut self, steps: Vec<String>) {
        if steps.len() > 1 {
            self.paths.insert(steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::EventKind;
    use serde_json::json;

    fn happened(name: &str, minute: i64, properties: Value) -> Happened {
        Happened {
            id: String::new(),
            name: name.into(),
            kind: EventKind::Track,
            ts: Millis(minute * 60_000),
            source: "src_1".into(),
            channel: None,
            properties: properties.as_object().cloned().unwrap_or_default(),
            position: 0,
        }
    }

    #[test]
    fn a_session_ends_after_half_an_hour_and_steps_are_told_once() {
        let mut life = Life::default();
        let all = [
            happened("page", 0, json!({})),
            happened("page", 1, json!({})),
            happened("view_item", 2, json!({})),
            happened("page", 40, json!({})),
            happened("view_item", 41, json!({})),
            happened("add_to_cart", 42, json!({})),
            happened("purchase", 43, json!({})),
            happened("page", 120, json!({})),
        ];
        life.walk(&all);
        let paths: Vec<Vec<&str>> = life.paths.iter().map(|p| p.iter().map(String::as_str).collect()).collect();
        assert_eq!(paths, [vec!["page", "view_item"], vec!["page", "view_item", "add_to_cart"]]);
    }

    #[test]
    fn orders_are_summed_and_texts_are_interests_unless_they_are_addresses() {
        let mut life = Life::default();
        life.live(&happened("purchase", 0, json!({"value": "12.5", "category": " coffee ", "url": "https://shop", "sku": "x".repeat(60)})), &TimeZone::UTC);
        life.live(&happened("purchase", 24 * 60, json!({"amount": 7})), &TimeZone::UTC);
        assert_eq!((life.orders, life.amount), (2, 19.5));
        assert_eq!(life.interests.iter().map(|(_, p, t)| (p.as_str(), t.as_str())).collect::<Vec<_>>(), [("category", "coffee")]);
        // 1970-01-01 was a Thursday.
        assert_eq!((life.weekdays[3], life.weekdays[4], life.hours[0]), (1, 1, 2));
    }
}
