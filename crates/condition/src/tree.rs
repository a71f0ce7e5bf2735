//! The tree: its nodes, tests, aggregates and windows, with everything parsed once that can be parsed once.

use serde_json::Value;

use crate::compare::{Op, Test};
use crate::kernel::SegmentId;
use crate::when::{Span, When};

/// The name that stands for events of any name.
pub const ANY_EVENT: &str = "*";

/// One node of the tree. In JSON an object with exactly one key, the node's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Event(Box<EventTest>),
    Sequence(SequenceTest),
    Trait(NamedTest),
    Tag(NamedTest),
    Segment(SegmentId),
    Consent(ConsentTest),
    /// A property of the event at hand; where there is none, a missing fact.
    Property(NamedTest),
}

/// A test of a named fact: `{"name": "city", "eq": "上海"}`. The name of a property may be a dotted path.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTest {
    pub name: String,
    pub test: Test,
}

/// Past events of one name: which of them, in which window, and what must be true of them together.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTest {
    /// The event's name, or [`ANY_EVENT`].
    pub name: String,
    pub filter: Option<Where>,
    pub aggregate: Aggregate,
    pub window: Window,
}

/// What an event's properties must satisfy to be counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Where {
    Property(NamedTest),
    All(Vec<Where>),
    Any(Vec<Where>),
    Not(Box<Where>),
}

/// What must be true of the matching events taken together.
#[derive(Clone, Debug, PartialEq)]
pub enum Aggregate {
    /// At least one: what is meant when nothing is said.
    Occurs,
    /// How many. A count of nothing is 0, not missing.
    Count(Test),
    /// A function of one property over the matching events.
    Of { function: Function, property: String, test: Test },
}

/// Functions of one property over the matching events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Sum of the values that are numbers; of none, 0.
    Sum,
    /// Mean of the values that are numbers; of none, missing.
    Avg,
    Min,
    Max,
    /// How many different values (numbers, texts, booleans); of none, 0.
    Distinct,
    /// The value at the first matching event, missing if that event does not carry it.
    First,
    /// The value at the last matching event, missing if that event does not carry it.
    Last,
}

impl Function {
    pub const ALL: [Function; 7] = [Self::Sum, Self::Avg, Self::Min, Self::Max, Self::Distinct, Self::First, Self::Last];

    /// The key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Distinct => "distinct",
            Self::First => "first",
            Self::Last => "last",
        }
    }
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.key() == key)
    }
    /// Is the outcome a number, rather than any value?
    pub fn is_number(self) -> bool {
        !matches!(self, Self::First | Self::Last)
    }
}

/// Which stretch of time counts. Events after `now` never do: they have not happened yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// The whole history.
    Ever,
    /// `(now − span, now]`, to the millisecond.
    Within(Span),
    /// `[start, end)`; dates begin at midnight in the workspace's zone.
    Between(When, When),
    /// From an anchor on, `[anchor, anchor + within]`; a missing anchor makes the node false.
    Since(Since),
}

/// A window that begins at a moment of the person's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Since {
    pub anchor: Anchor,
    /// At most this long after the anchor; `None` is without end.
    pub within: Option<Span>,
}

/// Where a [`Since`] window begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Anchor {
    /// The time that a trait tells.
    Trait(String),
    /// The first or last event of this name, `now` included.
    Event { name: String, which: Which },
}

/// Which of several events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    First,
    Last,
}

impl Which {
    pub fn key(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// Steps that happen one after the other, the last at most `within` after the first.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceTest {
    pub steps: Vec<EventMatch>,
    pub within: Span,
}

/// An event of this name whose properties satisfy the filter: a step of a sequence or a funnel, what a journey waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct EventMatch {
    /// The event's name, or [`ANY_EVENT`].
    pub name: String,
    pub filter: Option<Where>,
}

/// May we use data for this purpose, and on this channel if one is named?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentTest {
    pub purpose: String,
    pub channel: Option<String>,
}

impl Condition {
    /// `{"trait": {"name": name, op: operand}}`, for code that builds trees.
    pub fn trait_is(name: &str, op: Op, operand: impl Into<Value>) -> Self {
        Self::Trait(NamedTest::new(name, op, operand))
    }
    /// `{"tag": {"name": name, op: operand}}`.
    pub fn tag_is(name: &str, op: Op, operand: impl Into<Value>) -> Self {
        Self::Tag(NamedTest::new(name, op, operand))
    }
    /// At least one event of this name in the window.
    pub fn event_occurs(name: &str, window: Window) -> Self {
        Self::Event(Box::new(EventTest { name: name.to_owned(), filter: None, aggregate: Aggregate::Occurs, window }))
    }
    /// The opposite. A double denial is taken away.
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
    /// The node's key in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::Event(_) => "event",
            Self::Sequence(_) => "sequence",
            Self::Trait(_) => "trait",
            Self::Tag(_) => "tag",
            Self::Segment(_) => "segment",
            Self::Consent(_) => "consent",
            Self::Property(_) => "property",
        }
    }
}

impl NamedTest {
    pub fn new(name: &str, op: Op, operand: impl Into<Value>) -> Self {
        Self { name: name.to_owned(), test: Test::one(op, operand) }
    }
}

impl EventTest {
    /// The property whose values the aggregate needs, if any.
    pub(crate) fn aggregated_property(&self) -> Option<&str> {
        match &self.aggregate {
            Aggregate::Of { property, .. } => Some(property),
            Aggregate::Occurs | Aggregate::Count(_) => None,
        }
    }
    /// The test of the aggregate, if one is written.
    pub(crate) fn aggregate_test(&self) -> Option<&Test> {
        match &self.aggregate {
            Aggregate::Occurs => None,
            Aggregate::Count(test) | Aggregate::Of { test, .. } => Some(test),
        }
    }
}

impl Where {
    /// Every test of a property in it, in the order written.
    pub(crate) fn each_test<'a>(&'a self, visit: &mut dyn FnMut(&'a NamedTest)) {
        match self {
            Self::Property(test) => visit(test),
            Self::All(children) | Self::Any(children) => children.iter().for_each(|c| c.each_test(visit)),
            Self::Not(child) => child.each_test(visit),
        }
    }
}
