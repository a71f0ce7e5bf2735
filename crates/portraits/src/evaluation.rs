//! How good a portrait is: does it know enough, does it tell the group from the others, and would another half of the people have
//! given the same?

use serde_json::Value;
use weft_models::domain::rounded as r;
use weft_models::domain::score::auc;

use crate::lives::Life;
use crate::shape::{Category, Evaluation, Number, Striking};

/// Below it a suggestion is made.
const COVERED: f64 = 0.5;
const TELLING: f64 = 0.65;
const HOLDING: f64 = 0.8;
/// Members that each half needs.
const FEWEST: usize = 20;

/// Of how many, and of how many there are.
pub(crate) struct Sizes {
    pub people: u64,
    pub people_read: u64,
}

pub(crate) fn evaluate(lives: &[Life], striking: &[Striking], categories: &[Category], numbers: &[Number], sizes: &Sizes) -> Evaluation {
    let known: Vec<u64> = categories.iter().map(|c| c.known).chain(numbers.iter().map(|n| n.known)).collect();
    let of_all = (known.len() as u64 * sizes.people_read).max(1);
    let coverage = known.iter().sum::<u64>() as f64 / of_all as f64;
    let read = sizes.people_read as f64 / sizes.people.max(1) as f64;
    let said: Vec<Vec<Option<bool>>> = lives.iter().map(|life| striking.iter().map(|s| says(life, s)).collect()).collect();
    let halves = [0, 1].map(|half| (0..lives.len()).filter(|n| half_of(*n) == half).collect::<Vec<usize>>());
    let are_enough = halves.iter().all(|half| {
        let members = half.iter().filter(|n| lives[**n].is_member).count();
        members >= FEWEST && half.len() - members >= FEWEST
    });
    let (mut tells_apart, mut holds) = (None, None);
    if are_enough && !striking.is_empty() {
        let counted = halves.each_ref().map(|half| counts(lives, &said, half, striking.len()));
        // Weighed by one half and tried on the other, both ways.
        let tried = [(0, 1), (1, 0)].map(|(learnt, tried)| on(lives, &said, &halves[tried], &counted[learnt]));
        tells_apart = tried.iter().copied().sum::<Option<f64>>().map(|sum| r(sum / 2.0));
        let same = (0..striking.len()).filter(|n| counted.iter().all(|half| half[*n].difference() * counted[0][*n].difference() > 0.0)).count();
        holds = Some(r(same as f64 / striking.len() as f64));
    }
    let told = tells_apart.map_or(0.0, |auc| (2.0 * (auc - 0.5)).clamp(0.0, 1.0));
    let score = (coverage + read + told + holds.unwrap_or(0.0)) / 4.0 * 100.0;
    let mut suggestions = Vec::new();
    suggestions.extend((coverage < COVERED).then_some("little_known"));
    suggestions.extend((!are_enough).then_some("too_few"));
    suggestions.extend((are_enough && striking.is_empty()).then_some("nothing_striking"));
    suggestions.extend(tells_apart.is_some_and(|auc| auc < TELLING).then_some("hardly_told_apart"));
    suggestions.extend(holds.is_some_and(|share| share < HOLDING).then_some("unstable"));
    Evaluation { score: score.round(), coverage: r(coverage), read: r(read), tells_apart, holds, suggestions }
}

/// By no order that people may have come in (Knuth's multiplicative hash).
fn half_of(place: usize) -> u32 {
    (place as u32).wrapping_mul(2_654_435_761) >> 31
}

/// Is what the portrait says of the group true of this person? Nothing where it is not known of her.
fn says(life: &Life, striking: &Striking) -> Option<bool> {
    match striking.kind {
        "event" => Some(life.events.contains_key(&striking.feature)),
        "interest" => {
            let wanted = striking.value.as_deref()?;
            Some(life.interests.iter().any(|(event, property, text)| text == wanted && striking.feature == format!("{event}.{property}")))
        }
        kind => {
            let value = if kind == "tag" { life.tags.get(&striking.feature) } else { life.traits.get(&striking.feature) }?;
            match (&striking.value, striking.median, striking.rest_median) {
                (Some(wanted), _, _) => Some(is(value, wanted)),
                (None, Some(median), Some(rest_median)) => Some(as_number(value)? >= f64::midpoint(median, rest_median)),
                _ => None,
            }
        }
    }
}

fn is(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(all) => all.iter().any(|one| is(one, wanted)),
        other => other.to_string() == wanted,
    }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(is) => Some(f64::from(u8::from(*is))),
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    }
}

/// Of how many it is known, and of how many true: the group and the others.
#[derive(Clone, Copy, Default)]
struct Counts {
    known: [u32; 2],
    is_true: [u32; 2],
}

impl Counts {
    /// Drawn half a person towards the middle, so that nothing is impossible.
    fn share(self, side: usize) -> f64 {
        (f64::from(self.is_true[side]) + 0.5) / (f64::from(self.known[side]) + 1.0)
    }
    fn difference(self) -> f64 {
        self.share(1) - self.share(0)
    }
}

