//! `weft bench`: figures beside something measured in the same run.

use clap::Args;

use crate::commands::Common;

#[derive(Args)]
pub struct BenchArgs {
    /// collect or import
    name: String,
    /// A minute's run.
    #[arg(long)]
    small: bool,
}

pub async fn run(_common: Common, args: BenchArgs) -> anyhow::Result<()> {
    anyhow::bail!("there is no benchmark called {}", args.name)
}
