//! All that is known before the rows are made into events: the mapping, the columns' habits, who and where.

use std::collections::HashSet;

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use crate::kernel::{Event, EventKind, Identifier, Millis, SourceId, WorkspaceId, id};
use crate::mapping::{Bound, Cell, Mapping, currency};
use crate::moments::Moments;
use crate::numbers;
use crate::readers::{CellKind, Row};

/// Words of `status` that mean a cancelled order, folded to lower case.
const CANCELLED: [&str; 16] = [
    "cancelled", "canceled", "cancel", "void", "voided", "closed", "order_cancelled", "已取消", "取消", "订单取消", "交易取消", "交易关闭", "已关闭", "关闭", "作废", "已作废",
];
/// Words of `status` that mean a refund.
const REFUNDED: [&str; 14] =
    ["refunded", "refund", "returned", "return", "chargeback", "已退款", "退款", "退款成功", "退款完成", "已退货", "退货", "退货退款", "全额退款", "退货完成"];
/// Texts that mean nothing, in any cell.
const NOTHING: [&str; 4] = ["", "NULL", "null", "\\N"];
/// Texts that mean nothing where an identifier is expected.
const NOBODY: [&str; 9] = ["NaN", "nan", "NA", "N/A", "#N/A", "None", "none", "undefined", "(null)"];
/// Excel keeps 15 digits; a longer number was cut.
const DIGITS_OF_A_SHEET: usize = 15;

/// Why a row is rejected: a code for machines, a reason for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub reason: String,
}

impl Fault {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
    /// `what` names the field; the value is shown, shortened.
    fn unreadable(code: &'static str, what: &str, value: &str) -> Self {
        let shown: String = value.chars().take(60).collect();
        Self::new(code, format!("the {what} \"{shown}\" cannot be read"))
    }
}

/// What is made of rows, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    pub workspace: WorkspaceId,
    pub source: SourceId,
    /// Names the import in the context of its events.
    pub import: String,
    pub received_at: Millis,
    pub bound: Bound,
    pub moments: Moments,
    /// Of rows that name none.
    pub currency: Option<String>,
    pub mark: char,
    /// Per column: identifiers stand in it as `17850.0` throughout, and 17850 is meant.
    pub whole: Vec<bool>,
    /// Per property of `bound`: it does not change within an order, so it is the order's and not the line's.
    pub order_level: Vec<bool>,
    pub cancelled: HashSet<String>,
    pub refunded: HashSet<String>,
}

/// What a line's status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    Kept,
    Cancelled,
    Refunded,
}

impl Plan {
    /// The words of `status` that this mapping knows: cancelled, refunded.
    pub fn words(mapping: &Mapping) -> (HashSet<String>, HashSet<String>) {
        let all = |known: &[&str], more: &[String]| known.iter().map(|w| (*w).to_owned()).chain(more.iter().map(|w| folded(w))).collect();
        (all(&CANCELLED, &mapping.cancelled), all(&REFUNDED, &mapping.refunded))
    }

