//! Chats and contacts, in the compact form of answers and webhooks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChatChannel, ChatGroup, ChatMessage, Link};

/// A conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// WhatsApp id.
    pub id: String,
    /// Shown name.
    pub name: Option<String>,
    /// `chat`, `group`, `channel`, `community` or `broadcast`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Private id of the person.
    pub lid: Option<String>,
    /// `pending` (somebody waits for an answer), `active`, `resolved`, `archived`, or `removed` once it was deleted.
    pub status: String,
    /// `active` or `archived`, as on the phone; `removed` once it was deleted.
    pub wa_status: String,
    /// When the status changed last, ISO 8601.
    pub status_updated_at: Option<String>,
    /// Who changed it: a team member's id; `null` when a message or the phone did.
    pub status_updated_by: Option<String>,
    /// The status before.
    pub prev_status: Option<String>,
    /// When that one had begun, ISO 8601.
    pub prev_status_updated_at: Option<String>,
    /// ISO 8601.
    pub first_message_at: Option<String>,
    /// ISO 8601.
    pub last_message_at: Option<String>,
    /// The same in unix seconds.
    pub last_message_time: Option<i64>,
    /// ISO 8601.
    pub last_inbound_message_at: Option<String>,
    /// ISO 8601.
    pub last_outbound_message_at: Option<String>,
    /// The newest message, in lists of chats and for one chat.
    #[schema(no_recursion)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Box<ChatMessage>>,
    /// When a note was written last, ISO 8601.
    pub last_note_at: Option<String>,
    /// When somebody reacted last, ISO 8601.
    pub last_reaction_at: Option<String>,
    /// With what.
    pub last_reaction_emoji: Option<String>,
    /// Who.
    pub last_reaction_author: Option<String>,
    /// Id of the last automatic reply.
    pub last_auto_reply: Option<String>,
    /// When it was sent, ISO 8601.
    pub last_auto_reply_at: Option<String>,
    /// Counts.
    pub stats: ChatStats,
    /// Label names.
    pub labels: Vec<String>,
    /// Who looks after it, and who did.
    pub owner: ChatOwner,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<ChatGroup>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChatChannel>,
    /// How it stands.
    pub meta: ChatMeta,
    /// The newest messages, newest first, with `include=messages`.
    #[schema(no_recursion)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<ChatMessage>>,
    /// The newest notes, newest first, with `include=notes`.
    #[schema(no_recursion)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Vec<ChatMessage>>,
    /// Where the rest of it is.
    pub links: ChatLinks,
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
    /// Messages kept here.
    pub local_messages: i64,
}

/// How a chat stands.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatMeta {
    /// Received and not read.
    pub unread_count: i64,
    /// Whether something is unread, or it is marked so.
    pub is_unread: bool,
    /// When that changed last, ISO 8601.
    pub unread_at: Option<String>,
    /// Whether this number wrote first.
    pub is_user_initiated: bool,
    /// Whether this number may write.
    pub can_send: bool,
    /// Whether nobody but admins may write.
    pub is_read_only: bool,
    /// Whether it is at the top of the phone's list.
    pub is_pinned: bool,
    /// Whether it is archived on the phone.
    pub is_archived: bool,
    /// Whether it is silent on the phone.
    pub is_chat_muted: bool,
    /// Until when, in milliseconds; -1 for ever.
    pub mute_expiration: Option<i64>,
    /// Seconds after which messages disappear.
    pub ephemeral: Option<i64>,
    /// Whether the person's number is not known.
    pub is_phone_hidden: bool,
}

/// Who looks after a chat, and who did. Agents and departments are named by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatOwner {
    /// The agent.
    pub agent: Option<String>,
    /// Who has assigned it to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigner: Option<String>,
    /// When, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<String>,
    /// By which rule: `manual`, `round-robin`, `least-busy`, `sticky` or `department`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignment_type: Option<String>,
    /// When it was taken from the last agent, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassigned_at: Option<String>,
    /// The agent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_agent: Option<String>,
    /// The agent whom a rule has chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_assign_agent: Option<String>,
    /// When, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_assigned_at: Option<String>,
    /// When a rule has taken it from an agent, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_unassigned_at: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The department before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_department: Option<String>,
    /// Who has assigned it to the department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_assigner: Option<String>,
    /// When, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department_updated_at: Option<String>,
    /// The department that a rule has chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_assign_department: Option<String>,
    /// When, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_assign_department_at: Option<String>,
}

/// Where the rest of a chat is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatLinks {
    /// The chat.
    pub chat: Link,
    /// What was said in it.
    pub messages: Link,
    /// Its status.
    pub status: Link,
    /// The number.
    pub device: Link,
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
