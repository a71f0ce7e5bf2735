//! Who is alike.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{LEARNING, Outcome, Work, named, no_columns, plain, require, rounded, too_few};
use crate::domain::axes::plane;
use crate::domain::cluster::{
    ChoiceOptions, ClusterOptions, ClusterProfile, FeatureProfile, KChoice, Sign, Stability, StabilityOptions, choose_k, kmeans, kprototypes, profile, stability,
};
use crate::domain::prepare::{Matrix, PrepareOptions, Preparation};
use crate::domain::random::Dice;
use crate::kernel::{Atom, Result};

/// Fewer are no crowd to be parted.
const FEWEST: usize = 20;
/// People on the map.
const ON_MAP: usize = 600;
/// Features that make a cluster's first name.
const IN_NAME: usize = 2;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many clusters; chosen by the house when nothing is said.
    #[serde(default)]
    k: Option<usize>,
    /// What people call them, by value.
    #[serde(default)]
    names: BTreeMap<String, String>,
}

impl Settings {
    pub fn checked(self) -> Result<Self> {
        require(self.k.is_none_or(|k| (2..=20).contains(&k)), "settings.k", "between 2 and 20")?;
        Ok(self)
    }
}

pub(super) fn run(settings: &Settings, work: &Work) -> Result<Outcome> {
    let wanted = work.reading.wanted(work.population.as_ref());
    let table = work.reading.table(&work.sources, None, &wanted)?;
    let n = table.people.len();
    if n < FEWEST {
        return Err(too_few(n, FEWEST));
    }
    if table.features.columns().is_empty() {
        return Err(no_columns());
    }
    let running = work.reading.running;
    running.tell(LEARNING, 0, 4);
    let preparation = Preparation::fit(&table.features, &PrepareOptions::default())?;
    let matrix = preparation.apply(&table.features)?;
    let choice = match settings.k {
        Some(_) => None,
        None => Some(choose_k(&matrix, &ChoiceOptions { to: 10.min(n / 10).max(2), ..ChoiceOptions::default() })?),
    };
    running.check()?;
    running.tell(LEARNING, 1, 4);
    let options = ClusterOptions { k: settings.k.or(choice.as_ref().map(|c| c.recommended)).unwrap_or(5).min(n), ..ClusterOptions::default() };
    let clustering = if matrix.codes().is_empty() { kmeans(&matrix, &options)? } else { kprototypes(&matrix, &options)? };
    running.check()?;
    running.tell(LEARNING, 2, 4);
    let steady = stability(&matrix, &options, &StabilityOptions { bootstraps: 20, ..StabilityOptions::default() })?;
    running.check()?;
    running.tell(LEARNING, 3, 4);
    let profiles = profile(&table.features, &clustering.labels, 2)?;
    let numbers = numbers(work, &table.people, &clustering.labels, clustering.model.k())?;
    let value = |cluster: u32| numbers[cluster as usize].to_string();
    let label = |p: &ClusterProfile| settings.names.get(&value(p.cluster)).filter(|n| !n.trim().is_empty()).cloned().unwrap_or_else(|| first_name(p));
    let result = json!({
        "k": clustering.model.k(),
        "choice": choice.as_ref().map_or_else(Vec::new, tried),
        "recommended": choice.as_ref().map(|c| c.recommended),
        "structure": choice.as_ref().map(|c| c.structure),
        "stability": steady.jaccard.iter().map(|j| rounded(*j)).collect::<Vec<_>>(),
        "adjusted_rand": rounded(steady.adjusted_rand),
        "clusters": profiles.iter().map(|p| shown(p, &value(p.cluster), &label(p), &steady)).collect::<Vec<_>>(),
        "map": map(&matrix, &clustering.labels, &value),
    });
    Ok(Outcome {
        people: n as u64,
        values: table.people.iter().zip(&clustering.labels).map(|(person, cluster)| (*person, Some(value(*cluster)))).collect(),
        named: profiles.iter().map(|p| named(value(p.cluster), label(p))).collect(),
        notes: table.notes,
        result,
    })
}

