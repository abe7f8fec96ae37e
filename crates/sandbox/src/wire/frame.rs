//! Frames: three bytes of length, then the payload; before the first one an
//! introduction `WA 06 <dictionary>`, itself after an optional edge-routing
//! prefix `ED 00 01 <length:3> <data>`.

use thiserror::Error;
use wacore_binary::consts::WA_CONN_HEADER;

/// The longest frame accepted from a client. The length field could say 16 MiB;
/// no client sends a tenth of this before media and history are uploaded.
pub(crate) const MAX_FRAME: usize = 4 * 1024 * 1024;
/// The longest edge-routing prefix accepted.
const MAX_ROUTING: usize = 4096;
/// The longest frame this server may write: the length field's limit.
const MAX_OUT: usize = (1 << 24) - 1;

/// Why the byte stream can't be cut into frames.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum FrameError {
    #[error("the stream does not begin with WA or an edge-routing prefix")]
    Introduction,
    #[error("the edge-routing prefix is {0} bytes long")]
    Routing(usize),
    #[error("a frame of {0} bytes is longer than the limit of {MAX_FRAME}")]
    TooLong(usize),
}

/// Cuts the bytes of one connection into frames.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    buffer: Vec<u8>,
    header: Option<[u8; 4]>,
}

impl FrameReader {
    /// Adds what arrived.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The introduction the client sent, the prologue of its handshake.
    pub(crate) fn header(&self) -> Option<[u8; 4]> {
        self.header
    }

    /// The next whole frame, if one has arrived.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        if self.header.is_none() && !self.read_introduction()? {
            return Ok(None);
        }
        let Some(length) = length_at(&self.buffer, 0) else {
            return Ok(None);
        };
        if length > MAX_FRAME {
            return Err(FrameError::TooLong(length));
        }
        if self.buffer.len() < 3 + length {
            return Ok(None);
        }
        let frame = self.buffer[3..3 + length].to_vec();
        self.buffer.drain(..3 + length);
        Ok(Some(frame))
    }

    fn read_introduction(&mut self) -> Result<bool, FrameError> {
        if self.buffer.first() == Some(&b'E') {
            if self.buffer.len() < 7 {
                return if b"ED\x00\x01".starts_with(&self.buffer[..self.buffer.len().min(4)]) {
                    Ok(false)
                } else {
                    Err(FrameError::Introduction)
                };
            }
            if &self.buffer[..4] != b"ED\x00\x01" {
                return Err(FrameError::Introduction);
            }
            let length = length_at(&self.buffer, 4).unwrap_or(0);
            if length > MAX_ROUTING {
                return Err(FrameError::Routing(length));
            }
            if self.buffer.len() < 7 + length {
                return Ok(false);
            }
            self.buffer.drain(..7 + length);
        }
        if self.buffer.len() < 4 {
            return if b"WA".starts_with(&self.buffer[..self.buffer.len().min(2)]) {
                Ok(false)
            } else {
                Err(FrameError::Introduction)
            };
        }
        if self.buffer[..2] != WA_CONN_HEADER[..2] {
            return Err(FrameError::Introduction);
        }
        let mut header = [0; 4];
        header.copy_from_slice(&self.buffer[..4]);
        self.header = Some(header);
        self.buffer.drain(..4);
        Ok(true)
    }
}

/// One frame around `payload`; `None` when it is longer than the length field.
pub(crate) fn frame(payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() > MAX_OUT {
        return None;
    }
    let length = u32::try_from(payload.len()).ok()?.to_be_bytes();
    let mut framed = Vec::with_capacity(payload.len() + 3);
    framed.extend_from_slice(&length[1..]);
    framed.extend_from_slice(payload);
    Some(framed)
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = *bytes.get(at..at + 3)?.first_chunk()?;
    Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_frames_after_an_edge_routing_prefix_byte_by_byte() {
        let mut bytes = b"ED\x00\x01\x00\x00\x02xyWA\x06\x03".to_vec();
        bytes.extend(frame(b"hello").unwrap());
        bytes.extend(frame(b"").unwrap());
        let mut reader = FrameReader::default();
        let mut frames = Vec::new();
        for byte in bytes {
            reader.feed(&[byte]);
            while let Some(frame) = reader.next().unwrap() {
                frames.push(frame);
            }
        }
        assert_eq!(frames, [b"hello".to_vec(), Vec::new()]);
        assert_eq!(reader.header(), Some(*b"WA\x06\x03"));
    }

    #[test]
    fn refuses_a_frame_over_the_limit_before_reading_it() {
        let mut reader = FrameReader::default();
        reader.feed(b"WA\x06\x03\xff\xff\xff");
        assert_eq!(reader.next(), Err(FrameError::TooLong(0xff_ffff)));
    }

    #[test]
    fn refuses_another_protocol() {
        let mut reader = FrameReader::default();
        reader.feed(b"GET / HTTP/1.1\r\n");
        assert_eq!(reader.next(), Err(FrameError::Introduction));
    }

    proptest! {
        #[test]
        fn never_panics(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..16)) {
            let mut reader = FrameReader::default();
            for chunk in chunks {
                reader.feed(&chunk);
                while let Ok(Some(_)) = reader.next() {}
            }
        }

        #[test]
        fn never_panics_after_the_introduction(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
            let mut reader = FrameReader::default();
            reader.feed(b"WA\x06\x03");
            reader.feed(&bytes);
            while let Ok(Some(_)) = reader.next() {}
        }
    }
}
