//! Conditions that speak only of segments and of tags with few values are sets that stand ready: nobody has to be asked.

use serde_json::Value;
use weft_bitmap::{Expression, Set, Signed};
use weft_condition::{Condition, NamedTest, Op};
use weft_profile_kv::Read;
use weft_profile_kv::pieces::Name;

use crate::kernel::{Atom, Result, WorkspaceId};
use crate::membership;

/// A condition as an expression over sets that have names.
#[derive(Debug)]
pub(crate) struct Asked {
    signed: Signed,
    names: Vec<Name>,
}

/// The same, with the sets of one moment.
pub(crate) struct Answered {
    asked: Signed,
    sets: Vec<Set>,
}

impl Asked {
    /// Nothing where somebody has to be asked.
    pub fn of(read: &dyn Read, workspace: WorkspaceId, condition: &Condition) -> Result<Option<Self>> {
        let mut names = Names { read, workspace, names: Vec::new() };
        Ok(names.signed(condition)?.map(|signed| Self { signed, names: names.names }))
    }

    /// Each of these, over sets of one and the same moment.
    pub fn answer(asked: Vec<Asked>, read: &dyn Read) -> Result<Vec<Answered>> {
        let names: Vec<Name> = asked.iter().flat_map(|a| a.names.iter().cloned()).collect();
        let mut sets = read.sets(&names)?.into_iter();
        Ok(asked.into_iter().map(|a| Answered { sets: sets.by_ref().take(a.names.len()).collect(), asked: a.signed }).collect())
    }
}

impl Answered {
    /// How many of so many people.
    pub fn count(&self, people: u64) -> u64 {
        self.asked.count(&self.sets, people)
    }
    /// Those who are in all of these, of the sets that say who is in; nothing where all say who is not.
    pub fn in_all(answered: Vec<Answered>) -> Option<Vec<Atom>> {
        let mut sets: Vec<Set> = Vec::new();
        let mut each = Vec::new();
        for one in answered {
            let from = sets.len();
            sets.extend(one.sets);
            each.push(one.asked.shifted(from));
        }
        match Signed::all(each) {
            Signed::In(expression) => Some(expression.numbers(&sets)),
            Signed::Out(_) => None,
        }
    }
    /// The newest of them; `newest` visits everybody from the newest on.
    pub fn newest(&self, most: usize, newest: impl FnOnce(&mut dyn FnMut(Atom) -> Result<bool>) -> Result<()>) -> Result<Vec<Atom>> {
        let out = match &self.asked {
            Signed::In(expression) => return Ok(expression.last(&self.sets, most)),
            Signed::Out(out) => out,
        };
        let mut found = Vec::new();
        newest(&mut |person| {
            if !out.contains(&self.sets, person) {
                found.push(person);
            }
            Ok(found.len() < most)
        })?;
        Ok(found)
    }
}

struct Names<'a> {
    read: &'a dyn Read,
    workspace: WorkspaceId,
    names: Vec<Name>,
}

impl Names<'_> {
    fn signed(&mut self, condition: &Condition) -> Result<Option<Signed>> {
        match condition {
            Condition::Segment(id) => Ok(Some(Signed::In(self.set(membership::name(self.workspace, id))))),
            Condition::Tag(test) => self.tagged(test),
            Condition::Not(child) => Ok(self.signed(child)?.map(Signed::negated)),
            Condition::All(children) => Ok(self.each(children)?.map(Signed::all)),
            Condition::Any(children) => Ok(self.each(children)?.map(Signed::any)),
            _ => Ok(None),
        }
    }

    fn each(&mut self, children: &[Condition]) -> Result<Option<Vec<Signed>>> {
        children.iter().map(|child| self.signed(child)).collect()
    }

    fn set(&mut self, name: Name) -> Expression {
        let place = self.names.iter().position(|n| *n == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        Expression::Set(place)
    }

    fn tagged(&mut self, test: &NamedTest) -> Result<Option<Signed>> {
        let [comparison] = test.test.0.as_slice() else { return Ok(None) };
        let values: Vec<&Value> = match (comparison.op(), comparison.operand()) {
            (Op::Eq, value) => vec![value],
            (Op::In, Value::Array(values)) => values.iter().collect(),
            _ => return Ok(None),
        };
        if !weft_tags::is_kept_by_value(self.read, self.workspace, &test.name)? {
            return Ok(None);
        }
        let mut any = Vec::new();
        for value in values {
            let Value::String(text) = value else { return Ok(None) };
            any.push(self.set(weft_tags::people_called(self.workspace, &test.name, text)));
        }
        Ok(Some(Signed::In(Expression::any(any))))
    }
}
