//! The tables that SQL and outside engines see, besides `events`: made from the state when they are asked.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringBuilder, TimestampMillisecondBuilder, UInt64Builder};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use parking_lot::Mutex;
use weft_profile_kv::{Read, StateStore};
use weft_query_engine::{PersonMap, QueryEngine, mapped_events, rows_table, union_table};

use crate::kernel::{Error, Millis, PersonId, Result, WorkspaceId};
use crate::lake::{APP, LakeWriter};

const ROWS_AT_ONCE: usize = 8_192;

pub(crate) fn register(engine: &QueryEngine, state: &Arc<dyn StateStore>, writer: &Arc<LakeWriter>) {
    let pending = {
        let writer = writer.clone();
        Arc::new(move |workspace, marker| writer.pending(workspace, marker))
    };
    engine.register_table("events", mapped_events(union_table(writer.table.clone(), APP, pending), person_map(state.clone())));
    let tables: [(&str, SchemaRef, Fill); 5] = [
        ("people", people_schema(), people),
        ("identifiers", identifiers_schema(), identifiers),
        ("memberships", memberships_schema(), memberships),
        ("deliveries", deliveries_schema(), deliveries),
        ("things", things_schema(), things),
    ];
    for (name, schema, fill) in tables {
        let (state, of) = (state.clone(), schema.clone());
        engine.register_table(name, rows_table(schema, Arc::new(move |workspace| fill(&*state, workspace, &of))));
    }
}

type Fill = fn(&dyn Read, WorkspaceId, &SchemaRef) -> Result<Vec<RecordBatch>>;

/// Merged people by number, kept until somebody else was merged.
fn person_map(state: Arc<dyn StateStore>) -> PersonMap {
    type Known = HashMap<WorkspaceId, (u64, Arc<HashMap<u32, u32>>)>;
    let known: Arc<Mutex<Known>> = Arc::default();
    Arc::new(move |workspace| {
        let position = state.position();
        let mut known = known.lock();
        let entry = known.get(&workspace).filter(|(at, _)| *at == position).map(|(_, map)| map.clone());
        let map = entry.unwrap_or_else(|| {
            let mut merged = HashMap::new();
            if let Err(e) = weft_identity::merged(&*state, workspace, &mut |atom, root| {
                merged.insert(atom, root);
            }) {
                tracing::error!(code = e.code, "merged people could not be read; they are shown apart");
            }
            let map = Arc::new(merged);
            known.insert(workspace, (position, map.clone()));
            map
        });
        Arc::new(move |atom| map.get(&atom).copied().unwrap_or(atom))
    })
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}
fn time(name: &str) -> Field {
    Field::new(name, DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true)
}
fn number(name: &str) -> Field {
    Field::new(name, DataType::UInt64, true)
}

/// Columns being filled, by the kind of their field.
enum Column {
    Text(StringBuilder),
    Time(TimestampMillisecondBuilder),
    Number(UInt64Builder),
}

enum Cell {
    Text(Option<String>),
    Time(Option<Millis>),
    Number(u64),
}

struct Builder<'a> {
    schema: &'a SchemaRef,
    columns: Vec<Column>,
    rows: usize,
    batches: Vec<RecordBatch>,
}

impl<'a> Builder<'a> {
    fn new(schema: &'a SchemaRef) -> Self {
        let columns = schema
            .fields()
            .iter()
            .map(|f| match f.data_type() {
                DataType::Utf8 => Column::Text(StringBuilder::new()),
                DataType::UInt64 => Column::Number(UInt64Builder::new()),
                _ => Column::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            })
            .collect();
        Self { schema, columns, rows: 0, batches: Vec::new() }
    }
    fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match (column, cell) {
                (Column::Text(b), Cell::Text(v)) => b.append_option(v),
                (Column::Time(b), Cell::Time(v)) => b.append_option(v.map(|m| m.0)),
                (Column::Number(b), Cell::Number(v)) => b.append_value(v),
                _ => return Err(Error::bug("server.table_column", "a column was filled with another kind")),
            }
        }
        self.rows += 1;
        if self.rows == ROWS_AT_ONCE { self.cut() } else { Ok(()) }
    }
    fn cut(&mut self) -> Result<()> {
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|c| match c {
                Column::Text(b) => Arc::new(b.finish()) as ArrayRef,
                Column::Time(b) => Arc::new(b.finish()),
                Column::Number(b) => Arc::new(b.finish()),
            })
            .collect();
        self.batches.push(RecordBatch::try_new(self.schema.clone(), arrays).map_err(Error::internal)?);
        self.rows = 0;
        Ok(())
    }
    fn finish(mut self) -> Result<Vec<RecordBatch>> {
        if self.rows > 0 {
            self.cut()?;
        }
        Ok(self.batches)
    }
}

fn people_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![text("person"), time("first_seen"), time("last_seen"), number("events"), text("traits")]))
}

