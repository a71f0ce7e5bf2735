//! What a tag is worth: whom it covers, who uses it, whether it is fresh, and whether it tells apart who will do something.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::extract::{Path, State};
use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use weft_condition::{Aggregate, Condition, EventTest, Facts, holds};
use weft_context_kit::{blocking, workspace_of};
use weft_http_kit::utoipa::{self, IntoParams, ToSchema};
use weft_http_kit::{Answer, Caller, Lock, QueryOf, Routes};
use weft_meta_store::db_error;
use weft_profile_kv::Read;
use weft_segments::Surroundings;
use weft_tags::{AsDefined, Assigner, Statistic};

use crate::domain::compare::compare;
use crate::domain::distribution::wilson;
use crate::domain::features::Features;
use crate::domain::rounded as r;
use crate::kernel::event::names;
use crate::kernel::{Atom, Error, Millis, Result, SegmentId, WorkspaceId};
use crate::people::sample;
use crate::run::Runs;
use crate::store::{Column, Entity};

const READ: Lock = Lock::Permission("tags:read");
/// Values told one by one.
const MOST_VALUES: usize = 20;
/// Days after which what was said of people counts half as fresh.
const HALF_LIFE: f64 = 30.0;
const CONFIDENCE: f64 = 0.95;
/// Of which something is said in a suggestion.
const FEW: f64 = 0.02;
const NEARLY_ALL: f64 = 0.98;
const STALE_DAYS: f64 = 60.0;
const PARTS: [&str; 5] = ["coverage", "usage", "freshness", "discrimination", "marketing"];

pub(crate) fn routes(runs: &Runs) -> Routes {
    let room = &Arc::new(runs.clone());
    Routes::new()
        .get("evaluate_tag", "/tags/{id}/evaluation", READ, evaluate_tag, room)
        .summary("What a tag is worth, with suggestions")
        .gives::<Evaluation>()
        .asks::<EvaluationQuery>()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EvaluationQuery {
    /// The event that should be told apart; `purchase` if nothing is said.
    #[serde(default)]
    #[param(required = false)]
    event: String,
    /// How many days back values are taken, and within how many the event is looked for: 30 if nothing is said.
    days: Option<i64>,
    /// Own weights of the parts: `coverage:1,usage:2`; those not named count 0.
    #[serde(default)]
    #[param(required = false)]
    weights: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagEvaluation)]
struct Evaluation {
    people: u64,
    tagged: u64,
    /// Share of people who have a value.
    coverage: f64,
    distinct_values: usize,
    /// 0 where all have one value, 1 where all values are equally frequent (C. Shannon 1948, over its maximum).
    entropy: f64,
    used_by: Vec<Use>,
    /// Nothing where nobody had a value then.
    outcome: Option<Outcome>,
    /// 0 … 100: the weighted mean of the parts.
    score: f64,
    parts: Vec<Part>,
    suggestions: Vec<Suggestion>,
    #[schema(value_type = String)]
    as_of: Millis,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagUse)]
struct Use {
    /// `segment`, `tag`, `model` or `journey`
    kind: &'static str,
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagOutcome)]
struct Outcome {
    event: String,
    days: i64,
    /// People whose value then is known and who were looked at.
    looked_at: u64,
    rate: f64,
    values: Vec<OutcomeLine>,
    /// How many bits knowing the value tells about the outcome.
    information: f64,
    /// Of there being no difference between values (Pearson's χ²).
    p_value: f64,
    /// Cramér's V, 0 … 1.
    effect: f64,
    /// Of those who were sent a message since then: how many, and how much higher the rate with the best value surely is (the lower end of
    /// its interval over the rate of all).
    reached: u64,
    reached_lift: Option<f64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagOutcomeLine)]
struct OutcomeLine {
    /// Null for those without a value.
    value: Option<String>,
    people: u64,
    rate: f64,
    low: f64,
    high: f64,
    lift: Option<f64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagScorePart)]
struct Part {
    part: &'static str,
    /// 0 … 1.
    score: f64,
    weight: f64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = TagSuggestion)]
struct Suggestion {
    /// `covers_few`, `covers_everybody`, `one_value`, `unused`, `stale` or `tells_nothing`
    code: &'static str,
}

