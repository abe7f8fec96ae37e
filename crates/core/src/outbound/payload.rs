//! What is kept of a request besides its columns, as it was asked: shown again,
//! and carried out by the sender and after delivery.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sparkbot_store::rows::MessageRow;
use utoipa::ToSchema;

use super::Contents;
use crate::error::{Error, Result};

/// How the text of a status update looks, by the names of colour and font.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = StatusTextLook)]
pub struct TextLook {
    /// The colour behind it.
    pub color: String,
    /// The font.
    pub font: String,
}

/// How a message is sent, as it was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[schema(as = MessageOptions)]
pub struct Options {
    /// Label to put on the chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Sent at once or not at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
    /// Whether it may wait in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enqueue: Option<String>,
    /// Seconds of "typing…" before it.
    #[serde(skip_serializing_if = "is_zero")]
    pub typing: i64,
    /// Mark the chat as read first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub send_read_ack: bool,
    /// Not before what was accepted earlier for the same chat.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub order: bool,
    /// Whether the first link is shown with a preview; true when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<bool>,
    /// WhatsApp ids of the people named in the text as `@digits`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// How the text of a status update looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TextLook>,
    /// What to do with the chat after delivery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub actions: Vec<Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Options {
    /// Whether it must not wait for the number to come online.
    pub(super) fn at_once(&self) -> bool {
        self.live || self.enqueue.as_deref() == Some("never")
    }
}

/// The `payload` column.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Payload {
    #[serde(flatten)]
    pub(crate) contents: Contents,
    #[serde(flatten)]
    pub(crate) options: Options,
    /// Id of the message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote: Option<String>,
    /// Id of the file that was fetched for it, for the next try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fetched: Option<String>,
}

impl Payload {
    pub(crate) fn of(row: &MessageRow) -> Result<Self> {
        serde_json::from_str(&row.payload).map_err(Error::internal)
    }

    pub(super) fn to_column(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }
}
