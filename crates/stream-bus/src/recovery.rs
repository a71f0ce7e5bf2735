//! Opens a directory of segments: everything is checked, a torn end is cut, damage is refused.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk;
use crate::errors;
use crate::frame::{HEADER, HeaderFault, LogId, SegmentHeader, VERSION};
use crate::kernel::Result;
use crate::prepare;
use crate::scan::{self, Scan};
use crate::segment::{self, Index, Segment};
use crate::{Options, Verify};

/// A log as it was found, ready for appends.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub log: LogId,
    /// Oldest first, never empty; the last one is the live one.
    pub segments: Vec<Arc<Segment>>,
    pub live: Live,
    pub next: u64,
}

/// The segment that is written into.
#[derive(Debug)]
pub(crate) struct Live {
    pub segment: Arc<Segment>,
    pub file: File,
    /// Where the next group goes.
    pub end: u64,
    pub capacity: u64,
    /// The last group is the mark of a clean closing.
    pub is_closed: bool,
}

struct Found {
    path: PathBuf,
    file: File,
    header: SegmentHeader,
}

/// The caller holds the directory's lock.
pub(crate) fn recover(dir: &Path, options: &Options) -> Result<Recovered> {
    prepare::remove_leftover(dir);
    let mut found = find(dir)?;
    let Some(last) = found.pop() else { return create(dir, options) };
    let mut segments = Vec::with_capacity(found.len() + 1);
    let following = found.iter().skip(1).chain([&last]).map(|f| f.header.first).collect::<Vec<_>>();
    for (sealed, following) in found.into_iter().zip(following) {
        segments.push(Arc::new(check_sealed(sealed, following, options)?));
    }
    let log = last.header.log;
    let (live, next) = recover_last(last, options)?;
    disk::sync_directory(dir).map_err(|e| errors::cannot_open(dir, &e))?;
    segments.push(live.segment.clone());
    Ok(Recovered { log, segments, live, next })
}

fn create(dir: &Path, options: &Options) -> Result<Recovered> {
    let refuse = |e: io::Error| match disk::is_lack_of_space(&e) {
        true => errors::disk_full(&e),
        false => errors::cannot_open(dir, &e),
    };
    let bytes = prepare::next_size(0, options.segment_bytes, 0);
    let header = SegmentHeader { log: LogId::random(), first: 1, bytes };
    let spare = prepare::prepare(dir, bytes).map_err(refuse)?;
    let (file, path) = prepare::promote(spare, dir, &header).map_err(refuse)?;
    let index = Index::new(options.index_every_bytes);
    let segment = Arc::new(Segment::indexed(1, path, index, HEADER as u64));
    let live = Live { segment: segment.clone(), file, end: HEADER as u64, capacity: bytes, is_closed: false };
    Ok(Recovered { log: header.log, segments: vec![segment], live, next: 1 })
}

/// All segment files, oldest first, with headers that fit their names and one another.
fn find(dir: &Path) -> Result<Vec<Found>> {
    let refuse = |e: io::Error| errors::cannot_open(dir, &e);
    let mut named = Vec::new();
    for entry in fs::read_dir(dir).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if let Some(first) = segment::first_in_name(&path) {
            named.push((first, path));
        }
    }
    named.sort();
    let mut found: Vec<Found> = Vec::with_capacity(named.len());
    for (first, path) in named {
        let one = open_segment(path, first)?;
        if found.last().is_some_and(|before| before.header.log != one.header.log) {
            return Err(errors::corrupt(&one.path, 0, first, "the file belongs to another log"));
        }
        found.push(one);
    }
    Ok(found)
}

