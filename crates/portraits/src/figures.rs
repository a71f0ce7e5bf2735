//! The figures of a portrait: each side counted, compared, and put in order of what tells most.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use weft_condition::Mentions;
use weft_models::domain::compare::{NumericDifference, ValueDifference, benjamini_hochberg, compare, count_drift, value_difference};
use weft_models::domain::features::{Features, Values};
use weft_models::domain::rounded as r;
use weft_models::people::Columns;

use crate::draw::Crowd;
use crate::evaluation::{Sizes, evaluate};
use crate::kernel::{Millis, Result};
use crate::lives::{AMOUNTS, Life, ORDER};
use crate::shape::{Bin, Category, Drift, EventLine, Habits, Interest, InterestLine, Number, Path, Portrait, Shares, Shifted, Striking, ValueLine, Worth};

const MOST_VALUES: usize = 12;
const MOST_EVENTS: usize = 20;
const MOST_INTERESTS: usize = 6;
const MOST_PATHS: usize = 10;
const MOST_STRIKING: usize = 12;
/// Of one feature so many may be striking.
const OF_ONE: usize = 2;
const BINS: usize = 12;
/// What is striking must hardly be chance.
const SURE: f64 = 0.05;

/// A portrait before, as it was kept.
pub struct Before {
    pub id: String,
    pub at: Millis,
    pub result: Value,
}

/// `trait:city` is the trait city.
fn split(label: &str) -> (&'static str, String) {
    match label.split_once(':') {
        Some(("tag", name)) => ("tag", name.to_owned()),
        Some((_, name)) => ("trait", name.to_owned()),
        None => ("trait", label.to_owned()),
    }
}

fn told(lives: &[Life]) -> Result<Features> {
    let mut labels: BTreeSet<String> = BTreeSet::new();
    for life in lives {
        labels.extend(life.traits.keys().map(|name| format!("trait:{name}")));
        labels.extend(life.tags.keys().map(|name| format!("tag:{name}")));
    }
    let mut columns = Columns::new(labels.iter().map(|label| (label.clone(), false)));
    for life in lives {
        columns.push(labels.iter().map(|label| {
            let (kind, name) = split(label);
            if kind == "tag" { life.tags.get(&name).cloned() } else { life.traits.get(&name).cloned() }
        }));
    }
    columns.finish(lives.len(), None).map(|(features, _)| features)
}

/// `said`: what the group is defined by, which is no news of it.
pub fn figures(crowd: &Crowd, as_of: Millis, currency: &str, said: &Mentions, before: Option<&Before>) -> Result<Portrait> {
    let lives = &crowd.lives;
    let members: Vec<bool> = lives.iter().map(|l| l.is_member).collect();
    let n = Sides { group: members.iter().filter(|m| **m).count() as u64, rest: members.iter().filter(|m| !**m).count() as u64 };
    let features = told(lives)?;
    let compared = compare(&features, &members, 2)?;
    let categories = categories(&compared);
    let numbers: Vec<Number> = compared.numbers.iter().filter_map(|difference| number(&features, &members, difference)).collect();
    let events = events(lives, n);
    let (interests, interest_lines) = interests(lives, n);
    let mut striking = striking(&compared, &events, &interest_lines, n);
    striking.retain(|s| !is_said(s, said));
    striking.truncate(MOST_STRIKING);
    let evaluation = evaluate(lives, &striking, &categories, &numbers, &Sizes { people: crowd.people, people_read: n.group });
    let drift = before.map(|before| drift(before, &categories, &features, &members));
    Ok(Portrait {
        people: crowd.people,
        others: crowd.others,
        people_read: n.group,
        others_read: n.rest,
        cut_short: lives.iter().filter(|l| l.is_cut_short).count() as u64,
        as_of,
        striking,
        categories,
        numbers,
        habits: habits(lives),
        value: worth(lives, n, currency),
        events: events.into_iter().map(|(line, _)| line).collect(),
        interests,
        paths: paths(lives, n),
        drift,
        evaluation,
    })
}

/// How many were read of either side.
#[derive(Clone, Copy, Default)]
struct Sides {
    group: u64,
    rest: u64,
}

impl Sides {
    fn add(&mut self, is_member: bool, by: u64) {
        *(if is_member { &mut self.group } else { &mut self.rest }) += by;
    }
    fn shares(self, n: Sides) -> Shares {
        Shares { share: r(self.group as f64 / n.group.max(1) as f64), rest_share: r(self.rest as f64 / n.rest.max(1) as f64) }
    }
}

