//! Uploads: encrypted into a temporary file, then sent from there.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sparkbot_network::NetworkError;
use whatsapp_rust::Client;
use whatsapp_rust::download::MediaType;
use whatsapp_rust::wacore::upload::{EncryptedMediaInfo, UploadSource, encrypt_media_streaming_with_key};

use crate::errors;
use crate::number::Number;

/// A slow line takes minutes for the largest files; the line itself is given up
/// when nothing moves (`http`).
const LIMIT: Duration = Duration::from_secs(30 * 60);
const BUFFER: usize = 64 << 10;

/// What is to be uploaded.
pub(crate) struct Upload<'a> {
    pub(crate) path: &'a Path,
    pub(crate) kind: MediaType,
    /// Under what it is encrypted.
    pub(crate) key: [u8; 32],
}

/// What a message says of an uploaded file.
pub(crate) struct Uploaded {
    pub(crate) url: String,
    pub(crate) direct_path: String,
    /// `None` in channels, where nothing is encrypted.
    pub(crate) key: Option<[u8; 32]>,
    pub(crate) sha256: [u8; 32],
    pub(crate) sealed_sha256: Option<[u8; 32]>,
    pub(crate) size: u64,
    /// Unix seconds.
    pub(crate) key_made_at: Option<i64>,
    /// What lets a film be played before it is there.
    pub(crate) sidecar: Option<Vec<u8>>,
    /// Channels only.
    pub(crate) handle: Option<String>,
}

/// Encrypts and uploads a file.
pub(crate) async fn upload(number: &Number, client: &Client, what: Upload<'_>) -> Result<Uploaded, NetworkError> {
    let (path, folder) = (what.path.to_owned(), number.settings.temp_dir.clone());
    let (kind, key) = (what.kind, what.key);
    let sealing = tokio::task::spawn_blocking(move || seal(&path, &folder, kind, key));
    let (source, info) = sealing.await.map_err(|error| NetworkError::State(error.to_string()))??;
    let sending = tokio::time::timeout(LIMIT, client.upload_stream(source, info, kind)).await;
    let answer = sending.map_err(|_| NetworkError::Timeout)?.map_err(|error| errors::media(error.as_ref()))?;
    Ok(Uploaded {
        url: answer.url,
        direct_path: answer.direct_path,
        key: Some(answer.media_key),
        sha256: answer.file_sha256,
        sealed_sha256: Some(answer.file_enc_sha256),
        size: answer.file_length,
        key_made_at: Some(answer.media_key_timestamp),
        sidecar: answer.streaming_sidecar,
        handle: None,
    })
}

/// The file, as far as it can be read here.
pub(super) fn open(path: &PathBuf) -> Result<File, NetworkError> {
    File::open(path).map_err(|error| NetworkError::State(format!("the file to send can't be opened: {error}")))
}

fn seal(
    path: &PathBuf,
    folder: &Path,
    kind: MediaType,
    key: [u8; 32],
) -> Result<(Sealed, EncryptedMediaInfo), NetworkError> {
    let plain = BufReader::with_capacity(BUFFER, open(path)?);
    let failed = |error: &dyn std::fmt::Display| {
        NetworkError::State(format!("the file to send can't be encrypted into '{}': {error}", folder.display()))
    };
    // Without a name, so that a crash leaves nothing behind.
    let file = tempfile::tempfile_in(folder).map_err(|error| failed(&error))?;
    let mut writer = BufWriter::with_capacity(BUFFER, file);
    let info =
        encrypt_media_streaming_with_key(plain, &mut writer, kind, Some(&key), None).map_err(|error| failed(&error))?;
    writer.flush().map_err(|error| failed(&error))?;
    let file = writer.into_inner().map_err(|error| failed(&error))?;
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    Ok((Sealed { file: Arc::new(Mutex::new(file)), length }, info))
}

/// An encrypted file that may be read several times, from anywhere.
struct Sealed {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl UploadSource for Sealed {
    fn len(&self) -> u64 {
        self.length
    }

    fn reader_from(&self, offset: u64) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reader { file: self.file.clone(), offset }))
    }
}

/// Reads from a place of its own: a reader that was given up may still be there
/// when the next one starts.
struct Reader {
    file: Arc<Mutex<File>>,
    offset: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.offset))?;
        let length = file.read(buffer)?;
        self.offset += length as u64;
        Ok(length)
    }
}
