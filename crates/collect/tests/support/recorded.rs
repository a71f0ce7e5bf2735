//! Requests that real clients sent, read from the shared recordings.

use std::io::Write;
use std::path::PathBuf;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

pub struct Recorded {
    pub file: String,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What the client meant: the body or the `data` of it, decoded by the recorder.
    pub meant: Vec<Value>,
}

impl Recorded {
    pub fn request(&self) -> Request<Body> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in self.headers.iter().filter(|(name, _)| !["content-length", "transfer-encoding", "connection"].contains(&name.to_lowercase().as_str())) {
            request = request.header(name, value);
        }
        request.body(Body::from(self.body.clone())).unwrap()
    }
}

/// All recordings whose file name begins so; `None`, told in one line, when there are none on this machine.
pub fn of(prefixes: &[&str]) -> Option<Vec<Recorded>> {
    let root = std::env::var_os("WEFT_TEST_DATA").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let Ok(folder) = std::fs::read_dir(root.join("wire")) else {
        eprintln!("skipped: no recordings at {}; set WEFT_TEST_DATA", root.join("wire").display());
        return None;
    };
    let mut files: Vec<PathBuf> = folder.map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if prefixes.iter().any(|p| name.starts_with(p)) {
            let text = std::fs::read_to_string(&file).unwrap();
            found.extend(text.split("\n##### request ").skip(1).map(|part| recorded(&name, part)));
        }
    }
    assert!(!found.is_empty(), "no recordings begin with {prefixes:?}");
    Some(found)
}

fn recorded(file: &str, text: &str) -> Recorded {
    let mut lines = text.lines().skip(1);
    let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let lines: Vec<&str> = lines.collect();
    let head = lines.iter().take_while(|l| !l.starts_with("-- ")).filter(|l| !l.starts_with("  "));
    let headers: Vec<(String, String)> = head.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let mut recorded = Recorded { file: file.into(), method: first[0].into(), target: first[1].into(), headers, body: Vec::new(), meant: Vec::new() };
    match lines.iter().position(|l| l.trim_start().starts_with("decoded data")) {
        Some(at) => sensors(&mut recorded, &lines, at),
        None => segment(&mut recorded, &lines),
    }
    recorded
}

/// The recorder printed the JSON prettily; it is sent again as compact as clients send it.
fn segment(recorded: &mut Recorded, lines: &[&str]) {
    let json = lines.iter().skip_while(|l| !l.starts_with("-- body")).filter(|l| !l.starts_with("-- "));
    let json: String = json.copied().collect();
    let Ok(value) = serde_json::from_str::<Value>(&json) else { return };
    let plain = value.to_string().into_bytes();
    let zipped = recorded.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("content-encoding") && value == "gzip");
    recorded.body = if zipped { gzip(&plain) } else { plain };
    recorded.meant = match value.get("batch").and_then(Value::as_array) {
        Some(batch) => batch.iter().map(|event| with(event, "sentAt", &value["sentAt"])).collect(),
        None => vec![value],
    };
}

fn with(event: &Value, key: &str, value: &Value) -> Value {
    let mut event = event.clone();
    event[key] = value.clone();
    event
}

fn sensors(recorded: &mut Recorded, lines: &[&str], at: usize) {
    let list = lines[at].contains("data_list");
    let depth = lines[at].len() - lines[at].trim_start().len();
    let json: String = lines[at + 1..].iter().take_while(|l| l.starts_with(&" ".repeat(depth + 1))).copied().collect();
    let value: Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{}: {e}: {json}", recorded.file));
    if recorded.method == "POST" {
        let name = if list { "data_list" } else { "data" };
        recorded.body = as_sent(lines, name).unwrap_or_else(|| form(name, &value));
    }
    recorded.meant = if list { value.as_array().unwrap().clone() } else { vec![value] };
}

/// The form from its recorded fields, checksum and all, unless the recorder cut the data short.
fn as_sent(lines: &[&str], name: &str) -> Option<Vec<u8>> {
    let field = |name: &str| lines.iter().find_map(|l| l.strip_prefix("  ")?.strip_prefix(name)?.strip_prefix(" = "));
    let bytes: usize = lines.iter().find_map(|l| l.trim().strip_prefix("base64-> ")?.split(' ').next()?.parse().ok())?;
    let data = field(name).filter(|data| data.len() == bytes.div_ceil(3) * 4)?;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair(name, data);
    for name in ["gzip", "ext"] {
        if let Some(value) = field(name) {
            form.append_pair(name, value);
        }
    }
    Some(form.finish().into_bytes())
}

/// As the server clients send it.
pub fn form(name: &str, value: &Value) -> Vec<u8> {
    let data = BASE64_STANDARD.encode(gzip(value.to_string().as_bytes()));
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &data).append_pair("gzip", "1").finish().into_bytes()
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}
