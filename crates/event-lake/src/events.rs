//! The `events` table: its columns, events as rows, and rows as events again.
//!
//! A row holds the whole event, so that the old part of the log can live here. Who the person is today is not in it:
//! a row holds the *atom* (see `kernel::id`), and the query engine maps it.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayBuilder, ArrayRef, AsArray, BooleanBuilder, Decimal128Builder, RecordBatch, StringBuilder, TimestampMillisecondBuilder, UInt32Builder,
    UInt64Builder,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMillisecondType, UInt32Type, UInt64Type};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::failed;
use crate::kernel::event::id_types;
use crate::kernel::id::Atom;
use crate::kernel::{Error, Event, EventKind, Identifier, Millis, Result, SourceId, WorkspaceId, money};
use crate::stored::long_text;

/// Name of the table.
pub const TABLE: &str = "events";
/// What it is partitioned by.
pub const PARTITION_BY: &[&str] = &[WORKSPACE];

pub const EVENT_ID: &str = "event_id";
pub const NAME: &str = "name";
pub const TS: &str = "ts";
pub const RECEIVED_AT: &str = "received_at";
pub const ANONYMOUS_ID: &str = "anonymous_id";
pub const USER_ID: &str = "user_id";
pub const SOURCE: &str = "source";
pub const CHANNEL: &str = "channel";
pub const PROPERTIES: &str = "properties";
pub const KIND: &str = "kind";
pub const CONTEXT: &str = "context";
pub const TRAITS: &str = "traits";
pub const IDENTIFIERS: &str = "identifiers";
pub const PREVIOUS: &str = "previous";
pub const THING_TYPE: &str = "thing_type";
pub const THING_ID: &str = "thing_id";
pub const ORIGINAL_TS: &str = "original_ts";
pub const HISTORICAL: &str = "historical";
pub const ATOM: &str = "atom";
pub const POSITION: &str = "position";
pub const WORKSPACE: &str = "workspace";

/// Columns that the query engine adds to those of the table: who the person is today, as id and as number.
pub const RESERVED: [&str; 2] = ["person", "person_number"];

/// Digits before and after the point of a declared number.
const NUMBER: (u8, i8) = (38, 10);

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

/// The columns that every event has.
pub fn schema() -> SchemaRef {
    schema_with(&[])
}

/// The columns of [`schema`] and a typed column for each declared property.
pub fn schema_with(declared: &[Declared]) -> SchemaRef {
    let mut fields = vec![
        Field::new(EVENT_ID, DataType::Utf8, false),
        Field::new(NAME, DataType::Utf8, false),
        Field::new(TS, time(), false),
        Field::new(RECEIVED_AT, time(), false),
        Field::new(ANONYMOUS_ID, DataType::Utf8, true),
        Field::new(USER_ID, DataType::Utf8, true),
        Field::new(SOURCE, DataType::Utf8, false),
        Field::new(CHANNEL, DataType::Utf8, true),
        long_text(PROPERTIES, true),
        Field::new(KIND, DataType::Utf8, false),
        long_text(CONTEXT, true),
        long_text(TRAITS, true),
        long_text(IDENTIFIERS, true),
        long_text(PREVIOUS, true),
        Field::new(THING_TYPE, DataType::Utf8, true),
        Field::new(THING_ID, DataType::Utf8, true),
        Field::new(ORIGINAL_TS, time(), true),
        Field::new(HISTORICAL, DataType::Boolean, true),
        Field::new(ATOM, DataType::UInt32, true),
        Field::new(POSITION, DataType::UInt64, false),
    ];
    fields.extend(declared.iter().map(|d| Field::new(&d.property, d.kind.data_type(), true)));
    fields.push(Field::new(WORKSPACE, DataType::UInt32, false));
    Arc::new(Schema::new(fields))
}

/// A property of the tracking plan that has a column of its own, named as the property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    property: String,
    kind: DeclaredKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclaredKind {
    Text,
    /// Decimal with ten digits after the point.
    Number,
    Boolean,
    Time,
}

impl DeclaredKind {
    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Number => number_type(),
            Self::Boolean => DataType::Boolean,
            Self::Time => time(),
        }
    }
}

