//! A file as WhatsApp wants it, and what goes along with it.

use std::path::Path;

use crate::error::{MediaError, Result};
use crate::kind::{FileType, Kind};
use crate::probe::probe;
use crate::{picture, voice};

/// What it is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A short film that repeats.
    Gif,
    /// Sound.
    Audio,
    /// A recording made in the chat.
    Voice,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
}

/// What it became.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ready {
    /// Whether new bytes were written; the file's own are right otherwise.
    pub written: bool,
    /// MIME type.
    pub mime: String,
    /// Pixels, as shown.
    pub width: Option<u32>,
    /// Pixels, as shown.
    pub height: Option<u32>,
    /// Length, at least one second.
    pub seconds: Option<u32>,
    /// Pages.
    pub pages: Option<u32>,
    /// Moves.
    pub animated: bool,
    /// Small JPEG.
    pub thumbnail: Option<Vec<u8>>,
    /// 64 loudnesses of 0 to 100.
    pub waveform: Option<Vec<u8>>,
}

/// Makes `wanted` of the file at `path`; new bytes go to `out`, which is
/// there and empty.
///
/// # Errors
/// [`MediaError`] when it can't be made of this file.
pub fn make(path: &Path, file: &FileType, wanted: Wanted, out: &Path) -> Result<Ready> {
    match wanted {
        Wanted::Image => picture::image(path, file, out),
        Wanted::Sticker => picture::sticker(path, file, out),
        Wanted::Voice => voice::recording(path, file, out),
        Wanted::Video => film(path, file, "a film"),
        Wanted::Gif => film(path, file, "a GIF, which in WhatsApp is a film without sound,"),
        Wanted::Audio => {
            if file.kind != Kind::Audio {
                return Err(MediaError::Unsupported(format!("'{}' is no sound", file.mime)));
            }
            Ok(as_it_is(path, file))
        }
        Wanted::Document => {
            let thumbnail = (file.kind == Kind::Image).then(|| picture::thumbnail(path).ok()).flatten();
            Ok(Ready { thumbnail, ..as_it_is(path, file) })
        }
    }
}

/// Films are not decoded: WhatsApp takes MP4 with H.264, and that is for the
/// sender to have.
fn film(path: &Path, file: &FileType, what: &str) -> Result<Ready> {
    if !matches!(file.mime.as_str(), "video/mp4" | "video/3gpp" | "video/quicktime") {
        return Err(MediaError::Unsupported(format!("{what} must be an MP4 file, but this one is '{}'", file.mime)));
    }
    // The same boxes under another brand: phones play it when it is called MP4.
    let mime = if file.mime == "video/3gpp" { "video/3gpp" } else { "video/mp4" };
    Ok(Ready { mime: mime.to_owned(), ..as_it_is(path, file) })
}

fn as_it_is(path: &Path, file: &FileType) -> Ready {
    let facts = probe(path, file);
    Ready {
        mime: file.mime.clone(),
        width: facts.width,
        height: facts.height,
        seconds: facts.seconds.map(whole_seconds),
        pages: facts.pages,
        animated: facts.animated,
        ..Ready::default()
    }
}

/// Phones show no zero.
pub(crate) fn whole_seconds(seconds: f64) -> u32 {
    (seconds.round() as u32).max(1)
}
