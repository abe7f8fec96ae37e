//! The command line as people type it. No behaviour: `crate::commands` has it.

pub(crate) mod resources;
pub(crate) mod sandbox;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use resources::{AccountCommand, DeviceCommand, KeyCommand, SendArgs};
use sandbox::SandboxArgs;

/// A self-hosted WhatsApp platform: link numbers, send, receive, over one REST API.
#[derive(Debug, Parser)]
#[command(name = "sparkbot", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Start here:\n  \
    sparkbot serve            runs the server; the first start prints an admin API key\n  \
    sparkbot doctor           checks configuration, database, disk and network\n  \
    sparkbot device create Support && sparkbot device link Support --phone +1…\n\n\
    Settings come from ./sparkbot.toml or /etc/sparkbot/sparkbot.toml, then SPARKBOT_* variables, then flags.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Configuration file [default: ./sparkbot.toml, then /etc/sparkbot/sparkbot.toml]
    #[arg(long, global = true, env = "SPARKBOT_CONFIG", value_name = "FILE", help_heading = "Settings")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the database, the master key and blobs [default: ./data]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Settings")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Database, sqlite:///path/file.db or postgres://… [default: a file in the data directory]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub(crate) database: Option<String>,
    /// Log level: error, warn, info, debug, trace, or a filter such as info,sparkbot_core=debug
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Settings")]
    pub(crate) log_level: Option<String>,
    /// Log format: text or json
    #[arg(long, global = true, value_name = "FORMAT", help_heading = "Settings")]
    pub(crate) log_format: Option<String>,
    /// Any other setting, as in the file: --set webhooks.timeout=5s (may be repeated)
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", help_heading = "Settings")]
    pub(crate) set: Vec<String>,
    /// Answer with JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// List, create, link, unlink and delete WhatsApp numbers of a running server
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Send a text message through a running server
    Send(SendArgs),
    /// Create, list and revoke API keys, directly in the database
    #[command(subcommand)]
    Key(KeyCommand),
    /// Create and list accounts, directly in the database
    #[command(subcommand)]
    Account(AccountCommand),
    /// A WhatsApp on loopback with simulated phones: run one, or drive a running one
    Sandbox(SandboxArgs),
    /// Write everything into one file, also while the server runs
    Backup(BackupArgs),
    /// Fill an empty data directory or database from a backup
    Restore(RestoreArgs),
    /// Seal all secrets again under the current master key, so that older ones can go
    Reseal,
    /// Check configuration, master key, clock, disk, database and network
    Doctor,
    /// Write the OpenAPI document of the REST API
    Openapi(OpenapiArgs),
}

/// `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address of the API; port 0 takes any free one [default: 127.0.0.1:7700]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Write the admin key of the first start to this file as well (mode 0600)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Start a WhatsApp of its own on loopback and join it (feature `sandbox`)
    #[arg(long, conflicts_with = "sandbox_url", help_heading = "Sandbox")]
    pub(crate) sandbox: bool,
    /// Join a sandbox that runs already, by its control address (feature `sandbox`)
    #[arg(long, value_name = "URL", help_heading = "Sandbox")]
    pub(crate) sandbox_url: Option<String>,
    /// Where the sandbox's control API listens [default: 127.0.0.1:7710]
    #[arg(long, value_name = "ADDRESS", requires = "sandbox", help_heading = "Sandbox")]
    pub(crate) sandbox_control: Option<SocketAddr>,
    /// Where the sandbox's WhatsApp socket listens [default: 127.0.0.1:7711]
    #[arg(long, value_name = "ADDRESS", requires = "sandbox", help_heading = "Sandbox")]
    pub(crate) sandbox_socket: Option<SocketAddr>,
    /// Seed of everything random in the sandbox, to repeat a run
    #[arg(long, value_name = "NUMBER", requires = "sandbox", help_heading = "Sandbox")]
    pub(crate) sandbox_seed: Option<u64>,
    /// Begin the sandbox with a small company: people, groups, conversations
    #[arg(long, requires = "sandbox", help_heading = "Sandbox")]
    pub(crate) seed_data: bool,
    /// A clock for tests: ahead of the machine's by the milliseconds in this file (feature `sandbox`)
    #[arg(long, value_name = "FILE", hide = true, help_heading = "Sandbox")]
    pub(crate) sandbox_clock: Option<PathBuf>,
}

/// `backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// File to write, such as sparkbot-2026-11-23.tar.gz
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Leave out the bytes of files and received media
    #[arg(long)]
    pub(crate) without_files: bool,
}

/// `restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// A file that `sparkbot backup` has written
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `openapi`.
#[derive(Debug, Args)]
pub(crate) struct OpenapiArgs {
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command};

    #[test]
    fn every_command_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_can_follow_the_command() {
        let cli = Cli::parse_from(["sparkbot", "serve", "--listen", "127.0.0.1:0", "--json", "--data-dir", "/d"]);
        assert!(cli.global.json);
        assert!(matches!(cli.command, Command::Serve(_)));
    }
}
