//! What the person who runs the server may set: one TOML file, then
//! `SPARKBOT_*` variables, then flags. Every setting has a default, and
//! `sparkbot.example.toml` names them all.

mod sources;
mod values;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sparkbot_store::Store;

pub(crate) use sources::{Loaded, load};
pub(crate) use values::{ClientVersion, DeviceName, Listen, Span};

use crate::failure::{Failure, Result};

/// Every setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Folder of the database, the master key and blobs.
    pub(crate) data_dir: PathBuf,
    /// Address of the API.
    pub(crate) listen: Listen,
    /// Name of this node in the leases of numbers; stable over restarts.
    pub(crate) node: String,
    /// Where rows are kept.
    pub(crate) database: Database,
    /// What seals secrets at rest.
    pub(crate) master_key: MasterKeyFiles,
    /// What is told while running.
    pub(crate) log: Log,
    /// Deliveries to receivers outside.
    pub(crate) webhooks: Webhooks,
    /// Where URLs given by users may lead.
    pub(crate) network: Network,
    /// How much is taken.
    pub(crate) limits: Limits,
    /// How long things are kept.
    pub(crate) retention: Retention,
    /// How numbers are linked.
    pub(crate) whatsapp: WhatsApp,
}

/// `[database]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    /// `sqlite:///path/file.db` or `postgres://…`; a file in the data directory when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// `[master_key]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MasterKeyFiles {
    /// `master.key` in the data directory when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// Keys that older values were sealed with.
    pub(crate) older_files: Vec<PathBuf>,
}

/// `[log]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// A level or a filter.
    pub(crate) level: String,
    /// How lines look.
    pub(crate) format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[webhooks]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Webhooks {
    /// How long a receiver has for its answer.
    pub(crate) timeout: Span,
    /// Gaps between the tries of a failed delivery; the last one repeats.
    pub(crate) retry_gaps: Vec<Span>,
}

/// `[network]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Network {
    /// Private networks that URLs given by users may reach, in CIDR form.
    pub(crate) allowed: Vec<IpNet>,
}

/// `[limits]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Messages waiting in one number's queue at most.
    pub(crate) queue: u32,
}

/// `[retention]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    /// The event log and the delivery logs of webhooks.
    pub(crate) events: Span,
}

/// `[whatsapp]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WhatsApp {
    /// The name under Linked devices on the phone.
    pub(crate) device_name: DeviceName,
    /// The WhatsApp Web version to log in as; WhatsApp is asked when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_version: Option<ClientVersion>,
    /// One-time keys made per upload.
    pub(crate) prekeys: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            listen: Listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7700)),
            node: "main".to_owned(),
            database: Database::default(),
            master_key: MasterKeyFiles::default(),
            log: Log::default(),
            webhooks: Webhooks::default(),
            network: Network::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            whatsapp: WhatsApp::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        let core = sparkbot_core::Settings::default();
        Self {
            timeout: Span::from(core.webhook_timeout),
            retry_gaps: core.webhook_retry_gaps.into_iter().map(Span::from).collect(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 100_000 }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { events: Span::seconds(7 * 24 * 3600) }
    }
}

impl Default for WhatsApp {
    fn default() -> Self {
        Self { device_name: DeviceName("SparkBot".to_owned()), client_version: None, prekeys: 200 }
    }
}

impl Config {
    /// Where the database is. A build with the sandbox never connects to
    /// WhatsApp, so its numbers get a file of their own: real numbers in front
    /// of a sandbox would be told that they are no longer linked.
    pub(crate) fn database_url(&self) -> String {
        self.database.url.clone().unwrap_or_else(|| {
            let name = if cfg!(feature = "sandbox") { "sandbox.db" } else { "sparkbot.db" };
            Store::sqlite_url(&self.data_dir.join(name))
        })
    }

    /// The file of the master key.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        self.master_key.file.clone().unwrap_or_else(|| self.data_dir.join("master.key"))
    }

    /// Where the key of a sandbox server is left for the next commands.
    pub(crate) fn sandbox_key_file(&self) -> PathBuf {
        self.data_dir.join("sandbox.key")
    }

    /// What core takes of it.
    pub(crate) fn core_settings(&self, allow_loopback: bool) -> sparkbot_core::Settings {
        sparkbot_core::Settings {
            node: self.node.clone(),
            allow_loopback,
            allowed_networks: self.network.allowed.iter().map(ToString::to_string).collect(),
            webhook_timeout: self.webhooks.timeout.duration(),
            webhook_retry_gaps: self.webhooks.retry_gaps.iter().map(|gap| gap.duration()).collect(),
            event_retention: self.retention.events.duration(),
            queue_limit: i64::from(self.limits.queue),
        }
    }

    /// What a type can't check.
    fn check(&self) -> Result<()> {
        let wrong = |text: String| Err(Failure::usage(text));
        if let Some(url) = &self.database.url
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
        {
            return wrong("database.url starts with 'sqlite:' or 'postgres://'".to_owned());
        }
        if self.node.is_empty() || self.node.len() > 60 {
            return wrong("node has 1 to 60 characters".to_owned());
        }
        if self.limits.queue == 0 {
            return wrong("limits.queue is at least 1".to_owned());
        }
        if !(1..=60).contains(&self.webhooks.timeout.duration().as_secs()) {
            return wrong("webhooks.timeout is between 1s and 60s".to_owned());
        }
        if self.webhooks.retry_gaps.is_empty() {
            return wrong("webhooks.retry_gaps has at least one duration".to_owned());
        }
        if self.retention.events.duration().as_secs() < 3600 {
            return wrong("retention.events is at least 1h, so that readers can catch up".to_owned());
        }
        if !(5..=812).contains(&self.whatsapp.prekeys) {
            return wrong("whatsapp.prekeys is between 5 and 812".to_owned());
        }
        Ok(())
    }
}

/// Makes the data directory, for its owner only, and everything made in it later.
///
/// # Errors
/// With what to do, when it can't be made.
pub(crate) fn ensure_data_dir(path: &Path) -> Result<()> {
    // Also in a folder that others may enter, what is made from now on is not for them.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        Failure::new(format!("the data directory {} can't be made: {error}", path.display()))
            .hint("Choose another with --data-dir, or give this user the right to write there.")
    })
}
