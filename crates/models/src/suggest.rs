//! Features that the house proposes, and takes when nobody chose any: what is told of people, what they are called, what they do.

use serde::Serialize;
use serde_json::{Map, Value, json};
use weft_condition::Mentions;
use weft_context_kit::Parts;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::Read;
use weft_tags::Statistic;

use crate::kernel::{Millis, Result, WorkspaceId};
use crate::operations::MOST_FEATURES;
use crate::people::{Feature, Recency, is_act, names_her};

/// Events and properties that are proposed, the most frequent first.
const MOST_EVENTS: usize = 8;
const MOST_PROPERTIES: usize = 2;
/// How far back a figure over events looks.
const WINDOW: &str = "90d";
/// People looked at to see what is there.
const LOOKED_AT: usize = 500;
/// A feature, and how well it is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FeatureSuggestion)]
pub(crate) struct Suggestion {
    pub feature: Feature,
    /// `number` or `category`
    pub kind: &'static str,
    /// Of so many of the newest people that were looked at.
    pub known_people: u64,
    pub looked_at: u64,
}

/// What the newest people have.
struct Seen {
    looked_at: u64,
    traits: std::collections::BTreeMap<String, (u64, u64)>,
    events: std::collections::BTreeMap<String, Event>,
}

#[derive(Default)]
struct Event {
    people: u64,
    happened: u64,
    numbers: std::collections::BTreeMap<String, u64>,
}

fn look(read: &dyn Read, workspace: WorkspaceId, now: Millis) -> Result<Seen> {
    let mut seen = Seen { looked_at: 0, traits: Default::default(), events: Default::default() };
    let mut people = Vec::new();
    weft_profiles::newest_people(read, workspace, &mut |person| {
        people.push(person);
        Ok(people.len() < LOOKED_AT)
    })?;
    for person in people {
        seen.looked_at += 1;
        for (name, told) in weft_profiles::open_document(read, workspace, person)?.present() {
            let (known, numbers) = seen.traits.entry(name.clone()).or_default();
            *known += 1;
            *numbers += u64::from(told.value.is_number());
        }
        let atoms = weft_identity::atoms(read, workspace, person)?;
        let mut hers = std::collections::BTreeSet::new();
        for happened in weft_profiles::timeline(read, workspace, &atoms, None, None, 50)? {
            if happened.ts < now.minus(90 * Millis::DAY) || !is_act(&happened) {
                continue;
            }
            let event = seen.events.entry(happened.name.clone()).or_default();
            event.happened += 1;
            event.people += u64::from(hers.insert(happened.name));
            for (name, value) in &happened.properties {
                if value.is_number() {
                    *event.numbers.entry(name.clone()).or_default() += 1;
                }
            }
        }
    }
    Ok(seen)
}

fn event(name: &str) -> Map<String, Value> {
    json!({"name": name, "within": WINDOW}).as_object().cloned().unwrap_or_default()
}

/// What is told of at least one in fifty.
pub(crate) fn suggestions(parts: &Parts, workspace: WorkspaceId, own_tag: Option<&str>) -> Result<Vec<Suggestion>> {
    let read: &dyn Read = &*parts.state;
    let seen = look(read, workspace, parts.clock.now())?;
    let mut found = Vec::new();
    let mut add = |feature, kind, known| found.push(Suggestion { feature, kind, known_people: known, looked_at: seen.looked_at });
    for (name, (known, numbers)) in &seen.traits {
        if known * 50 >= seen.looked_at && !names_her(name) {
            add(Feature::of_trait(name), if numbers * 2 > *known { "number" } else { "category" }, *known);
        }
    }
    let mut events: Vec<_> = seen.events.iter().filter(|(_, what)| what.people * 50 >= seen.looked_at).collect();
    events.sort_by(|a, b| b.1.people.cmp(&a.1.people).then_with(|| a.0.cmp(b.0)));
    for (name, what) in events.into_iter().take(MOST_EVENTS) {
        let bare = || Feature { label: String::new(), of_trait: None, tag: None, statistic: None, recency: None };
        let statistic = |function: &str, property: Option<&String>| Some(Statistic { event: event(name), function: function.into(), property: property.cloned() });
        add(Feature { label: format!("{name} · count"), statistic: statistic("count", None), ..bare() }, "number", what.people);
        let of = json!({"name": name}).as_object().cloned().unwrap_or_default();
        add(Feature { label: format!("{name} · days since"), recency: Some(Recency { event: of }), ..bare() }, "number", what.people);
        let mut properties: Vec<_> = what.numbers.iter().filter(|(_, n)| **n * 2 > what.happened).collect();
        properties.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        for (property, _) in properties.into_iter().take(MOST_PROPERTIES) {
            add(Feature { label: format!("{name} · sum of {property}"), statistic: statistic("sum", Some(property)), ..bare() }, "number", what.people);
        }
    }
    for name in weft_tags::names(read, workspace)? {
        if own_tag != Some(name.as_str()) {
            add(Feature::of_tag(&name), "category", weft_tags::size(read, workspace, &name)?.min(seen.looked_at));
        }
    }
    Ok(found)
}

/// What is taken when nobody chose: all but other tags, which often say the same again, and but what the outcome itself is said by:
/// who bought last month is found by her last purchase, and nothing is learnt from it.
pub(crate) fn chosen(parts: &Parts, workspace: WorkspaceId, outcome: Option<&Mentions>) -> Result<Vec<Feature>> {
    let says_it = |feature: &Feature| outcome.is_some_and(|outcome| is_said_by(feature, outcome));
    Ok(suggestions(parts, workspace, None)?.into_iter().map(|s| s.feature).filter(|f| f.tag.is_none() && !says_it(f)).take(MOST_FEATURES).collect())
}

fn is_said_by(feature: &Feature, outcome: &Mentions) -> bool {
    let event = feature.statistic.as_ref().map(|s| &s.event).or(feature.recency.as_ref().map(|r| &r.event));
    let named = event.and_then(|e| e.get("name")).and_then(Value::as_str);
    named.is_some_and(|name| outcome.event(name)) || feature.of_trait.as_ref().is_some_and(|name| outcome.is_of_trait(name))
}