fn categories(compared: &weft_models::domain::compare::Comparison) -> Vec<Category> {
    let mut by_feature: HashMap<&str, Vec<&ValueDifference>> = HashMap::new();
    compared.values.iter().for_each(|v| by_feature.entry(&v.feature).or_default().push(v));
    let category = |c: &weft_models::domain::compare::CategoryDifference| {
        let mut values = by_feature.get(c.feature.as_str()).cloned().unwrap_or_default();
        let known = |side: fn(&ValueDifference) -> u64| values.iter().map(|v| side(v)).sum::<u64>();
        let (known, rest_known) = (known(|v| v.people), known(|v| v.rest_people));
        values.sort_by(|a, b| (b.share + b.rest_share).total_cmp(&(a.share + a.rest_share)).then_with(|| a.value.cmp(&b.value)));
        let all = values.iter().map(|v| (v.value.clone(), v.people)).collect();
        let hidden = values.split_off(values.len().min(MOST_VALUES));
        let (kind, title) = split(&c.feature);
        Category {
            feature: title.clone(),
            kind,
            title,
            known,
            rest_known,
            effect: r(c.effect),
            q_value: r(c.q_value),
            values: values.into_iter().map(value_line).collect(),
            other: Shares { share: r(hidden.iter().map(|v| v.share).sum()), rest_share: r(hidden.iter().map(|v| v.rest_share).sum()) },
            all,
        }
    };
    compared.categories.iter().map(category).collect()
}

fn value_line(v: &ValueDifference) -> ValueLine {
    ValueLine {
        value: v.value.clone(),
        people: v.people,
        share: r(v.share),
        rest_share: r(v.rest_share),
        lift: v.lift.map(r),
        low: v.interval.map(|i| r(i.low)),
        high: v.interval.map(|i| r(i.high)),
        q_value: r(v.q_value),
        is_small: v.is_small,
    }
}

/// The values of a column of numbers, by side.
fn sides(features: &Features, members: &[bool], feature: &str) -> Option<[Vec<f64>; 2]> {
    let Values::Numbers(values) = features.column(feature).ok()?.values() else { return None };
    let mut sides = [Vec::new(), Vec::new()];
    for (value, member) in values.iter().zip(members).filter(|(v, _)| !v.is_nan()) {
        sides[usize::from(*member)].push(f64::from(*value));
    }
    sides.iter_mut().for_each(|s| s.sort_unstable_by(f64::total_cmp));
    Some(sides)
}

/// The value below which that share lies (nearest rank).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or(0.0)
}

fn number(features: &Features, members: &[bool], d: &NumericDifference) -> Option<Number> {
    let [rest, group] = sides(features, members, &d.feature)?;
    let (kind, title) = split(&d.feature);
    let quartiles = |sorted: &[f64]| [r(quantile(sorted, 0.25)), r(quantile(sorted, 0.75))];
    let edges = edges(&group, &rest);
    let (counts, rest_counts) = (binned(&group, &edges), binned(&rest, &edges));
    let share = |count: u64, all: &[f64]| r(count as f64 / all.len().max(1) as f64);
    let bin = |i: usize| Bin { from: r(edges[i]), to: r(edges[i + 1]), people: counts[i], share: share(counts[i], &group), rest_share: share(rest_counts[i], &rest) };
    Some(Number {
        feature: title.clone(),
        kind,
        title,
        unit: None,
        known: d.people,
        rest_known: d.rest_people,
        mean: r(d.mean),
        rest_mean: r(d.rest_mean),
        median: r(d.median),
        rest_median: r(d.rest_median),
        quartiles: quartiles(&group),
        rest_quartiles: quartiles(&rest),
        cliffs_delta: r(d.cliffs_delta),
        q_value: r(d.q_value),
        bins: (0..edges.len() - 1).map(bin).collect(),
    })
}

/// Equal steps up to where few are left; the last reaches to the greatest.
fn edges(group: &[f64], rest: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = group.iter().chain(rest).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let (least, most) = (all.first().copied().unwrap_or(0.0), all.last().copied().unwrap_or(0.0));
    let high = quantile(&all, 0.97).max(least);
    let step = (high - least) / BINS as f64;
    if step <= 0.0 {
        return vec![least, most.max(least)];
    }
    let mut edges: Vec<f64> = (0..BINS).map(|i| least + step * i as f64).collect();
    edges.push(most);
    edges
}

