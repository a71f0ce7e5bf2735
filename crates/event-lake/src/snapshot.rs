//! A table at one version: its schema, its files, its markers. Immutable; the next version is made from it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use deltalake_core::kernel::{Action, Add, Metadata};
use object_store::path::Path;

use crate::bounds::Bounds;
use crate::failed;
use crate::kernel::{Error, Result};
use crate::scan::may_partition;
use crate::stored::{shown_schema, stored_schema, stored_type};

/// A Parquet file of a table, as the log tells it.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Relative to the table, decoded.
    pub path: String,
    /// In the object store.
    pub location: Path,
    pub size: u64,
    /// Milliseconds since 1970.
    pub modified: i64,
    /// Values of the partition columns in their order, as Delta writes them.
    pub partition: Vec<Option<String>>,
    pub bounds: Bounds,
}

/// What [`Table::files`](crate::Table::files) shows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LakeFile {
    /// Relative to the table.
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub rows: Option<u64>,
}

/// Column names and types, in the three dresses they wear.
#[derive(Clone, Debug)]
pub struct Columns {
    /// With our marks.
    pub declared: SchemaRef,
    /// What queries see.
    pub shown: SchemaRef,
    /// What stands in the files, partition columns included.
    pub stored: SchemaRef,
    pub partition_by: Vec<String>,
}

