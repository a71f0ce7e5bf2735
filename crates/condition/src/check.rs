//! Finding every fault of a tree when it is saved, so that none is left for later.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::{LONGEST_PATTERN, Op, Test, Wrong};
use crate::json::at;
use crate::kernel;
use crate::tree::{Aggregate, Anchor, Condition, EventMatch, EventTest, NamedTest, SequenceTest, Where, Window};
use crate::when::{Span, When};

/// How deep a tree may be.
pub const DEEPEST: usize = 20;
/// How many nodes a tree may have, tests of properties included.
pub const MOST_NODES: usize = 500;
/// How many steps a sequence may have.
pub const MOST_STEPS: usize = 20;
/// How many members a list of `in` may have.
pub const MOST_MEMBERS: usize = 1_000;
/// How long a name may be, in bytes.
pub const LONGEST_NAME: usize = 200;

/// Codes of faults; each has its sentence in both languages in the console.
pub mod codes {
    pub const ONE_KEY: &str = "condition.one_key";
    pub const UNKNOWN_KEY: &str = "condition.unknown_key";
    pub const UNKNOWN_OPERATOR: &str = "condition.unknown_operator";
    pub const MISSING_KEY: &str = "condition.missing_key";
    pub const WRONG_TYPE: &str = "condition.wrong_type";
    pub const ONLY_ONE: &str = "condition.only_one";
    pub const NO_OPERATOR: &str = "condition.no_operator";
    pub const WRONG_OPERATOR: &str = "condition.wrong_operator";
    pub const WRONG_OPERAND: &str = "condition.wrong_operand";
    pub const EMPTY_LIST: &str = "condition.empty_list";
    pub const EMPTY_NAME: &str = "condition.empty_name";
    pub const TOO_LONG: &str = "condition.too_long";
    pub const BAD_DURATION: &str = "condition.bad_duration";
    pub const BAD_TIME: &str = "condition.bad_time";
    pub const BAD_PATTERN: &str = "condition.bad_pattern";
    pub const TOO_DEEP: &str = "condition.too_deep";
    pub const TOO_LARGE: &str = "condition.too_large";
    pub const TOO_FEW_STEPS: &str = "condition.too_few_steps";
    pub const TOO_MANY_STEPS: &str = "condition.too_many_steps";
}

/// Something wrong with a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer into the tree; empty is the root.
    pub path: String,
    /// One of [`codes`].
    pub code: &'static str,
    /// An English sentence.
    pub message: String,
    /// What a translated sentence fills in.
    pub params: BTreeMap<&'static str, String>,
}

impl Fault {
    pub(crate) fn new(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), code, message: message.into(), params: BTreeMap::new() }
    }
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.insert(name, value.to_string());
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        write!(f, "{path}: {}", self.message)
    }
}

/// Faults as the house's error: `condition.faulty`, with a field for each.
pub fn error_of(faults: &[Fault]) -> kernel::Error {
    let first = faults.first().map(ToString::to_string).unwrap_or_default();
    let error = kernel::Error::invalid("condition.faulty", format!("the condition cannot be saved: {first}")).param("faults", faults.len());
    faults.iter().fold(error, |error, fault| error.field(&fault.path, &fault.message))
}

/// All faults of a tree, in the order of the tree. None means that it can be evaluated for ever after.
pub fn check(condition: &Condition) -> Vec<Fault> {
    let mut checker = Checker::default();
    checker.condition(condition, "", 1);
    checker.done()
}

/// All faults of the match of an event, with places below it (`/where/eq`).
pub fn check_match(wanted: &EventMatch) -> Vec<Fault> {
    let mut checker = Checker::default();
    checker.event_match(wanted, "", 1);
    checker.done()
}

#[derive(Default)]
struct Checker {
    faults: Vec<Fault>,
    nodes: usize,
}

impl Checker {
    fn done(mut self) -> Vec<Fault> {
        if self.nodes > MOST_NODES {
            let message = format!("{} nodes are too many; a tree has at most {MOST_NODES}", self.nodes);
            self.add(Fault::new("", codes::TOO_LARGE, message).with("nodes", self.nodes).with("most", MOST_NODES));
        }
        self.faults
    }

    fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Counts a node. False if it is too deep to look further.
    fn enter(&mut self, path: &str, depth: usize) -> bool {
        self.nodes += 1;
        if depth > DEEPEST {
            self.add(Fault::new(path, codes::TOO_DEEP, format!("a tree is at most {DEEPEST} nodes deep")).with("most", DEEPEST));
        }
        depth <= DEEPEST
    }

    fn condition(&mut self, condition: &Condition, path: &str, depth: usize) {
        if !self.enter(path, depth) {
            return;
        }
        let path = &at(path, condition.kind());
        match condition {
            Condition::All(children) | Condition::Any(children) => {
                self.not_empty(children, path);
                for (i, child) in children.iter().enumerate() {
                    self.condition(child, &at(path, i), depth + 1);
                }
            }
            Condition::Not(child) => self.condition(child, path, depth + 1),
            Condition::Event(event) => self.event(event, path, depth),
            Condition::Sequence(sequence) => self.sequence(sequence, path, depth),
            Condition::Trait(test) | Condition::Tag(test) | Condition::Property(test) => self.named_test(test, "name", path),
            Condition::Segment(id) => self.name(id.as_str(), path),
            Condition::Consent(consent) => {
                self.name(&consent.purpose, &at(path, "purpose"));
                if let Some(channel) = &consent.channel {
                    self.name(channel, &at(path, "channel"));
                }
            }
        }
    }

    fn not_empty<T>(&mut self, list: &[T], path: &str) {
        if list.is_empty() {
            self.add(Fault::new(path, codes::EMPTY_LIST, "the list is empty"));
        }
    }

    fn name(&mut self, name: &str, path: &str) {
        if name.trim().is_empty() {
            self.add(Fault::new(path, codes::EMPTY_NAME, "the name is empty"));
        } else if name.len() > LONGEST_NAME {
            let message = format!("the name is longer than {LONGEST_NAME} bytes");
            self.add(Fault::new(path, codes::TOO_LONG, message).with("most", LONGEST_NAME));
        }
    }

    fn event(&mut self, event: &EventTest, path: &str, depth: usize) {
        self.name(&event.name, &at(path, "name"));
        if let Some(filter) = &event.filter {
            self.filter(filter, &at(path, "where"), depth + 1);
        }
        match &event.aggregate {
            Aggregate::Occurs => {}
            Aggregate::Count(test) => self.number_test(test, &at(path, "count")),
            Aggregate::Of { function, property, test } => {
                let path = &at(path, function.key());
                self.name(property, &at(path, "property"));
                if function.is_number() { self.number_test(test, path) } else { self.test(test, path) }
            }
        }
        match &event.window {
            Window::Ever => {}
            Window::Within(span) => self.span(span, &at(path, "within")),
            Window::Between(start, end) => self.between(start, end, &at(path, "between")),
            Window::Since(since) => {
                let path = &at(path, "since");
                match &since.anchor {
                    Anchor::Trait(name) => self.name(name, &at(path, "trait")),
                    Anchor::Event { name, .. } => self.name(name, &at(path, "event")),
                }
                if let Some(span) = &since.within {
                    self.span(span, &at(path, "within"));
                }
            }
        }
    }

    fn sequence(&mut self, sequence: &SequenceTest, path: &str, depth: usize) {
        let steps = &at(path, "steps");
        match sequence.steps.len() {
            0 | 1 => self.add(Fault::new(steps, codes::TOO_FEW_STEPS, "a sequence has at least two steps")),
            n if n > MOST_STEPS => {
                let message = format!("a sequence has at most {MOST_STEPS} steps");
                self.add(Fault::new(steps, codes::TOO_MANY_STEPS, message).with("most", MOST_STEPS));
            }
            _ => {}
        }
        for (i, step) in sequence.steps.iter().enumerate() {
            self.event_match(step, &at(steps, i), depth);
        }
        self.span(&sequence.within, &at(path, "within"));
    }

