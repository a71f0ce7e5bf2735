//! `weft rebuild`: the state from the log.

use clap::Args;
use serde_json::json;

use super::Common;
use crate::house::{House, Opened};

#[derive(Args)]
pub struct RebuildArgs {}

pub async fn run(common: Common, _: RebuildArgs) -> anyhow::Result<()> {
    let mut config = common.read_config()?;
    config.server.public_url = "http://127.0.0.1".into();
    let Opened { house, .. } = House::open(&common.data, config).await?;
    let began = std::time::Instant::now();
    let records = house.pipeline.rebuild().await?;
    house.parts.state.sync()?;
    let seconds = began.elapsed().as_secs_f64();
    if common.json {
        println!("{}", json!({"records": records, "seconds": seconds, "position": house.pipeline.position()}));
    } else {
        println!("{records} records worked off in {seconds:.1} s; the state is made anew");
    }
    Ok(())
}
