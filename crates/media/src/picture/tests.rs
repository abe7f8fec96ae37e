//! Pictures made here, looked at again after they were turned into others.

use std::io::Cursor;
use std::path::PathBuf;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{facts, image, preview, sticker};
use crate::kind::of_bytes;
use crate::ready::Ready;
use crate::{MediaError, Result};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("in");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn image(&self, bytes: &[u8]) -> Result<Ready> {
        image(&self.file(bytes), &of_bytes(bytes, None, None), &self.out())
    }

    fn sticker(&self, bytes: &[u8]) -> Result<Ready> {
        sticker(&self.file(bytes), &of_bytes(bytes, None, None), &self.out())
    }

    fn made(&self) -> DynamicImage {
        image::load_from_memory(&std::fs::read(self.out()).unwrap()).unwrap()
    }
}

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([220, 0, 0]) } else { Rgb([0, 0, 220]) })
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

/// Puts a segment behind the start of a JPEG.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

#[track_caller]
fn is_thumbnail(ready: &Ready) {
    let small = image::load_from_memory(ready.thumbnail.as_ref().unwrap()).unwrap();
    assert!(small.width().max(small.height()) <= 100);
    assert!(ready.thumbnail.as_ref().unwrap().len() <= 16 * 1024);
}

#[test]
fn a_plain_jpeg_stays_as_it_is() {
    let place = Place::new();
    let ready = place.image(&jpeg(&halves(640, 480))).unwrap();
    assert!(!ready.written);
    assert_eq!((ready.width, ready.height, ready.mime.as_str()), (Some(640), Some(480), "image/jpeg"));
    is_thumbnail(&ready);
}

#[test]
fn what_tells_where_it_was_taken_is_left_out_and_the_picture_is_not_touched() {
    let place = Place::new();
    let plain = jpeg(&halves(64, 48));
    let telling = with_segment(&with_segment(&plain, 0xe1, &exif(1)), 0xfe, b"52.52N 13.40E");
    let ready = place.image(&telling).unwrap();
    assert!(ready.written);
    assert_eq!(std::fs::read(place.out()).unwrap(), plain);
}

#[test]
fn a_picture_taken_sideways_is_turned_upright() {
    let place = Place::new();
    // Orientation 6: the camera was turned, and the picture has to be clockwise.
    let bytes = with_segment(&jpeg(&halves(64, 48)), 0xe1, &exif(6));
    let found = facts(&place.file(&bytes), &of_bytes(&bytes, None, None));
    assert_eq!((found.width, found.height), (Some(48), Some(64)));
    let ready = place.image(&bytes).unwrap();
    assert_eq!((ready.written, ready.width, ready.height), (true, Some(48), Some(64)));
    let upright = place.made().to_rgb8();
    assert!(upright.get_pixel(24, 5)[0] > 150 && upright.get_pixel(24, 58)[2] > 150, "red above, blue below");
}

#[test]
fn other_pictures_become_jpeg() {
    let place = Place::new();
    let picture = DynamicImage::ImageRgb8(halves(80, 40));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::Gif] {
        let ready = place.image(&written(&picture, format)).unwrap();
        assert!(ready.written, "{format:?}");
        let bytes = std::fs::read(place.out()).unwrap();
        assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::Jpeg);
        let made = place.made().to_rgb8();
        assert_eq!(made.dimensions(), (80, 40));
        assert!(made.get_pixel(10, 20)[0] > 180 && made.get_pixel(70, 20)[2] > 180, "{format:?}");
        is_thumbnail(&ready);
    }
}

#[test]
fn what_shines_through_is_white() {
    let place = Place::new();
    let clear = RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0]));
    place.image(&written(&DynamicImage::ImageRgba8(clear), ImageFormat::Png)).unwrap();
    assert!(place.made().to_rgb8().get_pixel(10, 10).0.iter().all(|c| *c > 250));
}

