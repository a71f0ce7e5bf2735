//! The commands. Exit status is 0 only on success.

mod demo;
mod import;
mod link;
mod query;
mod rebuild;
mod serve;
mod user;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;

pub(crate) use import::which_workspace;

const DEFAULT_DATA: &str = "./weft-data";

/// Weft: an open, self-hosted marketing cloud.
#[derive(Parser)]
#[command(name = "weft", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Clone)]
pub struct Common {
    /// Where everything is kept.
    #[arg(long, global = true, default_value = DEFAULT_DATA, value_name = "DIR")]
    pub data: PathBuf,
    /// Configuration file (TOML); every key can also be set as WEFT__SECTION__KEY.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// JSON lines instead of words and bars.
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// A simulated brand, live, in a throw-away folder.
    Demo(demo::DemoArgs),
    /// Run the house.
    Serve(serve::ServeArgs),
    /// Bring in a file of orders, events, people or things.
    Import(import::ImportArgs),
    /// Who would be whom, by a file of identifiers; nothing is brought in.
    Link(link::LinkArgs),
    /// Answer one SELECT.
    Query(query::QueryArgs),
    /// Make the state anew from the log.
    Rebuild(rebuild::RebuildArgs),
    /// Set a member's password.
    User(user::UserArgs),
    /// Check our figures against published and independent ones.
    Verify,
    /// Measure.
    Bench(crate::bench::BenchArgs),
}

pub fn run(cli: Cli) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("WEFT_LOG").unwrap_or_else(|_| "warn,weft=info".into()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("weft: no threads: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("weft: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let common = cli.common;
    match cli.command {
        Command::Demo(args) => demo::run(common, args).await,
        Command::Serve(args) => serve::run(common, args).await,
        Command::Import(args) => import::run(common, args).await,
        Command::Link(args) => link::run(&common, &args),
        Command::Query(args) => query::run(common, args).await,
        Command::Rebuild(args) => rebuild::run(common, args).await,
        Command::User(args) => user::run(common, args).await,
        Command::Verify => verify::run(&common),
        Command::Bench(args) => crate::bench::run(common, args).await,
    }
}

impl Common {
    pub(crate) fn read_config(&self) -> anyhow::Result<Config> {
        Config::read(self.config.as_deref())
    }
}
