//! What can go wrong with rows.

/// A store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why rows could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused or is gone. The text is for the log, not for callers.
    #[error("database: {0}")]
    Database(String),
    /// A uniqueness rule was broken.
    #[error("already exists: {0}")]
    Duplicate(String),
    /// A sealed value can't be opened: wrong master key or changed by someone.
    #[error("sealed value: {0}")]
    Seal(String),
    /// A stored value is not of the shape this version writes.
    #[error("unreadable row: {0}")]
    Corrupt(String),
    /// The device's lease has moved to another node; this one must stop.
    #[error("the lease of device {0} is no longer ours")]
    Fenced(String),
    /// The person who asks has no access to the number.
    #[error("no access to device {0}")]
    NoAccess(String),
    /// The schema is newer than this program.
    #[error("the database has schema {found}, this program knows up to {known}: run the newer program")]
    NewerSchema {
        /// What the database says.
        found: i64,
        /// What this program can read.
        known: i64,
    },
    /// A backup was to be loaded where there is something already.
    #[error("the database is not empty")]
    NotEmpty,
    /// The rule of a caller's transaction said no; nothing was written.
    #[error("{0}")]
    Aborted(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(inner) = &error
            && inner.is_unique_violation()
        {
            return Self::Duplicate(inner.message().to_owned());
        }
        Self::Database(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