    fn event_match(&mut self, wanted: &EventMatch, path: &str, depth: usize) {
        self.nodes += 1;
        self.name(&wanted.name, &at(path, "name"));
        if let Some(filter) = &wanted.filter {
            self.filter(filter, &at(path, "where"), depth + 1);
        }
    }

    fn filter(&mut self, filter: &Where, path: &str, depth: usize) {
        if !self.enter(path, depth) {
            return;
        }
        match filter {
            Where::Property(test) => self.named_test(test, "property", path),
            Where::All(children) | Where::Any(children) => {
                let path = &at(path, if matches!(filter, Where::All(_)) { "all" } else { "any" });
                self.not_empty(children, path);
                for (i, child) in children.iter().enumerate() {
                    self.filter(child, &at(path, i), depth + 1);
                }
            }
            Where::Not(child) => self.filter(child, &at(path, "not"), depth + 1),
        }
    }

    fn named_test(&mut self, test: &NamedTest, name_key: &str, path: &str) {
        self.name(&test.name, &at(path, name_key));
        self.test(&test.test, path);
    }

    fn test(&mut self, test: &Test, path: &str) {
        if test.0.is_empty() {
            self.add(Fault::new(path, codes::NO_OPERATOR, "an operator is missing, such as \"eq\" or \"exists\""));
        }
        for comparison in &test.0 {
            let path = at(path, comparison.op().key());
            if let Some(wrong) = comparison.wrong() {
                self.add(operand_fault(path, comparison.op(), wrong));
            } else if comparison.operand().as_array().is_some_and(|list| list.len() > MOST_MEMBERS) {
                let message = format!("the list has more than {MOST_MEMBERS} members; make a segment of them");
                self.add(Fault::new(path, codes::TOO_LONG, message).with("most", MOST_MEMBERS));
            }
        }
    }

    /// The test of something that is a number: only operators and operands that compare numbers.
    fn number_test(&mut self, test: &Test, path: &str) {
        self.test(test, path);
        for comparison in &test.0 {
            let (op, path) = (comparison.op(), at(path, comparison.op().key()));
            if !op.compares_numbers() {
                self.add(Fault::new(path, codes::WRONG_OPERATOR, format!("\"{}\" does not compare numbers", op.key())).with("operator", op.key()));
            } else if comparison.wrong().is_none() && !comparison.is_numeric() {
                self.add(operand_fault(path, op, Wrong::Number));
            }
        }
    }

    fn span(&mut self, span: &Span, path: &str) {
        if span.millis().is_none() {
            let message = format!("\"{}\" is no duration; write for example \"30d\", \"12h\", \"15m\", at most a hundred years", span.text());
            self.add(Fault::new(path, codes::BAD_DURATION, message).with("text", span.text()));
        }
    }

    fn between(&mut self, start: &When, end: &When, path: &str) {
        for (i, when) in [start, end].into_iter().enumerate() {
            if !when.is_readable() || when.from_now().is_some() || !when.written().is_string() {
                let message = format!("{} is neither a date (\"2026-01-01\") nor a time (\"2026-01-01T08:00:00Z\")", when.written());
                self.add(Fault::new(at(path, i), codes::BAD_TIME, message).with("text", when.written()));
            }
        }
    }
}

