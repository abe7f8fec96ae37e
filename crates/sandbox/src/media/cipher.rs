//! A phone's dealings with the media host: sealing files, opening them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};

use thiserror::Error;
use wacore::download::{DownloadUtils, MediaType};
use wacore::upload::MediaEncryptor;

use super::address::{Hash, Unreachable};
use super::store::MediaStore;
use crate::ids::AccountId;

/// How much is read or written at once.
const CHUNK: usize = 64 << 10;

/// A file that a phone wants to have.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) phone: AccountId,
    /// Who wrote the message, and its id.
    pub(crate) from: AccountId,
    pub(crate) id: String,
    pub(crate) direct_path: String,
    /// Absent where the file is not encrypted.
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) media_type: MediaType,
    /// What the content must hash to.
    pub(crate) sha256: Option<Hash>,
}

/// Why a file can't be had.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("the media host has no such file (404)")]
    Unknown,
    #[error("the address was not given out by this media host (403)")]
    Forged,
    #[error("the address has expired (410)")]
    Expired,
    #[error("the file can't be decrypted: {0}")]
    Unreadable(String),
    #[error("the content is not what the message says")]
    Other,
    #[error("the phone can't keep it: {0}")]
    Io(#[from] io::Error),
    #[error("too many files are being fetched")]
    Busy,
}

impl Failure {
    /// Whether its sender could help by uploading it again.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Unknown | Self::Expired)
    }
}

/// A file on the media host, sealed for whoever gets the key.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) direct_path: String,
    pub(crate) key: [u8; 32],
    pub(crate) sha256: Hash,
    pub(crate) encrypted_sha256: Hash,
    /// Of the content, in bytes.
    pub(crate) length: u64,
    pub(crate) sidecar: Option<Vec<u8>>,
}

/// Fetches, opens and checks a file, and keeps its content.
pub(crate) fn fetch(store: &MediaStore, wanted: &Wanted, now_ms: u64) -> Result<Hash, Failure> {
    let (file, _) = store.fetch(&wanted.direct_path, now_ms).map_err(|reason| match reason {
        Unreachable::Unknown => Failure::Unknown,
        Unreachable::Forged => Failure::Forged,
        Unreachable::Expired => Failure::Expired,
    })?;
    let mut file = BufReader::with_capacity(CHUNK, file);
    let mut content = BufWriter::with_capacity(CHUNK, store.begin()?);
    match &wanted.key {
        Some(key) => {
            DownloadUtils::decrypt_stream_to_writer(file, key, wanted.media_type, &mut content)
                .map_err(|error| Failure::Unreadable(error.to_string()))?;
        }
        None => {
            io::copy(&mut file, &mut content)?;
        }
    }
    let content = content.into_inner().map_err(io::IntoInnerError::into_error)?;
    if wanted.sha256.is_some_and(|sha256| sha256 != content.hash()) {
        return Err(Failure::Other);
    }
    Ok(store.keep(content)?.0)
}

/// Seals a file and puts it on the media host, in constant memory.
pub(crate) fn upload(
    store: &MediaStore,
    mut content: File,
    media_type: MediaType,
    key: [u8; 32],
    now_ms: u64,
    life_ms: u64,
) -> io::Result<Sealed> {
    let sidecar = matches!(media_type, MediaType::Audio | MediaType::Video);
    let mut encryptor = MediaEncryptor::with_key_and_sidecar(key, media_type, sidecar).map_err(io::Error::other)?;
    let mut sealed = BufWriter::with_capacity(CHUNK, store.begin()?);
    let mut chunk = vec![0; CHUNK];
    loop {
        match content.read(&mut chunk)? {
            0 => break,
            count => encryptor.update_to_writer(&chunk[..count], &mut sealed).map_err(io::Error::other)?,
        }
    }
    let info = encryptor.finalize_to_writer(&mut sealed).map_err(io::Error::other)?;
    sealed.flush()?;
    let sealed = sealed.into_inner().map_err(io::IntoInnerError::into_error)?;
    let hash = store.publish(sealed)?;
    Ok(Sealed {
        direct_path: store.direct_path(hash, true, now_ms, life_ms),
        key,
        sha256: info.file_sha256,
        encrypted_sha256: info.file_enc_sha256,
        length: info.file_length,
        sidecar: info.streaming_sidecar,
    })
}
