//! What a file is, and what WhatsApp wants of it.
//!
//! No HTTP, no database, and nothing but Rust: files on disk go in, facts and
//! files that WhatsApp takes come out. Everything here blocks and uses the
//! processor; whoever calls it bounds how much of it runs at once.
//!
//! * [`kind`]: what the bytes say they are.
//! * [`probe`]: size, length, pages, without decoding more than needed.
//! * [`picture`]: pictures upright, as JPEG, small, as stickers.
//! * [`voice`]: recordings that every phone plays. [`sound`]: reading sound.
//! * [`ready`]: a file as WhatsApp wants it. [`mp4`], [`pdf`]: just enough of these formats.

pub mod error;
#[cfg(test)]
mod fuzz;
pub mod kind;
pub mod limits;
pub mod mp4;
pub mod pdf;
pub mod picture;
pub mod probe;
pub mod ready;
pub mod sound;
pub mod voice;

mod ogg_opus;
mod resample;
mod waveform;

pub use error::{MediaError, Result};
pub use kind::{FileType, Kind, sniff};
pub use probe::{Facts, probe};
