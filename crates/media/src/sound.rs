//! Reading sound: WAV, AIFF, MP3, AAC and ALAC in MP4, AAC by itself, Vorbis,
//! FLAC, and Opus in OGG; always mono, piece by piece.

use std::fs::File;
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error as SoundError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::Timestamp;

use crate::error::{MediaError, Result};
use crate::kind::FileType;
use crate::ogg_opus;
use crate::probe::Facts;

/// Broken pieces that are left out before the file is given up.
const BROKEN: usize = 50;

/// Whether the file is Opus in OGG.
pub(crate) fn is_opus(file: &FileType) -> bool {
    file.mime.starts_with("audio/ogg") && file.mime.contains("opus")
}

/// Length and codec.
#[must_use]
pub fn facts(path: &Path, file: &FileType) -> Facts {
    if is_opus(file) {
        let seconds = ogg_opus::Stream::open(path).and_then(ogg_opus::Stream::length).ok();
        return Facts { seconds, codec: Some("opus".to_owned()), ..Facts::default() };
    }
    let codec = match file.ext.as_str() {
        "ogg" => "vorbis",
        "wav" => "pcm",
        other => other,
    };
    Facts { seconds: length(path, file).ok().flatten(), codec: Some(codec.to_owned()), ..Facts::default() }
}

/// Length in seconds: as the file says, else as its pieces add up.
fn length(path: &Path, file: &FileType) -> Result<Option<f64>> {
    let mut format = open(path, file)?;
    let Some(track) = format.default_track(TrackType::Audio) else { return Ok(None) };
    let (id, base) = (track.id, track.time_base);
    let Some(base) = base else { return Ok(None) };
    let in_seconds = |ticks: u64| {
        let ticks = Timestamp::new(i64::try_from(ticks).unwrap_or(i64::MAX));
        base.calc_time(ticks).map(|time| time.as_secs_f64())
    };
    if let Some(length) = track.duration.map(symphonia::core::units::Duration::get).filter(|length| *length > 0) {
        return Ok(in_seconds(length));
    }
    let mut ticks = 0u64;
    while let Ok(Some(packet)) = format.next_packet() {
        if packet.track_id == id {
            ticks = ticks.saturating_add(packet.dur.get());
        }
    }
    Ok(in_seconds(ticks))
}

/// Decodes a file, giving each piece of mono sound with its rate to `each`,
/// which may stop it with an error.
///
/// # Errors
/// [`MediaError`] when there is no sound in it that can be decoded, and what
/// `each` answers.
pub fn decode(path: &Path, file: &FileType, each: &mut dyn FnMut(&[f32], u32) -> Result<()>) -> Result<()> {
    if is_opus(file) {
        return ogg_opus::Stream::open(path)?.decode(each);
    }
    let mut format = open(path, file)?;
    let track = format
        .default_track(TrackType::Audio)
        .ok_or_else(|| MediaError::Unsupported("there is no sound in it".to_owned()))?;
    let id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| MediaError::Unsupported("its sound is of an unknown kind".to_owned()))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| MediaError::Unsupported(format!("its sound can't be decoded here ({error})")))?;
    let (mut interleaved, mut mono, mut broken) = (Vec::<f32>::new(), Vec::<f32>::new(), 0);
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            // What was cut off ends where it was cut; a second stream behind the first is another file.
            Ok(None) | Err(SoundError::IoError(_) | SoundError::ResetRequired) => return Ok(()),
            Err(error) => return Err(MediaError::damaged(error)),
        };
        if packet.track_id != id {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(SoundError::DecodeError(_) | SoundError::IoError(_)) if broken < BROKEN => {
                broken += 1;
                continue;
            }
            Err(error) => return Err(MediaError::damaged(error)),
        };
        let (rate, channels) = (decoded.spec().rate(), decoded.spec().channels().count().max(1));
        decoded.copy_to_vec_interleaved(&mut interleaved);
        mono.clear();
        mix_down(&interleaved, channels, &mut mono);
        each(&mono, rate)?;
    }
}

/// The mean of all channels.
pub(crate) fn mix_down(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    let share = 1.0 / channels as f32;
    mono.extend(interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share));
}

fn open(path: &Path, file: &FileType) -> Result<Box<dyn FormatReader>> {
    let stream = MediaSourceStream::new(Box::new(File::open(path)?), Default::default());
    let mut hint = Hint::new();
    hint.with_extension(&file.ext);
    symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| MediaError::Unsupported(format!("'{}' can't be read as sound ({error})", file.mime)))
}
