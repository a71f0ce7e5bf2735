//! What stands around a story: other people's clients, a Python, a browser, a mail server. Each is found, or named as missing.
#![allow(dead_code, reason = "each story uses its own part")]
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

pub mod mail_server;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use weft_stories::{Weft, missing, repository};

/// Nothing here takes so long; this only ends a program that hangs.
const PATIENCE: Duration = Duration::from_secs(1_200);

/// What set-up brings in. Absent, the story is skipped; where nothing may be absent (`CI=true`), it fails.
pub fn or_skip<T>(found: Option<T>, what: &str) -> Option<T> {
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is not on this machine; `scripts/setup tests` brings it in");
        missing(what);
    }
    found
}

fn cache() -> Option<PathBuf> {
    let named = std::env::var_os("WEFT_CACHE").map(PathBuf::from);
    named.or_else(|| std::env::home_dir().map(|home| home.join(".cache/weft")))
}

/// The Python that has the packages of `tests/python/requirements.txt`.
pub fn python() -> Option<PathBuf> {
    let named = std::env::var_os("WEFT_TEST_PYTHON").map(PathBuf::from);
    let found = named.or_else(|| cache().map(|cache| cache.join("venv/bin/python"))).filter(|python| python.exists());
    or_skip(found, "a Python with the packages of tests/python (`scripts/setup tests`)")
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|file| file.is_file())
}

pub fn node() -> Option<PathBuf> {
    or_skip(on_path(&["node"]), "Node")
}

pub fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    or_skip(named.or_else(|| on_path(&["chromium", "chromium-browser"])), "Chromium")
}

/// The npm packages of a folder of this repository.
pub fn packages(folder: &str) -> Option<PathBuf> {
    let folder = repository().join(folder);
    let is_there = folder.join("node_modules/playwright-core/package.json").is_file();
    or_skip(is_there.then_some(folder), "an installed node_modules beside package.json (`scripts/setup tests`)")
}

/// A Python program of this repository.
pub fn python_program(path: &str) -> Option<Command> {
    let mut command = Command::new(python()?);
    command.arg(repository().join(path));
    Some(command)
}

/// A program of tests/clients/node, by its file name.
pub fn node_program(name: &str) -> Option<Command> {
    let (node, folder) = (node()?, packages("tests/clients/node")?);
    let mut command = Command::new(node);
    command.arg(folder.join(name));
    Some(command)
}

/// The same in a browser.
pub fn browser_program(name: &str) -> Option<Command> {
    let browser = browser()?;
    let mut command = node_program(name)?;
    command.env("CHROMIUM", browser);
    Some(command)
}

pub struct Ran {
    pub is_ok: bool,
    pub said: String,
    pub complained: String,
}

/// To its end.
pub async fn run(mut command: Command) -> Ran {
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, running).await.expect("a program that ends").expect("a program that starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ran { is_ok: output.status.success(), said: text(output.stdout), complained: text(output.stderr) }
}

/// To its good end: the JSON of its last line.
pub async fn told(command: Command) -> Value {
    let what = format!("{:?}", command.as_std());
    let ran = run(command).await;
    assert!(ran.is_ok, "{what} failed: {}\n{}", ran.complained, ran.said);
    let last = ran.said.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|e| panic!("{what} said no JSON at the end ({e}): {}", ran.said))
}

/// All items of a list, page by page.
pub async fn every(weft: &Weft, list: &str) -> Vec<Value> {
    let sign = if list.contains('?') { '&' } else { '?' };
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut page = weft.get(&format!("{list}{sign}limit=200{cursor}")).await;
        items.append(page["items"].as_array_mut().unwrap());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// A file of this repository for a program of others.
pub fn file(path: impl AsRef<Path>) -> PathBuf {
    repository().join(path)
}
