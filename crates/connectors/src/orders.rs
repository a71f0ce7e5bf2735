//! The lines of one order as one event: a purchase, a refund or a cancellation. Pure.
//!
//! - Every line must be readable, or the whole order is rejected: an order with a line missing has a wrong value.
//! - `value` is the sum of the lines' amounts (amount, or quantity × price), as a positive decimal text.
//!   The lines keep the signs of the file.
//! - Which event it is, is said by the status if the file has one: all lines cancelled, `order_cancelled`; all
//!   refunded, `refund`. If only some are, the event is about the others, and `cancelled_value` tells what they were.
//! - Else by the sum: an order that sums up to less than nothing (or to nothing, with only negative quantities)
//!   gives money back. It is `order_cancelled` if its number is a C and digits, as in invoices that are cancelled by
//!   a counter-invoice, and the file has no status; otherwise `refund`. Both say `refund: true`.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::grouping::Group;
use crate::kernel::event::names;
use crate::kernel::{Event, EventKind, Identifier, Millis};
use crate::plan::{Fault, LineState, Plan, count, event_id, money};
use crate::readers::Row;
use crate::rejected::RejectedRow;
use crate::rows_to_events::Outcome;

/// One line of an order, read.
struct OrderLine {
    item_id: String,
    item_name: String,
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    amount: Decimal,
    status: String,
    state: LineState,
    at: Option<Millis>,
    identifiers: Vec<Identifier>,
    currency: Option<String>,
    /// One per property of the plan.
    values: Vec<Option<Value>>,
}

/// What the rows of an order come to: one event, or all of them rejected.
pub fn outcomes(plan: &Plan, group: Group) -> Vec<Outcome> {
    match event_of(plan, &group) {
        Ok(event) => vec![Outcome::Event { event: Box::new(event), rows: group.entries.len() as u64 }],
        Err(faults) => group
            .entries
            .into_iter()
            .zip(faults)
            .map(|(entry, fault)| Outcome::Rejected(RejectedRow { row: entry.row, code: fault.code, reason: fault.reason }))
            .collect(),
    }
}

/// The event, or a fault per row.
fn event_of(plan: &Plan, group: &Group) -> Result<Event, Vec<Fault>> {
    let all = |fault: Fault| vec![fault; group.entries.len()];
    if group.too_long {
        return Err(all(Fault::new("order_too_long", "more lines have this order number than an order can have; is it the column of the order number?")));
    }
    let lines = read_lines(plan, group)?;
    let order_id = group.entries.first().map_or(Ok(""), |e| plan.named_field("order_id", &e.row)).map_err(all)?;
    let identifiers = people(&lines).map_err(all)?;
    let currency = one_currency(&lines).map_err(all)?;
    let at = lines.iter().filter_map(|l| l.at).min().ok_or_else(|| all(Fault::new("time_missing", "the row has no time")))?;
    let verdict = verdict(plan, order_id, &lines).map_err(all)?;

    let first = &group.entries[0].row;
    let mut event = plan.event(EventKind::Track, verdict.name, at, first.line);
    event.id = id_of(plan, order_id, &verdict, at, &identifiers, currency.as_deref(), &lines);
    event.identifiers = identifiers;
    event.channel = Some(plan.field("channel", first)).filter(|c| !c.is_empty()).map(str::to_owned);
    event.properties = properties(plan, order_id, &verdict, currency, at, &lines);
    if let Some(channel) = &event.channel {
        event.properties.insert("channel".into(), channel.as_str().into());
    }
    Ok(event)
}

fn read_lines(plan: &Plan, group: &Group) -> Result<Vec<OrderLine>, Vec<Fault>> {
    let read: Vec<Result<OrderLine, Fault>> = group
        .entries
        .iter()
        .map(|entry| match &entry.fault {
            Some(fault) => Err(fault.clone()),
            None => read_line(plan, &entry.row),
        })
        .collect();
    let Some(bad) = read.iter().position(Result::is_err) else {
        return Ok(read.into_iter().flatten().collect());
    };
    let line = group.entries[bad].row.line;
    let reason = format!("line {line} of the same order cannot be read; an order is imported whole or not at all");
    Err(read.into_iter().map(|line| line.err().unwrap_or_else(|| Fault::new("order_broken", reason.clone()))).collect())
}

