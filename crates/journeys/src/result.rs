//! What a journey did: people on nodes and edges, arms against control, and the funnel from entry to goal.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;
use weft_experiments::{ProportionComparison, compare_proportions, sample_ratio_mismatch};
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};

use crate::advance::Effect;
use crate::enrolment::{Enrolment, State};
use crate::kernel::{Error, JourneyId, Millis, Result, WorkspaceId, money};
use crate::plan::Plan;

/// (journey, what) → a number
const COUNTS: &str = "journey_counts";
/// (journey, arm) → sum of the goal's values
const VALUES: &str = "journey_values";

fn key(workspace: WorkspaceId, journey: &JourneyId, what: &str) -> Key {
    Key::of(workspace).text(journey.as_str()).text(what)
}

fn add(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, what: &str, by: i64) -> Result<()> {
    let key = key(workspace, journey, what);
    let before = work.get(COUNTS, key.as_slice())?.and_then(|v| v.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes);
    work.put(COUNTS, key, before.saturating_add_signed(by).to_be_bytes().to_vec());
    Ok(())
}

pub(crate) fn entered(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId) -> Result<()> {
    add(work, workspace, journey, "entered", 1)
}

pub(crate) fn touched(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, what: &str) -> Result<()> {
    add(work, workspace, journey, what, 1)
}

/// She is no longer at this node, and at no other.
pub(crate) fn left(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, node: &str) -> Result<()> {
    if !node.is_empty() {
        add(work, workspace, journey, &format!("in:{node}"), -1)?;
    }
    Ok(())
}

pub(crate) fn moved(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, came_from: &str, e: &Enrolment, effects: &[Effect]) -> Result<()> {
    left(work, workspace, journey, came_from)?;
    for effect in effects {
        match effect {
            Effect::Moved { from, to } => {
                let to = to.as_deref().unwrap_or("end");
                add(work, workspace, journey, &format!("edge:{from}→{to}"), 1)?;
                if to != "end" {
                    add(work, workspace, journey, &format!("entered:{to}"), 1)?;
                }
            }
            Effect::Exposed { arm, .. } => add(work, workspace, journey, &format!("people:{arm}"), 1)?,
            Effect::Send { .. } => {}
        }
    }
    if came_from.is_empty()
        && let Some(first) = e.steps.iter().find(|s| !s.node.is_empty())
    {
        add(work, workspace, journey, &format!("entered:{}", first.node), 1)?;
    }
    match e.state {
        State::In => add(work, workspace, journey, &format!("in:{}", e.node), 1),
        State::Done | State::Exited => Ok(()),
    }
}

fn arm_of(e: &Enrolment) -> &str {
    e.arm.as_deref().unwrap_or("")
}

pub(crate) fn converted(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, e: &Enrolment) -> Result<()> {
    add(work, workspace, journey, "converted", 1)?;
    add(work, workspace, journey, &format!("converted:{}", arm_of(e)), 1)?;
    if let Some(value) = e.value {
        let key = key(workspace, journey, arm_of(e));
        let before = work.get(VALUES, key.as_slice())?.and_then(|v| std::str::from_utf8(&v).ok().and_then(money::parse)).unwrap_or_default();
        work.put(VALUES, key, before.saturating_add(value).to_string().into_bytes());
    }
    Ok(())
}

/// Two ways through one journey became one person's: the one that is dropped counts no longer.
pub(crate) fn merged_away(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, e: &Enrolment) -> Result<()> {
    add(work, workspace, journey, "entered", -1)?;
    add(work, workspace, journey, "merged", 1)?;
    left(work, workspace, journey, if e.state == State::In { &e.node } else { "" })?;
    if let Some(arm) = &e.arm {
        add(work, workspace, journey, &format!("people:{arm}"), -1)?;
    }
    if e.converted_at.is_some() {
        add(work, workspace, journey, "converted", -1)?;
        add(work, workspace, journey, &format!("converted:{}", arm_of(e)), -1)?;
    }
    for what in &e.touched {
        add(work, workspace, journey, what, -1)?;
    }
    Ok(())
}

/// Every count of a journey, by name.
pub(crate) fn counts(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId) -> Result<BTreeMap<String, u64>> {
    let prefix = Key::of(workspace).text(journey.as_str());
    let mut found = BTreeMap::new();
    read.scan_prefix(COUNTS, prefix.as_slice(), &mut |key, value| {
        if let Some(what) = Parts(&key[prefix.0.len()..]).text() {
            found.insert(what, value.try_into().map_or(0, u64::from_be_bytes));
        }
        Ok(true)
    })?;
    Ok(found)
}

