//! Files: pictures, films, sound, documents and stickers.

use sparkbot_network::{Media, MediaKind, NetworkError, Outgoing};
use whatsapp_rust::buffa::MessageField;
use whatsapp_rust::download::MediaType;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{
    AudioMessage, DocumentMessage, ImageMessage, StickerMessage, VideoMessage,
};

use super::Draft;
use super::conversation::Conversation;
use crate::media::upload::{self, Upload, Uploaded};
use crate::media::{LARGEST, channel};
use crate::secrets;

/// WhatsApp shows larger ones as a blank.
const LARGEST_THUMBNAIL: usize = 64 << 10;

pub(super) fn check(media: &Media) -> Result<(), NetworkError> {
    if media.size > LARGEST {
        return Err(NetworkError::TooLarge { size: media.size, limit: LARGEST });
    }
    let can_close = matches!(media.kind, MediaKind::Image | MediaKind::Video | MediaKind::Voice | MediaKind::Audio);
    if media.view_once && !can_close {
        return Err(NetworkError::Invalid(
            "only pictures, films and recordings can be sent to be opened once".to_owned(),
        ));
    }
    if media.thumbnail.as_ref().is_some_and(|jpeg| jpeg.len() > LARGEST_THUMBNAIL) {
        return Err(NetworkError::Invalid(format!("the thumbnail has more than {LARGEST_THUMBNAIL} bytes")));
    }
    Ok(())
}

/// A file's message, and its handle where it went to a channel.
pub(super) struct UploadedAs {
    pub(super) message: wa::Message,
    pub(super) handle: Option<String>,
}

pub(super) async fn draft(to: &Conversation<'_>, outgoing: &Outgoing, media: &Media) -> Result<Draft, NetworkError> {
    let UploadedAs { message, handle } = upload(to, outgoing, media).await?;
    Ok(Draft { media_handle: handle, ..Draft::new(message) })
}

pub(super) async fn upload(
    to: &Conversation<'_>,
    outgoing: &Outgoing,
    media: &Media,
) -> Result<UploadedAs, NetworkError> {
    let kind = media_type(media.kind);
    let mut uploaded = if to.is_channel() {
        channel::upload(to.number, to.client, &media.path, media.kind).await?
    } else {
        // The same for each try, so that a repeated message is the same and what
        // has been uploaded need not be uploaded again.
        let key = secrets::derived(to.client, "media", &format!("{}/{}", outgoing.id, media.size))?;
        upload::upload(to.number, to.client, Upload { path: &media.path, kind, key }).await?
    };
    let handle = uploaded.handle.take();
    Ok(UploadedAs { message: message(media, uploaded), handle })
}

pub(crate) fn media_type(kind: MediaKind) -> MediaType {
    match kind {
        MediaKind::Image => MediaType::Image,
        MediaKind::Video | MediaKind::Gif | MediaKind::VideoNote => MediaType::Video,
        MediaKind::Audio | MediaKind::Voice => MediaType::Audio,
        MediaKind::Document => MediaType::Document,
        MediaKind::Sticker => MediaType::Sticker,
    }
}

fn message(media: &Media, uploaded: Uploaded) -> wa::Message {
    match media.kind {
        MediaKind::Image => {
            let image = image(media, uploaded);
            wa::Message { image_message: MessageField::some(image), ..wa::Message::default() }
        }
        MediaKind::Video | MediaKind::Gif => {
            let video = video(media, uploaded);
            wa::Message { video_message: MessageField::some(video), ..wa::Message::default() }
        }
        MediaKind::VideoNote => {
            let video = video(media, uploaded);
            wa::Message { ptv_message: MessageField::some(video), ..wa::Message::default() }
        }
        MediaKind::Audio | MediaKind::Voice => {
            let audio = audio(media, uploaded);
            wa::Message { audio_message: MessageField::some(audio), ..wa::Message::default() }
        }
        MediaKind::Document => {
            let document = document(media, uploaded);
            wa::Message { document_message: MessageField::some(document), ..wa::Message::default() }
        }
        MediaKind::Sticker => {
            let sticker = sticker(media, uploaded);
            wa::Message { sticker_message: MessageField::some(sticker), ..wa::Message::default() }
        }
    }
}

