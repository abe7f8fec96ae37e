//! `sandbox …`.

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use crate::config::Span;

/// `sandbox`: runs one without a subcommand, drives a running one with.
#[derive(Debug, Args)]
#[command(after_help = "Without a command, runs a sandbox until it is stopped.\n\
    With one, drives the sandbox at --control:\n  \
    sparkbot sandbox phone link +16001234560 ABCD-EFGH\n  \
    sparkbot sandbox phone send +16001234561 +16001234560 \"hello\"\n  \
    sparkbot sandbox phone inbox +16001234561 --follow")]
pub(crate) struct SandboxArgs {
    /// Address of the control API, on loopback
    #[arg(
        long,
        env = "SPARKBOT_SANDBOX",
        value_name = "ADDRESS",
        default_value = "http://127.0.0.1:7710",
        global = true
    )]
    pub(crate) control: String,
    /// Where the WhatsApp socket of a sandbox to run listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7711")]
    pub(crate) socket: SocketAddr,
    /// Seed of everything random in a sandbox to run
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Begin with a small company: people, groups, conversations
    #[arg(long)]
    pub(crate) seed_data: bool,
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
}

/// What to do with a running sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Simulated phones: make them, link, send, read
    #[command(subcommand)]
    Phone(PhoneCommand),
    /// Make the sandbox misbehave; without a kind, list the faults that are pending
    Fault(FaultArgs),
    /// Show what passes between clients and the sandbox, one stanza a line
    Watch(WatchArgs),
    /// Show where the sandbox listens and what is in it
    Status,
}

/// `sandbox watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// Only this phone's companions
    pub(crate) phone: Option<String>,
    /// Only this device of the phone
    #[arg(long, requires = "phone")]
    pub(crate) device: Option<u16>,
    /// Show all of every stanza, one element a line
    #[arg(long)]
    pub(crate) full: bool,
    /// Begin with the last stanzas that have passed already
    #[arg(long)]
    pub(crate) past: bool,
}

/// `sandbox fault`.
#[derive(Debug, Args)]
pub(crate) struct FaultArgs {
    /// drop, stream_error, conflict, stall, half_open, corrupt, expire_session, ban (at once); failure, outdated,
    /// too_many_link_codes, passkey, lose_acks, delay_acks, ack_error, rate_limit, iq_error, lose_iqs, delay_iqs,
    /// duplicate, reorder, delay_deliveries, lose_deliveries, lose_receipts, damage_deliveries, damage_messages
    /// (when their moment comes); skew_clock
    pub(crate) kind: Option<String>,
    /// Only this phone's devices
    #[arg(long, value_name = "+NUMBER")]
    pub(crate) phone: Option<String>,
    /// Only this device of the phone
    #[arg(long)]
    pub(crate) device: Option<u16>,
    /// Code of a refusal or error
    #[arg(long)]
    pub(crate) code: Option<u32>,
    /// How often; 0 is until cleared
    #[arg(long)]
    pub(crate) count: Option<u32>,
    /// How long a delay, a stall or a ban is, in milliseconds
    #[arg(long)]
    pub(crate) ms: Option<u64>,
    /// For how long from now, in milliseconds
    #[arg(long)]
    pub(crate) for_ms: Option<u64>,
    /// How far the server's clock is ahead, in milliseconds; negative is behind
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) skew_ms: Option<i64>,
    /// Only iqs of this namespace
    #[arg(long)]
    pub(crate) xmlns: Option<String>,
    /// How likely, 0 to 1
    #[arg(long)]
    pub(crate) probability: Option<f64>,
    /// Seed of the fault's own random numbers, so that it strikes at the same moments again
    #[arg(long, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Take all pending faults back
    #[arg(long, conflicts_with = "kind")]
    pub(crate) clear: bool,
}

/// `sandbox phone …`.
#[derive(Debug, Subcommand)]
pub(crate) enum PhoneCommand {
    /// Make a phone
    Create {
        /// Its number, +16001234560
        phone: String,
        /// The name it shows to others
        #[arg(long)]
        name: Option<String>,
    },
    /// List the phones
    List,
    /// Type a link code on a phone, as under Linked devices → Link with phone number
    Link {
        /// The phone
        phone: String,
        /// The code, ABCD-EFGH
        code: String,
    },
    /// Scan a QR with a phone
    Scan {
        /// The phone
        phone: String,
        /// What the QR says, @file with it, or - for standard input
        qr: String,
    },
    /// Send a text from a phone
    Send {
        /// The phone
        phone: String,
        /// The receiver
        to: String,
        /// What it says
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// Show what a phone has received and sent
    Inbox {
        /// The phone
        phone: String,
        /// Only the chat with this number or id
        #[arg(long)]
        chat: Option<String>,
        /// Only what came after this position
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// Keep showing what arrives, until stopped
        #[arg(long)]
        follow: bool,
        /// Wait this long for a first message when there is none
        #[arg(long, value_name = "DURATION", conflicts_with = "follow")]
        wait: Option<Span>,
    },
    /// Remove a linked device from a phone, as under Linked devices → Log out
    Unlink {
        /// The phone
        phone: String,
        /// Which device, as `phone list` shows; all of them when absent
        device: Option<u32>,
    },
    /// Take a phone off the network
    Offline {
        /// The phone
        phone: String,
    },
    /// Bring a phone back
    Online {
        /// The phone
        phone: String,
    },
}
