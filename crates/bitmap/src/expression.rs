//! Expressions over sets. Each is answered block by block: what is in between stays in the processor's nearest memory, and a
//! block that nobody asks for is not looked at.

use std::borrow::Cow;

use crate::block::{Block, Kind};
use crate::words::{self, Words};
use crate::{Bitmap, BLOCK};

/// What is asked, over sets that are handed in by their place.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Nothing,
    Set(usize),
    /// In all of `with`, which is not empty, and in none of `without`.
    All { with: Vec<Expression>, without: Vec<Expression> },
    Any(Vec<Expression>),
}

/// An expression, or all but it: so a denial needs no list of everybody.
#[derive(Clone, Debug, PartialEq)]
pub enum Signed {
    In(Expression),
    Out(Expression),
}

impl Signed {
    pub fn negated(self) -> Self {
        match self {
            Signed::In(e) => Signed::Out(e),
            Signed::Out(e) => Signed::In(e),
        }
    }
    pub fn all(of: impl IntoIterator<Item = Signed>) -> Self {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for one in of {
            match one {
                Signed::In(e) => with.push(e),
                Signed::Out(e) => without.push(e),
            }
        }
        match (with.len(), without.len()) {
            (0, _) => Signed::Out(Expression::any(without)),
            (1, 0) => Signed::In(with.remove(0)),
            _ => Signed::In(Expression::All { with, without }),
        }
    }
    /// The same of sets that stand so many places later.
    pub fn shifted(self, by: usize) -> Self {
        match self {
            Signed::In(e) => Signed::In(e.shifted(by)),
            Signed::Out(e) => Signed::Out(e.shifted(by)),
        }
    }
    /// Any holds where not all fail.
    pub fn any(of: impl IntoIterator<Item = Signed>) -> Self {
        Self::all(of.into_iter().map(Signed::negated)).negated()
    }
    /// How many of so many.
    pub fn count(&self, sets: &[Set], of: u64) -> u64 {
        match self {
            Signed::In(e) => e.count(sets),
            Signed::Out(e) => of.saturating_sub(e.count(sets)),
        }
    }
}

pub type Set = std::sync::Arc<Bitmap>;

impl Expression {
    pub fn any(mut of: Vec<Expression>) -> Self {
        match of.len() {
            0 => Expression::Nothing,
            1 => of.remove(0),
            _ => Expression::Any(of),
        }
    }

    fn shifted(self, by: usize) -> Self {
        let all = |of: Vec<Expression>| of.into_iter().map(|e| e.shifted(by)).collect();
        match self {
            Expression::Nothing => Expression::Nothing,
            Expression::Set(n) => Expression::Set(n + by),
            Expression::All { with, without } => Expression::All { with: all(with), without: all(without) },
            Expression::Any(of) => Expression::Any(all(of)),
        }
    }

    pub fn count(&self, sets: &[Set]) -> u64 {
        let mut desk = Desk::default();
        (0..self.uppers(sets)).map(|upper| u64::from(self.count_block(sets, upper, &mut desk))).sum()
    }

    /// The numbers, ascending.
    pub fn numbers(&self, sets: &[Set]) -> Vec<u32> {
        // Counting is quick beside making room again and again.
        let mut found = Vec::with_capacity(self.count(sets) as usize);
        let mut desk = Desk::default();
        for upper in 0..self.uppers(sets) {
            let base = upper * BLOCK;
            let part = self.part(sets, upper, &mut desk);
            match &part {
                Part::None => {}
                Part::List(members) => found.extend(members.iter().map(|m| base | u32::from(*m))),
                Part::Bits(bits) => words::numbers(bits, base, &mut found),
            }
            desk.take_back(part);
        }
        found
    }

    /// The last of them, from the end.
    pub fn last(&self, sets: &[Set], most: usize) -> Vec<u32> {
        let mut found = Vec::with_capacity(most);
        let mut desk = Desk::default();
        for upper in (0..self.uppers(sets)).rev() {
            if found.len() >= most {
                break;
            }
            let part = self.part(sets, upper, &mut desk);
            let members = part.members();
            found.extend(members.iter().rev().take(most - found.len()).map(|m| upper * BLOCK | u32::from(*m)));
            desk.take_back(part);
        }
        found
    }

    pub fn contains(&self, sets: &[Set], number: u32) -> bool {
        match self {
            Expression::Nothing => false,
            Expression::Set(n) => sets[*n].contains(number),
            Expression::All { with, without } => with.iter().all(|e| e.contains(sets, number)) && !without.iter().any(|e| e.contains(sets, number)),
            Expression::Any(of) => of.iter().any(|e| e.contains(sets, number)),
        }
    }

