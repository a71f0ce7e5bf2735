//! `weft user set-password`: for who has lost the way in, and sits at the machine.

use std::io::Read;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::Common;
use crate::house::{House, Opened};

#[derive(Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Sets a new password, read from standard input; ends all sessions of the member.
    SetPassword { email: String },
}

pub async fn run(common: Common, args: UserArgs) -> anyhow::Result<()> {
    let UserCommand::SetPassword { email } = args.command;
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("write the new password to standard input");
    }
    let mut config = common.read_config()?;
    config.server.public_url = "http://127.0.0.1".into();
    let Opened { house, .. } = House::open(&common.data, config).await?;
    weft_access::reset_password(&house.access, &email, password, house.parts.clock.now()).await?;
    println!("The password of {email} is set.");
    Ok(())
}
