//! When to look again: the first moment at which silence alone may turn a verdict.

use std::borrow::Cow;

use serde_json::Value;

use crate::eval::{Stretch, at_hand, holds};
use crate::facts::Facts;
use crate::fold::Fold;
use crate::kernel::Millis;
use crate::tree::{Anchor, Condition, EventTest, SequenceTest, Where, Window};
use crate::when::Moment;

/// A verdict, and how long it surely stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    pub holds: bool,
    /// What [`next_change`] says.
    pub until: Option<Millis>,
}

/// The first moment after `now` at which the verdict may change with no new event; `None` if time alone never turns it.
/// It may be too early, never too late: until then the verdict stays. Ask again at that moment.
pub fn next_change(condition: &Condition, facts: &dyn Facts, now: Millis) -> Option<Millis> {
    outlook(condition, facts, now).until
}

/// What the aggregate of these events comes to, whatever is asked of it; nothing where there is nothing to say.
pub fn measure(event: &EventTest, facts: &dyn Facts, now: Millis) -> Option<Value> {
    let moment = Moment { now, zone: facts.zone() };
    let stretch = event.window.stretch(facts, moment)?;
    let mut fold = Fold::new(&event.aggregate);
    event.each_match(facts, moment, stretch, &mut |past, value| {
        fold.add(past.ts, past.position, value);
        true
    });
    fold.outcome()
}

