//! Messages that refer to a file, and what any message may say of itself.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use buffa::MessageField;
use serde::Deserialize;
use waproto::whatsapp as wa;

use super::make::Unmakeable;
use crate::media::cipher::Sealed;

/// The longest of the texts that describe a file, in bytes.
const MAX_WORDS: usize = 4_096;
/// The largest thumbnail, in bytes.
const MAX_THUMBNAIL: usize = 256 << 10;

/// What a control request says of a file it sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FileWords {
    /// `image`, `video`, `gif`, `videoNote`, `audio`, `voice`, `document` or
    /// `sticker`.
    pub(crate) kind: String,
    /// The content; or `upload`.
    pub(crate) base64: Option<String>,
    /// The `sha256` that `POST /uploads` gave.
    pub(crate) upload: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) caption: Option<String>,
    #[serde(default)]
    pub(crate) view_once: bool,
    pub(crate) seconds: Option<u32>,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) pages: Option<u32>,
    #[serde(default)]
    pub(crate) animated: bool,
    /// Base64.
    pub(crate) thumbnail: Option<String>,
    /// Base64; 64 amplitudes from 0 to 100.
    pub(crate) waveform: Option<String>,
}

/// The kinds of file a phone sends, each with the type it has unless said
/// otherwise.
const KINDS: [(&str, &str); 8] = [
    ("image", "image/jpeg"),
    ("video", "video/mp4"),
    ("gif", "video/mp4"),
    ("videoNote", "video/mp4"),
    ("audio", "audio/mpeg"),
    ("voice", "audio/ogg; codecs=opus"),
    ("document", "application/octet-stream"),
    ("sticker", "image/webp"),
];

impl FileWords {
    /// Says what is wrong, before anything is uploaded.
    pub(crate) fn check(&self) -> Result<(), Unmakeable> {
        if !KINDS.iter().any(|(kind, _)| *kind == self.kind) {
            let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(format!("media.kind is one of {}", known.join(", ")));
        }
        if self.base64.is_some() == self.upload.is_some() {
            return Err("media needs either base64 or upload".to_owned());
        }
        let words = [("mime", &self.mime), ("fileName", &self.file_name), ("caption", &self.caption)];
        if let Some((name, _)) =
            words.into_iter().find(|(_, words)| words.as_ref().is_some_and(|words| words.len() > MAX_WORDS))
        {
            return Err(format!("media.{name} has at most {MAX_WORDS} bytes"));
        }
        if self.view_once && !matches!(self.kind.as_str(), "image" | "video" | "voice") {
            return Err("only an image, a video or a voice note can be viewed once".to_owned());
        }
        if self.caption.is_some() && !matches!(self.kind.as_str(), "image" | "video" | "gif" | "document") {
            return Err(format!("a {} has no caption", self.kind));
        }
        bytes("thumbnail", self.thumbnail.as_ref())?;
        bytes("waveform", self.waveform.as_ref())?;
        Ok(())
    }

