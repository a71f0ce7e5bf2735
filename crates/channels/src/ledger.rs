//! The ledger in the state store: every delivery, by id, by time, by person, and those that wait to leave.

use std::collections::BTreeMap;

use serde::Serialize;
use weft_http_kit::foreign_cursor;
use weft_profile_kv::key::{Key, Parts, after_prefix};
use weft_profile_kv::{Read, Work};

use crate::delivery::{Delivery, State};
use crate::kernel::{Atom, MessageId, Millis, Page, Result, WorkspaceId};

const DELIVERIES: &str = "deliveries";
/// (created, id) → nothing
const BY_TIME: &str = "deliveries_by_time";
/// (person, created, id) → nothing
const BY_PERSON: &str = "deliveries_by_person";
/// (created, id) → nothing, of those queued
const WAITING: &str = "deliveries_waiting";
/// (id) → nothing, of those told to the log as attempted and not yet ended
const ATTEMPTING: &str = "deliveries_attempting";
/// (person, time, id) → channel, of those that count towards caps
const RESERVED: &str = "deliveries_reserved";
/// (state, reason, channel) → how many
const TOTALS: &str = "delivery_totals";
/// (hour created, state, reason, channel) → how many
const TOTALS_BY_HOUR: &str = "delivery_totals_by_hour";

fn id_key(workspace: WorkspaceId, id: &MessageId) -> Key {
    Key::of(workspace).text(id.as_str())
}
fn time_key(d: &Delivery) -> Key {
    Key::of(d.intent.workspace).time(d.created_at).text(d.intent.id.as_str())
}

pub fn get(read: &dyn Read, workspace: WorkspaceId, id: &MessageId) -> Result<Option<Delivery>> {
    Ok(read.get(DELIVERIES, id_key(workspace, id).as_slice())?.map(|v| serde_json::from_slice(&v)).transpose()?)
}

/// Writes a delivery and keeps every index and total in step with its state.
pub(crate) fn put(work: &mut Work, delivery: &Delivery) -> Result<()> {
    let workspace = delivery.intent.workspace;
    let before = get(work, workspace, &delivery.intent.id)?;
    if before.is_none() {
        work.put(BY_TIME, time_key(delivery), Vec::new());
        let by_person = Key::of(workspace).atom(delivery.intent.person).time(delivery.created_at).text(delivery.intent.id.as_str());
        work.put(BY_PERSON, by_person, Vec::new());
    }
    if let Some(before) = &before {
        total(work, before, -1)?;
    }
    total(work, delivery, 1)?;
    mark(work, WAITING, time_key(delivery), delivery.state == State::Queued);
    mark(work, ATTEMPTING, id_key(workspace, &delivery.intent.id), delivery.state == State::Attempting);
    work.put(DELIVERIES, id_key(workspace, &delivery.intent.id), serde_json::to_vec(delivery)?);
    Ok(())
}

fn mark(work: &mut Work, space: &'static str, key: Key, is_set: bool) {
    if is_set { work.put(space, key, Vec::new()) } else { work.delete(space, key) }
}

fn hour(at: Millis) -> Millis {
    Millis(at.0.div_euclid(Millis::HOUR) * Millis::HOUR)
}

fn total(work: &mut Work, d: &Delivery, by: i64) -> Result<()> {
    let of = |key: Key| key.text(d.state.name()).text(&d.reason).text(&d.intent.channel);
    let workspace = Key::of(d.intent.workspace);
    add(work, TOTALS_BY_HOUR, of(workspace.clone().time(hour(d.created_at))), by)?;
    add(work, TOTALS, of(workspace), by)
}

fn add(work: &mut Work, space: &'static str, key: Key, by: i64) -> Result<()> {
    match work.get(space, key.as_slice())?.map_or(0, |v| number(&v)).saturating_add_signed(by) {
        0 => work.delete(space, key),
        n => work.put(space, key, n.to_be_bytes().to_vec()),
    }
    Ok(())
}

