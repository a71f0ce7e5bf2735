//! Bytes of a file, packed or not and in whatever encoding, as UTF-8.

use std::io::{self, BufRead, Read};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::bufread::MultiGzDecoder;

use super::open_file;
use crate::kernel::{Error, Result};

/// Stands where bytes could not be read; a row that has it is rejected.
pub const UNREADABLE: char = '\u{fffd}';

const CHUNK: usize = 64 * 1024;
/// How much is looked at to guess encoding and delimiter.
const SAMPLE: u64 = 4 * 1024 * 1024;

/// The encoding of a label such as `gbk`.
pub fn encoding_of(label: &str) -> Result<&'static Encoding> {
    // "utf-16" alone has no byte order on the web; files that say so are little-endian unless a mark says otherwise.
    let encoding = Encoding::for_label(label.trim().as_bytes()).filter(|e| *e != encoding_rs::REPLACEMENT);
    encoding.ok_or_else(|| {
        Error::invalid("connectors.encoding_unknown", format!("there is no encoding \"{label}\"; use utf-8, gb18030, gbk, utf-16le, utf-16be, windows-1252, big5, shift_jis, …"))
            .field("encoding", "unknown")
            .param("encoding", label)
    })
}

/// The file's bytes, unpacked if it is a gzip file.
pub fn unpacked(path: &Path) -> Result<Box<dyn Read + Send>> {
    let mut file = open_file(path)?;
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(MultiGzDecoder::new(file)));
    }
    Ok(Box::new(file))
}

/// The beginning of the file, unpacked.
pub fn sample(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked(path)?.take(SAMPLE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The encoding of a byte order mark; else UTF-16 by its zeros; else UTF-8, GB18030 or Windows-1252,
/// whichever reads with the fewest faults.
pub fn guess(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    if let Some(encoding) = wide(sample) {
        return encoding;
    }
    if sample.is_ascii() {
        return UTF_8;
    }
    let utf8 = faults(sample, UTF_8);
    if utf8.bad == 0 {
        return UTF_8;
    }
    let gb = faults(sample, GB18030);
    // A file in another encoding fails at nearly every letter; a damaged UTF-8 file at a few.
    if utf8.bad * 10 <= utf8.good {
        return UTF_8;
    }
    if gb.bad * 20 <= gb.good && looks_chinese(sample) { GB18030 } else { WINDOWS_1252 }
}

fn wide(sample: &[u8]) -> Option<&'static Encoding> {
    let head = &sample[..sample.len().min(1_024)];
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 5;
    match (even, odd) {
        (e, o) if o > many && o > e * 4 => Some(UTF_16LE),
        (e, o) if e > many && e > o * 4 => Some(UTF_16BE),
        _ => None,
    }
}

/// In Windows-1252 letters above ASCII stand alone among ASCII letters; in GB18030 they come in pairs.
fn looks_chinese(sample: &[u8]) -> bool {
    let (text, _) = GB18030.decode_without_bom_handling(sample);
    let (mut common, mut rare) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        match c {
            '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' => common += 1,
            _ => rare += 1,
        }
    }
    let (mut runs, mut alone, mut run) = (0usize, 0usize, 0usize);
    for byte in sample.iter().chain(b"\n") {
        if byte.is_ascii() {
            match run {
                0 => {}
                1 => alone += 1,
                _ => runs += 1,
            }
            run = 0;
        } else {
            run += 1;
        }
    }
    common > rare && runs > alone
}

struct Faults {
    good: usize,
    bad: usize,
}

/// Letters above ASCII that read well, and places that do not.
fn faults(sample: &[u8], encoding: &'static Encoding) -> Faults {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let bad = text.chars().filter(|c| *c == UNREADABLE).count();
    // The sample may end in the middle of a letter.
    let cut = usize::from(text.ends_with(UNREADABLE) && bad > 0);
    Faults { good: text.chars().filter(|c| !c.is_ascii() && *c != UNREADABLE).count(), bad: bad - cut }
}

/// A sample as text.
pub fn text_of(sample: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode(sample).0.into_owned()
}

/// Reads UTF-8 out of any encoding. Unreadable bytes become [`UNREADABLE`]; a byte order mark goes.
pub struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_at: usize,
    text_end: usize,
    ended: bool,
    /// The file ends its lines with carriage returns alone.
    carriage: bool,
}

