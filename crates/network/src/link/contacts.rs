//! What a number asks of people and changes about them.

use async_trait::async_trait;

/// What a number asks of people and changes about them.
#[async_trait]
pub trait ContactLink: Send + Sync {}
