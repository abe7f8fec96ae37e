//! Chats, contacts and chat messages, in the compact form of answers and
//! webhooks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message of a chat, received or sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// WhatsApp's id.
    pub id: String,
    /// Kind: `text`, `image`, `poll`…
    #[serde(rename = "type")]
    pub kind: String,
    /// `inbound` or `outbound`.
    pub flow: String,
    /// Always `active`, until it is deleted.
    pub status: String,
    /// `pending`, `sent`, `delivered`, `read`, `played`, `failed`.
    pub ack: String,
    /// Sender's id; the chat for inbound messages.
    pub from: String,
    /// Sender's number, where known.
    pub from_number: Option<String>,
    /// Receiver's id.
    pub to: String,
    /// Receiver's number, where known.
    pub to_number: Option<String>,
    /// Who wrote it, in groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// ISO 8601.
    pub date: String,
    /// Unix seconds.
    pub timestamp: i64,
    /// Text or caption.
    pub body: Option<String>,
    /// Reactions; filled where there are any.
    pub reactions: Vec<String>,
    /// Where it was said.
    pub chat: Chat,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
    /// The caller's own id, for messages sent through the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Small facts.
    pub meta: MessageMeta,
}

/// The message that another one answers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Quoted {
    /// Its WhatsApp id.
    pub id: String,
    /// Who wrote it.
    pub from: Option<String>,
    /// Its text, as quoted.
    pub body: Option<String>,
}

/// Small facts about a message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageMeta {
    /// Said in a group.
    pub is_group: bool,
    /// Posted in a channel.
    pub is_channel: bool,
    /// Marked as forwarded.
    pub is_forwarded: bool,
    /// Disappears by itself.
    pub is_ephemeral: bool,
    /// After so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_duration: Option<u32>,
    /// Sent to a broadcast list.
    pub is_broadcast: bool,
    /// The first message of its chat.
    pub is_first_message: bool,
    /// The name the sender gives itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_name: Option<String>,
    /// `api`, `chat`, or where it was written.
    pub source: String,
    /// `app` for what was written on the phone, `platform` for what was sent here, `remote` for what was received.
    pub via: String,
}

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
