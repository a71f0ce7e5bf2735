//! The step that wakes journeys: people come in, move on, reach the goal, and leave.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_channels::{Hold, Intent, hold, message_id, request_send};
use weft_condition::{Condition, EventMatch, Moment};
use weft_event_pipeline::{Cx, Flow, InFlight, Regrouped, Step as PipelineStep};
use weft_profile_kv::key::{Key, Parts};
use weft_profile_kv::{Read, Work};
use weft_segments::Surroundings;

use crate::advance::{Ask, Effect, Stimulus, advance};
use crate::enrolment::{self, Enrolment, State};
use crate::kernel::event::{id_types, names};
use crate::kernel::time::parse_duration;
use crate::kernel::{Atom, Control, Event, JourneyId, Millis, PersonId, Result, SourceId, WorkspaceId, id, money};
use crate::plan::{Entry, Plan, Reentry, Step};
use crate::{ROOM, STEP, result};

/// journey → Head
const HEADS: &str = "journey_heads";
/// (journey, version) → plan
const PLANS: &str = "journey_plans";
/// People let in at once when a journey opens for those who belong already.
const PRESENT_AT_ONCE: usize = 1_000;
const MOVE: u8 = b'M';
const PRESENT: u8 = b'P';

pub(crate) const PUBLISHED: &str = "journey_published";
pub(crate) const STATE_CHANGED: &str = "journey_state_changed";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub name: String,
    /// `running`, `paused`, `stopped`
    pub state: String,
    pub version: u32,
    /// The next person to be let in of those who belong already.
    #[serde(default)]
    pub present_from: Option<Atom>,
}

