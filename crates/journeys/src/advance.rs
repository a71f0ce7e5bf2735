//! The pure part: a plan, a person's place, what happened, and what follows. No store, no clock, no chance.

use crate::enrolment::{Enrolment, State};
use crate::kernel::time::parse_duration;
use crate::kernel::{JourneyId, Millis, Result, TemplateId};
use crate::plan::{Arm, Plan, Step};
use weft_condition::Condition;

/// What makes a person move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stimulus {
    Entered,
    /// The event she waits for has come.
    EventCame,
    TimeIsUp,
}

/// What follows from moving, to be made true together with the new place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Send { node: String, channel: String, template: TemplateId, purpose: String },
    Exposed { node: String, arm: String, control: bool },
    /// From one node to another; `None` is out.
    Moved { from: String, to: Option<String> },
}

/// Questions about the person that only the caller can answer.
pub(crate) trait Ask {
    fn holds(&mut self, condition: &Condition) -> Result<bool>;
    /// Something that is hers alone and never changes: her person id.
    fn unit(&self) -> String;
}

/// More steps than this in one moment are a plan gone wrong; `check` refuses such plans.
const MOST_STEPS: usize = 100;

/// Moves her as far as she can go now.
pub(crate) fn advance(plan: &Plan, journey: &JourneyId, e: &mut Enrolment, stimulus: Stimulus, now: Millis, ask: &mut dyn Ask) -> Result<Vec<Effect>> {
    let mut effects = Vec::new();
    e.due = None;
    let mut at = match stimulus {
        Stimulus::Entered => plan.start.clone(),
        Stimulus::EventCame | Stimulus::TimeIsUp => from_waiting(plan, e, stimulus, now, &mut effects),
    };
    for _ in 0..MOST_STEPS {
        let Some(node) = at.as_deref().and_then(|id| plan.node(id)) else {
            e.leave(State::Done, now, "end_of_plan");
            return Ok(effects);
        };
        e.node.clone_from(&node.id);
        if plan_says_leave(plan, ask)? {
            e.leave(State::Exited, now, "exit_rule");
            return Ok(effects);
        }
        let id = node.id.clone();
        let next = match &node.step {
            Step::Wait { duration, .. } => return Ok(rest(e, &id, now, duration, "waits", effects)),
            Step::WaitUntil { timeout, event, .. } => {
                let reason = format!("waits for {}", event.name);
                return Ok(rest(e, &id, now, timeout, &reason, effects));
            }
            Step::Branch { branches, otherwise } => {
                let mut chosen = (otherwise.clone(), "otherwise".to_owned());
                for (n, branch) in branches.iter().enumerate() {
                    if ask.holds(&branch.condition)? {
                        let name = if branch.name.is_empty() { format!("branch {}", n + 1) } else { branch.name.clone() };
                        chosen = (branch.next.clone(), name);
                        break;
                    }
                }
                e.step(&id, now, "branched", chosen.1);
                chosen.0
            }
            Step::Split { arms } => split(journey, e, &id, arms, now, ask, &mut effects),
            Step::Send { channel, template, purpose, next } => {
                e.step(&id, now, "asked_to_send", channel.clone());
                effects.push(Effect::Send { node: id.clone(), channel: channel.clone(), template: template.clone(), purpose: purpose.clone() });
                next.clone()
            }
            Step::Exit {} => {
                e.leave(State::Done, now, "exit_node");
                return Ok(effects);
            }
        };
        effects.push(Effect::Moved { from: id, to: next.clone() });
        at = next;
    }
    e.leave(State::Exited, now, "too_many_steps");
    Ok(effects)
}

