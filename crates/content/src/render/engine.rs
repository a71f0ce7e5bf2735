//! Walks the tree of a template and writes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use rust_decimal::Decimal;
use serde_json::Value;

use super::Mode;
use super::filters;
use super::place::Place;
use super::syntax::{Chain, Comparison, Condition, Expression, For, Join, Node, Step, Template, Test};
use super::value::{Turn, Val};
use crate::kernel::{Error, Result};

/// What is left to spend. Everything is paid before it is done, so a template cannot outrun it.
pub(crate) struct Budget {
    left: u64,
}

/// Bytes that cost one step.
const BYTES_PER_STEP: usize = 32;

impl Budget {
    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps }
    }
    pub(crate) fn spend(&mut self, steps: usize) -> Result<()> {
        match self.left.checked_sub(steps as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::limited("content.template_too_heavy", "the template needs more steps than one message may take")),
        }
    }
    /// For text of this many bytes.
    pub(crate) fn spend_bytes(&mut self, bytes: usize) -> Result<()> {
        self.spend(1 + bytes / BYTES_PER_STEP)
    }
    /// How many bytes could still be made: no need to weigh anything beyond.
    pub(crate) fn affordable_bytes(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_STEP)
    }
}

pub(crate) fn run(template: &Template, context: &Value, budget: &mut Budget, max_output_bytes: usize) -> Result<String> {
    let mut engine = Engine {
        context,
        mode: template.mode,
        locals: HashMap::new(),
        turns: Vec::new(),
        counters: HashMap::new(),
        cycles: HashMap::new(),
        budget,
        max_output_bytes,
    };
    let mut out = String::new();
    engine.nodes(&template.nodes, &mut out)?;
    Ok(out)
}

enum Flow {
    Go,
    Break,
    Continue,
}

pub(crate) struct Engine<'a, 'b> {
    context: &'a Value,
    mode: Mode,
    locals: HashMap<&'a str, Val<'a>>,
    /// Names bound by the loops around us, innermost last: the item and `forloop`.
    turns: Vec<(&'a str, Val<'a>)>,
    counters: HashMap<&'a str, i64>,
    cycles: HashMap<String, usize>,
    pub(crate) budget: &'b mut Budget,
    max_output_bytes: usize,
}

