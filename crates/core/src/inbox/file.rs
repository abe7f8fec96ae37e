//! What there is to fetch: a message's file as it is known before its download.

use sparkbot_store::Writing;
use sparkbot_store::rows::{ChatFileRow, ChatMessageRow, DeviceRow};

use crate::error::{Error, Result};
use crate::ids::ChatFileId;
use crate::network::{MediaInfo, MediaKind, Millis, ReceivedContent};
use crate::views::ChatFileMeta;

/// The file that a message brings.
pub(super) fn of(content: &ReceivedContent) -> Option<&MediaInfo> {
    match content {
        ReceivedContent::Media(media) => Some(media),
        ReceivedContent::Product(_, media) => media.as_deref(),
        _ => None,
    }
}

/// The word of a kind in `chat_files`.
pub(super) fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Gif => "gif",
        MediaKind::VideoNote => "video_note",
        MediaKind::Audio => "audio",
        MediaKind::Voice => "ptt",
        MediaKind::Document => "document",
        MediaKind::Sticker => "sticker",
    }
}

/// Notes a message's file. What the API has sent is fetched only when somebody
/// asks for it: whoever sent it has it.
pub(super) async fn note(
    w: &mut Writing,
    device: &DeviceRow,
    message: &ChatMessageRow,
    media: &MediaInfo,
    automatic: bool,
    now: Millis,
) -> Result<()> {
    let thumbnail = media.thumbnail.as_ref().filter(|jpeg| !jpeg.is_empty() && jpeg.len() <= 64 * 1024);
    let ratio = media.width.zip(media.height).filter(|(_, h)| *h > 0).map(|(w, h)| f64::from(w) / f64::from(h));
    let meta = ChatFileMeta {
        has_preview: thumbnail.is_some(),
        width: media.width.filter(|n| *n > 0),
        height: media.height.filter(|n| *n > 0),
        aspect_ratio: ratio.map(|ratio| (ratio * 1000.0).round() / 1000.0),
        duration: media.seconds,
        page_count: media.pages,
        waveform: media.waveform.as_ref().map(|loudness| loudness.iter().copied().take(64).collect()),
        is_view_once: media.view_once,
    };
    let row = ChatFileRow {
        id: ChatFileId::new(now),
        account_id: device.account_id.clone(),
        device_id: device.id.clone(),
        message: message.seq,
        chat: message.chat.clone(),
        author: message.author.clone(),
        wa_id: message.wa_id.clone(),
        flow: message.flow.clone(),
        kind: kind(media.kind).to_owned(),
        status: "new".to_owned(),
        mime: media.mime.as_ref().map(|mime| mime.chars().take(100).collect()),
        size: media.size.and_then(|size| i64::try_from(size).ok()),
        filename: media.file_name.as_ref().map(|name| name.chars().take(255).collect()),
        caption: message.body.clone(),
        sha2: media.sha256.map(hex::encode),
        meta: serde_json::to_string(&meta).map_err(Error::internal)?,
        preview: thumbnail.map(|jpeg| jpeg.to_vec()),
        blob: None,
        error_code: None,
        error: None,
        attempts: 0,
        next_attempt_at: automatic.then_some(now),
        downloads: 0,
        at: message.at,
        created_at: now,
        fetched_at: None,
        expires_at: None,
    };
    w.account(&device.account_id).insert_chat_file(&row).await?;
    Ok(())
}

/// Notes the file of a message that was sent again: the same as the first one's,
/// and fetched only when somebody asks for it.
pub(super) async fn note_again(
    w: &mut Writing,
    device: &DeviceRow,
    message: &ChatMessageRow,
    first: ChatFileRow,
    now: Millis,
) -> Result<()> {
    let row = ChatFileRow {
        id: ChatFileId::new(now),
        message: message.seq,
        chat: message.chat.clone(),
        author: message.author.clone(),
        wa_id: message.wa_id.clone(),
        flow: message.flow.clone(),
        status: "new".to_owned(),
        blob: None,
        error_code: None,
        error: None,
        attempts: 0,
        next_attempt_at: None,
        downloads: 0,
        at: message.at,
        created_at: now,
        fetched_at: None,
        expires_at: None,
        ..first
    };
    w.account(&device.account_id).insert_chat_file(&row).await?;
    Ok(())
}
