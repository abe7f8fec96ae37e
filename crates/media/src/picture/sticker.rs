//! Stickers: WebP of 512 × 512 pixels.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::imageops::{self, FilterType};
use image::{ImageDecoder, RgbaImage};

use super::{decode, moves, readable, small};
use crate::error::{MediaError, Result};
use crate::kind::FileType;
use crate::limits;
use crate::ready::Ready;

const SIDE: u32 = 512;
/// WhatsApp shows stickers beyond its own limits, but not without end.
const LARGEST: usize = 1024 * 1024;

/// A sticker of a picture. A WebP that is right already, moving or not, stays
/// as it is; of other pictures that move the first one is taken.
///
/// # Errors
/// [`MediaError`] for what is no picture, one that can't be decoded here, or a
/// moving WebP that is not of a sticker's size.
pub fn sticker(path: &Path, file: &FileType, out: &Path) -> Result<Ready> {
    readable(file)?;
    let animated = moves(path, file);
    let mut ready = Ready { mime: "image/webp".to_owned(), width: Some(SIDE), height: Some(SIDE), ..Ready::default() };
    if file.mime == "image/webp" {
        let size = WebPDecoder::new(BufReader::new(File::open(path)?))?.dimensions();
        let bytes = std::fs::metadata(path)?.len();
        let most = if animated { limits::MOVING_STICKER_BYTES } else { limits::STICKER_BYTES };
        if size == (SIDE, SIDE) && bytes <= most {
            ready.animated = animated;
            ready.thumbnail = decode(path).and_then(|picture| small(&picture)).ok();
            return Ok(ready);
        }
        if animated {
            return Err(MediaError::Unsupported(format!(
                "a sticker that moves must be a WebP of {SIDE} × {SIDE} pixels and at most {} KiB, but this one has {} × {} and {} KiB",
                most / 1024,
                size.0,
                size.1,
                bytes / 1024
            )));
        }
    }
    let picture = decode(path)?;
    ready.thumbnail = small(&picture).ok();
    let fitted = picture.resize(SIDE, SIDE, FilterType::CatmullRom).to_rgba8();
    let mut canvas = RgbaImage::new(SIDE, SIDE);
    let (x, y) = ((SIDE - fitted.width()) / 2, (SIDE - fitted.height()) / 2);
    imageops::overlay(&mut canvas, &fitted, x.into(), y.into());
    std::fs::write(out, encoded(&canvas)?)?;
    ready.written = true;
    Ok(ready)
}

/// There is no lossy WebP in pure Rust: photographs lose colours instead, until
/// they are small enough.
fn encoded(canvas: &RgbaImage) -> Result<Vec<u8>> {
    let mut smallest: Option<Vec<u8>> = None;
    for bits in [8u8, 6, 5, 4, 3] {
        let mask = 0xffu8 << (8 - bits);
        let mut reduced = canvas.clone();
        for pixel in reduced.pixels_mut() {
            let [r, g, b, a] = pixel.0;
            // What is not seen needs no colours at all.
            let few = |c: u8| (c & mask) | ((c & mask).checked_shr(bits.into()).unwrap_or(0));
            pixel.0 = if a == 0 { [0; 4] } else { [few(r), few(g), few(b), a] };
        }
        let mut webp = Vec::new();
        reduced.write_with_encoder(WebPEncoder::new_lossless(&mut webp))?;
        if webp.len() as u64 <= limits::STICKER_BYTES {
            return Ok(webp);
        }
        if smallest.as_ref().is_none_or(|known| webp.len() < known.len()) {
            smallest = Some(webp);
        }
    }
    smallest
        .filter(|webp| webp.len() <= LARGEST)
        .ok_or_else(|| MediaError::TooLarge("no sticker of at most 1 MiB can be made of this picture".to_owned()))
}
