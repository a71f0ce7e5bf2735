//! How fast a file of orders is read and made into events, with a door behind which nothing is.
//!
//! `cargo run --release -p weft-connectors --example import_rate -- FILE field=column,…`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use weft_connectors::{Afterwards, Cancel, ImportJob, Kind, Mapping, run};
use weft_event_pipeline::FrontDoor;
use weft_kernel::{Clock, Control, Error, Event, Millis, Result, SourceId, SystemClock, WorkspaceId};

#[derive(Default)]
struct Nothing {
    records: AtomicU64,
    bytes: AtomicU64,
}

#[async_trait]
impl FrontDoor for Nothing {
    async fn accept(&self, _: Vec<Event>) -> Result<u64> {
        Err(Error::bug("example.unexpected", "imports append"))
    }
    async fn control(&self, _: Control) -> Result<u64> {
        Err(Error::bug("example.unexpected", "imports append"))
    }
    async fn append(&self, records: Vec<Bytes>) -> Result<u64> {
        self.bytes.fetch_add(records.iter().map(|r| r.len() as u64).sum(), Ordering::Relaxed);
        let count = records.len() as u64;
        Ok(self.records.fetch_add(count, Ordering::Relaxed) + count)
    }
    fn now(&self) -> Millis {
        SystemClock.now()
    }
}

#[async_trait]
impl Afterwards for Nothing {
    async fn known(&self, _: WorkspaceId, event_ids: &[String]) -> Result<Vec<bool>> {
        Ok(vec![false; event_ids.len()])
    }
    async fn settle(&self, _: WorkspaceId, _: u64) -> Result<u64> {
        Ok(0)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, map] = arguments.as_slice() else {
        return Err(Error::invalid("example.arguments", "give FILE and field=column,…"));
    };
    let folder = tempfile::tempdir()?;
    let job = ImportJob {
        workspace: WorkspaceId(1),
        source: SourceId::from("src_import"),
        file: file.into(),
        mapping: Mapping::from_map(Kind::Orders, map)?,
        folder: folder.path().to_owned(),
        cancel: Cancel::default(),
    };
    let nothing = Arc::new(Nothing::default());
    let began = Instant::now();
    let summary = run(job, nothing.clone(), nothing.clone(), |_| ()).await?;
    let seconds = began.elapsed().as_secs_f64();
    println!("{}", serde_json::to_string(&summary)?);
    println!("{seconds:.2} s, {:.0} rows/s, {} bytes of events", summary.rows as f64 / seconds, nothing.bytes.load(Ordering::Relaxed));
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    memory.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}
