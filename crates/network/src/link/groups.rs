//! What a number does in groups.

use async_trait::async_trait;

/// What a number does in groups.
#[async_trait]
pub trait GroupLink: Send + Sync {}