fn weights(written: &str) -> Result<BTreeMap<String, f64>> {
    let wrong = || {
        let what = "name parts with weights, such as coverage:1,usage:2";
        Error::invalid("models.weights_unclear", what).field("weights", what)
    };
    let mut found = BTreeMap::new();
    for part in written.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (name, weight) = part.split_once(':').ok_or_else(wrong)?;
        let weight: f64 = weight.trim().parse().map_err(|_| wrong())?;
        if !PARTS.contains(&name.trim()) || !(0.0..=1000.0).contains(&weight) {
            return Err(wrong());
        }
        found.insert(name.trim().to_owned(), weight);
    }
    Ok(found)
}

async fn evaluate_tag(State(runs): State<Arc<Runs>>, caller: Caller, Path(id): Path<String>, QueryOf(query): QueryOf<EvaluationQuery>) -> Answer<Evaluation> {
    let (workspace, parts) = (caller.workspace(), runs.parts.clone());
    let days = query.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        return Err(Error::invalid("models.option_out_of_range", "days: between 1 and 365").field("days", "between 1 and 365").into());
    }
    let weights = weights(&query.weights)?;
    let event = if query.event.trim().is_empty() { names::PURCHASE.to_owned() } else { query.event.trim().to_owned() };
    let models = Entity::find().filter(Column::Workspace.eq(i64::from(workspace.0))).filter(Column::State.eq("active")).all(parts.rows.connection()).await.map_err(db_error)?;
    let now = parts.clock.now();
    let hidden = weft_segments::hidden_from(&parts, &caller).await?;
    let tag = {
        let state = parts.state.clone();
        blocking(move || find(&*state, workspace, &id)).await?
    };
    let journeys = runs.above.journeys(workspace, &tag.name).await?;
    let evaluation = blocking(move || {
        let read: &dyn Read = &*parts.state;
        let mut used_by = uses(read, workspace, &tag.name)?;
        for model in models.iter().filter(|m| learns_from(m, &tag.name)) {
            used_by.push(Use { kind: "model", id: model.id.clone(), name: model.title.clone() });
        }
        used_by.extend(journeys.into_iter().map(|(id, name)| Use { kind: "journey", id, name }));
        let zone = workspace_of(read, workspace)?.zone();
        let mut evaluation = Judge { read, workspace, zone: &zone, now }.evaluate(&tag, used_by, &event, days, &weights)?;
        // The score counts what is not shared with her; she is not told its name.
        evaluation.used_by.retain(|user| user.kind != "segment" || !hidden.contains(&SegmentId::from(user.id.as_str())));
        Ok(evaluation)
    })
    .await?;
    Ok(Json(evaluation))
}

/// Who names a tag and stands on a floor above, where this room does not look.
#[async_trait]
pub trait UsesAbove: Send + Sync {
    /// Id and name of the journeys that ask for it.
    async fn journeys(&self, workspace: WorkspaceId, tag: &str) -> Result<Vec<(String, String)>>;
}

fn find(read: &dyn Read, workspace: WorkspaceId, id: &str) -> Result<AsDefined> {
    for name in weft_tags::names(read, workspace)? {
        if let Some(tag) = weft_tags::defined(read, workspace, &name)?.filter(|t| t.id.0 == id) {
            return Ok(tag);
        }
    }
    Err(Error::not_found("tags.not_found", format!("there is no tag {id} in this workspace")).param("id", id))
}

fn uses(read: &dyn Read, workspace: WorkspaceId, name: &str) -> Result<Vec<Use>> {
    let mut found = Vec::new();
    for segment in weft_segments::definitions(read, workspace)?.into_iter().filter(|s| s.mentions.tags.contains(name)) {
        found.push(Use { kind: "segment", id: segment.id.0, name: segment.name });
    }
    for other in weft_tags::names(read, workspace)? {
        if let Some(tag) = weft_tags::defined(read, workspace, &other)?.filter(|t| t.is_built_on(name)) {
            found.push(Use { kind: "tag", id: tag.id.0, name: tag.name });
        }
    }
    Ok(found)
}

fn learns_from(model: &crate::store::Model, tag: &str) -> bool {
    let named = |features: &Value| features.as_array().is_some_and(|all| all.iter().any(|f| f.get("tag").and_then(Value::as_str) == Some(tag)));
    let population = weft_condition::parse(&model.population.0).is_ok_and(|c| weft_condition::mentions(&c).tags.contains(tag));
    named(&model.features.0) || population
}

/// What a tag's values look like today.
struct Spread {
    tagged: u64,
    counts: BTreeMap<String, u64>,
    newest: Option<Millis>,
}

