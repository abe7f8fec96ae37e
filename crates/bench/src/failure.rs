//! Why a run could not be brought to its end.

use std::fmt;

/// A sentence for people.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What may fail here.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
