//! What a number does to its chats; WhatsApp keeps it in step on all devices.

use async_trait::async_trait;

/// What a number does to its chats; WhatsApp keeps it in step on all devices.
#[async_trait]
pub trait ChatLink: Send + Sync {}