fn thumbnail(media: &Media) -> Option<Vec<u8>> {
    media.thumbnail.as_ref().map(|jpeg| jpeg.to_vec())
}

fn image(media: &Media, uploaded: Uploaded) -> ImageMessage {
    ImageMessage {
        url: Some(uploaded.url),
        direct_path: Some(uploaded.direct_path),
        media_key: uploaded.key.map(|key| key.to_vec()),
        media_key_timestamp: uploaded.key_made_at,
        file_sha256: Some(uploaded.sha256.to_vec()),
        file_enc_sha256: uploaded.sealed_sha256.map(|hash| hash.to_vec()),
        file_length: Some(uploaded.size),
        mimetype: Some(media.mime.clone()),
        caption: media.caption.clone(),
        width: media.width,
        height: media.height,
        jpeg_thumbnail: thumbnail(media),
        view_once: media.view_once.then_some(true),
        ..ImageMessage::default()
    }
}

fn video(media: &Media, uploaded: Uploaded) -> VideoMessage {
    VideoMessage {
        url: Some(uploaded.url),
        direct_path: Some(uploaded.direct_path),
        media_key: uploaded.key.map(|key| key.to_vec()),
        media_key_timestamp: uploaded.key_made_at,
        file_sha256: Some(uploaded.sha256.to_vec()),
        file_enc_sha256: uploaded.sealed_sha256.map(|hash| hash.to_vec()),
        file_length: Some(uploaded.size),
        streaming_sidecar: uploaded.sidecar,
        mimetype: Some(media.mime.clone()),
        caption: media.caption.clone(),
        width: media.width,
        height: media.height,
        seconds: media.seconds,
        gif_playback: (media.kind == MediaKind::Gif).then_some(true),
        jpeg_thumbnail: thumbnail(media),
        view_once: media.view_once.then_some(true),
        ..VideoMessage::default()
    }
}

fn audio(media: &Media, uploaded: Uploaded) -> AudioMessage {
    AudioMessage {
        url: Some(uploaded.url),
        direct_path: Some(uploaded.direct_path),
        media_key: uploaded.key.map(|key| key.to_vec()),
        media_key_timestamp: uploaded.key_made_at,
        file_sha256: Some(uploaded.sha256.to_vec()),
        file_enc_sha256: uploaded.sealed_sha256.map(|hash| hash.to_vec()),
        file_length: Some(uploaded.size),
        streaming_sidecar: uploaded.sidecar,
        mimetype: Some(media.mime.clone()),
        seconds: media.seconds,
        ptt: Some(media.kind == MediaKind::Voice),
        waveform: media.waveform.as_ref().map(|waveform| waveform.to_vec()),
        view_once: media.view_once.then_some(true),
        ..AudioMessage::default()
    }
}

fn document(media: &Media, uploaded: Uploaded) -> DocumentMessage {
    DocumentMessage {
        url: Some(uploaded.url),
        direct_path: Some(uploaded.direct_path),
        media_key: uploaded.key.map(|key| key.to_vec()),
        media_key_timestamp: uploaded.key_made_at,
        file_sha256: Some(uploaded.sha256.to_vec()),
        file_enc_sha256: uploaded.sealed_sha256.map(|hash| hash.to_vec()),
        file_length: Some(uploaded.size),
        mimetype: Some(media.mime.clone()),
        file_name: media.file_name.clone(),
        title: media.file_name.clone(),
        caption: media.caption.clone(),
        page_count: media.pages,
        jpeg_thumbnail: thumbnail(media),
        ..DocumentMessage::default()
    }
}

fn sticker(media: &Media, uploaded: Uploaded) -> StickerMessage {
    StickerMessage {
        url: Some(uploaded.url),
        direct_path: Some(uploaded.direct_path),
        media_key: uploaded.key.map(|key| key.to_vec()),
        media_key_timestamp: uploaded.key_made_at,
        file_sha256: Some(uploaded.sha256.to_vec()),
        file_enc_sha256: uploaded.sealed_sha256.map(|hash| hash.to_vec()),
        file_length: Some(uploaded.size),
        mimetype: Some(media.mime.clone()),
        width: media.width,
        height: media.height,
        is_animated: Some(media.animated),
        ..StickerMessage::default()
    }
}