impl Columns {
    pub fn new(declared: Schema, partition_by: Vec<String>) -> Result<Self> {
        let mut names = HashSet::new();
        for field in declared.fields() {
            // Spark refuses these characters, and to it Name and name are one.
            let odd = field.name().is_empty() || field.name().contains([' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '=']);
            if odd || !names.insert(field.name().to_lowercase()) {
                return Err(Error::invalid("event_lake.column_name_invalid", format!("{:?} cannot name a column (again)", field.name()))
                    .param("column", field.name()));
            }
        }
        for name in &partition_by {
            if declared.index_of(name).is_err() {
                return Err(Error::invalid("event_lake.column_unknown", format!("partitioned by {name}, which is no column"))
                    .param("column", name));
            }
        }
        let stored = Arc::new(stored_schema(&declared)?);
        for name in &partition_by {
            if let Ok(field) = stored.field_with_name(name)
                && !may_partition(field.data_type())
            {
                return Err(Error::invalid("event_lake.type_unsupported", format!("{} cannot name a partition", field.data_type()))
                    .param("column", name));
            }
        }
        Ok(Self { shown: shown_schema(&declared), declared: Arc::new(declared), stored, partition_by })
    }

    /// The columns that a file holds: all but those its folder tells.
    pub fn in_file(&self, schema: &SchemaRef) -> SchemaRef {
        let fields = schema.fields().iter().filter(|f| !self.partition_by.contains(f.name())).cloned();
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// These columns and those that `wanted` adds. Columns that are there must be of one type with what is wanted, and
    /// the types that the caller declares win over those that were read from the log.
    pub fn widened(&self, wanted: &Schema) -> Result<Self> {
        let mut fields: Vec<Field> = Vec::with_capacity(wanted.fields().len());
        for field in wanted.fields() {
            match self.stored.field_with_name(field.name()) {
                Ok(known) if *known.data_type() == stored_type(field)? => {
                    fields.push(field.as_ref().clone().with_nullable(known.is_nullable()));
                }
                Ok(known) => {
                    return Err(Error::conflict(
                        "event_lake.column_type_differs",
                        format!("column {} is {} in the table, not {}", field.name(), known.data_type(), field.data_type()),
                    )
                    .param("column", field.name()));
                }
                Err(_) if field.is_nullable() => fields.push(field.as_ref().clone()),
                Err(_) => {
                    return Err(Error::conflict(
                        "event_lake.column_not_nullable",
                        format!("column {} cannot be added: old rows would have no value", field.name()),
                    )
                    .param("column", field.name()));
                }
            }
        }
        let extra = self.declared.fields().iter().filter(|f| wanted.index_of(f.name()).is_err());
        fields.extend(extra.map(|f| f.as_ref().clone()));
        Self::new(Schema::new(fields), self.partition_by.clone())
    }

    /// What an earlier reading of the table declared and this one still has. (A declaration is richer than the log.)
    pub fn kept_from(&self, earlier: &Columns) -> Schema {
        let kept = earlier.declared.fields().iter().filter(|field| {
            let known = self.stored.field_with_name(field.name()).ok();
            known.is_some_and(|k| stored_type(field).is_ok_and(|t| t == *k.data_type()))
        });
        Schema::new(kept.map(|f| f.as_ref().clone()).collect::<Vec<_>>())
    }

    /// Does the table's stored schema lack any of these columns?
    pub fn lacks(&self, other: &Columns) -> bool {
        other.stored.fields().iter().any(|f| self.stored.index_of(f.name()).is_err())
    }
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub version: u64,
    pub columns: Arc<Columns>,
    pub metadata: Arc<Metadata>,
    pub files: Arc<Vec<Arc<DataFile>>>,
    /// Application → its last version. An application that was never asked for is not in it.
    pub markers: Arc<HashMap<String, Option<i64>>>,
}

/// What a commit makes of a snapshot.
pub enum Next {
    Snapshot(Box<Snapshot>),
    /// The commit changed more than files: read the table anew.
    Reload,
}

impl Snapshot {
    /// The snapshot after a commit. `root` is the table's folder in the store.
    pub fn after(&self, version: u64, actions: &[Action], root: &Path) -> Result<Next> {
        let mut removed: HashSet<&str> = HashSet::new();
        let mut added = Vec::new();
        let mut markers = self.markers.clone();
        for action in actions {
            match action {
                Action::Add(add) if add.deletion_vector.is_some() => return Ok(Next::Reload),
                Action::Add(add) => added.push(Arc::new(DataFile::of(add, &self.columns, root)?)),
                Action::Remove(remove) => {
                    removed.insert(&remove.path);
                }
                Action::Txn(txn) => {
                    Arc::make_mut(&mut markers).insert(txn.app_id.clone(), Some(txn.version));
                }
                Action::Metadata(_) | Action::Protocol(_) => return Ok(Next::Reload),
                Action::Cdc(_) | Action::CommitInfo(_) | Action::DomainMetadata(_) => {}
            }
        }
        // A file may be added again in the commit that removes it, with other statistics.
        let replaced: HashSet<&str> = added.iter().map(|f| f.path.as_str()).collect();
        let kept = self.files.iter().filter(|f| !removed.contains(f.path.as_str()) && !replaced.contains(f.path.as_str()));
        let files = kept.cloned().chain(added.iter().cloned()).collect();
        Ok(Next::Snapshot(Box::new(Self {
            version,
            columns: self.columns.clone(),
            metadata: self.metadata.clone(),
            files: Arc::new(files),
            markers,
        })))
    }

    pub fn has_file(&self, path: &str) -> bool {
        self.files.iter().any(|f| f.path == path)
    }
}

impl DataFile {
    pub fn of(add: &Add, columns: &Columns, root: &Path) -> Result<Self> {
        let partition = columns.partition_by.iter().map(|name| add.partition_values.get(name).cloned().flatten());
        Ok(Self {
            location: locate(&add.path, root)?,
            path: add.path.clone(),
            size: add.size.max(0).unsigned_abs(),
            modified: add.modification_time,
            partition: partition.collect(),
            bounds: Bounds::parse(add.stats.as_deref(), &columns.stored),
        })
    }
}

/// Where a file of the log lies in the store.
pub fn locate(path: &str, root: &Path) -> Result<Path> {
    if path.contains("://") || path.starts_with('/') {
        return Err(Error::conflict("event_lake.feature_unknown", "the table has files outside its folder (a shallow clone)"));
    }
    let relative = Path::parse(path).map_err(failed)?;
    Ok(Path::from_iter(root.parts().chain(relative.parts())))
}

/// A partition value, which Delta writes as text, as a value of its column.
pub fn partition_scalar(text: Option<&str>, data_type: &DataType) -> Result<ScalarValue> {
    match text {
        None | Some("") => ScalarValue::try_from(data_type).map_err(failed),
        Some(text) => ScalarValue::try_from_string(text.to_owned(), data_type).map_err(failed),
    }
}
