//! JSON carried from the request into the log without being taken apart: read borrowed, checked and copied in one pass.

use std::borrow::Cow;

/// How deep properties may be nested. The reader of the log gives up at 128, and this value lies three deep in its record.
pub(crate) const MAX_DEPTH: usize = 64;

/// What can be wrong with JSON that is well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooDeep,
    NumberOutOfRange,
}

/// A text of the request. Borrowed means that it stands there without escapes and needs none in the log either.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// A name that needs no escaping, such as those in this source code.
    pub(crate) fn plain(text: &'a str) -> Self {
        debug_assert!(text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\'));
        Self(Cow::Borrowed(text))
    }
    pub(crate) fn owned(text: String) -> Self {
        Self(Cow::Owned(text))
    }
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        match &self.0 {
            Cow::Borrowed(text) => out.extend_from_slice(text.as_bytes()),
            Cow::Owned(text) => escape(text, out),
        }
        out.push(b'"');
    }
}

fn escape(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
            _ => out.push(byte),
        }
    }
}

/// What stands where a text is expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading<'a> {
    /// Nothing, null, or an empty text: clients send all three for "I have none".
    Absent,
    Text(Text<'a>),
    Wrong,
}

/// Reads a JSON value as a text. Whole numbers are taken as their digits: older clients send numeric ids.
pub(crate) fn text(raw: Option<&str>) -> Reading<'_> {
    let Some(raw) = raw else { return Reading::Absent };
    match raw.as_bytes() {
        b"null" | b"\"\"" => Reading::Absent,
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => match &raw[1..raw.len() - 1] {
            blank if blank.trim().is_empty() => Reading::Absent,
            plain => Reading::Text(Text(Cow::Borrowed(plain))),
        },
        [b'"', ..] => unescaped(raw),
        [b'-', digits @ ..] | digits if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => Reading::Text(Text(Cow::Borrowed(raw))),
        _ => Reading::Wrong,
    }
}

fn unescaped(raw: &str) -> Reading<'_> {
    let mut mended = Vec::with_capacity(raw.len());
    if copy_value(raw, &mut mended).is_err() {
        return Reading::Wrong;
    }
    match serde_json::from_slice::<String>(&mended) {
        Ok(text) if text.trim().is_empty() => Reading::Absent,
        Ok(text) => Reading::Text(Text::owned(text)),
        Err(_) => Reading::Wrong,
    }
}

/// Copies a value that is known to be well-formed, without white space between its parts.
///
/// Half of a surrogate pair (a text cut in the middle of an emoji) becomes U+FFFD: such JSON is legal, but no text is.
pub(crate) fn copy_value(raw: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut copier = Copier { bytes: raw.as_bytes(), at: 0, copied: 0, out };
    copier.value()?;
    copier.flush();
    Ok(())
}

/// Copies the entries of an object without its braces, behind one another. `keep` sees each key (as written, without
/// quotes) and value, and says whether the entry stays. Returns how many stayed.
pub(crate) fn copy_entries<'a>(raw: &'a str, out: &mut Vec<u8>, mut keep: impl FnMut(&'a str, &'a str) -> bool) -> Result<usize, Fault> {
    let mut copier = Copier { bytes: raw.as_bytes(), at: 0, copied: 0, out };
    let mut count = 0;
    copier.skip(b"{");
    loop {
        copier.skip(b",");
        if copier.bytes.get(copier.at) != Some(&b'"') {
            return Ok(count);
        }
        let entry = copier.out.len();
        if count > 0 {
            copier.out.push(b',');
        }
        let key = copier.part(Copier::value)?;
        copier.skip(b":");
        copier.out.push(b':');
        let value = copier.part(Copier::value)?;
        if keep(&raw[key.start + 1..key.end - 1], &raw[value]) {
            count += 1;
        } else {
            copier.out.truncate(entry);
        }
    }
}

/// What lies between `copied` and `at` has been looked at, but is not in `out` yet.
struct Copier<'a, 'o> {
    bytes: &'a [u8],
    at: usize,
    copied: usize,
    out: &'o mut Vec<u8>,
}

impl Copier<'_, '_> {
    fn flush(&mut self) {
        self.out.extend_from_slice(&self.bytes[self.copied..self.at]);
        self.copied = self.at;
    }
    /// Passes white space and the given mark, and copies neither.
    fn skip(&mut self, mark: &[u8; 1]) {
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_whitespace() || *b == mark[0]) {
            self.at += 1;
        }
        self.copied = self.at;
    }
    fn part(&mut self, copy: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<std::ops::Range<usize>, Fault> {
        let start = self.at;
        copy(self)?;
        self.flush();
        Ok(start..self.at)
    }

    fn value(&mut self) -> Result<(), Fault> {
        let mut depth = 0;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    if depth > MAX_DEPTH {
                        return Err(Fault::TooDeep);
                    }
                    continue;
                }
                b'}' | b']' => {
                    depth = usize::saturating_sub(depth, 1);
                    self.at += 1;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                b' ' | b'\n' | b'\r' | b'\t' => {
                    self.flush();
                    self.at += 1;
                    self.copied = self.at;
                    continue;
                }
                _ => self.scalar()?,
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escape(),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) {
        match self.unit(self.at) {
            None => self.at += 2,
            Some(0xd800..0xdc00) if matches!(self.unit(self.at + 6), Some(0xdc00..0xe000)) => self.at += 12,
            Some(0xd800..0xe000) => {
                self.flush();
                self.out.extend_from_slice(b"\\ufffd");
                self.at += 6;
                self.copied = self.at;
            }
            Some(_) => self.at += 6,
        }
    }

    /// The code unit of `\uXXXX` at a place, if that is what stands there.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }

    fn scalar(&mut self) -> Result<(), Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')).unwrap_or(rest.len());
        let scalar = &rest[..length];
        self.at += length;
        // Only an exponent or very many digits can leave the range of a double.
        let suspect = matches!(scalar.first(), Some(b'-' | b'0'..=b'9')) && (length > 300 || scalar.iter().any(|b| matches!(b, b'e' | b'E')));
        if suspect && !std::str::from_utf8(scalar).ok().and_then(|t| t.parse::<f64>().ok()).is_some_and(f64::is_finite) {
            return Err(Fault::NumberOutOfRange);
        }
        Ok(())
    }
}

