//! Recordings made of sound that is made here, decoded again.

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};

use ogg::PacketReader;

use super::recording;
use crate::kind::of_bytes;
use crate::{MediaError, probe, sniff, sound};

/// A tone of so many seconds as a WAV file of 16 bits.
fn wav(rate: u32, channels: u16, seconds: f32, loudness: impl Fn(f32) -> f32) -> Vec<u8> {
    let frames = (rate as f32 * seconds) as u32;
    let data = frames * u32::from(channels) * 2;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + data).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(rate * u32::from(channels) * 2).to_le_bytes());
    bytes.extend_from_slice(&(channels * 2).to_le_bytes());
    bytes.extend_from_slice(b"\x10\0data");
    bytes.extend_from_slice(&data.to_le_bytes());
    for n in 0..frames {
        let at = n as f32 / rate as f32;
        let sample = (TAU * 440.0 * at).sin() * loudness(at / seconds) * 32_000.0;
        for _ in 0..channels {
            bytes.extend_from_slice(&(sample as i16).to_le_bytes());
        }
    }
    bytes
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in"), bytes).unwrap();
        Self { folder }
    }

    fn input(&self) -> PathBuf {
        self.folder.path().join("in")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn record(&self) -> crate::Result<crate::ready::Ready> {
        recording(&self.input(), &sniff(&self.input(), None, None).unwrap(), &self.out())
    }
}

fn decoded(path: &Path) -> Vec<f32> {
    let mut all = Vec::new();
    let kind = sniff(path, None, None).unwrap();
    assert_eq!(kind.mime, "audio/ogg; codecs=opus");
    sound::decode(path, &kind, &mut |piece, rate| {
        assert_eq!(rate, 48_000);
        all.extend_from_slice(piece);
        Ok(())
    })
    .unwrap();
    all
}

