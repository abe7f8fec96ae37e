//! Why a link could not do what was asked.

use std::time::Duration;

/// Why a link could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NetworkError {
    /// No connection; try again later.
    #[error("WhatsApp can't be reached: {0}")]
    Unreachable(String),
    /// The number is not linked.
    #[error("the number is not linked")]
    NotLinked,
    /// The number is linked already; a code makes no sense.
    #[error("the number is already linked")]
    AlreadyLinked,
    /// Too many attempts; wait.
    #[error("WhatsApp refuses for too many attempts")]
    TooManyAttempts {
        /// When to try again, where told.
        retry_after: Option<Duration>,
    },
    /// A passkey is needed.
    #[error("the account needs a passkey")]
    PasskeyRequired,
    /// WhatsApp has refused the message or request for good.
    #[error("WhatsApp refused: {reason} ({code})")]
    Refused {
        /// WhatsApp's code.
        code: u32,
        /// In WhatsApp's or the client's words.
        reason: String,
    },
    /// No answer in time; the message may or may not have left.
    #[error("no answer from WhatsApp in time")]
    Timeout,
    /// The connection ended before WhatsApp answered; the message may or may not
    /// have left.
    #[error("the connection ended before WhatsApp answered")]
    Interrupted,
    /// The receiver is not on WhatsApp.
    #[error("{0} is not on WhatsApp")]
    NoSuchReceiver(String),
    /// This kind of message can't be built.
    #[error("invalid message: {0}")]
    Invalid(String),
    /// A file that neither WhatsApp nor the phone has any more.
    #[error("the file is no longer there: {0}")]
    Gone(String),
    /// A file larger than allowed.
    #[error("the file has {size} bytes; at most {limit} are taken")]
    TooLarge {
        /// Bytes it has.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The local state can't be read or written.
    #[error("local state: {0}")]
    State(String),
    /// The driver has been closed.
    #[error("the link is closed")]
    Closed,
}