    /// The trimmed text of a cell; empty if it means nothing.
    pub fn text<'r>(&'r self, cell: &'r Cell, row: &'r Row) -> &'r str {
        let text = match cell {
            Cell::Column(index) => row.get(*index),
            Cell::Constant(value) => value,
        };
        let text = text.trim();
        if NOTHING.contains(&text) { "" } else { text }
    }

    /// The text of a field; empty if it is not mapped.
    pub fn field<'r>(&'r self, name: &str, row: &'r Row) -> &'r str {
        self.bound.field(name).map_or("", |cell| self.text(cell, row))
    }

    /// The text of a cell that names something: an order, a person, a thing.
    pub fn name<'r>(&'r self, cell: &'r Cell, row: &'r Row) -> Result<&'r str, Fault> {
        let text = self.text(cell, row);
        if NOBODY.contains(&text) {
            return Ok("");
        }
        if let Cell::Column(index) = cell {
            if self.whole.get(*index) == Some(&true) {
                return Ok(text.split_once('.').map_or(text, |(whole, _)| whole));
            }
            let cut = row.kind(*index) == CellKind::Number && text.bytes().filter(u8::is_ascii_digit).count() > DIGITS_OF_A_SHEET;
            if cut || numbers::is_damaged_identifier(text) {
                return Err(Fault::new(
                    "identifier_damaged",
                    format!("\"{text}\" was shortened by a spreadsheet, its last digits are lost; export the column as text"),
                ));
            }
        }
        Ok(text)
    }

    pub fn named_field<'r>(&'r self, name: &str, row: &'r Row) -> Result<&'r str, Fault> {
        self.bound.field(name).map_or(Ok(""), |cell| self.name(cell, row))
    }

    /// A number; `None` if the cell is empty or the field is not mapped.
    pub fn number(&self, name: &'static str, code: &'static str, row: &Row) -> Result<Option<Decimal>, Fault> {
        let text = self.field(name, row);
        if text.is_empty() {
            return Ok(None);
        }
        // Cells that are numbers in a sheet have a point whatever the texts have.
        let is_number = matches!(self.bound.field(name), Some(Cell::Column(i)) if row.kind(*i) == CellKind::Number);
        let mark = if is_number { '.' } else { self.mark };
        numbers::number(text, mark).map(Some).ok_or_else(|| Fault::unreadable(code, name, text))
    }

    /// The moment of a row; `None` if the cell is empty or the field is not mapped.
    pub fn time(&self, row: &Row) -> Result<Option<Millis>, Fault> {
        let text = self.field("time", row);
        if text.is_empty() {
            return Ok(None);
        }
        self.moments.read(text).map(Some).ok_or_else(|| Fault::unreadable("time_unreadable", "time", text))
    }

    /// The currency of a row, or of the mapping.
    pub fn currency(&self, row: &Row) -> Result<Option<String>, Fault> {
        let text = self.field("currency", row);
        if text.is_empty() {
            return Ok(self.currency.clone());
        }
        currency(text).map(Some).ok_or_else(|| Fault::unreadable("currency_unreadable", "currency", text))
    }

    /// All identifiers of a row, strongest first.
    pub fn identifiers(&self, row: &Row) -> Result<Vec<Identifier>, Fault> {
        let mut found = Vec::with_capacity(self.bound.identifiers.len());
        for (id_type, cell) in &self.bound.identifiers {
            let value = self.name(cell, row)?;
            if !value.is_empty() {
                found.push(Identifier::new(id_type.clone(), value));
            }
        }
        Ok(found)
    }

    /// The value of a property as the file's kind of cell has it; `None` if the cell is empty.
    pub fn value(&self, cell: &Cell, row: &Row) -> Option<Value> {
        let text = self.text(cell, row);
        if text.is_empty() {
            return None;
        }
        let kind = if let Cell::Column(index) = cell { row.kind(*index) } else { CellKind::Text };
        Some(match kind {
            CellKind::Text | CellKind::Time => text.into(),
            CellKind::Flag => (text == "true").into(),
            CellKind::Number | CellKind::Json => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        })
    }

    pub fn properties(&self, row: &Row) -> Map<String, Value> {
        self.bound.properties.iter().filter_map(|(name, cell)| self.value(cell, row).map(|v| (name.clone(), v))).collect()
    }

    pub fn line_state(&self, status: &str) -> LineState {
        let status = folded(status);
        if self.cancelled.contains(&status) {
            LineState::Cancelled
        } else if self.refunded.contains(&status) {
            LineState::Refunded
        } else {
            LineState::Kept
        }
    }

    /// An event of this import, without its id.
    pub fn event(&self, kind: EventKind, name: &str, at: Millis, line: u64) -> Event {
        let mut event = Event::track(self.workspace, self.source.clone(), String::new(), name, at);
        event.kind = kind;
        event.received_at = self.received_at;
        event.historical = true;
        event.context.insert("import".into(), self.import.as_str().into());
        event.context.insert("line".into(), line.into());
        event
    }
}

fn folded(word: &str) -> String {
    word.trim().to_lowercase()
}

/// The id of an event is a function of what it says, so that a second run meets the first.
pub fn event_id(parts: &[&str]) -> String {
    let bytes: Vec<&[u8]> = parts.iter().map(|p| p.as_bytes()).collect();
    format!("imported_{}", id::base32(id::derived(&bytes)))
}

/// A decimal as a JSON number if it is whole, else as text: money and measures stay exact.
pub fn count(value: Decimal) -> Value {
    let value = value.normalize();
    match (value.scale(), i64::try_from(value.mantissa())) {
        (0, Ok(whole)) => Value::Number(Number::from(whole)),
        _ => value.to_string().into(),
    }
}

/// A decimal as text.
pub fn money(value: Decimal) -> Value {
    value.normalize().to_string().into()
}