impl Declared {
    /// Refused where the name is that of a column which every event has.
    pub fn new(property: &str, kind: DeclaredKind) -> Result<Self> {
        let schema = schema();
        let taken = schema.fields().iter().map(|f| f.name().as_str()).chain(RESERVED);
        if taken.map(str::to_lowercase).any(|name| name == property.to_lowercase()) {
            return Err(Error::invalid("event_lake.column_taken", format!("{property:?} is a column of every event"))
                .param("column", property));
        }
        Ok(Self { property: property.to_owned(), kind })
    }
}

/// Events on their way into a batch.
pub struct Rows {
    declared: Vec<(Declared, TypedColumn)>,
    schema: SchemaRef,
    texts: [StringBuilder; TEXTS.len()],
    ts: TimestampMillisecondBuilder,
    received_at: TimestampMillisecondBuilder,
    original_ts: TimestampMillisecondBuilder,
    historical: BooleanBuilder,
    atom: UInt32Builder,
    position: UInt64Builder,
    workspace: UInt32Builder,
    bytes: usize,
}

const TEXTS: [&str; 14] = [
    EVENT_ID, NAME, ANONYMOUS_ID, USER_ID, SOURCE, CHANNEL, PROPERTIES, KIND, CONTEXT, TRAITS, IDENTIFIERS, PREVIOUS, THING_TYPE, THING_ID,
];

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

impl Rows {
    pub fn new() -> Self {
        Self::with_declared(&[])
    }

    /// Rows that also fill the columns of declared properties.
    pub fn with_declared(declared: &[Declared]) -> Self {
        Self {
            declared: declared.iter().map(|d| (d.clone(), TypedColumn::new(d.kind))).collect(),
            schema: schema_with(declared),
            texts: std::array::from_fn(|_| StringBuilder::new()),
            ts: TimestampMillisecondBuilder::new(),
            received_at: TimestampMillisecondBuilder::new(),
            original_ts: TimestampMillisecondBuilder::new(),
            historical: BooleanBuilder::new(),
            atom: UInt32Builder::new(),
            position: UInt64Builder::new(),
            workspace: UInt32Builder::new(),
            bytes: 0,
        }
    }