    pub fn bitmap(&self, sets: &[Set]) -> Bitmap {
        let mut found = Bitmap::default();
        let mut desk = Desk::default();
        for upper in 0..self.uppers(sets) {
            let part = self.part(sets, upper, &mut desk);
            match &part {
                Part::None => {}
                Part::List(members) => found.put(upper as u16, Block::of(members.to_vec())),
                Part::Bits(bits) => found.put(upper as u16, Block::of_bits(bits)),
            }
            desk.take_back(part);
        }
        found
    }

    /// From here on no block has anything.
    fn uppers(&self, sets: &[Set]) -> u32 {
        match self {
            Expression::Nothing => 0,
            Expression::Set(n) => sets[*n].uppers(),
            Expression::All { with, .. } => with.iter().map(|e| e.uppers(sets)).min().unwrap_or(0),
            Expression::Any(of) => of.iter().map(|e| e.uppers(sets)).max().unwrap_or(0),
        }
    }

    /// Bits that are only counted are not written down.
    fn count_block(&self, sets: &[Set], upper: u32, desk: &mut Desk) -> u32 {
        match self {
            Expression::Nothing => 0,
            Expression::Set(n) => sets[*n].block(upper).map_or(0, Block::len),
            Expression::All { with, without } => Sides::of_all(with, without, sets, upper, desk).map_or(0, |sides| sides.count(desk)),
            Expression::Any(of) => Sides::of_any(of, sets, upper, desk).count_any(desk),
        }
    }

    fn part<'a>(&self, sets: &'a [Set], upper: u32, desk: &mut Desk) -> Part<'a> {
        match self {
            Expression::Nothing => Part::None,
            Expression::Set(n) => sets[*n].block(upper).map_or(Part::None, Part::of),
            Expression::All { with, without } => Sides::of_all(with, without, sets, upper, desk).map_or(Part::None, |sides| sides.all(desk)),
            Expression::Any(of) => Sides::of_any(of, sets, upper, desk).any(desk),
        }
    }
}

/// What an expression says of one block.
enum Part<'a> {
    None,
    List(Cow<'a, [u16]>),
    Bits(Bits<'a>),
}

enum Bits<'a> {
    Kept(&'a Words),
    Made(Box<Words>),
}

impl std::ops::Deref for Bits<'_> {
    type Target = Words;
    fn deref(&self) -> &Words {
        match self {
            Bits::Kept(words) => words,
            Bits::Made(words) => words,
        }
    }
}

impl<'a> Part<'a> {
    fn of(block: &'a Block) -> Self {
        match &block.kind {
            Kind::List(members) => Part::List(Cow::Borrowed(members)),
            Kind::Bits(bits) => Part::Bits(Bits::Kept(bits)),
        }
    }
    fn of_list(list: Cow<'a, [u16]>) -> Self {
        if list.is_empty() { Part::None } else { Part::List(list) }
    }
    fn count(&self) -> u32 {
        match self {
            Part::None => 0,
            Part::List(members) => members.len() as u32,
            Part::Bits(bits) => words::count(bits),
        }
    }
    fn members(&self) -> Vec<u16> {
        match self {
            Part::None => Vec::new(),
            Part::List(members) => members.to_vec(),
            Part::Bits(bits) => words::members(bits),
        }
    }
}

/// Sheets to write on, used again and again.
#[derive(Default)]
struct Desk(Vec<Box<Words>>);

impl Desk {
    fn counted<'a>(&mut self, make: impl FnOnce(&mut Self) -> Part<'a>) -> u32 {
        let part = make(self);
        let count = part.count();
        self.take_back(part);
        count
    }
    /// What stands on it is to be written over.
    fn sheet(&mut self) -> Box<Words> {
        self.0.pop().unwrap_or_else(words::empty)
    }
    fn take_back(&mut self, part: Part) {
        if let Part::Bits(bits) = part {
            self.take_back_bits(bits);
        }
    }
    fn take_back_bits(&mut self, bits: Bits) {
        if let Bits::Made(sheet) = bits {
            self.0.push(sheet);
        }
    }
}

/// What there is to combine in one block.
#[derive(Default)]
struct Sides<'a> {
    lists: Vec<Cow<'a, [u16]>>,
    bits: Vec<Bits<'a>>,
    without_lists: Vec<Cow<'a, [u16]>>,
    without_bits: Vec<Bits<'a>>,
}

