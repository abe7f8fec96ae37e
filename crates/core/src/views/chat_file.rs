//! Files of chat messages.

use serde::Serialize;
use utoipa::ToSchema;

use super::Link;
use super::chat_content::{ChatFileMeta, ChatFilePreview};

/// A file that was received or sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatFile {
    /// 24 hexadecimal digits.
    pub id: String,
    /// WhatsApp's id of its message.
    pub message: String,
    /// WhatsApp's id of its chat.
    pub chat: String,
    /// `in` or `out`.
    pub flow: String,
    /// `new` (not fetched yet), `fetching`, `available`, `failed` (tried again by itself or by a download),
    /// `unavailable` (WhatsApp has it no more, or the message was deleted) or `expired` (was here and was removed).
    pub status: String,
    /// Why it is not here, as `area:code`.
    pub error_code: Option<String>,
    /// Why it is not here, as a sentence.
    pub error: Option<String>,
    /// Text along with it.
    pub caption: Option<String>,
    /// `image`, `video`, `audio`, `ptt`, `document` or `sticker`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `native`, `ptt` for a recording, `gif` for a short film that repeats, `ptv` for a round one.
    pub format: String,
    /// Bytes; as the sender says, until it is here.
    pub size: Option<i64>,
    /// MIME type.
    pub mime: Option<String>,
    /// Ending of the name, without the dot.
    pub extension: Option<String>,
    /// Name; made up for files that come without one.
    pub filename: String,
    /// SHA-256 in hexadecimal.
    pub sha2: Option<String>,
    /// When the message was sent, ISO 8601.
    pub created_at: String,
    /// When it was fetched, ISO 8601.
    pub uploaded_at: Option<String>,
    /// When it is removed from here, ISO 8601.
    pub expires_at: Option<String>,
    /// Width, duration and so on.
    pub meta: ChatFileMeta,
    /// Small picture of it.
    pub preview: Option<ChatFilePreview>,
    /// Counts.
    pub stats: ChatFileStats,
    /// Where to go on.
    pub links: ChatFileLinks,
}

/// Counts of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatFileStats {
    /// How often it was downloaded from here.
    pub downloads: i64,
}

/// Where to go on from a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatFileLinks {
    /// What is known of it.
    pub resource: Link,
    /// The file itself. The address carries a token, so that it works for a short time without a key.
    pub download: Link,
    /// Its message.
    pub message: Link,
    /// Its chat's messages.
    pub chat: Link,
}
