//! `weft bench`: figures beside something measured in the same run, on the same machine.

mod child;
mod collect;
mod import;
mod report;
mod start;

use anyhow::bail;
use clap::Args;

use crate::commands::Common;

#[derive(Args)]
pub struct BenchArgs {
    /// collect, import or start
    name: String,
    /// A minute's run.
    #[arg(long)]
    small: bool,
}

pub async fn run(common: Common, args: BenchArgs) -> anyhow::Result<()> {
    let report = match args.name.as_str() {
        "collect" => collect::run(args.small).await?,
        "import" => import::run(args.small).await?,
        "start" => start::run(args.small).await?,
        other => bail!("there is no benchmark called {other}; there are collect, import and start"),
    };
    report.print(common.json);
    Ok(())
}
