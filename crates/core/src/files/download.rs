//! What people download: the bytes, a preview, and links that work for a while.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sparkbot_store::blobs::BlobReader;
use sparkbot_store::rows::{FileCopyRow, FileRow};

use super::manage;
use crate::app::Core;
use crate::blobs;
use crate::error::{Error, Kind, Result};
use crate::ids::{AccountId, FileId};
use crate::keys::Caller;

/// Name of the preview among the copies of a file.
const PREVIEW: &str = "preview";
/// Pixels of a preview's longer side.
const PREVIEW_SIDE: u32 = 640;
/// How long a link works.
const TOKEN_LIFE: i64 = 3600 * 1000;
/// What tokens are sealed for.
const PLACE: &[u8] = b"file download token";

/// Who downloads.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Somebody with a key.
    Caller(Caller),
    /// Somebody with a link to this one file.
    Link(AccountId),
}

/// Bytes that can be read in parts.
#[derive(Debug, Clone)]
pub struct Download {
    /// The file that they are, or are made of.
    pub file: FileRow,
    /// How many there are.
    pub size: u64,
    /// MIME type.
    pub mime: String,
    blob: String,
}

impl Download {
    /// Bytes `start..end`.
    ///
    /// # Errors
    /// When they are gone or the storage is away.
    pub async fn read(&self, core: &Core, start: u64, end: u64) -> Result<BlobReader> {
        blobs::read(core, &self.blob, start, end.min(self.size)).await
    }
}

/// What is inside of a token.
#[derive(Serialize, Deserialize)]
struct Ticket {
    account: AccountId,
    file: FileId,
    expires: i64,
}

/// A token with which a file can be downloaded without a key for an hour.
///
/// # Errors
/// When it can't be sealed.
pub fn token(core: &Core, file: &FileRow) -> Result<String> {
    let ticket = Ticket {
        account: file.account_id.clone(),
        file: file.id.clone(),
        expires: (core.now() + TOKEN_LIFE).min(file.expires_at),
    };
    let plain = serde_json::to_vec(&ticket).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(core.store().sealer().seal(PLACE, &plain)?))
}

/// Who may download `file` by this token.
///
/// # Errors
/// `auth:token` when it is none, is for another file or has expired.
pub fn reader_of_token(core: &Core, token: &str, file: &FileId) -> Result<Reader> {
    let ticket = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|sealed| core.store().sealer().open(PLACE, &sealed).ok())
        .and_then(|plain| serde_json::from_slice::<Ticket>(&plain).ok())
        .filter(|ticket| ticket.file == *file && ticket.expires > core.now());
    ticket.map(|ticket| Reader::Link(ticket.account)).ok_or_else(|| {
        Error::new(Kind::Unauthorized, "auth:token", "The download token is not valid for this file, or has expired.")
            .hint("Get the file with your API key: its 'links.download' holds a fresh one.")
    })
}

async fn row(core: &Core, reader: &Reader, id: &FileId) -> Result<FileRow> {
    match reader {
        Reader::Caller(caller) => manage::get(core, caller, id).await,
        Reader::Link(account) => manage::read(core, account, None, id).await,
    }
}

/// A file's bytes; counted as a download when `count` says so.
///
/// # Errors
/// `file:notfound`.
pub async fn open(core: &Core, reader: &Reader, id: &FileId, count: bool) -> Result<Download> {
    let file = row(core, reader, id).await?;
    if count {
        let (account, id, now) = (file.account_id.clone(), file.id.clone(), core.now());
        core.store()
            .write(move |w| Box::pin(async move { w.account(&account).count_file_use(&id, false, now).await }))
            .await?;
    }
    Ok(Download {
        size: u64::try_from(file.size).map_err(Error::internal)?,
        mime: file.mime.clone(),
        blob: file.blob.clone(),
        file,
    })
}

/// A small picture of a file, made at the first call.
///
/// # Errors
/// `file:notfound`; `file:nopreview` for what is no picture.
pub async fn preview(core: &Core, reader: &Reader, id: &FileId) -> Result<Download> {
    let file = row(core, reader, id).await?;
    if !has_preview(&file) {
        return Err(Error::not_found(
            "file:nopreview",
            format!("There is no preview of '{}' files: previews are made of pictures.", file.mime),
        ));
    }
    let known = core.store().read().await?.account(&file.account_id).file_copy(id, PREVIEW).await?;
    let copy = match known {
        Some(copy) => copy,
        None => make(core, &file).await?,
    };
    let blob = copy.blob.ok_or_else(|| Error::internal("a preview without bytes"))?;
    Ok(Download { size: u64::try_from(copy.size).map_err(Error::internal)?, mime: copy.mime, blob, file })
}

/// Whether a preview can be made.
pub(crate) fn has_preview(file: &FileRow) -> bool {
    file.kind == "image" && !matches!(file.ext.as_str(), "heic" | "avif" | "ico" | "svg" | "psd" | "jxl" | "jxr")
}

async fn make(core: &Core, file: &FileRow) -> Result<FileCopyRow> {
    let local = blobs::local(core, &file.blob).await?;
    let picture = core.workshop().run(move || sparkbot_media::picture::preview(local.path(), PREVIEW_SIDE)).await?;
    let blob = blobs::put(core, &file.account_id, "files", &mut picture.jpeg.as_slice(), u64::MAX).await?;
    let copy = FileCopyRow {
        name: PREVIEW.to_owned(),
        blob: Some(blob.key),
        size: i64::try_from(blob.size).map_err(Error::internal)?,
        mime: "image/jpeg".to_owned(),
        meta: serde_json::json!({ "width": picture.width, "height": picture.height }).to_string(),
    };
    keep(core, file, copy).await
}

/// Keeps a copy; the one that somebody else made meanwhile, if so.
pub(super) async fn keep(core: &Core, file: &FileRow, copy: FileCopyRow) -> Result<FileCopyRow> {
    let (account, id, now) = (file.account_id.clone(), file.id.clone(), core.now());
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                if scope.insert_file_copy(&id, &copy, now).await? {
                    return Ok(copy);
                }
                scope.file_copy(&id, &copy.name).await?.ok_or_else(|| manage::unknown(&id))
            })
        })
        .await
}
