//! What can be said of a template before it is sent to anybody.

use std::collections::BTreeSet;

use serde::Serialize;
use weft_http_kit::utoipa::{self, ToSchema};

use super::place::Place;
use super::syntax::{self, Chain, Condition, Expression, Node, Step, Test};
use super::{Mode, Source, parts, union};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TemplateWarning)]
pub struct Warning {
    /// `subject`, `html`, `text` or `fields.<name>`.
    pub part: String,
    /// From 1.
    pub line: usize,
    /// `syntax_error`, `unknown_variable`, `output_in_code` or `output_without_quotes`.
    pub code: &'static str,
    /// The variable that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    pub detail: String,
}

/// Mistakes and doubts, in the order of the parts and lines. `known_fields` are dotted paths such as
/// `person.city`; what stands below a known path is known too, and so is an object that holds known paths.
pub fn lint<K: AsRef<str>>(template: &Source, known_fields: &[K]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (part, mode, text) in parts(template) {
        let read = match syntax::parse(text, mode) {
            Ok(read) => read,
            Err(e) => {
                warnings.push(Warning { part, line: e.line, code: "syntax_error", variable: None, detail: e.what });
                continue;
            }
        };
        let found = Names::of(&read.nodes);
        for (line, variable) in found.globals {
            if !is_known(&variable, known_fields) {
                let detail = format!("nothing is called {variable}: it will be empty");
                warnings.push(Warning { part: part.clone(), line, code: "unknown_variable", variable: Some(variable), detail });
            }
        }
        for (line, place) in found.places {
            let (code, detail) = match place {
                Place::Code => ("output_in_code", "in a script, a style or an event handler only letters, digits and a few signs are written"),
                _ => ("output_without_quotes", "put quotes around the attribute's value"),
            };
            warnings.push(Warning { part: part.clone(), line, code, variable: None, detail: detail.to_owned() });
        }
    }
    warnings
}

/// Every path a template reads from its context, `person.city` for `{{ person.city | upcase }}`.
/// Parts that cannot be read tell nothing.
pub fn variables(template: &Source) -> BTreeSet<String> {
    union(parts(template).filter_map(|(_, mode, text)| of_part(mode, text)))
}

fn of_part(mode: Mode, text: &str) -> Option<BTreeSet<String>> {
    let read = syntax::parse(text, mode).ok()?;
    Some(Names::of(&read.nodes).globals.into_iter().map(|(_, name)| name).collect())
}

fn is_known<K: AsRef<str>>(path: &str, known: &[K]) -> bool {
    let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    known.iter().map(AsRef::as_ref).any(|k| k == path || below(path, k) || below(k, path))
}

#[derive(Default)]
struct Names {
    locals: Vec<String>,
    globals: Vec<(usize, String)>,
    places: Vec<(usize, Place)>,
}

impl Names {
    fn of(nodes: &[Node]) -> Self {
        let mut names = Self::default();
        names.nodes(nodes);
        names.globals.sort();
        names.globals.dedup();
        names
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Output { chain, place, line } => {
                self.chain(chain);
                if matches!(place, Place::Code | Place::Unquoted) {
                    self.places.push((*line, *place));
                }
            }
            Node::Assign { name, chain } => {
                self.chain(chain);
                self.locals.push(name.clone());
            }
            Node::Capture { name, body } => {
                self.nodes(body);
                self.locals.push(name.clone());
            }
            Node::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.condition(condition);
                    self.nodes(body);
                }
                self.nodes(otherwise);
            }
            Node::Case { subject, branches, otherwise } => {
                self.expression(subject);
                for (values, body) in branches {
                    values.iter().for_each(|v| self.expression(v));
                    self.nodes(body);
                }
                self.nodes(otherwise);
            }
            Node::For(each) => {
                for expression in [Some(&each.source), each.limit.as_ref(), each.offset.as_ref()].into_iter().flatten() {
                    self.expression(expression);
                }
                self.nodes(&each.otherwise);
                // What is assigned inside stays known outside, the loop's own two names do not.
                let mine = self.locals.len();
                self.locals.push("forloop".into());
                self.locals.push(each.name.clone());
                self.nodes(&each.body);
                self.locals.drain(mine..mine + 2);
            }
            Node::Cycle { group, values, .. } => group.iter().chain(values).for_each(|v| self.expression(v)),
            Node::Count { name, .. } => self.locals.push(name.clone()),
        }
    }

    fn chain(&mut self, chain: &Chain) {
        self.expression(&chain.head);
        for call in &chain.filters {
            call.arguments.iter().chain(call.named.iter().map(|(_, e)| e)).for_each(|e| self.expression(e));
        }
    }

    fn condition(&mut self, condition: &Condition) {
        for test in &condition.tests {
            match test {
                Test::Truthy(e) => self.expression(e),
                Test::Compare(left, _, right) => {
                    self.expression(left);
                    self.expression(right);
                }
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Path { root, steps, line } => {
                for step in steps {
                    if let Step::Index(index) = step {
                        self.expression(index);
                    }
                }
                if !self.locals.contains(root) {
                    self.globals.push((*line, path(root, steps)));
                }
            }
            Expression::Range(from, to) => {
                self.expression(from);
                self.expression(to);
            }
            _ => {}
        }
    }
}

/// As far as it can be told without running: up to the first computed or numbered step,
/// and without a trailing `size`, `first` or `last`, which every list has.
fn path(root: &str, steps: &[Step]) -> String {
    let mut names = vec![root];
    for (i, step) in steps.iter().enumerate() {
        match step {
            Step::Name(name) if i + 1 == steps.len() && matches!(name.as_str(), "size" | "first" | "last") => break,
            Step::Name(name) | Step::Index(Expression::Text(name)) => names.push(name),
            Step::Index(_) => break,
        }
    }
    names.join(".")
}
