//! SparkBot: a self-hosted WhatsApp platform in one binary.
//!
//! This crate is the command line, the configuration, and the only place where
//! the parts are joined.

mod archive;
mod cli;
mod commands;
mod config;
mod database;
mod failure;
mod logging;
mod master_key;
mod rest;
mod serve;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

/// A fifth of the processor time of a message less than with the C library's; docs/performance.md has the figures.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let as_json = cli.global.json;
    // Two TLS libraries' choices would be possible; ours is the one compiled in.
    drop(rustls::crypto::ring::default_provider().install_default());
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failure::Failure::new(format!("the runtime can't be started: {error}")))
        .and_then(|runtime| {
            let done = runtime.block_on(commands::run(cli));
            // What is still running by now has had its time.
            runtime.shutdown_background();
            done
        });
    match done {
        Ok(code) => code,
        Err(failure) => failure.report(as_json),
    }
}
