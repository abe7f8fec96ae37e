//! The file a message refers to.

use wacore::download::MediaType;
use waproto::whatsapp as wa;

use super::unwrapped;

/// What a message says of its file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileInfo {
    /// `image`, `video`, `gif`, `videoNote`, `audio`, `voice`, `document` or
    /// `sticker`.
    pub(crate) kind: &'static str,
    pub(crate) direct_path: Option<String>,
    /// Absent where the file is not encrypted.
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) sha256: Option<Vec<u8>>,
    pub(crate) length: Option<u64>,
    pub(crate) mime: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) caption: Option<String>,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) seconds: Option<u32>,
    pub(crate) pages: Option<u32>,
    pub(crate) animated: Option<bool>,
    pub(crate) thumbnail: Option<Vec<u8>>,
    pub(crate) waveform: Option<Vec<u8>>,
}

impl FileInfo {
    /// By which rule its keys are made.
    pub(crate) fn media_type(&self) -> MediaType {
        media_type(self.kind)
    }
}

/// By which rule the keys of a kind of file are made.
pub(crate) fn media_type(kind: &str) -> MediaType {
    match kind {
        "video" | "gif" | "videoNote" => MediaType::Video,
        "audio" | "voice" => MediaType::Audio,
        "document" => MediaType::Document,
        "sticker" => MediaType::Sticker,
        _ => MediaType::Image,
    }
}

/// The file of a message, if it has one.
pub(crate) fn of(message: &wa::Message) -> Option<FileInfo> {
    let (message, _) = unwrapped(message);
    macro_rules! common {
        ($part:ident, $kind:expr) => {
            FileInfo {
                kind: $kind,
                direct_path: $part.direct_path.clone(),
                key: $part.media_key.clone(),
                sha256: $part.file_sha256.clone(),
                length: $part.file_length,
                mime: $part.mimetype.clone(),
                ..FileInfo::default()
            }
        };
    }
    if let Some(image) = message.image_message.as_option() {
        return Some(FileInfo {
            caption: image.caption.clone(),
            width: image.width,
            height: image.height,
            thumbnail: image.jpeg_thumbnail.clone(),
            ..common!(image, "image")
        });
    }
    let film = message.video_message.as_option().map(|video| (video, false));
    if let Some((video, note)) = film.or_else(|| message.ptv_message.as_option().map(|video| (video, true))) {
        let kind = match (note, video.gif_playback) {
            (true, _) => "videoNote",
            (false, Some(true)) => "gif",
            (false, _) => "video",
        };
        return Some(FileInfo {
            caption: video.caption.clone(),
            width: video.width,
            height: video.height,
            seconds: video.seconds,
            thumbnail: video.jpeg_thumbnail.clone(),
            ..common!(video, kind)
        });
    }
    if let Some(audio) = message.audio_message.as_option() {
        let kind = if audio.ptt == Some(true) { "voice" } else { "audio" };
        return Some(FileInfo { seconds: audio.seconds, waveform: audio.waveform.clone(), ..common!(audio, kind) });
    }
    if let Some(document) = message.document_message.as_option() {
        return Some(FileInfo {
            file_name: document.file_name.clone().or_else(|| document.title.clone()),
            caption: document.caption.clone(),
            pages: document.page_count,
            thumbnail: document.jpeg_thumbnail.clone(),
            ..common!(document, "document")
        });
    }
    let sticker = message.sticker_message.as_option()?;
    Some(FileInfo {
        width: sticker.width,
        height: sticker.height,
        animated: sticker.is_animated,
        thumbnail: sticker.png_thumbnail.clone(),
        ..common!(sticker, "sticker")
    })
}

/// Puts a new address into a message, after its file was uploaded again.
pub(crate) fn relocate(message: &mut wa::Message, direct_path: &str) {
    macro_rules! each {
        ($($wrapper:ident),*; $($field:ident),*) => {
            $(if let Some(inner) = message.$wrapper.as_option_mut().and_then(|wrapper| wrapper.message.as_option_mut()) {
                return relocate(inner, direct_path);
            })*
            $(if let Some(part) = message.$field.as_option_mut() {
                part.direct_path = Some(direct_path.to_owned());
                part.url = None;
            })*
        };
    }
    each!(
        view_once_message, view_once_message_v2, view_once_message_v2_extension, ephemeral_message,
        document_with_caption_message, associated_child_message;
        image_message, video_message, ptv_message, audio_message, document_message, sticker_message
    );
}
