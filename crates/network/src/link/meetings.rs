//! Links that people join calls by.

use async_trait::async_trait;

use crate::content::Call;
use crate::error::NetworkError;

/// Links that people join calls by.
#[async_trait]
pub trait MeetingLink: Send + Sync {
    /// Makes a link to a call of a kind; its token, which ends the link's
    /// address. WhatsApp knows no way to take a link back.
    async fn make_meeting_link(&self, kind: Call) -> Result<String, NetworkError>;
}