    /// The message that refers to the file, once that is on the media host.
    pub(crate) fn message(&self, sealed: &Sealed, host: &str, now_secs: u64) -> Result<wa::Message, Unmakeable> {
        let default = KINDS.iter().find(|(kind, _)| *kind == self.kind).map(|(_, mime)| (*mime).to_owned());
        let mime = self.mime.clone().or(default);
        let thumbnail = bytes("thumbnail", self.thumbnail.as_ref())?;
        macro_rules! part {
            ($part:ident { $($field:ident: $value:expr),* $(,)? }) => {
                MessageField::some(wa::message::$part {
                    url: Some(format!("https://{host}{}", sealed.direct_path)),
                    direct_path: Some(sealed.direct_path.clone()),
                    mimetype: mime,
                    media_key: Some(sealed.key.to_vec()),
                    media_key_timestamp: i64::try_from(now_secs).ok(),
                    file_sha256: Some(sealed.sha256.to_vec()),
                    file_enc_sha256: Some(sealed.encrypted_sha256.to_vec()),
                    file_length: Some(sealed.length),
                    $($field: $value,)*
                    ..Default::default()
                })
            };
        }
        let once = self.view_once.then_some(true);
        let mut message = wa::Message::default();
        match self.kind.as_str() {
            "image" => {
                message.image_message = part!(ImageMessage {
                    caption: self.caption.clone(),
                    width: self.width,
                    height: self.height,
                    jpeg_thumbnail: thumbnail,
                    view_once: once,
                });
            }
            "video" | "gif" | "videoNote" => {
                let video = part!(VideoMessage {
                    caption: self.caption.clone(),
                    seconds: self.seconds,
                    width: self.width,
                    height: self.height,
                    jpeg_thumbnail: thumbnail,
                    gif_playback: (self.kind == "gif").then_some(true),
                    streaming_sidecar: sealed.sidecar.clone(),
                    view_once: once,
                });
                if self.kind == "videoNote" {
                    message.ptv_message = video;
                } else {
                    message.video_message = video;
                }
            }
            "audio" | "voice" => {
                message.audio_message = part!(AudioMessage {
                    seconds: self.seconds,
                    ptt: Some(self.kind == "voice"),
                    waveform: bytes("waveform", self.waveform.as_ref())?,
                    streaming_sidecar: sealed.sidecar.clone(),
                    view_once: once,
                });
            }
            "sticker" => {
                message.sticker_message = part!(StickerMessage {
                    width: self.width,
                    height: self.height,
                    is_animated: Some(self.animated),
                    png_thumbnail: thumbnail,
                });
            }
            _ => {
                let document = part!(DocumentMessage {
                    file_name: self.file_name.clone(),
                    title: self.file_name.clone(),
                    caption: self.caption.clone(),
                    page_count: self.pages,
                    jpeg_thumbnail: thumbnail,
                });
                // A caption makes it another kind of message to older clients.
                if self.caption.is_some() {
                    message.document_with_caption_message =
                        wrapped(wa::Message { document_message: document, ..Default::default() });
                } else {
                    message.document_message = document;
                }
            }
        }
        if self.view_once {
            return Ok(match self.kind.as_str() {
                "voice" => wa::Message { view_once_message_v2_extension: wrapped(message), ..Default::default() },
                _ => wa::Message { view_once_message: wrapped(message), ..Default::default() },
            });
        }
        Ok(message)
    }
}

fn bytes(name: &str, text: Option<&String>) -> Result<Option<Vec<u8>>, Unmakeable> {
    let bytes = text
        .map(|text| BASE64_STANDARD.decode(text))
        .transpose()
        .map_err(|_| format!("media.{name} must be base64"))?;
    if bytes.as_ref().is_some_and(|bytes| bytes.len() > MAX_THUMBNAIL) {
        return Err(format!("media.{name} has at most {MAX_THUMBNAIL} bytes"));
    }
    Ok(bytes)
}

fn wrapped(message: wa::Message) -> MessageField<wa::message::FutureProofMessage> {
    MessageField::some(wa::message::FutureProofMessage { message: MessageField::some(message) })
}

/// What a message says of itself beside its content.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) quoting: Option<wa::ContextInfo>,
    /// Addresses of people.
    pub(crate) mentions: Vec<String>,
    pub(crate) forwarded: bool,
    /// Seconds until it disappears.
    pub(crate) expiration: Option<u32>,
}

/// Writes into a message what it says of itself. A plain text becomes one that
/// can say it; the kinds that can't are left as they are.
pub(crate) fn tell(message: &mut wa::Message, about: About) {
    let About { quoting, mentions, forwarded, expiration } = about;
    if quoting.is_none() && mentions.is_empty() && !forwarded && expiration.is_none() {
        return;
    }
    if let Some(text) = message.conversation.take() {
        message.extended_text_message =
            MessageField::some(wa::message::ExtendedTextMessage { text: Some(text), ..Default::default() });
    }
    macro_rules! first {
        ($($field:ident),* $(,)?) => {
            [$(message.$field.as_option_mut().map(|part| &mut part.context_info),)*]
        };
    }
    let places = super::kinds_with_context!(first);
    let Some(place) = places.into_iter().flatten().next() else {
        return;
    };
    let mut context = quoting.or_else(|| place.as_option().cloned()).unwrap_or_default();
    context.mentioned_jid.extend(mentions);
    if forwarded {
        context.is_forwarded = Some(true);
        context.forwarding_score = Some(context.forwarding_score.unwrap_or(0) + 1);
    }
    context.expiration = expiration.or(context.expiration);
    *place = MessageField::some(context);
}
