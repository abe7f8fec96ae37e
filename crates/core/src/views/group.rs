//! Groups, communities and who is in them.

use serde::Serialize;
use utoipa::ToSchema;

use super::Contact;

/// A group or a community.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// WhatsApp id, `…@g.us`.
    pub id: String,
    /// The same.
    pub wid: String,
    /// `group`, or `community`: the roof over groups, in which nobody writes.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where WhatsApp gives out its picture, for some days.
    pub image_url: Option<String>,
    /// Who has made it.
    pub owner: Option<String>,
    /// When it was made, ISO 8601.
    pub created_at: Option<String>,
    /// Newest message in it, ISO 8601.
    pub last_message_at: Option<String>,
    /// When it was last compared with WhatsApp, ISO 8601.
    pub last_sync_at: String,
    /// When something about it has changed, ISO 8601.
    pub updated_at: String,
    /// Messages not read yet.
    pub unread_count: i64,
    /// Archived on the phone.
    pub is_archive: bool,
    /// The number can't write in it: it is no longer in it, or only admins write.
    pub is_read_only: bool,
    /// Pinned on the phone.
    pub is_pinned: bool,
    /// The announcements of a community, in which only its admins write.
    pub is_community_announce: bool,
    /// The community it belongs to.
    pub community_parent_group: Option<String>,
    /// WhatsApp has suspended it.
    pub is_suspended: bool,
    /// The code of its link, where it was asked for.
    pub invite_code: Option<String>,
    /// Its link.
    pub invite_link: Option<String>,
    /// How many are in it.
    pub total_participants: i64,
    /// What the number is in it: `owner`, `admin`, `participant`; null when it is no longer in it.
    pub role: Option<String>,
    /// Who may do what.
    pub permissions: GroupPermissions,
    /// After which time messages disappear: `off`, `24h`, `7d`, `90d`, or seconds such as `3600s`.
    pub ephemeral: String,
    /// Who is in it; with a single group only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<GroupParticipant>>,
}

/// Who may do what in a group: `all` or `admins`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GroupPermissions {
    /// Change name, description, picture and timer.
    pub edit: &'static str,
    /// Write.
    pub send: &'static str,
    /// Add people.
    pub invite: &'static str,
    /// Whether an admin has to let in who joins by link.
    pub approval: bool,
}

/// Somebody in a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupParticipant {
    /// The group.
    pub chat_wid: String,
    /// WhatsApp id: by phone number where known, else the private id.
    pub wid: String,
    /// E.164, where known.
    pub phone: Option<String>,
    /// Private id, where known.
    pub lid: Option<String>,
    /// Name in the address book, or the name the person gives.
    pub name: Option<String>,
    /// An admin, the group's maker included.
    pub is_admin: bool,
    /// Has made the group.
    pub is_super_admin: bool,
    /// Stands in the number's address book.
    pub is_contact: bool,
    /// Has a chat with the number.
    pub is_chat_active: bool,
    /// When they came, where WhatsApp tells, ISO 8601.
    pub joined_at: Option<String>,
    /// When WhatsApp said so, ISO 8601.
    pub synced_at: String,
    /// The person; only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// What a chat shows of its group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatGroup {
    /// When it was last compared with WhatsApp, ISO 8601.
    pub synced_at: String,
    /// Who has made it.
    pub owner: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The community it belongs to.
    pub community: Option<String>,
    /// The announcements of a community.
    pub is_community_announce: bool,
    /// Where WhatsApp gives out its picture, for some days.
    pub image_url: Option<String>,
    /// How many are in it.
    pub total_participants: i64,
    /// An admin has to let in who joins by link.
    pub membership_approval: bool,
    /// Members may add people.
    pub membership_invite: bool,
    /// Only admins write.
    pub announce: bool,
    /// Only admins change name, description, picture and timer.
    pub restrict: bool,
    /// When it was named, ISO 8601.
    pub subject_updated_at: Option<String>,
    /// Who has written the description.
    pub description_owner: Option<String>,
    /// And when, ISO 8601.
    pub description_updated_at: Option<String>,
    /// Who is in it, admins first and 200 at most, with `include=participants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participants: Option<Vec<GroupParticipant>>,
}
