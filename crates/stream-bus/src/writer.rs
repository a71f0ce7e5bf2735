//! The one thread that writes: it gathers waiting appends into a group, writes it, syncs it, and answers them all.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::disk;
use crate::errors;
use crate::frame::{self, GROUP, GroupHeader, HEADER, SegmentHeader};
use crate::kernel::{Error, Result};
use crate::log::{Log, Waiting};
use crate::prepare::{self, Spare};
use crate::recovery::Live;
use crate::segment::{Index, Segment};

/// A group is not made longer than this by joining appends; a single append may be.
const GROUP_BYTES: usize = 4 * 1024 * 1024;
/// Longest wait for more appends to join a group.
const PATIENCE_MAX: Duration = Duration::from_millis(1);

pub(crate) struct Writer {
    log: Arc<Log>,
    live: Live,
    /// Position of the next record that will be durable.
    next: u64,
    group: Group,
    /// The next segment, which another thread fills with zeros.
    preparing: Option<JoinHandle<io::Result<Spare>>>,
    /// How long the last sync took: how much it is worth to wait for more.
    sync_took: Duration,
}

/// Appends that will become durable together.
struct Group {
    /// Room for the header, then the records.
    bytes: Vec<u8>,
    count: u32,
    /// Who waits, and for which position.
    answers: Vec<(oneshot::Sender<Result<u64>>, u64)>,
    /// (position, offset) of some records, for the index.
    places: Vec<(u64, u64)>,
}

impl Group {
    fn new() -> Self {
        Self { bytes: vec![0; GROUP], count: 0, answers: Vec::new(), places: Vec::new() }
    }
    fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
    fn clear(&mut self) {
        self.bytes.truncate(GROUP);
        self.bytes.shrink_to(2 * GROUP_BYTES);
        self.count = 0;
        self.answers.clear();
        self.places.clear();
    }
}

/// Says that the log is broken if the writer does not leave by its own will.
struct Farewell(Arc<Log>);

impl Drop for Farewell {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_down("its writer panicked".into());
        }
    }
}

impl Writer {
    pub(crate) fn new(log: Arc<Log>, live: Live, next: u64) -> Self {
        Self { log, live, next, group: Group::new(), preparing: None, sync_took: Duration::ZERO }
    }

    pub(crate) fn run(mut self) {
        let _farewell = Farewell(self.log.clone());
        let mut answered = 0;
        while let Some(waiting) = self.log.take_waiting(answered, self.sync_took.div_f32(8.0).min(PATIENCE_MAX)) {
            answered = waiting.len();
            for one in waiting {
                self.place(one);
            }
            self.commit();
            self.prepare_ahead();
        }
        self.close();
    }

    /// Puts an append into the group, after making room for it.
    fn place(&mut self, one: Waiting) {
        match self.make_room(frame::encoded_len(&one.records)) {
            Ok(()) => self.encode(&one.records, one.answer),
            Err(e) => one.refuse(e),
        }
    }

    /// An append is never split: it goes into the group as it is, or into the next one, or into the next segment.
    fn make_room(&mut self, size: usize) -> Result<()> {
        let is_long = !self.group.is_empty() && self.group.bytes.len() + size > GROUP_BYTES;
        if is_long || !self.fits(self.group.bytes.len() + size) {
            self.commit();
        }
        if let Some(failure) = self.log.failure() {
            return Err(failure);
        }
        if !self.fits(self.group.bytes.len() + size) {
            self.rotate(GROUP + size)?;
        }
        Ok(())
    }

    fn fits(&self, bytes: usize) -> bool {
        self.live.end + bytes as u64 <= self.live.capacity
    }

    fn encode(&mut self, records: &[Bytes], answer: oneshot::Sender<Result<u64>>) {
        let first = self.next + u64::from(self.group.count);
        self.group.answers.push((answer, first));
        for (position, record) in (first..).zip(records) {
            let offset = self.live.end + self.group.bytes.len() as u64;
            let is_far = |last: &(u64, u64)| offset >= last.1 + u64::from(self.log.index_every);
            if self.group.places.last().is_none_or(is_far) {
                self.group.places.push((position, offset));
            }
            frame::put_record(&mut self.group.bytes, self.log.id, position, record);
        }
        self.group.count += records.len() as u32;
    }

    /// Writes and syncs the group, then lets readers see it, then answers.
    fn commit(&mut self) {
        if self.group.is_empty() {
            return;
        }
        let outcome = self.write_group();
        if outcome.is_ok() {
            self.next += u64::from(self.group.count);
            self.live.end += self.group.bytes.len() as u64;
            self.live.is_closed = false;
            self.live.segment.grow(&self.group.places, self.live.end);
            self.log.publish(self.next);
        }
        for (answer, position) in self.group.answers.drain(..) {
            // Who has gone away is not told.
            drop(answer.send(outcome.clone().map(|()| position)));
        }
        self.group.clear();
    }

