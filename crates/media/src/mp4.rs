//! Just enough of MP4 and QuickTime (ISO/IEC 14496-12): how large, how long,
//! which way up, which codecs; nothing is decoded.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::{MediaError, Result};

/// Boxes looked at before giving up: a real film has a few hundred on the way.
const BOXES: usize = 10_000;
/// Levels: `moov/trak/mdia/minf/stbl/stsd`.
const DEPTH: usize = 8;

/// What a film says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Movie {
    /// Length.
    pub seconds: Option<f64>,
    /// Pixels, after turning.
    pub width: Option<u32>,
    /// Pixels, after turning.
    pub height: Option<u32>,
    /// Codec of the pictures: `avc1`, `hvc1`…
    pub video: Option<String>,
    /// Codec of the sound: `mp4a`…
    pub audio: Option<String>,
    /// Whether the index stands in front, so that it plays while it loads.
    pub fast_start: bool,
}

/// Reads what a film says of itself.
///
/// # Errors
/// [`MediaError::Damaged`] when it is no MP4 or has no index.
pub fn movie(path: &Path) -> Result<Movie> {
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let mut walk =
        Walk { file: BufReader::new(file), movie: Movie::default(), boxes: 0, track: Track::default(), data: false };
    let mut found = false;
    walk.boxes(0, end, 0, &mut found)?;
    if !found {
        return Err(MediaError::Damaged("it has no index ('moov')".to_owned()));
    }
    Ok(walk.movie)
}

#[derive(Default)]
struct Track {
    width: u32,
    height: u32,
    turned: bool,
    handler: [u8; 4],
}

struct Walk {
    file: BufReader<File>,
    movie: Movie,
    boxes: usize,
    track: Track,
    data: bool,
}

impl Walk {
    fn boxes(&mut self, mut at: u64, end: u64, depth: usize, found: &mut bool) -> Result<()> {
        while end.saturating_sub(at) >= 8 {
            self.boxes += 1;
            if self.boxes > BOXES || depth > DEPTH {
                return Err(MediaError::Damaged("it is nested too deeply".to_owned()));
            }
            self.file.seek(SeekFrom::Start(at))?;
            let mut length = u64::from(self.u32()?);
            let name = self.four()?;
            let mut header = 8;
            if length == 1 {
                length = (u64::from(self.u32()?) << 32) | u64::from(self.u32()?);
                header = 16;
            } else if length == 0 {
                length = end - at;
            }
            let next = at.checked_add(length).filter(|next| length >= header && *next <= end);
            // A film that was cut off still tells what stands before the cut.
            let Some(next) = next else { return Ok(()) };
            self.enter(name, at + header, next, depth, found)?;
            at = next;
        }
        Ok(())
    }

    fn enter(&mut self, name: [u8; 4], at: u64, end: u64, depth: usize, found: &mut bool) -> Result<()> {
        let content = end - at;
        match &name {
            b"moov" => {
                *found = true;
                self.movie.fast_start = !self.data;
                self.boxes(at, end, depth + 1, found)
            }
            b"mdat" => {
                self.data = true;
                Ok(())
            }
            b"trak" => {
                self.track = Track::default();
                self.boxes(at, end, depth + 1, found)
            }
            b"mdia" | b"minf" | b"stbl" => self.boxes(at, end, depth + 1, found),
            b"mvhd" if content >= 20 => self.movie_header(),
            b"tkhd" if content >= 84 => self.track_header(),
            b"hdlr" if content >= 12 => {
                self.skip(8)?;
                self.track.handler = self.four()?;
                Ok(())
            }
            b"stsd" if content >= 16 => self.sample_description(),
            _ => Ok(()),
        }
    }

    fn movie_header(&mut self) -> Result<()> {
        let version = self.u32()? >> 24;
        self.skip(if version == 1 { 16 } else { 8 })?;
        let scale = self.u32()?;
        let length =
            if version == 1 { (u64::from(self.u32()?) << 32) | u64::from(self.u32()?) } else { u64::from(self.u32()?) };
        let unknown = if version == 1 { u64::MAX } else { u64::from(u32::MAX) };
        if scale > 0 && length != unknown && length > 0 {
            let seconds = length as f64 / f64::from(scale);
            self.movie.seconds = Some(seconds);
        }
        Ok(())
    }