/// Visits the events that an event test is of, with the value of the property it aggregates, if it aggregates one; oldest first.
pub fn each_value(event: &EventTest, facts: &dyn Facts, now: Millis, visit: &mut dyn FnMut(Millis, Option<Cow<'_, Value>>)) {
    let moment = Moment { now, zone: facts.zone() };
    if let Some(stretch) = event.window.stretch(facts, moment) {
        event.each_match(facts, moment, stretch, &mut |past, value| {
            visit(past.ts, value);
            true
        });
    }
}

/// The first moment after `now` at which [`measure`] may change with no new event. It may be too early, never too late.
pub fn next_measure(event: &EventTest, facts: &dyn Facts, now: Millis) -> Option<Millis> {
    let moment = Moment { now, zone: facts.zone() };
    let mut first = First::after(now);
    first.offer(event_turns(event, facts, moment));
    if let (Window::Within(span), Some(stretch)) = (&event.window, event.window.stretch(facts, moment)) {
        // The oldest leaves first.
        event.each_match(facts, moment, stretch, &mut |past, _| {
            first.offer(span.millis().map(|span| past.ts.plus(span)));
            false
        });
    }
    first.found
}

/// What [`holds`] says, and until when.
pub fn outlook(condition: &Condition, facts: &dyn Facts, now: Millis) -> Outlook {
    let moment = Moment { now, zone: facts.zone() };
    let until = match condition {
        Condition::All(children) => return together(children, facts, now, true),
        Condition::Any(children) => return together(children, facts, now, false),
        Condition::Not(child) => {
            let child = outlook(child, facts, now);
            return Outlook { holds: !child.holds, until: child.until };
        }
        Condition::Event(event) => event_turns(event, facts, moment),
        Condition::Sequence(sequence) => sequence_turns(sequence, facts, moment),
        Condition::Trait(test) => test.test.next_change(facts.trait_value(&test.name).as_deref(), moment),
        Condition::Tag(test) => test.test.next_change(facts.tag(&test.name).as_deref(), moment),
        Condition::Property(test) => test.test.next_change(at_hand(facts, &test.name), moment),
        Condition::Segment(_) | Condition::Consent(_) => None,
    };
    Outlook { holds: holds(condition, facts, now), until }
}

/// `all` (unanimous is true) and `any` (unanimous is false). A unanimous verdict stays until the first child may turn;
/// any other verdict stays as long as one dissenter does, so until the last of them may turn.
fn together(children: &[Condition], facts: &dyn Facts, now: Millis, unanimous: bool) -> Outlook {
    let outlooks: Vec<Outlook> = children.iter().map(|c| outlook(c, facts, now)).collect();
    let mut dissenters = outlooks.iter().filter(|o| o.holds != unanimous).peekable();
    if dissenters.peek().is_none() {
        return Outlook { holds: unanimous, until: outlooks.iter().filter_map(|o| o.until).min() };
    }
    let until = dissenters.map(|o| o.until).try_fold(now, |latest, until| until.map(|u| latest.max(u)));
    Outlook { holds: !unanimous, until }
}

/// Of moments, the first after now.
struct First {
    now: Millis,
    found: Option<Millis>,
}

impl First {
    fn after(now: Millis) -> Self {
        Self { now, found: None }
    }
    fn offer(&mut self, at: Option<Millis>) {
        self.found = [self.found, at.filter(|at| *at > self.now)].into_iter().flatten().min();
    }
}

/// The first event of this name that is dated after now: it will count when its time comes.
fn dated_ahead(name: &str, facts: &dyn Facts, now: Millis) -> Option<Millis> {
    let mut found = None;
    facts.events(name, Some(now.plus(1)), None, &mut |event| {
        found = Some(event.ts);
        false
    });
    found
}

fn event_turns(event: &EventTest, facts: &dyn Facts, moment: Moment<'_>) -> Option<Millis> {
    let mut first = First::after(moment.now);
    first.offer(dated_ahead(&event.name, facts, moment.now));
    if let Window::Since(since) = &event.window
        && let Anchor::Event { name, .. } = &since.anchor
    {
        first.offer(dated_ahead(name, facts, moment.now));
    }
    let Some(stretch) = event.window.stretch(facts, moment) else { return first.found };
    if event.filter.as_ref().is_some_and(Where::is_relative) || event.aggregate_test().is_some_and(|t| t.is_relative()) {
        any_moving_part(event, facts, moment, stretch, &mut first);
    } else if let Window::Within(span) = &event.window {
        first.offer(span.millis().and_then(|span| first_flip(event, facts, moment, stretch, span)));
    }
    first.found
}

/// Exactly when a rolling window turns: events leave it in the order in which they came.
fn first_flip(event: &EventTest, facts: &dyn Facts, moment: Moment<'_>, stretch: Stretch, span: i64) -> Option<Millis> {
    let mut matches: Vec<(Millis, u64, Option<Value>)> = Vec::new();
    event.each_match(facts, moment, stretch, &mut |past, value| {
        matches.push((past.ts, past.position, value.map(Cow::into_owned)));
        true
    });
    // From the last event backwards, so that what remains is folded by adding: no aggregate has to forget.
    let mut remaining = Fold::new(&event.aggregate);
    let mut after_leaving: Vec<(Millis, bool)> = Vec::new();
    while let Some((ts, position, value)) = matches.pop() {
        // Events of one millisecond leave together.
        if after_leaving.last().is_none_or(|(last, _)| *last != ts) {
            after_leaving.push((ts, remaining.holds(&event.aggregate, moment)));
        }
        remaining.add(ts, position, value.map(Cow::Owned));
    }
    let verdict = remaining.holds(&event.aggregate, moment);
    let (ts, _) = after_leaving.into_iter().rev().find(|(_, after)| *after != verdict)?;
    Some(ts.plus(span))
}

/// Where tests move with now themselves, every moment at which anything in the window moves.
fn any_moving_part(event: &EventTest, facts: &dyn Facts, moment: Moment<'_>, stretch: Stretch, first: &mut First) {
    let span = match &event.window {
        Window::Within(span) => span.millis(),
        Window::Ever | Window::Between(..) | Window::Since(_) => None,
    };
    facts.events(&event.name, stretch.from, Some(stretch.to), &mut |past| {
        first.offer(span.map(|span| past.ts.plus(span)));
        if let (Some(property), Some(test)) = (event.aggregated_property(), event.aggregate_test()) {
            first.offer(test.next_change(past.properties.get(property).as_deref(), moment));
        }
        if let Some(filter) = &event.filter {
            filter.each_test(&mut |t| first.offer(t.test.next_change(past.properties.get(&t.name).as_deref(), moment)));
        }
        true
    });
}

fn sequence_turns(sequence: &SequenceTest, facts: &dyn Facts, moment: Moment<'_>) -> Option<Millis> {
    let mut first = First::after(moment.now);
    for step in &sequence.steps {
        first.offer(dated_ahead(&step.name, facts, moment.now));
        let Some(filter) = step.filter.as_ref().filter(|f| f.is_relative()) else { continue };
        facts.events(&step.name, None, Some(moment.now.plus(1)), &mut |past| {
            filter.each_test(&mut |t| first.offer(t.test.next_change(past.properties.get(&t.name).as_deref(), moment)));
            true
        });
    }
    first.found
}

impl Where {
    /// Has it a test that moves with now?
    pub(crate) fn is_relative(&self) -> bool {
        let mut relative = false;
        self.each_test(&mut |t| relative |= t.test.is_relative());
        relative
    }
}