    /// A lack of room is told and survived: no byte of this group was synced, and the next one is written over it. Any
    /// other failure breaks the log, and a failed sync is never tried again: the system may have forgotten the bytes
    /// and would say yes.
    fn write_group(&mut self) -> Result<()> {
        let length = (self.group.bytes.len() - GROUP) as u32;
        let header = GroupHeader { first: self.next, bytes: length, count: self.group.count };
        self.group.bytes[..GROUP].copy_from_slice(&header.encode(self.log.id));
        match disk::write(&self.live.file, &self.group.bytes, self.live.end) {
            Ok(()) => {}
            Err(e) if disk::is_lack_of_space(&e) => return Err(self.full(&e)),
            Err(e) => return Err(self.broken("a write", &e)),
        }
        let begun = Instant::now();
        let synced = disk::sync(&self.live.file);
        self.sync_took = begun.elapsed();
        synced.map_err(|e| self.broken("a sync", &e))
    }

    fn full(&self, cause: &io::Error) -> Error {
        tracing::warn!(error = %cause, "no room for the log to grow");
        errors::disk_full(cause)
    }
    fn broken(&self, what: &str, cause: &io::Error) -> Error {
        self.log.break_down(format!("{what} failed at {} ({cause})", self.live.segment.path.display()))
    }

    /// Makes the next segment the live one. All that was written into this one is durable.
    fn rotate(&mut self, group: usize) -> Result<()> {
        let spare = match self.spare(group) {
            Ok(spare) => spare,
            Err(e) if disk::is_lack_of_space(&e) => return Err(self.full(&e)),
            Err(e) => return Err(self.broken("pre-writing a segment", &e)),
        };
        let capacity = spare.bytes;
        let header = SegmentHeader { log: self.log.id, first: self.next, bytes: capacity };
        let (file, path) =
            prepare::promote(spare, &self.log.dir, &header).map_err(|e| self.broken("beginning a segment", &e))?;
        let end = HEADER as u64;
        let segment = Arc::new(Segment::indexed(self.next, path, Index::new(self.log.index_every), end));
        self.log.add_segment(segment.clone());
        self.live = Live { segment, file, end, capacity, is_closed: false };
        Ok(())
    }

    /// The spare that was prepared ahead, if it came out well and is large enough; otherwise one made now.
    fn spare(&mut self, group: usize) -> io::Result<Spare> {
        let size = prepare::next_size(self.live.capacity, self.log.segment_bytes, group);
        if let Some(prepared) = self.preparing.take().and_then(|p| p.join().ok()) {
            match prepared {
                Ok(spare) if spare.bytes >= (HEADER + group) as u64 => return Ok(spare),
                Ok(small) => small.discard(),
                // Room may have come back since.
                Err(e) if disk::is_lack_of_space(&e) => {}
                Err(e) => return Err(e),
            }
        }
        prepare::prepare(&self.log.dir, size)
    }

    /// Starts to fill the next segment with zeros when this one is half full.
    fn prepare_ahead(&mut self) {
        let is_early = self.live.end * 2 < self.live.capacity;
        if is_early || self.preparing.is_some() || self.log.broken().is_some() {
            return;
        }
        let size = prepare::next_size(self.live.capacity, self.log.segment_bytes, 0);
        let dir = self.log.dir.clone();
        let prepare = move || {
            prepare::prepare(&dir, size)
                .inspect_err(|e| tracing::warn!(error = %e, bytes = size, "the log's next segment could not be pre-written"))
        };
        self.preparing = std::thread::Builder::new().name("log-prepare".into()).spawn(prepare).ok();
    }

    /// Leaves a mark that proves, to the next opening, that everything before it was acknowledged.
    fn close(mut self) {
        if let Some(Ok(Ok(spare))) = self.preparing.take().map(JoinHandle::join) {
            spare.discard();
        }
        if self.log.broken().is_some() || self.live.is_closed || !self.fits(GROUP) {
            return;
        }
        let mark = GroupHeader { first: self.next, bytes: 0, count: 0 }.encode(self.log.id);
        let written = disk::write(&self.live.file, &mark, self.live.end).and_then(|()| disk::sync(&self.live.file));
        if let Err(e) = written {
            tracing::warn!(error = %e, "the log could not be marked as closed");
        }
    }
}
