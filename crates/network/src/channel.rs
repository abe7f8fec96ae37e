//! Channels, as WhatsApp tells of them.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::wid::Wid;

/// What is known of a channel, whoever looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelFacts {
    /// `…@newsletter`.
    pub wid: Wid,
    /// Its name.
    pub name: String,
    /// When it was named so.
    #[serde(default)]
    pub name_at: Option<Millis>,
    /// What it is about.
    #[serde(default)]
    pub description: Option<String>,
    /// When that was written.
    #[serde(default)]
    pub description_at: Option<Millis>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Millis>,
    /// How many follow it, where told.
    #[serde(default)]
    pub followers: Option<i64>,
    /// WhatsApp vouches for who runs it.
    #[serde(default)]
    pub verified: bool,
    /// WhatsApp has suspended it.
    #[serde(default)]
    pub suspended: bool,
    /// WhatsApp does not show it in the number's country.
    #[serde(default)]
    pub geosuspended: bool,
    /// The code of its link.
    #[serde(default)]
    pub invite_code: Option<String>,
    /// With what followers may react: `all`, `basic`, `none`, in lower case.
    #[serde(default)]
    pub reactions: Option<String>,
    /// Its picture.
    #[serde(default)]
    pub picture: Option<ChannelPicture>,
}

/// Where a channel's picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPicture {
    /// WhatsApp's number of it.
    pub id: String,
    /// Where WhatsApp gives it out, for some time.
    pub url: String,
}

/// What a number is to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelRole {
    /// Follows it.
    Subscriber,
    /// Posts in it.
    Admin,
    /// Has made it, or was given it.
    Owner,
}

/// A channel as a number sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInfo {
    /// What is known of it.
    pub facts: ChannelFacts,
    /// `None` when the number neither runs nor follows it.
    pub role: Option<ChannelRole>,
    /// Whether its posts are silent.
    pub muted: bool,
}

/// A channel to be made.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Up to 100 characters.
    pub name: String,
    /// Up to 2,048 characters.
    pub description: Option<String>,
    /// A square JPEG.
    pub jpeg: Option<Vec<u8>>,
}

/// What to change of a channel; absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// Another name.
    pub name: Option<String>,
    /// Another description; an empty one removes it.
    pub description: Option<String>,
    /// Another picture, a square JPEG.
    pub jpeg: Option<Vec<u8>>,
}

/// How WhatsApp's directory is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelView {
    /// What WhatsApp recommends.
    Recommended,
    /// What is growing.
    Trending,
    /// What most people follow.
    Popular,
    /// What was made lately.
    New,
    /// What WhatsApp has picked.
    Featured,
}

/// A page of WhatsApp's directory.
#[derive(Debug, Clone)]
pub enum DirectoryPage {
    /// Channels with these words in their name or description.
    Words(String),
    /// A view of the directory, of these countries (ISO 3166 alpha-2) or of all.
    View(ChannelView, Vec<String>),
}

/// What a page of the directory holds.
#[derive(Debug, Clone, Default)]
pub struct DirectoryResult {
    /// The channels, as WhatsApp orders them.
    pub channels: Vec<ChannelInfo>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// What has become of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostCounts {
    /// The post's id.
    pub id: String,
    /// How often each emoji was given, as WhatsApp orders them.
    pub reactions: Vec<(String, u64)>,
    /// How often it was seen, where told.
    pub views: Option<u64>,
}
