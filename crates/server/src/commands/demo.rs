//! `weft demo`: a simulated brand, live, in a throw-away folder.

use clap::Args;

use super::Common;

#[derive(Args)]
pub struct DemoArgs {
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Members after ninety days.
    #[arg(long, default_value_t = 3_000)]
    people: usize,
}

pub async fn run(_common: Common, _args: DemoArgs) -> anyhow::Result<()> {
    anyhow::bail!("the demo is not in this build")
}
