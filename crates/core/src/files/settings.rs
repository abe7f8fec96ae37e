//! What the person who runs the server may set about files.

use std::path::PathBuf;
use std::time::Duration;

use sparkbot_store::blobs::BlobSettings;

/// Where files are kept and how large they may be.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// Where.
    pub storage: BlobSettings,
    /// Bytes of an upload at most.
    pub max_upload: u64,
    /// Bytes of a file that is fetched by its URL at most.
    pub max_download: u64,
    /// How long fetching a file may take.
    pub download_time: Duration,
    /// How many files are worked on (decoded, encoded) at once.
    pub workers: usize,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            storage: BlobSettings::Folder(PathBuf::from("./data/blobs")),
            max_upload: 256 * 1024 * 1024,
            max_download: 256 * 1024 * 1024,
            download_time: Duration::from_secs(170),
            workers: 2,
        }
    }
}
