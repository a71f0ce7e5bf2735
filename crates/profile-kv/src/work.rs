//! A batch in the making: reads see what it has written, nobody else does until it is applied.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::Bound;

use ahash::RandomState;
use bytes::Bytes;
use roaring::RoaringBitmap;

use crate::kernel::{Result, Vault};
use crate::{Change, Frozen, Read, Space, pieces};

pub struct Work<'a> {
    base: &'a dyn Read,
    written: Entries,
    /// What stood in `written` before the first write of each key since the last `mark`: a value that is changed a thousand times is kept once.
    undo: HashMap<Place, Option<Written>, RandomState>,
    /// Numbers put into pieces that stood in `written` at the last `mark`, or taken out of them, in order.
    flips: Vec<Flip>,
}

/// Keys and their places, as `undo` knows them.
type Place = (Space, Vec<u8>);

#[derive(Clone)]
enum Written {
    Value(Bytes),
    /// A piece of a set. It is changed once for each of many people, and written once for all of them.
    Piece(RoaringBitmap),
    Gone,
}

struct Flip {
    of: Place,
    number: u32,
    is_in: bool,
}

impl Written {
    fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Written::Value(value) => Some(Cow::Borrowed(value)),
            Written::Piece(piece) => pieces::encode(piece).map(Cow::Owned),
            Written::Gone => None,
        }
    }
}

/// An entry of this batch; nothing where it is deleted.
type Own<'a> = (&'a [u8], Option<Cow<'a, [u8]>>);

impl<'a> Work<'a> {
    pub fn over(base: &'a dyn Read) -> Self {
        Self { base, written: Entries::default(), undo: HashMap::default(), flips: Vec::new() }
    }
    pub fn put(&mut self, space: Space, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.write(space, key.into(), Written::Value(Bytes::from(value.into())));
    }
    pub fn delete(&mut self, space: Space, key: impl Into<Vec<u8>>) {
        self.write(space, key.into(), Written::Gone);
    }
    /// Everything below a key.
    pub fn delete_prefix(&mut self, space: Space, prefix: &[u8]) -> Result<()> {
        self.delete_some(space, prefix, usize::MAX).map(drop)
    }
    /// The same, but so many entries at most. Says whether that was all.
    pub fn delete_some(&mut self, space: Space, prefix: &[u8], most: usize) -> Result<bool> {
        let mut gone = Vec::new();
        self.scan_prefix(space, prefix, &mut |key, _| {
            gone.push(key.to_vec());
            Ok(gone.len() < most)
        })?;
        let is_all = gone.len() < most;
        gone.into_iter().for_each(|key| self.delete(space, key));
        Ok(is_all)
    }
    /// Puts a number into a piece of a set, or takes it out. Says whether that changed anything.
    pub(crate) fn flip(&mut self, space: Space, key: Vec<u8>, number: u32, is_in: bool) -> Result<bool> {
        let flipped = |piece: &mut RoaringBitmap| if is_in { piece.insert(number) } else { piece.remove(number) };
        if let Some(Written::Piece(piece)) = self.written.0.get_mut(space).and_then(|entries| entries.get_mut(&key)) {
            let changed = flipped(piece);
            let of = (space, key);
            // What was written as a whole is taken back as a whole.
            if changed && !self.undo.contains_key(&of) {
                self.flips.push(Flip { of, number, is_in });
            }
            return Ok(changed);
        }
        let mut piece = pieces::decode(self.get(space, &key)?.as_deref())?;
        let changed = flipped(&mut piece);
        if changed {
            self.write(space, key, Written::Piece(piece));
        }
        Ok(changed)
    }
    fn write(&mut self, space: Space, key: Vec<u8>, value: Written) {
        let before = self.written.0.entry(space).or_default().insert(key.clone(), value);
        self.undo.entry((space, key)).or_insert(before);
    }
    /// From here on writes can be taken back, as one.
    pub fn mark(&mut self) {
        self.undo.clear();
        self.flips.clear();
    }
    /// Takes back everything since the last mark: one bad event must not spoil its batch.
    pub fn roll_back(&mut self) {
        for ((space, key), before) in self.undo.drain() {
            let entries = self.written.0.entry(space).or_default();
            match before {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        for Flip { of: (space, key), number, is_in } in self.flips.drain(..).rev() {
            if let Some(Written::Piece(piece)) = self.written.0.get_mut(space).and_then(|entries| entries.get_mut(&key)) {
                let _ = if is_in { piece.remove(number) } else { piece.insert(number) };
            }
        }
    }
    pub fn is_empty(&self) -> bool {
        self.written.0.is_empty()
    }
    /// All changes, to be applied as one.
    pub fn into_changes(self) -> Vec<Change> {
        self.written.changes()
    }
    /// All changes, to be read by who comes next while they are applied.
    pub fn freeze(self) -> Frozen {
        Frozen(self.written)
    }
}

/// What a batch wrote.
#[derive(Default)]
pub(crate) struct Entries(HashMap<Space, BTreeMap<Vec<u8>, Written>, RandomState>);

impl Entries {
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.0.values().map(BTreeMap::len).sum());
        for (space, entries) in &self.0 {
            changes.extend(entries.iter().map(|(key, value)| (*space, key.clone(), value.bytes().map(Cow::into_owned))));
        }
        changes
    }

