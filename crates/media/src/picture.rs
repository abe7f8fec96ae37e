//! Pictures: upright, in JPEG, small, as stickers.
//!
//! What WhatsApp shows everywhere is a baseline JPEG; everything else becomes
//! one. Of a JPEG that is right already only the metadata are left out, without
//! touching the picture: they tell where it was taken.

mod jpeg;
mod sticker;

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

pub use sticker::sticker;

use crate::error::{MediaError, Result};
use crate::kind::{FileType, Kind};
use crate::limits;
use crate::probe::Facts;
use crate::ready::Ready;

/// Quality of pictures that are made anew.
const QUALITY: u8 = 85;

/// A JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its bytes.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Size and whether it moves, from the header.
#[must_use]
pub fn facts(path: &Path, file: &FileType) -> Facts {
    let size = reader(path).and_then(|reader| {
        let mut decoder = reader.into_decoder()?;
        let (width, height) = decoder.dimensions();
        let turned = is_quarter(decoder.orientation().unwrap_or(Orientation::NoTransforms));
        Ok(if turned { (height, width) } else { (width, height) })
    });
    let (width, height) = size.ok().unzip();
    Facts { width, height, animated: moves(path, file), ..Facts::default() }
}

/// A picture as WhatsApp wants it.
///
/// # Errors
/// [`MediaError`] for what is no picture, or one that can't be decoded here.
pub fn image(path: &Path, file: &FileType, out: &Path) -> Result<Ready> {
    readable(file)?;
    let mut ready = Ready { mime: "image/jpeg".to_owned(), ..Ready::default() };
    if let Some(header) = jpeg::header(path)?
        && header.is_plain()
        && std::fs::metadata(path)?.len() <= limits::IMAGE_BYTES
    {
        let picture = decode(path)?;
        if header.has_metadata {
            jpeg::without_metadata(path, out)?;
            ready.written = true;
        }
        (ready.width, ready.height) = (Some(header.width), Some(header.height));
        ready.thumbnail = Some(small(&picture)?);
        return Ok(ready);
    }
    let mut picture = decode(path)?;
    if picture.width().max(picture.height()) > limits::IMAGE_SIDE {
        picture = picture.resize(limits::IMAGE_SIDE, limits::IMAGE_SIDE, FilterType::Triangle);
    }
    let picture = flat(&picture);
    let mut file = BufWriter::new(File::create(out)?);
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, QUALITY))?;
    file.flush()?;
    ready.written = true;
    (ready.width, ready.height) = (Some(picture.width()), Some(picture.height()));
    ready.thumbnail = Some(small(&DynamicImage::ImageRgb8(picture))?);
    Ok(ready)
}

/// A JPEG that fits into a square of `side`; not enlarged.
///
/// # Errors
/// [`MediaError`] when it can't be decoded.
pub fn preview(path: &Path, side: u32) -> Result<Picture> {
    shrunk(&decode(path)?, side, QUALITY)
}

/// A square JPEG as WhatsApp shows it of people, groups and channels: the middle
/// of the picture, of at least 192 and at most 640 pixels a side.
///
/// # Errors
/// [`MediaError`] for what is no picture, or one that can't be decoded here.
pub fn profile(bytes: &[u8]) -> Result<Picture> {
    let mut reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format()?;
    if reader.format().is_none() {
        return Err(MediaError::Unsupported("the file is no picture that can be read here".to_owned()));
    }
    reader.limits(bounds());
    let picture = decoded(reader.into_decoder()?)?;
    let side = picture.width().min(picture.height());
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let square = picture.crop_imm(left, top, side, side);
    let wanted = side.clamp(limits::PROFILE_LEAST, limits::PROFILE_MOST);
    let square = if wanted == side { square } else { square.resize_exact(wanted, wanted, FilterType::Triangle) };
    shrunk(&square, limits::PROFILE_MOST, QUALITY)
}

/// What is shown before the download.
///
/// # Errors
/// [`MediaError`] when it can't be decoded.
pub fn thumbnail(path: &Path) -> Result<Vec<u8>> {
    small(&decode(path)?)
}

fn small(picture: &DynamicImage) -> Result<Vec<u8>> {
    for quality in [70, 40, 10] {
        let small = shrunk(picture, limits::THUMBNAIL_SIDE, quality)?;
        if small.jpeg.len() <= limits::THUMBNAIL_BYTES {
            return Ok(small.jpeg);
        }
    }
    Err(MediaError::TooLarge("no small picture can be made of it".to_owned()))
}

fn shrunk(picture: &DynamicImage, side: u32, quality: u8) -> Result<Picture> {
    let fits = picture.width().max(picture.height()) <= side;
    let picture = if fits { flat(picture) } else { flat(&picture.thumbnail(side, side)) };
    let mut jpeg = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, quality))?;
    Ok(Picture { jpeg, width: picture.width(), height: picture.height() })
}

/// Decodes within the limits and turns upright.
fn decode(path: &Path) -> Result<DynamicImage> {
    decoded(reader(path)?.into_decoder()?)
}

fn decoded(mut decoder: impl ImageDecoder) -> Result<DynamicImage> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::PIXELS {
        return Err(MediaError::TooLarge(format!(
            "the picture has {width} × {height} pixels, more than {} million",
            limits::PIXELS / 1_000_000
        )));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn reader(path: &Path) -> Result<ImageReader<BufReader<File>>> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    reader.limits(bounds());
    Ok(reader)
}

fn bounds() -> Limits {
    let mut bounds = Limits::default();
    bounds.max_image_width = Some(limits::SIDE);
    bounds.max_image_height = Some(limits::SIDE);
    bounds.max_alloc = Some(limits::PICTURE_MEMORY);
    bounds
}

fn readable(file: &FileType) -> Result<()> {
    if matches!(file.mime.as_str(), "image/heic" | "image/avif") {
        return Err(MediaError::Unsupported(format!(
            "'{}' pictures can't be read here, since every decoder of them is under patents or no Rust",
            file.mime
        )));
    }
    if file.kind != Kind::Image {
        return Err(MediaError::Unsupported(format!("'{}' is no picture", file.mime)));
    }
    Ok(())
}

/// On white, where it lets something shine through: JPEG knows no transparency.
fn flat(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let seen = picture.to_rgba8();
    let mut on_white = RgbImage::new(seen.width(), seen.height());
    for (to, from) in on_white.pixels_mut().zip(seen.pixels()) {
        let [r, g, b, a] = from.0.map(u16::from);
        let mix = |c: u16| u8::try_from((c * a + 255 * (255 - a)) / 255).unwrap_or(u8::MAX);
        to.0 = [mix(r), mix(g), mix(b)];
    }
    on_white
}

fn is_quarter(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

/// More than one frame.
fn moves(path: &Path, file: &FileType) -> bool {
    let frames = || -> Result<bool> {
        let read = BufReader::new(File::open(path)?);
        Ok(match file.mime.as_str() {
            "image/webp" => image::codecs::webp::WebPDecoder::new(read)?.has_animation(),
            "image/gif" => {
                use image::AnimationDecoder;
                image::codecs::gif::GifDecoder::new(read)?
                    .into_frames()
                    .take(2)
                    .filter(std::result::Result::is_ok)
                    .count()
                    == 2
            }
            _ => false,
        })
    };
    matches!(ImageFormat::from_mime_type(&file.mime), Some(ImageFormat::WebP | ImageFormat::Gif))
        && frames().unwrap_or(false)
}

#[cfg(test)]
mod tests;
