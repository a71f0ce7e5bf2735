//! Segment files before they are segments: pre-written with zeros, then given a header and a name.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::frame::{HEADER, SegmentHeader};
use crate::segment;

/// The only temporary name; what is left under it after a crash is nobody's.
const SPARE: &str = "spare.tmp";

/// A file full of durable zeros that waits to become a segment.
#[derive(Debug)]
pub(crate) struct Spare {
    pub(crate) file: File,
    pub(crate) bytes: u64,
    path: PathBuf,
}

impl Spare {
    pub(crate) fn discard(self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    if let Err(e) = fs::remove_file(path)
        && e.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(error = %e, "a spare file of the log could not be removed");
    }
}

/// Forgets what a crash has left behind.
pub(crate) fn remove_leftover(dir: &Path) {
    remove(&dir.join(SPARE));
}

/// Makes a spare file. Blocks until its zeros are on the disk; that is why it is done ahead.
pub(crate) fn prepare(dir: &Path, bytes: u64) -> io::Result<Spare> {
    let path = dir.join(SPARE);
    match fill(&path, bytes) {
        Ok(file) => Ok(Spare { file, bytes, path }),
        Err(e) => {
            remove(&path);
            Err(e)
        }
    }
}

fn fill(path: &Path, bytes: u64) -> io::Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
    disk::reserve(&file, bytes)?;
    disk::write_zeros(&file, 0, bytes)?;
    file.sync_all()?;
    Ok(file)
}

/// Makes a spare the segment that its header says. The header is durable before the name, the name before the answer.
pub(crate) fn promote(spare: Spare, dir: &Path, header: &SegmentHeader) -> io::Result<(File, PathBuf)> {
    write_header(&spare.file, header)?;
    let path = segment::path_of(dir, header.first);
    rename(&spare.path, &path)?;
    disk::sync_directory(dir)?;
    Ok((spare.file, path))
}

fn write_header(file: &File, header: &SegmentHeader) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    point!("stream_bus.write_header");
    file.write_all_at(&header.encode(), 0)?;
    file.sync_data()
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    point!("stream_bus.rename");
    fs::rename(from, to)
}

/// Size of the segment after one of `last` bytes (0 for the first): doubling up to what is wanted, and never too small
/// for a group of `group` bytes.
pub(crate) fn next_size(last: u64, wanted: u64, group: usize) -> u64 {
    const FIRST: u64 = 4 * 1024 * 1024;
    let needed = (HEADER + group) as u64;
    let page = HEADER as u64;
    (last * 2).max(FIRST).min(wanted).max(needed).max(2 * page).next_multiple_of(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_double_up_to_what_is_wanted() {
        const MIB: u64 = 1024 * 1024;
        let mut sizes = Vec::new();
        let mut size = 0;
        for _ in 0..6 {
            size = next_size(size, 64 * MIB, 100);
            sizes.push(size / MIB);
        }
        assert_eq!(sizes, [4, 8, 16, 32, 64, 64]);
        assert_eq!(next_size(0, 10_000, 10), 12_288);
        assert_eq!(next_size(0, 1, 10), 8_192);
        assert_eq!(next_size(8_192, 8_192, 100_000), 106_496);
    }
}
