//! A real mail server on the loopback: PyPI's `aiosmtpd`, with TLS and a password, in a process of its own.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin};

use super::python_program;

const USER: &str = "weft";
const PASSWORD: &str = "the ferry leaves at six";

/// Ends with the story, also when that is killed: it listens to its input, which closes.
pub struct MailServer {
    port: u64,
    authority: String,
    folder: TempDir,
    _process: Child,
    _input: ChildStdin,
}

impl MailServer {
    /// None where there is no Python for it.
    pub async fn start() -> Option<Self> {
        let mut command = python_program("tests/python/smtp_server.py")?;
        let folder = tempfile::tempdir().unwrap();
        command.arg(folder.path()).args([USER, PASSWORD]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let ready = BufReader::new(process.stdout.take().unwrap()).lines().next_line().await.unwrap();
        let ready: Value = serde_json::from_str(&ready.expect("a mail server that listens")).unwrap();
        let authority = std::fs::read_to_string(PathBuf::from(ready["ca"].as_str().unwrap())).unwrap();
        Some(Self { port: ready["port"].as_u64().unwrap(), authority, folder, _process: process, _input: input })
    }

    /// The setting of the channel that sends through it.
    pub fn provider(&self) -> Value {
        json!({"kind": "smtp", "config": {
            "host": "127.0.0.1", "port": self.port, "tls": "starttls", "ca_pem": self.authority, "user": USER, "password": PASSWORD,
            "from_address": "shop@wholesaler.example", "from_name": "The Wholesaler",
        }})
    }

    /// What it took so far, oldest first.
    pub fn mails(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(self.folder.path().join("mails.jsonl")).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn user(&self) -> &'static str {
        USER
    }
}