fn plan_says_leave(plan: &Plan, ask: &mut dyn Ask) -> Result<bool> {
    for condition in &plan.exit {
        if ask.holds(condition)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn rest(e: &mut Enrolment, node: &str, now: Millis, duration: &str, what: &str, effects: Vec<Effect>) -> Vec<Effect> {
    let due = now.plus(parse_duration(duration).unwrap_or(0));
    e.due = Some(due.0);
    e.step(node, now, "waits", format!("{what} until {due}"));
    effects
}

/// Where a waiting person goes when her waiting ends.
fn from_waiting(plan: &Plan, e: &mut Enrolment, stimulus: Stimulus, now: Millis, effects: &mut Vec<Effect>) -> Option<String> {
    let node = plan.node(&e.node)?;
    let (next, what) = match (&node.step, stimulus) {
        (Step::Wait { next, .. }, _) => (next.clone(), "waited"),
        (Step::WaitUntil { next, .. }, Stimulus::EventCame) => (next.clone(), "event_came"),
        (Step::WaitUntil { on_timeout, .. }, _) => (on_timeout.clone(), "timed_out"),
        _ => (Some(node.id.clone()), "went_on"),
    };
    let id = node.id.clone();
    e.step(&id, now, what, "");
    effects.push(Effect::Moved { from: id, to: next.clone() });
    next
}

fn split(journey: &JourneyId, e: &mut Enrolment, node: &str, arms: &[Arm], now: Millis, ask: &dyn Ask, effects: &mut Vec<Effect>) -> Option<String> {
    let weights: Vec<u32> = arms.iter().map(|a| a.weight).collect();
    // The same person meets the same arm each time she comes by.
    let chosen = weft_experiments::assign(&format!("{journey}/{node}"), &ask.unit(), &weights);
    let arm = arms.get(chosen)?;
    e.step(node, now, "assigned", arm.key.clone());
    if e.arm.is_none() {
        e.arm = Some(arm.key.clone());
        e.assigned_at = now;
        effects.push(Effect::Exposed { node: node.to_owned(), arm: arm.key.clone(), control: arm.control });
    }
    arm.next.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::parse;
    use serde_json::json;

    struct Says(bool);
    impl Ask for Says {
        fn holds(&mut self, _: &Condition) -> Result<bool> {
            Ok(self.0)
        }
        fn unit(&self) -> String {
            "per_1".into()
        }
    }

    fn plan() -> Plan {
        parse(&json!({"entry": {"event": {"name": "register"}}, "start": "a", "nodes": [
            {"id": "a", "type": "wait", "for": "7d", "next": "b"},
            {"id": "b", "type": "branch", "branches": [{"name": "bought", "condition": {"event": {"name": "purchase"}}, "next": null}], "otherwise": "c"},
            {"id": "c", "type": "send", "channel": "email", "template": "tpl_1", "next": "d"},
            {"id": "d", "type": "wait_until", "event": {"name": "purchase"}, "timeout": "3d", "next": null, "on_timeout": "e"},
            {"id": "e", "type": "send", "channel": "sms", "template": "tpl_2", "next": null},
        ]}))
        .unwrap()
    }

    fn go(e: &mut Enrolment, stimulus: Stimulus, now: i64, says: bool) -> Vec<Effect> {
        advance(&plan(), &JourneyId::from("jny_1"), e, stimulus, Millis(now), &mut Says(says)).unwrap()
    }

    #[test]
    fn a_silent_person_gets_both_messages() {
        let mut e = Enrolment::new(1, 1, Millis(0), "register");
        assert!(go(&mut e, Stimulus::Entered, 0, false).is_empty());
        assert_eq!((e.node.as_str(), e.due), ("a", Some(7 * Millis::DAY)));
        let effects = go(&mut e, Stimulus::TimeIsUp, 7 * Millis::DAY, false);
        assert!(effects.iter().any(|x| matches!(x, Effect::Send { node, .. } if node == "c")));
        assert_eq!((e.node.as_str(), e.due), ("d", Some(10 * Millis::DAY)));
        let effects = go(&mut e, Stimulus::TimeIsUp, 10 * Millis::DAY, false);
        assert!(effects.iter().any(|x| matches!(x, Effect::Send { node, .. } if node == "e")));
        assert_eq!(e.state, State::Done);
    }

    #[test]
    fn a_buyer_gets_none_and_who_answers_gets_one() {
        let mut e = Enrolment::new(1, 1, Millis(0), "register");
        go(&mut e, Stimulus::Entered, 0, true);
        let effects = go(&mut e, Stimulus::TimeIsUp, 7 * Millis::DAY, true);
        assert!(effects.iter().all(|x| !matches!(x, Effect::Send { .. })));
        assert_eq!(e.state, State::Done);

        let mut e = Enrolment::new(1, 1, Millis(0), "register");
        go(&mut e, Stimulus::Entered, 0, false);
        go(&mut e, Stimulus::TimeIsUp, 7 * Millis::DAY, false);
        let effects = go(&mut e, Stimulus::EventCame, 8 * Millis::DAY, false);
        assert!(effects.iter().all(|x| !matches!(x, Effect::Send { .. })));
        assert_eq!(e.state, State::Done);
    }
}
