//! Status updates.

use serde::Serialize;
use utoipa::ToSchema;

use super::ChatMessage;

/// A status update: a chat message of the chat `status@broadcast`, or one that waits to be posted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The message.
    #[serde(flatten)]
    pub message: ChatMessage,
    /// Always `status`.
    pub mtype: &'static str,
    /// Whether it waits to be posted.
    pub scheduled: bool,
    /// Id of the outbound message while it waits, and when it could not be posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<String>,
    /// Why it could not be posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// When it is gone, ISO 8601; of one that waits, a day after it is due.
    pub expires_at: String,
    /// How many have looked at it; of the number's own only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<StatusViews>,
}

/// Who has looked at a status update.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusViews {
    /// How many.
    pub count: usize,
    /// Who, in the order in which it reached them; for a single update only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewers: Option<Vec<StatusViewer>>,
}

/// Somebody who has looked at a status update.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatusViewer {
    /// WhatsApp id.
    pub wid: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// Name in the address book, or the name the person gives.
    pub name: Option<String>,
    /// When, ISO 8601.
    pub date: String,
}
