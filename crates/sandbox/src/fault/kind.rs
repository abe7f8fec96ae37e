//! What can go wrong, and when.

use serde::{Deserialize, Serialize};

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The connection is closed without a word.
    Drop,
    /// `<stream:error code>`, then the connection is closed.
    StreamError,
    /// The connection is told that another took its place.
    Conflict,
    /// Nothing passes for `ms`, then everything that was held back does; without
    /// `ms` the server hears nothing any more but still writes.
    Stall,
    /// The socket stays open and nothing passes either way; after `ms` it is
    /// cut.
    HalfOpen,
    /// A frame is sent that can't be decrypted; when it waits for its moment, in
    /// place of a stanza.
    Corrupt,
    /// The companion is forgotten and cut off; its next login is refused with
    /// 401.
    ExpireSession,
    /// The account is cut off and its logins are refused with 402 for `ms`.
    Ban,
    /// The next login is refused with a reason.
    Failure,
    /// The next login is refused because the client is too old.
    Outdated,
    /// The next request for a link code is answered "too many attempts".
    TooManyLinkCodes,
    /// The next request for a link code is answered by asking for a passkey.
    Passkey,
    /// The ack of the next message is not sent; the message arrives.
    LoseAcks,
    /// The ack of the next message is sent twice.
    DoubleAcks,
    /// The ack of the next message comes `ms` later.
    DelayAcks,
    /// The next message is refused with an error in its ack.
    AckError,
    /// The next iq or message is refused with 429.
    RateLimit,
    /// The next iq is refused with an error, and has no effect.
    IqError,
    /// The next iq has its effect and is not answered.
    LoseIqs,
    /// The next iq is answered `ms` later.
    DelayIqs,
    /// The next message to the companion is written twice.
    Duplicate,
    /// The next message to the companion comes after the one that follows it.
    Reorder,
    /// The next message to the companion is written `ms` later.
    DelayDeliveries,
    /// The next message to the companion is not written before its next login.
    LoseDeliveries,
    /// The server does not hear the companion's next ack or receipt.
    LoseReceipts,
    /// The next message to the companion can't be decrypted by it.
    DamageDeliveries,
    /// The next message of the companion can't be decrypted by the others.
    DamageMessages,
    /// The next upload is refused with an HTTP status.
    FailUploads,
    /// The connection of the next upload is cut in the middle of the file.
    CutUploads,
    /// The next upload takes `ms` longer.
    SlowUploads,
    /// The next download is refused with an HTTP status.
    FailDownloads,
    /// The connection of the next download is cut in the middle of the file.
    CutDownloads,
    /// The next download takes `ms` longer.
    SlowDownloads,
    /// The next download gives other bytes than were uploaded.
    DamageDownloads,
    /// The server's clock is wrong by `skewMs`.
    SkewClock,
}

impl Kind {
    /// What strikes a connection as a whole: at once, or when a stanza passes.
    pub(crate) const OF_CONNECTIONS: [Self; 6] =
        [Self::Drop, Self::StreamError, Self::Conflict, Self::Stall, Self::HalfOpen, Self::ExpireSession];

    /// Whether it strikes the connections there are when nothing says how often.
    pub(crate) fn strikes_connections(self) -> bool {
        matches!(self, Self::Corrupt) || Self::OF_CONNECTIONS.contains(&self)
    }

    /// Whether it makes no sense without `ms`.
    pub(crate) fn needs_ms(self) -> bool {
        matches!(
            self,
            Self::DelayAcks | Self::DelayIqs | Self::DelayDeliveries | Self::SlowUploads | Self::SlowDownloads
        )
    }

    /// Whether it strikes downloads, which nobody knows whose they are.
    pub(crate) fn is_of_downloads(self) -> bool {
        matches!(self, Self::FailDownloads | Self::CutDownloads | Self::SlowDownloads | Self::DamageDownloads)
    }

    /// Whether its `code` is an HTTP status.
    pub(crate) fn is_http_refusal(self) -> bool {
        matches!(self, Self::FailUploads | Self::FailDownloads)
    }
}
