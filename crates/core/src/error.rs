//! What can go wrong, by kind. The API turns it into status, sentence and hint;
//! nothing here knows HTTP.

use std::time::Duration;

use serde_json::{Map, Value};
use sparkbot_store::StoreError;

/// Core's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure, as far as a caller must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request makes no sense; repeating it won't help.
    Invalid,
    /// No key, or an unknown one.
    Unauthorized,
    /// A right is missing.
    Forbidden,
    /// No such thing, or not this account's.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// More than is taken.
    TooLarge,
    /// Too often; `retry_after` tells when.
    TooMany,
    /// WhatsApp or the database can't be reached right now.
    Unavailable,
    /// A mistake of ours; told in the log, not to the caller.
    Internal,
}

/// A failure that a person can act on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// What kind.
    pub kind: Kind,
    /// `area:code`, stable.
    pub code: &'static str,
    /// One full sentence with the value at fault.
    pub message: String,
    /// How to get on.
    pub hint: Option<String>,
    /// Facts for programs: what it conflicts with, limits.
    pub meta: Map<String, Value>,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// A failure of a kind.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: None, meta: Map::new(), retry_after: None }
    }

    /// A request that makes no sense.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }

    /// No such thing.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }

    /// It contradicts what is there.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// A mistake of ours; `detail` goes to the log only.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::new(Kind::Internal, "error:internal", detail.to_string())
    }

    /// Adds how to get on.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(key.to_owned(), value.into());
        self
    }

    /// Adds when to try again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced(device) => Self::new(
                Kind::Unavailable,
                "device:moved",
                format!("The number {device} is being taken over by another node."),
            )
            .hint("Try again in a few seconds."),
            StoreError::Unavailable(text) => {
                tracing::error!(error = text, "the database can't be used");
                Self::new(
                    Kind::Unavailable,
                    "database:unavailable",
                    "The server's database can't be read or written right now.",
                )
                .hint("Repeat the request in a few seconds, with its Idempotency-Key if it has one.")
                .after(Duration::from_secs(5))
            }
            StoreError::NoAccess(device) => crate::devices::forbidden(&device),
            other => Self::internal(other),
        }
    }
}