impl<R: Read> Utf8<R> {
    pub fn new(inner: R, encoding: &'static Encoding, carriage: bool) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            raw_at: 0,
            raw_end: 0,
            text: vec![0; CHUNK * 3],
            text_at: 0,
            text_end: 0,
            ended: false,
            carriage,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.text_at == self.text_end && !self.ended {
            if self.raw_at == self.raw_end {
                self.raw_at = 0;
                self.raw_end = self.inner.read(&mut self.raw)?;
            }
            let last = self.raw_end == 0;
            let (result, read, written, _) = self.decoder.decode_to_utf8(&self.raw[self.raw_at..self.raw_end], &mut self.text, last);
            self.raw_at += read;
            self.text_at = 0;
            self.text_end = written;
            self.ended = last && result == CoderResult::InputEmpty;
        }
        if self.carriage {
            self.text[self.text_at..self.text_end].iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.text_at == self.text_end {
            self.refill()?;
        }
        Ok(&self.text[self.text_at..self.text_end])
    }
    fn consume(&mut self, count: usize) {
        self.text_at += count;
    }
}

/// The text of a file of this encoding.
pub fn open(path: &Path, encoding: &'static Encoding) -> Result<Utf8<Box<dyn Read + Send>>> {
    let sample = sample_of_lines(path)?;
    let carriage = encoding != UTF_16LE && encoding != UTF_16BE && sample.contains(&b'\r') && !sample.contains(&b'\n');
    Ok(Utf8::new(unpacked(path)?, encoding, carriage))
}

fn sample_of_lines(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked(path)?.take(CHUNK as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One line with its end, at most `most` bytes of it; `false` at the end of the file.
pub fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, most: usize) -> Result<bool> {
    line.clear();
    loop {
        let there = input.fill_buf()?;
        if there.is_empty() {
            return Ok(!line.is_empty());
        }
        let (part, ended) = match there.iter().position(|b| *b == b'\n') {
            Some(at) => (&there[..=at], true),
            None => (there, false),
        };
        let count = part.len();
        line.extend_from_slice(part);
        input.consume(count);
        if line.len() > most {
            return Err(Error::invalid("connectors.line_too_long", format!("a line is longer than {most} bytes; this does not look like a table")));
        }
        if ended {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(bytes: &[u8], encoding: &'static Encoding) -> String {
        let mut out = String::new();
        Utf8::new(bytes, encoding, false).read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn encodings_are_guessed() {
        let chinese = "订单号,手机号,商品\n10001,13800000000,拿铁咖啡\n";
        let french = "numéro,prénom,ville\n1,Zoé,Orléans\n2,Chloé,Besançon\n";
        assert_eq!(guess(b"a,b\n1,2\n"), UTF_8);
        assert_eq!(guess(chinese.as_bytes()), UTF_8);
        assert_eq!(guess(&GB18030.encode(chinese).0), GB18030);
        assert_eq!(guess(&WINDOWS_1252.encode(french).0), WINDOWS_1252);
        let wide: Vec<u8> = "a,b\n1,订单\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(guess(&wide), UTF_16LE);
        let wide: Vec<u8> = "a,b\n1,订单\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(guess(&wide), UTF_16BE);
        let mut damaged = "名称,价格\n".repeat(50).into_bytes();
        damaged.extend_from_slice(b"\xff\xfe broken,1\n");
        assert_eq!(guess(&damaged), UTF_8, "a few bad bytes do not make it another encoding");
    }

    #[test]
    fn marks_go_and_bad_bytes_show() {
        assert_eq!(through(b"\xef\xbb\xbfname", UTF_8), "name");
        assert_eq!(through(b"a\xffb", UTF_8), "a\u{fffd}b");
        let long = "订单".repeat(60_000);
        assert_eq!(through(&GB18030.encode(&long).0, GB18030), long, "letters across chunks stay whole");
        assert_eq!(through(b"cut\xe4\xbd", UTF_8), "cut\u{fffd}");
    }

    #[test]
    fn labels_of_the_web_are_known() {
        assert_eq!(encoding_of("GBK").unwrap().name(), "GBK");
        assert_eq!(encoding_of("latin1").unwrap(), WINDOWS_1252);
        assert_eq!(encoding_of("klingon").unwrap_err().code, "connectors.encoding_unknown");
    }
}
