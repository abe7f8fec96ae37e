//! What the person who runs the server may set: one TOML file, then
//! `SPARKBOT_*` variables, then flags. Every setting has a default, and
//! `sparkbot.example.toml` names them all.

mod check;
mod defaults;
mod sources;
mod values;

use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sparkbot_core::chat_files::ChatFileSettings;
use sparkbot_core::files::{BlobSettings, FileSettings, S3Settings};
use sparkbot_store::Store;

pub(crate) use sources::{Loaded, load};
pub(crate) use values::{ClientVersion, DeviceName, Listen, Size, Span};

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
    /// Files and received media.
    pub(crate) files: Files,
    /// Where their bytes are, when it is a bucket.
    pub(crate) s3: S3,
    /// How much is taken.
    pub(crate) limits: Limits,
    /// How long things are kept.
    pub(crate) retention: Retention,
    /// How numbers are linked.
    pub(crate) whatsapp: WhatsApp,
    /// What phones tell of the past.
    pub(crate) history: History,
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
    /// Reverse proxies that are believed when they say for whom they ask, in
    /// CIDR form.
    pub(crate) proxies: Vec<IpNet>,
}

/// `[files]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Files {
    /// Folder of their bytes; `blobs` in the data directory when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) folder: Option<PathBuf>,
    /// An upload's bytes at most.
    pub(crate) max_upload: Size,
    /// At most, of a file that is fetched by its URL.
    pub(crate) max_download: Size,
    /// How long fetching one may take.
    pub(crate) download_timeout: Span,
    /// How many are decoded and encoded at once.
    pub(crate) workers: u16,
    /// Received files up to this size are fetched by themselves.
    pub(crate) received_automatic: Size,
    /// A received file's bytes at most, also when it is asked for.
    pub(crate) received_max: Size,
}

/// `[s3]`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct S3 {
    /// The bucket; files are kept in a folder when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket: Option<String>,
    /// Where it is, when it is not Amazon's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// Its region.
    pub(crate) region: String,
    /// What keys in it begin with.
    pub(crate) prefix: String,
    /// Key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_key: Option<String>,
    /// Key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_key: Option<String>,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("bucket", &self.bucket).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// `[limits]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Messages waiting in one number's queue at most.
    pub(crate) queue: u32,
    /// Connections to the API at once.
    pub(crate) connections: u16,
    /// How long a client may take for a request's head, be silent between two,
    /// or not take what it is sent.
    pub(crate) client_pause: Span,
}

/// `[retention]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retention {
    /// The event log and the delivery logs of webhooks.
    pub(crate) events: Span,
    /// The audit log.
    pub(crate) audit: Span,
    /// The bytes of received files.
    pub(crate) received_files: Span,
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
    /// How long first messages wait after WhatsApp has refused one.
    pub(crate) restriction_pause: Span,
}

/// `[history]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct History {
    /// Whether a phone's history is taken over when it is linked.
    pub(crate) enabled: bool,
    /// Days back from the link.
    pub(crate) days: u32,
    /// Messages of one chat at most; 0 for any number.
    pub(crate) messages_per_chat: u32,
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

    /// The database's file; none for a server's.
    pub(crate) fn database_file(&self) -> Option<PathBuf> {
        let url = self.database_url();
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
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
            audit_retention: self.retention.audit.duration(),
            queue_limit: i64::from(self.limits.queue),
            files: self.file_settings(),
            restriction_pause: self.whatsapp.restriction_pause.duration(),
            chat_files: ChatFileSettings {
                automatic: self.files.received_automatic.bytes(),
                most: self.files.received_max.bytes(),
                keep: self.retention.received_files.duration(),
                ..ChatFileSettings::default()
            },
            history: sparkbot_core::history::HistorySettings {
                days: self.history.days,
                messages_per_chat: self.history.messages_per_chat,
            },
        }
    }

    fn file_settings(&self) -> FileSettings {
        let folder = self.files.folder.clone().unwrap_or_else(|| self.data_dir.join("blobs"));
        let storage = match (&self.s3.bucket, &self.s3.access_key, &self.s3.secret_key) {
            (Some(bucket), Some(access_key), Some(secret_key)) => {
                let settings = S3Settings {
                    bucket: bucket.clone(),
                    prefix: self.s3.prefix.clone(),
                    region: self.s3.region.clone(),
                    endpoint: self.s3.endpoint.clone(),
                    access_key: access_key.clone(),
                    secret_key: secret_key.clone().into(),
                };
                BlobSettings::S3(Box::new(settings), folder)
            }
            _ => BlobSettings::Folder(folder),
        };
        FileSettings {
            storage,
            max_upload: self.files.max_upload.bytes(),
            max_download: self.files.max_download.bytes(),
            download_time: self.files.download_timeout.duration(),
            workers: usize::from(self.files.workers),
        }
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
