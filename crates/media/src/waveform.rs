//! The 64 bars that a phone draws beside a recording.

const BARS: usize = 64;

/// Collects loudness while a recording is made: the root of the mean square of
/// every 20 ms.
#[derive(Debug, Default)]
pub(crate) struct Waveform {
    loudness: Vec<f32>,
}

impl Waveform {
    /// Adds 20 ms.
    pub(crate) fn push(&mut self, frame: &[f32]) {
        let sum: f32 = frame.iter().map(|sample| sample * sample).sum();
        self.loudness.push((sum / frame.len().max(1) as f32).sqrt());
    }

    /// 64 numbers from 0 to 100, the loudest bar at 100 unless all is silent.
    pub(crate) fn bars(&self) -> Vec<u8> {
        if self.loudness.is_empty() {
            return vec![0; BARS];
        }
        let count = self.loudness.len();
        let bars: Vec<f32> = (0..BARS)
            .map(|bar| {
                let start = bar * count / BARS;
                let end = ((bar + 1) * count / BARS).clamp(start + 1, count.max(start + 1));
                let part = &self.loudness[start.min(count - 1)..end.min(count)];
                part.iter().sum::<f32>() / part.len().max(1) as f32
            })
            .collect();
        let loudest = bars.iter().copied().fold(0.0f32, f32::max);
        if loudest < 1e-4 {
            return vec![0; BARS];
        }
        // Ears hear ratios: the root keeps what is quiet visible.
        bars.iter().map(|bar| ((bar / loudest).sqrt() * 100.0).round() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Waveform;

    #[test]
    fn bars_follow_the_sound() {
        let mut waveform = Waveform::default();
        for n in 0..128u16 {
            waveform.push(&[f32::from(n) / 128.0; 960]);
        }
        let bars = waveform.bars();
        assert_eq!((bars.len(), bars[63]), (64, 100));
        assert!(bars.is_sorted() && bars[0] < 15);
    }

    #[test]
    fn silence_and_short_sound_have_64_bars_too() {
        assert_eq!(Waveform::default().bars(), vec![0; 64]);
        let mut short = Waveform::default();
        short.push(&[0.5; 960]);
        assert_eq!(short.bars(), vec![100; 64]);
        short = Waveform::default();
        short.push(&[0.0; 960]);
        assert_eq!(short.bars(), vec![0; 64]);
    }
}
