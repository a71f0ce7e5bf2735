//! What people do with things: describe them, many at once, put them away, and say how events name them.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_context_kit::Parts;
use weft_http_kit::Caller;
use weft_meta_store::Unit;

use crate::definition::{ROOM, THINGS_TOLD, TYPE_DEFINED, ThingsTold, TypeDefined};
use crate::kernel::{Error, Result};
use crate::thing::{self, How, Thing, Told, told};
use crate::types::{self, MOST_TYPES, Settings, check_word};

/// Lines that one call takes, and that one entry of the log tells: events wait no longer than that takes.
pub(crate) const MOST_LINES: usize = 1_000;
const AT_ONCE: usize = 100;

/// One line of many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Value,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
}

/// A line that was not taken, and why.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused {
    /// From 1 on.
    pub line: usize,
    pub id: Option<String>,
    pub code: &'static str,
    pub detail: String,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Taken {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub refused: Vec<Refused>,
}

pub(crate) fn not_found(of: &str, id: &str) -> Error {
    Error::not_found("catalog.thing_not_found", format!("there is no {of} {id} in this workspace")).param("id", id)
}

fn room_for(parts: &Parts, caller: &Caller, of: &str) -> Result<()> {
    check_word(of)?;
    let types = types::all(&*parts.state, caller.workspace())?;
    if types.len() >= MOST_TYPES && types.iter().all(|(name, _)| name != of) {
        return Err(Error::conflict("catalog.too_many_types", format!("a workspace has at most {MOST_TYPES} types of things")).field("type", "too many"));
    }
    Ok(())
}

fn announce(unit: &mut Unit, caller: &Caller, of: &str, how: How, things: &[Told]) {
    for things in things.chunks(AT_ONCE) {
        let said = ThingsTold { of: of.to_owned(), how, by: caller.actor().to_string(), things: things.to_vec() };
        unit.announce(ROOM, THINGS_TOLD, json!(said));
    }
}

fn as_told(thing: Option<&Thing>) -> Option<Value> {
    thing.map(|t| json!({"name": t.name, "attributes": t.attributes, "state": t.state()}))
}

/// Says what a thing is, all of it.
pub(crate) async fn put_thing(parts: &Parts, caller: &Caller, of: &str, what: Told) -> Result<()> {
    room_for(parts, caller, of)?;
    what.check()?;
    let before = thing::get(&*parts.state, caller.workspace(), of, &what.id)?;
    let after = told(before.as_ref(), &what, How::Replace);
    let mut unit = parts.rows.begin(&caller.scope, "put_thing", parts.clock.now()).await?;
    unit.target(&format!("{of}/{}", what.id));
    unit.change(as_told(before.as_ref()), as_told(Some(&after)));
    announce(&mut unit, caller, of, How::Replace, &[what]);
    parts.commit(unit).await
}

/// Puts a thing away, or brings it back.
pub(crate) async fn set_archived(parts: &Parts, caller: &Caller, of: &str, id: &str, is_archived: bool) -> Result<()> {
    thing::get(&*parts.state, caller.workspace(), of, id)?.ok_or_else(|| not_found(of, id))?;
    let (operation, how) = if is_archived { ("archive_thing", How::Archive) } else { ("restore_thing", How::Restore) };
    let mut unit = parts.rows.begin(&caller.scope, operation, parts.clock.now()).await?;
    unit.target(&format!("{of}/{id}"));
    announce(&mut unit, caller, of, how, &[Told { id: id.to_owned(), ..Told::default() }]);
    parts.commit(unit).await
}

/// Says what many things are. A line that cannot be taken is explained, and takes no other with it.
pub(crate) async fn import_things(parts: &Parts, caller: &Caller, of: &str, lines: Vec<Value>, replaces: bool) -> Result<Taken> {
    room_for(parts, caller, of)?;
    if lines.len() > MOST_LINES {
        return Err(Error::invalid("catalog.too_many_things", format!("{} things; one call takes {MOST_LINES}", lines.len())).field("things", format!("at most {MOST_LINES} at a time")));
    }
    let how = if replaces { How::Replace } else { How::Merge };
    let (mut taken, mut things, mut seen) = (Taken::default(), Vec::new(), HashSet::new());
    for (index, line) in lines.into_iter().enumerate() {
        let id = text_of(line.get("id"));
        match read_line(line, &mut seen) {
            Ok(what) => {
                let before = thing::get(&*parts.state, caller.workspace(), of, &what.id)?;
                match &before {
                    Some(before) if told(Some(before), &what, how) == *before => taken.unchanged += 1,
                    Some(before) if before.is_described => taken.changed += 1,
                    _ => taken.created += 1,
                }
                things.push(what);
            }
            Err(e) => taken.refused.push(Refused { line: index + 1, id, code: e.code, detail: e.detail }),
        }
    }
    let mut unit = parts.rows.begin(&caller.scope, "import_things", parts.clock.now()).await?;
    unit.target(of);
    unit.change(None, Some(json!({"created": taken.created, "changed": taken.changed, "unchanged": taken.unchanged, "refused": taken.refused.len()})));
    announce(&mut unit, caller, of, how, &things);
    parts.commit(unit).await?;
    Ok(taken)
}

/// An id may be written as a number.
fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn read_line(line: Value, seen: &mut HashSet<String>) -> Result<Told> {
    let line: Line = serde_json::from_value(line).map_err(|e| Error::invalid("catalog.thing_invalid", format!("a line is {{id, name, attributes}}: {e}")))?;
    let id = text_of(Some(&line.id)).unwrap_or_default();
    let what = Told { id, name: line.name, attributes: line.attributes };
    what.check()?;
    if !seen.insert(what.id.clone()) {
        return Err(Error::invalid("catalog.id_twice", format!("{} stands there twice; the first line counts", what.id)).field("id", "stands there twice"));
    }
    Ok(what)
}

/// Says how events name things of a type.
pub(crate) async fn define_type(parts: &Parts, caller: &Caller, of: &str, settings: Settings) -> Result<()> {
    room_for(parts, caller, of)?;
    settings.check()?;
    let before = types::settings(&*parts.state, caller.workspace(), of)?;
    let mut unit = parts.rows.begin(&caller.scope, "define_thing_type", parts.clock.now()).await?;
    unit.target(of);
    unit.change(Some(json!(before)), Some(json!(settings)));
    unit.announce(ROOM, TYPE_DEFINED, json!(TypeDefined { of: of.to_owned(), settings }));
    parts.commit(unit).await
}
