//! `weft demo`: a simulated brand, live, in a throw-away folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::serve::{serve_until, told_to_stop};
use super::{Common, DEFAULT_DATA};
use crate::demo::{BRAND, Demo, Options, Porch, Summary};
use crate::kernel::{Clock, Millis, SystemClock};

#[derive(Args)]
pub struct DemoArgs {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Members after ninety days.
    #[arg(long, default_value_t = 6_000)]
    people: usize,
    /// Days of history.
    #[arg(long, default_value_t = 90)]
    days: u16,
    /// The same seed gives the same brand.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub async fn run(common: Common, args: DemoArgs) -> anyhow::Result<()> {
    let mut config = common.read_config()?;
    let listener = TcpListener::bind(&args.listen).await.with_context(|| format!("cannot listen on {}; --listen 127.0.0.1:0 takes a free port", args.listen))?;
    let url = format!("http://{}", listener.local_addr()?);
    if config.server.public_url.is_empty() {
        config.server.public_url.clone_from(&url);
    }
    let folder = Folder::of(&common.data)?;
    let stop = stop_signal();
    let options = Options { people: args.people, start: SystemClock.now().minus(i64::from(args.days.max(1)) * Millis::DAY), seed: args.seed };
    let porch = Arc::new(Porch::default());
    let serving = tokio::spawn(serve_until(listener, porch.clone().router(), stopped(stop.clone())));
    let mut demo = Demo::open(folder.path(), config, &options).await?;
    if tell(&mut demo, &common, &porch, &stop).await? {
        let summary = demo.summary().await?;
        porch.open(demo.router());
        greet(&demo, &common, &url, &summary)?;
        go_on(demo, serving, stop).await?;
    } else {
        drop(demo);
    }
    folder.leave()
}

/// The history, with a bar. False when somebody does not want to wait for it.
async fn tell(demo: &mut Demo, common: &Common, porch: &Porch, stop: &watch::Receiver<bool>) -> anyhow::Result<bool> {
    const LENGTH: u64 = 1_000;
    let bar = if common.json { ProgressBar::hidden() } else { ProgressBar::new(LENGTH) };
    bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {eta} left")?);
    let done = demo
        .tell_history(&mut |p| {
            porch.tell(p.share);
            bar.set_position((p.share * LENGTH as f64) as u64);
            bar.set_message(format!("{BRAND}: {:.10}, {} records", p.at.rfc3339(), p.records));
            !*stop.borrow()
        })
        .await;
    bar.finish_and_clear();
    done
}

fn greet(demo: &Demo, common: &Common, url: &str, summary: &Summary) -> anyhow::Result<()> {
    let entrance = &demo.entrance;
    if common.json {
        let line = json!({
            "ready": true, "url": url, "email": entrance.email, "password": entrance.password.0,
            "api_key": entrance.api_key.0, "write_key": entrance.write_key.0, "history": serde_json::to_value(summary)?,
        });
        println!("{line}");
        return Ok(());
    }
    println!("{summary}");
    println!();
    println!("  Open      {url}");
    println!("  E-mail    {}", entrance.email);
    println!("  Password  {}", entrance.password.0);
    println!();
    println!("The brand goes on living, some times faster than the clock; journeys keep to the clock. No message leaves this machine.");
    println!("Ctrl-C ends the demo{}.", if is_throw_away(&common.data) { " and removes all it has written" } else { "" });
    Ok(())
}

/// The present, until somebody has seen enough.
async fn go_on(demo: Demo, serving: JoinHandle<anyhow::Result<()>>, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let house = demo.house.clone();
    let workers = house.start()?;
    house.imports.start().await?;
    let living = tokio::spawn(demo.live(stop));
    let served = serving.await?;
    living.await?;
    workers.stop().await?;
    served
}

/// Heard from the first moment on, also while the history is told.
fn stop_signal() -> watch::Receiver<bool> {
    let (told, stop) = watch::channel(false);
    tokio::spawn(async move {
        told_to_stop().await;
        told.send_replace(true);
    });
    stop
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An end of the sender is an end too.
    let _ = stop.wait_for(|told| *told).await;
}

fn is_throw_away(data: &Path) -> bool {
    data == Path::new(DEFAULT_DATA)
}

/// Where the demo writes: a folder of its own that goes with it, or the one that was named.
enum Folder {
    ThrowAway(TempDir),
    Kept(PathBuf),
}

impl Folder {
    fn of(data: &Path) -> anyhow::Result<Self> {
        if is_throw_away(data) {
            return Ok(Self::ThrowAway(tempfile::Builder::new().prefix("weft-demo-").tempdir()?));
        }
        let is_empty = std::fs::read_dir(data).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty {
            bail!("{} is not empty; the demo begins a history of its own and needs an empty folder", data.display());
        }
        Ok(Self::Kept(data.to_owned()))
    }
    fn path(&self) -> &Path {
        match self {
            Self::ThrowAway(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
    fn leave(self) -> anyhow::Result<()> {
        match self {
            Self::ThrowAway(folder) => folder.close().context("the demo's folder could not be removed"),
            Self::Kept(_) => Ok(()),
        }
    }
}
