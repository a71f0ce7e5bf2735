//! `weft query "SELECT …"`.

use clap::Args;
use weft_query_engine::Limits;

use super::Common;
use super::import::which_workspace;
use crate::house::{House, Opened};

#[derive(Args)]
pub struct QueryArgs {
    sql: String,
    #[arg(long)]
    workspace: Option<u32>,
}

pub async fn run(common: Common, args: QueryArgs) -> anyhow::Result<()> {
    let mut config = common.read_config()?;
    config.server.public_url = "http://127.0.0.1".into();
    let Opened { house, .. } = House::open(&common.data, config).await?;
    house.pipeline.drain().await?;
    let workspace = which_workspace(&house, args.workspace)?;
    let answer = house.engine.sql(workspace, &args.sql, Limits::default(), house.parts.clock.now()).await?;
    if common.json {
        println!("{}", serde_json::to_string(&answer)?);
        return Ok(());
    }
    let header: Vec<&str> = answer.columns.iter().map(|c| c.name.as_str()).collect();
    println!("{}", header.join("\t"));
    for row in &answer.rows {
        let cells: Vec<String> = row.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
        println!("{}", cells.join("\t"));
    }
    if answer.truncated {
        eprintln!("there is more; ask for less, or add LIMIT");
    }
    Ok(())
}