fn open_segment(path: PathBuf, first: u64) -> Result<Found> {
    let refuse = |e: io::Error| errors::cannot_open(&path, &e);
    let file = File::options().read(true).write(true).open(&path).map_err(refuse)?;
    let bytes = disk::read(&file, 0, HEADER).map_err(refuse)?;
    match SegmentHeader::decode(&bytes) {
        Ok(header) if header.first == first => Ok(Found { path, file, header }),
        Ok(_) => Err(errors::corrupt(&path, 0, first, "the file has the name of another segment")),
        Err(HeaderFault::Version(version)) => Err(errors::version_unknown(&path, version, VERSION)),
        Err(HeaderFault::Damaged(why)) => Err(errors::corrupt(&path, 0, first, why)),
    }
}

/// A segment with a successor was acknowledged to its last byte: whatever is wrong in it is damage.
fn check_sealed(sealed: Found, following: u64, options: &Options) -> Result<Segment> {
    let first = sealed.header.first;
    if options.verify == Verify::Last {
        return Ok(Segment::new(first, sealed.path));
    }
    let scan = scan_sealed(&sealed.file, &sealed.path, &sealed.header, following, options.index_every_bytes)?;
    Ok(Segment::indexed(first, sealed.path, scan.index, scan.end))
}

/// Scans a segment that must hold exactly the positions up to `following`.
pub(crate) fn scan_sealed(
    file: &File,
    path: &Path,
    header: &SegmentHeader,
    following: u64,
    index_every: u32,
) -> Result<Scan> {
    let scan = scan::scan(file, header, index_every).map_err(|e| errors::cannot_read(path, &e))?;
    if scan.next == following {
        // All is there. What may stand behind it is what a lack of room has left of a write that was refused.
        return Ok(scan);
    }
    if let Some(damage) = scan.damage {
        return Err(errors::corrupt(path, damage.offset, damage.position, damage.why));
    }
    let why = format!("its records end before position {}, the next file begins with {following}", scan.next);
    Err(errors::corrupt(path, scan.end, scan.next, &why))
}

/// Cuts a torn end off the last segment and makes all that is kept, and the zeros behind it, durable.
fn recover_last(last: Found, options: &Options) -> Result<(Live, u64)> {
    let Found { path, file, header } = last;
    let refuse = |e: io::Error| errors::cannot_open(&path, &e);
    let scan = scan::scan(&file, &header, options.index_every_bytes).map_err(refuse)?;
    let length = file.metadata().map_err(refuse)?.len();
    if scan::has_group(&file, header.log, scan.end + 1, length).map_err(refuse)? {
        let damage = scan.damage.map_or((scan.end, scan.next, "zeros where a group should be"), |d| (d.offset, d.position, d.why));
        return Err(errors::corrupt(&path, damage.0, damage.1, damage.2));
    }
    if let Some(damage) = scan.damage {
        tracing::warn!(
            offset = scan.end, position = scan.next, why = damage.why,
            "cut the torn end of the log, which was never acknowledged"
        );
    }
    make_durable(&file, &header, &scan, length).map_err(|e| match disk::is_lack_of_space(&e) {
        true => errors::disk_full(&e),
        false => refuse(e),
    })?;
    let segment = Arc::new(Segment::indexed(header.first, path, scan.index, scan.end));
    let live = Live { segment, file, end: scan.end, capacity: header.bytes, is_closed: scan.is_closed };
    Ok((live, scan.next))
}

/// What we read may have come from memory only, from before a kill or after a failed sync, and a sync alone does not
/// write again what the system believes to be written. So unless the log was closed cleanly, the last group and the
/// zeros behind it are written anew. Groups before the last were synced before it was begun.
fn make_durable(file: &File, header: &SegmentHeader, scan: &Scan, length: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let size = length.max(header.bytes);
    if scan.is_closed && scan.damage.is_none() && length >= header.bytes {
        disk::visit_nonzero(file, scan.end, size, 0, |at, block| disk::write_zeros(file, at, at + block.len() as u64))?;
    } else {
        let length = (scan.end - scan.last_group) as usize;
        let mut last_group = disk::read(file, scan.last_group, length)?;
        last_group.truncate(length);
        file.write_all_at(&last_group, scan.last_group)?;
        disk::write_zeros(file, scan.end, size)?;
    }
    file.sync_all()
}
