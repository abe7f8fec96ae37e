//! The segments of a JPEG (ITU-T T.81, annex B).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::path::Path;

/// What stands before the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Baseline, the only kind that everything decodes.
    pub(super) baseline: bool,
    /// 1 grey, 3 colour, 4 for print.
    pub(super) components: u8,
    /// Anything about the picture that is not the picture.
    pub(super) has_metadata: bool,
    /// Has to be turned to be upright, or may have to.
    pub(super) turned: bool,
}

impl Header {
    /// Right as it is.
    pub(super) fn is_plain(self) -> bool {
        self.baseline
            && !self.turned
            && matches!(self.components, 1 | 3)
            && self.width.max(self.height) <= super::limits::IMAGE_SIDE
    }
}

/// The header of a JPEG; none for other files.
pub(super) fn header(path: &Path) -> io::Result<Option<Header>> {
    let mut read = BufReader::new(File::open(path)?);
    match scan(&mut read) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        other => other,
    }
}

fn scan(read: &mut (impl Read + Seek)) -> io::Result<Option<Header>> {
    if bytes::<2>(read)? != [0xff, 0xd8] {
        return Ok(None);
    }
    let (mut has_metadata, mut turned) = (false, false);
    loop {
        let Some(marker) = marker(read)? else { return Ok(None) };
        let length = u64::from(u16::from_be_bytes(bytes(read)?)).saturating_sub(2);
        match marker {
            // Frames of every coding; the other codes in between are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, h1, h0, w1, w0, components] = bytes(read)?;
                return Ok(Some(Header {
                    width: u32::from(u16::from_be_bytes([w1, w0])),
                    height: u32::from(u16::from_be_bytes([h1, h0])),
                    baseline: marker == 0xc0,
                    components,
                    has_metadata,
                    turned,
                }));
            }
            0xda | 0xd9 => return Ok(None),
            _ => {
                if is_metadata(marker) {
                    has_metadata = true;
                }
                if marker == 0xe1 {
                    let mut exif = vec![0u8; usize::try_from(length).unwrap_or_default()];
                    read.read_exact(&mut exif)?;
                    turned |= is_turned(&exif);
                } else {
                    read.seek_relative(i64::try_from(length).unwrap_or_default())?;
                }
            }
        }
    }
}

/// Copies a JPEG without what is told about it: EXIF, XMP, IPTC, comments.
/// Colour profiles stay, since the picture looks different without.
pub(super) fn without_metadata(path: &Path, out: &Path) -> io::Result<()> {
    let mut read = BufReader::new(File::open(path)?);
    let mut write = BufWriter::new(File::create(out)?);
    write.write_all(&bytes::<2>(&mut read)?)?;
    loop {
        let Some(marker) = marker(&mut read)? else { return Err(ErrorKind::InvalidData.into()) };
        let length = bytes::<2>(&mut read)?;
        let content = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        if is_metadata(marker) {
            read.seek_relative(i64::try_from(content).unwrap_or_default())?;
            continue;
        }
        write.write_all(&[0xff, marker, length[0], length[1]])?;
        io::copy(&mut (&mut read).take(content), &mut write)?;
        if marker == 0xda {
            io::copy(&mut read, &mut write)?;
            return write.flush();
        }
    }
}

/// APP1 (EXIF, XMP), APP3 to APP13 and comments. APP0 is JFIF, APP2 holds colour
/// profiles, APP14 says how colours are coded.
fn is_metadata(marker: u8) -> bool {
    matches!(marker, 0xe1 | 0xe3..=0xed | 0xef | 0xfe)
}

/// Whether EXIF's orientation is anything but upright.
fn is_turned(exif: &[u8]) -> bool {
    let Some(tiff) = exif.strip_prefix(b"Exif\0\0") else { return false };
    let little = tiff.starts_with(b"II");
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let find = || {
        let start = usize::try_from(long(4)?).ok()?;
        let count = usize::from(short(start)?);
        (0..count).map(|n| start + 2 + n * 12).find(|at| short(*at) == Some(0x0112)).and_then(|at| short(at + 8))
    };
    find().is_some_and(|orientation| orientation != 1)
}

/// The next marker's code; none where no marker stands.
fn marker(read: &mut impl Read) -> io::Result<Option<u8>> {
    if bytes::<1>(read)? != [0xff] {
        return Ok(None);
    }
    loop {
        match bytes::<1>(read)?[0] {
            0xff => {}
            code => return Ok(Some(code)),
        }
    }
}

fn bytes<const N: usize>(read: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0u8; N];
    read.read_exact(&mut bytes)?;
    Ok(bytes)
}
