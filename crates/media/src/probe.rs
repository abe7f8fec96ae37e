//! What is in a file, without decoding more than needed.

use std::path::Path;

use crate::kind::{FileType, Kind};
use crate::{mp4, pdf, picture, sound};

/// What could be found out; what could not is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Pixels, as shown.
    pub width: Option<u32>,
    /// Pixels, as shown.
    pub height: Option<u32>,
    /// Length.
    pub seconds: Option<f64>,
    /// Codec, in the words of MP4: `avc1`, `mp4a`; or `mp3`, `opus`…
    pub codec: Option<String>,
    /// Pages.
    pub pages: Option<u32>,
    /// A picture that moves.
    pub animated: bool,
}

/// Looks into a file. A broken one has no facts, which is no reason not to
/// keep or send it.
#[must_use]
pub fn probe(path: &Path, file: &FileType) -> Facts {
    match file.mime.as_str() {
        "application/pdf" => Facts { pages: pdf::pages(path).ok().flatten(), ..Facts::default() },
        "video/mp4" | "video/quicktime" | "video/3gpp" | "audio/mp4" => mp4::movie(path).map_or_else(
            |_| Facts::default(),
            |movie| Facts {
                width: movie.width,
                height: movie.height,
                seconds: movie.seconds,
                codec: movie.video.or(movie.audio),
                ..Facts::default()
            },
        ),
        _ => match file.kind {
            Kind::Image => picture::facts(path, file),
            Kind::Audio => sound::facts(path, file),
            _ => Facts::default(),
        },
    }
}
