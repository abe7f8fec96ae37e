//! What people download: the bytes, a preview, and links that work for a while.

use sparkbot_store::rows::{FileCopyRow, FileRow};

use super::manage;
use crate::app::Core;
use crate::blobs;
use crate::downloads::{self, Download, Reader};
use crate::error::{Error, Result};
use crate::ids::FileId;

/// Name of the preview among the copies of a file.
const PREVIEW: &str = "preview";
/// Pixels of a preview's longer side.
const PREVIEW_SIDE: u32 = 640;
/// A token with which a file can be downloaded without a key for an hour.
///
/// # Errors
/// When it can't be sealed.
pub fn token(core: &Core, file: &FileRow) -> Result<String> {
    downloads::token(core, &file.account_id, &file.id, Some(file.expires_at))
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
        mime: file.mime,
        filename: file.filename,
        tag: file.sha2,
        blob: file.blob,
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
    Ok(Download {
        size: u64::try_from(copy.size).map_err(Error::internal)?,
        mime: copy.mime,
        filename: format!("{PREVIEW}.jpg"),
        tag: format!("{}-{PREVIEW}", file.sha2),
        blob,
    })
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
