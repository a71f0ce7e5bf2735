//! Connections that send batches of events, and what came of all of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, bail};
use base64::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::child::WRITE_KEY;

#[derive(Default)]
pub(super) struct Load {
    acknowledged: AtomicU64,
    is_over: AtomicBool,
}

impl Load {
    pub(super) fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
    pub(super) fn add(&self, events: u64) {
        self.acknowledged.fetch_add(events, Ordering::Relaxed);
    }
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }
}

pub(super) fn authorization() -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{WRITE_KEY}:")))
}

/// A batch as it goes over the wire. The generator shares the machine, and should cost little: no client in between.
pub(super) fn request(address: &str, body: &str) -> String {
    let head = format!("POST /v1/batch HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\ncontent-type: application/json", authorization());
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

pub(super) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: vec![0; 4_096] })
    }

    /// Until it is acknowledged.
    pub(super) async fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).await?;
        match self.status().await? {
            200 => Ok(()),
            status => bail!("answered {status}"),
        }
    }

    async fn status(&mut self) -> anyhow::Result<u16> {
        let mut filled = 0;
        loop {
            let n = self.stream.read(&mut self.answer[filled..]).await?;
            if n == 0 {
                bail!("the connection was closed");
            }
            filled += n;
            let text = String::from_utf8_lossy(&self.answer[..filled]);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()).unwrap_or(0);
            if body.len() >= length {
                return head.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status");
            }
        }
    }
}
