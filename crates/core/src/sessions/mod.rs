//! The link between a number and WhatsApp: linking by code and QR, running,
//! stopping, health.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Core;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::keys::Caller;
use crate::network::Network;
use crate::views::Device;

/// The running numbers of this node.
pub struct Sessions {
    network: Arc<dyn Network>,
}

impl Sessions {
    pub(crate) fn new(network: Arc<dyn Network>) -> Self {
        Self { network }
    }
}

/// A code for a person to type on the phone.
#[derive(Debug, Clone)]
pub struct AuthCode {
    /// Always `authorize`.
    pub status: &'static str,
    /// `ABCD-EFGH`.
    pub code: String,
    /// For which number.
    pub phone: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Whole seconds left.
    pub expires_in: i64,
}

/// A QR to scan with the phone.
#[derive(Debug, Clone)]
pub struct QrCode {
    /// What the QR says.
    pub data: String,
    /// Counts from 1 within a round of six.
    pub attempt: u32,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Whole seconds left.
    pub expires_in: i64,
}

/// How to reboot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reboot {
    /// Also when the session is not running.
    pub force: bool,
    /// Compare with WhatsApp afterwards.
    pub sync: bool,
    /// Answer when it is settled, at most 90 s later.
    pub wait: bool,
}

/// What to destroy besides the session.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reset {
    /// Stored chats, messages and contacts too.
    pub data: bool,
    /// Queued messages too.
    pub empty_queue: bool,
    /// Answer when it is settled, at most 2 min later.
    pub wait: bool,
}

/// What a comparison with WhatsApp has found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncReport {
    /// The session's state.
    pub status: crate::views::SessionState,
    /// ISO 8601.
    pub last_sync_at: Option<String>,
    /// How long it took.
    pub last_sync_seconds: Option<f64>,
    /// The number.
    pub device: crate::views::DeviceRef,
}

/// What is measured of a session.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `healthy`, `degraded` or `down`.
    pub status: &'static str,
    /// Why, when it is not healthy; sentences.
    pub reasons: Vec<String>,
    /// The session's state.
    pub session: crate::views::SessionState,
    /// Whether the socket is open and logged in.
    pub socket_alive: bool,
    /// ISO 8601.
    pub last_frame_at: Option<String>,
    /// ISO 8601.
    pub last_sent_at: Option<String>,
    /// Messages waiting.
    pub queue_length: i64,
    /// WhatsApp's clock minus ours, milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// One-time keys left on WhatsApp's server.
    pub server_keys: Option<u32>,
    /// The client version in use.
    pub client_version: Option<String>,
    /// Whether WhatsApp accepted it at the last login.
    pub client_version_accepted: Option<bool>,
    /// What WhatsApp does not let the account do.
    pub restrictions: Vec<String>,
    /// Reconnects since the session was started.
    pub reconnects: u32,
    /// ISO 8601.
    pub checked_at: String,
}

pub(crate) async fn start_all(core: &Core) -> Result<()> {
    let _ = &core.sessions().network;
    todo!()
}

pub(crate) async fn stop_all(core: &Core) {
    todo!("{core:p}")
}

/// A code that links `phone` (or the number it had before) to this device.
///
/// # Errors
/// As the table in the documentation of the session says.
pub async fn auth_code(core: &Core, caller: &Caller, device: &DeviceId, phone: Option<&str>, force: bool) -> Result<AuthCode> {
    todo!("{core:p} {caller:?} {device} {phone:?} {force}")
}

/// The QR that is live right now.
///
/// # Errors
/// `session:already_linked` without `force`; `session:unreachable`.
pub async fn qr(core: &Core, caller: &Caller, device: &DeviceId, force: bool) -> Result<QrCode> {
    todo!("{core:p} {caller:?} {device} {force}")
}

/// Starts a stopped session.
///
/// # Errors
/// `device:notfound`.
pub async fn start(core: &Core, caller: &Caller, device: &DeviceId, wait: bool) -> Result<Device> {
    todo!("{core:p} {caller:?} {device} {wait}")
}

/// Closes and reopens the socket; everything is kept.
///
/// # Errors
/// `device:notfound`; `session:not_running` without `force`.
pub async fn reboot(core: &Core, caller: &Caller, device: &DeviceId, options: Reboot) -> Result<Device> {
    todo!("{core:p} {caller:?} {device} {options:?}")
}

/// Destroys the session: the number must be linked anew.
///
/// # Errors
/// `device:notfound`.
pub async fn reset(core: &Core, caller: &Caller, device: &DeviceId, options: Reset) -> Result<Device> {
    todo!("{core:p} {caller:?} {device} {options:?}")
}

/// Compares with WhatsApp now.
///
/// # Errors
/// `device:notfound`; `session:offline`.
pub async fn sync(core: &Core, caller: &Caller, device: &DeviceId) -> Result<SyncReport> {
    todo!("{core:p} {caller:?} {device}")
}

/// What is measured right now.
///
/// # Errors
/// `device:notfound`.
pub async fn health(core: &Core, caller: &Caller, device: &DeviceId) -> Result<Health> {
    todo!("{core:p} {caller:?} {device}")
}
