//! Files.

use bytes::Bytes;
use sparkbot_network::{MediaInfo, MediaKind};
use whatsapp_rust::download::Downloadable;
use whatsapp_rust::wacore::proto_helpers::MessageExt;
use whatsapp_rust::waproto::whatsapp as wa;
use whatsapp_rust::waproto::whatsapp::message::{
    AudioMessage, DocumentMessage, ImageMessage, StickerMessage, VideoMessage,
};

use super::some;

/// The parts of a message that are files.
enum Part<'a> {
    Image(&'a ImageMessage),
    Video(&'a VideoMessage, MediaKind),
    Audio(&'a AudioMessage),
    Document(&'a DocumentMessage),
    Sticker(&'a StickerMessage),
}

fn part(base: &wa::Message) -> Option<Part<'_>> {
    if let Some(image) = base.image_message.as_option() {
        return Some(Part::Image(image));
    }
    if let Some(video) = base.video_message.as_option() {
        let kind = if video.gif_playback == Some(true) { MediaKind::Gif } else { MediaKind::Video };
        return Some(Part::Video(video, kind));
    }
    if let Some(note) = base.ptv_message.as_option() {
        return Some(Part::Video(note, MediaKind::VideoNote));
    }
    if let Some(audio) = base.audio_message.as_option() {
        return Some(Part::Audio(audio));
    }
    if let Some(document) = base.document_message.as_option() {
        return Some(Part::Document(document));
    }
    if let Some(sticker) = base.sticker_message.as_option() {
        return Some(Part::Sticker(sticker));
    }
    part(base.lottie_sticker_message.as_option()?.message.as_option()?)
}

/// What of a message can be downloaded.
pub(crate) fn file(message: &wa::Message) -> Option<&dyn Downloadable> {
    let base = message.get_base_message();
    if let Some(product) = base.product_message.as_option().and_then(|product| product.product.as_option()) {
        return product.product_image.as_option().map(|image| image as &dyn Downloadable);
    }
    Some(match part(base)? {
        Part::Image(image) => image,
        Part::Video(video, _) => video,
        Part::Audio(audio) => audio,
        Part::Document(document) => document,
        Part::Sticker(sticker) => sticker,
    })
}

/// What a message says of its file.
pub(super) fn info(message: &wa::Message) -> Option<MediaInfo> {
    let mut info = match part(message.get_base_message())? {
        Part::Image(file) => image(file, MediaKind::Image),
        Part::Video(file, kind) => video(file, kind),
        Part::Audio(file) => audio(file),
        Part::Document(file) => document(file),
        Part::Sticker(file) => sticker(file),
    };
    info.view_once |= message.is_view_once();
    Some(info)
}

fn hash(bytes: Option<&[u8]>) -> Option<[u8; 32]> {
    bytes?.try_into().ok()
}

fn jpeg(bytes: Option<&[u8]>) -> Option<Bytes> {
    bytes.filter(|bytes| !bytes.is_empty()).map(Bytes::copy_from_slice)
}

/// What all files have.
fn basic(kind: MediaKind, mime: Option<&str>, size: Option<u64>, sha256: Option<&[u8]>) -> MediaInfo {
    MediaInfo {
        kind,
        mime: some(mime),
        size,
        sha256: hash(sha256),
        file_name: None,
        width: None,
        height: None,
        seconds: None,
        pages: None,
        thumbnail: None,
        waveform: None,
        view_once: false,
    }
}

pub(super) fn image(file: &ImageMessage, kind: MediaKind) -> MediaInfo {
    MediaInfo {
        width: file.width,
        height: file.height,
        thumbnail: jpeg(file.jpeg_thumbnail.as_deref()),
        view_once: file.view_once.unwrap_or(false),
        ..basic(kind, file.mimetype.as_deref(), file.file_length, file.file_sha256.as_deref())
    }
}

fn video(file: &VideoMessage, kind: MediaKind) -> MediaInfo {
    MediaInfo {
        width: file.width,
        height: file.height,
        seconds: file.seconds,
        thumbnail: jpeg(file.jpeg_thumbnail.as_deref()),
        view_once: file.view_once.unwrap_or(false),
        ..basic(kind, file.mimetype.as_deref(), file.file_length, file.file_sha256.as_deref())
    }
}

fn audio(file: &AudioMessage) -> MediaInfo {
    let kind = if file.ptt == Some(true) { MediaKind::Voice } else { MediaKind::Audio };
    MediaInfo {
        seconds: file.seconds,
        waveform: jpeg(file.waveform.as_deref()),
        view_once: file.view_once.unwrap_or(false),
        ..basic(kind, file.mimetype.as_deref(), file.file_length, file.file_sha256.as_deref())
    }
}

fn document(file: &DocumentMessage) -> MediaInfo {
    MediaInfo {
        file_name: some(file.file_name.as_deref()).or_else(|| some(file.title.as_deref())),
        pages: file.page_count.filter(|pages| *pages > 0),
        thumbnail: jpeg(file.jpeg_thumbnail.as_deref()),
        ..basic(MediaKind::Document, file.mimetype.as_deref(), file.file_length, file.file_sha256.as_deref())
    }
}

fn sticker(file: &StickerMessage) -> MediaInfo {
    MediaInfo {
        width: file.width,
        height: file.height,
        thumbnail: jpeg(file.png_thumbnail.as_deref()),
        ..basic(MediaKind::Sticker, file.mimetype.as_deref(), file.file_length, file.file_sha256.as_deref())
    }
}
