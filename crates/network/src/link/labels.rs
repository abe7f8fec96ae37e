//! WhatsApp's own labels, which business accounts have.

use async_trait::async_trait;

/// WhatsApp's own labels, which business accounts have.
#[async_trait]
pub trait LabelLink: Send + Sync {}
