//! `weft import KIND FILE`: a file's rows as events, through the front door.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use weft_connectors::{ImportJob, Kind, Mapping, Phase, Progress};
use weft_context_kit::workspaces;

use super::Common;
use crate::house::{House, Opened};
use crate::kernel::{Actor, Scope, SourceId, WorkspaceId};

#[derive(Args)]
pub struct ImportArgs {
    kind: What,
    /// CSV (also .gz), Excel or JSON lines.
    file: PathBuf,
    /// field=column,… or a mapping file (TOML or JSON).
    #[arg(long, value_name = "MAP")]
    map: Option<String>,
    /// How times are written, such as %m/%d/%Y %H:%M.
    #[arg(long)]
    time_format: Option<String>,
    /// Zone of times without one, such as Asia/Shanghai.
    #[arg(long)]
    time_zone: Option<String>,
    #[arg(long)]
    encoding: Option<String>,
    #[arg(long)]
    currency: Option<String>,
    /// Workspace number, where there is more than one.
    #[arg(long)]
    workspace: Option<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Orders,
    Events,
    People,
    Things,
}

impl ImportArgs {
    fn mapping(&self) -> anyhow::Result<Mapping> {
        let kind = match self.kind {
            What::Orders => Kind::Orders,
            What::Events => Kind::Events,
            What::People => Kind::People,
            What::Things => Kind::Things,
        };
        let mut mapping = match &self.map {
            Some(map) if PathBuf::from(map).is_file() => Mapping::from_text(kind, &std::fs::read_to_string(map)?)?,
            Some(map) => Mapping::from_map(kind, map)?,
            None => Mapping::new(kind),
        };
        let set = |slot: &mut Option<String>, given: &Option<String>| {
            if given.is_some() {
                slot.clone_from(given);
            }
        };
        set(&mut mapping.time_format, &self.time_format);
        set(&mut mapping.time_zone, &self.time_zone);
        set(&mut mapping.encoding, &self.encoding);
        set(&mut mapping.currency, &self.currency);
        mapping.check()?;
        Ok(mapping)
    }
}

pub async fn run(common: Common, args: ImportArgs) -> anyhow::Result<()> {
    let mapping = args.mapping()?;
    if !args.file.is_file() {
        bail!("{} is not a file", args.file.display());
    }
    let mut config = common.read_config()?;
    config.server.public_url = "http://127.0.0.1".into();
    let Opened { house, .. } = House::open(&common.data, config).await?;
    let workers = house.start()?;
    let imported = import(&house, &common, &args, mapping).await;
    workers.stop().await?;
    imported
}

async fn import(house: &House, common: &Common, args: &ImportArgs, mapping: Mapping) -> anyhow::Result<()> {
    // A first start has just made its workspace in rows; the log must hear of it before it is looked for.
    house.flush_outbox().await?;
    house.pipeline.wait_for(house.bus.next().saturating_sub(1)).await;
    let workspace = which_workspace(house, args.workspace)?;
    let scope = Scope { workspace, actor: Actor::System };
    let source: SourceId =
        house.collect.sources().ensure(&scope, house.parts.clock.now(), "import", weft_collect::SourceKind::Import, None).await?;
    let job = ImportJob { workspace, source, file: args.file.clone(), mapping, folder: house.data.join("imports"), cancel: Default::default() };
    let bar = if common.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} rows, {eta} left")?);
    let is_json = common.json;
    let shown = bar.clone();
    let progress = move |p: Progress| {
        shown.set_length(p.total_rows.unwrap_or(0));
        shown.set_position(p.rows);
        shown.set_message(phase(&p.phase));
        if is_json {
            println!("{}", json!({"phase": phase(&p.phase), "rows": p.rows, "total_rows": p.total_rows, "accepted": p.accepted, "rejected": p.rejected, "skipped": p.skipped, "events": p.events}));
        }
    };
    let after = house.imports_after();
    let summary = weft_connectors::run(job, house.parts.door.clone(), after, progress).await?;
    bar.finish_and_clear();
    for note in &summary.notes {
        eprintln!("note: {note}");
    }
    let result = json!({
        "rows": summary.rows, "accepted": summary.accepted, "rejected": summary.rejected, "skipped": summary.skipped,
        "events": summary.events, "people_created": summary.people_created, "rejected_file": summary.rejected_file,
    });
    if is_json {
        println!("{result}");
    } else {
        println!(
            "{} rows: {} accepted, {} rejected, {} skipped; {} events, {} new people",
            summary.rows, summary.accepted, summary.rejected, summary.skipped, summary.events, summary.people_created
        );
        if let Some(file) = &summary.rejected_file {
            println!("Rejected rows, with reasons: {}", file.display());
        }
    }
    Ok(())
}

fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Scanning => "scanning",
        Phase::Importing => "importing",
        Phase::Settling => "settling",
    }
}

/// The one there is, or the one named.
pub(crate) fn which_workspace(house: &House, named: Option<u32>) -> anyhow::Result<WorkspaceId> {
    let known = workspaces(&*house.parts.state)?;
    match (named, known.as_slice()) {
        (Some(n), known) => known.iter().copied().find(|w| w.0 == n).with_context(|| format!("there is no workspace {n}")),
        (None, [one]) => Ok(*one),
        (None, []) => bail!("there is no workspace yet: start `weft serve` once and set it up, or set WEFT__BOOTSTRAP__EMAIL, …PASSWORD, …API_KEY and …WRITE_KEY"),
        (None, _) => bail!("there is more than one workspace: name one with --workspace"),
    }
}
