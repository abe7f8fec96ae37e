//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Measures memory, restarts and messages of a SparkBot server against the sandbox
#[derive(Debug, Parser)]
#[command(name = "sparkbot-bench", version)]
pub(crate) struct Options {
    /// The server: a release build with the feature `sandbox` [default: sparkbot beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// Numbers to link
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) numbers: u32,
    /// At how many sizes memory is measured on the way there
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) steps: u32,
    /// Numbers that are linked at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) at_once: u32,
    /// Messages of the largest load; 0 leaves messages out
    #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) messages: u32,
    /// Keep-alive connections that send them
    #[arg(long, value_name = "COUNT", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) connections: u32,
    /// Samples of each latency; 0 leaves latencies out
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) samples: u32,
    /// Chats of a phone whose history is timed; 0 leaves history out
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=5000))]
    pub(crate) history_chats: u32,
    /// Messages in each of these chats
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) history_messages: u32,
    /// Further argument of `sparkbot serve`, such as --serve-arg=--set --serve-arg=whatsapp.prekeys=50
    #[arg(long = "serve-arg", value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub(crate) serve_args: Vec<String>,
    /// Folder for the database and the logs; must be empty or absent [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Write everything measured to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Exit with status 1 when a target is missed
    #[arg(long)]
    pub(crate) check: bool,
}
