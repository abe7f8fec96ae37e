//! Opus in OGG (RFC 7845): reading any, writing mono at 48 kHz.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use ogg::writing::PacketWriteEndInfo;
use ogg::{Packet, PacketReader, PacketWriter};
use opus_rs::{Application, OpusDecoder, OpusEncoder};

use crate::error::{MediaError, Result};
use crate::limits;
use crate::sound::mix_down;

/// Opus always counts in 48 kHz.
pub(crate) const RATE: u32 = 48_000;
/// 20 ms, what phones record.
pub(crate) const FRAME: usize = 960;
/// Samples that the encoder is behind: 6.5 ms, left out by whoever plays it.
const PRE_SKIP: u16 = 312;
/// The same, to count with.
pub(crate) const BEHIND: usize = PRE_SKIP as usize;
/// Bits a second: twice what phones use, since other codecs came before.
const BITRATE: i32 = 32_000;
/// Frames on one page: one second, as phones write them.
const PAGE: u64 = 50;
/// Samples of the longest packet: 120 ms.
const LONGEST: usize = 5760;
const SERIAL: u32 = 0x5350_424b;

/// A stream that is read.
pub(crate) struct Stream {
    packets: PacketReader<BufReader<File>>,
    pub(crate) channels: usize,
    pre_skip: u64,
    serial: u32,
}

impl Stream {
    /// Reads the header.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut packets = PacketReader::new(BufReader::new(File::open(path)?));
        let head = packets.read_packet_expected().map_err(MediaError::damaged)?;
        let data = &head.data;
        if !data.starts_with(b"OpusHead") || data.len() < 19 {
            return Err(MediaError::Damaged("it has no Opus header".to_owned()));
        }
        let (channels, pre_skip) = (usize::from(data[9]), u64::from(u16::from_le_bytes([data[10], data[11]])));
        // More channels than two come in streams of their own.
        if !(1..=2).contains(&channels) || data[18] != 0 {
            return Err(MediaError::Unsupported(format!("Opus with {channels} channels can't be read here")));
        }
        Ok(Self { channels, pre_skip, serial: head.stream_serial(), packets })
    }

    /// Seconds, from the last page.
    pub(crate) fn length(mut self) -> Result<f64> {
        let mut last = 0;
        while let Some(packet) = self.next()? {
            last = last.max(packet.absgp_page());
        }
        let samples = last.saturating_sub(self.pre_skip) as f64;
        Ok(samples / f64::from(RATE))
    }

    /// The next packet of this stream.
    fn next(&mut self) -> Result<Option<Packet>> {
        loop {
            match self.packets.read_packet().map_err(MediaError::damaged)? {
                Some(packet) if packet.stream_serial() != self.serial => {}
                other => return Ok(other),
            }
        }
    }

    /// Decodes all of it, mixed down.
    pub(crate) fn decode(mut self, each: &mut dyn FnMut(&[f32], u32) -> Result<()>) -> Result<()> {
        let channels = i32::try_from(self.channels).unwrap_or(1);
        let rate = i32::try_from(RATE).unwrap_or(i32::MAX);
        let mut decoder = OpusDecoder::new(rate, self.channels).map_err(MediaError::damaged)?;
        debug_assert!(channels <= 2);
        let (mut pcm, mut mono) = (vec![0f32; LONGEST * self.channels], Vec::with_capacity(LONGEST));
        let (mut skip, mut tags) = (self.pre_skip, false);
        let (mut given, mut end) = (0u64, u64::MAX);
        while let Some(packet) = self.next()? {
            // The second packet holds titles.
            if !std::mem::replace(&mut tags, true) {
                continue;
            }
            if packet.last_in_stream() {
                end = packet.absgp_page().saturating_sub(self.pre_skip);
            }
            let samples = decoder.decode(&packet.data, LONGEST, &mut pcm).map_err(MediaError::damaged)?;
            mono.clear();
            mix_down(&pcm[..(samples * self.channels).min(pcm.len())], self.channels, &mut mono);
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(mono.len());
            skip -= skipped as u64;
            let left = usize::try_from(end.saturating_sub(given)).unwrap_or(usize::MAX);
            let piece = &mono[skipped..];
            let piece = &piece[..piece.len().min(left)];
            given += piece.len() as u64;
            each(piece, RATE)?;
        }
        Ok(())
    }
}

/// A recording that is written.
pub(crate) struct Writer {
    packets: PacketWriter<'static, BufWriter<File>>,
    encoder: OpusEncoder,
    /// One packet is kept back, since the last one is marked.
    waiting: Option<Vec<u8>>,
    frames: u64,
    buffer: Vec<u8>,
}

impl Writer {
    /// Writes the header.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let mut packets = PacketWriter::new(BufWriter::new(File::create(path)?));
        let mut head = b"OpusHead\x01\x01".to_vec();
        head.extend_from_slice(&PRE_SKIP.to_le_bytes());
        head.extend_from_slice(&RATE.to_le_bytes());
        // No gain, and the mapping of one channel.
        head.extend_from_slice(&[0, 0, 0]);
        packets.write_packet(head, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        let vendor = b"SparkBot";
        let mut tags = b"OpusTags".to_vec();
        tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
        tags.extend_from_slice(vendor);
        tags.extend_from_slice(&0u32.to_le_bytes());
        packets.write_packet(tags, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        let rate = i32::try_from(RATE).unwrap_or(i32::MAX);
        let mut encoder = OpusEncoder::new(rate, 1, Application::Audio).map_err(MediaError::damaged)?;
        encoder.bitrate_bps = BITRATE;
        Ok(Self { packets, encoder, waiting: None, frames: 0, buffer: vec![0; 1276] })
    }

    /// Encodes 20 ms.
    pub(crate) fn push(&mut self, frame: &[f32]) -> Result<()> {
        debug_assert_eq!(frame.len(), FRAME);
        if self.frames > limits::SECONDS * PAGE + 1 {
            return Err(MediaError::TooLarge(format!("the sound is longer than {} hours", limits::SECONDS / 3600)));
        }
        let length = self.encoder.encode(frame, FRAME, &mut self.buffer).map_err(MediaError::damaged)?;
        if let Some(before) = self.waiting.replace(self.buffer[..length].to_vec()) {
            let end = if self.frames.is_multiple_of(PAGE) {
                PacketWriteEndInfo::EndPage
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            self.packets.write_packet(before, SERIAL, end, self.frames * FRAME as u64)?;
        }
        self.frames += 1;
        Ok(())
    }

    /// Ends the stream, which has `samples` samples of sound: the last page
    /// says so, and what the last frame has beyond is not played.
    pub(crate) fn finish(mut self, samples: u64) -> Result<()> {
        if let Some(last) = self.waiting.take() {
            let end = (samples + u64::from(PRE_SKIP)).min(self.frames * FRAME as u64);
            self.packets.write_packet(last, SERIAL, PacketWriteEndInfo::EndStream, end)?;
        }
        self.packets.inner_mut().flush()?;
        Ok(())
    }
}