fn people(read: &dyn Read, workspace: WorkspaceId, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut rows = Builder::new(schema);
    weft_profiles::all_people(read, workspace, 0, &mut |person, seen| {
        let document = weft_profiles::open_document(read, workspace, person)?;
        let traits: serde_json::Map<String, serde_json::Value> = document.present().map(|(n, t)| (n.clone(), t.value.clone())).collect();
        rows.row([
            Cell::Text(Some(PersonId::of(workspace, person).0)),
            Cell::Time(Some(seen.first)),
            Cell::Time(Some(seen.last)),
            Cell::Number(seen.events),
            Cell::Text(Some(serde_json::to_string(&traits)?)),
        ])?;
        Ok(true)
    })?;
    rows.finish()
}

fn identifiers_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![text("person"), text("type"), text("value"), time("first_seen")]))
}

fn identifiers(read: &dyn Read, workspace: WorkspaceId, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut rows = Builder::new(schema);
    weft_profiles::all_people(read, workspace, 0, &mut |person, _| {
        for known in weft_identity::identifiers(read, workspace, person)? {
            rows.row([
                Cell::Text(Some(PersonId::of(workspace, person).0)),
                Cell::Text(Some(known.identifier.id_type)),
                Cell::Text(Some(known.identifier.value)),
                Cell::Time(Some(known.first_seen)),
            ])?;
        }
        Ok(true)
    })?;
    rows.finish()
}

fn memberships_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![text("person"), text("segment"), time("since")]))
}

fn memberships(read: &dyn Read, workspace: WorkspaceId, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut rows = Builder::new(schema);
    weft_profiles::all_people(read, workspace, 0, &mut |person, _| {
        for m in weft_segments::of_person(read, workspace, person)? {
            rows.row([Cell::Text(Some(PersonId::of(workspace, person).0)), Cell::Text(Some(m.segment.0)), Cell::Time(Some(m.since))])?;
        }
        Ok(true)
    })?;
    rows.finish()
}

fn deliveries_schema() -> SchemaRef {
    let texts = ["message_id", "person", "channel", "template", "purpose", "journey", "node", "state", "reason"].map(text);
    let times = ["created_at", "sent_at", "delivered_at", "opened_at", "clicked_at"].map(time);
    Arc::new(Schema::new(texts.into_iter().chain(times).collect::<Vec<_>>()))
}

fn deliveries(read: &dyn Read, workspace: WorkspaceId, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut rows = Builder::new(schema);
    let mut cursor: Option<String> = None;
    loop {
        let page = weft_channels::deliveries(read, workspace, &weft_channels::Filter::default(), 5_000, cursor.as_deref())?;
        for d in page.items {
            let person = weft_identity::root(read, workspace, d.intent.person)?;
            let at = |ms: Option<i64>| Cell::Time(ms.map(Millis));
            rows.row([
                Cell::Text(Some(d.intent.id.0)),
                Cell::Text(Some(PersonId::of(workspace, person).0)),
                Cell::Text(Some(d.intent.channel)),
                Cell::Text(Some(d.intent.template.0)),
                Cell::Text(Some(d.intent.purpose)),
                Cell::Text(d.intent.journey.map(|j| j.0)),
                Cell::Text(d.intent.node),
                Cell::Text(Some(d.state.name().to_owned())),
                Cell::Text((!d.reason.is_empty()).then_some(d.reason)),
                Cell::Time(Some(d.created_at)),
                at(d.sent_at),
                at(d.delivered_at),
                at(d.opened_at),
                at(d.clicked_at),
            ])?;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return rows.finish(),
        }
    }
}

fn things_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![text("type"), text("id"), text("name"), text("state"), text("attributes"), text("tags"), number("events"), time("last_seen")]))
}

fn things(read: &dyn Read, workspace: WorkspaceId, schema: &SchemaRef) -> Result<Vec<RecordBatch>> {
    let mut rows = Builder::new(schema);
    for kind in weft_catalog::types(read, workspace)? {
        weft_catalog::each(read, workspace, &kind, "", &mut |id, thing| {
            let seen = weft_catalog::seen(read, workspace, &kind, &id)?;
            let tags: serde_json::Map<String, serde_json::Value> =
                weft_catalog::of_thing(read, workspace, &kind, &id)?.into_iter().map(|(name, tagged)| (name, tagged.value.into())).collect();
            rows.row([
                Cell::Text(Some(kind.clone())),
                Cell::Text(Some(id)),
                Cell::Text(Some(thing.name.clone())),
                Cell::Text(Some(thing.state().name().to_owned())),
                Cell::Text(Some(serde_json::to_string(&thing.attributes)?)),
                Cell::Text(Some(serde_json::to_string(&tags)?)),
                Cell::Number(seen.map_or(0, |s| s.events)),
                Cell::Time(seen.map(|s| s.last)),
            ])?;
            Ok(true)
        })?;
    }
    rows.finish()
}
