//! Stages in order, by rules over yes-or-no facts: AIPL, AARRR, or a ladder of one's own. And who moved between two days.

use serde::{Deserialize, Serialize};

use super::same_length;
use crate::kernel::{Error, Result};

/// Facts of one person: bit i is fact i of the ladder.
pub type Facts = u32;

/// One rung. It is reached when all of `all`, one of `any` (if there are some) and none of `none` hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rung {
    pub name: String,
    pub all: Vec<String>,
    pub any: Vec<String>,
    pub none: Vec<String>,
}

/// Rungs from the lowest to the highest, over named facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    pub facts: Vec<String>,
    pub rungs: Vec<Rung>,
}

#[derive(Clone, Copy)]
struct Masks {
    all: Facts,
    any: Facts,
    none: Facts,
}

impl Masks {
    fn hold(self, facts: Facts) -> bool {
        facts & self.all == self.all && (self.any == 0 || facts & self.any != 0) && facts & self.none == 0
    }
}

impl Ladder {
    fn of(rungs: &[(&str, &[&str])]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        Self {
            facts: rungs.iter().flat_map(|(_, facts)| owned(facts)).collect(),
            rungs: rungs.iter().map(|(name, facts)| Rung { name: (*name).to_owned(), any: owned(facts), ..Rung::default() }).collect(),
        }
    }

    /// Awareness 认知, interest 兴趣, purchase 购买, loyalty 忠诚, as Alibaba counts them: the highest that holds.
    pub fn aipl() -> Self {
        Self::of(&[
            ("awareness", &["saw_ad", "visited"]),
            ("interest", &["viewed_product", "added_to_cart", "favourited", "joined", "searched_brand"]),
            ("purchase", &["bought"]),
            ("loyalty", &["bought_again", "praised", "shared"]),
        ])
    }

    /// Acquisition, activation, retention, revenue, referral (D. McClure 2007): the highest that holds.
    pub fn aarrr() -> Self {
        Self::of(&[
            ("acquisition", &["visited"]),
            ("activation", &["registered", "had_first_success"]),
            ("retention", &["came_back"]),
            ("revenue", &["bought"]),
            ("referral", &["referred"]),
        ])
    }

    fn mask(&self, names: &[String]) -> Result<Facts> {
        names.iter().try_fold(0, |mask, name| {
            let place = self.facts.iter().position(|f| f == name);
            let place = place.ok_or_else(|| Error::invalid("models.fact_unknown", format!("the ladder has no fact {name}")).param("fact", name))?;
            Ok(mask | 1 << place)
        })
    }

    fn masks(&self) -> Result<Vec<Masks>> {
        if self.facts.len() > Facts::BITS as usize {
            return Err(Error::invalid("models.fact_unknown", format!("a ladder stands on at most {} facts", Facts::BITS)));
        }
        self.rungs.iter().map(|r| Ok(Masks { all: self.mask(&r.all)?, any: self.mask(&r.any)?, none: self.mask(&r.none)? })).collect()
    }

    /// Everybody's highest rung; `None` if not even the lowest holds.
    pub fn climb(&self, people: &[Facts]) -> Result<Vec<Option<u8>>> {
        let masks = self.masks()?;
        Ok(people.iter().map(|facts| masks.iter().rposition(|m| m.hold(*facts)).map(|rung| rung as u8)).collect())
    }

    /// People on each rung, and at least so high. Those on none are left out.
    pub fn counts(&self, rungs: &[Option<u8>]) -> Vec<(u64, u64)> {
        let mut on = vec![0_u64; self.rungs.len()];
        rungs.iter().flatten().for_each(|r| on[*r as usize] += 1);
        let mut out: Vec<(u64, u64)> = on.iter().map(|n| (*n, 0)).collect();
        let mut above = 0;
        for (at, reached) in out.iter_mut().rev() {
            above += *at;
            *reached = above;
        }
        out
    }

    /// How many went from each rung to each, between two days: rows before, columns after; the last row and column are those on none.
    pub fn flow(&self, before: &[Option<u8>], after: &[Option<u8>]) -> Result<Vec<Vec<u64>>> {
        same_length("the later stages", after.len(), before.len())?;
        let n = self.rungs.len();
        let place = |rung: &Option<u8>| rung.map_or(n, usize::from);
        let mut out = vec![vec![0; n + 1]; n + 1];
        before.iter().zip(after).for_each(|(b, a)| out[place(b)][place(a)] += 1);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_rung_counts() {
        let ladder = Ladder::aipl();
        let fact = |name: &str| 1 << ladder.facts.iter().position(|f| f == name).unwrap();
        let people = [0, fact("saw_ad"), fact("visited") | fact("bought"), fact("shared"), fact("joined")];
        let rungs = ladder.climb(&people).unwrap();
        assert_eq!(rungs, [None, Some(0), Some(2), Some(3), Some(1)]);
        assert_eq!(ladder.counts(&rungs), [(1, 4), (1, 3), (1, 2), (1, 1)]);
        let flow = ladder.flow(&rungs, &[Some(0), Some(2), Some(2), Some(3), None]).unwrap();
        assert_eq!((flow[4][0], flow[0][2], flow[2][2], flow[3][3], flow[1][4]), (1, 1, 1, 1, 1));
        assert!(ladder.flow(&rungs, &[]).is_err());
        assert_eq!(Ladder::aarrr().rungs.len(), 5);
    }

    #[test]
    fn a_rung_may_ask_for_all_and_for_none() {
        let names = |n: &[&str]| n.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let rung = Rung { name: "buyer".into(), all: names(&["bought", "joined"]), any: Vec::new(), none: names(&["left"]) };
        let mut ladder = Ladder { facts: names(&["bought", "joined", "left"]), rungs: vec![rung] };
        assert_eq!(ladder.climb(&[0b011, 0b001, 0b111]).unwrap(), [Some(0), None, None]);
        ladder.rungs[0].any = names(&["nothing"]);
        assert_eq!(ladder.climb(&[0]).unwrap_err().code, "models.fact_unknown");
    }
}
