//! Bodies as they come off the wire: gzip undone, with an end to it.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::kernel::{Error, Result};

/// Code of what is larger than a call may be; answered with 413.
pub(crate) const TOO_LARGE: &str = "collect.too_large";

/// The body without gzip, whether or not a header announces it: its first bytes say so.
/// Stops as soon as more than `limit` bytes come out, however small the body was.
pub(crate) fn unzipped(body: &[u8], limit: usize) -> Result<Cow<'_, [u8]>> {
    if !body.starts_with(&[0x1f, 0x8b]) {
        return if body.len() > limit { Err(too_large(limit)) } else { Ok(Cow::Borrowed(body)) };
    }
    let mut plain = Vec::with_capacity((body.len() * 4).min(limit + 1));
    MultiGzDecoder::new(body)
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|e| Error::invalid("collect.bad_gzip", format!("the body is not gzip: {e}")))?;
    if plain.len() > limit { Err(too_large(limit)) } else { Ok(Cow::Owned(plain)) }
}

pub(crate) fn too_large(limit: usize) -> Error {
    Error::invalid(TOO_LARGE, format!("a request may have {limit} bytes after decompression; send several")).param("limit", limit)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn zipped(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_undone_up_to_the_limit() {
        let plain = vec![b'x'; 1_000];
        assert_eq!(unzipped(&plain, 1_000).unwrap().as_ref(), plain);
        assert_eq!(unzipped(&zipped(&plain), 1_000).unwrap().as_ref(), plain);
        assert_eq!(unzipped(&plain, 999).unwrap_err().code, TOO_LARGE);
        assert_eq!(unzipped(&zipped(&plain), 999).unwrap_err().code, TOO_LARGE);
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_blown_up() {
        let bomb = zipped(&vec![0; 50 << 20]);
        assert!(bomb.len() < 100 << 10);
        assert_eq!(unzipped(&bomb, 500 << 10).unwrap_err().code, TOO_LARGE);
    }

    #[test]
    fn broken_gzip_is_told_as_such() {
        let mut broken = zipped(b"hello");
        broken.truncate(8);
        assert_eq!(unzipped(&broken, 100).unwrap_err().code, "collect.bad_gzip");
    }
}