pub(crate) fn head(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId) -> Result<Option<Head>> {
    Ok(read.get(HEADS, Key::of(workspace).text(journey.as_str()).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

fn put_head(work: &mut Work, workspace: WorkspaceId, journey: &JourneyId, head: &Head) -> Result<()> {
    work.put(HEADS, Key::of(workspace).text(journey.as_str()), serde_json::to_vec(head)?);
    Ok(())
}

/// What the step remembers of a workspace between events.
struct Known {
    heads: Vec<(JourneyId, Head, Arc<Plan>)>,
    zone: TimeZone,
}

#[derive(Default)]
pub struct WakeJourneys {
    known: RwLock<HashMap<WorkspaceId, Arc<Known>>>,
    /// Plans never change once published.
    plans: RwLock<HashMap<(WorkspaceId, JourneyId, u32), Arc<Plan>>>,
}

impl WakeJourneys {
    fn plan(&self, read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId, version: u32) -> Result<Option<Arc<Plan>>> {
        let at = (workspace, journey.clone(), version);
        if let Some(plan) = self.plans.read().get(&at) {
            return Ok(Some(plan.clone()));
        }
        let stored = read.get(PLANS, Key::of(workspace).text(journey.as_str()).u32(version).as_slice())?;
        let plan: Option<Arc<Plan>> = stored.map(|v| serde_json::from_slice(&v)).transpose()?.map(Arc::new);
        if let Some(plan) = &plan {
            self.plans.write().insert(at, plan.clone());
        }
        Ok(plan)
    }

    fn known(&self, read: &dyn Read, workspace: WorkspaceId) -> Result<Arc<Known>> {
        if let Some(known) = self.known.read().get(&workspace) {
            return Ok(known.clone());
        }
        let mut heads = Vec::new();
        read.scan_prefix(HEADS, Key::of(workspace).as_slice(), &mut |key, value| {
            if let Some(journey) = Parts(&key[4..]).text().map(JourneyId) {
                heads.push((journey, serde_json::from_slice::<Head>(value)?));
            }
            Ok(true)
        })?;
        let mut ready = Vec::new();
        for (journey, head) in heads {
            if let Some(plan) = self.plan(read, workspace, &journey, head.version)? {
                ready.push((journey, head, plan));
            }
        }
        let known = Arc::new(Known { heads: ready, zone: weft_context_kit::workspace_of(read, workspace)?.zone() });
        self.known.write().insert(workspace, known.clone());
        Ok(known)
    }

    fn publish(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let Some(journey) = journey_of(control) else { return Ok(()) };
        let version = control.body.get("version").and_then(Value::as_u64).unwrap_or(1) as u32;
        let name = control.body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let plan: Plan = serde_json::from_value(control.body.get("plan").cloned().unwrap_or_default())?;
        cx.work.put(PLANS, Key::of(control.workspace).text(journey.as_str()).u32(version), serde_json::to_vec(&plan)?);
        let lets_in_present = matches!(plan.entry, Entry::Segment { include_present: true, .. });
        let head = Head { name, state: "running".into(), version, present_from: lets_in_present.then_some(0) };
        put_head(&mut cx.work, control.workspace, &journey, &head)?;
        self.known.write().remove(&control.workspace);
        hold(cx, control.workspace, &journey, Hold::None)?;
        self.let_in_present(cx, control.workspace, &journey)
    }

    /// Those who belong already, a thousand at a time.
    fn let_in_present(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId) -> Result<()> {
        let Some(mut head) = head(&cx.work, workspace, journey)? else { return Ok(()) };
        let (Some(from), Some(plan)) = (head.present_from, self.plan(&cx.work, workspace, journey, head.version)?) else { return Ok(()) };
        let Entry::Segment { segment, .. } = &plan.entry else { return Ok(()) };
        let members = weft_segments::bitmap(&cx.work, workspace, segment)?;
        let people: Vec<Atom> = members.range(from..).take(PRESENT_AT_ONCE + 1).collect();
        head.present_from = people.get(PRESENT_AT_ONCE).copied();
        put_head(&mut cx.work, workspace, journey, &head)?;
        self.known.write().remove(&workspace);
        let known = self.known(&cx.work, workspace)?;
        for person in people.into_iter().take(PRESENT_AT_ONCE) {
            self.enter(cx, workspace, journey, &head, &plan, &known.zone, person, "present", None)?;
        }
        if head.present_from.is_some() {
            let mut key = vec![PRESENT];
            key.extend_from_slice(journey.as_str().as_bytes());
            let now = cx.now;
            cx.set_timer(STEP, workspace, now, &key);
        }
        Ok(())
    }

    fn change_state(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        let Some(journey) = journey_of(control) else { return Ok(()) };
        let workspace = control.workspace;
        let Some(mut head) = head(&cx.work, workspace, &journey)? else { return Ok(()) };
        let state = control.body.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        head.state.clone_from(&state);
        if state == "stopped" {
            head.present_from = None;
        }
        put_head(&mut cx.work, workspace, &journey, &head)?;
        self.known.write().remove(&workspace);
        match state.as_str() {
            "paused" => hold(cx, workspace, &journey, Hold::Paused),
            "stopped" => {
                hold(cx, workspace, &journey, Hold::Stopped)?;
                self.each_inside(cx, workspace, &journey, |e, now| e.leave(State::Exited, now, "journey_stopped"))
            }
            _ => {
                hold(cx, workspace, &journey, Hold::None)?;
                self.wake_held(cx, workspace, &journey)?;
                self.let_in_present(cx, workspace, &journey)
            }
        }
    }

    fn each_inside(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, change: impl Fn(&mut Enrolment, Millis)) -> Result<()> {
        let mut inside = Vec::new();
        enrolment::of_journey(&cx.work, workspace, journey, 0, &mut |person, e| {
            if e.state == State::In {
                inside.push((person, e));
            }
            Ok(true)
        })?;
        for (person, mut e) in inside {
            if let Some(due) = e.due {
                cx.cancel_timer(STEP, workspace, Millis(due), &timer_key(journey, person, e.entry));
            }
            let node = e.node.clone();
            change(&mut e, cx.now);
            result::left(&mut cx.work, workspace, journey, &node)?;
            self.exited(cx, workspace, journey, person, &e);
            enrolment::put(&mut cx.work, workspace, journey, person, &e)?;
        }
        Ok(())
    }

    /// Those whose time came while the journey was paused.
    fn wake_held(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId) -> Result<()> {
        let mut held = Vec::new();
        enrolment::of_journey(&cx.work, workspace, journey, 0, &mut |person, e| {
            if e.held {
                held.push((person, e));
            }
            Ok(true)
        })?;
        for (person, mut e) in held {
            e.held = false;
            let now = cx.now;
            e.due = Some(now.0);
            cx.set_timer(STEP, workspace, now, &timer_key(journey, person, e.entry));
            enrolment::put(&mut cx.work, workspace, journey, person, &e)?;
        }
        Ok(())
    }

    /// Lets a person in, if the rules of re-entry allow it.
    #[allow(clippy::too_many_arguments, reason = "one call in two places; a struct would only rename the arguments")]
    fn enter(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, head: &Head, plan: &Plan, zone: &TimeZone, person: Atom, reason: &str, event: Option<&Event>) -> Result<()> {
        let now = cx.now;
        let mut e = match enrolment::get(&cx.work, workspace, journey, person)? {
            None => Enrolment::new(1, head.version, now, reason),
            Some(before) if may_come_again(&before, &plan.reentry, now) => before.again(head.version, now, reason),
            Some(_) => return Ok(()),
        };
        if let Some(event) = event {
            e.event = event.properties.clone();
        }
        e.step("", now, "entered", reason);
        result::entered(&mut cx.work, workspace, journey)?;
        cx.emit(ours(workspace, journey, person, names::JOURNEY_ENTERED, &e, now).with_property("journey_name", head.name.clone()));
        self.go(cx, workspace, journey, plan, zone, person, e, Stimulus::Entered)
    }

    /// Moves a person on, and makes everything that follows true with it.
    #[allow(clippy::too_many_arguments, reason = "the place of a person is four things, and what moves her a fifth")]
    fn go(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, plan: &Plan, zone: &TimeZone, person: Atom, mut e: Enrolment, stimulus: Stimulus) -> Result<()> {
        let now = cx.now;
        let came_from = e.node.clone();
        let effects = {
            let mut asked = Asked { read: &cx.work, workspace, person, zone, now, event: e.event.clone() };
            advance(plan, journey, &mut e, stimulus, now, &mut asked)?
        };
        result::moved(&mut cx.work, workspace, journey, &came_from, &e, &effects)?;
        for effect in effects {
            match effect {
                Effect::Send { node, channel, template, purpose } => {
                    let cause = [journey.as_str().as_bytes(), &person.to_be_bytes(), &e.entry.to_be_bytes(), node.as_bytes(), &now.0.to_be_bytes()];
                    let intent = Intent {
                        id: message_id(&cause),
                        workspace,
                        person,
                        channel,
                        template,
                        purpose,
                        journey: Some(journey.clone()),
                        node: Some(node.clone()),
                        event: e.event.clone(),
                    };
                    let state = request_send(cx, intent)?;
                    e.step(&node, now, "gate", state.name());
                }
                Effect::Exposed { node, arm, control } => {
                    let event = ours(workspace, journey, person, names::EXPERIMENT_EXPOSED, &e, now)
                        .with_property("experiment", format!("{journey}/{node}"))
                        .with_property("arm", arm)
                        .with_property("control", control);
                    cx.emit(event);
                }
                Effect::Moved { .. } => {}
            }
        }
        if let Some(due) = e.due {
            cx.set_timer(STEP, workspace, Millis(due), &timer_key(journey, person, e.entry));
        }
        if e.state != State::In {
            self.exited(cx, workspace, journey, person, &e);
        }
        enrolment::put(&mut cx.work, workspace, journey, person, &e)
    }

    fn exited(&self, cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, person: Atom, e: &Enrolment) {
        let event = ours(workspace, journey, person, names::JOURNEY_EXITED, e, cx.now).with_property("reason", e.exit_reason.clone().unwrap_or_default());
        cx.emit(event);
    }

    /// What an event means to those inside: a goal, an awaited event, a message of ours.
    fn hear(&self, cx: &mut Cx, workspace: WorkspaceId, person: Atom, event: &Event, known: &Known) -> Result<()> {
        for journey in enrolment::of_person(&cx.work, workspace, person)? {
            let Some(mut e) = enrolment::get(&cx.work, workspace, &journey, person)? else { continue };
            let Some(plan) = self.plan(&cx.work, workspace, &journey, e.version)? else { continue };
            let before = e.clone();
            touch(cx, workspace, &journey, &mut e, event)?;
            let left_by_goal = convert(cx, workspace, &journey, &plan, &mut e, event, &known.zone)?;
            if left_by_goal {
                if let Some(due) = before.due {
                    cx.cancel_timer(STEP, workspace, Millis(due), &timer_key(&journey, person, e.entry));
                }
                let node = e.node.clone();
                e.leave(State::Exited, cx.now, "goal_reached");
                result::left(&mut cx.work, workspace, &journey, &node)?;
                self.exited(cx, workspace, &journey, person, &e);
            } else if e.state == State::In && is_running(known, &journey) && awaits(&plan, &e, event, &known.zone) {
                if let Some(due) = e.due {
                    cx.cancel_timer(STEP, workspace, Millis(due), &timer_key(&journey, person, e.entry));
                }
                self.go(cx, workspace, &journey, &plan, &known.zone, person, e, Stimulus::EventCame)?;
                continue;
            }
            if e != before {
                enrolment::put(&mut cx.work, workspace, &journey, person, &e)?;
            }
        }
        Ok(())
    }

    fn let_in(&self, cx: &mut Cx, workspace: WorkspaceId, person: Atom, event: &Event, known: &Known) -> Result<()> {
        if event.historical {
            return Ok(());
        }
        for (journey, head, plan) in &known.heads {
            if head.state != "running" {
                continue;
            }
            let reason = match &plan.entry {
                Entry::Event(wanted) if fits(wanted, event, &known.zone) => event.name.clone(),
                Entry::Segment { segment, .. } if event.name == names::SEGMENT_ENTERED && event.text("segment") == Some(segment.as_str()) => {
                    event.text("segment_name").unwrap_or(segment.as_str()).to_owned()
                }
                _ => continue,
            };
            self.enter(cx, workspace, journey, head, plan, &known.zone, person, &reason, Some(event))?;
        }
        Ok(())
    }

    /// One of two people stays; her own way through a journey goes before that of the one who is gone.
    /// What one person is in the middle of becomes the other's; `why` stands in her way.
    fn hand_over(&self, cx: &mut Cx, workspace: WorkspaceId, winner: Atom, loser: Atom, why: &str) -> Result<()> {
        for journey in enrolment::of_person(&cx.work, workspace, loser)? {
            let Some(mut e) = enrolment::get(&cx.work, workspace, &journey, loser)? else { continue };
            if let Some(due) = e.due {
                cx.cancel_timer(STEP, workspace, Millis(due), &timer_key(&journey, loser, e.entry));
            }
            enrolment::remove(&mut cx.work, workspace, &journey, loser);
            if enrolment::get(&cx.work, workspace, &journey, winner)?.is_some() {
                result::merged_away(&mut cx.work, workspace, &journey, &e)?;
                continue;
            }
            let (now, node) = (cx.now, e.node.clone());
            e.step(&node, now, why, PersonId::of(workspace, loser).0);
            if let Some(due) = e.due {
                cx.set_timer(STEP, workspace, Millis(due), &timer_key(&journey, winner, e.entry));
            }
            enrolment::put(&mut cx.work, workspace, &journey, winner, &e)?;
        }
        Ok(())
    }

    fn time_is_up(&self, workspace: WorkspaceId, key: &[u8], due: Millis, cx: &mut Cx) -> Result<()> {
        let mut parts = Parts(key);
        let (Some(journey), Some(person), Some(entry)) = (parts.text().map(JourneyId), parts.u32(), parts.u32()) else { return Ok(()) };
        let Some(mut e) = enrolment::get(&cx.work, workspace, &journey, person)? else { return Ok(()) };
        if e.state != State::In || e.entry != entry || e.due != Some(due.0) {
            return Ok(());
        }
        let known = self.known(&cx.work, workspace)?;
        if !is_running(&known, &journey) {
            e.held = true;
            e.due = None;
            return enrolment::put(&mut cx.work, workspace, &journey, person, &e);
        }
        let Some(plan) = self.plan(&cx.work, workspace, &journey, e.version)? else { return Ok(()) };
        self.go(cx, workspace, &journey, &plan, &known.zone, person, e, Stimulus::TimeIsUp)
    }
}

fn journey_of(control: &Control) -> Option<JourneyId> {
    control.body.get("id").and_then(Value::as_str).map(JourneyId::from)
}

fn is_running(known: &Known, journey: &JourneyId) -> bool {
    known.heads.iter().any(|(j, head, _)| j == journey && head.state == "running")
}

pub(crate) fn may_come_again(before: &Enrolment, rule: &Reentry, now: Millis) -> bool {
    let is_out = before.state != State::In;
    match rule {
        Reentry::Never => false,
        Reentry::AfterExit => is_out,
        Reentry::After(span) => is_out && parse_duration(span).is_some_and(|s| before.entered_at.plus(s) <= now),
    }
}

fn timer_key(journey: &JourneyId, person: Atom, entry: u32) -> Vec<u8> {
    let mut key = vec![MOVE];
    key.extend(Key::raw().text(journey.as_str()).atom(person).u32(entry).0);
    key
}

fn fits(wanted: &EventMatch, event: &Event, zone: &TimeZone) -> bool {
    wanted.fits(&event.name, &event.properties, Moment { now: event.received_at, zone })
}

fn awaits(plan: &Plan, e: &Enrolment, event: &Event, zone: &TimeZone) -> bool {
    match plan.node(&e.node).map(|n| &n.step) {
        Some(Step::WaitUntil { event: wanted, .. }) => event.ts >= e.steps.last().map_or(e.entered_at, |s| s.at) && fits(wanted, event, zone),
        _ => false,
    }
}

/// Marks that a message of this journey was sent, opened, clicked: once each.
fn touch(cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, e: &mut Enrolment, event: &Event) -> Result<()> {
    let what = match event.name.as_str() {
        names::MESSAGE_SENT => "sent",
        names::MESSAGE_OPENED => "opened",
        names::MESSAGE_CLICKED => "clicked",
        _ => return Ok(()),
    };
    if event.text("journey") == Some(journey.as_str()) && !e.touched.iter().any(|t| t == what) {
        e.touched.push(what.to_owned());
        result::touched(&mut cx.work, workspace, journey, what)?;
    }
    Ok(())
}

/// The goal, counted once for each entry and within its window. Says whether she leaves by it.
fn convert(cx: &mut Cx, workspace: WorkspaceId, journey: &JourneyId, plan: &Plan, e: &mut Enrolment, event: &Event, zone: &TimeZone) -> Result<bool> {
    let (Some(goal), Some(window)) = (&plan.goal, plan.goal_window()) else { return Ok(false) };
    let in_window = event.ts >= e.assigned_at && event.ts <= e.assigned_at.plus(window);
    if e.converted_at.is_some() || !in_window || !fits(&goal.event, event, zone) {
        return Ok(false);
    }
    e.converted_at = Some(event.ts.0);
    e.value = event.properties.get("value").and_then(money::decimal);
    let node = e.node.clone();
    e.step(&node, cx.now, "goal_reached", event.name.clone());
    result::converted(&mut cx.work, workspace, journey, e)?;
    Ok(goal.exit && e.state == State::In)
}

fn ours(workspace: WorkspaceId, journey: &JourneyId, person: Atom, name: &str, e: &Enrolment, at: Millis) -> Event {
    let id = format!("jrn_{}", id::base32(id::derived(&[journey.as_str().as_bytes(), &person.to_be_bytes(), &e.entry.to_be_bytes(), name.as_bytes()])));
    Event::track(workspace, SourceId::from("journeys"), id, name, at)
        .with_property("journey", journey.as_str())
        .with_property("version", e.version)
        .with_property("entry", e.entry)
        .with_identifier(id_types::PERSON, PersonId::of(workspace, person).0)
}

/// The person's facts, for branches and exit rules.
pub(crate) struct Asked<'a> {
    pub read: &'a dyn Read,
    pub workspace: WorkspaceId,
    pub person: Atom,
    pub zone: &'a TimeZone,
    pub now: Millis,
    pub event: serde_json::Map<String, Value>,
}

impl Ask for Asked<'_> {
    fn holds(&mut self, condition: &Condition) -> Result<bool> {
        let around = Surroundings::of(self.read, self.workspace, self.person, self.zone);
        let facts = around.facts().with_event(&self.event);
        let holds = weft_condition::holds(condition, &facts, self.now);
        facts.sound()?;
        around.sound()?;
        Ok(holds)
    }
    fn unit(&self) -> String {
        PersonId::of(self.workspace, self.person).0
    }
}

impl PipelineStep for WakeJourneys {
    fn name(&self) -> &'static str {
        STEP
    }

    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let Some(person) = flight.person else { return Ok(Flow::Continue) };
        let workspace = flight.event.workspace;
        let known = self.known(&cx.work, workspace)?;
        if known.heads.is_empty() {
            return Ok(Flow::Continue);
        }
        for merge in &flight.merges {
            self.hand_over(cx, workspace, merge.winner, merge.loser, "merged")?;
        }
        self.hear(cx, workspace, person, &flight.event, &known)?;
        self.let_in(cx, workspace, person, &flight.event, &known)?;
        Ok(Flow::Continue)
    }

    fn regrouped(&self, workspace: WorkspaceId, change: &Regrouped, cx: &mut Cx) -> Result<()> {
        match change {
            Regrouped::Merged(merge) => self.hand_over(cx, workspace, merge.winner, merge.loser, "merged"),
            Regrouped::Split(split) if split.stays != split.whole => self.hand_over(cx, workspace, split.stays, split.whole, "taken_apart"),
            Regrouped::Split(_) | Regrouped::Refolded(_) => Ok(()),
        }
    }

    fn control(&self, control: &Control, cx: &mut Cx) -> Result<()> {
        match (control.room.as_str(), control.what.as_str()) {
            (ROOM, PUBLISHED) => self.publish(control, cx),
            (ROOM, STATE_CHANGED) => self.change_state(control, cx),
            (weft_context_kit::workspace::ROOM, _) => {
                self.known.write().remove(&control.workspace);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn timer(&self, workspace: WorkspaceId, key: &[u8], due: Millis, cx: &mut Cx) -> Result<()> {
        match key.split_first() {
            Some((&MOVE, rest)) => self.time_is_up(workspace, rest, due, cx),
            Some((&PRESENT, rest)) => {
                let journey = JourneyId(String::from_utf8_lossy(rest).into_owned());
                match head(&cx.work, workspace, &journey)? {
                    Some(head) if head.state == "running" => self.let_in_present(cx, workspace, &journey),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn forget(&self) {
        self.known.write().clear();
        self.plans.write().clear();
    }
}

/// A published version's plan.
pub(crate) fn published_plan(read: &dyn Read, workspace: WorkspaceId, journey: &JourneyId, version: u32) -> Result<Option<Plan>> {
    Ok(read.get(PLANS, Key::of(workspace).text(journey.as_str()).u32(version).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}
