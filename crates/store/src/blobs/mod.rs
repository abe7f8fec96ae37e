//! The bytes that are too large for rows: in a folder, or in an S3 bucket.
//!
//! Everything streams: a blob of any size passes through a buffer of some ten
//! kilobytes (a part of 8 MiB towards S3). Which blobs there are, and which may
//! go, is written down in the database ([`crate::rows::BlobRow`]).

mod folder;
mod s3;
mod scratch;

use std::path::{Path, PathBuf};
use std::pin::Pin;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};

pub use s3::S3Settings;
pub use scratch::LocalFile;

use folder::Folder;
use s3::Bucket;
use scratch::Scratch;

/// Bytes that are in memory at once.
const CHUNK: usize = 64 * 1024;

/// Where blobs are kept.
#[derive(Debug, Clone)]
pub enum BlobSettings {
    /// In this folder, which is made when the first one is.
    Folder(PathBuf),
    /// In a bucket; the folder holds what is on its way.
    S3(Box<S3Settings>, PathBuf),
}

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// There are more than may be.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// Where they come from broke off.
    #[error("the source broke off: {0}")]
    Source(std::io::Error),
    /// There is no such blob.
    #[error("there is no blob {0}")]
    Missing(String),
    /// The storage refused or is gone.
    #[error("blob storage: {0}")]
    Storage(String),
}

impl BlobError {
    fn storage(error: impl std::fmt::Display) -> Self {
        Self::Storage(error.to_string())
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

/// Bytes of a blob.
pub type BlobReader = Pin<Box<dyn AsyncRead + Send>>;

/// The storage of one server.
#[derive(Debug)]
pub struct Blobs {
    backend: Backend,
    scratch: Scratch,
}

#[derive(Debug)]
enum Backend {
    Folder(Folder),
    S3(Bucket),
}

impl Blobs {
    /// Opens the storage; touches nothing yet.
    ///
    /// # Errors
    /// When the bucket's settings make no sense.
    pub fn open(settings: &BlobSettings) -> Result<Self, BlobError> {
        let (backend, root) = match settings {
            BlobSettings::Folder(root) => (Backend::Folder(Folder::new(root)), root),
            BlobSettings::S3(bucket, root) => (Backend::S3(Bucket::open(bucket)?), root),
        };
        Ok(Self { backend, scratch: Scratch::new(&root.join("scratch")) })
    }

    /// Writes a blob of at most `most` bytes. It is there completely, durably
    /// and under its key, or not at all.
    ///
    /// # Errors
    /// [`BlobError`] for whichever side failed.
    pub async fn put(
        &self,
        key: &str,
        from: &mut (dyn AsyncRead + Send + Unpin),
        most: u64,
    ) -> Result<Written, BlobError> {
        check(key)?;
        match &self.backend {
            Backend::Folder(folder) => {
                let file = self.scratch.create().await.map_err(BlobError::storage)?;
                let written = file.fill(from, most).await?;
                folder.take(key, file).await.map_err(BlobError::storage)?;
                Ok(written)
            }
            Backend::S3(bucket) => bucket.put(key, from, most).await,
        }
    }

    /// Bytes `start..end` of a blob; what is beyond its end is left out.
    ///
    /// # Errors
    /// [`BlobError::Missing`], or the storage's.
    pub async fn read(&self, key: &str, start: u64, end: u64) -> Result<BlobReader, BlobError> {
        check(key)?;
        match &self.backend {
            Backend::Folder(folder) => folder.read(key, start, end).await,
            Backend::S3(bucket) => bucket.read(key, start, end).await,
        }
    }

    /// A blob as a file of its own, which stays as long as the handle does,
    /// whatever becomes of the blob.
    ///
    /// # Errors
    /// [`BlobError::Missing`], or the storage's.
    pub async fn local(&self, key: &str) -> Result<LocalFile, BlobError> {
        check(key)?;
        match &self.backend {
            Backend::Folder(folder) => folder.lend(key, &self.scratch).await,
            Backend::S3(bucket) => {
                let file = self.scratch.create().await.map_err(BlobError::storage)?;
                let mut bytes = bucket.read(key, 0, u64::MAX).await?;
                file.fill(&mut bytes, u64::MAX).await?;
                Ok(file)
            }
        }
    }

    /// An empty file for work under way, removed with its handle.
    ///
    /// # Errors
    /// When there is no room for it.
    pub async fn scratch(&self) -> Result<LocalFile, BlobError> {
        self.scratch.create().await.map_err(BlobError::storage)
    }

    /// Removes a blob; one that is not there is fine.
    ///
    /// # Errors
    /// As the storage answers.
    pub async fn delete(&self, key: &str) -> Result<(), BlobError> {
        check(key)?;
        match &self.backend {
            Backend::Folder(folder) => folder.delete(key).await.map_err(BlobError::storage),
            Backend::S3(bucket) => bucket.delete(key).await,
        }
    }

    /// Removes what a crash has left of work under way; only while nobody else
    /// uses the storage's folder.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn tidy(&self) -> Result<(), BlobError> {
        self.scratch.clear().await.map_err(BlobError::storage)
    }
}

/// Keys are made by us; this keeps a mistake from leaving the folder.
fn check(key: &str) -> Result<(), BlobError> {
    let fine =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if key.len() <= 200 && key.split('/').all(fine) {
        return Ok(());
    }
    Err(BlobError::Storage(format!("'{key}' is no key of a blob")))
}

/// Bytes on their way to a storage: counted, hashed, and no more than may be.
struct Pump<'r> {
    from: &'r mut (dyn AsyncRead + Send + Unpin),
    most: u64,
    buffer: Vec<u8>,
    size: u64,
    hash: Sha256,
}

impl<'r> Pump<'r> {
    fn new(from: &'r mut (dyn AsyncRead + Send + Unpin), most: u64) -> Self {
        Self { from, most, buffer: vec![0; CHUNK], size: 0, hash: Sha256::new() }
    }

    /// The next piece; none at the end.
    async fn next(&mut self) -> Result<Option<&[u8]>, BlobError> {
        let n = self.from.read(&mut self.buffer).await.map_err(BlobError::Source)?;
        if n == 0 {
            return Ok(None);
        }
        self.size += n as u64;
        if self.size > self.most {
            return Err(BlobError::TooLarge(self.most));
        }
        self.hash.update(&self.buffer[..n]);
        Ok(Some(&self.buffer[..n]))
    }

    fn written(self) -> Written {
        Written { size: self.size, sha256: self.hash.finalize().into() }
    }
}

/// The folder that something lies in.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

#[cfg(test)]
mod tests;