fn counts(lives: &[Life], said: &[Vec<Option<bool>>], half: &[usize], statements: usize) -> Vec<Counts> {
    let mut all = vec![Counts::default(); statements];
    for person in half {
        let side = usize::from(lives[*person].is_member);
        for (counts, is_true) in all.iter_mut().zip(&said[*person]) {
            counts.known[side] += u32::from(is_true.is_some());
            counts.is_true[side] += u32::from(*is_true == Some(true));
        }
    }
    all
}

/// The chance that a member is taken for one rather than somebody else, by what the portrait says and by nothing else: the sum of
/// log-likelihood ratios of its statements (naive Bayes), ranked.
fn on(lives: &[Life], said: &[Vec<Option<bool>>], half: &[usize], learnt: &[Counts]) -> Option<f64> {
    let weight = |counts: &Counts, is_true: bool| {
        let share = |side| if is_true { counts.share(side) } else { 1.0 - counts.share(side) };
        (share(1) / share(0)).ln()
    };
    let score = |person: &usize| said[*person].iter().zip(learnt).filter_map(|(is_true, counts)| is_true.map(|is| weight(counts, is))).sum::<f64>() as f32;
    let scores: Vec<f32> = half.iter().map(score).collect();
    let members: Vec<bool> = half.iter().map(|person| lives[*person].is_member).collect();
    auc(&scores, &members).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn city(share: f64, rest_share: f64) -> Striking {
        Striking {
            feature: "city".into(), kind: "trait", title: "city".into(), value: Some("上海".into()), share: Some(share), rest_share: Some(rest_share),
            median: None, rest_median: None, lift: None, effect: share - rest_share, q_value: 0.0, is_small: false,
        }
    }
    /// Members live in Shanghai so many times of a hundred, the others so many.
    fn lives(members: u32, others: u32) -> Vec<Life> {
        let life = |n: u32| {
            let mut life = Life { is_member: n % 2 == 0, ..Life::default() };
            let share = if life.is_member { members } else { others };
            life.traits.insert("city".into(), json!(if n / 2 % 100 < share { "上海" } else { "杭州" }));
            life
        };
        (0..2_000).map(life).collect()
    }
    const ALL: Sizes = Sizes { people: 1_000, people_read: 1_000 };

    #[test]
    fn one_statement_tells_as_much_apart_as_its_shares_differ() {
        // Of a yes-or-no the area under the curve is a half and half the difference of the shares.
        let found = evaluate(&lives(80, 20), &[city(0.8, 0.2)], &[], &[], &ALL);
        assert!((found.tells_apart.unwrap() - 0.8).abs() < 0.01, "{found:?}");
        assert_eq!((found.holds, found.read), (Some(1.0), 1.0));
        assert!(!found.suggestions.contains(&"hardly_told_apart"));
    }

    #[test]
    fn what_says_little_is_called_so() {
        let found = evaluate(&lives(52, 50), &[city(0.52, 0.5)], &[], &[], &ALL);
        assert!(found.tells_apart.unwrap() < 0.55 && found.suggestions.contains(&"hardly_told_apart"), "{found:?}");
        let found = evaluate(&lives(80, 20)[..30], &[city(0.8, 0.2)], &[], &[], &ALL);
        assert_eq!((found.tells_apart, found.holds), (None, None));
        assert!(found.suggestions.contains(&"too_few"));
        let found = evaluate(&lives(50, 50), &[], &[], &[], &ALL);
        assert!(found.suggestions.contains(&"nothing_striking") && found.suggestions.contains(&"little_known"));
    }

    #[test]
    fn lists_numbers_events_and_interests_are_understood() {
        let mut life = Life::default();
        life.traits.insert("likes".into(), json!(["上海", "tea"]));
        life.traits.insert("age".into(), json!(41));
        life.events.insert("purchase".into(), 1);
        life.interests.insert(("view".into(), "category".into(), "tea".into()));
        let of = |kind: &'static str, feature: &str, value: Option<&str>, median: Option<f64>| Striking {
            kind, feature: feature.into(), value: value.map(str::to_owned), median, rest_median: median.map(|m| m - 10.0), ..city(0.5, 0.5)
        };
        assert_eq!(says(&life, &of("trait", "likes", Some("tea"), None)), Some(true));
        assert_eq!(says(&life, &of("trait", "age", None, Some(45.0))), Some(true));
        assert_eq!(says(&life, &of("trait", "age", None, Some(50.0))), Some(false));
        assert_eq!(says(&life, &of("trait", "city", Some("上海"), None)), None);
        assert_eq!(says(&life, &of("event", "purchase", None, None)), Some(true));
        assert_eq!(says(&life, &of("interest", "view.category", Some("tea"), None)), Some(true));
    }
}