fn loudness(sound: &[f32]) -> f32 {
    (sound.iter().map(|s| s * s).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}

#[test]
fn a_wav_becomes_a_recording_that_sounds_the_same() {
    for (rate, channels) in [(44_100, 2), (8_000, 1), (48_000, 1)] {
        let place = Place::new(&wav(rate, channels, 1.5, |_| 0.5));
        let ready = place.record().unwrap();
        assert!(ready.written);
        assert_eq!((ready.mime.as_str(), ready.seconds), ("audio/ogg; codecs=opus", Some(2)));
        assert_eq!(ready.waveform.as_ref().map(Vec::len), Some(64));
        let heard = decoded(&place.out());
        assert!(heard.len().abs_diff(72_000) <= 2, "{rate}: {} samples", heard.len());
        let (meant, loud) = (0.5 * 32.0 / 32.768 / 2f32.sqrt(), loudness(&heard[4800..67_200]));
        assert!((loud / meant - 1.0).abs() < 0.05, "{rate}: {loud} for {meant}");
        // As many crossings of zero as a tone of 440 Hz has.
        let crossings = heard[4800..52_800].windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
        assert!(crossings.abs_diff(880) <= 4, "{rate}: {crossings}");
    }
}

/// The same tone as other programs write it; `fixtures/make.sh` makes them.
#[test]
fn sound_in_every_format_becomes_a_recording_that_sounds_the_same() {
    for (name, bytes) in [
        ("mp3", include_bytes!("../../fixtures/tone.mp3").as_slice()),
        ("m4a", include_bytes!("../../fixtures/tone.m4a")),
        ("aac", include_bytes!("../../fixtures/tone.aac")),
        ("flac", include_bytes!("../../fixtures/tone.flac")),
        ("vorbis", include_bytes!("../../fixtures/tone.ogg")),
    ] {
        let place = Place::new(bytes);
        let ready = place.record().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(ready.written, "{name}");
        assert_eq!((ready.mime.as_str(), ready.seconds), ("audio/ogg; codecs=opus", Some(1)), "{name}");
        assert_eq!(ready.waveform.as_ref().map(Vec::len), Some(64), "{name}");
        let mut reader = PacketReader::new(std::fs::File::open(place.out()).unwrap());
        let head = reader.read_packet().unwrap().unwrap().data;
        assert_eq!((&head[..8], head[9], &head[12..16]), (b"OpusHead".as_slice(), 1, &48_000u32.to_le_bytes()[..]));
        let heard = decoded(&place.out());
        // Encoders add a few hundredths of silence, which not every format tells of.
        assert!((37_000..44_000).contains(&heard.len()), "{name}: {} samples", heard.len());
        let crossings = heard[9600..28_800].windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
        assert!(crossings.abs_diff(352) <= 4, "{name}: {crossings}");
    }
}

#[test]
fn the_stream_is_as_the_standard_wants_it() {
    let place = Place::new(&wav(48_000, 1, 2.51, |_| 0.5));
    place.record().unwrap();
    let mut reader = PacketReader::new(std::fs::File::open(place.out()).unwrap());
    let head = reader.read_packet().unwrap().unwrap();
    assert!(head.first_in_stream() && head.last_in_page(), "the header has a page of its own");
    assert_eq!(&head.data[..8], b"OpusHead");
    assert_eq!((head.data[8], head.data[9], head.data.len()), (1, 1, 19));
    assert_eq!(
        (u16::from_le_bytes([head.data[10], head.data[11]]), head.data[12..16].to_vec()),
        (312, 48_000u32.to_le_bytes().to_vec())
    );
    let tags = reader.read_packet().unwrap().unwrap();
    assert!(tags.data.starts_with(b"OpusTags") && tags.last_in_page());
    let (mut packets, mut before, mut last) = (0u64, 0, None);
    while let Some(packet) = reader.read_packet().unwrap() {
        packets += 1;
        if packet.last_in_page() && !packet.last_in_stream() {
            assert_eq!(packet.absgp_page(), packets * 960, "a page tells how many samples end with it");
            assert!(packet.absgp_page() > before);
            before = packet.absgp_page();
        }
        last = Some(packet);
    }
    let last = last.unwrap();
    assert!(last.last_in_stream());
    let samples = (48_000.0f32 * 2.51) as u64;
    assert_eq!(last.absgp_page(), samples + 312, "the last page leaves out what is not sound");
    assert!(packets * 960 >= samples + 312);
}

#[test]
fn a_recording_passes_untouched_and_keeps_its_waveform() {
    let first = Place::new(&wav(16_000, 1, 1.0, |at| if at < 0.5 { 0.8 } else { 0.0 }));
    let made = first.record().unwrap();
    let second = Place::new(&std::fs::read(first.out()).unwrap());
    let again = second.record().unwrap();
    assert!(!again.written && !second.out().exists());
    assert_eq!(again.seconds, Some(1));
    let bars = again.waveform.unwrap();
    assert!(bars[..30].iter().all(|bar| *bar > 80) && bars[36..].iter().all(|bar| *bar < 10), "{bars:?}");
    let before = made.waveform.unwrap();
    assert!(bars.iter().zip(&before).all(|(a, b)| a.abs_diff(*b) < 25), "{bars:?} {before:?}");
    let kind = sniff(&second.input(), None, None).unwrap();
    let length = probe(&second.input(), &kind).seconds.unwrap();
    assert!((length - 1.0).abs() < 0.001, "{length}");
}

#[test]
fn length_and_codec_of_sound_are_found() {
    let place = Place::new(&wav(22_050, 2, 3.0, |_| 0.3));
    let kind = sniff(&place.input(), None, None).unwrap();
    let found = probe(&place.input(), &kind);
    assert_eq!(found.codec.as_deref(), Some("pcm"));
    assert!((found.seconds.unwrap() - 3.0).abs() < 0.01);
}

#[test]
fn what_has_no_sound_is_refused() {
    for bytes in
        [b"just text".to_vec(), wav(48_000, 1, 0.0, |_| 0.0), b"OggS".to_vec(), vec![0xff, 0xfb, 0x90, 0x64, 0, 0]]
    {
        let place = Place::new(&bytes);
        assert!(place.record().is_err(), "{:?}", of_bytes(&bytes, None, None));
    }
    assert!(matches!(Place::new(b"%PDF-1.4").record(), Err(MediaError::Unsupported(_))));
    let whole = wav(48_000, 1, 0.5, |_| 0.5);
    let cut = Place::new(&whole[..whole.len() / 2]);
    assert!(cut.record().is_ok_and(|ready| ready.seconds == Some(1)), "what was cut off is kept up to there");
}