/// Is it an object, as far as its first letter tells? For values known to be well-formed.
pub(crate) fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn copied(raw: &str) -> Result<String, Fault> {
        let mut out = Vec::new();
        copy_value(raw, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn copies_are_equal_and_without_white_space() {
        for raw in [
            r#"{"a": 1, "b" : [ true , null , "x y" ] , "c":{"d":-1.5e3}}"#,
            "  [ ]  ",
            r#""plain""#,
            r#"{"quote \" comma , brace }": "\\"}"#,
            r#""\ud83d\ude00 \u65b0""#,
            "{\n\t\"新品\" : \"促 销\"\r\n}",
        ] {
            let text = copied(raw).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), serde_json::from_str::<Value>(raw).unwrap(), "{raw}");
            assert_eq!(text, copied(&text).unwrap());
        }
        assert_eq!(copied(r#"{ "a" : [ 1 , 2 ] }"#).unwrap(), r#"{"a":[1,2]}"#);
    }

    #[test]
    fn halves_of_surrogate_pairs_are_mended() {
        for (raw, expected) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ude00b""#, "\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83dx\\u""#, "\u{fffd}x\\u"),
        ] {
            assert!(serde_json::from_str::<String>(raw).is_err(), "{raw}");
            assert_eq!(serde_json::from_str::<String>(&copied(raw).unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn what_the_log_could_not_read_is_found() {
        assert_eq!(copied("[1e999]"), Err(Fault::NumberOutOfRange));
        assert_eq!(copied(&format!("[{}]", "9".repeat(400))), Err(Fault::NumberOutOfRange));
        assert!(copied("[1e300, 18446744073709551616, \"1e999\"]").is_ok());
        assert_eq!(copied(&"[".repeat(MAX_DEPTH + 1)), Err(Fault::TooDeep));
        assert!(copied(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
    }

    #[test]
    fn entries_can_be_seen_and_left_out() {
        let mut out = Vec::new();
        let mut seen = Vec::new();
        let count = copy_entries(r#" { "a" : 1 , "b":{"x":[]} , "c":"z" } "#, &mut out, |key, value| {
            seen.push((key, value));
            key != "a" && key != "c"
        });
        assert_eq!(count, Ok(1));
        assert_eq!(String::from_utf8(out).unwrap(), r#""b":{"x":[]}"#);
        assert_eq!(seen, [("a", "1"), ("b", r#"{"x":[]}"#), ("c", r#""z""#)]);
        let mut out = Vec::new();
        assert_eq!(copy_entries("{ }", &mut out, |_, _| true), Ok(0));
        assert!(out.is_empty());
    }

    #[test]
    fn texts_are_read_as_clients_send_them() {
        let plain = |raw| match text(Some(raw)) {
            Reading::Text(t) => t.as_str().to_owned(),
            other => panic!("{raw}: {other:?}"),
        };
        assert_eq!(plain(r#""user-1""#), "user-1");
        assert_eq!(plain(r#""a\"b\ud83d""#), "a\"b\u{fffd}");
        assert_eq!(plain("1001"), "1001");
        for raw in [None, Some("null"), Some("\"\""), Some("\"  \""), Some("\"\\t\"")] {
            assert_eq!(text(raw), Reading::Absent, "{raw:?}");
        }
        for raw in ["true", "{}", "[1]", "1.5", "-", "1e3"] {
            assert_eq!(text(Some(raw)), Reading::Wrong, "{raw}");
        }
    }

    #[test]
    fn texts_are_written_so_that_they_come_back() {
        for value in ["plain", "quote \" back \\ line \n tab \t nul \0 新"] {
            let mut out = Vec::new();
            Text::owned(value.to_owned()).write(&mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), value);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_comes_back(texts in proptest::collection::vec(".*", 0..6), numbers in proptest::collection::vec(proptest::num::f64::NORMAL, 0..6)) {
            let value = serde_json::json!({"texts": texts, "numbers": numbers, "deep": {"er": [texts.clone(), {"x": numbers.clone()}]}});
            for raw in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                proptest::prop_assert_eq!(serde_json::from_str::<Value>(&copied(&raw).unwrap()).unwrap(), serde_json::from_str::<Value>(&raw).unwrap());
            }
        }
    }
}