    fn track_header(&mut self) -> Result<()> {
        let version = self.u32()? >> 24;
        self.skip(if version == 1 { 32 } else { 20 })?;
        self.skip(16)?;
        let mut matrix = [0u32; 9];
        for cell in &mut matrix {
            *cell = self.u32()?;
        }
        // A quarter turn has nothing in the diagonal's first two places.
        self.track.turned = matrix[0] == 0 && matrix[4] == 0 && matrix[1] != 0;
        self.track.width = self.u32()? >> 16;
        self.track.height = self.u32()? >> 16;
        Ok(())
    }

    fn sample_description(&mut self) -> Result<()> {
        self.skip(8)?;
        self.skip(4)?;
        let codec = String::from_utf8_lossy(&self.four()?).trim().to_owned();
        match &self.track.handler {
            b"vide" if self.movie.video.is_none() => {
                self.movie.video = Some(codec);
                let Track { width, height, turned, .. } = self.track;
                let (width, height) = if turned { (height, width) } else { (width, height) };
                if width > 0 && height > 0 {
                    (self.movie.width, self.movie.height) = (Some(width), Some(height));
                }
            }
            b"soun" if self.movie.audio.is_none() => self.movie.audio = Some(codec),
            _ => {}
        }
        Ok(())
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.four().map(u32::from_be_bytes)
    }

    fn four(&mut self) -> io::Result<[u8; 4]> {
        let mut bytes = [0u8; 4];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: i64) -> io::Result<()> {
        self.file.seek_relative(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Movie, movie};

    fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut all = u32::try_from(content.len() + 8).unwrap().to_be_bytes().to_vec();
        all.extend_from_slice(name);
        all.extend_from_slice(content);
        all
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn track(handler: &[u8; 4], codec: &[u8; 4], turned: bool) -> Vec<u8> {
        let one = 0x1_0000;
        let matrix = if turned {
            [0, one, 0, u32::MAX - one + 1, 0, 0, 0, 0, one << 14]
        } else {
            [one, 0, 0, 0, one, 0, 0, 0, one << 14]
        };
        let mut header = words(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        header.extend(words(&matrix));
        header.extend(words(&[640 << 16, 360 << 16]));
        let handler = boxed(b"hdlr", &[&[0u8; 8][..], handler, &[0; 12]].concat());
        let entry = boxed(codec, &[0u8; 28]);
        let stsd = boxed(b"stsd", &[words(&[0, 1]), entry].concat());
        let media = boxed(b"mdia", &[handler, boxed(b"minf", &boxed(b"stbl", &stsd))].concat());
        boxed(b"trak", &[boxed(b"tkhd", &header), media].concat())
    }

    fn film(turned: bool, index_first: bool) -> Vec<u8> {
        let header = boxed(b"mvhd", &words(&[0, 0, 0, 600, 1500, 0x1_0000]));
        let index = boxed(b"moov", &[header, track(b"vide", b"avc1", turned), track(b"soun", b"mp4a", false)].concat());
        let (start, data) = (boxed(b"ftyp", b"isom\0\0\x02\0isom"), boxed(b"mdat", &[0u8; 64]));
        if index_first { [start, index, data].concat() } else { [start, data, index].concat() }
    }

    fn read(bytes: &[u8]) -> crate::Result<Movie> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        movie(file.path())
    }

    #[test]
    fn a_film_tells_its_size_length_and_codecs() {
        let found = read(&film(false, true)).unwrap();
        assert_eq!((found.width, found.height, found.seconds), (Some(640), Some(360), Some(2.5)));
        assert_eq!((found.video.as_deref(), found.audio.as_deref()), (Some("avc1"), Some("mp4a")));
        assert!(found.fast_start && !read(&film(false, false)).unwrap().fast_start);
    }

    #[test]
    fn a_film_recorded_upright_is_higher_than_wide() {
        let found = read(&film(true, true)).unwrap();
        assert_eq!((found.width, found.height), (Some(360), Some(640)));
    }

    #[test]
    fn broken_films_are_refused_and_never_read_forever() {
        assert!(read(b"\0\0\0\x08free").is_err());
        let whole = film(false, true);
        for end in 0..whole.len() {
            drop(read(&whole[..end]));
        }
        // Boxes that say they have no length would be read again and again.
        assert!(read(&[boxed(b"free", b""), vec![0, 0, 0, 4, b'x', b'x', b'x', b'x']].concat()).is_err());
        let deep = (0..50).fold(Vec::new(), |inner, _| boxed(b"trak", &inner));
        assert!(read(&boxed(b"moov", &deep)).is_err());
    }
}
