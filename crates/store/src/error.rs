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
    /// The database is gone, locked by somebody else, or has no room: what was
    /// asked may well be done later. The text is for the log, too.
    #[error("database: {0}")]
    Unavailable(String),
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
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Duplicate(inner.message().to_owned()),
            sqlx::Error::Database(inner) if inner.code().is_some_and(|code| passes(&code)) => Self::Unavailable(text),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                Self::Unavailable(text)
            }
            _ => Self::Database(text),
        }
    }
}

/// Whether a database's own code says that it can't right now: SQLite is busy,
/// locked, read-only, full or can't use its file; PostgreSQL has lost the
/// connection, lacks something, or is being stopped.
fn passes(code: &str) -> bool {
    const SQLITE: [u32; 6] = [5, 6, 8, 10, 13, 14];
    const POSTGRES: [&str; 4] = ["08", "53", "57", "58"];
    match code.parse::<u32>() {
        // The low byte of SQLite's codes is the kind, the rest says more.
        Ok(number) if code.len() < 5 => SQLITE.contains(&(number & 0xff)),
        _ => POSTGRES.iter().any(|class| code.starts_with(class)),
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        for code in ["5", "517", "13", "266", "778", "08006", "53100", "57P01", "57P03"] {
            assert!(passes(code), "{code}");
        }
        for code in ["1", "19", "2067", "1555", "23505", "42P01", "22001"] {
            assert!(!passes(code), "{code}");
        }
    }
}
