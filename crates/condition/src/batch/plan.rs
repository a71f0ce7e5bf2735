//! Building the plan: each leaf a set of people, combined by semi and anti joins against everybody.

use std::cell::Cell;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, JoinType, Result};
use datafusion::functions_aggregate::count::count_all;
use datafusion::functions_aggregate::min_max::{max, min};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, cast, ident, lit, not, when};
use jiff::tz::TimeZone;

use super::functions;
use super::question::{Asked, Question};
use crate::eval::Stretch;
use crate::fold::Fold;
use crate::kernel::Millis;
use crate::tree::{ANY_EVENT, Aggregate, Anchor, Condition, ConsentTest, EventTest, NamedTest, SequenceTest, Since, Where, Which, Window};
use crate::when::Moment;

/// The tables a condition is asked of. The column `person` has one type in all of them.
#[derive(Clone, Debug)]
pub struct Tables {
    /// `person`, `traits` (a JSON object as text). One row for each person that exists.
    pub people: LogicalPlan,
    /// `person`, `name`, `value` (JSON as text: `"high_value"`, `3`, `true`). At most one row per person and name.
    pub tags: LogicalPlan,
    /// `person`, `segment`.
    pub memberships: LogicalPlan,
    /// `person`, `purpose`, `channel`, `granted` (boolean). Consent without a channel is any of its rows being granted.
    pub consents: LogicalPlan,
    /// `person`, `name`, `ts` (milliseconds as Int64), `position` (an integer unique for the person), `properties` (a
    /// JSON object as text).
    pub events: LogicalPlan,
}

/// A plan with the one column `person`: everybody of whom the condition holds at `now`. There is no event at hand.
pub fn people(condition: &Condition, tables: &Tables, now: Millis, zone: &TimeZone) -> Result<LogicalPlan> {
    let planner = Planner { tables, moment: Moment { now, zone }, joins: Cell::new(0) };
    let everybody = planner.everybody()?;
    only_person(planner.restrict(everybody, condition)?)
}

struct Planner<'a> {
    tables: &'a Tables,
    moment: Moment<'a>,
    /// How many names of joined columns have been given, so that no two are the same.
    joins: Cell<usize>,
}

fn from(plan: &LogicalPlan) -> LogicalPlanBuilder {
    LogicalPlanBuilder::from(plan.clone())
}

fn only_person(plan: LogicalPlan) -> Result<LogicalPlan> {
    LogicalPlanBuilder::from(plan).project([ident("person")])?.build()
}

fn filtered(plan: LogicalPlan, by: Expr) -> Result<LogicalPlan> {
    LogicalPlanBuilder::from(plan).filter(by)?.build()
}