fn number(value: &[u8]) -> u64 {
    value.try_into().map_or(0, u64::from_be_bytes)
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Total {
    pub state: String,
    pub reason: String,
    pub channel: String,
    pub count: u64,
}

/// How many deliveries stand in which state, for which reason. Together they are all there are.
pub fn totals(read: &dyn Read, workspace: WorkspaceId) -> Result<Vec<Total>> {
    let mut found = Vec::new();
    read.scan_prefix(TOTALS, Key::of(workspace).as_slice(), &mut |key, value| {
        let mut parts = Parts(&key[4..]);
        if let (Some(state), Some(reason), Some(channel)) = (parts.text(), parts.text(), parts.text()) {
            found.push(Total { state, reason, channel, count: number(value) });
        }
        Ok(true)
    })?;
    Ok(found)
}

/// The same of those that were asked for from `from` on and before `to`, in whole hours.
pub fn totals_of(read: &dyn Read, workspace: WorkspaceId, from: Option<Millis>, to: Option<Millis>) -> Result<Vec<Total>> {
    if from.is_none() && to.is_none() {
        return totals(read, workspace);
    }
    let begin = Key::of(workspace).time(from.map_or(Millis(i64::MIN), hour));
    let end = Key::of(workspace).time(to.unwrap_or(Millis(i64::MAX)));
    let mut sums = BTreeMap::new();
    read.scan(TOTALS_BY_HOUR, begin.as_slice(), end.as_slice(), &mut |key, value| {
        let mut parts = Parts(&key[4..]);
        if let (Some(_), Some(state), Some(reason), Some(channel)) = (parts.time(), parts.text(), parts.text(), parts.text()) {
            *sums.entry((state, reason, channel)).or_insert(0) += number(value);
        }
        Ok(true)
    })?;
    Ok(sums.into_iter().map(|((state, reason, channel), count)| Total { state, reason, channel, count }).collect())
}

/// Counts towards the caps from now on.
pub(crate) fn reserve(work: &mut Work, d: &Delivery, at: Millis) {
    let key = Key::of(d.intent.workspace).atom(d.intent.person).time(at).text(d.intent.id.as_str());
    work.put(RESERVED, key, d.intent.channel.as_bytes().to_vec());
}

/// What was reserved and certainly never left gives its place back.
pub(crate) fn release(work: &mut Work, d: &Delivery) -> Result<()> {
    let prefix = Key::of(d.intent.workspace).atom(d.intent.person);
    let mut found = None;
    work.scan_prefix(RESERVED, prefix.as_slice(), &mut |key, _| {
        let mut parts = Parts(&key[8..]);
        if parts.time().is_some() && parts.text().as_deref() == Some(d.intent.id.as_str()) {
            found = Some(key.to_vec());
        }
        Ok(found.is_none())
    })?;
    if let Some(key) = found {
        work.delete(RESERVED, key);
    }
    Ok(())
}

/// Messages reserved for these atoms of a person after `after`, on a channel or on all.
pub(crate) fn reserved(read: &dyn Read, workspace: WorkspaceId, atoms: &[Atom], channel: &str, after: Millis) -> Result<u32> {
    let mut count = 0;
    for atom in atoms {
        let from = Key::of(workspace).atom(*atom).time(after.plus(1));
        let to = after_prefix(Key::of(workspace).atom(*atom).as_slice());
        read.scan(RESERVED, from.as_slice(), &to, &mut |_, value| {
            count += u32::from(channel == "*" || value == channel.as_bytes());
            Ok(true)
        })?;
    }
    Ok(count)
}

/// The first deliveries that wait to leave, oldest first, over all workspaces.
pub(crate) fn waiting(read: &dyn Read, visit: &mut dyn FnMut(Delivery) -> Result<bool>) -> Result<()> {
    let mut ids = Vec::new();
    read.scan(WAITING, &[], &[0xff; 16], &mut |key, _| {
        let mut parts = Parts(key);
        if let (Some(workspace), Some(_), Some(id)) = (parts.u32(), parts.time(), parts.text()) {
            ids.push((WorkspaceId(workspace), MessageId(id)));
        }
        Ok(ids.len() < 20_000)
    })?;
    each(read, ids, visit)
}

/// Those of which we told the log that we try, and have not heard the end.
pub(crate) fn attempting(read: &dyn Read, visit: &mut dyn FnMut(Delivery) -> Result<bool>) -> Result<()> {
    let mut ids = Vec::new();
    read.scan(ATTEMPTING, &[], &[0xff; 16], &mut |key, _| {
        let mut parts = Parts(key);
        if let (Some(workspace), Some(id)) = (parts.u32(), parts.text()) {
            ids.push((WorkspaceId(workspace), MessageId(id)));
        }
        Ok(true)
    })?;
    each(read, ids, visit)
}

fn each(read: &dyn Read, ids: Vec<(WorkspaceId, MessageId)>, visit: &mut dyn FnMut(Delivery) -> Result<bool>) -> Result<()> {
    for (workspace, id) in ids {
        if let Some(delivery) = get(read, workspace, &id)?
            && !visit(delivery)?
        {
            break;
        }
    }
    Ok(())
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub states: Vec<String>,
    pub channel: Option<String>,
    pub reason: Option<String>,
    pub journey: Option<String>,
    /// All atoms of the person asked for.
    pub atoms: Option<Vec<Atom>>,
    pub from: Option<Millis>,
    pub to: Option<Millis>,
}

impl Filter {
    fn admits(&self, d: &Delivery) -> bool {
        (self.states.is_empty() || self.states.iter().any(|s| s == d.state.name()))
            && self.channel.as_ref().is_none_or(|c| *c == d.intent.channel)
            && self.reason.as_ref().is_none_or(|r| d.reason.starts_with(r.as_str()))
            && self.journey.as_ref().is_none_or(|j| d.intent.journey.as_ref().is_some_and(|own| own.as_str() == j))
    }
}

/// Rows looked at for one page; a filter that admits few is told where to go on.
const LOOKED_AT: usize = 20_000;

/// Newest first.
pub fn list(read: &dyn Read, workspace: WorkspaceId, filter: &Filter, limit: usize, cursor: Option<&str>) -> Result<Page<Delivery>> {
    let before = cursor.map(parse_cursor).transpose()?;
    let mut keys = newest_keys(read, workspace, filter, before.as_ref())?;
    keys.sort_by(|a, b| b.cmp(a));
    let mut page = Page { items: Vec::new(), next: None };
    for (n, (created, id)) in keys.iter().enumerate() {
        let Some(delivery) = get(read, workspace, &MessageId(id.clone()))? else { continue };
        if filter.admits(&delivery) {
            page.items.push(delivery);
        }
        if page.items.len() == limit || n + 1 == LOOKED_AT {
            page.next = (n + 1 < keys.len()).then(|| format!("{}.{id}", created.0));
            break;
        }
    }
    Ok(page)
}

fn newest_keys(read: &dyn Read, workspace: WorkspaceId, filter: &Filter, before: Option<&(Millis, String)>) -> Result<Vec<(Millis, String)>> {
    let prefixes = match &filter.atoms {
        Some(atoms) => atoms.iter().map(|a| (BY_PERSON, Key::of(workspace).atom(*a))).collect(),
        None => vec![(BY_TIME, Key::of(workspace))],
    };
    let mut keys = Vec::new();
    for (space, prefix) in prefixes {
        let from = prefix.clone().time(filter.from.unwrap_or(Millis(i64::MIN)));
        let to = match (before, filter.to) {
            (Some((at, id)), _) => prefix.clone().time(*at).text(id),
            (None, Some(to)) => prefix.clone().time(to),
            (None, None) => Key(after_prefix(prefix.as_slice())),
        };
        let mut seen = 0;
        read.scan_back(space, from.as_slice(), to.as_slice(), &mut |key, _| {
            let mut parts = Parts(&key[prefix.0.len()..]);
            if let (Some(created), Some(id)) = (parts.time(), parts.text()) {
                keys.push((created, id));
            }
            seen += 1;
            // One more than will be looked at, to know whether there is more.
            Ok(seen <= LOOKED_AT)
        })?;
    }
    Ok(keys)
}

fn parse_cursor(text: &str) -> Result<(Millis, String)> {
    text.split_once('.')
        .and_then(|(at, id)| Some((Millis(at.parse().ok()?), id.to_owned())))
        .ok_or_else(foreign_cursor)
}
