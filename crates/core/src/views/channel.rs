//! Channels.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// WhatsApp id, `…@newsletter`.
    pub id: String,
    /// The same.
    pub wid: String,
    /// Always `channel`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where WhatsApp gives out its picture, for some time.
    pub image_url: Option<String>,
    /// When it was made, ISO 8601.
    pub created_at: Option<String>,
    /// Newest post, ISO 8601.
    pub last_message_at: Option<String>,
    /// When WhatsApp was asked about it, ISO 8601.
    pub last_sync_at: String,
    /// When something about it has changed, as far as it is known here, ISO 8601.
    pub updated_at: String,
    /// Posts not read yet.
    pub unread_count: i64,
    /// Archived on the phone.
    pub is_archive: bool,
    /// The number can't post in it: it does not run it.
    pub is_read_only: bool,
    /// Pinned on the phone.
    pub is_pinned: bool,
    /// WhatsApp vouches for who runs it.
    pub is_verified: bool,
    /// Its posts are silent.
    pub is_muted: bool,
    /// The code of its link.
    pub invite_code: Option<String>,
    /// Its link.
    pub invite_link: Option<String>,
    /// How many follow it.
    pub total_participants: i64,
    /// What the number is to it: `owner`, `admin`, `subscriber`; null when it neither runs nor follows it.
    pub role: Option<String>,
    /// What only channels have.
    pub io_chat: ChannelChat,
}

/// What only channels have.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChannelChat {
    /// The same that its chat shows.
    pub channel: ChatChannel,
}

/// What a chat shows of its channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatChannel {
    /// Who finds it: always `public`, WhatsApp knows no other.
    pub privacy: String,
    /// With what followers may react: `all`, `basic`, `none`, where told.
    pub reaction_codes: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The number owns it.
    pub owner: bool,
    /// What the number is to it: `owner`, `admin`, `subscriber`, `guest`.
    pub membership: String,
    /// The code of its link.
    pub invite_code: Option<String>,
    /// WhatsApp has suspended it.
    pub suspended: bool,
    /// WhatsApp does not show it in the number's country.
    pub geosuspended: bool,
    /// WhatsApp vouches for who runs it.
    pub verified: bool,
    /// How many follow it.
    pub followers: i64,
    /// When it was named, ISO 8601.
    pub name_updated_at: Option<String>,
    /// When it was described, ISO 8601.
    pub description_updated_at: Option<String>,
    /// Its picture.
    pub image: Option<ChannelImage>,
}

/// A channel's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChannelImage {
    /// When WhatsApp was asked, ISO 8601.
    pub synced_at: String,
    /// Where WhatsApp gives it out, for some time.
    pub url: String,
}
