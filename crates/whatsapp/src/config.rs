//! What the adapter is told at start-up.

use std::path::PathBuf;

use sparkbot_network::clock::SharedClock;
use url::Url;

use crate::endpoint::is_loopback;
use crate::guard::{GuardError, Verification};

/// How numbers are linked and where to.
#[derive(Clone)]
pub struct WhatsAppConfig {
    /// WebSocket URL of a server that is not WhatsApp, `ws://127.0.0.1:7100/ws/chat`.
    /// Required in builds with the feature `sandbox`, refused in others.
    pub socket_url: Option<String>,
    /// Where everything that is fetched from WhatsApp's hosts goes instead,
    /// `https://127.0.0.1:7101`; its certificate is not checked. Only in builds
    /// with the feature `sandbox`.
    pub media_base: Option<String>,
    /// The WhatsApp Web version to log in as. `None` asks WhatsApp for the
    /// current one every 24 h.
    pub client_version: Option<(u32, u32, u32)>,
    /// One-time keys made per upload. WhatsApp Web makes 812; each costs a curve
    /// operation when linking and is handed to one new contact.
    pub wanted_prekeys: usize,
    /// Where files lie encrypted while they are uploaded, each without a name.
    /// As much space is needed as the uploads under way have bytes.
    pub temp_dir: PathBuf,
    /// The name under Linked devices.
    pub device_name: String,
    /// Days of history that a phone tells when it is linked; `None` for none.
    pub history_days: Option<u32>,
    /// The time.
    pub clock: SharedClock,
}

impl WhatsAppConfig {
    /// WhatsApp itself, or in `sandbox` builds nothing until a socket is named.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self {
            socket_url: None,
            media_base: None,
            client_version: None,
            wanted_prekeys: 200,
            temp_dir: std::env::temp_dir(),
            device_name: "SparkBot".to_owned(),
            history_days: Some(90),
            clock,
        }
    }
}

/// Why the adapter can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The build can't be trusted.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// An endpoint is set that this build must not talk to.
    #[error(
        "{name}: '{url}' is not on loopback; a build with the sandbox talks to nothing else (use an address such as 127.0.0.1, not a name)"
    )]
    NotLoopback {
        /// The setting.
        name: &'static str,
        /// Its value.
        url: String,
    },
    /// A build with the sandbox has no server to talk to.
    #[error("this build has the sandbox and never connects to WhatsApp: set the socket URL of a server on loopback")]
    NoSocket,
    /// A production build was told to use another server.
    #[error("{name} can only be set in builds with the sandbox")]
    SandboxOnly {
        /// The setting.
        name: &'static str,
    },
    /// Not a URL.
    #[error("{name}: '{url}' is not a URL")]
    Url {
        /// The setting.
        name: &'static str,
        /// Its value.
        url: String,
    },
    /// TLS can't be set up.
    #[error("TLS: {0}")]
    Tls(String),
}

/// Endpoints after checking.
#[derive(Debug)]
pub(crate) struct Endpoints {
    /// `None` for WhatsApp's own.
    pub(crate) socket: Option<Url>,
    pub(crate) media: Option<Url>,
}

impl Endpoints {
    pub(crate) fn check(config: &WhatsAppConfig, verification: Verification) -> Result<Self, ConfigError> {
        let socket = endpoint("socket_url", config.socket_url.as_deref(), verification)?;
        let media = endpoint("media_base", config.media_base.as_deref(), verification)?;
        if verification == Verification::Off && socket.is_none() {
            return Err(ConfigError::NoSocket);
        }
        Ok(Self { socket, media })
    }
}

fn endpoint(name: &'static str, value: Option<&str>, verification: Verification) -> Result<Option<Url>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    if verification == Verification::Enforced {
        return Err(ConfigError::SandboxOnly { name });
    }
    let url: Url = value.parse().map_err(|_| ConfigError::Url { name, url: value.to_owned() })?;
    if !is_loopback(&url) {
        return Err(ConfigError::NotLoopback { name, url: value.to_owned() });
    }
    Ok(Some(url))
}