fn value(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId, arm: &str) -> Result<Decimal> {
    let stored = read.get(VALUES, key(workspace, journey, arm).as_slice())?;
    Ok(stored.and_then(|v| std::str::from_utf8(&v).ok().and_then(money::parse)).unwrap_or_default())
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ArmResult {
    pub key: String,
    pub name: String,
    pub control: bool,
    pub people: u64,
    pub converted: u64,
    pub rate: Option<f64>,
    /// Sum of the goal's values.
    pub value: String,
    pub currency: String,
}

/// An arm against the control group. Differences are shares: 0.02 is two points.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    pub arm: String,
    pub difference: Option<f64>,
    /// From, to.
    #[schema(value_type = Option<Vec<f64>>)]
    pub ci: Option<(f64, f64)>,
    pub confidence: f64,
    pub p_value: Option<f64>,
    pub lift: Option<f64>,
    pub significant: bool,
    /// `small_base` or `sample_ratio_mismatch`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FunnelStep {
    /// `entered`, `sent`, `opened`, `clicked` or `converted`
    pub step: &'static str,
    pub people: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JourneyResult {
    pub entered: u64,
    /// People to whom at least one message went out.
    pub reached: u64,
    pub converted: u64,
    pub arms: Vec<ArmResult>,
    pub comparisons: Vec<Comparison>,
    pub funnel: Vec<FunnelStep>,
    #[schema(value_type = String)]
    pub as_of: Millis,
}

const CONFIDENCE: f64 = 0.95;
const SIGNIFICANT: f64 = 0.05;
/// Fewer conversions than this in a group, and a picture misleads more than it tells.
const SMALL: u64 = 5;

/// What the journey brought, arm by arm against its control group.
pub fn result(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId, plan: &Plan, currency: &str, now: Millis) -> Result<JourneyResult> {
    let counts = counts(read, workspace, journey)?;
    let count = |what: &str| counts.get(what).copied().unwrap_or(0);
    let mut arms = Vec::new();
    let split = plan.split().map(|(_, arms)| arms).unwrap_or_default();
    for arm in split {
        let (people, converted) = (count(&format!("people:{}", arm.key)), count(&format!("converted:{}", arm.key)));
        arms.push(ArmResult {
            key: arm.key.clone(),
            name: arm.name.clone(),
            control: arm.control,
            people,
            converted: converted.min(people),
            rate: (people > 0).then(|| converted as f64 / people as f64),
            value: value(read, workspace, journey, &arm.key)?.to_string(),
            currency: currency.to_owned(),
        });
    }
    let mismatch = {
        let observed: Vec<u64> = arms.iter().map(|a| a.people).collect();
        let weights: Vec<u32> = split.iter().map(|a| a.weight).collect();
        is_mismatched(&observed, &weights)
    };
    let mut comparisons = Vec::new();
    if let Some(control) = arms.iter().find(|a| a.control) {
        for arm in arms.iter().filter(|a| !a.control) {
            comparisons.push(compare(control, arm, mismatch)?);
        }
    }
    let funnel = ["entered", "sent", "opened", "clicked", "converted"].map(|step| FunnelStep { step, people: count(step) }).to_vec();
    Ok(JourneyResult { entered: count("entered"), reached: count("sent"), converted: count("converted"), arms, comparisons, funnel, as_of: now })
}

fn is_mismatched(observed: &[u64], weights: &[u32]) -> bool {
    if observed.iter().sum::<u64>() == 0 {
        return false;
    }
    sample_ratio_mismatch(observed, weights).is_ok_and(|r| r.is_mismatch)
}

fn compare(control: &ArmResult, arm: &ArmResult, mismatch: bool) -> Result<Comparison> {
    let c: ProportionComparison =
        compare_proportions((control.people, control.converted), (arm.people, arm.converted), CONFIDENCE).map_err(|e| Error::internal(e.detail))?;
    let p_value = c.p();
    let small = control.converted.min(arm.converted) < SMALL;
    Ok(Comparison {
        arm: arm.key.clone(),
        difference: c.difference,
        ci: c.interval.map(|i| (i.low, i.high)),
        confidence: CONFIDENCE,
        p_value,
        lift: c.lift,
        significant: p_value.is_some_and(|p| p < SIGNIFICANT),
        note: if mismatch { Some("sample_ratio_mismatch") } else if small { Some("small_base") } else { None },
    })
}
