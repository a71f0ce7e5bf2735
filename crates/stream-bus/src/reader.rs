//! Reads durable records: finds the place, reads blocks, cuts records out of them without copying.

use std::io;

use bytes::Bytes;

use crate::disk;
use crate::errors;
use crate::frame::{Frame, GROUP, HEADER, HeaderFault, RECORD, SegmentHeader, VERSION, frame_at};
use crate::kernel::{Error, Result};
use crate::log::Log;
use crate::recovery;
use crate::segment::Segment;

/// The first block of a read is small, for those who want little; the others are as large as pays.
const FIRST_BLOCK: usize = 128 * 1024;
const BLOCK: usize = 512 * 1024;

pub(crate) fn read(log: &Log, from: u64, max_records: usize, max_bytes: usize) -> Result<Vec<(u64, Bytes)>> {
    let next = log.next();
    if from < log.first() {
        return Err(errors::trimmed(from, log.first()));
    }
    let mut taken = Taken { records: Vec::new(), bytes: 0, max_records, max_bytes, is_full: max_records == 0 };
    let mut position = from;
    while position < next && !taken.is_full {
        let Some((segment, behind)) = log.segment_of(position) else {
            return Err(errors::trimmed(from, log.first()));
        };
        position = read_segment(log, &segment, position, behind.min(next), &mut taken)?;
    }
    Ok(taken.records)
}

/// The records of one answer.
struct Taken {
    records: Vec<(u64, Bytes)>,
    bytes: usize,
    max_records: usize,
    max_bytes: usize,
    is_full: bool,
}

impl Taken {
    /// Takes the record unless it would be too much.
    fn take(&mut self, position: u64, payload: Bytes) -> bool {
        let bytes = self.bytes.saturating_add(payload.len());
        if !self.records.is_empty() && bytes > self.max_bytes {
            self.is_full = true;
            return false;
        }
        self.bytes = bytes;
        self.records.push((position, payload));
        self.is_full = self.records.len() >= self.max_records || self.bytes >= self.max_bytes;
        true
    }
}

/// Reads `from..to`, all in this segment, until enough is taken. Answers the position to go on with.
fn read_segment(log: &Log, segment: &Segment, from: u64, to: u64, taken: &mut Taken) -> Result<u64> {
    let unreadable = |e: io::Error| match e.kind() == io::ErrorKind::NotFound && from < log.first() {
        true => errors::trimmed(from, log.first()),
        false => errors::cannot_read(&segment.path, &e),
    };
    let file = log.files.get(segment).map_err(unreadable)?;
    let (mut position, mut offset) = place_of(log, segment, from, to)?;
    let corrupt = |offset: u64, position: u64, why: &str| errors::corrupt(&segment.path, offset, position, why);
    let mut want = taken.max_bytes.saturating_add(HEADER).min(FIRST_BLOCK);
    while position < to && !taken.is_full {
        let readable = segment.end().saturating_sub(offset);
        want = want.min(usize::try_from(readable).unwrap_or(usize::MAX));
        let block = Bytes::from(disk::read(&file, offset, want).map_err(unreadable)?);
        let mut used = 0;
        let mut need = 0;
        while position < to && !taken.is_full {
            match frame_at(&block[used..], log.id, position) {
                Frame::Record { payload } => {
                    let start = used + RECORD;
                    if position >= from && !taken.take(position, block.slice(start..start + payload)) {
                        break;
                    }
                    used = start + payload;
                    position += 1;
                }
                Frame::Group(group) if group.first == position => used += GROUP,
                Frame::Cut { need: more } if block.len() >= want && (used + more) as u64 <= readable => {
                    need = more;
                    break;
                }
                Frame::Cut { .. } => return Err(corrupt(offset + used as u64, position, "it ends too early")),
                Frame::Group(_) => return Err(corrupt(offset + used as u64, position, "a group with another position")),
                Frame::End => return Err(corrupt(offset + used as u64, position, "zeros where a record should be")),
                Frame::Bad(why) => return Err(corrupt(offset + used as u64, position, why)),
            }
        }
        offset += used as u64;
        want = BLOCK.max(need);
    }
    log.bookmarks.put(segment.first, position, offset);
    Ok(position)
}

/// A position at or before `from`, and where it stands. Scans the segment if nobody has yet.
fn place_of(log: &Log, segment: &Segment, from: u64, to: u64) -> Result<(u64, u64)> {
    if let Some(offset) = log.bookmarks.find(segment.first, from) {
        return Ok((from, offset));
    }
    if let Some(place) = segment.seek(from) {
        return Ok(place);
    }
    index(log, segment, to)?;
    Ok(segment.seek(from).unwrap_or((segment.first, HEADER as u64)))
}

/// Scans an old segment that was not scanned when the log opened. It ends where the next one begins.
fn index(log: &Log, segment: &Segment, following: u64) -> Result<()> {
    let file = log.files.get(segment).map_err(|e| errors::cannot_read(&segment.path, &e))?;
    let bytes = disk::read(&file, 0, HEADER).map_err(|e| errors::cannot_read(&segment.path, &e))?;
    let header = SegmentHeader::decode(&bytes).map_err(|fault| header_error(segment, fault))?;
    let scan = recovery::scan_sealed(&file, &segment.path, &header, following, log.index_every)?;
    segment.set_index(scan.index, scan.end);
    Ok(())
}

fn header_error(segment: &Segment, fault: HeaderFault) -> Error {
    match fault {
        HeaderFault::Version(version) => errors::version_unknown(&segment.path, version, VERSION),
        HeaderFault::Damaged(why) => errors::corrupt(&segment.path, 0, segment.first, why),
    }
}
