//! What a model can be of: who is alike, what sorts of people do it, who is worth most, what she likes, who is like these, who will do it.

mod clusters;
mod score;
mod tree;
mod worth;

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use weft_condition::{Condition, EventTest, Mentions};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::Read;
use weft_tags::{Named, Statistic};

use crate::domain::rounded;
use crate::kernel::{Atom, Error, Result, SegmentId, WorkspaceId};
use crate::people::{Note, Reading, Source};

/// Stages of a run, in the order of their numbers.
pub(crate) static STAGES: [&str; 3] = ["reading", "learning", "applying"];
pub(crate) const LEARNING: usize = 1;
pub(crate) const APPLYING: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelKind)]
pub enum Kind {
    Clusters,
    Tree,
    Rfm,
    Abc,
    Preference,
    LookAlike,
    Propensity,
}

impl Kind {
    pub fn text(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// What is wanted, checked.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    Clusters(clusters::Settings),
    Tree(tree::Plan),
    Rfm(worth::RfmPlan),
    Abc(worth::AbcPlan),
    Preference(worth::PreferencePlan),
    LookAlike(score::LookAlike),
    Propensity(score::PropensityPlan),
}

/// What a run is given.
pub(crate) struct Work<'a> {
    pub reading: Reading<'a>,
    pub population: Option<Condition>,
    pub sources: Vec<(String, Source)>,
    /// The features as they were chosen, to say conditions with.
    pub features: Vec<crate::people::Feature>,
    /// The tag it writes, as people have it now.
    pub tag: String,
}

/// What came of it.
pub(crate) struct Outcome {
    /// How many it was learnt from or reckoned of.
    pub people: u64,
    /// Everybody of the population by number, with her value.
    pub values: Vec<(Atom, Option<String>)>,
    /// The values there are, with what people read.
    pub named: Vec<Named>,
    pub notes: Vec<Note>,
    pub result: Value,
}

fn settings<T: DeserializeOwned>(settings: &Value) -> Result<T> {
    serde_json::from_value(settings.clone()).map_err(|e| wrong("settings", &e.to_string()))
}

pub(crate) fn wrong(field: &str, what: &str) -> Error {
    Error::invalid("models.settings_invalid", format!("{field}: {what}")).field(field, what)
}

fn require(holds: bool, field: &str, what: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(wrong(field, what)) }
}

impl Plan {
    pub fn parse(kind: Kind, written: &Value) -> Result<Self> {
        Ok(match kind {
            Kind::Clusters => Plan::Clusters(settings::<clusters::Settings>(written)?.checked()?),
            Kind::Tree => Plan::Tree(tree::Plan::of(settings(written)?)?),
            Kind::Rfm => Plan::Rfm(worth::RfmPlan::of(settings(written)?)?),
            Kind::Abc => Plan::Abc(worth::AbcPlan::of(settings(written)?)?),
            Kind::Preference => Plan::Preference(worth::PreferencePlan::of(settings(written)?)?),
            Kind::LookAlike => Plan::LookAlike(settings::<score::LookAlike>(written)?.checked()?),
            Kind::Propensity => Plan::Propensity(score::PropensityPlan::of(settings(written)?)?),
        })
    }
    /// Segments and conditions it names must be there.
    pub fn refuse_unknown(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<()> {
        if let Plan::LookAlike(plan) = self
            && weft_segments::definition(read, workspace, &plan.seed)?.is_none()
        {
            return Err(wrong("settings.seed", "there is no such segment"));
        }
        Ok(())
    }
    /// The segments it learns about.
    pub fn segments(&self) -> BTreeSet<SegmentId> {
        match self {
            Plan::Tree(plan) => weft_condition::mentions(plan.outcome()).segments,
            Plan::LookAlike(plan) => [plan.seed.clone()].into(),
            _ => BTreeSet::new(),
        }
    }
    /// What the outcome is said by, where features of now are to tell it.
    pub fn outcome(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Option<Mentions>> {
        let said = match self {
            Plan::Tree(plan) => Some(weft_condition::mentions(plan.outcome())),
            Plan::LookAlike(plan) => weft_segments::definition(read, workspace, &plan.seed)?.map(|seed| seed.mentions),
            // A propensity learns from how people were before.
            _ => None,
        };
        said.map(|said| through(read, workspace, said)).transpose()
    }
    pub fn run(&self, work: &Work) -> Result<Outcome> {
        match self {
            Plan::Clusters(settings) => clusters::run(settings, work),
            Plan::Tree(plan) => tree::run(plan, work),
            Plan::Rfm(plan) => worth::rfm(plan, work),
            Plan::Abc(plan) => worth::abc(plan, work),
            Plan::Preference(plan) => worth::preference(plan, work),
            Plan::LookAlike(plan) => score::look_alike(plan, work),
            Plan::Propensity(plan) => score::propensity(plan, work),
        }
    }
}

/// With what the tags and segments that are named are said by.
fn through(read: &dyn Read, workspace: WorkspaceId, mut said: Mentions) -> Result<Mentions> {
    let (mut tags, mut segments) = (BTreeSet::new(), BTreeSet::new());
    loop {
        let (tag, segment) = (said.tags.difference(&tags).next().cloned(), said.segments.difference(&segments).next().cloned());
        if let Some(tag) = tag {
            said.extend(weft_tags::defined(read, workspace, &tag)?.map(|t| t.mentions()).unwrap_or_default());
            tags.insert(tag);
        } else if let Some(segment) = segment {
            said.extend(weft_segments::definition(read, workspace, &segment)?.map(|s| s.mentions).unwrap_or_default());
            segments.insert(segment);
        } else {
            return Ok(said);
        }
    }
}

fn condition(field: &str, written: &Value) -> Result<Condition> {
    weft_condition::parse(written).map_err(|faults| {
        let error = weft_condition::error_of(&faults);
        let fields = error.fields.clone();
        fields.into_iter().fold(Error { fields: Default::default(), ..error }, |e, (path, what)| e.field(format!("{field}.{path}"), what))
    })
}

/// A figure over one sort of event.
fn figure(event: &str, within: Option<&str>, function: &str, property: Option<&str>) -> Result<Box<EventTest>> {
    require(!event.trim().is_empty(), "settings.event", "name the event")?;
    let mut written = Map::from_iter([("name".to_owned(), json!(event.trim()))]);
    if let Some(within) = within.filter(|w| !w.is_empty()) {
        written.insert("within".into(), json!(within));
    }
    Statistic { event: written, function: function.into(), property: property.map(str::to_owned) }.parse().map(Box::new)
}

fn named(value: impl Into<String>, label: impl Into<String>) -> Named {
    Named { value: value.into(), label: Some(label.into()) }
}

/// Within a label, where ` · ` stands between two languages.
fn plain(feature: &str) -> String {
    feature.replace(" · ", " ")
}

fn too_few(people: usize, wanted: usize) -> Error {
    Error::conflict("models.too_few_people", format!("{people} people are too few; it takes {wanted} at least")).param("people", people).param("wanted", wanted)
}

fn no_columns() -> Error {
    Error::conflict("models.no_features", "none of the features tells anything about these people; choose others")
}
