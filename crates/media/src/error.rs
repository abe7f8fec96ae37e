//! Why a file can't be used as asked.

use std::io;

/// Media's result.
pub type Result<T, E = MediaError> = std::result::Result<T, E>;

/// Why a file can't be read or turned into what is wanted. The texts are
/// halves of sentences, to be shown to people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// Not of a kind that can be read here.
    #[error("{0}")]
    Unsupported(String),
    /// Of a known kind, but broken.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Larger, once unpacked, than is worked on.
    #[error("{0}")]
    TooLarge(String),
    /// The file can't be read or the result can't be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl MediaError {
    pub(crate) fn damaged(error: impl std::fmt::Display) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<image::ImageError> for MediaError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => Self::Io(error),
            image::ImageError::Unsupported(error) => Self::Unsupported(error.to_string()),
            image::ImageError::Limits(error) => Self::TooLarge(format!("the picture is too large: {error}")),
            other => Self::damaged(other),
        }
    }
}
