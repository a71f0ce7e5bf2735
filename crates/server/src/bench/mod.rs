//! `weft bench`: figures beside something measured in the same run, on the same machine.

mod child;
mod collect;
mod fresh;
mod identity;
mod import;
mod load;
mod people;
mod report;
mod segments;
mod start;

use anyhow::bail;
use clap::Args;

use crate::commands::Common;
use fresh::Traffic;

#[derive(Args)]
pub struct BenchArgs {
    /// collect, fresh, fresh-turning, identity, import, people, segments or start
    name: String,
    /// A minute's run.
    #[arg(long)]
    small: bool,
    /// people: how many, where ten million take too long.
    #[arg(long)]
    people: Option<u64>,
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
        "fresh" => fresh::run(Traffic::Visits, args.small).await?,
        "fresh-turning" => fresh::run(Traffic::Turning, args.small).await?,
        "identity" => identity::run(args.small, args.edges.as_deref()).await?,
        "import" => import::run(args.small).await?,
        "people" => people::run(args.people.unwrap_or(if args.small { 20_000 } else { 10_000_000 })).await?,
        "segments" => segments::run(args.small, args.sets.as_deref()).await?,
        "start" => start::run(args.small).await?,
        other => bail!("there is no benchmark called {other}; there are collect, fresh, fresh-turning, identity, import, people, segments and start"),
    };
    report.print(common.json);
    Ok(())
}
