//! Whether steps happened one after the other, closely enough.

use std::collections::BTreeMap;

use crate::kernel::Millis;

/// The most steps that fit a set of them in one number.
const MOST: usize = 64;

/// Which steps each event matches, by time and position: one event may match several, but is only one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<(i64, u64), u64>);

impl Marks {
    /// The event at this time and position matches this step.
    pub(crate) fn mark(&mut self, ts: Millis, position: u64, step: usize) {
        if step < MOST {
            self.add(ts.0, position, 1 << step);
        }
    }
    /// The event matches this set of steps, one bit each.
    pub(crate) fn add(&mut self, ts: i64, position: u64, steps: u64) {
        if steps != 0 {
            *self.0.entry((ts, position)).or_default() |= steps;
        }
    }
    #[cfg(feature = "batch")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
    #[cfg(feature = "batch")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, u64, u64)> + '_ {
        self.0.iter().map(|((ts, position), steps)| (*ts, *position, *steps))
    }
}

/// The times of the first and last event of the earliest chain of all steps that is no longer than `within`.
pub(crate) fn happened_in_order(marks: &Marks, steps: usize, within: i64) -> Option<(Millis, Millis)> {
    if steps == 0 || steps > MOST {
        return None;
    }
    // latest_start[i]: the latest time at which a chain of the first i + 1 steps began, among those already ended.
    let mut latest_start: Vec<Option<i64>> = vec![None; steps];
    for (&(ts, _), matched) in &marks.0 {
        // From the last step down, so that an event never follows itself.
        for step in (0..steps).rev().filter(|step| matched & (1 << step) != 0) {
            let start = if step == 0 { Some(ts) } else { latest_start[step - 1] };
            latest_start[step] = latest_start[step].max(start);
        }
        if let Some(start) = latest_start[steps - 1].filter(|start| ts.saturating_sub(*start) <= within) {
            return Some((Millis(start), Millis(ts)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(marks: &[(i64, u64, usize)], steps: usize, within: i64) -> Option<(i64, i64)> {
        let mut all = Marks::default();
        for (ts, position, step) in marks {
            all.mark(Millis(*ts), *position, *step);
        }
        happened_in_order(&all, steps, within).map(|(a, b)| (a.0, b.0))
    }

    #[test]
    fn steps_follow_one_another_within_the_span() {
        assert_eq!(ends(&[(0, 0, 0), (10, 1, 1)], 2, 10), Some((0, 10)));
        assert_eq!(ends(&[(0, 0, 0), (10, 1, 1)], 2, 9), None);
        assert_eq!(ends(&[(0, 0, 1), (10, 1, 0)], 2, 100), None);
    }

    #[test]
    fn a_later_start_may_save_a_chain() {
        assert_eq!(ends(&[(0, 0, 0), (50, 1, 0), (55, 2, 1), (60, 3, 2)], 3, 10), Some((50, 60)));
        assert_eq!(ends(&[(0, 0, 0), (5, 1, 1), (50, 2, 0), (60, 3, 2)], 3, 10), None);
    }

    #[test]
    fn one_event_is_one_step_and_position_breaks_ties() {
        assert_eq!(ends(&[(0, 0, 0), (0, 0, 1)], 2, 10), None);
        assert_eq!(ends(&[(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)], 2, 10), Some((0, 0)));
        assert_eq!(ends(&[(0, 1, 0), (0, 0, 1)], 2, 10), None);
    }
}