/// Numbers of the clusters, from 1: the one that most of its people have by now, so that names and segments stay with their people from
/// night to night; new ones take what is free.
fn numbers(work: &Work, people: &[Atom], labels: &[u32], k: usize) -> Result<Vec<u32>> {
    let mut shared: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    weft_tags::each(work.reading.store, work.reading.workspace, &work.tag, 0, &mut |person, tagged| {
        let number = tagged.value.as_str().and_then(|v| v.parse().ok()).filter(|n| *n >= 1);
        if let (Ok(row), Some(number)) = (people.binary_search(&person), number) {
            *shared.entry((labels[row], number)).or_default() += 1;
        }
        Ok(true)
    })?;
    let mut best: Vec<((u32, u32), u64)> = shared.into_iter().collect();
    best.sort_by_key(|(pair, people)| (std::cmp::Reverse(*people), *pair));
    let mut numbers: Vec<Option<u32>> = vec![None; k];
    for ((cluster, number), _) in best {
        if numbers[cluster as usize].is_none() && !numbers.contains(&Some(number)) {
            numbers[cluster as usize] = Some(number);
        }
    }
    let taken: Vec<u32> = numbers.iter().flatten().copied().collect();
    let mut free = (1..).filter(|n| !taken.contains(n));
    Ok(numbers.into_iter().map(|n| n.or_else(|| free.next()).unwrap_or(0)).collect())
}

/// What tells them most, until somebody gives a better name.
fn first_name(profile: &ClusterProfile) -> String {
    let part = |t: &crate::domain::cluster::Telling| match (&t.value, t.sign) {
        (Some(value), Sign::LessOften) => format!("¬ {value}"),
        (Some(value), _) => value.clone(),
        (None, Sign::Lower) => format!("{} ↓", plain(&t.feature)),
        (None, _) => format!("{} ↑", plain(&t.feature)),
    };
    let parts: Vec<String> = profile.telling.iter().take(IN_NAME).map(part).collect();
    if parts.is_empty() { (profile.cluster + 1).to_string() } else { parts.join(", ") }
}

fn tried(choice: &KChoice) -> Vec<Value> {
    let line = |s: &crate::domain::cluster::KScore| {
        json!({
            "k": s.k, "cost": rounded(s.cost), "votes": s.votes, "smallest_share": rounded(s.smallest_share),
            "silhouette": s.quality.silhouette.map(rounded),
            "calinski_harabasz": s.quality.calinski_harabasz.map(rounded),
            "davies_bouldin": s.quality.davies_bouldin.map(rounded),
        })
    };
    choice.scores.iter().map(line).collect()
}

fn shown(profile: &ClusterProfile, value: &str, name: &str, steady: &Stability) -> Value {
    let sign = |s: Sign| match s {
        Sign::Higher => "high",
        Sign::Lower => "low",
        Sign::MoreOften => "frequent",
        Sign::LessOften => "rare",
    };
    let telling: Vec<Value> =
        profile.telling.iter().map(|t| json!({"feature": t.feature, "value": t.value, "sign": sign(t.sign), "effect": rounded(t.effect)})).collect();
    json!({
        "value": value, "name": name, "people": profile.people, "share": rounded(profile.share),
        "jaccard": steady.jaccard.get(profile.cluster as usize).map(|j| rounded(*j)),
        "telling": telling,
        "features": profile.features.iter().map(feature).collect::<Vec<_>>(),
    })
}

fn feature(profile: &FeatureProfile) -> Value {
    match profile {
        FeatureProfile::Number { name, mean, median, overall_mean, overall_median, effect, .. } => json!({
            "feature": name, "kind": "number", "mean": mean.map(rounded), "median": median.map(rounded),
            "overall_mean": overall_mean.map(rounded), "overall_median": overall_median.map(rounded), "effect": effect.map(rounded), "values": [],
        }),
        FeatureProfile::Category { name, values, .. } => {
            let line = |v: &crate::domain::cluster::CategoryShare| {
                json!({"value": v.value, "share": rounded(v.share), "overall_share": rounded(v.overall_share), "effect": rounded(v.effect)})
            };
            json!({"feature": name, "kind": "category", "values": values.iter().map(line).collect::<Vec<_>>()})
        }
    }
}

fn map(matrix: &Matrix, labels: &[u32], value: &dyn Fn(u32) -> String) -> Vec<Value> {
    let rows = Dice::of(0, 0x4d).sample(matrix.rows(), ON_MAP);
    let Some(places) = plane(&matrix.take(&rows)) else { return Vec::new() };
    let point = |(row, place): (&u32, &[f32; 2])| json!({"x": rounded(f64::from(place[0])), "y": rounded(f64::from(place[1])), "cluster": value(labels[*row as usize])});
    rows.iter().zip(&places).map(point).collect()
}
