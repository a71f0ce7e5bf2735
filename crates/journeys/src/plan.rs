//! A journey's plan: how people come in, what happens to them, and what counts as success.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_condition::{ANY_EVENT, Condition, EventMatch};

use crate::kernel::time::parse_duration;
use crate::kernel::{Error, Millis, Result, SegmentId, TemplateId};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub entry: Entry,
    #[serde(default)]
    pub reentry: Reentry,
    #[serde(default)]
    pub goal: Option<Goal>,
    /// Who satisfies one of these leaves at her next step.
    #[serde(default)]
    pub exit: Vec<Condition>,
    pub nodes: Vec<Node>,
    pub start: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    Event(EventMatch),
    #[serde(untagged)]
    Segment {
        segment: SegmentId,
        /// Also those who belong already when the journey is published.
        #[serde(default)]
        include_present: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reentry {
    #[default]
    Never,
    AfterExit,
    /// So long after the last entry, and not while inside.
    After(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub event: EventMatch,
    /// So long after the person was assigned to an arm (or came in, where there is no split).
    pub within: String,
    /// Who reaches it leaves.
    #[serde(default)]
    pub exit: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    #[serde(flatten)]
    pub step: Step,
    /// Where it stands on the canvas.
    #[serde(default)]
    pub x: f64,
    #[serde(default)]
    pub y: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    Wait {
        #[serde(rename = "for")]
        duration: String,
        #[serde(default)]
        next: Option<String>,
    },
    WaitUntil {
        event: EventMatch,
        timeout: String,
        #[serde(default)]
        next: Option<String>,
        #[serde(default)]
        on_timeout: Option<String>,
    },
    Branch {
        branches: Vec<Branch>,
        #[serde(default)]
        otherwise: Option<String>,
    },
    Split {
        arms: Vec<Arm>,
    },
    Send {
        channel: String,
        template: TemplateId,
        #[serde(default = "marketing")]
        purpose: String,
        #[serde(default)]
        next: Option<String>,
    },
    Exit {},
}

fn marketing() -> String {
    "marketing".to_owned()
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    #[serde(default)]
    pub name: String,
    pub condition: Condition,
    #[serde(default)]
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    pub key: String,
    #[serde(default)]
    pub name: String,
    pub weight: u32,
    /// Gets nothing, and is what the others are compared with.
    #[serde(default)]
    pub control: bool,
    #[serde(default)]
    pub next: Option<String>,
}

impl Plan {
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let branches = self.nodes.iter().flat_map(|node| match &node.step {
            Step::Branch { branches, .. } => branches.as_slice(),
            _ => &[],
        });
        branches.map(|branch| &branch.condition).chain(&self.exit)
    }

    pub(crate) fn names_tag(&self, tag: &str) -> bool {
        self.conditions().any(|c| weft_condition::mentions(c).tags.contains(tag))
    }

    /// The segments that it begins with or asks for.
    pub(crate) fn segments(&self) -> BTreeSet<SegmentId> {
        let mut found: BTreeSet<SegmentId> = self.conditions().flat_map(|c| weft_condition::mentions(c).segments).collect();
        if let Entry::Segment { segment, .. } = &self.entry {
            found.insert(segment.clone());
        }
        found
    }
}

impl Step {
    /// Where one may go from here.
    pub(crate) fn exits(&self) -> Vec<&Option<String>> {
        match self {
            Step::Wait { next, .. } | Step::Send { next, .. } => vec![next],
            Step::WaitUntil { next, on_timeout, .. } => vec![next, on_timeout],
            Step::Branch { branches, otherwise } => branches.iter().map(|b| &b.next).chain([otherwise]).collect(),
            Step::Split { arms } => arms.iter().map(|a| &a.next).collect(),
            Step::Exit {} => Vec::new(),
        }
    }
}

impl Plan {
    pub(crate) fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.id == id)
    }
    pub(crate) fn goal_window(&self) -> Option<i64> {
        self.goal.as_ref().and_then(|g| parse_duration(&g.within))
    }
    /// Names of events that may concern people inside.
    pub(crate) fn split(&self) -> Option<(&Node, &[Arm])> {
        self.nodes.iter().find_map(|n| match &n.step {
            Step::Split { arms } => Some((n, arms.as_slice())),
            _ => None,
        })
    }
}