impl Spread {
    fn entropy(&self) -> f64 {
        let shares = self.counts.values().map(|n| *n as f64 / self.tagged.max(1) as f64);
        let sum: f64 = shares.map(|p| -p * p.ln()).sum();
        if self.counts.len() > 1 { sum / (self.counts.len() as f64).ln() } else { 0.0 }
    }
}

/// One person: her value then, whether she did it since, whether we spoke to her.
struct Case {
    value: Option<String>,
    did: bool,
    reached: bool,
}

struct Judge<'a> {
    read: &'a dyn Read,
    workspace: WorkspaceId,
    zone: &'a TimeZone,
    now: Millis,
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

impl Judge<'_> {
    fn evaluate(&self, tag: &AsDefined, used_by: Vec<Use>, event: &str, days: i64, weights: &BTreeMap<String, f64>) -> Result<Evaluation> {
        let people = weft_profiles::count_people(self.read, self.workspace)?;
        let spread = self.spread(&tag.name)?;
        let coverage = spread.tagged as f64 / people.max(1) as f64;
        let cases = self.cases(tag, event, days)?;
        let outcome = outcome(&cases, event, days)?;
        let by_hand_or_model = tag.rule.is_by(Assigner::Hand) || tag.rule.is_by(Assigner::Model);
        let age = spread.newest.map(|at| (self.now.0 - at.0) as f64 / Millis::DAY as f64);
        let entropy = spread.entropy();
        let scores = [
            // Of a single value everybody having it tells as little as nobody; of several, half the people are enough.
            if spread.counts.len() > 1 { (coverage * 2.0).min(1.0) } else { 4.0 * coverage * (1.0 - coverage) },
            1.0 - 0.5_f64.powi(used_by.len() as i32),
            if by_hand_or_model { age.map_or(0.0, |age| 0.5_f64.powf(age / HALF_LIFE)) } else { 1.0 },
            outcome.as_ref().map_or(0.0, |o| if o.p_value < 0.05 { (o.effect * 3.0).min(1.0) } else { 0.0 }),
            outcome.as_ref().and_then(|o| o.reached_lift).map_or(0.0, |lift| (lift - 1.0).clamp(0.0, 1.0)),
        ];
        // What cannot be judged yet, for nobody's value is old enough, counts neither way.
        let is_open = |part: &str| outcome.is_none() && matches!(part, "discrimination" | "marketing");
        let weight = |part: &str| match () {
            () if is_open(part) => 0.0,
            () if weights.is_empty() => 1.0,
            () => weights.get(part).copied().unwrap_or(0.0),
        };
        let parts: Vec<Part> = PARTS.iter().zip(scores).map(|(part, score)| Part { part, score: r(score), weight: weight(part) }).collect();
        let all: f64 = parts.iter().map(|p| p.weight).sum();
        let score = parts.iter().map(|p| p.score * p.weight).sum::<f64>() / if all > 0.0 { all } else { 1.0 };
        let mut suggestions: Vec<&'static str> = Vec::new();
        suggestions.extend((coverage < FEW).then_some("covers_few"));
        suggestions.extend((spread.counts.len() == 1 && coverage > NEARLY_ALL).then_some("covers_everybody"));
        suggestions.extend((spread.counts.len() > 1 && entropy < 0.1).then_some("one_value"));
        suggestions.extend(used_by.is_empty().then_some("unused"));
        suggestions.extend((by_hand_or_model && age.is_some_and(|age| age > STALE_DAYS)).then_some("stale"));
        suggestions.extend(outcome.as_ref().is_some_and(|o| o.p_value >= 0.05).then_some("tells_nothing"));
        Ok(Evaluation {
            people,
            tagged: spread.tagged,
            coverage: r(coverage),
            distinct_values: spread.counts.len(),
            entropy: r(entropy),
            used_by,
            outcome,
            score: r(score * 100.0),
            parts,
            suggestions: suggestions.into_iter().map(|code| Suggestion { code }).collect(),
            as_of: self.now,
        })
    }

    fn spread(&self, name: &str) -> Result<Spread> {
        let mut spread = Spread { tagged: 0, counts: BTreeMap::new(), newest: None };
        weft_tags::each(self.read, self.workspace, name, 0, &mut |_, tagged| {
            spread.tagged += 1;
            spread.newest = spread.newest.max(Some(tagged.since));
            let value = text(tagged.value);
            if spread.counts.len() < 10_000 || spread.counts.contains_key(&value) {
                *spread.counts.entry(value).or_default() += 1;
            }
            Ok(true)
        })?;
        Ok(spread)
    }

    /// A sample of those who were there then, with their value as of then: by the rule where there is one, so that what was known
    /// later does not count; of what is assigned, if it stood already.
    fn cases(&self, tag: &AsDefined, event: &str, days: i64) -> Result<Vec<Case>> {
        let then = self.now.minus(days * Millis::DAY);
        let mut people = RoaringBitmap::new();
        weft_profiles::all_people(self.read, self.workspace, 0, &mut |person, seen| {
            if seen.first <= then {
                people.insert(person);
            }
            Ok(true)
        })?;
        let within = |name: &str| -> Result<Condition> {
            let written = json!({"name": name, "within": format!("{days}d")}).as_object().cloned().unwrap_or_default();
            let counted = Statistic { event: written, function: "count".into(), property: None }.parse()?;
            Ok(Condition::Event(Box::new(EventTest { aggregate: Aggregate::Occurs, ..counted })))
        };
        let (did, reached) = (within(event)?, within(names::MESSAGE_SENT)?);
        let mut cases = Vec::new();
        for person in sample(self.workspace, &people) {
            let around = Surroundings::of(self.read, self.workspace, person, self.zone);
            let facts = around.facts();
            // Whose value changed since then had another, or none: which is not known, and what changed it may be the outcome itself.
            if let Some(value) = self.value_then(tag, person, &facts, then)? {
                cases.push(Case { value, did: holds(&did, &facts, self.now), reached: holds(&reached, &facts, self.now) });
            }
            facts.sound()?;
            around.sound()?;
        }
        Ok(cases)
    }

    /// Nothing where it is not known.
    fn value_then(&self, tag: &AsDefined, person: Atom, facts: &dyn Facts, then: Millis) -> Result<Option<Option<String>>> {
        if let Some(value) = tag.at(facts, then) {
            return Ok(Some(value.map(text)));
        }
        let hers = weft_tags::tagged(self.read, self.workspace, &tag.name, person)?;
        Ok(match hers {
            Some(tagged) if tagged.since > then => None,
            other => Some(other.map(|t| text(t.value))),
        })
    }
}

