//! Conditions that speak only of segments and of tags with few values are sets that stand ready: nobody has to be asked.

use roaring::RoaringBitmap;
use serde_json::Value;
use weft_condition::{Condition, NamedTest, Op};
use weft_profile_kv::Read;

use crate::kernel::{Result, WorkspaceId};
use crate::membership;

/// Who satisfies a condition, told by those who do or by those who do not: so a denial needs no list of everybody.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Set {
    In(RoaringBitmap),
    Out(RoaringBitmap),
}

impl Set {
    fn negated(self) -> Self {
        match self {
            Set::In(set) => Set::Out(set),
            Set::Out(set) => Set::In(set),
        }
    }
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Set::In(a), Set::In(b)) => Set::In(a & b),
            (Set::In(a), Set::Out(b)) | (Set::Out(b), Set::In(a)) => Set::In(a - b),
            (Set::Out(a), Set::Out(b)) => Set::Out(a | b),
        }
    }
    /// How many of so many people.
    pub fn count(&self, people: u64) -> u64 {
        match self {
            Set::In(set) => set.len(),
            Set::Out(set) => people.saturating_sub(set.len()),
        }
    }
}

/// The set of a condition; nothing where somebody has to be asked.
pub(crate) fn set_of(read: &dyn Read, workspace: WorkspaceId, condition: &Condition) -> Result<Option<Set>> {
    match condition {
        Condition::Segment(id) => Ok(Some(Set::In(membership::bitmap(read, workspace, id)?))),
        Condition::Tag(test) => tagged(read, workspace, test),
        Condition::Not(child) => Ok(set_of(read, workspace, child)?.map(Set::negated)),
        Condition::All(children) => together(read, workspace, children, |set| set),
        // Any holds where not all fail.
        Condition::Any(children) => Ok(together(read, workspace, children, Set::negated)?.map(Set::negated)),
        _ => Ok(None),
    }
}

fn together(read: &dyn Read, workspace: WorkspaceId, children: &[Condition], of: fn(Set) -> Set) -> Result<Option<Set>> {
    let mut all = Set::Out(RoaringBitmap::new());
    for child in children {
        let Some(set) = set_of(read, workspace, child)? else { return Ok(None) };
        all = all.and(of(set));
    }
    Ok(Some(all))
}

fn tagged(read: &dyn Read, workspace: WorkspaceId, test: &NamedTest) -> Result<Option<Set>> {
    let [comparison] = test.test.0.as_slice() else { return Ok(None) };
    let values: Vec<&Value> = match (comparison.op(), comparison.operand()) {
        (Op::Eq, value) => vec![value],
        (Op::In, Value::Array(values)) => values.iter().collect(),
        _ => return Ok(None),
    };
    let mut all = RoaringBitmap::new();
    for value in values {
        let Value::String(text) = value else { return Ok(None) };
        let Some(people) = weft_tags::people_called(read, workspace, &test.name, text)? else { return Ok(None) };
        all |= people;
    }
    Ok(Some(Set::In(all)))
}
