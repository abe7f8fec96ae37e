//! From one sample rate to another: a windowed sinc, piece by piece.

use std::f64::consts::PI;

/// Zero crossings on either side: a stop band of some 80 dB.
const CROSSINGS: usize = 16;
/// Steps between two samples in the table of the filter.
const STEPS: usize = 256;

/// Turns a stream of samples into one of another rate, without losing or
/// adding time.
#[derive(Debug)]
pub(crate) struct Resampler {
    /// Input samples per output sample.
    step: f64,
    /// Of the lower of both rates, as a share of the input's.
    cutoff: f64,
    /// Samples on either side that matter.
    reach: usize,
    table: Vec<f32>,
    /// What is still needed, beginning `reach` samples before the next output.
    history: Vec<f32>,
    /// The next output's place in `history`, in samples.
    at: f64,
    passes: bool,
    /// Samples so far.
    taken: u64,
    given: u64,
}

impl Resampler {
    pub(crate) fn new(from: u32, to: u32) -> Self {
        let (from, to) = (f64::from(from.max(1)), f64::from(to));
        // A little below, so that the filter's slope ends where it must.
        let cutoff = if to < from { to / from * 0.95 } else { 1.0 };
        let reach = (CROSSINGS as f64 / cutoff).ceil() as usize;
        Self {
            step: from / to,
            cutoff,
            reach,
            table: table(),
            // Silence before the beginning.
            history: vec![0.0; reach],
            at: reach as f64,
            passes: from == to,
            taken: 0,
            given: 0,
        }
    }

    /// Takes a piece and gives what can be said by now.
    pub(crate) fn push(&mut self, piece: &[f32], out: &mut Vec<f32>) {
        if self.passes {
            out.extend_from_slice(piece);
            return;
        }
        self.history.extend_from_slice(piece);
        self.taken += piece.len() as u64;
        while self.at as usize + self.reach + 1 < self.history.len() {
            out.push(self.sample());
            self.given += 1;
            self.at += self.step;
        }
        let used = (self.at as usize).saturating_sub(self.reach);
        self.history.drain(..used);
        self.at -= used as f64;
    }

    /// What is left, with silence after the end, and not a sample more than
    /// the sound is long.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) {
        if self.passes {
            return;
        }
        let wanted = (self.taken as f64 / self.step).round() as u64;
        let silence = vec![0.0; self.reach + 1 + self.step.ceil() as usize];
        self.push(&silence, out);
        let beyond = self.given.saturating_sub(wanted) as usize;
        out.truncate(out.len().saturating_sub(beyond));
    }

    fn sample(&self) -> f32 {
        let whole = self.at as usize;
        let first = whole + 1 - self.reach.min(whole + 1);
        let mut sum = 0.0f32;
        for (n, sample) in self.history[first..=whole + self.reach].iter().enumerate() {
            let distance = ((first + n) as f64 - self.at).abs() * self.cutoff;
            let place = distance * STEPS as f64;
            let step = place as usize;
            if let [a, b] = self.table[step.min(self.table.len())..].get(..2).unwrap_or(&[0.0, 0.0]) {
                sum += sample * (a + (b - a) * (place - step as f64) as f32);
            }
        }
        sum * self.cutoff as f32
    }
}

/// Half of the filter: sinc under a Blackman window.
fn table() -> Vec<f32> {
    (0..=CROSSINGS * STEPS)
        .map(|n| {
            let x = n as f64 / STEPS as f64;
            let sinc = if n == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            let w = x / CROSSINGS as f64;
            let window = 0.42 + 0.5 * (PI * w).cos() + 0.08 * (2.0 * PI * w).cos();
            (sinc * window) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Resampler;

    fn tone(rate: u32, hertz: f32, seconds: f32) -> Vec<f32> {
        (0..(rate as f32 * seconds) as usize)
            .map(|n| 0.5 * (std::f32::consts::TAU * hertz * n as f32 / rate as f32).sin())
            .collect()
    }

    fn resampled(sound: &[f32], from: u32, to: u32, piece: usize) -> Vec<f32> {
        let (mut resampler, mut out) = (Resampler::new(from, to), Vec::new());
        sound.chunks(piece).for_each(|piece| resampler.push(piece, &mut out));
        resampler.finish(&mut out);
        out
    }

    #[test]
    fn a_tone_stays_the_same_tone() {
        for from in [8_000, 11_025, 22_050, 44_100, 96_000] {
            let sound = tone(from, 440.0, 0.5);
            let out = resampled(&sound, from, 48_000, 1000);
            let wanted = sound.len() * 48_000 / from as usize;
            assert!(out.len().abs_diff(wanted) <= 1, "{from}: {}", out.len());
            let wanted = tone(48_000, 440.0, 0.5);
            let error: f32 = (2000..20_000).map(|n| (out[n] - wanted[n]).abs()).fold(0.0, f32::max);
            assert!(error < 0.01, "{from}: {error}");
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_left_out() {
        let out = resampled(&tone(96_000, 30_000.0, 0.25), 96_000, 48_000, 777);
        let loudest = out[1000..11_000].iter().fold(0.0f32, |most, s| most.max(s.abs()));
        assert!(loudest < 0.005, "{loudest}");
    }

    #[test]
    fn pieces_make_no_difference() {
        let sound = tone(44_100, 1000.0, 0.2);
        let (small, large) = (resampled(&sound, 44_100, 48_000, 64), resampled(&sound, 44_100, 48_000, 5000));
        assert_eq!(small.len(), large.len());
        assert!(small.iter().zip(&large).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}
