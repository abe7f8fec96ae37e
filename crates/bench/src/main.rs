//! What SparkBot costs and how that grows, measured from outside.
//!
//! Starts a sandbox and the release binary as processes of their own, links
//! numbers, restarts the server in two ways and sends messages, and reads the
//! cost from `/proc`. Nothing of the server is compiled in, so what is measured
//! is what people run.

mod failure;
mod footprint;
mod http;
mod load;
mod machine;
mod measure;
mod options;
mod process;
mod progress;
mod report;
mod sizes;
mod stats;
mod targets;
mod workplace;

use std::process::ExitCode;

use clap::Parser;

use failure::{Failure, Result};
use options::{Command, Options, Other};
use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    let command = Command::parse();
    // The HTTP client wants a TLS provider even where it speaks no TLS.
    drop(rustls::crypto::ring::default_provider().install_default());
    let done = match &command.other {
        Some(Other::Render(render)) => report::render(render).map(|()| true),
        None => run(&command.options).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a target is missed or something could not be measured; the table tells which");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Measures, tells, and answers whether all is as it should be.
async fn run(options: &Options) -> Result<bool> {
    let report = tokio::select! {
        report = measure::all(options) => report?,
        // Processes that were started end with us.
        () = told_to_stop() => return Err(Failure::new("stopped by a signal")),
    };
    report::print(&report);
    if let Some(file) = &options.json {
        write(&report, file)?;
    }
    if let Some(folder) = &options.plots {
        report::draw(&report, folder)?;
    }
    Ok(!options.check || (report.failures.is_empty() && report.targets.iter().all(|target| target.met)))
}

fn write(report: &Report, file: &std::path::Path) -> Result<()> {
    let text = serde_json::to_string_pretty(report).map_err(|error| Failure::new(error.to_string()))?;
    std::fs::write(file, text + "\n").map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
