//! What happens to channels, new posts apart.

use crate::channel::PostCounts;
use crate::wid::Wid;

/// Something about a channel has changed, by whomever on whatever device.
#[derive(Debug, Clone)]
pub struct ChannelReport {
    /// The channel.
    pub channel: Wid,
    /// What.
    pub news: ChannelNews,
}

/// What has changed.
#[derive(Debug, Clone)]
pub enum ChannelNews {
    /// People have reacted to posts, or seen them.
    Counts(Vec<PostCounts>),
    /// The channel itself, or what the number is to it: WhatsApp has to be asked.
    Stale,
}