fn read_line(plan: &Plan, row: &Row) -> Result<OrderLine, Fault> {
    let quantity = plan.number("quantity", "quantity_unreadable", row)?;
    let price = plan.number("price", "price_unreadable", row)?;
    let given = plan.number("amount", "amount_unreadable", row)?;
    let amount = match (given, price) {
        (Some(amount), _) => amount,
        (None, Some(price)) => match (quantity, plan.bound.field("quantity")) {
            (Some(quantity), _) => quantity.checked_mul(price).ok_or_else(|| Fault::new("number_too_large", "quantity times price is too large a number"))?,
            (None, None) => price,
            (None, Some(_)) => return Err(Fault::new("quantity_missing", "the row has a price, but neither quantity nor amount")),
        },
        (None, None) => return Err(Fault::new("amount_missing", "the row has neither price nor amount")),
    };
    let status = plan.field("status", row);
    Ok(OrderLine {
        item_id: plan.named_field("item_id", row)?.to_owned(),
        item_name: plan.field("item_name", row).to_owned(),
        quantity,
        price,
        amount,
        state: if status.is_empty() { LineState::Kept } else { plan.line_state(status) },
        status: status.to_owned(),
        at: plan.time(row)?,
        identifiers: plan.identifiers(row)?,
        currency: plan.currency(row)?,
        values: plan.bound.properties.iter().map(|(_, cell)| plan.value(cell, row)).collect(),
    })
}

/// The identifiers that the lines agree on. An order of two people is nobody's.
fn people(lines: &[OrderLine]) -> Result<Vec<Identifier>, Fault> {
    let mut found: Vec<Identifier> = Vec::new();
    for identifier in lines.iter().flat_map(|l| &l.identifiers) {
        match found.iter().find(|f| f.id_type == identifier.id_type) {
            None => found.push(identifier.clone()),
            Some(there) if there.value == identifier.value => {}
            Some(_) => {
                return Err(Fault::new("order_has_two_people", format!("the lines of this order name more than one {}; is the order number unique?", identifier.id_type)));
            }
        }
    }
    Ok(found)
}

fn one_currency(lines: &[OrderLine]) -> Result<Option<String>, Fault> {
    let mut currencies = lines.iter().filter_map(|l| l.currency.as_ref());
    let first = currencies.next();
    if currencies.any(|c| Some(c) != first) {
        return Err(Fault::new("currency_mixed", "the lines of this order have different currencies"));
    }
    Ok(first.cloned())
}

/// What happened, and for how much.
struct Verdict {
    name: &'static str,
    value: Decimal,
    /// Of lines that the status took out of a purchase.
    cancelled: Option<Decimal>,
    gives_back: bool,
}

fn verdict(plan: &Plan, order_id: &str, lines: &[OrderLine]) -> Result<Verdict, Fault> {
    let kept: Vec<_> = lines.iter().filter(|l| l.state == LineState::Kept).collect();
    let gone = sum(lines.iter().filter(|l| l.state != LineState::Kept))?;
    if kept.is_empty() {
        let name = if lines.iter().all(|l| l.state == LineState::Cancelled) { names::ORDER_CANCELLED } else { names::REFUND };
        return Ok(Verdict { name, value: gone.abs(), cancelled: None, gives_back: name == names::REFUND });
    }
    let value = sum(kept.iter().copied())?;
    let takes_back = kept.iter().all(|l| l.quantity.is_some_and(|q| q.is_sign_negative() && !q.is_zero()));
    let gives_back = (value.is_sign_negative() && !value.is_zero()) || (value.is_zero() && takes_back);
    let name = match (gives_back, plan.bound.field("status").is_none() && is_counter_invoice(order_id)) {
        (true, true) => names::ORDER_CANCELLED,
        (true, false) => names::REFUND,
        (false, _) => names::PURCHASE,
    };
    let cancelled = (kept.len() < lines.len()).then(|| gone.abs());
    Ok(Verdict { name, value: value.abs(), cancelled, gives_back })
}

