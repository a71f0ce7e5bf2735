//! Asking whether a condition holds, now, of these facts.

use std::borrow::Cow;

use crate::facts::{Facts, PastEvent, Properties};
use crate::fold::Fold;
use crate::kernel::Millis;
use crate::sequence::{Marks, happened_in_order};
use crate::tree::{ANY_EVENT, Anchor, Condition, EventMatch, EventTest, SequenceTest, Since, Where, Which, Window};
use crate::when::Moment;

/// Does the condition hold of these facts at `now`? It cannot fail, and order does not matter.
pub fn holds(condition: &Condition, facts: &dyn Facts, now: Millis) -> bool {
    let moment = Moment { now, zone: facts.zone() };
    match condition {
        Condition::All(children) => children.iter().all(|c| holds(c, facts, now)),
        Condition::Any(children) => children.iter().any(|c| holds(c, facts, now)),
        Condition::Not(child) => !holds(child, facts, now),
        Condition::Event(event) => event_holds(event, facts, moment),
        Condition::Sequence(sequence) => marks_of(sequence, facts, moment).is_some_and(|(marks, within)| {
            happened_in_order(&marks, sequence.steps.len(), within).is_some()
        }),
        Condition::Trait(test) => test.test.holds(facts.trait_value(&test.name).as_deref(), moment),
        Condition::Tag(test) => test.test.holds(facts.tag(&test.name).as_deref(), moment),
        Condition::Property(test) => test.test.holds(at_hand(facts, &test.name), moment),
        Condition::Segment(id) => facts.in_segment(id),
        Condition::Consent(consent) => facts.consent(&consent.purpose, consent.channel.as_deref()),
    }
}

pub(crate) fn at_hand<'a>(facts: &'a dyn Facts, path: &str) -> Option<&'a serde_json::Value> {
    crate::facts::lookup(facts.event_at_hand()?, path)
}

impl EventMatch {
    /// Is this the event, by its name and by what it carries?
    pub fn fits(&self, name: &str, properties: &dyn Properties, moment: Moment<'_>) -> bool {
        (self.name == name || self.name == ANY_EVENT) && self.filter.as_ref().is_none_or(|filter| filter.holds(properties, moment))
    }
}

impl Where {
    /// Do these properties satisfy the filter?
    pub fn holds(&self, properties: &dyn Properties, moment: Moment<'_>) -> bool {
        match self {
            Where::Property(test) => test.test.holds(properties.get(&test.name).as_deref(), moment),
            Where::All(children) => children.iter().all(|c| c.holds(properties, moment)),
            Where::Any(children) => children.iter().any(|c| c.holds(properties, moment)),
            Where::Not(child) => !child.holds(properties, moment),
        }
    }
}

/// The stretch of time in which events count: `from <= ts < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: Option<Millis>,
    pub(crate) to: Millis,
}

impl Window {
    /// The stretch, or nothing if an anchor is missing. Never reaches beyond now.
    pub(crate) fn stretch(&self, facts: &dyn Facts, moment: Moment<'_>) -> Option<Stretch> {
        match self {
            Window::Since(since) => since.stretch(since.anchor.at(facts, moment)?, moment),
            Window::Ever | Window::Within(_) | Window::Between(..) => self.fixed_stretch(moment),
        }
    }

    /// The stretch of a window that is the same for everybody; nothing for one that is not.
    pub(crate) fn fixed_stretch(&self, moment: Moment<'_>) -> Option<Stretch> {
        let until_now = moment.now.plus(1);
        match self {
            Window::Ever => Some(Stretch { from: None, to: until_now }),
            Window::Within(span) => Some(Stretch { from: Some(moment.now.minus(span.millis()?).plus(1)), to: until_now }),
            Window::Between(start, end) => Some(Stretch { from: Some(start.at(moment)?), to: end.at(moment)?.min(until_now) }),
            Window::Since(_) => None,
        }
    }
}

impl Since {
    fn stretch(&self, anchor: Millis, moment: Moment<'_>) -> Option<Stretch> {
        let until_now = moment.now.plus(1);
        let to = match &self.within {
            Some(span) => anchor.plus(span.millis()?).plus(1).min(until_now),
            None => until_now,
        };
        Some(Stretch { from: Some(anchor), to })
    }
}

impl Anchor {
    pub(crate) fn at(&self, facts: &dyn Facts, moment: Moment<'_>) -> Option<Millis> {
        match self {
            Anchor::Trait(name) => crate::when::time_of(facts.trait_value(name).as_deref()?, moment.zone),
            Anchor::Event { name, which } => {
                let mut found = None;
                facts.events(name, None, Some(moment.now.plus(1)), &mut |event| {
                    found = Some(event.ts);
                    *which == Which::Last
                });
                found
            }
        }
    }
}

impl EventTest {
    /// Visits the matching events in the stretch, with the value of the aggregated property.
    pub(crate) fn each_match(
        &self,
        facts: &dyn Facts,
        moment: Moment<'_>,
        stretch: Stretch,
        visit: &mut dyn FnMut(&PastEvent<'_>, Option<Cow<'_, serde_json::Value>>) -> bool,
    ) {
        facts.events(&self.name, stretch.from, Some(stretch.to), &mut |event| {
            if self.filter.as_ref().is_some_and(|filter| !filter.holds(event.properties, moment)) {
                return true;
            }
            visit(event, self.aggregated_property().and_then(|p| event.properties.get(p)))
        });
    }
}

fn event_holds(event: &EventTest, facts: &dyn Facts, moment: Moment<'_>) -> bool {
    let Some(stretch) = event.window.stretch(facts, moment) else { return false };
    let mut fold = Fold::new(&event.aggregate);
    event.each_match(facts, moment, stretch, &mut |past, value| {
        fold.add(past.ts, past.position, value);
        !fold.is_settled(&event.aggregate, moment)
    });
    fold.holds(&event.aggregate, moment)
}

/// The events up to now that match steps of the sequence, and the span within which they must lie.
pub(crate) fn marks_of(sequence: &SequenceTest, facts: &dyn Facts, moment: Moment<'_>) -> Option<(Marks, i64)> {
    let within = sequence.within.millis()?;
    let mut marks = Marks::default();
    for (i, step) in sequence.steps.iter().enumerate() {
        facts.events(&step.name, None, Some(moment.now.plus(1)), &mut |event| {
            if step.filter.as_ref().is_none_or(|filter| filter.holds(event.properties, moment)) {
                marks.mark(event.ts, event.position, i);
            }
            true
        });
    }
    Some((marks, within))
}
