//! The lake's own reader of what was accepted: the pipeline notes which records belong in the lake, and a job with a
//! slower beat writes them there. What is noted and not yet written is added to every answer, so nothing is late.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::record_batch::RecordBatch;
use tokio::sync::watch;
use weft_event_lake::{Table, events};
use weft_event_pipeline::{Cx, Flow, InFlight, Step};
use weft_profile_kv::StateStore;
use weft_stream_bus::StreamBus;

use crate::kernel::{Atom, Error, Record, Result, WorkspaceId};

/// log position → atom, of what is not in the lake yet
const PENDING: &str = "lake_pending";
/// One line of history for all workspaces: the marker in the lake is the log position.
pub(crate) const APP: &str = "events";
const FLUSH_AFTER: Duration = Duration::from_secs(5);
const FLUSH_AT: usize = 50_000;
const SMALL_FILES: usize = 32;
const TARGET_BYTES: u64 = 128 << 20;

pub(crate) struct QueueForLake;

impl Step for QueueForLake {
    fn name(&self) -> &'static str {
        "append_events"
    }
    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let value = flight.atom.map(|a| a.to_be_bytes().to_vec()).unwrap_or_default();
        cx.work.put(PENDING, flight.position.to_be_bytes().to_vec(), value);
        Ok(Flow::Continue)
    }
}

pub(crate) struct LakeWriter {
    pub bus: Arc<dyn StreamBus>,
    pub state: Arc<dyn StateStore>,
    pub table: Table,
}

impl LakeWriter {
    /// Noted records after `marker`, at most `most`.
    fn noted(&self, marker: u64, most: usize) -> Result<Vec<(u64, Option<Atom>)>> {
        let mut found = Vec::new();
        self.state.scan(PENDING, &(marker + 1).to_be_bytes(), &[0xff; 9], &mut |key, value| {
            if let Ok(position) = key.try_into().map(u64::from_be_bytes) {
                found.push((position, value.try_into().ok().map(u32::from_be_bytes)));
            }
            Ok(found.len() < most)
        })?;
        Ok(found)
    }

    /// The noted records as rows of the lake, read back from the log.
    fn rows(&self, noted: &[(u64, Option<Atom>)], only: Option<WorkspaceId>) -> Result<Vec<RecordBatch>> {
        let (Some(first), Some(last)) = (noted.first(), noted.last()) else { return Ok(Vec::new()) };
        let mut noted = noted.iter().peekable();
        let (mut rows, mut batches) = (events::Rows::new(), Vec::new());
        let mut from = first.0;
        while from <= last.0 {
            let read = self.bus.read(from, 4_096, 4 << 20)?;
            if read.is_empty() {
                break;
            }
            for (position, bytes) in &read {
                let Some((_, atom)) = noted.next_if(|(p, _)| p == position) else { continue };
                let Record::Event(event) = Record::decode(bytes)? else { continue };
                if only.is_none_or(|w| w == event.workspace) {
                    rows.push(&event, *position, *atom)?;
                }
            }
            from = read.last().map_or(from, |(p, _)| p + 1);
            if rows.len() >= FLUSH_AT {
                batches.push(rows.finish()?);
            }
        }
        if !rows.is_empty() {
            batches.push(rows.finish()?);
        }
        Ok(batches)
    }

    /// What a question must see besides the lake, whose version holds everything up to `marker`.
    pub(crate) fn pending(&self, workspace: WorkspaceId, marker: Option<i64>) -> Result<Vec<RecordBatch>> {
        let noted = self.noted(marker.unwrap_or(0).max(0) as u64, usize::MAX)?;
        self.rows(&noted, Some(workspace))
    }

    /// Writes what is noted. Returns how many rows.
    pub(crate) async fn flush(self: &Arc<Self>) -> Result<usize> {
        let marker = self.table.marker(APP).await?.unwrap_or(0).max(0) as u64;
        let me = self.clone();
        let (noted, batches) = tokio::task::spawn_blocking(move || {
            let noted = me.noted(marker, FLUSH_AT)?;
            let batches = me.rows(&noted, None)?;
            Ok::<_, Error>((noted, batches))
        })
        .await
        .map_err(Error::internal)??;
        let Some((last, _)) = noted.last().copied() else {
            self.forget(marker)?;
            return Ok(0);
        };
        self.table.append(&batches, APP, last as i64).await?;
        self.forget(last)?;
        Ok(noted.len())
    }

    /// Notes up to here are in the lake. Lost with a crash, they come back by replay and are forgotten again.
    fn forget(&self, through: u64) -> Result<()> {
        let mut gone = Vec::new();
        self.state.scan(PENDING, &[], &(through + 1).to_be_bytes(), &mut |key, _| {
            gone.push((PENDING, key.to_vec(), None));
            Ok(gone.len() < 200_000)
        })?;
        if gone.is_empty() { Ok(()) } else { self.state.apply(gone, 0) }
    }

    pub(crate) async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.flush().await {
                Ok(n) if n >= FLUSH_AT => continue,
                Ok(_) => self.tidy().await,
                Err(e) => tracing::error!(code = e.code, detail = %e.detail, "the lake could not be written; trying again"),
            }
            let _ = tokio::time::timeout(FLUSH_AFTER, stop.changed()).await;
        }
    }

    async fn tidy(&self) {
        let small = self.table.files().iter().filter(|f| f.size < TARGET_BYTES / 8).count();
        if small >= SMALL_FILES
            && let Err(e) = self.table.compact(TARGET_BYTES).await
        {
            tracing::warn!(code = e.code, detail = %e.detail, "small files of the lake could not be joined; they are read as they are");
        }
    }
}
