//! A tree's leaves as sentences: what must hold of a person, and what then is to be expected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::distribution::{normal_quantile, wilson};
use super::super::{Interval, require};
use super::{Branch, Split, Tree};
use crate::kernel::Result;

/// What one feature must be. All questions about it on the way to the leaf are merged into one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "op")]
pub enum Test {
    /// `value <= most`.
    AtMost { most: f64 },
    /// `value > more_than`.
    MoreThan { more_than: f64 },
    /// `more_than < value <= most`.
    Between { more_than: f64, most: f64 },
    OneOf { values: Vec<String> },
    Known,
    /// The value is not known.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub feature: String,
    #[serde(flatten)]
    pub test: Test,
    /// Holds for unknown values too.
    pub or_unknown: bool,
}

/// One leaf. All conditions must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub leaf: u32,
    pub conditions: Vec<Condition>,
    pub people: u64,
    pub share: f64,
    /// Share of the class among its people (unweighted), or their mean.
    pub value: f64,
    /// Value over the value of all.
    pub lift: Option<f64>,
    /// Wilson's for a share; of a mean, by the normal distribution.
    pub interval: Option<Interval>,
}

/// What is still allowed of a feature on the way down.
#[derive(Clone)]
struct Allowed {
    more_than: f64,
    most: f64,
    /// `None`: any.
    codes: Option<Vec<u32>>,
    unknown: bool,
    /// Unknown values have been asked about, so leaving them out must be said.
    asked_unknown: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Self { more_than: f64::NEG_INFINITY, most: f64::INFINITY, codes: None, unknown: true, asked_unknown: false }
    }
}

impl Allowed {
    fn narrow(&mut self, branch: &Branch, left: bool) {
        self.unknown &= branch.missing_left == left;
        self.asked_unknown |= branch.saw_missing;
        match &branch.split {
            Split::Number { threshold } if left => self.most = self.most.min(*threshold),
            Split::Number { threshold } => self.more_than = self.more_than.max(*threshold),
            Split::Category { left: l, right: r } => {
                let side = if left { l } else { r };
                let kept = self.codes.take().map_or_else(|| side.clone(), |codes| codes.into_iter().filter(|c| side.binary_search(c).is_ok()).collect());
                self.codes = Some(kept);
            }
        }
    }

    fn test(&self, dictionary: Option<&[String]>) -> Test {
        if let (Some(codes), Some(dictionary)) = (&self.codes, dictionary) {
            let values: Vec<String> = codes.iter().filter_map(|c| dictionary.get(*c as usize).cloned()).collect();
            return if values.is_empty() { Test::Unknown } else { Test::OneOf { values } };
        }
        // A threshold above every number parts the known from the unknown.
        let (most, low) = (self.most < f64::MAX, self.more_than > f64::NEG_INFINITY);
        match (low, most) {
            _ if self.more_than >= f64::MAX => Test::Unknown,
            (true, true) => Test::Between { more_than: self.more_than, most: self.most },
            (true, false) => Test::MoreThan { more_than: self.more_than },
            (false, true) => Test::AtMost { most: self.most },
            (false, false) => Test::Known,
        }
    }
}

impl Tree {
    /// All leaves, the highest value first; `class` is what is asked for (ignored for numbers).
    pub fn rules(&self, class: usize, confidence: f64) -> Result<Vec<Rule>> {
        require(confidence > 0.0 && confidence < 1.0, "confidence", "between 0 and 1, such as 0.95")?;
        require(self.classes.is_empty() || class < self.classes.len(), "class", "there is no such class")?;
        let mut rules = Vec::new();
        let mut open: Vec<(u32, BTreeMap<u32, Allowed>)> = vec![(0, BTreeMap::new())];
        while let Some((at, allowed)) = open.pop() {
            let Some(b) = &self.nodes[at as usize].branch else {
                rules.push(self.rule(at, &allowed, class, confidence));
                continue;
            };
            for (child, left) in [(b.left, true), (b.right, false)] {
                let mut allowed = allowed.clone();
                allowed.entry(b.feature).or_default().narrow(b, left);
                open.push((child, allowed));
            }
        }
        rules.sort_by(|a, b| b.value.total_cmp(&a.value).then(b.people.cmp(&a.people)).then(a.leaf.cmp(&b.leaf)));
        Ok(rules)
    }

    fn rule(&self, leaf: u32, allowed: &BTreeMap<u32, Allowed>, class: usize, confidence: f64) -> Rule {
        let (node, root) = (&self.nodes[leaf as usize], &self.nodes[0]);
        let n = node.people as f64;
        let (value, overall, interval) = if self.classes.is_empty() {
            let half = normal_quantile(0.5 + confidence / 2.0) * (node.impurity / (n - 1.0)).sqrt();
            let interval = (n > 1.0).then(|| Interval { low: node.value[0] - half, high: node.value[0] + half });
            (node.value[0], root.value[0], interval)
        } else {
            let hits = node.counts[class] as f64;
            (hits / n, root.counts[class] as f64 / root.people as f64, wilson(hits, n, confidence))
        };
        let conditions = allowed.iter().map(|(feature, allowed)| {
            let feature = &self.features[*feature as usize];
            let test = allowed.test(feature.dictionary.as_deref());
            let or_unknown = allowed.unknown && allowed.asked_unknown && test != Test::Unknown;
            Condition { feature: feature.name.clone(), test, or_unknown }
        });
        // Any value, and unknown ones too: nothing is asked.
        let conditions = conditions.filter(|c| !(c.test == Test::Known && c.or_unknown)).collect();
        let lift = (overall.abs() > 0.0).then(|| value / overall);
        Rule { leaf, conditions, people: node.people, share: n / root.people as f64, value, lift, interval }
    }
}
