//! The few calls that touch the disk, with the places where tests make them fail.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::io::Errno;

/// `point!("name")`: where a test may make the enclosing function fail. Nothing at all in the product.
#[cfg(feature = "failpoints")]
macro_rules! point {
    ($name:literal) => {
        fail::fail_point!($name, |what: Option<String>| Err($crate::disk::injected(what.as_deref())))
    };
}
#[cfg(not(feature = "failpoints"))]
macro_rules! point {
    ($name:literal) => {};
}

#[cfg(feature = "failpoints")]
pub(crate) fn injected(what: Option<&str>) -> io::Error {
    match what {
        Some("ENOSPC") => Errno::NOSPC.into(),
        Some("EDQUOT") => Errno::DQUOT.into(),
        _ => Errno::IO.into(),
    }
}

const CHUNK: usize = 1024 * 1024;

/// Is it a lack of room rather than a broken disk? Also a quota and a limit on file size.
pub(crate) fn is_lack_of_space(e: &io::Error) -> bool {
    matches!(Errno::from_io_error(e), Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG))
}

/// Writes a group into the live segment. A write that fails on demand leaves half of its bytes, as real ones may.
pub(crate) fn write(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(feature = "failpoints")]
    fail::fail_point!("stream_bus.write", |what: Option<String>| {
        file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
        Err(injected(what.as_deref()))
    });
    file.write_all_at(bytes, offset)
}

/// Waits until what was written into the live segment is on the disk. Called once per group and never again for it.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    point!("stream_bus.sync");
    file.sync_data()
}

/// Makes new names and lost names in a directory durable.
pub(crate) fn sync_directory(dir: &Path) -> io::Result<()> {
    point!("stream_bus.sync_directory");
    File::open(dir)?.sync_all()
}

/// Writes zeros over `from..to`, and makes them durable piece by piece so that others' syncs do not wait for all.
pub(crate) fn write_zeros(file: &File, from: u64, to: u64) -> io::Result<()> {
    point!("stream_bus.write_zeros");
    let zeros = vec![0; CHUNK.min(to.saturating_sub(from) as usize)];
    let mut at = from;
    while at < to {
        let n = zeros.len().min((to - at) as usize);
        file.write_all_at(&zeros[..n], at)?;
        at += n as u64;
        if (at - from).is_multiple_of(8 * CHUNK as u64) {
            file.sync_data()?;
        }
    }
    Ok(())
}

/// Asks for the room at once, so that a lack of it shows before anything is written. Where the file system cannot
/// promise room, writing the zeros finds out.
pub(crate) fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        match fallocate(file, FallocateFlags::empty(), 0, bytes) {
            Ok(()) => return Ok(()),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(e) => return Err(e.into()),
        }
    }
    file.set_len(bytes)
}

/// Fills `block` with at least `want` bytes from `offset` on, fewer only at the end of the file.
pub(crate) fn read_into(file: &File, block: &mut Vec<u8>, offset: u64, want: usize) -> io::Result<()> {
    block.clear();
    block.reserve_exact(want);
    while block.len() < want {
        let at = offset + block.len() as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(block), at) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

pub(crate) fn read(file: &File, offset: u64, want: usize) -> io::Result<Vec<u8>> {
    let mut block = Vec::new();
    read_into(file, &mut block, offset, want)?;
    Ok(block)
}

/// Calls `visit` with the blocks of `from..to` that are not all zeros, and their offsets. Each block comes with up to
/// `overlap` bytes of what follows it, for things that straddle.
pub(crate) fn visit_nonzero(
    file: &File,
    from: u64,
    to: u64,
    overlap: usize,
    mut visit: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    const BLOCK: usize = 64 * 1024;
    let zeros = vec![0; BLOCK];
    let mut block = Vec::new();
    let mut at = from;
    while at < to {
        let n = BLOCK.min((to - at) as usize);
        read_into(file, &mut block, at, n + overlap)?;
        if block.is_empty() {
            return Ok(());
        }
        let own = n.min(block.len());
        if block[..own] != zeros[..own] {
            visit(at, &block[..(own + overlap).min(block.len())])?;
        }
        at += n as u64;
    }
    Ok(())
}
