//! Recordings: Opus in OGG, mono at 48 kHz, what every phone plays with its
//! waveform.

use std::path::Path;

use crate::error::{MediaError, Result};
use crate::kind::{FileType, Kind};
use crate::ogg_opus::{BEHIND, FRAME, RATE, Stream, Writer};
use crate::ready::{Ready, whole_seconds};
use crate::resample::Resampler;
use crate::sound;
use crate::waveform::Waveform;

/// As WhatsApp's apps name recordings.
const MIME: &str = "audio/ogg; codecs=opus";

/// A recording of any sound. One that is Opus in OGG and mono already stays as
/// it is.
///
/// # Errors
/// [`MediaError`] for what has no sound that can be decoded here, or too much.
pub fn recording(path: &Path, file: &FileType, out: &Path) -> Result<Ready> {
    if !matches!(file.kind, Kind::Audio | Kind::Video) {
        return Err(MediaError::Unsupported(format!("'{}' is no sound", file.mime)));
    }
    let passes = sound::is_opus(file) && Stream::open(path)?.channels == 1;
    let mut taking = Taking {
        writer: if passes { None } else { Some(Writer::create(out)?) },
        resampler: None,
        pending: Vec::new(),
        waveform: Waveform::default(),
        samples: 0,
    };
    sound::decode(path, file, &mut |piece, rate| taking.take(piece, rate))?;
    let (samples, bars) = taking.finish()?;
    if samples == 0 {
        return Err(MediaError::Damaged("there is no sound in it".to_owned()));
    }
    let seconds = samples as f64 / f64::from(RATE);
    Ok(Ready {
        written: !passes,
        mime: MIME.to_owned(),
        seconds: Some(whole_seconds(seconds)),
        waveform: Some(bars),
        ..Ready::default()
    })
}

/// A recording that is being made.
struct Taking {
    /// None when the file is right already and only its waveform is wanted.
    writer: Option<Writer>,
    resampler: Option<(u32, Resampler)>,
    pending: Vec<f32>,
    waveform: Waveform,
    samples: u64,
}

impl Taking {
    fn take(&mut self, piece: &[f32], rate: u32) -> Result<()> {
        if self.resampler.as_ref().is_none_or(|(known, _)| *known != rate) {
            if let Some((_, mut before)) = self.resampler.take() {
                before.finish(&mut self.pending);
            }
            self.resampler = Some((rate, Resampler::new(rate, RATE)));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.push(piece, &mut self.pending);
        }
        self.frames()
    }

    fn frames(&mut self) -> Result<()> {
        let whole = self.pending.len() / FRAME * FRAME;
        for frame in self.pending[..whole].chunks_exact(FRAME) {
            self.waveform.push(frame);
            if let Some(writer) = &mut self.writer {
                writer.push(frame)?;
            }
        }
        self.samples += whole as u64;
        self.pending.drain(..whole);
        Ok(())
    }

    /// The samples and the waveform.
    fn finish(mut self) -> Result<(u64, Vec<u8>)> {
        if let Some((_, mut resampler)) = self.resampler.take() {
            resampler.finish(&mut self.pending);
        }
        self.frames()?;
        let samples = self.samples + self.pending.len() as u64;
        if samples > 0
            && let Some(mut writer) = self.writer.take()
        {
            // Silence fills the last frame, and pushes out what the encoder is behind.
            let left = self.pending.len();
            self.pending.resize((left + BEHIND).div_ceil(FRAME) * FRAME, 0.0);
            for frame in self.pending.chunks_exact(FRAME) {
                writer.push(frame)?;
            }
            writer.finish(samples)?;
        }
        Ok((samples, self.waveform.bars()))
    }
}

#[cfg(test)]
mod tests;