impl Planner<'_> {
    fn everybody(&self) -> Result<LogicalPlan> {
        from(&self.tables.people).project([ident("person"), ident("traits")])?.build()
    }

    fn ask(&self, asked: Asked) -> Result<Expr> {
        Ok(lit(Question::new(self.moment, asked).write()?))
    }

    /// Of the people in `input` (columns `person`, `traits`), those of whom the condition holds.
    fn restrict(&self, input: LogicalPlan, condition: &Condition) -> Result<LogicalPlan> {
        if let Some(expr) = self.as_filter(condition)? {
            return filtered(input, expr);
        }
        match condition {
            Condition::All(children) => {
                // What a row can answer alone comes first, and the joins see fewer people.
                let (alone, joined): (Vec<_>, Vec<_>) = children.iter().partition(|c| is_filter(c));
                alone.into_iter().chain(joined).try_fold(input, |input, child| self.restrict(input, child))
            }
            Condition::Any(children) => {
                let mut sets = children.iter().map(|c| self.set(c)).collect::<Result<Vec<_>>>()?.into_iter();
                let Some(first) = sets.next() else { return filtered(input, lit(false)) };
                let union = sets.try_fold(LogicalPlanBuilder::from(first), LogicalPlanBuilder::union)?.build()?;
                self.join(input, union, JoinType::LeftSemi)
            }
            Condition::Not(child) => match child.as_ref() {
                Condition::Not(inner) => self.restrict(input, inner),
                child => self.join(input, self.set(child)?, JoinType::LeftAnti),
            },
            Condition::Event(event) => self.restrict_by_event(input, event),
            Condition::Tag(test) => self.restrict_by_tag(input, test),
            Condition::Sequence(_) | Condition::Segment(_) | Condition::Consent(_) => self.join(input, self.set(condition)?, JoinType::LeftSemi),
            Condition::Trait(_) | Condition::Property(_) => Ok(input),
        }
    }

    /// A plan whose people (column `person`), as far as they exist, are those of whom the condition holds.
    fn set(&self, condition: &Condition) -> Result<LogicalPlan> {
        match condition {
            Condition::Segment(id) => {
                only_person(filtered(self.tables.memberships.clone(), ident("segment").eq(lit(id.as_str())))?)
            }
            Condition::Consent(consent) => self.consented(consent),
            Condition::Sequence(sequence) => self.in_order(sequence),
            Condition::Event(event) if !self.holds_of_nothing(event) => self.judged(event, true),
            other => only_person(self.restrict(self.everybody()?, other)?),
        }
    }

    /// The condition as an expression over one row of people, if it needs nothing else.
    fn as_filter(&self, condition: &Condition) -> Result<Option<Expr>> {
        if !is_filter(condition) {
            return Ok(None);
        }
        let all = |children: &[Condition]| children.iter().map(|c| self.as_filter(c)).collect::<Result<Option<Vec<Expr>>>>();
        Ok(match condition {
            Condition::Trait(test) => Some(self.test_of("traits", Where::Property(test.clone()))?),
            // No event is at hand.
            Condition::Property(test) => Some(lit(test.test.holds(None, self.moment))),
            Condition::All(children) => all(children)?.map(|exprs| exprs.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true))),
            Condition::Any(children) => all(children)?.map(|exprs| exprs.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false))),
            Condition::Not(child) => self.as_filter(child)?.map(not),
            _ => None,
        })
    }

    fn test_of(&self, json: &str, filter: Where) -> Result<Expr> {
        Ok(functions::test().call(vec![ident(json), self.ask(Asked::Where(filter))?]))
    }

    /// Semi or anti join of `left` (which keeps its columns) with the people of `right`.
    fn join(&self, left: LogicalPlan, right: LogicalPlan, kind: JoinType) -> Result<LogicalPlan> {
        let name = self.fresh("person");
        let right = LogicalPlanBuilder::from(right).project([ident("person").alias(&name)])?.build()?;
        let keys = (vec![Column::from_name("person")], vec![Column::from_name(name)]);
        LogicalPlanBuilder::from(left).join(right, kind, keys, None)?.build()
    }

    fn fresh(&self, name: &str) -> String {
        let n = self.joins.get() + 1;
        self.joins.set(n);
        format!("{name}_{n}")
    }

    fn consented(&self, consent: &ConsentTest) -> Result<LogicalPlan> {
        let mut wanted = ident("granted").is_true().and(ident("purpose").eq(lit(&consent.purpose)));
        if let Some(channel) = &consent.channel {
            wanted = wanted.and(ident("channel").eq(lit(channel)));
        }
        only_person(filtered(self.tables.consents.clone(), wanted)?)
    }

    fn restrict_by_tag(&self, input: LogicalPlan, test: &NamedTest) -> Result<LogicalPlan> {
        let named = filtered(self.tables.tags.clone(), ident("name").eq(lit(&test.name)))?;
        let passes = functions::test().call(vec![ident("value"), self.ask(Asked::Value(test.test.clone()))?]);
        // A test that a missing tag passes is failed only by people who have the tag.
        if test.test.holds(None, self.moment) {
            self.join(input, filtered(named, not(passes))?, JoinType::LeftAnti)
        } else {
            self.join(input, filtered(named, passes)?, JoinType::LeftSemi)
        }
    }

    fn restrict_by_event(&self, input: LogicalPlan, event: &EventTest) -> Result<LogicalPlan> {
        if !self.holds_of_nothing(event) {
            return self.join(input, self.judged(event, true)?, JoinType::LeftSemi);
        }
        // People without a matching event pass, so it is those who fail that are looked for; an anchor is needed still.
        if is_unreadable(event, self.moment) {
            return filtered(input, lit(false));
        }
        let input = match &event.window {
            Window::Since(since) => {
                let anchors = LogicalPlanBuilder::from(self.anchors(since)?).project([ident("anchored").alias("person")])?.build()?;
                self.join(input, anchors, JoinType::LeftSemi)?
            }
            Window::Ever | Window::Within(_) | Window::Between(..) => input,
        };
        self.join(input, self.judged(event, false)?, JoinType::LeftAnti)
    }

    fn holds_of_nothing(&self, event: &EventTest) -> bool {
        Fold::new(&event.aggregate).holds(&event.aggregate, self.moment)
    }

    /// People with matching events in the window, of whom the aggregate's verdict is the one wanted.
    fn judged(&self, event: &EventTest, wanted: bool) -> Result<LogicalPlan> {
        let matching = self.matching(event)?;
        let question = || self.ask(Asked::Event(Box::new(event.clone())));
        let verdicts = match &event.aggregate {
            // A person of whom there is a row is a person of whom it holds; the join does not mind duplicates.
            Aggregate::Occurs => return filtered(only_person(matching)?, lit(wanted)),
            Aggregate::Count(_) => {
                let counted = LogicalPlanBuilder::from(matching).aggregate([ident("person")], [count_all().alias("n")])?;
                counted.project([ident("person"), functions::count().call(vec![ident("n"), question()?]).alias("verdict")])?
            }
            Aggregate::Of { .. } => {
                let verdict = functions::aggregate().call(vec![ident("ts"), ident("position"), ident("properties"), question()?]);
                LogicalPlanBuilder::from(matching).aggregate([ident("person")], [verdict.alias("verdict")])?
            }
        };
        let verdict = if wanted { ident("verdict") } else { not(ident("verdict")) };
        only_person(verdicts.filter(verdict)?.build()?)
    }

    /// The events that match the name and filter and lie in the window.
    fn matching(&self, event: &EventTest) -> Result<LogicalPlan> {
        let events = match &event.window {
            Window::Since(since) => self.events_since(&event.name, since)?,
            window => match window.fixed_stretch(self.moment) {
                Some(stretch) => self.events_in(&event.name, stretch)?,
                None => filtered(self.tables.events.clone(), lit(false))?,
            },
        };
        match &event.filter {
            Some(filter) => filtered(events, self.test_of("properties", filter.clone())?),
            None => Ok(events),
        }
    }

    /// The time of an event as a number of milliseconds, whatever type the table gives it.
    fn ts(&self) -> Result<Expr> {
        ident("ts").cast_to(&DataType::Int64, self.tables.events.schema())
    }

    fn events_in(&self, name: &str, stretch: Stretch) -> Result<LogicalPlan> {
        let mut wanted = self.ts()?.lt(lit(stretch.to.0));
        if let Some(from) = stretch.from {
            wanted = wanted.and(self.ts()?.gt_eq(lit(from.0)));
        }
        if name != ANY_EVENT {
            wanted = ident("name").eq(lit(name)).and(wanted);
        }
        filtered(self.tables.events.clone(), wanted)
    }

    fn events_until_now(&self, name: &str) -> Result<LogicalPlan> {
        self.events_in(name, Stretch { from: None, to: self.moment.now.plus(1) })
    }

    /// `anchored` (people with an anchor) and `anchor` (its time).
    fn anchors(&self, since: &Since) -> Result<LogicalPlan> {
        match &since.anchor {
            Anchor::Trait(name) => {
                let time = functions::time().call(vec![ident("traits"), self.ask(Asked::Time(name.clone()))?]);
                let anchors = from(&self.tables.people).project([ident("person").alias("anchored"), time.alias("anchor")])?;
                anchors.filter(ident("anchor").is_not_null())?.build()
            }
            Anchor::Event { name, which } => {
                let of = |ts| match which {
                    Which::First => min(ts),
                    Which::Last => max(ts),
                };
                LogicalPlanBuilder::from(self.events_until_now(name)?)
                    .aggregate([ident("person")], [of(self.ts()?).alias("anchor")])?
                    .project([ident("person").alias("anchored"), ident("anchor")])?
                    .build()
            }
        }
    }

    /// The events of this name from each person's own anchor on.
    fn events_since(&self, name: &str, since: &Since) -> Result<LogicalPlan> {
        let mut in_window = self.ts()?.gt_eq(ident("anchor"));
        match since.within.as_ref().map(|span| span.millis()) {
            // Anchors lie within the years 1 to 9999 or are the times of events, so that nothing overflows.
            Some(Some(millis)) => in_window = in_window.and(self.ts()?.lt_eq(ident("anchor") + lit(millis))),
            Some(None) => return filtered(self.tables.events.clone(), lit(false)),
            None => {}
        }
        let keys = (vec![Column::from_name("person")], vec![Column::from_name("anchored")]);
        LogicalPlanBuilder::from(self.events_until_now(name)?)
            .join(self.anchors(since)?, JoinType::Inner, keys, Some(in_window))?
            .project(["person", "ts", "position", "properties"].map(ident))?
            .build()
    }

    fn in_order(&self, sequence: &SequenceTest) -> Result<LogicalPlan> {
        let Some(within) = sequence.within.millis() else { return only_person(filtered(self.tables.people.clone(), lit(false))?) };
        let mut steps = lit(0_i64);
        let mut any_step: Option<Expr> = None;
        for (i, step) in sequence.steps.iter().enumerate() {
            let named = if step.name == ANY_EVENT { lit(true) } else { ident("name").eq(lit(&step.name)) };
            let matches = match &step.filter {
                Some(filter) => named.clone().and(self.test_of("properties", filter.clone())?),
                None => named.clone(),
            };
            let bit = 1_i64.checked_shl(u32::try_from(i).unwrap_or(u32::MAX)).unwrap_or(0);
            steps = steps + when(matches, lit(bit)).otherwise(lit(0_i64))?;
            any_step = Some(any_step.map_or(named.clone(), |any| any.or(named)));
        }
        let question = self.ask(Asked::Order { steps: sequence.steps.len(), within })?;
        let verdict = functions::sequence().call(vec![ident("ts"), ident("position"), ident("steps"), question]);
        let events = filtered(self.events_until_now(ANY_EVENT)?, any_step.unwrap_or_else(|| lit(false)))?;
        let judged = LogicalPlanBuilder::from(events)
            .project([ident("person"), ident("ts"), ident("position"), cast(steps, DataType::Int64).alias("steps")])?
            .filter(ident("steps").not_eq(lit(0_i64)))?
            .aggregate([ident("person")], [verdict.alias("verdict")])?
            .filter(ident("verdict"))?
            .build()?;
        only_person(judged)
    }
}

/// Can a row of people answer this alone?
fn is_filter(condition: &Condition) -> bool {
    match condition {
        Condition::Trait(_) | Condition::Property(_) => true,
        Condition::All(children) | Condition::Any(children) => children.iter().all(is_filter),
        Condition::Not(child) => is_filter(child),
        Condition::Event(_) | Condition::Sequence(_) | Condition::Tag(_) | Condition::Segment(_) | Condition::Consent(_) => false,
    }
}

/// Is the window one that `check` refuses? Then the node is false, even of people with no events.
fn is_unreadable(event: &EventTest, moment: Moment<'_>) -> bool {
    match &event.window {
        Window::Since(since) => since.within.as_ref().is_some_and(|span| span.millis().is_none()),
        window => window.fixed_stretch(moment).is_none(),
    }
}