fn binned(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let last = edges.len().saturating_sub(2);
    let mut counts = vec![0; last + 1];
    for value in values {
        let bin = edges.partition_point(|e| e <= value).saturating_sub(1).min(last);
        counts[bin] += 1;
    }
    counts
}

fn habits(lives: &[Life]) -> Habits {
    let mut n = Sides::default();
    let (mut hours, mut weekdays) = ([Sides::default(); 24], [Sides::default(); 7]);
    for life in lives {
        n.add(life.is_member, life.hours.iter().map(|h| u64::from(*h)).sum());
        hours.iter_mut().zip(life.hours).for_each(|(sum, by)| sum.add(life.is_member, u64::from(by)));
        weekdays.iter_mut().zip(life.weekdays).for_each(|(sum, by)| sum.add(life.is_member, u64::from(by)));
    }
    Habits { hours: hours.map(|h| h.shares(n)).to_vec(), weekdays: weekdays.map(|d| d.shares(n)).to_vec() }
}

fn worth(lives: &[Life], n: Sides, currency: &str) -> Option<Worth> {
    let (mut buyers, mut orders) = (Sides::default(), Sides::default());
    let mut amounts = [0.0, 0.0];
    for life in lives.iter().filter(|l| l.orders > 0) {
        buyers.add(life.is_member, 1);
        orders.add(life.is_member, u64::from(life.orders));
        amounts[usize::from(life.is_member)] += life.amount;
    }
    let share = buyers.shares(n);
    (buyers.group + buyers.rest > 0).then(|| Worth {
        event: ORDER,
        property: AMOUNTS[0],
        buyers: share.share,
        rest_buyers: share.rest_share,
        orders_per_buyer: r(orders.group as f64 / buyers.group.max(1) as f64),
        rest_orders_per_buyer: r(orders.rest as f64 / buyers.rest.max(1) as f64),
        amount_per_person: r(amounts[1] / n.group.max(1) as f64),
        rest_amount_per_person: r(amounts[0] / n.rest.max(1) as f64),
        amount_total: r(amounts[1]),
        currency: currency.to_owned(),
    })
}

/// Shares of several things that people did or not, corrected together; nothing where one side is empty.
fn corrected(mut lines: Vec<ValueDifference>) -> Vec<ValueDifference> {
    let q = benjamini_hochberg(&lines.iter().map(|l| l.p_value).collect::<Vec<_>>());
    lines.iter_mut().zip(q).for_each(|(line, q)| line.q_value = q);
    lines
}

fn difference(feature: &str, value: &str, count: Sides, n: Sides) -> ValueDifference {
    value_difference(feature, value, (count.group, n.group.max(1)), (count.rest, n.rest.max(1)))
}

fn events(lives: &[Life], n: Sides) -> Vec<(EventLine, ValueDifference)> {
    let mut found: BTreeMap<&str, (Sides, Sides)> = BTreeMap::new();
    for life in lives {
        for (name, count) in &life.events {
            let (people, times) = found.entry(name).or_default();
            people.add(life.is_member, 1);
            times.add(life.is_member, u64::from(*count));
        }
    }
    let mut found: Vec<(&str, (Sides, Sides))> = found.into_iter().collect();
    found.sort_by_key(|(_, (people, _))| std::cmp::Reverse(people.group + people.rest));
    found.truncate(MOST_EVENTS);
    let lines = corrected(found.iter().map(|(name, (people, _))| difference(name, "", *people, n)).collect());
    let line = |((name, (_, times)), d): ((&str, (Sides, Sides)), ValueDifference)| {
        let per = times.shares(n);
        let line = EventLine {
            name: name.to_owned(),
            share: r(d.share),
            rest_share: r(d.rest_share),
            per_person: per.share,
            rest_per_person: per.rest_share,
            lift: d.lift.map(r),
            q_value: r(d.q_value),
        };
        (line, d)
    };
    found.into_iter().zip(lines).map(line).collect()
}

