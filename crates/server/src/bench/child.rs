//! A second `weft` as the one under test, so that its memory is its own.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Of a folder that is thrown away after the run.
pub(super) const API_KEY: &str = "wk_B3nch9Zq1Lm7Xc2Vb8Nd5Kf3Hs6Gj0Pw";
pub(super) const WRITE_KEY: &str = "wr_B3nch8e2Ru5Ty1Ui9Op3As7Df4Gh6Jk0";

/// In which the kernel tells processor time.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) struct Weft {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Weft {
    pub(super) fn start(data: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--data")
            .arg(data)
            .arg("--json")
            .args(arguments)
            .env("WEFT__BOOTSTRAP__EMAIL", "bench@example.com")
            .env("WEFT__BOOTSTRAP__PASSWORD", "measured twice, cut once: 4711")
            .env("WEFT__BOOTSTRAP__API_KEY", API_KEY)
            .env("WEFT__BOOTSTRAP__WRITE_KEY", WRITE_KEY)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = process.stdout.take().context("no output")?;
        Ok(Self { process, lines: BufReader::new(out).lines() })
    }

    /// The next line it says.
    pub(super) async fn said(&mut self) -> anyhow::Result<Option<Value>> {
        let line = self.lines.next_line().await?;
        line.map(|l| serde_json::from_str(&l).with_context(|| format!("not JSON: {l}"))).transpose()
    }

    /// Reads `VmRSS`, `VmHWM`, … in megabytes.
    pub(super) fn memory_mb(&self, what: &str) -> f64 {
        let Some(id) = self.process.id() else { return f64::NAN };
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix(what)?.strip_prefix(':'));
        line.and_then(|l| l.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()).map_or(f64::NAN, |kb| kb / 1_024.0)
    }

    /// Processor seconds used so far.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let Some(id) = self.process.id() else { return f64::NAN };
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }

    /// Waits for its end, which must be a good one.
    pub(super) async fn ended(mut self) -> anyhow::Result<()> {
        let status = self.process.wait().await?;
        if !status.success() {
            bail!("weft ended with {status}");
        }
        Ok(())
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        if let Some(id) = self.process.id().and_then(|id| rustix::process::Pid::from_raw(id as i32)) {
            rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        }
        self.ended().await
    }
}