/// Reads a plan from JSON; a draft may be unfinished, but must have this shape.
pub(crate) fn parse(json: &Value) -> Result<Plan> {
    serde_json::from_value(json.clone()).map_err(|e| Error::invalid("journeys.plan_unreadable", format!("the plan is not readable: {e}")).field("plan", e.to_string()))
}

/// Everything that keeps a plan from being published, at the node where it is.
pub(crate) fn check(plan: &Plan) -> Result<()> {
    let mut faults = Faults::default();
    faults.entry(plan);
    let ids: BTreeSet<&str> = plan.nodes.iter().map(|n| n.id.as_str()).collect();
    if ids.len() != plan.nodes.len() {
        faults.add("nodes", "two nodes have the same id");
    }
    match &plan.start {
        Some(start) if ids.contains(start.as_str()) => {}
        Some(_) => faults.add("start", "names a node that does not exist"),
        None => faults.add("start", "the journey has no first step"),
    }
    for node in &plan.nodes {
        faults.node(node, &ids);
    }
    faults.unreachable(plan);
    faults.endless(plan);
    if faults.0.is_empty() {
        return Ok(());
    }
    let mut error = Error::invalid("journeys.plan_invalid", format!("{} things keep this journey from being published", faults.0.len()));
    error.fields = faults.0;
    Err(error)
}

#[derive(Default)]
struct Faults(BTreeMap<String, String>);

