//! The whole of it in one call.

use serde::{Deserialize, Serialize};

use crate::block::{Plan, RuleStatistics};
use crate::cluster::{Clusters, cluster};
use crate::error::Result;
use crate::metrics::Scratch;
use crate::model::{Model, Scorer, bits, probability};
use crate::records::Records;
use crate::settings::Settings;
use crate::train::train;
use crate::work::{Stage, Watch, run, tell};

const PIECE: u64 = 200_000;

/// Two records and how sure it is that they are one person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub a: u32,
    pub b: u32,
    /// The match weight, prior included.
    pub bits: f64,
}

impl Pair {
    pub fn probability(&self) -> f64 {
        probability(self.bits)
    }
}

pub struct Outcome {
    pub model: Model,
    pub rules: Vec<RuleStatistics>,
    /// At least as probable as `accept`, the surest first.
    pub accepted: Vec<Pair>,
    /// From `review` to `accept`, the surest first.
    pub review: Vec<Pair>,
    /// Pairs for review beyond what is kept.
    pub review_left_out: u64,
    pub clusters: Clusters,
}

pub fn dedupe(records: &Records, settings: &Settings, watch: Watch) -> Result<Outcome> {
    settings.check(records)?;
    tell(watch, Stage::Blocking, 0, 0)?;
    let plan = Plan::new(records, &settings.rules, &settings.limits)?;
    let model = train(records, settings, &plan, watch)?;
    let found = compare(records, settings, &plan, &model, watch)?;
    tell(watch, Stage::Clustering, 0, found.pairs.len() as u64)?;
    let accept = bits(settings.accept);
    let mut accepted = found.pairs;
    let review = accepted.split_off(accepted.partition_point(|pair| pair.bits >= accept));
    let clusters = cluster(records, &settings.unique, &Scorer::new(&model, records), &accepted);
    let mut rules = plan.statistics;
    rules.iter_mut().zip(&found.compared).for_each(|(rule, compared)| rule.compared = *compared);
    Ok(Outcome { model, rules, accepted, review, review_left_out: found.left_out, clusters })
}

struct Found {
    /// The surest first.
    pairs: Vec<Pair>,
    left_out: u64,
    compared: Vec<u64>,
}

struct Worker {
    scratch: Scratch,
    accepted: Vec<Pair>,
    review: Vec<Pair>,
    left_out: u64,
    compared: Vec<u64>,
}

fn compare(records: &Records, settings: &Settings, plan: &Plan, model: &Model, watch: Watch) -> Result<Found> {
    let scorer = Scorer::new(model, records);
    let (floor, accept) = (bits(settings.review), bits(settings.accept));
    let tasks = plan.tasks(PIECE);
    let sizes: Vec<u64> = tasks.iter().map(|task| task.pairs).collect();
    let make = || Worker { scratch: Scratch::default(), accepted: Vec::new(), review: Vec::new(), left_out: 0, compared: vec![0; plan.rule_count()] };
    let work = |worker: &mut Worker, number: usize| {
        let task = &tasks[number];
        for block in task.blocks.clone() {
            plan.for_each_in_block(task.rule, block, |a, b, is_first| {
                if !is_first {
                    return;
                }
                worker.compared[task.rule] += 1;
                if let Some(bits) = scorer.score(a, b, floor, &mut worker.scratch) {
                    if bits >= accept { &mut worker.accepted } else { &mut worker.review }.push(Pair { a, b, bits });
                }
            });
        }
        worker.left_out += keep_surest(&mut worker.review, settings.review_pairs, 2);
    };
    let workers = run(Stage::Comparing, &sizes, settings.threads, make, work, watch)?;
    let mut left_out: u64 = workers.iter().map(|w| w.left_out).sum();
    let compared = (0..plan.rule_count()).map(|rule| workers.iter().map(|w| w.compared[rule]).sum()).collect();
    let (mut pairs, mut review) = (Vec::new(), Vec::new());
    for mut worker in workers {
        pairs.append(&mut worker.accepted);
        review.append(&mut worker.review);
    }
    left_out += keep_surest(&mut review, settings.review_pairs, 1);
    pairs.append(&mut review);
    pairs.sort_unstable_by(by_surety);
    Ok(Found { pairs, left_out, compared })
}

fn by_surety(x: &Pair, y: &Pair) -> std::cmp::Ordering {
    y.bits.total_cmp(&x.bits).then((x.a, x.b).cmp(&(y.a, y.b)))
}

/// Keeps the `most` surest once there are `slack` times as many; how many were let go.
fn keep_surest(pairs: &mut Vec<Pair>, most: usize, slack: usize) -> u64 {
    if pairs.len() <= most.saturating_mul(slack) {
        return 0;
    }
    pairs.select_nth_unstable_by(most, by_surety);
    let left_out = pairs.len() - most;
    pairs.truncate(most);
    left_out as u64
}
