//! The errors of this room, each worded in one place.

use std::io;
use std::path::Path;

use crate::kernel::Error;

pub(crate) fn url_invalid(url: &str) -> Error {
    Error::invalid("stream_bus.url_invalid", format!("a log is named file:/path, not {url:?}"))
}

pub(crate) fn engine_absent(engine: &str) -> Error {
    Error::invalid("stream_bus.engine_absent", format!("this binary was built without {engine}")).param("engine", engine)
}

pub(crate) fn append_too_large(bytes: usize, most: usize) -> Error {
    Error::invalid("stream_bus.append_too_large", format!("an append of {bytes} bytes; at most {most} go in one"))
        .param("bytes", bytes)
        .param("most", most)
}

pub(crate) fn trimmed(from: u64, first: u64) -> Error {
    Error::not_found("stream_bus.trimmed", format!("position {from} is no longer kept; the oldest kept one is {first}"))
        .param("from", from)
        .param("first", first)
}

pub(crate) fn failed(why: &str) -> Error {
    Error::unavailable(
        "stream_bus.failed",
        format!("the log takes no more appends since {why}; what was acknowledged stays readable; restart to recover"),
    )
    .param("why", why)
}

pub(crate) fn disk_full(cause: &io::Error) -> Error {
    Error::unavailable(
        "stream_bus.disk_full",
        format!("no room for the log to grow ({cause}); nothing was appended; appends go on when space is freed"),
    )
}

pub(crate) fn locked(dir: &Path) -> Error {
    Error::conflict("stream_bus.locked", format!("another process has the log in {} open", dir.display()))
        .param("directory", dir.display())
}

pub(crate) fn cannot_open(path: &Path, cause: &io::Error) -> Error {
    Error::unavailable("stream_bus.cannot_open", format!("{}: {cause}", path.display())).param("file", path.display())
}

pub(crate) fn cannot_read(path: &Path, cause: &io::Error) -> Error {
    Error::unavailable("stream_bus.cannot_read", format!("{}: {cause}", path.display())).param("file", path.display())
}

pub(crate) fn version_unknown(path: &Path, version: u32, known: u32) -> Error {
    Error::unavailable(
        "stream_bus.version_unknown",
        format!("{} has format version {version}, this binary knows {known}: use a newer one", path.display()),
    )
    .param("file", path.display())
    .param("version", version)
}

pub(crate) fn corrupt(path: &Path, offset: u64, position: u64, why: &str) -> Error {
    Error::unavailable(
        "stream_bus.corrupt",
        format!(
            "{} is damaged at byte {offset}, where position {position} should be: {why}. Nothing was changed. \
             Restore this file from a backup; if there is none, move it and all later segment files away, \
             knowing that the records from position {position} on are lost, and open again",
            path.display()
        ),
    )
    .param("file", path.display())
    .param("offset", offset)
    .param("position", position)
}
