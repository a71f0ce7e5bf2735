//! The lake's own reader of what was accepted: the pipeline notes which records belong in the lake, and a job with a
//! slower beat writes them there. What is noted and not yet written is added to every answer, so nothing is late.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::record_batch::RecordBatch;
use tokio::sync::watch;
use weft_event_lake::{Table, events};
use weft_event_pipeline::{Cx, Flow, InFlight, Step};
use weft_profile_kv::{Read, StateStore};
use weft_stream_bus::StreamBus;

use crate::kernel::{Atom, Clock, Error, Millis, Record, Result, WorkspaceId};

/// 256 positions of the log → which of them are not in the lake yet, and whose they are
const PENDING: &str = "lake_pending";
/// One line of history for all workspaces: the marker in the lake is the log position.
pub(crate) const APP: &str = "events";
const FLUSH_AFTER: Duration = Duration::from_secs(5);
const FLUSH_AT: usize = 50_000;
const SMALL_FILES: usize = 32;
const TARGET_BYTES: u64 = 128 << 20;
/// What no version needs any more stays a day, for queries of other engines that began on an old version.
const KEPT_MILLIS: i64 = Millis::DAY;
const SWEEP_EVERY: Duration = Duration::from_secs(6 * 3_600);

pub(crate) struct QueueForLake;

impl Step for QueueForLake {
    fn name(&self) -> &'static str {
        "append_events"
    }
    fn event(&self, flight: &mut InFlight, cx: &mut Cx) -> Result<Flow> {
        let key = chunk_of(flight.position).to_be_bytes();
        let mut notes = cx.work.get(PENDING, &key)?.map(|b| b.to_vec()).unwrap_or_default();
        notes.extend_from_slice(&note(flight.position, flight.atom));
        cx.work.put(PENDING, key.to_vec(), notes);
        Ok(Flow::Continue)
    }
}

/// Notes are kept many to a key: one for each event would cost a write and a delete in the state for each.
fn chunk_of(position: u64) -> u64 {
    position >> 8
}

const NOTE_BYTES: usize = 6;

/// Place in the chunk, whether anybody is known, who.
fn note(position: u64, atom: Option<Atom>) -> [u8; NOTE_BYTES] {
    let [a, b, c, d] = atom.unwrap_or_default().to_be_bytes();
    [position as u8, u8::from(atom.is_some()), a, b, c, d]
}

fn read_note(chunk: u64, note: &[u8; NOTE_BYTES]) -> (u64, Option<Atom>) {
    let [place, is_known, a, b, c, d] = *note;
    (chunk << 8 | u64::from(place), (is_known == 1).then(|| Atom::from_be_bytes([a, b, c, d])))
}

pub(crate) struct LakeWriter {
    pub bus: Arc<dyn StreamBus>,
    pub state: Arc<dyn StateStore>,
    pub table: Table,
    pub clock: Arc<dyn Clock>,
}

impl LakeWriter {
    /// Noted records after `marker`, at most `most`.
    fn noted(&self, marker: u64, most: usize) -> Result<Vec<(u64, Option<Atom>)>> {
        let mut found = Vec::new();
        self.state.scan(PENDING, &chunk_of(marker + 1).to_be_bytes(), &[0xff; 9], &mut |key, value| {
            if let Ok(chunk) = key.try_into().map(u64::from_be_bytes) {
                let (notes, _) = value.as_chunks();
                found.extend(notes.iter().map(|note| read_note(chunk, note)).filter(|(position, _)| *position > marker));
            }
            Ok(found.len() < most)
        })?;
        found.truncate(most);
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
    /// A chunk goes when all of it is there; until then its older notes are passed over.
    fn forget(&self, through: u64) -> Result<()> {
        let mut gone = Vec::new();
        self.state.scan(PENDING, &[], &chunk_of(through + 1).to_be_bytes(), &mut |key, _| {
            gone.push((PENDING, key.to_vec(), None));
            Ok(gone.len() < 20_000)
        })?;
        if gone.is_empty() { Ok(()) } else { self.state.apply(gone, 0) }
    }

    pub(crate) async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut swept: Option<Instant> = None;
        while !*stop.borrow() {
            if swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY) {
                self.sweep().await;
                swept = Some(Instant::now());
            }
            match self.flush().await {
                Ok(n) if n >= FLUSH_AT => continue,
                Ok(_) => self.tidy().await,
                Err(e) => tracing::error!(code = e.code, detail = %e.detail, "the lake could not be written; trying again"),
            }
            let _ = tokio::time::timeout(FLUSH_AFTER, stop.changed()).await;
        }
    }

    /// Files that were joined into larger ones, and those that a crash left behind.
    async fn sweep(&self) {
        match self.table.vacuum(KEPT_MILLIS, self.clock.now()).await {
            Ok(swept) if swept.files > 0 => tracing::info!(files = swept.files, bytes = swept.bytes, "old files of the lake were deleted"),
            Ok(_) => {}
            Err(e) => tracing::warn!(code = e.code, detail = %e.detail, "old files of the lake could not be deleted; the next sweep tries again"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for (position, atom) in [(0, None), (255, Some(0)), (256, Some(7)), (u64::from(u32::MAX) * 3, Some(u32::MAX)), (1_000_000_007, None)] {
            assert_eq!(read_note(chunk_of(position), &note(position, atom)), (position, atom));
        }
    }
}