/// `C536379`.
fn is_counter_invoice(order_id: &str) -> bool {
    order_id.strip_prefix(['C', 'c']).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

fn sum<'l>(lines: impl IntoIterator<Item = &'l OrderLine>) -> Result<Decimal, Fault> {
    lines
        .into_iter()
        .try_fold(Decimal::ZERO, |total, line| total.checked_add(line.amount))
        .ok_or_else(|| Fault::new("number_too_large", "the sum of the lines is too large a number"))
}

fn properties(plan: &Plan, order_id: &str, verdict: &Verdict, currency: Option<String>, at: Millis, lines: &[OrderLine]) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("order_id".into(), order_id.into());
    out.insert("value".into(), money(verdict.value));
    if let Some(currency) = currency {
        out.insert("currency".into(), currency.into());
    }
    if verdict.gives_back {
        out.insert("refund".into(), true.into());
    }
    if let Some(cancelled) = verdict.cancelled {
        out.insert("cancelled_value".into(), money(cancelled));
    }
    let one_status = lines.iter().all(|l| l.status == lines[0].status);
    if one_status && !lines[0].status.is_empty() {
        out.insert("status".into(), lines[0].status.as_str().into());
    }
    let of_order: Vec<bool> =
        plan.order_level.iter().enumerate().map(|(i, level)| *level && lines.iter().all(|l| l.values[i] == lines[0].values[i])).collect();
    for ((name, _), (value, _)) in plan.bound.properties.iter().zip(lines[0].values.iter().zip(&of_order)).filter(|(_, (_, order))| **order) {
        if let Some(value) = value {
            out.insert(name.clone(), value.clone());
        }
    }
    let items: Vec<Value> = lines.iter().map(|line| item(plan, line, &of_order, !one_status, at)).collect();
    out.insert("items".into(), items.into());
    out
}

fn item(plan: &Plan, line: &OrderLine, of_order: &[bool], with_status: bool, at: Millis) -> Value {
    let mut out = Map::new();
    for (name, text) in [("item_id", &line.item_id), ("item_name", &line.item_name)] {
        if !text.is_empty() {
            out.insert(name.into(), text.as_str().into());
        }
    }
    if let Some(quantity) = line.quantity {
        out.insert("quantity".into(), count(quantity));
    }
    if let Some(price) = line.price {
        out.insert("price".into(), money(price));
    }
    out.insert("amount".into(), money(line.amount));
    if with_status && !line.status.is_empty() {
        out.insert("status".into(), line.status.as_str().into());
    }
    if let Some(own) = line.at.filter(|own| *own != at) {
        out.insert("time".into(), own.rfc3339().into());
    }
    for (index, (name, _)) in plan.bound.properties.iter().enumerate().filter(|(index, _)| !of_order[*index]) {
        if let Some(value) = &line.values[index] {
            out.insert(name.clone(), value.clone());
        }
    }
    Value::Object(out)
}

/// The order's number, what happened, when, to whom, and the lines with their amounts in whatever order.
fn id_of(plan: &Plan, order_id: &str, verdict: &Verdict, at: Millis, identifiers: &[Identifier], currency: Option<&str>, lines: &[OrderLine]) -> String {
    let mut told: Vec<String> = lines
        .iter()
        .map(|l| format!("{}\n{}\n{}\n{}", l.item_id, l.quantity.map(|q| q.normalize().to_string()).unwrap_or_default(), l.amount.normalize(), l.status))
        .collect();
    told.sort_unstable();
    let who: Vec<String> = identifiers.iter().map(|i| format!("{}\n{}", i.id_type, i.value)).collect();
    let (workspace, at) = (plan.workspace.to_string(), at.0.to_string());
    event_id(&[&workspace, "order", order_id, verdict.name, &at, &who.join("\n"), currency.unwrap_or(""), &told.join("\n\n")])
}