/// Figures of many different values are told by their fifths.
fn grouped(cases: &[Case]) -> Vec<Option<String>> {
    let different: BTreeSet<&String> = cases.iter().filter_map(|c| c.value.as_ref()).collect();
    let mut numbers: Vec<f64> = cases.iter().filter_map(|c| c.value.as_ref()?.parse().ok()).collect();
    if different.len() <= MOST_VALUES || numbers.len() * 2 < cases.iter().filter(|c| c.value.is_some()).count() {
        return cases.iter().map(|c| c.value.clone()).collect();
    }
    numbers.sort_unstable_by(f64::total_cmp);
    let cuts: Vec<f64> = (1..5).filter_map(|i| numbers.get(numbers.len() * i / 5).copied()).collect();
    let fifth = |value: f64| {
        let at = cuts.partition_point(|c| *c < value);
        match (at.checked_sub(1).and_then(|i| cuts.get(i)), cuts.get(at)) {
            (None, Some(most)) => format!("≤ {most}"),
            (Some(more), Some(most)) => format!("{more} – {most}"),
            (Some(more), None) => format!("> {more}"),
            (None, None) => value.to_string(),
        }
    };
    cases.iter().map(|c| c.value.as_ref().and_then(|v| v.parse().ok()).map(fifth)).collect()
}

