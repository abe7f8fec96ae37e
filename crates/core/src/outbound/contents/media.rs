//! Files.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::{Count, characters, optional};
use crate::error::{Error, Result};

const CODE: &str = "media:invalid";
/// Characters of a URL at most; a data URI is as long as the body allows.
const URL: usize = 1000;

/// How a file may be shown.
pub const FORMATS: &[&str] = &["native", "gif", "ptt", "sticker"];
/// Kinds of media.
pub const KINDS: &[&str] = &["image", "video", "audio", "document"];

/// A file to send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MessageMedia)]
pub struct MediaEntry {
    /// Where to fetch it, `http://` or `https://`, or a `data:` URI that carries it. It is fetched with one GET when
    /// the message is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub url: Option<String>,
    /// Id of a file that was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 24, max_length = 24)]
    pub file: Option<String>,
    /// The text along with it; the same as the message's own `message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 6000)]
    pub message: Option<String>,
    /// The name it is shown under, for documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub filename: Option<String>,
    /// `native` as its type wants it, `gif` repeats without sound, `ptt` is a voice note, `sticker` a sticker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Can be opened once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_once: Option<bool>,
    /// Shows it as this kind whatever its type: `document` sends any file as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Your own id for the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub reference: Option<String>,
}

impl MediaEntry {
    /// The caption that it goes with.
    pub(super) fn check(&self, text: Option<String>) -> Result<Option<String>> {
        match (&self.url, &self.file) {
            (Some(url), None) => {
                if !self.is_data() {
                    characters(CODE, "media.url", url, Count::from_one_to(URL))?;
                    let shown: String = url.chars().take(60).collect();
                    if !(url.starts_with("http://") || url.starts_with("https://")) {
                        return Err(Error::invalid(
                            CODE,
                            format!("media.url is '{shown}'; it must start with http://, https:// or data:."),
                        ));
                    }
                }
            }
            (None, Some(file)) => {
                if file.len() != 24 || !file.bytes().all(|b| b.is_ascii_hexdigit()) {
                    let shown: String = file.chars().take(40).collect();
                    return Err(Error::invalid(
                        CODE,
                        format!("media.file is '{shown}'; the id of a file has 24 hexadecimal digits."),
                    ));
                }
            }
            (Some(_), Some(_)) => {
                return Err(Error::invalid(CODE, "media has both 'url' and 'file'; it needs one of them."));
            }
            (None, None) => return Err(Error::invalid(CODE, "media needs 'url' or 'file'.")),
        }
        optional("message:too_long", "media.message", self.message.as_deref(), Count::upto(super::TEXT))?;
        optional(CODE, "media.filename", self.filename.as_deref(), Count::from_one_to(200))?;
        optional(CODE, "media.reference", self.reference.as_deref(), Count::from_one_to(128))?;
        word("media.format", self.format.as_deref(), FORMATS)?;
        word("media.kind", self.kind.as_deref(), KINDS)?;
        let caption = self.message.clone().filter(|text| !text.trim().is_empty());
        if let (Some(one), Some(other)) = (&text, &caption)
            && one != other
        {
            return Err(Error::invalid("message:text", "'message' and 'media.message' are both given and differ.")
                .hint("Give the text along with the file once."));
        }
        let caption = text.or(caption);
        let format = self.format.as_deref().unwrap_or("native");
        if caption.is_some() && matches!(format, "ptt" | "sticker") {
            return Err(Error::invalid(
                "message:text",
                format!("WhatsApp shows no text with media.format '{format}'."),
            )
            .hint("Send the text as a message of its own."));
        }
        if format != "native" && self.kind.as_deref() == Some("document") {
            return Err(Error::invalid(
                CODE,
                format!("media.format '{format}' and media.kind 'document' contradict each other."),
            ));
        }
        if self.view_once == Some(true) && (format == "sticker" || self.kind.as_deref() == Some("document")) {
            return Err(Error::invalid(CODE, "media.viewOnce is for images, videos and voice notes."));
        }
        Ok(caption)
    }

    /// Whether the file stands in the URL itself.
    pub(in crate::outbound) fn is_data(&self) -> bool {
        self.url.as_deref().is_some_and(|url| url.starts_with("data:"))
    }

    /// What it is likely to be, from what is known before it is fetched; the
    /// row is corrected once it is.
    pub(super) fn kind_word(&self) -> &'static str {
        match (self.format.as_deref(), self.kind.as_deref()) {
            (Some("ptt"), _) => "voice",
            (Some("sticker"), _) => "sticker",
            (Some("gif"), _) => "video",
            (_, Some(kind)) => KINDS.iter().find(|known| **known == kind).copied().unwrap_or("document"),
            _ => self.guessed(),
        }
    }

    fn guessed(&self) -> &'static str {
        let from = self.filename.as_deref().or(self.url.as_deref()).unwrap_or_default();
        if let Some(data) = from.strip_prefix("data:") {
            let kind = data.split('/').next().unwrap_or_default();
            return ["image", "video", "audio"].into_iter().find(|known| *known == kind).unwrap_or("document");
        }
        let path = from.split(['?', '#']).next().unwrap_or_default();
        let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "jpg" | "jpeg" | "png" | "webp" | "gif" => "image",
            "mp4" | "mov" | "3gp" => "video",
            "mp3" | "ogg" | "opus" | "m4a" | "wav" | "aac" | "flac" | "amr" => "audio",
            _ => "document",
        }
    }
}

fn word(field: &str, given: Option<&str>, words: &[&str]) -> Result<()> {
    match given {
        Some(word) if !words.contains(&word) => {
            Err(Error::invalid(CODE, format!("{field} is '{word}'; it must be one of {}.", words.join(", "))))
        }
        _ => Ok(()),
    }
}
