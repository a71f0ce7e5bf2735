//! Rows as events: one per order, per thing that happened, per person, per thing. Nothing is sent or stored here.

use crate::grouping::{Entry, Groups};
use crate::kernel::event::Identifier;
use crate::kernel::{Event, EventKind, Result};
use crate::mapping::Kind;
use crate::orders;
use crate::plan::{Fault, Plan, event_id};
use crate::readers::{Line, Row};
use crate::rejected::RejectedRow;
use crate::scan::order_key;


/// Where a row ends: in an event, alone or with others, or among the rejected.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Event { event: Box<Event>, rows: u64 },
    Rejected(RejectedRow),
}

/// Takes lines in the order of the file and hands out their outcomes; the outcome of an order comes after its last row.
pub struct RowsToEvents {
    plan: Plan,
    groups: Groups,
}

impl RowsToEvents {
    pub fn new(plan: Plan, groups: Groups) -> Self {
        Self { plan, groups }
    }

    pub fn take(&mut self, line: Line<'_>, out: &mut dyn FnMut(Outcome) -> Result<()>) -> Result<()> {
        let (row, fault) = match line {
            Line::Row(row) => (row, None),
            Line::Bad { row, code, reason } => (row, Some(Fault::new(code, reason))),
        };
        if self.plan.bound.kind == Kind::Orders {
            return self.take_line_of_order(row, fault, out);
        }
        let made = match fault {
            Some(fault) => Err(fault),
            None => event_of_row(&self.plan, row),
        };
        out(match made {
            Ok(event) => Outcome::Event { event: Box::new(event), rows: 1 },
            Err(fault) => rejected(row, fault),
        })
    }

    fn take_line_of_order(&mut self, row: &Row, fault: Option<Fault>, out: &mut dyn FnMut(Outcome) -> Result<()>) -> Result<()> {
        let key = order_key(&self.plan.bound, row);
        if key.is_empty() {
            let fault = fault.unwrap_or_else(|| Fault::new("order_id_missing", "the row has no order number"));
            return out(rejected(row, fault));
        }
        let plan = &self.plan;
        self.groups.push(key, Entry { row: row.clone(), fault }, &mut |group| orders::outcomes(plan, group).into_iter().try_for_each(&mut *out))
    }

    /// Hands out what was waiting for more rows.
    pub fn finish(&mut self, out: &mut dyn FnMut(Outcome) -> Result<()>) -> Result<()> {
        let plan = &self.plan;
        self.groups.finish(&mut |group| orders::outcomes(plan, group).into_iter().try_for_each(&mut *out))
    }
}

fn rejected(row: &Row, fault: Fault) -> Outcome {
    Outcome::Rejected(RejectedRow { row: row.clone(), code: fault.code, reason: fault.reason })
}

fn event_of_row(plan: &Plan, row: &Row) -> Result<Event, Fault> {
    match plan.bound.kind {
        Kind::Events => happened(plan, row),
        Kind::People => person(plan, row),
        Kind::Things | Kind::Orders => thing(plan, row),
    }
}

fn happened(plan: &Plan, row: &Row) -> Result<Event, Fault> {
    let name = plan.field("name", row);
    if name.is_empty() {
        return Err(Fault::new("name_missing", "the row does not say what happened"));
    }
    let at = plan.time(row)?.ok_or_else(|| Fault::new("time_missing", "the row has no time"))?;
    let mut event = plan.event(EventKind::Track, name, at, row.line);
    event.identifiers = plan.identifiers(row)?;
    event.properties = plan.properties(row);
    let channel = plan.field("channel", row);
    if !channel.is_empty() {
        event.channel = Some(channel.to_owned());
        event.properties.insert("channel".into(), channel.into());
    }
    let given = plan.named_field("event_id", row)?;
    event.id = if given.is_empty() { id_of_row(plan, "event", &event, true) } else { given.to_owned() };
    Ok(event)
}

fn person(plan: &Plan, row: &Row) -> Result<Event, Fault> {
    let identifiers = plan.identifiers(row)?;
    if identifiers.is_empty() {
        return Err(Fault::new("identifier_missing", "the row has nothing by which the person is known"));
    }
    let at = plan.time(row)?;
    let mut event = plan.event(EventKind::ProfileSet, "profile_set", at.unwrap_or(plan.received_at), row.line);
    event.traits = plan.properties(row);
    // An address is also something that is known of her, and that messages are sent to.
    for Identifier { id_type, value } in identifiers.iter().filter(|i| i.id_type == "email" || i.id_type == "phone") {
        event.traits.entry(id_type.clone()).or_insert_with(|| value.as_str().into());
    }
    event.identifiers = identifiers;
    event.id = id_of_row(plan, "person", &event, at.is_some());
    Ok(event)
}

fn thing(plan: &Plan, row: &Row) -> Result<Event, Fault> {
    let thing_id = plan.named_field("thing_id", row)?;
    if thing_id.is_empty() {
        return Err(Fault::new("thing_id_missing", "the row does not say which thing it is about"));
    }
    let given = plan.field("thing_type", row);
    let at = plan.time(row)?;
    let mut event = plan.event(EventKind::ThingSet, "thing_set", at.unwrap_or(plan.received_at), row.line);
    event.thing = Some(Identifier::new(if given.is_empty() { "goods" } else { given }, thing_id));
    event.traits = plan.properties(row);
    event.id = id_of_row(plan, "thing", &event, at.is_some());
    Ok(event)
}

/// Everything the row says. A time counts only if the row has one.
fn id_of_row(plan: &Plan, what: &str, event: &Event, timed: bool) -> String {
    let told = serde_json::json!([event.name, event.identifiers, event.thing, event.properties, event.traits, timed.then_some(event.ts.0)]);
    event_id(&[&plan.workspace.to_string(), what, &told.to_string()])
}
