//! Blobs as files.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::scratch::{LocalFile, Scratch};
use super::{BlobError, BlobReader, parent};

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Puts a written file in its place: by renaming, so that it is there
    /// whole or not at all, and durably.
    pub(super) async fn take(&self, key: &str, file: LocalFile) -> io::Result<()> {
        let path = self.path(key);
        fs::create_dir_all(parent(&path)).await?;
        fs::rename(file.path(), &path).await?;
        sync_folder(parent(&path)).await
    }

    pub(super) async fn read(&self, key: &str, start: u64, end: u64) -> Result<BlobReader, BlobError> {
        let mut file = fs::File::open(self.path(key)).await.map_err(|error| explain(key, &error))?;
        file.seek(io::SeekFrom::Start(start)).await.map_err(BlobError::storage)?;
        Ok(Box::pin(file.take(end.saturating_sub(start))))
    }

    /// A second name for the same bytes: costs no room, and stays when the blob goes.
    pub(super) async fn lend(&self, key: &str, scratch: &Scratch) -> Result<LocalFile, BlobError> {
        let (from, to) = (self.path(key), scratch.name().await.map_err(BlobError::storage)?);
        if fs::hard_link(&from, to.path()).await.is_err() {
            // Some file systems have no second names.
            fs::copy(&from, to.path()).await.map_err(|error| explain(key, &error))?;
        }
        Ok(to)
    }

    pub(super) async fn delete(&self, key: &str) -> io::Result<()> {
        match fs::remove_file(self.path(key)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn explain(key: &str, error: &io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::Missing(key.to_owned()),
        _ => BlobError::storage(error),
    }
}

/// A new name is durable once its folder is.
#[cfg(unix)]
async fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path).await?.sync_all().await
}

#[cfg(not(unix))]
async fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