/// What people act on, by event and property; and every line of it for what is striking.
fn interests(lives: &[Life], n: Sides) -> (Vec<Interest>, Vec<(String, ValueDifference)>) {
    let mut counts: HashMap<&(String, String, String), Sides> = HashMap::new();
    for life in lives {
        life.interests.iter().for_each(|key| counts.entry(key).or_default().add(life.is_member, 1));
    }
    let mut by_property: BTreeMap<(&str, &str), Vec<(&str, Sides)>> = BTreeMap::new();
    for ((event, property, value), sides) in counts {
        by_property.entry((event, property)).or_default().push((value, sides));
    }
    // A property whose values hardly repeat names things one by one.
    let named: BTreeSet<(String, String)> = by_property.keys().filter_map(|(e, p)| Some(((*e).to_owned(), format!("{}_id", p.strip_suffix("_name")?)))).collect();
    // What has a name is told by it.
    by_property.retain(|(event, property), _| !named.contains(&((*event).to_owned(), (*property).to_owned())));
    by_property.retain(|_, values| values.len() > 1 && values.iter().map(|(_, s)| s.group + s.rest).sum::<u64>() >= values.len() as u64 * 5);
    let mut found: Vec<((&str, &str), Vec<(&str, Sides)>)> = by_property.into_iter().collect();
    found.sort_by_key(|((event, property), values)| (std::cmp::Reverse(values.iter().map(|(_, s)| s.group + s.rest).sum::<u64>()), *event, *property));
    found.truncate(MOST_INTERESTS);
    let mut lines = Vec::new();
    for ((event, property), values) in &mut found {
        values.sort_by(|a, b| (b.1.group + b.1.rest).cmp(&(a.1.group + a.1.rest)).then(a.0.cmp(b.0)));
        values.truncate(MOST_VALUES);
        lines.extend(values.iter().map(|(value, sides)| difference(&format!("{event}.{property}"), value, *sides, n)));
    }
    let lines = corrected(lines);
    let mut rest = lines.iter();
    let interest = |((event, property), values): &((&str, &str), Vec<(&str, Sides)>)| {
        let line = |d: &ValueDifference| InterestLine { value: d.value.clone(), share: r(d.share), rest_share: r(d.rest_share), lift: d.lift.map(r), q_value: r(d.q_value) };
        Interest { event: (*event).to_owned(), property: (*property).to_owned(), values: rest.by_ref().take(values.len()).map(line).collect() }
    };
    let shown = found.iter().map(interest).collect();
    (shown, lines.into_iter().map(|d| (d.feature.clone(), d)).collect())
}

fn paths(lives: &[Life], n: Sides) -> Vec<Path> {
    let mut counts: BTreeMap<&Vec<String>, Sides> = BTreeMap::new();
    for life in lives {
        life.paths.iter().for_each(|path| counts.entry(path).or_default().add(life.is_member, 1));
    }
    let mut found: Vec<(&Vec<String>, Sides)> = counts.into_iter().filter(|(_, s)| s.group > 0).collect();
    found.sort_by_key(|(_, s)| std::cmp::Reverse(s.group));
    let path = |(steps, sides): (&Vec<String>, Sides)| {
        let shares = sides.shares(n);
        Path { steps: steps.clone(), people: sides.group, share: shares.share, rest_share: shares.rest_share }
    };
    found.into_iter().take(MOST_PATHS).map(path).collect()
}

fn of_value(kind: &'static str, title: String, d: &ValueDifference) -> Striking {
    Striking {
        feature: title.clone(),
        kind,
        title,
        value: (!d.value.is_empty()).then(|| d.value.clone()),
        share: Some(r(d.share)),
        rest_share: Some(r(d.rest_share)),
        median: None,
        rest_median: None,
        lift: d.lift.map(r),
        effect: r(d.difference),
        q_value: r(d.q_value),
        is_small: d.is_small,
    }
}

fn of_number(kind: &'static str, title: String, d: &NumericDifference) -> Striking {
    Striking {
        feature: title.clone(),
        kind,
        title,
        value: None,
        share: None,
        rest_share: None,
        median: Some(r(d.median)),
        rest_median: Some(r(d.rest_median)),
        lift: None,
        effect: r(d.cliffs_delta),
        q_value: r(d.q_value),
        is_small: false,
    }
}