fn operand_fault(path: String, op: Op, wrong: Wrong) -> Fault {
    let (code, expected) = match wrong {
        Wrong::Scalar => (codes::WRONG_OPERAND, "a text or a number"),
        Wrong::List => (codes::WRONG_OPERAND, "a list of texts or numbers"),
        Wrong::EmptyList => (codes::EMPTY_LIST, "a list that is not empty"),
        Wrong::Pair => (codes::WRONG_OPERAND, "a list of two, from and to"),
        Wrong::Flag => (codes::WRONG_OPERAND, "true or false"),
        Wrong::Text => (codes::WRONG_OPERAND, "a text"),
        Wrong::Number => (codes::WRONG_OPERAND, "a number that a decimal of 28 digits can hold"),
        Wrong::Time => (codes::BAD_TIME, "a date, a time, or a time from now such as \"-7d\""),
        Wrong::Pattern => (codes::BAD_PATTERN, "a regular expression that can be read and is not too large"),
        Wrong::PatternTooLong => (codes::BAD_PATTERN, "a shorter regular expression"),
    };
    let fault = Fault::new(path, code, format!("\"{}\" needs {expected}", op.key())).with("operator", op.key()).with("expected", expected);
    if wrong == Wrong::PatternTooLong { fault.with("most", LONGEST_PATTERN) } else { fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use serde_json::{Value, json};

    fn faults(tree: Value) -> Vec<(String, &'static str)> {
        parse(&tree).err().unwrap_or_default().into_iter().map(|f| (f.path, f.code)).collect()
    }
    fn one(tree: Value, path: &str, code: &'static str) {
        assert_eq!(faults(tree.clone()), vec![(path.to_owned(), code)], "{tree}");
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        one(json!({}), "", codes::ONE_KEY);
        one(json!({"all": [], "any": []}), "", codes::ONE_KEY);
        one(json!({"every": []}), "/every", codes::UNKNOWN_KEY);
        one(json!([]), "", codes::WRONG_TYPE);
        one(json!({"all": []}), "/all", codes::EMPTY_LIST);
        one(json!({"event": {"where": {"property": "a", "eq": 1}}}), "/event", codes::MISSING_KEY);
        one(json!({"event": {"name": "a", "whithin": "7d"}}), "/event/whithin", codes::UNKNOWN_KEY);
        one(json!({"event": {"name": " "}}), "/event/name", codes::EMPTY_NAME);
        one(json!({"event": {"name": "a", "within": "7 days"}}), "/event/within", codes::BAD_DURATION);
        one(json!({"event": {"name": "a", "within": 7}}), "/event/within", codes::WRONG_TYPE);
        one(json!({"event": {"name": "a", "within": "7d", "since": {"trait": "b"}}}), "/event", codes::ONLY_ONE);
        one(json!({"event": {"name": "a", "between": ["2026-01-01"]}}), "/event/between", codes::WRONG_TYPE);
        one(json!({"event": {"name": "a", "between": ["2026-01-01", "-7d"]}}), "/event/between/1", codes::BAD_TIME);
        one(json!({"event": {"name": "a", "since": {}}}), "/event/since", codes::MISSING_KEY);
        one(json!({"event": {"name": "a", "since": {"trait": "b", "event": "c"}}}), "/event/since", codes::ONLY_ONE);
        one(json!({"event": {"name": "a", "since": {"trait": "b", "which": "first"}}}), "/event/since/which", codes::UNKNOWN_KEY);
        one(json!({"event": {"name": "a", "since": {"event": "b", "which": "middle"}}}), "/event/since/which", codes::WRONG_TYPE);
        one(json!({"event": {"name": "a", "count": {"gte": 1}, "sum": {"property": "b", "gt": 1}}}), "/event", codes::ONLY_ONE);
        one(json!({"event": {"name": "a", "count": {"exists": true}}}), "/event/count/exists", codes::WRONG_OPERATOR);
        one(json!({"event": {"name": "a", "count": {"gte": "many"}}}), "/event/count/gte", codes::WRONG_OPERAND);
        one(json!({"event": {"name": "a", "count": {}}}), "/event/count", codes::NO_OPERATOR);
        one(json!({"event": {"name": "a", "sum": {"gte": 3}}}), "/event/sum", codes::MISSING_KEY);
        one(json!({"event": {"name": "a", "where": {"any": []}}}), "/event/where/any", codes::EMPTY_LIST);
        one(json!({"event": {"name": "a", "where": {"trait": {"name": "b", "eq": 1}}}}), "/event/where/trait", codes::UNKNOWN_KEY);
        one(json!({"trait": {"name": "age", "gtee": 3}}), "/trait/gtee", codes::UNKNOWN_OPERATOR);
        one(json!({"trait": {"name": "age"}}), "/trait", codes::NO_OPERATOR);
        one(json!({"trait": {"name": "age", "in": []}}), "/trait/in", codes::EMPTY_LIST);
        one(json!({"trait": {"name": "age", "in": "a"}}), "/trait/in", codes::WRONG_OPERAND);
        one(json!({"trait": {"name": "age", "eq": null}}), "/trait/eq", codes::WRONG_OPERAND);
        one(json!({"trait": {"name": "age", "gt": true}}), "/trait/gt", codes::WRONG_OPERAND);
        one(json!({"trait": {"name": "age", "between": [1]}}), "/trait/between", codes::WRONG_OPERAND);
        one(json!({"trait": {"name": "age", "exists": "yes"}}), "/trait/exists", codes::WRONG_OPERAND);
        one(json!({"trait": {"name": "mail", "matches": "("}}), "/trait/matches", codes::BAD_PATTERN);
        one(json!({"trait": {"name": "since", "before": "soon"}}), "/trait/before", codes::BAD_TIME);
        one(json!({"sequence": {"steps": [{"name": "a"}], "within": "1d"}}), "/sequence/steps", codes::TOO_FEW_STEPS);
        one(json!({"sequence": {"steps": [{"name": "a"}, {"name": "b"}]}}), "/sequence", codes::MISSING_KEY);
        one(json!({"sequence": {"steps": [{"name": "a"}, {"nam": "b", "name": "b"}], "within": "1d"}}), "/sequence/steps/1/nam", codes::UNKNOWN_KEY);
        one(json!({"consent": {"chanel": "sms", "purpose": "marketing"}}), "/consent/chanel", codes::UNKNOWN_KEY);
        one(json!({"segment": ""}), "/segment", codes::EMPTY_NAME);
        one(json!({"trait": {"name": "x".repeat(201), "eq": 1}}), "/trait/name", codes::TOO_LONG);
        one(json!({"trait": {"name": "x", "in": vec![1; 1001]}}), "/trait/in", codes::TOO_LONG);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let tree = json!({"all": [
            {"event": {"name": "a", "within": "soon"}},
            {"not": {"trait": {"name": "", "in": []}}},
        ]});
        let expected = [("/all/0/event/within", codes::BAD_DURATION), ("/all/1/not/trait/name", codes::EMPTY_NAME), ("/all/1/not/trait/in", codes::EMPTY_LIST)];
        assert_eq!(faults(tree), expected.map(|(p, c)| (p.to_owned(), c)).to_vec());
    }

    #[test]
    fn trees_are_bounded() {
        let leaf = json!({"segment": "seg_a"});
        let deep = |n: usize| (1..n).fold(leaf.clone(), |tree, _| json!({"not": tree}));
        assert_eq!(faults(deep(20)), vec![]);
        assert_eq!(faults(deep(21)).into_iter().map(|(_, c)| c).collect::<Vec<_>>(), vec![codes::TOO_DEEP]);
        assert_eq!(faults(json!({"all": vec![leaf.clone(); 499]})), vec![]);
        one(json!({"all": vec![leaf; 500]}), "", codes::TOO_LARGE);
        let step = json!({"name": "a"});
        one(json!({"sequence": {"steps": vec![step; 21], "within": "1d"}}), "/sequence/steps", codes::TOO_MANY_STEPS);
    }

    #[test]
    fn messages_name_the_key_and_fill_the_error() {
        let faults = parse(&json!({"trait": {"name": "age", "gtee": 3}})).unwrap_err();
        assert_eq!(
            faults[0].message,
            "unknown operator \"gtee\"; operators are: eq, ne, in, nin, gt, gte, lt, lte, between, exists, contains, starts_with, matches, before, after"
        );
        let error = error_of(&faults);
        assert_eq!(error.code, "condition.faulty");
        assert!(error.fields.contains_key("/trait/gtee"));
    }
}
