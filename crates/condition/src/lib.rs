#![doc = include_str!("../README.md")]

pub(crate) use weft_kernel as kernel;

#[cfg(feature = "batch")]
pub mod batch;
mod change;
mod check;
mod compare;
mod describe;
mod eval;
mod explain;
mod facts;
mod fold;
mod json;
mod mentions;
mod sequence;
mod tree;
mod when;

pub use change::{Outlook, each_value, measure, next_change, next_measure, outlook};
pub use check::{DEEPEST, Fault, LONGEST_NAME, MOST_MEMBERS, MOST_NODES, MOST_STEPS, check, check_match, codes, error_of};
pub use compare::{Comparison, LONGEST_PATTERN, Op, Test, decimal_in, decimal_of, decimal_of_fact};
pub use describe::{Lang, Named, describe, describe_with};
pub use eval::holds;
pub use explain::{Evidence, Explanation, explain};
pub use facts::{Facts, LazyJson, NoProperties, PastEvent, Properties, lookup};
pub use json::parse;
pub use mentions::{Mentions, mentions, needs_properties};
pub use tree::{
    ANY_EVENT, Aggregate, Anchor, Condition, ConsentTest, EventMatch, EventTest, Function, NamedTest, SequenceTest, Since, Where, Which, Window,
};
pub use when::{LONGEST_SPAN, Moment, Span, When, time_of};