/// The strongest of all that is hardly chance: shares by their difference, numbers by Cliff's delta, which of a yes-or-no is the same.
fn striking(
    compared: &weft_models::domain::compare::Comparison,
    events: &[(EventLine, ValueDifference)],
    interests: &[(String, ValueDifference)],
    n: Sides,
) -> Vec<Striking> {
    let mut all: Vec<Striking> = Vec::new();
    for value in &compared.values {
        let (kind, title) = split(&value.feature);
        all.push(of_value(kind, title, value));
    }
    for difference in &compared.numbers {
        let (kind, title) = split(&difference.feature);
        all.push(of_number(kind, title, difference));
    }
    all.extend(events.iter().map(|(line, d)| of_value("event", line.name.clone(), d)));
    all.extend(interests.iter().map(|(title, d)| of_value("interest", title.clone(), d)));
    all.retain(|s| s.q_value < SURE && !s.is_small && n.rest > 0);
    all.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()).then_with(|| (a.kind, &a.feature, &a.value).cmp(&(b.kind, &b.feature, &b.value))));
    let mut of_one: HashMap<(&'static str, String), usize> = HashMap::new();
    all.retain(|s| {
        let seen = of_one.entry((s.kind, s.feature.clone())).or_default();
        *seen += 1;
        *seen <= OF_ONE
    });
    all
}

fn is_said(striking: &Striking, said: &Mentions) -> bool {
    match striking.kind {
        "event" => said.event(&striking.feature),
        "tag" => said.tags.contains(&striking.feature),
        "trait" => said.is_of_trait(&striking.feature),
        _ => false,
    }
}

/// The group now beside the group then, feature by feature, in the bins and values of then.
fn drift(before: &Before, categories: &[Category], features: &Features, members: &[bool]) -> Drift {
    let list = |key: &str| before.result.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut shifted = Vec::new();
    for then in list("categories") {
        let named = |c: &&Category| then["feature"] == c.feature.as_str() && then["kind"] == c.kind;
        if let Some(now) = categories.iter().find(named) {
            shifted.extend(shift(&now.feature, &category_counts(&then), now));
        }
    }
    for then in list("numbers") {
        let (Some(name), Some(kind)) = (then["feature"].as_str(), then["kind"].as_str()) else { continue };
        let bins = then["bins"].as_array().cloned().unwrap_or_default();
        let mut edges: Vec<f64> = bins.iter().filter_map(|b| b["from"].as_f64()).collect();
        edges.extend(bins.last().and_then(|b| b["to"].as_f64()));
        let Some([_, group]) = sides(features, members, &format!("{kind}:{name}")).filter(|_| edges.len() > 2) else { continue };
        let counts: Vec<u64> = bins.iter().filter_map(|b| b["people"].as_u64()).collect();
        shifted.extend(judged(name, &counts, &binned(&group, &edges)));
    }
    shifted.sort_by(|a, b| b.population_stability_index.total_cmp(&a.population_stability_index));
    Drift { since: before.id.clone(), since_at: before.at, features: shifted }
}

fn category_counts(then: &Value) -> BTreeMap<String, u64> {
    let values = then["values"].as_array().cloned().unwrap_or_default();
    let mut counts: BTreeMap<String, u64> = values.iter().filter_map(|v| Some((v["value"].as_str()?.to_owned(), v["people"].as_u64()?))).collect();
    let rest = then["known"].as_u64().unwrap_or(0).saturating_sub(counts.values().sum());
    counts.insert(String::new(), rest);
    counts
}

fn shift(feature: &str, then: &BTreeMap<String, u64>, now: &Category) -> Option<Shifted> {
    let mut counts: BTreeMap<&str, [u64; 2]> = then.iter().map(|(value, n)| (value.as_str(), [*n, 0])).collect();
    for (value, people) in &now.all {
        let key = if counts.contains_key(value.as_str()) { value.as_str() } else { "" };
        counts.entry(key).or_default()[1] += people;
    }
    let side = |s: usize| counts.values().map(|c| c[s]).collect::<Vec<_>>();
    judged(feature, &side(0), &side(1))
}

