//! What a number does with channels, posts apart.

use std::time::Duration;

use async_trait::async_trait;

use crate::channel::{ChannelChange, ChannelInfo, DirectoryPage, DirectoryResult, NewChannel};
use crate::error::NetworkError;
use crate::wid::Wid;

/// What a number does with channels; posts are sent as messages are.
///
/// WhatsApp refuses ([`NetworkError::Refused`]) with 403 to who does not run a
/// channel, with 404 for channels and links that are not there, with 406 for
/// what it does not take.
#[async_trait]
pub trait ChannelLink: Send + Sync {
    /// All channels that the number runs or follows. How many follow them is not
    /// always told.
    async fn channels(&self) -> Result<Vec<ChannelInfo>, NetworkError>;

    /// Any channel.
    async fn channel(&self, channel: &Wid) -> Result<ChannelInfo, NetworkError>;

    /// The channel that a link's code leads to.
    async fn invited_channel(&self, code: &str) -> Result<ChannelInfo, NetworkError>;

    /// Makes a channel.
    async fn create_channel(&self, new: NewChannel) -> Result<ChannelInfo, NetworkError>;

    /// Changes a channel that the number runs.
    async fn change_channel(&self, channel: &Wid, change: ChannelChange) -> Result<(), NetworkError>;

    /// Deletes a channel that the number owns.
    async fn delete_channel(&self, channel: &Wid) -> Result<(), NetworkError>;

    /// Follows a channel.
    async fn follow_channel(&self, channel: &Wid) -> Result<(), NetworkError>;

    /// No longer follows a channel.
    async fn unfollow_channel(&self, channel: &Wid) -> Result<(), NetworkError>;

    /// A page of WhatsApp's directory with at most `limit` channels.
    async fn directory(
        &self,
        page: &DirectoryPage,
        limit: u32,
        from: Option<&str>,
    ) -> Result<DirectoryResult, NetworkError>;

    /// Has WhatsApp tell of reactions to a channel's posts for a while: how long.
    async fn watch_channel(&self, channel: &Wid) -> Result<Duration, NetworkError>;
}
