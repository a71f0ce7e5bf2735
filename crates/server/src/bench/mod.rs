//! `weft bench`: figures beside something measured in the same run, on the same machine.

mod child;
mod collect;
mod fresh;
mod identity;
mod import;
mod load;
mod report;
mod segments;
mod start;

use anyhow::bail;
use clap::Args;

use crate::commands::Common;

#[derive(Args)]
pub struct BenchArgs {
    /// collect, fresh, identity, import, segments or start
    name: String,
    /// A minute's run.
    #[arg(long)]
    small: bool,
    /// segments: a folder with the sets t000.roar to t099.roar, to ask another program the same.
    #[arg(long)]
    sets: Option<std::path::PathBuf>,
    /// identity: a file of links, pairs of little-endian 32-bit numbers, to ask another program the same.
    #[arg(long)]
    edges: Option<std::path::PathBuf>,
}

pub async fn run(common: Common, args: BenchArgs) -> anyhow::Result<()> {
    let report = match args.name.as_str() {
        "collect" => collect::run(args.small).await?,
        "fresh" => fresh::run(args.small).await?,
        "identity" => identity::run(args.small, args.edges.as_deref()).await?,
        "import" => import::run(args.small).await?,
        "segments" => segments::run(args.small, args.sets.as_deref()).await?,
        "start" => start::run(args.small).await?,
        other => bail!("there is no benchmark called {other}; there are collect, fresh, identity, import, segments and start"),
    };
    report.print(common.json);
    Ok(())
}
