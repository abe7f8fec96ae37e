//! What the session actions answer and take.

use serde::Serialize;
use utoipa::ToSchema;

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
