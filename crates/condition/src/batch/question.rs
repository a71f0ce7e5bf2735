//! A part of a condition as text, so that it can travel in a plan as a literal and be asked by the same code there.

use datafusion::common::{DataFusionError, Result};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::Fault;
use crate::compare::Test;
use crate::json::{read_event, read_where};
use crate::kernel::Millis;
use crate::tree::{EventTest, NamedTest, Where};
use crate::when::Moment;

/// What is asked, when, and in which zone.
pub(super) struct Question {
    now: Millis,
    zone: TimeZone,
    pub(super) asked: Asked,
}

pub(super) enum Asked {
    /// Of an object: does it satisfy the filter?
    Where(Where),
    /// Of one value: does it pass the test?
    Value(Test),
    /// Of an object: which moment does this field tell?
    Time(String),
    /// Of events: does the aggregate hold?
    Event(Box<EventTest>),
    /// Of marked events: did so many steps happen in order within so many milliseconds?
    Order { steps: usize, within: i64 },
}

/// The form in which a question travels.
#[derive(Serialize, Deserialize)]
struct Written {
    now: i64,
    #[serde(with = "jiff::fmt::serde::tz::required")]
    zone: TimeZone,
    asked: WrittenAsked,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenAsked {
    Where(Value),
    Value(Value),
    Time(String),
    Event(Value),
    Order { steps: usize, within: i64 },
}

impl Question {
    pub(super) fn new(moment: Moment<'_>, asked: Asked) -> Self {
        Self { now: moment.now, zone: moment.zone.clone(), asked }
    }

    pub(super) fn moment(&self) -> Moment<'_> {
        Moment { now: self.now, zone: &self.zone }
    }

    pub(super) fn write(&self) -> Result<String> {
        let asked = match &self.asked {
            Asked::Where(filter) => WrittenAsked::Where(filter.to_json()),
            Asked::Value(test) => WrittenAsked::Value(NamedTest { name: String::new(), test: test.clone() }.to_json("property")),
            Asked::Time(name) => WrittenAsked::Time(name.clone()),
            Asked::Event(event) => WrittenAsked::Event(event.to_json()),
            Asked::Order { steps, within } => WrittenAsked::Order { steps: *steps, within: *within },
        };
        let written = Written { now: self.now.0, zone: self.zone.clone(), asked };
        serde_json::to_string(&written).map_err(|e| DataFusionError::External(Box::new(e)))
    }

    pub(super) fn read(text: &str) -> Result<Self> {
        let written: Written = serde_json::from_str(text).map_err(|e| DataFusionError::External(Box::new(e)))?;
        let asked = match written.asked {
            WrittenAsked::Where(json) => Asked::Where(read_where(&json).map_err(unreadable)?),
            WrittenAsked::Value(json) => match read_where(&json).map_err(unreadable)? {
                Where::Property(named) => Asked::Value(named.test),
                Where::All(_) | Where::Any(_) | Where::Not(_) => return Err(unreadable(Vec::new())),
            },
            WrittenAsked::Time(name) => Asked::Time(name),
            WrittenAsked::Event(json) => Asked::Event(Box::new(read_event(&json).map_err(unreadable)?)),
            WrittenAsked::Order { steps, within } => Asked::Order { steps, within },
        };
        Ok(Self { now: Millis(written.now), zone: written.zone, asked })
    }
}

fn unreadable(faults: Vec<Fault>) -> DataFusionError {
    let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
    DataFusionError::Plan(format!("a question that no condition asks: {}", all.join("; ")))
}
