//! Calls that ring.

use async_trait::async_trait;

use crate::error::NetworkError;
use crate::report::Ring;

/// What can be done about a call that rings.
#[async_trait]
pub trait CallLink: Send + Sync {
    /// Declines a call, so that it rings nowhere any more. WhatsApp does not
    /// answer this.
    async fn reject_call(&self, call: &Ring) -> Result<(), NetworkError>;
}
