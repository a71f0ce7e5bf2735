//! Where a customer stands, by how long she has been silent measured in her own rhythm of buying.

use serde::{Deserialize, Serialize};

use super::require;
use crate::kernel::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Has not bought yet.
    Prospect,
    /// One purchase, and the second is not overdue.
    New,
    Active,
    /// Overdue.
    Silent,
    /// Long overdue.
    Dormant,
    Lost,
    /// Active again after a pause that was as long as a dormant customer's.
    WonBack,
}

/// What is known of one person's purchases, in days. A day with several purchases is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Purchases {
    pub count: u32,
    /// Since the first and since the last purchase.
    pub first: f64,
    pub last: f64,
    /// Between the last purchase and the one before.
    pub last_gap: Option<f64>,
}

/// Ends of the stages, in cycles since the last purchase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LifeCycleRules {
    pub active: f64,
    pub silent: f64,
    pub dormant: f64,
    /// From so many purchases on the person's own mean gap is her cycle; below, the group's.
    pub own_cycle_from: u32,
    /// An own cycle is kept between these parts of the group's: two purchases within an hour are no rhythm.
    pub shortest: f64,
    pub longest: f64,
}

impl Default for LifeCycleRules {
    fn default() -> Self {
        Self { active: 1.5, silent: 3.0, dormant: 6.0, own_cycle_from: 4, shortest: 0.25, longest: 4.0 }
    }
}

/// The group's typical cycle: the median of people's gaps between purchases. `None` if nobody bought twice.
pub fn typical_cycle(gaps: &mut [f64]) -> Option<f64> {
    gaps.sort_unstable_by(f64::total_cmp);
    let n = gaps.len();
    (n > 0).then(|| (gaps[(n - 1) / 2] + gaps[n / 2]) / 2.0)
}

/// Everybody's stage. `group_cycle` is the group's typical cycle in days.
pub fn stages(people: &[Purchases], group_cycle: f64, rules: &LifeCycleRules) -> Result<Vec<Stage>> {
    require(group_cycle.is_finite() && group_cycle > 0.0, "group_cycle", "days above 0")?;
    require(0.0 < rules.active && rules.active < rules.silent && rules.silent < rules.dormant, "rules", "0 < active < silent < dormant")?;
    require(0.0 < rules.shortest && rules.shortest <= rules.longest, "rules", "0 < shortest <= longest")?;
    require(rules.own_cycle_from >= 2, "own_cycle_from", "at least two purchases make a gap")?;
    for (row, p) in people.iter().enumerate() {
        let known = p.first.is_finite() && p.last.is_finite() && p.last_gap.is_none_or(|g| g.is_finite() && g >= 0.0);
        if p.count > 0 && !(known && p.last >= 0.0 && p.first >= p.last) {
            let detail = format!("row {row}: {p:?}: days since the first purchase are not fewer than since the last, and neither is negative");
            return Err(Error::invalid("models.value_not_finite", detail).param("row", row));
        }
    }
    Ok(people.iter().map(|p| stage(p, group_cycle, rules)).collect())
}

fn stage(p: &Purchases, group: f64, rules: &LifeCycleRules) -> Stage {
    if p.count == 0 {
        return Stage::Prospect;
    }
    let silence = p.last / cycle(p.count, p.first - p.last, group, rules);
    match silence {
        s if s > rules.dormant => Stage::Lost,
        s if s > rules.silent => Stage::Dormant,
        s if s > rules.active => Stage::Silent,
        _ if p.count == 1 => Stage::New,
        _ if is_won_back(p, group, rules) => Stage::WonBack,
        _ => Stage::Active,
    }
}

/// The rhythm before the pause is what the pause is measured by.
fn is_won_back(p: &Purchases, group: f64, rules: &LifeCycleRules) -> bool {
    let Some(gap) = p.last_gap else { return false };
    let before = cycle(p.count - 1, p.first - p.last - gap, group, rules);
    gap / before > rules.silent
}

/// The mean gap of `count` purchases over `span` days, within reason; the group's if there are too few.
fn cycle(count: u32, span: f64, group: f64, rules: &LifeCycleRules) -> f64 {
    if count < rules.own_cycle_from {
        return group;
    }
    (span / f64::from(count - 1)).clamp(rules.shortest * group, rules.longest * group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(count: u32, first: f64, last: f64, last_gap: Option<f64>) -> Stage {
        stages(&[Purchases { count, first, last, last_gap }], 30.0, &LifeCycleRules::default()).unwrap()[0]
    }

    #[test]
    fn stages_follow_the_own_rhythm() {
        assert_eq!(bought(0, 0.0, 0.0, None), Stage::Prospect);
        assert_eq!(bought(1, 40.0, 40.0, None), Stage::New);
        assert_eq!(bought(1, 46.0, 46.0, None), Stage::Silent);
        assert_eq!(bought(2, 50.0, 20.0, Some(30.0)), Stage::Active);
        // Every 10 days: 40 days of silence are four cycles, for others less than two.
        assert_eq!(bought(5, 80.0, 40.0, Some(10.0)), Stage::Dormant);
        assert_eq!(bought(2, 80.0, 40.0, Some(40.0)), Stage::Active);
        assert_eq!(bought(5, 105.0, 65.0, Some(10.0)), Stage::Lost);
        // Every 10 days, then 100 days nothing, then again.
        assert_eq!(bought(6, 145.0, 5.0, Some(100.0)), Stage::WonBack);
        // A whole day of purchases is no rhythm of hours: a quarter of the group's cycle at least.
        assert_eq!(bought(10, 10.0, 10.0, Some(0.0)), Stage::Active);
    }

    #[test]
    fn the_typical_cycle_is_the_median() {
        assert_eq!(typical_cycle(&mut [5.0, 1.0, 30.0]), Some(5.0));
        assert_eq!(typical_cycle(&mut [1.0, 3.0]), Some(2.0));
        assert_eq!(typical_cycle(&mut []), None);
    }

    #[test]
    fn nonsense_is_refused() {
        let p = Purchases { count: 2, first: 1.0, last: 2.0, last_gap: None };
        assert_eq!(stages(&[p], 30.0, &LifeCycleRules::default()).unwrap_err().code, "models.value_not_finite");
        assert!(stages(&[], 0.0, &LifeCycleRules::default()).is_err());
        assert!(stages(&[], 1.0, &LifeCycleRules { silent: 1.0, ..LifeCycleRules::default() }).is_err());
        assert!(stages(&[], 30.0, &LifeCycleRules::default()).unwrap().is_empty());
    }
}