impl Faults {
    fn add(&mut self, place: impl Into<String>, what: &str) {
        self.0.entry(place.into()).or_insert_with(|| what.to_owned());
    }
    fn duration(&mut self, place: String, text: &str) {
        if parse_duration(text).is_none_or(|d| d <= 0 || d > 3 * 366 * Millis::DAY) {
            self.add(place, "write a duration such as 7d, 12h or 30m");
        }
    }
    fn condition(&mut self, place: &str, condition: &Condition) {
        if let Some(fault) = weft_condition::check(condition).first() {
            self.add(place, &fault.to_string());
        }
    }
    fn event(&mut self, place: &str, event: &EventMatch) {
        if event.name == ANY_EVENT {
            self.add(place, "name one event; our own messages are events too, and any of them would do");
        }
        if let Some(fault) = weft_condition::check_match(event).first() {
            self.add(place, &fault.to_string());
        }
    }
    fn entry(&mut self, plan: &Plan) {
        if let Entry::Event(event) = &plan.entry {
            self.event("entry", event);
        }
        if let Reentry::After(text) = &plan.reentry {
            self.duration("reentry".into(), text);
        }
        if let Some(goal) = &plan.goal {
            self.event("goal", &goal.event);
            self.duration("goal".into(), &goal.within);
        }
        for condition in &plan.exit {
            self.condition("exit", condition);
        }
    }
    fn node(&mut self, node: &Node, ids: &BTreeSet<&str>) {
        let place = format!("nodes/{}", node.id);
        match &node.step {
            Step::Wait { duration, .. } => self.duration(place.clone(), duration),
            Step::WaitUntil { event, timeout, .. } => {
                self.event(&place, event);
                self.duration(place.clone(), timeout);
            }
            Step::Branch { branches, .. } => {
                if branches.is_empty() {
                    self.add(place.clone(), "a branch needs a condition");
                }
                branches.iter().for_each(|b| self.condition(&place, &b.condition));
            }
            Step::Split { arms } => self.arms(&place, arms),
            Step::Send { channel, template, .. } => {
                if template.as_str().is_empty() {
                    self.add(place.clone(), "choose a template");
                }
                if weft_content::Channel::of(channel).is_none() {
                    self.add(place.clone(), "choose a channel: email, sms or webhook");
                }
            }
            Step::Exit {} => {}
        }
        for next in node.step.exits().into_iter().flatten() {
            if !ids.contains(next.as_str()) {
                self.add(place.clone(), "leads to a node that does not exist");
            }
        }
    }
    fn arms(&mut self, place: &str, arms: &[Arm]) {
        let keys: BTreeSet<&str> = arms.iter().map(|a| a.key.as_str()).collect();
        if arms.len() < 2 || keys.len() != arms.len() {
            self.add(place, "a split needs two arms or more, each with a key of its own");
        }
        if arms.iter().map(|a| u64::from(a.weight)).sum::<u64>() == 0 {
            self.add(place, "the weights sum up to nothing");
        }
        if arms.iter().filter(|a| a.control).count() > 1 {
            self.add(place, "only one arm can be the control group");
        }
        if arms.iter().any(|a| a.control && a.next.is_some()) {
            self.add(place, "the control group gets nothing: its arm must end here");
        }
    }
    fn unreachable(&mut self, plan: &Plan) {
        let mut reached = BTreeSet::new();
        let mut todo: Vec<&str> = plan.start.iter().map(String::as_str).collect();
        while let Some(id) = todo.pop() {
            if reached.insert(id)
                && let Some(node) = plan.node(id)
            {
                todo.extend(node.step.exits().into_iter().flatten().map(String::as_str));
            }
        }
        for node in plan.nodes.iter().filter(|n| !reached.contains(n.id.as_str())) {
            self.add(format!("nodes/{}", node.id), "cannot be reached");
        }
    }
    /// A circle without a wait would go round for ever in one moment.
    fn endless(&mut self, plan: &Plan) {
        for node in &plan.nodes {
            let mut seen = BTreeSet::new();
            let mut todo = vec![node.id.as_str()];
            while let Some(id) = todo.pop() {
                let Some(here) = plan.node(id).filter(|n| !matches!(n.step, Step::Wait { .. } | Step::WaitUntil { .. })) else { continue };
                for next in here.step.exits().into_iter().flatten() {
                    if next == &node.id {
                        self.add(format!("nodes/{}", node.id), "goes in a circle without waiting");
                    }
                    if seen.insert(next.as_str()) {
                        todo.push(next);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(nodes: Value) -> Plan {
        parse(&json!({"entry": {"event": {"name": "register"}}, "nodes": nodes, "start": "a"})).unwrap()
    }
    fn faults(nodes: Value) -> Vec<String> {
        check(&plan(nodes)).err().map(|e| e.fields.into_iter().map(|(k, v)| format!("{k}: {v}")).collect()).unwrap_or_default()
    }

    #[test]
    fn a_good_plan_has_no_faults_and_comes_back_as_json() {
        let p = plan(json!([
            {"id": "a", "type": "wait", "for": "7d", "next": "b"},
            {"id": "b", "type": "split", "arms": [{"key": "t", "weight": 80, "next": "c"}, {"key": "c", "weight": 20, "control": true}]},
            {"id": "c", "type": "send", "channel": "email", "template": "tpl_1", "next": null},
        ]));
        check(&p).unwrap();
        assert_eq!(parse(&serde_json::to_value(&p).unwrap()).unwrap(), p);
        let by_segment: Plan = serde_json::from_value(json!({"entry": {"segment": "seg_1", "include_present": true}, "nodes": [], "start": null})).unwrap();
        assert!(matches!(by_segment.entry, Entry::Segment { include_present: true, .. }));
    }

    #[test]
    fn faults_point_at_their_node() {
        assert_eq!(faults(json!([{"id": "a", "type": "wait", "for": "soon"}])), ["nodes/a: write a duration such as 7d, 12h or 30m"]);
        assert_eq!(faults(json!([{"id": "a", "type": "exit"}, {"id": "z", "type": "exit"}])), ["nodes/z: cannot be reached"]);
        assert_eq!(faults(json!([{"id": "a", "type": "wait", "for": "1d", "next": "gone"}])), ["nodes/a: leads to a node that does not exist"]);
        let circle = json!([{"id": "a", "type": "send", "channel": "email", "template": "t", "next": "b"}, {"id": "b", "type": "send", "channel": "sms", "template": "t", "next": "a"}]);
        assert!(faults(circle).iter().any(|f| f.contains("circle")));
        let rewarded_control = json!([{"id": "a", "type": "split", "arms": [{"key": "c", "weight": 1, "control": true, "next": "b"}, {"key": "t", "weight": 1}]}, {"id": "b", "type": "exit"}]);
        assert!(faults(rewarded_control).iter().any(|f| f.contains("control group gets nothing")));
    }
}
