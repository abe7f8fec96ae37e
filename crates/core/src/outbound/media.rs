//! Files that go with messages: what is given is taken in once, and made what
//! WhatsApp takes when the message is sent.

use sparkbot_store::rows::{FileRow, MessageRow};

use super::MediaEntry;
use super::payload::Payload;
use crate::app::Core;
use crate::error::{Error, Kind, Result};
use crate::files::{self, LocalFile, NewFile, Owner, Wanted};
use crate::ids::{AccountId, FileId, UserId};
use crate::keys::Caller;
use crate::network::{Media, MediaKind};

/// A file that is not fetched at the first try may be at one of the next.
pub(super) const FETCHES: i64 = 3;

/// A file that stays where it is while this lives.
pub(super) struct Kept {
    _bytes: LocalFile,
    row: FileRow,
}

/// What can be known of a file when its message is accepted: one that was
/// uploaded must be there, one that stands in the request is taken in now. A
/// URL is fetched when the message is sent.
///
/// # Errors
/// `file:notfound`; for a data URI that is none.
pub(super) async fn accept(core: &Core, caller: &Caller, entry: &mut MediaEntry) -> Result<Option<FileRow>> {
    if entry.is_data() {
        let uri = entry.url.take().unwrap_or_default();
        let new = NewFile { filename: entry.filename.clone(), ..NewFile::default() };
        let row = files::from_data_uri(core, &Owner::from(caller), &uri, new).await?.into_row();
        entry.file = Some(row.id.to_string());
        return Ok(Some(row));
    }
    match &entry.file {
        Some(id) => known(core, &caller.account, Some(caller.user.as_str()), id).await.map(Some),
        None => Ok(None),
    }
}

/// The API's word for how a file is shown.
pub(super) fn word(file: &FileRow, entry: &MediaEntry) -> &'static str {
    kind_word(files::kind_of(file, &wanted(entry)))
}

/// The file of a message, fetched if need be, made what WhatsApp takes.
///
/// # Errors
/// `media:invalid_file` when it can't be had or can't be sent.
pub(super) async fn of(
    core: &Core,
    row: &MessageRow,
    entry: &MediaEntry,
    caption: Option<String>,
) -> Result<(Media, Kept)> {
    let file = taken_in(core, row, entry).await?;
    let prepared = files::prepare(core, &file, &wanted(entry)).await.map_err(unfit)?;
    let mut media = prepared.media;
    media.caption = caption;
    media.view_once = entry.view_once == Some(true);
    if media.kind == MediaKind::Document
        && let Some(name) = &entry.filename
    {
        media.file_name = Some(name.clone());
    }
    note(core, row, &file, kind_word(media.kind)).await?;
    Ok((media, Kept { _bytes: prepared.file, row: file }))
}

/// A picture at a URL, for what is shown with a picture.
///
/// # Errors
/// When it can't be had or is none.
pub(super) async fn picture(core: &Core, row: &MessageRow, url: &str) -> Result<(Media, Kept)> {
    let new = NewFile { expiration: Some("1d".parse()?), ..NewFile::default() };
    let file = files::fetch_url(core, &owner(row)?, url, new).await?.into_row();
    let wanted = Wanted { kind: Some(MediaKind::Image), format: None };
    let prepared = files::prepare(core, &file, &wanted).await?;
    Ok((prepared.media, Kept { _bytes: prepared.file, row: file }))
}

/// Counts that a file went out.
pub(super) async fn went_out(core: &Core, kept: &[Kept]) {
    for file in kept {
        if let Err(error) = files::sent(core, &file.row).await {
            tracing::warn!(file = %file.row.id, error = %error, "a delivery of a file could not be counted");
        }
    }
}

async fn taken_in(core: &Core, row: &MessageRow, entry: &MediaEntry) -> Result<FileRow> {
    let payload = Payload::of(row)?;
    // What was fetched at the try before goes again, so that each try says the
    // same; when it has expired since, it is fetched anew.
    if let Some(id) = payload.fetched.as_ref()
        && let Ok(file) = known(core, &row.account_id, None, id).await
    {
        return Ok(file);
    }
    if let Some(id) = &entry.file {
        return known(core, &row.account_id, None, id).await;
    }
    let url = entry.url.as_deref().unwrap_or_default();
    let new = NewFile { filename: entry.filename.clone(), reference: entry.reference.clone(), ..NewFile::default() };
    let stored = files::fetch_url(core, &owner(row)?, url, new).await.map_err(|error| unfetched(row, error))?;
    Ok(stored.into_row())
}

/// A file of the account, by its id as text.
async fn known(core: &Core, account: &AccountId, viewer: Option<&str>, id: &str) -> Result<FileRow> {
    let id: FileId =
        id.parse().map_err(|_| Error::invalid("media:invalid", format!("'{id}' is not the id of a file.")))?;
    files::read(core, account, viewer, &id).await
}

fn owner(row: &MessageRow) -> Result<Owner> {
    let user: UserId = row.created_by.parse().map_err(Error::internal)?;
    Ok(Owner { account: row.account_id.clone(), user })
}

fn wanted(entry: &MediaEntry) -> Wanted {
    let kind = match (entry.format.as_deref(), entry.kind.as_deref()) {
        (Some("sticker"), _) => Some(MediaKind::Sticker),
        (Some("ptt"), _) => Some(MediaKind::Voice),
        (_, Some("document")) => Some(MediaKind::Document),
        (Some("gif"), _) => None,
        (_, Some("image")) => Some(MediaKind::Image),
        (_, Some("video")) => Some(MediaKind::Video),
        (_, Some("audio")) => Some(MediaKind::Audio),
        _ => None,
    };
    let format = entry.format.clone().filter(|word| word != "sticker");
    Wanted { kind, format }
}

fn kind_word(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video | MediaKind::Gif | MediaKind::VideoNote => "video",
        MediaKind::Audio => "audio",
        MediaKind::Voice => "voice",
        MediaKind::Document => "document",
        MediaKind::Sticker => "sticker",
    }
}

/// Keeps what was found out: the file for the next try, and the kind.
async fn note(core: &Core, row: &MessageRow, file: &FileRow, kind: &'static str) -> Result<()> {
    let mut payload = Payload::of(row)?;
    let id = file.id.to_string();
    if payload.fetched.as_ref() == Some(&id) && row.kind == kind {
        return Ok(());
    }
    payload.fetched = Some(id);
    let (account, message, column) = (row.account_id.clone(), row.id.clone(), payload.to_column()?);
    core.store()
        .write(move |w| {
            Box::pin(
                async move { w.account(&account).update_payload(&message, kind, &column).await.map_err(Error::from) },
            )
        })
        .await
}

/// Nothing will make this file fit; our own mistakes are tried again.
fn unfit(error: Error) -> Error {
    match error.kind {
        Kind::Internal | Kind::Unavailable | Kind::TooMany => error,
        _ => Error::invalid("media:invalid_file", error.message),
    }
}

/// A server that was away, or had trouble of its own, is asked again a few
/// times.
fn unfetched(row: &MessageRow, error: Error) -> Error {
    let status = error.meta.get("status").and_then(serde_json::Value::as_u64);
    let passing = error.code == "media:unavailable" && status.is_none_or(|status| status >= 500 || status == 429);
    if passing && row.retry_count < FETCHES {
        return Error { kind: Kind::Unavailable, ..error };
    }
    unfit(error)
}