/// Nothing where one side is empty.
fn judged(feature: &str, then: &[u64], now: &[u64]) -> Option<Shifted> {
    let found = count_drift(then, now).ok()?;
    Some(Shifted { feature: feature.to_owned(), title: feature.to_owned(), population_stability_index: r(found.population_stability_index), shift: found.shift })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use weft_models::domain::compare::Shift;

    /// Members live in Shanghai more often, are older, buy more, and like tea.
    fn crowd() -> Crowd {
        let life = |n: u32| {
            let is_member = n % 4 == 0;
            let mut life = Life { is_member, ..Life::default() };
            let shanghai = if is_member { n % 5 != 0 } else { n % 5 == 0 };
            life.traits.insert("city".into(), json!(if shanghai { "上海" } else { "杭州" }));
            life.traits.insert("age".into(), json!(20 + n % 30 + if is_member { 10 } else { 0 }));
            life.traits.insert("code".into(), json!(format!("Somebody {n}")));
            life.events.insert("view".into(), 2);
            if is_member {
                life.events.insert("purchase".into(), 1);
                life.orders = 1;
                life.amount = 10.0;
            }
            let drink = if is_member { "tea" } else { "coffee" };
            life.interests.insert(("view".into(), "category".into(), drink.into()));
            life.hours[if is_member { 21 } else { 9 }] = 2;
            life.paths.insert(vec!["page".into(), "view".into()]);
            life
        };
        Crowd { people: 100, others: 300, lives: (0..400).map(life).collect() }
    }

    #[test]
    fn what_sets_them_apart_is_found_and_names_are_not_features() {
        let portrait = figures(&crowd(), Millis(5), "CNY", &Mentions::default(), None).unwrap();
        assert_eq!((portrait.people_read, portrait.others_read), (100, 300));
        let features: Vec<(&str, &str, Option<&str>)> = portrait.striking.iter().map(|s| (s.kind, s.feature.as_str(), s.value.as_deref())).collect();
        for wanted in [("trait", "city", Some("上海")), ("event", "purchase", None), ("interest", "view.category", Some("tea")), ("trait", "age", None)] {
            assert!(features.contains(&wanted), "{wanted:?} in {features:?}");
        }
        assert!(!features.iter().any(|(_, f, _)| *f == "code" || *f == "view"));
        let bought = weft_condition::parse(&json!({"event": {"name": "purchase"}})).unwrap();
        let other = figures(&crowd(), Millis(5), "CNY", &weft_condition::mentions(&bought), None).unwrap();
        assert!(!other.striking.iter().any(|s| s.feature == "purchase"), "what it is defined by is no news");
        let city = portrait.categories.iter().find(|c| c.feature == "city").unwrap();
        let shanghai = city.values.iter().find(|v| v.value == "上海").unwrap();
        assert_eq!((shanghai.share, shanghai.rest_share, shanghai.lift), (0.8, 0.2, Some(4.0)));
        let age = portrait.numbers.iter().find(|c| c.feature == "age").unwrap();
        assert_eq!(age.bins.iter().map(|b| b.people).sum::<u64>(), 100);
        assert!(age.cliffs_delta > 0.4 && age.median > age.rest_median);
        assert_eq!((portrait.habits.hours[21].share, portrait.habits.hours[9].rest_share), (1.0, 1.0));
        let worth = portrait.value.unwrap();
        assert_eq!((worth.buyers, worth.rest_buyers, worth.amount_per_person, worth.amount_total), (1.0, 0.0, 10.0, 1000.0));
        assert_eq!(portrait.paths[0].steps, ["page", "view"]);
        let evaluation = portrait.evaluation;
        assert!(evaluation.tells_apart.unwrap() > 0.99 && evaluation.holds == Some(1.0) && evaluation.suggestions.is_empty(), "{evaluation:?}");
    }

    #[test]
    fn what_has_shifted_is_told_against_the_portrait_before() {
        let first = figures(&crowd(), Millis(5), "CNY", &Mentions::default(), None).unwrap();
        let before = Before { id: "por_1".into(), at: Millis(5), result: json!(first) };
        let same = figures(&crowd(), Millis(6), "CNY", &Mentions::default(), Some(&before)).unwrap().drift.unwrap();
        assert!(same.features.iter().all(|f| f.population_stability_index < 1e-9 && f.shift == Shift::None), "{same:?}");
        let mut moved = crowd();
        for life in moved.lives.iter_mut().filter(|l| l.is_member) {
            life.traits.insert("city".into(), json!("杭州"));
            life.traits.insert("age".into(), json!(59));
        }
        let drift = figures(&moved, Millis(7), "CNY", &Mentions::default(), Some(&before)).unwrap().drift.unwrap();
        let of = |name: &str| drift.features.iter().find(|f| f.feature == name).unwrap().shift;
        assert_eq!((of("city"), of("age")), (Shift::Strong, Shift::Strong));
    }
}
