//! A house that only remembers what came in by its door, and how many people it saw.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use rust_decimal::Decimal;
use serde_json::Value;
use weft_connectors::{Afterwards, Cancel, ImportJob, Kind, Mapping, Summary, run};
use weft_event_pipeline::FrontDoor;
use weft_kernel::{Control, Error, Event, Millis, Record, Result, SourceId, WorkspaceId};

pub const NOW: Millis = Millis(1_800_000_000_000);

#[derive(Default)]
pub struct Log {
    pub events: Vec<Event>,
    pub ids: HashSet<String>,
    pub appended: u64,
    /// The door fails after this many appends.
    pub fails_after: Option<u64>,
    pub largest_batch: usize,
}

/// Keeps an event once, as the pipeline does.
#[derive(Clone, Default)]
pub struct House(pub Arc<Mutex<Log>>);

impl House {
    pub fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().events.clone()
    }
    pub fn people(&self) -> u64 {
        let log = self.0.lock().unwrap();
        let people: HashSet<_> = log.events.iter().filter_map(|e| e.identifiers.first().map(|i| (i.id_type.clone(), i.value.clone()))).collect();
        people.len() as u64
    }
    pub fn fail_after(&self, appends: Option<u64>) {
        self.0.lock().unwrap().fails_after = appends;
    }
}

#[async_trait]
impl FrontDoor for House {
    async fn accept(&self, events: Vec<Event>) -> Result<u64> {
        let records = events.into_iter().map(|e| Record::Event(Box::new(e)).encode().map(Bytes::from)).collect::<Result<Vec<_>>>()?;
        self.append(records).await
    }
    async fn control(&self, _: Control) -> Result<u64> {
        Err(Error::bug("test.unexpected", "an import defines nothing"))
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        let mut log = self.0.lock().unwrap();
        if let Some(left) = log.fails_after {
            if left == 0 {
                return Err(Error::unavailable("test.door_shut", "the power is gone"));
            }
            log.fails_after = Some(left - 1);
        }
        log.largest_batch = log.largest_batch.max(records.len());
        for record in records {
            log.appended += 1;
            let Record::Event(event) = Record::decode(&record)? else { panic!("only events come from files") };
            if log.ids.insert(event.id.clone()) {
                log.events.push(*event);
            }
        }
        Ok(log.appended)
    }
    fn now(&self) -> Millis {
        NOW
    }
}

#[async_trait]
impl Afterwards for House {
    async fn known(&self, _: WorkspaceId, event_ids: &[String]) -> Result<Vec<bool>> {
        let log = self.0.lock().unwrap();
        Ok(event_ids.iter().map(|i| log.ids.contains(i)).collect())
    }
    async fn settle(&self, _: WorkspaceId, end_position: u64) -> Result<u64> {
        assert!(end_position <= self.0.lock().unwrap().appended);
        Ok(self.people())
    }
}

/// A folder with one file to import.
pub struct Desk {
    pub folder: tempfile::TempDir,
    pub file: PathBuf,
}

impl Desk {
    pub fn new(name: &str, content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        Self { folder, file }
    }
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("imports")
    }
    pub fn job(&self, mapping: &Mapping) -> ImportJob {
        job(&self.file, &self.work(), mapping)
    }
    pub async fn import(&self, house: &House, mapping: &Mapping) -> Result<Summary> {
        run(self.job(mapping), Arc::new(house.clone()), Arc::new(house.clone()), |_| ()).await
    }
}

pub fn job(file: &Path, folder: &Path, mapping: &Mapping) -> ImportJob {
    ImportJob {
        workspace: WorkspaceId(1),
        source: SourceId::from("src_import"),
        file: file.to_owned(),
        mapping: mapping.clone(),
        folder: folder.to_owned(),
        cancel: Cancel::default(),
    }
}

pub fn mapping(kind: Kind, map: &str) -> Mapping {
    Mapping::from_map(kind, map).unwrap()
}

/// Imports a text and answers what became of it.
pub async fn imported(kind: Kind, map: &str, text: &str) -> (Summary, Vec<Event>, String) {
    let desk = Desk::new("file.csv", text.as_bytes());
    let house = House::default();
    let summary = desk.import(&house, &mapping(kind, map)).await.unwrap();
    let rejected = summary.rejected_file.as_ref().map(|path| std::fs::read_to_string(path).unwrap()).unwrap_or_default();
    (summary, house.events(), rejected)
}

pub fn value(event: &Event) -> Decimal {
    decimal(&event.properties["value"])
}

pub fn decimal(value: &Value) -> Decimal {
    weft_kernel::money::decimal(value).unwrap()
}
