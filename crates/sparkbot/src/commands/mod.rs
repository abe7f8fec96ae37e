//! What the commands do, one file each.

mod account;
mod backup;
mod device;
mod doctor;
mod key;
mod link;
mod openapi;
mod reseal;
mod restore;
mod sandbox;
mod send;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::config;
use crate::failure::Result;
use crate::{serve, terminal};

/// Runs the command of a command line.
///
/// # Errors
/// With what to tell the person.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { global, command } = cli;
    // The doctor tells what is wrong with the configuration instead of failing on it.
    if matches!(command, Command::Doctor) {
        return doctor::run(&global).await;
    }
    let listen = match &command {
        Command::Serve(args) => args.listen.clone(),
        _ => None,
    };
    let loaded = config::load(&global, listen.as_deref())?;
    for warning in &loaded.warnings {
        terminal::remark(format_args!("warning: {warning}"));
    }
    let (config, json) = (&loaded.config, global.json);
    match command {
        Command::Serve(args) => serve::run(config, &args, json).await?,
        Command::Sandbox(args) => sandbox::run(config, &args, json).await?,
        Command::Key(command) => key::run(config, command, json).await?,
        Command::Account(command) => account::run(config, command, json).await?,
        Command::Device(command) => device::run(config, command, json).await?,
        Command::Send(args) => send::run(config, &args, json).await?,
        Command::Backup(args) => backup::run(config, &args, json).await?,
        Command::Restore(args) => restore::run(config, &args, json).await?,
        Command::Reseal => reseal::run(config, json).await?,
        Command::Openapi(args) => openapi::run(&args)?,
        Command::Doctor => {}
    }
    Ok(ExitCode::SUCCESS)
}
