//! `key`, `account`, `device`, `send`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::Span;

/// Which server to talk to, and who asks.
#[derive(Debug, Clone, Args)]
pub(crate) struct Server {
    /// Address of the server
    #[arg(
        long,
        env = "SPARKBOT_API",
        value_name = "URL",
        default_value = "http://127.0.0.1:7700",
        help_heading = "Server"
    )]
    pub(crate) api: String,
    /// API key; the variable or the file keep it out of the process list
    #[arg(long, env = "SPARKBOT_KEY", hide_env_values = true, value_name = "KEY", help_heading = "Server")]
    pub(crate) key: Option<String>,
    /// File with the API key [default: sandbox.key in the data directory, if there]
    #[arg(long, env = "SPARKBOT_KEY_FILE", value_name = "FILE", help_heading = "Server")]
    pub(crate) key_file: Option<PathBuf>,
}

/// `key …`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key; it is shown only this once
    Create {
        /// What the key is for
        #[arg(long)]
        name: String,
        /// What it may do: messages:write, devices:read, … or * (may be repeated) [default: *]
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
        scopes: Vec<String>,
        /// When it ends by itself: 90d, 12h, … [default: never]
        #[arg(long, value_name = "DURATION")]
        expires: Option<Span>,
        /// Account, by name or id; needed when there are several
        #[arg(long)]
        account: Option<String>,
        /// Write the key to this file (mode 0600) instead of showing it
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// List keys, without the keys themselves
    List {
        /// Account, by name or id [default: all]
        #[arg(long)]
        account: Option<String>,
    },
    /// Revoke a key at once
    Revoke {
        /// The key's id, or its first digits, as `key list` shows them
        key: String,
    },
}

/// `account …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account with an administrator and a key; the key is shown only this once
    Create {
        /// What the account is called
        name: String,
        /// Write the key to this file (mode 0600) instead of showing it
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// List accounts
    List,
}

/// `device …`.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// List WhatsApp numbers
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Make a device, which is then linked to a number
    Create {
        /// What people call it
        alias: String,
        #[command(flatten)]
        server: Server,
    },
    /// Link a device to a WhatsApp number, by code or QR, and wait until it is online
    Link(LinkArgs),
    /// End the link with WhatsApp; the device and its chats stay
    Unlink {
        /// Id, alias or phone number
        device: String,
        #[command(flatten)]
        server: Server,
    },
    /// Delete a device with everything it has
    Delete {
        /// Id, alias or phone number
        device: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        server: Server,
    },
}

/// `device link`.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Id, alias or phone number
    pub(crate) device: String,
    /// The number to link: a code is shown that is typed on this phone
    #[arg(long, value_name = "+NUMBER", required_unless_present_any = ["qr", "again"], conflicts_with = "qr")]
    pub(crate) phone: Option<String>,
    /// Show a QR to scan with the phone instead of a code
    #[arg(long)]
    pub(crate) qr: bool,
    /// Ask for a code for the number it was linked to before
    #[arg(long, conflicts_with_all = ["qr", "phone"])]
    pub(crate) again: bool,
    /// Link anew even if it is linked
    #[arg(long)]
    pub(crate) force: bool,
    /// Show the code or QR and return
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// How long to wait for the phone
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(crate) timeout: Span,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// `send`.
#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// The sending number: id, alias or phone number of a device
    pub(crate) device: String,
    /// The receiver: phone number, or the id of a group or channel
    pub(crate) to: String,
    /// What it says; - reads it from standard input
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
    /// Wait until it is delivered
    #[arg(long)]
    pub(crate) wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub(crate) timeout: Span,
    /// Own id of the message; sending it again with the same one sends nothing
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(crate) server: Server,
}
