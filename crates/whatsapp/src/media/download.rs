//! Downloads: decrypted while they arrive, and believed only once everything
//! has been verified.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sparkbot_network::wid::WidKind;
use sparkbot_network::{NetworkError, Target};
use whatsapp_rust::download::{DownloadParams, DownloadWriter, Downloadable};
use whatsapp_rust::features::{MediaRetryResult, MediaReuploadRequest};
use whatsapp_rust::wacore::libsignal::crypto::CryptographicHash;
use whatsapp_rust::waproto::codec;
use whatsapp_rust::{Client, ErrorChainExt, anyhow};

use super::LARGEST;
use crate::content::conversation::Conversation;
use crate::number::Number;
use crate::{address, errors, inbound};

/// A slow line takes minutes for the largest files; the line itself is given up
/// when nothing moves (`http`).
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Fetches the file of a message. A file that WhatsApp no longer has is asked
/// for once on the phone.
pub(crate) async fn download(
    number: &Number,
    target: &Target,
    raw: &[u8],
    into: &Path,
    limit: u64,
) -> Result<(), NetworkError> {
    let message =
        codec::message_decode(raw).map_err(|_| NetworkError::Invalid("the stored message can't be read".to_owned()))?;
    let file =
        inbound::media::file(&message).ok_or_else(|| NetworkError::Invalid("the message has no file".to_owned()))?;
    let limit = limit.min(LARGEST);
    if let Some(size) = file.file_length().filter(|size| *size > limit) {
        return Err(NetworkError::TooLarge { size, limit });
    }
    let client = number.logged_in()?;
    let fetched = match fetch(&client, file, into, limit).await {
        Err(Failure::Gone) => match uploaded_again(number, &client, target, file).await? {
            Some(again) => fetch(&client, &again, into, limit).await,
            None => Err(Failure::Gone),
        },
        fetched => fetched,
    };
    match fetched {
        Ok(()) => Ok(()),
        Err(failure) => {
            // Nothing that is not verified stays behind.
            let _ = tokio::fs::remove_file(into).await;
            Err(failure.into())
        }
    }
}

/// Why a file was not fetched.
enum Failure {
    /// WhatsApp does not have it.
    Gone,
    Other(NetworkError),
}

impl From<Failure> for NetworkError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Gone => Self::Gone("neither WhatsApp nor the phone has it".to_owned()),
            Failure::Other(error) => error,
        }
    }
}

async fn fetch(client: &Client, file: &dyn Downloadable, into: &Path, limit: u64) -> Result<(), Failure> {
    let expected = file.file_sha256().filter(|hash| !hash.is_empty()).map(<[u8]>::to_vec);
    let over = Arc::new(AtomicBool::new(false));
    let path = into.to_owned();
    let made = tokio::task::spawn_blocking(move || File::create(&path)).await;
    let made = made.map_err(std::io::Error::other).and_then(|made| made);
    let made = made.map_err(|error| {
        Failure::Other(NetworkError::State(format!("the file can't be written to '{}': {error}", into.display())))
    })?;
    let writer = Verified::new(made, limit, over.clone()).map_err(Failure::Other)?;
    let fetching = tokio::time::timeout(LIMIT, client.download_to_writer(file, writer)).await;
    let written = match fetching {
        Ok(Ok(written)) => written,
        Ok(Err(_)) if over.load(Ordering::Acquire) => {
            return Err(Failure::Other(NetworkError::TooLarge { size: limit.saturating_add(1), limit }));
        }
        Ok(Err(error)) => return Err(failure(&error)),
        Err(_) => return Err(Failure::Other(NetworkError::Timeout)),
    };
    let found = written.finish().map_err(Failure::Other)?;
    match expected {
        Some(expected) if expected != found => {
            Err(Failure::Other(NetworkError::Gone("what WhatsApp has is not the file that was sent".to_owned())))
        }
        _ => Ok(()),
    }
}

fn failure(error: &anyhow::Error) -> Failure {
    match error.http_status() {
        // A link is signed for some weeks; afterwards it is forbidden or gone.
        Some(403 | 404 | 410) => Failure::Gone,
        _ => Failure::Other(errors::media(error.as_ref())),
    }
}

/// Asks the phone to upload a file again; `None` when it can't.
async fn uploaded_again(
    number: &Number,
    client: &Arc<Client>,
    target: &Target,
    file: &dyn Downloadable,
) -> Result<Option<DownloadParams>, NetworkError> {
    let (Some(key), Some(sha256), Some(sealed)) = (file.media_key(), file.file_sha256(), file.file_enc_sha256()) else {
        return Ok(None);
    };
    if target.chat.kind() == WidKind::Channel {
        return Ok(None);
    }
    let chat = Conversation::new(number, client, address::jid(&target.chat)?).await?;
    let author = match target.chat.kind() {
        WidKind::Group | WidKind::Broadcast => Some(chat.author(target).await?),
        _ => None,
    };
    let request = MediaReuploadRequest {
        msg_id: &target.id,
        chat_jid: &chat.chat,
        media_key: key,
        is_from_me: target.from_me,
        participant: author.as_ref(),
    };
    match client.media_reupload().request(&request).await {
        Ok(MediaRetryResult::Success { direct_path }) => Ok(Some(DownloadParams::encrypted(
            direct_path,
            key,
            sha256,
            sealed,
            file.file_length().unwrap_or(0),
            file.app_info(),
        ))),
        Ok(_) => Ok(None),
        // A phone that is off does not answer; it may later.
        Err(error) => Err(errors::request(&error)),
    }
}

/// A file that counts and hashes what is written.
struct Verified {
    file: File,
    hash: CryptographicHash,
    written: u64,
    limit: u64,
    over: Arc<AtomicBool>,
}

fn new_hash() -> Result<CryptographicHash, NetworkError> {
    CryptographicHash::new("SHA-256").map_err(|error| NetworkError::State(error.to_string()))
}

impl Verified {
    fn new(file: File, limit: u64, over: Arc<AtomicBool>) -> Result<Self, NetworkError> {
        Ok(Self { file, hash: new_hash()?, written: 0, limit, over })
    }

    /// SHA-256 of everything.
    fn finish(mut self) -> Result<Vec<u8>, NetworkError> {
        self.file.flush().map_err(|error| NetworkError::State(error.to_string()))?;
        Ok(self.hash.finalize().to_vec())
    }
}

impl Write for Verified {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.written.saturating_add(bytes.len() as u64) > self.limit {
            self.over.store(true, Ordering::Release);
            return Err(std::io::Error::other("the file is larger than allowed"));
        }
        let length = self.file.write(bytes)?;
        self.hash.update(&bytes[..length]);
        self.written += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Verified {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

impl DownloadWriter for Verified {
    /// Each attempt starts from nothing.
    fn truncate(&mut self, length: u64) -> std::io::Result<()> {
        self.hash = new_hash().map_err(std::io::Error::other)?;
        self.written = length;
        self.file.set_len(length)
    }
}
