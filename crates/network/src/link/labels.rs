//! WhatsApp's own labels, which business accounts have.

use async_trait::async_trait;

use crate::error::NetworkError;
use crate::wid::Wid;

/// WhatsApp's own labels, which business accounts have.
#[async_trait]
pub trait LabelLink: Send + Sync {
    /// Whether this account is a business, and so has labels.
    async fn is_business(&self) -> Result<bool, NetworkError>;

    /// Makes a label, or changes the one with this id. `color` is WhatsApp's
    /// number of it, 0 to 19.
    async fn save_label(&self, id: &str, name: &str, color: i32) -> Result<(), NetworkError>;

    /// Deletes a label; chats lose it.
    async fn delete_label(&self, id: &str) -> Result<(), NetworkError>;

    /// Puts a label on a chat, or takes it off.
    async fn label_chat(&self, id: &str, chat: &Wid, on: bool) -> Result<(), NetworkError>;
}