impl<'a> Sides<'a> {
    fn of_any(of: &[Expression], sets: &'a [Set], upper: u32, desk: &mut Desk) -> Self {
        let mut sides = Sides::default();
        for expression in of {
            match expression.part(sets, upper, desk) {
                Part::None => {}
                Part::List(list) => sides.lists.push(list),
                Part::Bits(bits) => sides.bits.push(bits),
            }
        }
        sides
    }

    /// Nothing where one has nothing.
    fn of_all(with: &[Expression], without: &[Expression], sets: &'a [Set], upper: u32, desk: &mut Desk) -> Option<Self> {
        let mut sides = Sides::default();
        for expression in with {
            match expression.part(sets, upper, desk) {
                Part::None => {
                    sides.clear(desk);
                    return None;
                }
                Part::List(list) => sides.lists.push(list),
                Part::Bits(bits) => sides.bits.push(bits),
            }
        }
        for expression in without {
            match expression.part(sets, upper, desk) {
                Part::None => {}
                Part::List(list) => sides.without_lists.push(list),
                Part::Bits(bits) => sides.without_bits.push(bits),
            }
        }
        Some(sides)
    }

    fn clear(self, desk: &mut Desk) {
        self.bits.into_iter().chain(self.without_bits).for_each(|bits| desk.take_back_bits(bits));
    }

    fn all(mut self, desk: &mut Desk) -> Part<'a> {
        let part = match self.listed() {
            Some(list) => Part::of_list(list),
            None => {
                let mut sheet = desk.sheet();
                words::all(&borrowed(&self.bits), &borrowed(&self.without_bits), &mut sheet);
                self.without_lists.iter().flat_map(|list| list.iter()).for_each(|m| words::remove(&mut sheet, *m));
                Part::Bits(Bits::Made(sheet))
            }
        };
        self.clear(desk);
        part
    }

    fn count(mut self, desk: &mut Desk) -> u32 {
        let count = if let ([list], true) = (self.lists.as_slice(), self.without_lists.is_empty()) {
            words::count_listed(list, &borrowed(&self.bits), &borrowed(&self.without_bits))
        } else if let Some(list) = self.listed() {
            list.len() as u32
        } else if self.without_lists.is_empty() {
            words::count_all(&borrowed(&self.bits), &borrowed(&self.without_bits))
        } else {
            return desk.counted(|desk| self.all(desk));
        };
        self.clear(desk);
        count
    }

    /// Where one of them is a list: those on the shortest who are in all that is asked.
    fn listed(&mut self) -> Option<Cow<'a, [u16]>> {
        let shortest = (0..self.lists.len()).min_by_key(|n| self.lists[*n].len())?;
        let mut list = self.lists.swap_remove(shortest);
        let is_narrowed = !(self.lists.is_empty() && self.bits.is_empty() && self.without_lists.is_empty() && self.without_bits.is_empty());
        if is_narrowed {
            let members = list.to_mut();
            self.lists.iter().for_each(|other| keep(members, other, true));
            self.without_lists.iter().for_each(|other| keep(members, other, false));
            self.bits.iter().for_each(|bits| members.retain(|m| words::contains(bits, *m)));
            self.without_bits.iter().for_each(|bits| members.retain(|m| !words::contains(bits, *m)));
        }
        Some(list)
    }

    fn any(mut self, desk: &mut Desk) -> Part<'a> {
        if self.bits.is_empty() && self.lists.len() <= 1 {
            return self.lists.pop().map_or(Part::None, Part::of_list);
        }
        if self.lists.is_empty() && self.bits.len() == 1 {
            return self.bits.pop().map_or(Part::None, Part::Bits);
        }
        let mut sheet = desk.sheet();
        words::any(&borrowed(&self.bits), &mut sheet);
        self.lists.iter().flat_map(|list| list.iter()).for_each(|m| words::insert(&mut sheet, *m));
        self.clear(desk);
        Part::Bits(Bits::Made(sheet))
    }

    fn count_any(self, desk: &mut Desk) -> u32 {
        if !self.lists.is_empty() {
            return desk.counted(|desk| self.any(desk));
        }
        let count = words::count_any(&borrowed(&self.bits));
        self.clear(desk);
        count
    }
}

fn borrowed<'b>(bits: &'b [Bits]) -> Vec<&'b Words> {
    bits.iter().map(|bits| &**bits).collect()
}

/// Both are in order.
fn keep(members: &mut Vec<u16>, other: &[u16], is_in: bool) {
    let mut rest = other.iter().peekable();
    members.retain(|m| {
        while rest.next_if(|o| **o < *m).is_some() {}
        (rest.peek() == Some(&m)) == is_in
    });
}
