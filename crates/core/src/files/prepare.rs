//! A file as WhatsApp wants it: pictures upright and in JPEG, recordings in
//! Opus, with what is shown before the download. What was made once is kept
//! beside the file for the next time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sparkbot_media::ready::{self, Ready};
use sparkbot_media::{FileType, Kind as FileKind};
pub use sparkbot_store::blobs::LocalFile;
use sparkbot_store::rows::{FileCopyRow, FileRow};

use super::download::keep;
use crate::app::Core;
use crate::blobs;
use crate::error::{Error, Result};
use crate::network::{Media, MediaKind};

/// Bytes that WhatsApp takes at most: 2 GiB, of anything.
const LARGEST: i64 = 2 * 1024 * 1024 * 1024;

/// How a file is to be sent.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// As this, whatever it is.
    pub kind: Option<MediaKind>,
    /// `native`, `gif` or `ptt`, when it is not the file's own.
    pub format: Option<String>,
}

/// A file ready to be sent.
#[derive(Debug)]
pub struct Prepared {
    /// As the port takes it; caption and view once are the caller's to set.
    pub media: Media,
    /// Keeps the bytes at `media.path` there; drop it after the send.
    pub file: LocalFile,
}

/// What is kept of a preparation.
#[derive(Serialize, Deserialize)]
struct Facts {
    width: Option<u32>,
    height: Option<u32>,
    seconds: Option<u32>,
    pages: Option<u32>,
    animated: bool,
    thumbnail: Option<String>,
    waveform: Option<String>,
}

/// A file's bytes on this machine, for as long as the handle lives.
///
/// # Errors
/// When they are gone or the storage is away.
pub async fn local(core: &Core, file: &FileRow) -> Result<LocalFile> {
    blobs::local(core, &file.blob).await
}

/// How a file is sent when it is wanted like this.
#[must_use]
pub fn kind_of(file: &FileRow, wanted: &Wanted) -> MediaKind {
    if let Some(kind) = wanted.kind {
        return kind;
    }
    let format = wanted.format.as_deref().unwrap_or(&file.format);
    match (format, file.kind.as_str()) {
        ("ptt", "audio" | "video") => MediaKind::Voice,
        ("gif", "video") => MediaKind::Gif,
        (_, "image") if file.mime == "image/heic" || file.mime == "image/avif" => MediaKind::Document,
        (_, "image") => MediaKind::Image,
        (_, "video") => MediaKind::Video,
        (_, "audio") => MediaKind::Audio,
        _ => MediaKind::Document,
    }
}

/// A file as WhatsApp wants it.
///
/// # Errors
/// `media:unsupported`, `media:damaged`, `media:too_large`, each with what to do.
pub async fn prepare(core: &Core, file: &FileRow, wanted: &Wanted) -> Result<Prepared> {
    if file.size > LARGEST {
        return Err(Error::invalid("media:too_large", "The file is larger than 2 GiB, the most that WhatsApp takes."));
    }
    let kind = kind_of(file, wanted);
    let known = core.store().read().await?.account(&file.account_id).file_copy(&file.id, name(kind)).await?;
    let copy = match known {
        Some(copy) => copy,
        None => make(core, file, kind).await?,
    };
    let facts: Facts = serde_json::from_str(&copy.meta).map_err(Error::internal)?;
    let local = blobs::local(core, copy.blob.as_deref().unwrap_or(&file.blob)).await?;
    let decoded = |text: Option<String>| text.and_then(|text| STANDARD.decode(text).ok()).map(Into::into);
    let media = Media {
        kind,
        path: local.path().to_owned(),
        size: u64::try_from(copy.size).map_err(Error::internal)?,
        mime: copy.mime,
        file_name: (kind == MediaKind::Document).then(|| file.filename.clone()),
        caption: None,
        width: facts.width,
        height: facts.height,
        seconds: facts.seconds,
        pages: facts.pages,
        thumbnail: decoded(facts.thumbnail),
        waveform: decoded(facts.waveform),
        animated: facts.animated,
        view_once: false,
    };
    Ok(Prepared { media, file: local })
}

/// Counts a message with this file.
///
/// # Errors
/// As the database answers.
pub async fn sent(core: &Core, file: &FileRow) -> Result<()> {
    let (account, id, now) = (file.account_id.clone(), file.id.clone(), core.now());
    core.store()
        .write(move |w| Box::pin(async move { w.account(&account).count_file_use(&id, true, now).await }))
        .await?;
    Ok(())
}

async fn make(core: &Core, file: &FileRow, kind: MediaKind) -> Result<FileCopyRow> {
    let (local, out) = (blobs::local(core, &file.blob).await?, core.blobs().scratch().await?);
    let file_type = FileType { mime: file.mime.clone(), ext: file.ext.clone(), kind: file_kind(&file.kind) };
    let wanted = match kind {
        MediaKind::Image => ready::Wanted::Image,
        MediaKind::Video | MediaKind::VideoNote => ready::Wanted::Video,
        MediaKind::Gif => ready::Wanted::Gif,
        MediaKind::Audio => ready::Wanted::Audio,
        MediaKind::Voice => ready::Wanted::Voice,
        MediaKind::Document => ready::Wanted::Document,
        MediaKind::Sticker => ready::Wanted::Sticker,
    };
    let (made, out) = core
        .workshop()
        .run(move || {
            let made = ready::make(local.path(), &file_type, wanted, out.path())?;
            Ok((made, out))
        })
        .await?;
    let (blob, size) = if made.written {
        let mut bytes = tokio::fs::File::open(out.path()).await.map_err(Error::internal)?;
        let blob = blobs::put(core, &file.account_id, "files", &mut bytes, u64::MAX).await?;
        (Some(blob.key), i64::try_from(blob.size).map_err(Error::internal)?)
    } else {
        (None, file.size)
    };
    let copy = FileCopyRow { name: name(kind).to_owned(), blob, size, mime: made.mime.clone(), meta: meta(&made)? };
    keep(core, file, copy).await
}

fn meta(made: &Ready) -> Result<String> {
    let facts = Facts {
        width: made.width,
        height: made.height,
        seconds: made.seconds,
        pages: made.pages,
        animated: made.animated,
        thumbnail: made.thumbnail.as_ref().map(|bytes| STANDARD.encode(bytes)),
        waveform: made.waveform.as_ref().map(|bytes| STANDARD.encode(bytes)),
    };
    serde_json::to_string(&facts).map_err(Error::internal)
}

/// Name among the copies of a file.
fn name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Gif => "gif",
        MediaKind::VideoNote => "video_note",
        MediaKind::Audio => "audio",
        MediaKind::Voice => "voice",
        MediaKind::Document => "document",
        MediaKind::Sticker => "sticker",
    }
}

fn file_kind(word: &str) -> FileKind {
    [FileKind::Image, FileKind::Video, FileKind::Audio, FileKind::Document]
        .into_iter()
        .find(|kind| kind.word() == word)
        .unwrap_or(FileKind::File)
}
