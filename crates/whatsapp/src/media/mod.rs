//! Files on their way to WhatsApp's media hosts and back, in bounded memory.

pub(crate) mod channel;
pub(crate) mod download;
pub(crate) mod upload;

/// The largest file that WhatsApp carries.
pub(crate) const LARGEST: u64 = 2 << 30;