    /// What was written between two keys, or nothing, quickly.
    fn own(&self, space: Space, from: &[u8], to: &[u8]) -> Vec<Own<'_>> {
        let Some(entries) = self.0.get(space).filter(|_| from < to) else { return Vec::new() };
        let range = entries.range::<[u8], _>((Bound::Included(from), Bound::Excluded(to)));
        range.map(|(key, value)| (key.as_slice(), value.bytes())).collect()
    }

    pub(crate) fn get(&self, base: &dyn Read, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        match self.0.get(space).and_then(|entries| entries.get(key)) {
            Some(Written::Value(value)) => Ok(Some(value.clone())),
            Some(piece) => Ok(piece.bytes().map(|bytes| Bytes::from(bytes.into_owned()))),
            None => base.get(space, key),
        }
    }
    pub(crate) fn scan(&self, base: &dyn Read, space: Space, from: &[u8], to: &[u8], visit: Visit) -> Result<()> {
        let own = self.own(space, from, to);
        if own.is_empty() {
            return base.scan(space, from, to, visit);
        }
        merged(own, |a, b| a < b, |inner| base.scan(space, from, to, inner), visit)
    }
    pub(crate) fn scan_back(&self, base: &dyn Read, space: Space, from: &[u8], to: &[u8], visit: Visit) -> Result<()> {
        let mut own = self.own(space, from, to);
        if own.is_empty() {
            return base.scan_back(space, from, to, visit);
        }
        own.reverse();
        merged(own, |a, b| a > b, |inner| base.scan_back(space, from, to, inner), visit)
    }
}

type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<bool>;

/// Merges the store's entries with our own; ours win. `ahead` says which of two keys comes first in this direction.
fn merged(
    own: Vec<Own<'_>>,
    ahead: fn(&[u8], &[u8]) -> bool,
    walk: impl FnOnce(&mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()>,
    visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>,
) -> Result<()> {
    let mut own = own.into_iter().peekable();
    let mut stopped = false;
    walk(&mut |key, value| {
        while let Some((k, v)) = own.next_if(|(k, _)| ahead(k, key)) {
            if let Some(v) = v
                && !visit(k, &v)?
            {
                stopped = true;
                return Ok(false);
            }
        }
        let go_on = match own.next_if(|(k, _)| *k == key) {
            Some((k, Some(v))) => visit(k, &v)?,
            Some((_, None)) => true,
            None => visit(key, value)?,
        };
        stopped = !go_on;
        Ok(go_on)
    })?;
    if !stopped {
        for (k, v) in own {
            if let Some(v) = v
                && !visit(k, &v)?
            {
                break;
            }
        }
    }
    Ok(())
}

impl Read for Work<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Bytes>> {
        self.written.get(self.base, space, key)
    }
    fn vault(&self) -> &Vault {
        self.base.vault()
    }
    fn scan(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.written.scan(self.base, space, from, to, visit)
    }
    fn scan_back(&self, space: Space, from: &[u8], to: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool>) -> Result<()> {
        self.written.scan_back(self.base, space, from, to, visit)
    }
}
