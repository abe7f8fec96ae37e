//! How much is worked on. A small file can hold a picture that fills the
//! memory or hours of sound; these are the ends of our patience.

/// Pixels of a picture: 64 million, more than any phone takes. Decoded they
/// are 256 MiB.
pub const PIXELS: u64 = 64_000_000;
/// Pixels of one side of a picture.
pub const SIDE: u32 = 20_000;
/// Bytes that decoding a picture may take.
pub const PICTURE_MEMORY: u64 = 512 * 1024 * 1024;
/// Seconds of sound that are turned into a recording.
pub const SECONDS: u64 = 2 * 3600;
/// Bytes of a picture as WhatsApp takes it.
pub const IMAGE_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of the longer side of a picture as WhatsApp's apps send it in their
/// high quality.
pub const IMAGE_SIDE: u32 = 4096;
/// Bytes of a sticker that does not move.
pub const STICKER_BYTES: u64 = 100 * 1024;
/// Bytes of a sticker that moves.
pub const MOVING_STICKER_BYTES: u64 = 500 * 1024;
/// Bytes of the picture shown before a download.
pub const THUMBNAIL_BYTES: usize = 16 * 1024;
/// Pixels of its longer side.
pub const THUMBNAIL_SIDE: u32 = 100;
/// Pixels of a side of the picture of a person, a group or a channel, at most.
pub const PROFILE_MOST: u32 = 640;
/// And at least: WhatsApp refuses smaller ones.
pub const PROFILE_LEAST: u32 = 192;