#[test]
fn huge_pictures_are_made_smaller_and_bombs_are_refused() {
    let place = Place::new();
    let ready = place.image(&jpeg(&halves(5000, 10))).unwrap();
    assert_eq!((ready.written, ready.width), (true, Some(4096)));
    // A PNG that claims 60,000 × 60,000 pixels.
    let mut bomb = written(&DynamicImage::ImageRgb8(halves(2, 2)), ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    assert!(matches!(place.image(&bomb), Err(MediaError::TooLarge(_))));
}

#[test]
fn broken_pictures_are_refused() {
    let place = Place::new();
    let whole = written(&DynamicImage::ImageRgb8(halves(64, 64)), ImageFormat::Png);
    assert!(matches!(place.image(&whole[..whole.len() / 2]), Err(MediaError::Damaged(_) | MediaError::Io(_))));
    assert!(matches!(place.image(b"\0\0\0\x18ftypheic\0\0\0\0"), Err(MediaError::Unsupported(_))));
    assert!(matches!(place.image(b"just text"), Err(MediaError::Unsupported(_))));
    let jpeg = jpeg(&halves(64, 48));
    for end in [3, 10, 100, 200] {
        assert!(place.image(&jpeg[..end]).is_err(), "{end}");
    }
}

#[test]
fn previews_fit_and_do_not_grow() {
    let place = Place::new();
    let small = preview(&place.file(&jpeg(&halves(1000, 500))), 640).unwrap();
    assert_eq!((small.width, small.height), (640, 320));
    assert_eq!(preview(&place.file(&jpeg(&halves(30, 20))), 640).unwrap().width, 30);
}

#[test]
fn stickers_are_512_square_and_keep_what_shines_through() {
    let place = Place::new();
    let ready = place.sticker(&jpeg(&halves(200, 100))).unwrap();
    assert_eq!(
        (ready.written, ready.width, ready.height, ready.mime.as_str()),
        (true, Some(512), Some(512), "image/webp")
    );
    let made = place.made().to_rgba8();
    assert_eq!(made.dimensions(), (512, 512));
    assert_eq!((made.get_pixel(256, 10)[3], made.get_pixel(100, 256)[3]), (0, 255));
    assert!(std::fs::metadata(place.out()).unwrap().len() <= 100 * 1024);
    // One that is right already stays.
    let right = std::fs::read(place.out()).unwrap();
    assert!(!place.sticker(&right).unwrap().written);
}

#[test]
fn a_gif_that_moves_is_told() {
    let place = Place::new();
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        for shade in [10, 200] {
            encoder.encode_frame(Frame::new(RgbaImage::from_pixel(8, 8, Rgba([shade, 0, 0, 255])))).unwrap();
        }
    }
    assert!(facts(&place.file(&bytes), &of_bytes(&bytes, None, None)).animated);
    let still = written(&DynamicImage::ImageRgb8(halves(8, 8)), ImageFormat::Gif);
    assert!(!facts(&place.file(&still), &of_bytes(&still, None, None)).animated);
}

#[test]
fn a_profile_picture_is_the_middle_of_a_picture() {
    for (size, side) in [((300, 200), 200), ((4000, 1000), 640), ((90, 60), 192)] {
        let made =
            super::profile(&written(&DynamicImage::ImageRgb8(halves(size.0, size.1)), ImageFormat::Png)).unwrap();
        assert_eq!((made.width, made.height), (side, side), "{size:?}");
        let seen = image::load_from_memory(&made.jpeg).unwrap().to_rgb8();
        let (left, right) = (seen.get_pixel(2, side / 2), seen.get_pixel(side - 3, side / 2));
        assert!(left.0[0] > 150 && right.0[2] > 150, "red on the left and blue on the right: {left:?} {right:?}");
    }
    assert!(matches!(super::profile(b"hello, I am no picture"), Err(MediaError::Unsupported(_))));
}