    /// `position` is that of the event in the log; `atom` says who did it, where somebody did.
    pub fn push(&mut self, event: &Event, position: u64, atom: Option<Atom>) -> Result<()> {
        let object = |map: &Map<String, Value>| if map.is_empty() { Ok(None) } else { serde_json::to_string(map).map(Some) };
        let thing = event.thing.as_ref();
        let texts: [Option<std::borrow::Cow<'_, str>>; TEXTS.len()] = [
            Some(event.id.as_str().into()),
            Some(event.name.as_str().into()),
            event.identifier(id_types::ANONYMOUS).map(Into::into),
            event.identifier(id_types::USER).map(Into::into),
            Some(event.source.as_str().into()),
            event.channel.as_deref().map(Into::into),
            object(&event.properties)?.map(Into::into),
            Some(kind_text(event.kind).into()),
            object(&event.context)?.map(Into::into),
            traits_text(event)?.map(Into::into),
            identifiers_text(event)?.map(Into::into),
            event.previous.as_ref().map(serde_json::to_string).transpose()?.map(Into::into),
            thing.map(|t| t.id_type.as_str().into()),
            thing.map(|t| t.value.as_str().into()),
        ];
        for (column, text) in self.texts.iter_mut().zip(&texts) {
            self.bytes += text.as_deref().map_or(0, str::len) + 4;
            column.append_option(text.as_deref());
        }
        self.bytes += 48;
        self.ts.append_value(event.ts.0);
        self.received_at.append_value(event.received_at.0);
        self.original_ts.append_option(event.original_ts);
        self.historical.append_option(event.historical.then_some(true));
        self.atom.append_option(atom);
        self.position.append_value(position);
        self.workspace.append_value(event.workspace.0);
        for (declared, column) in &mut self.declared {
            column.push(event.properties.get(&declared.property));
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.position.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how much memory the rows take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows so far as one batch; begins anew.
    pub fn finish(&mut self) -> Result<RecordBatch> {
        self.bytes = 0;
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        for (name, column) in TEXTS.iter().zip(&mut self.texts) {
            columns.push((name, Arc::new(column.finish())));
        }
        for (name, column) in [(TS, &mut self.ts), (RECEIVED_AT, &mut self.received_at), (ORIGINAL_TS, &mut self.original_ts)] {
            columns.push((name, Arc::new(column.finish().with_timezone("UTC"))));
        }
        columns.push((HISTORICAL, Arc::new(self.historical.finish())));
        columns.push((ATOM, Arc::new(self.atom.finish())));
        columns.push((POSITION, Arc::new(self.position.finish())));
        columns.push((WORKSPACE, Arc::new(self.workspace.finish())));
        for (declared, column) in &mut self.declared {
            columns.push((&declared.property, column.finish()));
        }
        let in_order = self.schema.fields().iter().map(|field| {
            let found = columns.iter().find(|(name, _)| name == field.name()).map(|(_, column)| column.clone());
            found.ok_or_else(|| Error::bug("event_lake.failed", format!("no column {}", field.name())))
        });
        RecordBatch::try_new(self.schema.clone(), in_order.collect::<Result<_>>()?).map_err(failed)
    }
}

enum TypedColumn {
    Text(StringBuilder),
    Number(Decimal128Builder),
    Boolean(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
}

impl TypedColumn {
    fn new(kind: DeclaredKind) -> Self {
        match kind {
            DeclaredKind::Text => Self::Text(StringBuilder::new()),
            DeclaredKind::Number => Self::Number(Decimal128Builder::new().with_data_type(number_type())),
            DeclaredKind::Boolean => Self::Boolean(BooleanBuilder::new()),
            DeclaredKind::Time => Self::Time(TimestampMillisecondBuilder::new()),
        }
    }

    /// What does not fit the declaration is null here; it stands as it came in `properties`.
    fn push(&mut self, value: Option<&Value>) {
        match self {
            Self::Text(column) => match value {
                None | Some(Value::Null) => column.append_null(),
                Some(Value::String(text)) => column.append_value(text),
                Some(other) => column.append_value(other.to_string()),
            },
            Self::Number(column) => column.append_option(value.and_then(money::decimal).and_then(number_units)),
            Self::Boolean(column) => column.append_option(value.and_then(Value::as_bool)),
            Self::Time(column) => column.append_option(value.and_then(Value::as_str).and_then(Millis::parse).map(|t| t.0)),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(column.finish()),
            Self::Number(column) => Arc::new(column.finish()),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish().with_timezone("UTC")),
        }
    }
}

/// How a number from an event stands in a column: a decimal with ten digits after the point.
pub fn number_type() -> DataType {
    DataType::Decimal128(NUMBER.0, NUMBER.1)
}

/// A number in units of 10⁻¹⁰, rounded half to even; nothing if it has more than 28 digits before the point.
pub fn number_units(value: Decimal) -> Option<i128> {
    let scale = u32::from(NUMBER.1.unsigned_abs());
    let value = value.round_dp(scale);
    let units = value.mantissa().checked_mul(10i128.checked_pow(scale - value.scale())?)?;
    (units.unsigned_abs() < 10u128.pow(u32::from(NUMBER.0))).then_some(units)
}

/// Nothing, where the columns `user_id` and `anonymous_id` tell all, in this order.
fn identifiers_text(event: &Event) -> Result<Option<String>> {
    let told = identifiers_of(event.identifier(id_types::USER), event.identifier(id_types::ANONYMOUS));
    if told == event.identifiers { Ok(None) } else { Ok(Some(serde_json::to_string(&event.identifiers)?)) }
}

fn identifiers_of(user: Option<&str>, anonymous: Option<&str>) -> Vec<Identifier> {
    let user = user.map(|v| Identifier::new(id_types::USER, v));
    user.into_iter().chain(anonymous.map(|v| Identifier::new(id_types::ANONYMOUS, v))).collect()
}

fn kind_text(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Track => "track",
        EventKind::Identify => "identify",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
        EventKind::Group => "group",
        EventKind::Alias => "alias",
        EventKind::SignUp => "sign_up",
        EventKind::ProfileSet => "profile_set",
        EventKind::ProfileSetOnce => "profile_set_once",
        EventKind::ProfileIncrement => "profile_increment",
        EventKind::ProfileAppend => "profile_append",
        EventKind::ProfileUnset => "profile_unset",
        EventKind::ProfileDelete => "profile_delete",
        EventKind::ThingSet => "thing_set",
        EventKind::ThingSetOnce => "thing_set_once",
        EventKind::ThingIncrement => "thing_increment",
        EventKind::ThingAppend => "thing_append",
        EventKind::ThingUnset => "thing_unset",
        EventKind::ThingDelete => "thing_delete",
    }
}

/// What stands in place of a trait's value that is sealed.
const SEALED: &str = "$sealed";

/// Traits as an object; who reads it beside us sees which values are sealed.
fn traits_text(event: &Event) -> Result<Option<String>> {
    if event.traits.is_empty() {
        return Ok(None);
    }
    let wrapped = |(name, value): (&String, &Value)| {
        let is_sealed = event.sealed.contains(name);
        (name.clone(), if is_sealed { serde_json::json!({ SEALED: value }) } else { value.clone() })
    };
    if event.sealed.is_empty() {
        return Ok(Some(serde_json::to_string(&event.traits)?));
    }
    Ok(Some(serde_json::to_string(&event.traits.iter().map(wrapped).collect::<Map<_, _>>())?))
}

fn unwrapped(mut traits: Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
    let mut sealed = Vec::new();
    for (name, value) in &mut traits {
        if let Some(inside) = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.get(SEALED)) {
            *value = inside.clone();
            sealed.push(name.clone());
        }
    }
    (traits, sealed)
}

