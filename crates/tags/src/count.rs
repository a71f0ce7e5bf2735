//! How many would be called what: a rule asked of everybody, and what the values of a tag look like.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use weft_condition::decimal_of_fact;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_profile_kv::StateStore;

use crate::around::Surroundings;
use crate::kernel::{Error, Millis, Result, WorkspaceId};
use crate::rule::Rule;

const THREADS: u32 = 2;
/// Values shown one by one; the rest is one line.
const MOST_SHOWN: usize = 50;
/// Different values counted one by one: of a figure, everybody may have her own.
const MOST_COUNTED: usize = 10_000;
const QUARTERS: [(&str, usize); 5] = [("min", 0), ("p25", 25), ("p50", 50), ("p75", 75), ("max", 100)];

/// What the values of a tag look like.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TagDistribution)]
pub(crate) struct Distribution {
    /// People altogether.
    pub people: u64,
    /// Those who have a value.
    pub tagged: u64,
    /// The most frequent values first.
    pub values: Vec<ValueCount>,
    /// People whose value is not among these.
    pub others: u64,
    /// `min`, `p25`, `p50`, `p75` and `max`, where the values are numbers; decimals as text.
    #[schema(value_type = Object)]
    pub numbers: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TagValueCount)]
pub(crate) struct ValueCount {
    pub value: Value,
    pub count: u64,
}

/// Values seen so far, by how often; numbers of one worth are one value.
#[derive(Default)]
pub(crate) struct Gather {
    people: u64,
    counts: BTreeMap<String, (Value, u64)>,
    /// People whose value came when there were too many to count.
    uncounted: u64,
    numbers: Vec<Decimal>,
}

impl Gather {
    pub fn person(&mut self) {
        self.people += 1;
    }
    pub fn value(&mut self, value: Value) {
        if let Some(number) = decimal_of_fact(&value).filter(|_| value.is_number()) {
            self.numbers.push(number);
        }
        self.count(value.to_string(), value, 1);
    }
    fn count(&mut self, key: String, value: Value, by: u64) {
        if let Some((_, count)) = self.counts.get_mut(&key) {
            *count += by;
        } else if self.counts.len() < MOST_COUNTED {
            self.counts.insert(key, (value, by));
        } else {
            self.uncounted += by;
        }
    }
    fn and(mut self, other: Self) -> Self {
        self.people += other.people;
        self.uncounted += other.uncounted;
        self.numbers.extend(other.numbers);
        for (key, (value, count)) in other.counts {
            self.count(key, value, count);
        }
        self
    }
    pub fn finish(mut self) -> Distribution {
        let tagged = self.uncounted + self.counts.values().map(|(_, count)| count).sum::<u64>();
        let mut values: Vec<ValueCount> = self.counts.into_values().map(|(value, count)| ValueCount { value, count }).collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.to_string().cmp(&b.value.to_string())));
        let others = self.uncounted + values.iter().skip(MOST_SHOWN).map(|v| v.count).sum::<u64>();
        values.truncate(MOST_SHOWN);
        self.numbers.sort_unstable();
        let at = |share: usize| self.numbers.get((self.numbers.len().saturating_sub(1) * share).div_ceil(100)).map(|n| n.normalize().to_string());
        let numbers = QUARTERS.iter().filter_map(|(name, share)| Some((*name, at(*share)?))).collect();
        Distribution { people: self.people, tagged, values, others, numbers }
    }
}

/// The rule asked of everybody, on as many threads as there are.
pub(crate) fn preview(store: &dyn StateStore, workspace: WorkspaceId, rule: &Rule, zone: &TimeZone, now: Millis) -> Result<Distribution> {
    let end = weft_identity::count(store, workspace)?;
    let share = end.div_ceil(THREADS).max(1);
    let parts: Vec<Result<Gather>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || part(store, workspace, rule, zone, now, n * share..(n + 1).saturating_mul(share)))).collect();
        workers.into_iter().map(|w| w.join().unwrap_or_else(|_| Err(Error::bug("tags.preview_panicked", "the preview failed")))).collect()
    });
    let mut all = Gather::default();
    for part in parts {
        all = all.and(part?);
    }
    Ok(all.finish())
}

fn part(store: &dyn StateStore, workspace: WorkspaceId, rule: &Rule, zone: &TimeZone, now: Millis, range: std::ops::Range<u32>) -> Result<Gather> {
    let mut gather = Gather::default();
    weft_profiles::all_people(store, workspace, range.start, &mut |person, _| {
        if person >= range.end {
            return Ok(false);
        }
        let around = Surroundings::of(store, workspace, person, zone);
        let facts = around.facts();
        gather.person();
        if let (Some(value), _) = rule.judge(&facts, now) {
            gather.value(value);
        }
        facts.sound()?;
        around.sound()?;
        Ok(true)
    })?;
    Ok(gather)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everybody_may_have_her_own_value() {
        let mut gather = Gather::default();
        for n in 0..MOST_COUNTED + 500 {
            gather.person();
            gather.value(json!(n));
        }
        let shown = gather.finish();
        assert_eq!((shown.tagged, shown.others), (10_500, 10_450));
        assert_eq!(shown.numbers["max"], "10499");
    }

    #[test]
    fn quarters_and_most_frequent() {
        let mut gather = Gather::default();
        for n in 1..=101 {
            gather.person();
            gather.value(json!(n));
        }
        gather.person();
        let shown = gather.finish();
        let numbers: Vec<&str> = shown.numbers.values().map(String::as_str).collect();
        assert_eq!((shown.people, shown.tagged, shown.values.len(), shown.others), (102, 101, 50, 51));
        // max, min, p25, p50, p75: the map is sorted by name.
        assert_eq!(numbers, ["101", "1", "26", "51", "76"]);
    }
}
