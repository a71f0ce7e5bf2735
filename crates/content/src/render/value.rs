//! Values while a template runs: borrowed from the context where they can be.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use crate::kernel::money;

#[derive(Clone, Debug)]
pub(crate) enum Val<'a> {
    Nil,
    Bool(bool),
    Number(Decimal),
    Text(Cow<'a, str>),
    /// Written for HTML already: captured, or escaped by the author.
    Html(Rc<str>),
    List(Rc<[Val<'a>]>),
    /// An array or an object of the context.
    Json(&'a Value),
    Range(i64, i64),
    Turn(Rc<Turn<'a>>),
    Empty,
    Blank,
}

/// `forloop`.
#[derive(Clone, Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) index0: usize,
    pub(crate) length: usize,
    pub(crate) parent: Option<Val<'a>>,
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Val::Nil,
            Value::Bool(b) => Val::Bool(*b),
            Value::Number(n) => money::decimal(value).map_or_else(|| Val::Text(Cow::Owned(n.to_string())), Val::Number),
            Value::String(s) => Val::Text(Cow::Borrowed(s)),
            Value::Array(_) | Value::Object(_) => Val::Json(value),
        }
    }
}

impl<'a> Val<'a> {
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Val::Text(text.into())
    }
    pub(crate) fn count(n: usize) -> Self {
        Val::Number(Decimal::from(n as u64))
    }
    pub(crate) fn list(items: Vec<Val<'a>>) -> Self {
        Val::List(items.into())
    }

    pub(crate) fn is_truthy(&self) -> bool {
        !matches!(self, Val::Nil | Val::Bool(false))
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Val::Text(t) => t.is_empty(),
            Val::Html(h) => h.is_empty(),
            Val::List(items) => items.is_empty(),
            Val::Json(Value::Array(items)) => items.is_empty(),
            Val::Json(Value::Object(map)) => map.is_empty(),
            Val::Empty => true,
            _ => false,
        }
    }
    fn is_blank(&self) -> bool {
        match self {
            Val::Nil | Val::Bool(false) | Val::Blank => true,
            Val::Text(t) => t.trim().is_empty(),
            Val::Html(h) => h.trim().is_empty(),
            other => other.is_empty(),
        }
    }

    /// As it is printed. Lists run together, objects are JSON.
    pub(crate) fn to_text(&self) -> Cow<'a, str> {
        match self {
            Val::Nil | Val::Empty | Val::Blank | Val::Turn(_) => Cow::Borrowed(""),
            Val::Bool(true) => Cow::Borrowed("true"),
            Val::Bool(false) => Cow::Borrowed("false"),
            Val::Number(n) => Cow::Owned(n.to_string()),
            Val::Text(t) => t.clone(),
            Val::Html(h) => Cow::Owned(h.to_string()),
            Val::List(items) => Cow::Owned(items.iter().map(|i| i.to_text()).collect()),
            Val::Json(Value::Array(items)) => Cow::Owned(items.iter().map(|i| Val::from(i).to_text()).collect()),
            Val::Json(value) => Cow::Owned(value.to_string()),
            Val::Range(from, to) => Cow::Owned(format!("{from}..{to}")),
        }
    }

    /// About how many bytes printing takes; never walks more than `most` bytes.
    pub(crate) fn weight(&self, most: usize) -> usize {
        match self {
            Val::Text(t) => t.len(),
            Val::Html(h) => h.len(),
            Val::List(items) => sum_until(items.iter().map(|i| i.weight(most)), most),
            Val::Json(value) => json_weight(value, most),
            _ => 32,
        }
    }

    pub(crate) fn number(&self) -> Option<Decimal> {
        match self {
            Val::Number(n) => Some(*n),
            Val::Text(t) => money::parse(t.trim()),
            _ => None,
        }
    }
    pub(crate) fn integer(&self) -> Option<i64> {
        self.number()?.trunc().to_i64()
    }

    pub(crate) fn len(&self) -> Option<usize> {
        match self {
            Val::Text(t) => Some(t.chars().count()),
            Val::Html(h) => Some(h.chars().count()),
            Val::List(items) => Some(items.len()),
            Val::Json(Value::Array(items)) => Some(items.len()),
            Val::Json(Value::Object(map)) => Some(map.len()),
            Val::Range(from, to) => Some(usize::try_from(to.saturating_sub(*from).saturating_add(1)).unwrap_or(0)),
            _ => None,
        }
    }

    /// The items of whatever can be walked; a single value is a list of one, nothing is an empty list.
    /// Ranges must be counted (see [`Val::len`]) and paid for before.
    pub(crate) fn items(&self) -> Vec<Val<'a>> {
        match self {
            Val::List(items) => items.to_vec(),
            Val::Json(Value::Array(items)) => items.iter().map(Val::from).collect(),
            Val::Json(Value::Object(map)) => map.iter().map(|(k, v)| Val::list(vec![Val::text(k.as_str()), Val::from(v)])).collect(),
            Val::Range(from, to) => (*from..=*to).map(|n| Val::Number(Decimal::from(n))).collect(),
            Val::Nil | Val::Empty | Val::Blank | Val::Turn(_) => Vec::new(),
            other if other.is_empty() => Vec::new(),
            other => vec![other.clone()],
        }
    }

    pub(crate) fn field(&self, name: &str) -> Val<'a> {
        match self {
            Val::Json(Value::Object(map)) => match map.get(name) {
                Some(value) => Val::from(value),
                None if name == "size" => Val::count(map.len()),
                None => Val::Nil,
            },
            Val::Turn(turn) => turn.field(name),
            _ => match name {
                "size" => self.len().map_or(Val::Nil, Val::count),
                "first" => self.at(0),
                "last" => self.at(-1),
                _ => Val::Nil,
            },
        }
    }

    /// From the end when negative.
    pub(crate) fn at(&self, index: i64) -> Val<'a> {
        let place = |len: usize| {
            let index = if index < 0 { index.checked_add(i64::try_from(len).ok()?)? } else { index };
            usize::try_from(index).ok().filter(|i| *i < len)
        };
        match self {
            Val::List(items) => place(items.len()).map_or(Val::Nil, |i| items[i].clone()),
            Val::Json(Value::Array(items)) => place(items.len()).map_or(Val::Nil, |i| Val::from(&items[i])),
            Val::Range(from, _) => place(self.len().unwrap_or(0)).map_or(Val::Nil, |i| Val::Number(Decimal::from(from + i as i64))),
            _ => Val::Nil,
        }
    }

    pub(crate) fn equals(&self, other: &Val<'_>) -> bool {
        match (self, other) {
            (Val::Empty, v) | (v, Val::Empty) if !matches!(v, Val::Empty) => v.is_empty(),
            (Val::Blank, v) | (v, Val::Blank) if !matches!(v, Val::Blank) => v.is_blank(),
            (Val::Nil, Val::Nil) | (Val::Empty, Val::Empty) | (Val::Blank, Val::Blank) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Number(a), Val::Number(b)) => a == b,
            (Val::Range(a, b), Val::Range(c, d)) => (a, b) == (c, d),
            (Val::Json(a), Val::Json(b)) => a == b,
            (Val::Text(_) | Val::Html(_), Val::Text(_) | Val::Html(_)) => self.to_text() == other.to_text(),
            (Val::List(_) | Val::Json(Value::Array(_)), Val::List(_) | Val::Json(Value::Array(_))) => {
                let (a, b) = (self.items(), other.items());
                a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.equals(b))
            }
            _ => false,
        }
    }

    /// Numbers with numbers (text that is a number counts when the other side is one), text with text.
    pub(crate) fn order(&self, other: &Val<'_>) -> Option<Ordering> {
        match (self, other) {
            (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
            (Val::Number(_), _) | (_, Val::Number(_)) => Some(self.number()?.cmp(&other.number()?)),
            _ => None,
        }
    }

    pub(crate) fn contains(&self, wanted: &Val<'_>) -> bool {
        match self {
            Val::Text(_) | Val::Html(_) => {
                let wanted = wanted.to_text();
                !wanted.is_empty() && self.to_text().contains(&*wanted)
            }
            Val::Json(Value::Object(map)) => map.contains_key(&*wanted.to_text()),
            Val::List(items) => items.iter().any(|i| i.equals(wanted)),
            Val::Json(Value::Array(items)) => items.iter().any(|i| Val::from(i).equals(wanted)),
            Val::Range(from, to) => wanted.number().is_some_and(|n| n >= Decimal::from(*from) && n <= Decimal::from(*to) && n.fract().is_zero()),
            _ => false,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Val::Nil | Val::Empty | Val::Blank | Val::Turn(_) => Value::Null,
            Val::Bool(b) => Value::Bool(*b),
            Val::Number(n) => serde_json::from_str(&n.to_string()).unwrap_or(Value::Null),
            Val::Text(_) | Val::Html(_) | Val::Range(..) => Value::String(self.to_text().into_owned()),
            Val::List(items) => Value::Array(items.iter().map(Val::to_json).collect()),
            Val::Json(value) => (*value).clone(),
        }
    }
}

impl<'a> Turn<'a> {
    fn field(&self, name: &str) -> Val<'a> {
        match name {
            "index" => Val::count(self.index0 + 1),
            "index0" => Val::count(self.index0),
            "rindex" => Val::count(self.length - self.index0),
            "rindex0" => Val::count(self.length - self.index0 - 1),
            "first" => Val::Bool(self.index0 == 0),
            "last" => Val::Bool(self.index0 + 1 == self.length),
            "length" => Val::count(self.length),
            "parentloop" => self.parent.clone().unwrap_or(Val::Nil),
            _ => Val::Nil,
        }
    }
}

fn sum_until(weights: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut sum = 0usize;
    for weight in weights {
        sum = sum.saturating_add(weight + 1);
        if sum > most {
            break;
        }
    }
    sum
}

fn json_weight(value: &Value, most: usize) -> usize {
    match value {
        Value::String(s) => s.len() + 2,
        Value::Array(items) => sum_until(items.iter().map(|i| json_weight(i, most)), most),
        Value::Object(map) => sum_until(map.iter().map(|(k, v)| k.len() + 3 + json_weight(v, most)), most),
        _ => 16,
    }
}
