//! From pairs to persons: connected components, joined from the surest pair down, with guards against contradictions and against chains.

use serde::{Deserialize, Serialize};

use crate::dedupe::Pair;
use crate::metrics::Scratch;
use crate::model::Scorer;
use crate::records::{NULL, Records};

/// Which records are one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clusters {
    /// For each record the smallest record of its person.
    pub root: Vec<u32>,
    /// Accepted pairs that were not joined after all, the surest first.
    pub refused: Vec<Refused>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub a: u32,
    pub b: u32,
    pub why: Objection,
}

/// Why two groups stay apart though a pair of their records was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// They have different values in this unique column.
    Unique(usize),
    /// Their other records speak against it: a chain of likenesses is no likeness.
    Chain,
}

impl Clusters {
    /// Persons with more than one record, each in ascending order.
    pub fn groups(&self) -> Vec<Vec<u32>> {
        let mut order: Vec<u32> = (0..self.root.len() as u32).collect();
        order.sort_unstable_by_key(|&record| (self.root[record as usize], record));
        let same = |a: &u32, b: &u32| self.root[*a as usize] == self.root[*b as usize];
        order.chunk_by(same).filter(|group| group.len() > 1).map(<[u32]>::to_vec).collect()
    }
}

/// `pairs` from the surest down: of two ways to join that exclude each other, the surer is taken.
pub(crate) fn cluster(records: &Records, unique: &[usize], scorer: &Scorer, pairs: &[Pair]) -> Clusters {
    let n = records.len();
    let values = unique.iter().map(|column| (0..n).map(|record| records.id(record, *column)).collect()).collect();
    let mut joined = Joined { parent: (0..n).collect(), next: (0..n).collect(), values };
    let mut refused = Vec::new();
    let mut scratch = Scratch::default();
    for pair in pairs {
        let (a, b) = (joined.root(pair.a), joined.root(pair.b));
        if a == b {
            continue;
        }
        let objection = joined.contradiction(a, b).map(|place| Objection::Unique(unique[place]));
        match objection.or_else(|| joined.is_chain(a, b, scorer, &mut scratch).then_some(Objection::Chain)) {
            Some(why) => refused.push(Refused { a: pair.a, b: pair.b, why }),
            None => joined.join(a, b),
        }
    }
    Clusters { root: (0..n).map(|record| joined.root(record)).collect(), refused }
}

/// Disjoint sets; the root is the smallest record.
struct Joined {
    parent: Vec<u32>,
    /// The members of a set in a ring.
    next: Vec<u32>,
    /// Per unique column and root, the value of the person.
    values: Vec<Vec<u32>>,
}

/// Members of each of two groups that are held against each other.
const WITNESSES: usize = 4;
/// One pair that has everything against it does not outvote several others.
const LOUDEST: f64 = 20.0;

impl Joined {
    /// With path halving (Tarjan and van Leeuwen 1984).
    fn root(&mut self, mut record: u32) -> u32 {
        while self.parent[record as usize] != record {
            let above = self.parent[self.parent[record as usize] as usize];
            self.parent[record as usize] = above;
            record = above;
        }
        record
    }

    /// The place of the unique column in which two roots differ.
    fn contradiction(&self, a: u32, b: u32) -> Option<usize> {
        let (a, b) = (a as usize, b as usize);
        self.values.iter().position(|values| values[a] != NULL && values[b] != NULL && values[a] != values[b])
    }

    /// Average linkage over a few members: whether their values on the whole speak against one person. Missing values say nothing here, so two records
    /// that share no filled column may well be joined by a third.
    fn is_chain(&self, a: u32, b: u32, scorer: &Scorer, scratch: &mut Scratch) -> bool {
        if self.next[a as usize] == a && self.next[b as usize] == b {
            return false;
        }
        let mut sum = 0.0;
        for x in self.members(a) {
            for y in self.members(b) {
                sum += scorer.evidence(x, y, scratch).clamp(-LOUDEST, LOUDEST);
            }
        }
        sum < 0.0
    }

    fn members(&self, root: u32) -> impl Iterator<Item = u32> {
        let behind = std::iter::successors(Some(self.next[root as usize]), |record| Some(self.next[*record as usize]));
        std::iter::once(root).chain(behind.take_while(move |record| *record != root)).take(WITNESSES)
    }

    fn join(&mut self, a: u32, b: u32) {
        let (root, child) = (a.min(b) as usize, a.max(b) as usize);
        for values in &mut self.values {
            values[root] = values[root].max(values[child]);
        }
        self.parent[child] = root as u32;
        self.next.swap(root, child);
    }
}