/// A row, read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub event: Event,
    pub position: u64,
    pub atom: Option<Atom>,
}

/// The events of a batch that has the columns of [`schema`], in any order.
pub fn read(batch: &RecordBatch) -> Result<Vec<Stored>> {
    let column = |name: &str, data_type: &DataType| {
        let column = batch.column_by_name(name).ok_or_else(|| {
            Error::invalid("event_lake.column_missing", format!("events have a column {name}")).param("column", name)
        })?;
        cast(column, data_type).map_err(failed)
    };
    let texts = TEXTS.iter().map(|name| column(name, &DataType::Utf8)).collect::<Result<Vec<_>>>()?;
    let text = |name: &str, row: usize| {
        let at = TEXTS.iter().position(|n| *n == name)?;
        let column = texts[at].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row))
    };
    let times = [TS, RECEIVED_AT, ORIGINAL_TS].map(|name| column(name, &time()));
    let [ts, received_at, original_ts] = times;
    let (ts, received_at, original_ts) = (ts?, received_at?, original_ts?);
    let at = |column: &ArrayRef, row: usize| column.as_primitive::<TimestampMillisecondType>().value(row);
    let historical = column(HISTORICAL, &DataType::Boolean)?;
    let (atom, workspace) = (column(ATOM, &DataType::UInt32)?, column(WORKSPACE, &DataType::UInt32)?);
    let position = column(POSITION, &DataType::UInt64)?;
    let object = |name: &str, row: usize| -> Result<Map<String, Value>> {
        Ok(text(name, row).map(serde_json::from_str).transpose()?.unwrap_or_default())
    };
    let mut events = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let (user, anonymous) = (text(USER_ID, row), text(ANONYMOUS_ID, row));
        let (traits, sealed) = unwrapped(object(TRAITS, row)?);
        let event = Event {
            id: text(EVENT_ID, row).unwrap_or_default().to_owned(),
            workspace: WorkspaceId(workspace.as_primitive::<UInt32Type>().value(row)),
            source: SourceId::from(text(SOURCE, row).unwrap_or_default()),
            kind: serde_json::from_value(Value::from(text(KIND, row).unwrap_or_default()))?,
            name: text(NAME, row).unwrap_or_default().to_owned(),
            ts: Millis(at(&ts, row)),
            received_at: Millis(at(&received_at, row)),
            original_ts: original_ts.is_valid(row).then(|| at(&original_ts, row)),
            identifiers: match text(IDENTIFIERS, row) {
                Some(told) => serde_json::from_str(told)?,
                None => identifiers_of(user, anonymous),
            },
            previous: text(PREVIOUS, row).map(serde_json::from_str).transpose()?,
            thing: text(THING_TYPE, row).zip(text(THING_ID, row)).map(|(id_type, value)| Identifier::new(id_type, value)),
            properties: object(PROPERTIES, row)?,
            traits,
            sealed,
            context: object(CONTEXT, row)?,
            channel: text(CHANNEL, row).map(str::to_owned),
            historical: historical.is_valid(row) && historical.as_boolean().value(row),
        };
        let atom = atom.is_valid(row).then(|| atom.as_primitive::<UInt32Type>().value(row));
        events.push(Stored { event, position: position.as_primitive::<UInt64Type>().value(row), atom });
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_sealed_is_told_apart_from_what_looks_so() {
        let mut event = Event::track(WorkspaceId(1), SourceId::from("src_a"), "e", "identify", Millis(1)).with_trait("city", "Graz");
        assert_eq!(traits_text(&event).unwrap().unwrap(), r#"{"city":"Graz"}"#);
        event = event.with_trait("illness", "v1.AAAA");
        event.sealed = vec!["illness".into()];
        let text = traits_text(&event).unwrap().unwrap();
        assert_eq!(text, r#"{"city":"Graz","illness":{"$sealed":"v1.AAAA"}}"#);
        assert_eq!(unwrapped(serde_json::from_str(&text).unwrap()), (event.traits, event.sealed));
    }

    #[test]
    fn kinds_are_spelled_as_the_log_spells_them() {
        use EventKind::*;
        let kinds = [
            Track, Identify, Page, Screen, Group, Alias, SignUp, ProfileSet, ProfileSetOnce, ProfileIncrement, ProfileAppend, ProfileUnset,
            ProfileDelete, ThingSet, ThingSetOnce, ThingIncrement, ThingAppend, ThingUnset, ThingDelete,
        ];
        for kind in kinds {
            assert_eq!(json!(kind), json!(kind_text(kind)));
        }
    }

    #[test]
    fn an_event_comes_back_whole() {
        let plain = Event::track(WorkspaceId(1), "src_1".into(), "e1", "purchase", Millis(1_795_316_412_045))
            .with_identifier("user_id", "42")
            .with_identifier("anonymous_id", "a-1");
        let mut odd = Event::track(WorkspaceId(7), "src_2".into(), "e2", "名字", Millis(-5))
            .with_identifier("anonymous_id", "a-2")
            .with_identifier("email", "x@example.org")
            .with_property("价格", "12.30")
            .with_property("deep", json!({"a": [1, null, {"b": "c"}]}))
            .with_trait("city", "上海");
        odd.kind = EventKind::SignUp;
        odd.received_at = Millis(9);
        odd.original_ts = Some(-77);
        odd.previous = Some(Identifier::new("anonymous_id", "old"));
        odd.thing = Some(Identifier::new("sku", "s-1"));
        odd.context.insert("ip".into(), json!("203.0.113.9"));
        odd.channel = Some("web".into());
        odd.historical = true;
        let mut rows = Rows::new();
        rows.push(&plain, 11, Some(3)).unwrap();
        rows.push(&odd, u64::from(u32::MAX) + 5, None).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.bytes() > 100);
        let batch = rows.finish().unwrap();
        assert!(rows.is_empty());
        assert!(batch.column_by_name(IDENTIFIERS).unwrap().is_null(0), "told by their columns");
        let back = read(&batch).unwrap();
        assert_eq!(back[0], Stored { event: plain, position: 11, atom: Some(3) });
        assert_eq!(back[1], Stored { event: odd, position: u64::from(u32::MAX) + 5, atom: None });
    }

    #[test]
    fn declared_properties_have_columns() {
        let declared = [
            Declared::new("value", DeclaredKind::Number).unwrap(),
            Declared::new("city", DeclaredKind::Text).unwrap(),
            Declared::new("new", DeclaredKind::Boolean).unwrap(),
            Declared::new("due", DeclaredKind::Time).unwrap(),
        ];
        for taken in ["ts", "Name", "person_number"] {
            assert_eq!(Declared::new(taken, DeclaredKind::Time).unwrap_err().code, "event_lake.column_taken");
        }
        let mut rows = Rows::with_declared(&declared);
        let event = Event::track(WorkspaceId(1), "s".into(), "e", "x", Millis(0));
        let full = event.clone().with_property("value", "12.345").with_property("city", 5).with_property("new", true);
        rows.push(&full.with_property("due", "2026-11-22T03:00:12Z"), 1, None).unwrap();
        rows.push(&event.with_property("value", "dear").with_property("new", "yes"), 2, None).unwrap();
        let batch = rows.finish().unwrap();
        let shown = |name: &str| {
            let column = batch.column_by_name(name).unwrap();
            (0..2)
                .map(|row| datafusion::arrow::util::display::array_value_to_string(column, row).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown("value"), ["12.3450000000", ""]);
        assert_eq!(shown("city"), ["5", ""]);
        assert_eq!(shown("new"), ["true", ""]);
        assert_eq!(shown("due"), ["2026-11-22T03:00:12Z", ""]);
        assert_eq!(batch.schema().fields().last().unwrap().name(), WORKSPACE);
    }
}