impl<'a> Engine<'a, '_> {
    fn nodes(&mut self, nodes: &'a [Node], out: &mut String) -> Result<Flow> {
        for node in nodes {
            self.budget.spend(1)?;
            match self.node(node, out)? {
                Flow::Go => {}
                stop => return Ok(stop),
            }
        }
        Ok(Flow::Go)
    }

    fn node(&mut self, node: &'a Node, out: &mut String) -> Result<Flow> {
        match node {
            Node::Text(text) => self.write(text, out)?,
            Node::Output { chain, place, .. } => {
                let value = self.chain(chain)?;
                self.print(&value, *place, out)?;
            }
            Node::Assign { name, chain } => {
                let value = self.chain(chain)?;
                self.locals.insert(name, value);
            }
            Node::Capture { name, body } => {
                let mut captured = String::new();
                let flow = self.nodes(body, &mut captured)?;
                let value = match self.mode {
                    Mode::Html => Val::Html(captured.into()),
                    Mode::Plain => Val::text(captured),
                };
                self.locals.insert(name, value);
                return Ok(flow);
            }
            Node::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.holds(condition)? {
                        return self.nodes(body, out);
                    }
                }
                return self.nodes(otherwise, out);
            }
            Node::Case { subject, branches, otherwise } => return self.case(subject, branches, otherwise, out),
            Node::For(each) => self.repeat(each, out)?,
            Node::Cycle { group, key, values, place } => {
                let key = match group {
                    Some(group) => format!(":{}", self.value(group)?.to_text()),
                    None => key.clone(),
                };
                let turn = self.cycles.entry(key).or_default();
                let value = &values[*turn % values.len()];
                *turn += 1;
                let value = self.value(value)?;
                self.print(&value, *place, out)?;
            }
            Node::Count { name, step } => {
                let counter = self.counters.entry(name).or_default();
                let told = if *step > 0 { *counter } else { *counter - 1 };
                *counter += step;
                self.write(&told.to_string(), out)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Go)
    }

    fn print(&mut self, value: &Val<'a>, place: Place, out: &mut String) -> Result<()> {
        let weight = value.weight(self.budget.affordable_bytes());
        self.budget.spend_bytes(weight)?;
        let text = value.to_text();
        let written = match value {
            Val::Html(_) => place.write_html(&text),
            _ => place.write(&text),
        };
        self.write(&written, out)
    }

    fn write(&mut self, text: &str, out: &mut String) -> Result<()> {
        self.budget.spend_bytes(text.len())?;
        if out.len() + text.len() > self.max_output_bytes {
            let detail = format!("the message is longer than {} bytes", self.max_output_bytes);
            return Err(Error::limited("content.message_too_large", detail));
        }
        out.push_str(text);
        Ok(())
    }

    fn case(&mut self, subject: &'a Expression, branches: &'a [(Vec<Expression>, Vec<Node>)], otherwise: &'a [Node], out: &mut String) -> Result<Flow> {
        let subject = self.value(subject)?;
        let mut found = false;
        for (values, body) in branches {
            let mut hit = false;
            for value in values {
                let value = self.value(value)?;
                let most = self.budget.affordable_bytes();
                self.budget.spend_bytes(value.weight(most).min(subject.weight(most)))?;
                hit = hit || value.equals(&subject);
            }
            if hit {
                found = true;
                match self.nodes(body, out)? {
                    Flow::Go => {}
                    stop => return Ok(stop),
                }
            }
        }
        if found { Ok(Flow::Go) } else { self.nodes(otherwise, out) }
    }

    fn repeat(&mut self, each: &'a For, out: &mut String) -> Result<()> {
        let source = self.value(&each.source)?;
        // The whole source is paid for before it is laid out: a range of a billion costs a billion.
        self.budget.spend(match &source {
            Val::Text(_) | Val::Html(_) => 1,
            other => other.len().unwrap_or(0),
        })?;
        let mut items = source.items();
        let offset = self.bound(each.offset.as_ref())?.unwrap_or(0);
        items.drain(..offset.min(items.len()));
        items.truncate(self.bound(each.limit.as_ref())?.unwrap_or(usize::MAX));
        if each.reversed {
            items.reverse();
        }
        if items.is_empty() {
            self.nodes(&each.otherwise, out)?;
            return Ok(());
        }
        let parent = self.turns.iter().rev().find(|(name, _)| *name == "forloop").map(|(_, turn)| turn.clone());
        let length = items.len();
        for (index0, item) in items.into_iter().enumerate() {
            self.budget.spend(1)?;
            self.turns.push(("forloop", Val::Turn(Rc::new(Turn { index0, length, parent: parent.clone() }))));
            self.turns.push((&each.name, item));
            let flow = self.nodes(&each.body, out);
            self.turns.truncate(self.turns.len() - 2);
            if matches!(flow?, Flow::Break) {
                break;
            }
        }
        Ok(())
    }

    /// A limit or an offset; negative ones count as none.
    fn bound(&mut self, expression: Option<&'a Expression>) -> Result<Option<usize>> {
        let Some(expression) = expression else { return Ok(None) };
        Ok(self.value(expression)?.integer().map(|n| usize::try_from(n).unwrap_or(0)))
    }

    fn holds(&mut self, condition: &'a Condition) -> Result<bool> {
        let mut result = self.test(&condition.tests[condition.tests.len() - 1])?;
        for (test, join) in condition.tests.iter().zip(&condition.joins).rev() {
            result = match join {
                Join::And => self.test(test)? && result,
                Join::Or => self.test(test)? || result,
            };
        }
        Ok(result != condition.negated)
    }

    fn test(&mut self, test: &'a Test) -> Result<bool> {
        self.budget.spend(1)?;
        let (left, comparison, right) = match test {
            Test::Truthy(expression) => return Ok(self.value(expression)?.is_truthy()),
            Test::Compare(left, comparison, right) => (self.value(left)?, comparison, self.value(right)?),
        };
        let most = self.budget.affordable_bytes();
        self.budget.spend_bytes(left.weight(most).saturating_add(right.weight(most)))?;
        let order = || left.order(&right);
        Ok(match comparison {
            Comparison::Equal => left.equals(&right),
            Comparison::NotEqual => !left.equals(&right),
            Comparison::Less => order().is_some_and(|o| o.is_lt()),
            Comparison::LessOrEqual => order().is_some_and(|o| o.is_le()),
            Comparison::Greater => order().is_some_and(|o| o.is_gt()),
            Comparison::GreaterOrEqual => order().is_some_and(|o| o.is_ge()),
            Comparison::Contains => left.contains(&right),
        })
    }

    fn chain(&mut self, chain: &'a Chain) -> Result<Val<'a>> {
        let mut value = self.value(&chain.head)?;
        for call in &chain.filters {
            let most = self.budget.affordable_bytes();
            self.budget.spend_bytes(value.weight(most))?;
            let mut arguments = Vec::with_capacity(call.arguments.len());
            for argument in &call.arguments {
                arguments.push(self.value(argument)?);
            }
            let mut named = Vec::with_capacity(call.named.len());
            for (name, argument) in &call.named {
                named.push((name.as_str(), self.value(argument)?));
            }
            value = filters::apply(self, call.name, value, &arguments, &named)?;
        }
        Ok(value)
    }

    pub(crate) fn value(&mut self, expression: &'a Expression) -> Result<Val<'a>> {
        Ok(match expression {
            Expression::Nil => Val::Nil,
            Expression::Empty => Val::Empty,
            Expression::Blank => Val::Blank,
            Expression::Bool(b) => Val::Bool(*b),
            Expression::Number(n) => Val::Number(*n),
            Expression::Text(t) => Val::Text(Cow::Borrowed(t)),
            Expression::Range(from, to) => {
                let (from, to) = (self.value(from)?.integer().unwrap_or(0), self.value(to)?.integer().unwrap_or(0));
                Val::Range(from, to)
            }
            Expression::Path { root, steps, .. } => {
                let mut value = self.look_up(root);
                // What was made on the way is copied out of its variable, and its letters are counted one by one.
                if matches!(value, Val::Text(Cow::Owned(_))) || (!steps.is_empty() && matches!(value, Val::Text(_) | Val::Html(_))) {
                    self.budget.spend_bytes(value.weight(usize::MAX))?;
                }
                for step in steps {
                    self.budget.spend(1)?;
                    value = match step {
                        Step::Name(name) => value.field(name),
                        Step::Index(index) => match self.value(index)? {
                            Val::Number(n) => Val::Number(n).integer().map_or(Val::Nil, |i| value.at(i)),
                            other => value.field(&other.to_text()),
                        },
                    };
                }
                value
            }
        })
    }

    fn look_up(&self, name: &str) -> Val<'a> {
        if let Some((_, value)) = self.turns.iter().rev().find(|(n, _)| *n == name) {
            return value.clone();
        }
        if let Some(value) = self.locals.get(name) {
            return value.clone();
        }
        if let Some(value) = self.context.get(name) {
            return Val::from(value);
        }
        self.counters.get(name).map_or(Val::Nil, |n| Val::Number(Decimal::from(*n)))
    }

    /// A text of the context's top level, such as `time_zone`.
    pub(crate) fn setting(&self, name: &str) -> Option<&'a str> {
        self.context.get(name).and_then(Value::as_str)
    }
}
