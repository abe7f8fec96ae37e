//! What a phone knows of the past.

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::Millis;
use crate::content::Target;
use crate::error::NetworkError;
use crate::history::{HistoryReading, HistorySink};
use crate::wid::Wid;

/// What a phone knows of the past.
#[async_trait]
pub trait HistoryLink: Send + Sync {
    /// Reads a part that arrived, piece by piece, so that memory is bounded by
    /// the largest chat of a part. Needs no connection.
    ///
    /// # Errors
    /// [`NetworkError::Invalid`] when it can't be read: trying again is of no
    /// use. [`NetworkError::State`] when the sink has refused a piece.
    async fn read_history(
        &self,
        packed: Bytes,
        how: HistoryReading,
        into: &mut dyn HistorySink,
    ) -> Result<(), NetworkError>;

    /// Asks the phone for up to `count` messages of a chat that are older than
    /// `before` (its newest ones without). The answer is a part of kind
    /// [`crate::history::HistoryKind::OnDemand`] that names the request given
    /// back here; a phone that is off gives none until it is on.
    async fn ask_history(
        &self,
        chat: &Wid,
        before: Option<(&Target, Millis)>,
        count: u32,
    ) -> Result<String, NetworkError>;
}
