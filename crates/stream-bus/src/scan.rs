//! Walks through a segment file, checks every byte that counts, and tells where and why it stopped.

use std::fs::File;
use std::io;

use crate::disk;
use crate::frame::{Frame, GROUP, GroupHeader, HEADER, LogId, RECORD, SegmentHeader, frame_at};
use crate::segment::Index;

const BLOCK: usize = 1024 * 1024;

/// What whole groups a segment holds.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Offset behind the last whole group.
    pub end: u64,
    /// Position behind the last record of the last whole group.
    pub next: u64,
    /// Offset of the last whole group, the header's end if there is none.
    pub last_group: u64,
    /// The last whole group is the mark of a clean closing.
    pub is_closed: bool,
    pub index: Index,
    /// Why no group could be read at `end`; `None` if there are only zeros or the file's end.
    pub damage: Option<Damage>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub offset: u64,
    pub position: u64,
    pub why: &'static str,
}

/// Reads the segment from its header's end to the first place that is not a whole group.
pub(crate) fn scan(file: &File, header: &SegmentHeader, index_every: u32) -> io::Result<Scan> {
    let mut window = Window { file, log: header.log, block: Vec::new(), at: 0 };
    let start = HEADER as u64;
    let mut scan = Scan {
        end: start,
        next: header.first,
        last_group: start,
        is_closed: false,
        index: Index::new(index_every),
        damage: None,
    };
    loop {
        let indexed = scan.index.len();
        match window.group(&mut scan.index, header.first, scan.end, scan.next)? {
            Step::Whole(group) => {
                scan.last_group = scan.end;
                scan.end += GROUP as u64 + u64::from(group.bytes);
                scan.next += u64::from(group.count);
                scan.is_closed = group.count == 0;
            }
            Step::End => return Ok(scan),
            Step::Damaged(damage) => {
                scan.index.truncate(indexed);
                scan.damage = Some(damage);
                return Ok(scan);
            }
        }
    }
}

/// Is there a group anywhere in `from..to`? Then whatever stands before it was acknowledged.
pub(crate) fn has_group(file: &File, log: LogId, from: u64, to: u64) -> io::Result<bool> {
    let mut found = false;
    disk::visit_nonzero(file, from, to, GROUP - 1, |_, block| {
        found = found || GroupHeader::find(block, log).is_some();
        Ok(())
    })?;
    Ok(found)
}

enum Step {
    Whole(GroupHeader),
    End,
    Damaged(Damage),
}

/// A block of the file that moves along.
struct Window<'f> {
    file: &'f File,
    log: LogId,
    block: Vec<u8>,
    at: u64,
}

impl Window<'_> {
    /// All bytes at hand from `offset` on, at least `need` unless the file ends.
    fn bytes(&mut self, offset: u64, need: usize) -> io::Result<&[u8]> {
        let is_inside = offset >= self.at && offset + need as u64 <= self.at + self.block.len() as u64;
        if !is_inside {
            disk::read_into(self.file, &mut self.block, offset, need.max(BLOCK))?;
            self.at = offset;
        }
        Ok(&self.block[(offset - self.at) as usize..])
    }

    fn frame(&mut self, offset: u64, position: u64) -> io::Result<Frame> {
        let log = self.log;
        let mut need = RECORD;
        loop {
            let bytes = self.bytes(offset, need)?;
            if bytes.len() < need {
                let is_blank = bytes.iter().all(|b| *b == 0);
                return Ok(if is_blank { Frame::End } else { Frame::Bad("the file ends in the middle of it") });
            }
            match frame_at(bytes, log, position) {
                Frame::Cut { need: more } => need = more,
                frame => return Ok(frame),
            }
        }
    }

    /// Reads the group at `offset`, whose first record must have the given position.
    fn group(&mut self, index: &mut Index, segment_first: u64, offset: u64, position: u64) -> io::Result<Step> {
        let damaged = |offset, position, why| Ok(Step::Damaged(Damage { offset, position, why }));
        let group = match self.frame(offset, position)? {
            Frame::End => return Ok(Step::End),
            Frame::Group(group) => group,
            Frame::Bad(why) => return damaged(offset, position, why),
            Frame::Record { .. } | Frame::Cut { .. } => return damaged(offset, position, "a record outside of a group"),
        };
        if group.first != position {
            return damaged(offset, position, "a group with another position");
        }
        let end = offset + GROUP as u64 + u64::from(group.bytes);
        let mut at = offset + GROUP as u64;
        for position in position..position + u64::from(group.count) {
            match self.frame(at, position)? {
                Frame::Record { payload } => {
                    index.note(position - segment_first, at);
                    at += (RECORD + payload) as u64;
                }
                Frame::Bad(why) => return damaged(at, position, why),
                Frame::End => return damaged(at, position, "zeros where a record should be"),
                Frame::Group(_) | Frame::Cut { .. } => return damaged(at, position, "a group inside of a group"),
            }
        }
        if at != end {
            return damaged(offset, position, "a group with another length than it says");
        }
        Ok(Step::Whole(group))
    }
}
