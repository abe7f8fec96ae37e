//! Files of work under way.

use std::io;
use std::path::{Path, PathBuf};

use rand::RngExt;
use tokio::fs;
use tokio::io::{AsyncRead, AsyncWriteExt};

use super::{BlobError, Pump, Written};

/// A folder of files that live as long as their handles.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
}

/// A file on this machine, removed when the last handle is dropped.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
}

impl LocalFile {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the whole file, durably.
    pub(super) async fn fill(
        &self,
        from: &mut (dyn AsyncRead + Send + Unpin),
        most: u64,
    ) -> Result<Written, BlobError> {
        let mut file = fs::File::create(&self.path).await.map_err(BlobError::storage)?;
        let mut pump = Pump::new(from, most);
        while let Some(piece) = pump.next().await? {
            file.write_all(piece).await.map_err(BlobError::storage)?;
        }
        file.flush().await.map_err(BlobError::storage)?;
        file.sync_all().await.map_err(BlobError::storage)?;
        Ok(pump.written())
    }
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        // Gone already when it has been moved to its place.
        drop(std::fs::remove_file(&self.path));
    }
}

impl Scratch {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// A name that nobody else uses.
    pub(super) async fn name(&self) -> io::Result<LocalFile> {
        fs::create_dir_all(&self.folder).await?;
        let mut random = [0u8; 12];
        rand::rng().fill(&mut random);
        Ok(LocalFile { path: self.folder.join(hex::encode(random)) })
    }

    /// An empty file.
    pub(super) async fn create(&self) -> io::Result<LocalFile> {
        let file = self.name().await?;
        fs::File::create_new(&file.path).await?;
        Ok(file)
    }

    pub(super) async fn clear(&self) -> io::Result<()> {
        let mut entries = match fs::read_dir(&self.folder).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        while let Some(entry) = entries.next_entry().await? {
            fs::remove_file(entry.path()).await?;
        }
        Ok(())
    }
}
