//! Chats and contacts, in the compact form of answers and webhooks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ChatGroup;

/// A conversation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// WhatsApp id.
    pub id: String,
    /// Shown name.
    pub name: Option<String>,
    /// `chat`, `group` or `channel`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Private id of the person.
    pub lid: Option<String>,
    /// `pending`, `active`, `resolved`…
    pub status: String,
    /// `active` or `archived`, as on the phone.
    pub wa_status: String,
    /// ISO 8601.
    pub first_message_at: Option<String>,
    /// ISO 8601.
    pub last_message_at: Option<String>,
    /// ISO 8601.
    pub last_inbound_message_at: Option<String>,
    /// ISO 8601.
    pub last_outbound_message_at: Option<String>,
    /// Counts.
    pub stats: ChatStats,
    /// Label names.
    pub labels: Vec<String>,
    /// Who looks after it.
    pub owner: ChatOwner,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<ChatGroup>,
}

/// Counts of a chat.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatStats {
    /// Notes.
    pub notes: i64,
    /// Received.
    pub inbound_messages: i64,
    /// Sent.
    pub outbound_messages: i64,
    /// Kept here.
    pub local_messages: i64,
}

/// Who looks after a chat.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ChatOwner {
    /// The agent's id.
    pub agent: Option<String>,
    /// The department's id.
    pub department: Option<String>,
}

/// A person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// WhatsApp id.
    pub wid: String,
    /// Private id, where known.
    pub lid: Option<String>,
    /// Always `user`.
    #[serde(rename = "type")]
    pub kind: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// Name in the address book, or the name the person gives.
    pub name: Option<String>,
    /// What to show: name, or number.
    pub display_name: String,
}