fn outcome(cases: &[Case], event: &str, days: i64) -> Result<Option<Outcome>> {
    if cases.iter().all(|c| c.value.is_none()) {
        return Ok(None);
    }
    let values = grouped(cases);
    let n = cases.len() as f64;
    let did = cases.iter().filter(|c| c.did).count() as f64;
    let rate = did / n;
    let mut counts: BTreeMap<&Option<String>, [u64; 4]> = BTreeMap::new();
    for (value, case) in values.iter().zip(cases) {
        let count = counts.entry(value).or_default();
        count[0] += 1;
        count[1] += u64::from(case.did);
        count[2] += u64::from(case.reached);
        count[3] += u64::from(case.reached && case.did);
    }
    let mut lines: Vec<OutcomeLine> = Vec::new();
    for (value, [people, positives, ..]) in &counts {
        let interval = wilson(*positives as f64, *people as f64, CONFIDENCE);
        let share = *positives as f64 / *people as f64;
        let (low, high) = interval.map_or((0.0, 1.0), |i| (i.low, i.high));
        lines.push(OutcomeLine { value: (*value).clone(), people: *people, rate: r(share), low: r(low), high: r(high), lift: (rate > 0.0).then(|| r(share / rate)) });
    }
    lines.sort_by(|a, b| b.people.cmp(&a.people));
    lines.truncate(MOST_VALUES);
    let members: Vec<bool> = cases.iter().map(|c| c.did).collect();
    let named = values.iter().map(|v| Some(v.as_deref().unwrap_or("–")));
    let compared = compare(&Features::new(cases.len()).categories("value", named)?, &members, 1)?;
    let (p_value, effect) = compared.categories.first().map_or((1.0, 0.0), |c| (c.p_value, c.effect));
    let reached: u64 = counts.values().map(|c| c[2]).sum();
    let converted: u64 = counts.values().map(|c| c[3]).sum();
    // Of many values the best is high by chance alone: what counts is what it surely is.
    let surely = |c: &[u64; 4]| wilson(c[3] as f64, c[2] as f64, CONFIDENCE).map(|i| i.low);
    let best = counts.iter().filter(|(value, c)| value.is_some() && c[2] >= 30).filter_map(|(_, c)| surely(c)).max_by(f64::total_cmp);
    Ok(Some(Outcome {
        event: event.to_owned(),
        days,
        looked_at: cases.len() as u64,
        rate: r(rate),
        values: lines,
        information: r(information(counts.values().map(|c| [c[0] - c[1], c[1]]))),
        p_value: r(p_value),
        effect: r(effect),
        reached,
        reached_lift: best.filter(|_| converted > 0).map(|best| r(best / (converted as f64 / reached as f64))),
    }))
}

/// Mutual information of value and outcome, in bits (C. Shannon 1948).
fn information(counts: impl Iterator<Item = [u64; 2]> + Clone) -> f64 {
    let sides = counts.clone().fold([0.0, 0.0], |sum, c| [sum[0] + c[0] as f64, sum[1] + c[1] as f64]);
    let n = sides[0] + sides[1];
    let part = |c: [u64; 2]| {
        let row = (c[0] + c[1]) as f64;
        (0..2).filter(|i| c[*i] > 0).map(|i| c[i] as f64 / n * (c[i] as f64 * n / (row * sides[i])).log2()).sum::<f64>()
    };
    counts.map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_tells_a_whole_bit_and_what_does_not_tells_none() {
        assert!((information([[10, 0], [0, 10]].into_iter()) - 1.0).abs() < 1e-12);
        assert!(information([[5, 5], [20, 20]].into_iter()).abs() < 1e-12);
        // By hand: H(Y) = 1, H(Y|X) = 0.8113 for 3:1 and 1:3.
        assert!((information([[3, 1], [1, 3]].into_iter()) - (1.0 - 0.811_278_124_459_132_8)).abs() < 1e-12);
    }

    #[test]
    fn values_are_told_with_their_rates_and_figures_by_fifths() {
        let case = |value: &str, did| Case { value: Some(value.into()), did, reached: true };
        let cases: Vec<Case> = (0..400).map(|i| case(if i % 2 == 0 { "vip" } else { "no" }, i % 2 == 0 && i % 4 == 0)).collect();
        let found = outcome(&cases, "purchase", 30).unwrap().unwrap();
        let vip = found.values.iter().find(|v| v.value.as_deref() == Some("vip")).unwrap();
        assert_eq!((vip.people, vip.rate, vip.lift, found.rate), (200, 0.5, Some(2.0), 0.25));
        assert!(found.p_value < 1e-9 && found.reached_lift.is_some_and(|lift| lift > 1.7 && lift < 2.0));
        let figures: Vec<Case> = (0..500).map(|i| case(&i.to_string(), i > 400)).collect();
        let found = outcome(&figures, "purchase", 30).unwrap().unwrap();
        assert_eq!(found.values.len(), 5);
        assert!(outcome(&[Case { value: None, did: true, reached: false }], "purchase", 30).unwrap().is_none());
    }

    #[test]
    fn weights_are_named() {
        assert_eq!(weights("coverage:1, usage:0.5").unwrap().len(), 2);
        assert!(weights("beauty:1").is_err() && weights("coverage").is_err() && weights("usage:-1").is_err());
    }
}
