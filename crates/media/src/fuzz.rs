//! Files that were changed at random: each is looked at and worked on, or refused.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sparkbot_fuzz::Fuzz;

use crate::ready::{Wanted, make};
use crate::{probe, sniff};

/// What is made of a file.
const WANTED: [Wanted; 4] = [Wanted::Image, Wanted::Voice, Wanted::Sticker, Wanted::Document];

fn picture(format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(17, 9, |x, y| Rgb([x.to_le_bytes()[0] * 9, y.to_le_bytes()[0] * 20, 77]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// A film of no frames: its boxes are what is read.
fn film() -> Vec<u8> {
    let make = |name: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len() + 8).expect("short").to_be_bytes();
        [&length[..], name, content].concat()
    };
    let mut head = vec![0; 100];
    head[12..20].copy_from_slice(&[0, 0, 3, 0xe8, 0, 0, 0x27, 0x10]);
    let mut track = vec![0; 84];
    track[76..84].copy_from_slice(&[1, 64, 0, 0, 0, 240, 0, 0]);
    let track = make(b"trak", &make(b"tkhd", &track));
    let moov = make(b"moov", &[make(b"mvhd", &head), track].concat());
    [make(b"ftyp", b"isom\0\0\0\0isommp42"), moov, make(b"mdat", &[0; 16])].concat()
}

#[test]
fn fuzz_media_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, out) = (folder.path().join("in"), folder.path().join("out"));
    let formats =
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff];
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Pages/Count 3/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF".to_vec();
    let mut count = 0_usize;
    // A picture of the most pixels takes its time in a build that is not optimised.
    Fuzz::new("media_files")
        .corpus(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
        .seeds(formats.map(picture))
        .seeds([
            pdf,
            film(),
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0".to_vec(),
        ])
        .words([
            "OggS",
            "OpusHead",
            "OpusTags",
            "RIFF",
            "WEBP",
            "VP8X",
            "ANIM",
            "moov",
            "trak",
            "IHDR",
            "IDAT",
            "\u{ff}\u{d8}",
            "/Count",
        ])
        .patience(Duration::from_secs(120))
        .run(|input| {
            std::fs::write(&path, input).expect("written");
            std::fs::write(&out, b"").expect("written");
            let file = sniff(&path, None, None).expect("read");
            let facts = probe(&path, &file);
            // What takes seconds here takes milliseconds when it is optimised; larger ones have tests of their own.
            let pixels = facts.width.unwrap_or(0).saturating_mul(facts.height.unwrap_or(0));
            if pixels > 1_000_000 {
                return format!("{} too many pixels", file.mime);
            }
            count += 1;
            let made = make(&path, &file, WANTED[count % WANTED.len()], &out);
            format!(
                "{} {}",
                file.mime,
                made.map_or_else(|error| error.to_string().chars().take(30).collect(), |ready| ready.mime)
            )
        });
}
