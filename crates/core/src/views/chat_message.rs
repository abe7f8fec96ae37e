//! Chat messages, the same in answers, in events and in webhooks. What a message
//! of some kind says beyond its text stands in [`super::chat_content`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chat_content::{
    ChatCard, ChatChoice, ChatEvent, ChatInvite, ChatList, ChatLocation, ChatMedia, ChatOrder, ChatPoll, ChatProduct,
};
use super::{Chat, Link};

/// A message of a chat, received or sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatMessage {
    /// WhatsApp's id.
    pub id: String,
    /// Kind: `text`, `image`, `video`, `audio`, `document`, `sticker`, `location`, `contacts`, `poll`, `event`, `list`,
    /// `list_response`, `buttons`, `buttons_response`, `interactive`, `template`, `product`, `order`, `group_invite`,
    /// `payment`, `call`, `comment`, `album`, `system` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What sort of that kind: `voice` of `audio`, `gif` and `video_note` of `video`, `live` of `location`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// `inbound` or `outbound`.
    pub flow: String,
    /// `active`, or `revoked` once it was deleted for everybody.
    pub status: String,
    /// `pending`, `sent`, `delivered`, `read`, `played`, `failed`.
    pub ack: String,
    /// Sender's id; the chat for inbound messages.
    pub from: String,
    /// Sender's number, where known.
    pub from_number: Option<String>,
    /// Receiver's id.
    pub to: String,
    /// Receiver's number, where known.
    pub to_number: Option<String>,
    /// Who wrote it, in groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// ISO 8601.
    pub date: String,
    /// Unix seconds.
    pub timestamp: i64,
    /// Text or caption, as it is now.
    pub body: Option<String>,
    /// When the text was last changed, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<String>,
    /// What it said before, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// Reactions of each person, oldest first; in channels the number's own only.
    pub reactions: Vec<Reaction>,
    /// What became of a channel's post, as far as WhatsApp has told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<PostCounts>,
    /// People named in the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// Where it was said.
    pub chat: MessageChat,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<ChatMedia>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<ChatLocation>,
    /// The cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ChatCard>>,
    /// The question and its votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<ChatPoll>,
    /// The appointment and who comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<ChatEvent>,
    /// What can be chosen from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ChatList>,
    /// What was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected: Option<ChatChoice>,
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<ChatProduct>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<ChatOrder>,
    /// The invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_invite: Option<ChatInvite>,
    /// The message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
    /// The caller's own id, for messages sent through the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Small facts.
    pub meta: MessageMeta,
    /// Where to go on.
    pub links: MessageLinks,
}

/// Where a message was said: in full, or no more than its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum MessageChat {
    /// In full.
    Full(Box<Chat>),
    /// No more than its name.
    Brief(ChatRef),
}

impl MessageChat {
    /// The chat's WhatsApp id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Full(chat) => &chat.id,
            Self::Brief(chat) => &chat.id,
        }
    }
}

/// A chat by its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatRef {
    /// WhatsApp id.
    pub id: String,
    /// Shown name.
    pub name: Option<String>,
    /// `chat`, `group` or `channel`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// One person's reaction.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// Whose, by WhatsApp id.
    pub from: String,
    /// Whose, by number, where known.
    pub from_number: Option<String>,
    /// One emoji.
    pub emoji: String,
    /// ISO 8601.
    pub date: String,
}

/// What became of a channel's post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostCounts {
    /// How often each emoji was given.
    pub reactions: Vec<ReactionCount>,
    /// How often it was seen, where told.
    pub views: Option<u64>,
}

/// How often an emoji was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReactionCount {
    /// One emoji.
    pub emoji: String,
    /// How often.
    pub count: u64,
}

/// What a message said before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Edit {
    /// The text of then.
    pub body: Option<String>,
    /// Until when, ISO 8601.
    pub date: String,
}

/// The message that another one answers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quoted {
    /// Its WhatsApp id.
    pub id: String,
    /// Its kind, when the message is known here.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who wrote it.
    pub from: Option<String>,
    /// Its text, as quoted.
    pub body: Option<String>,
    /// The caller's own id of it, when it was sent through the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Small facts about a message.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the API's own shape")]
pub struct MessageMeta {
    /// Said in a group.
    pub is_group: bool,
    /// Posted in a channel.
    pub is_channel: bool,
    /// A note of WhatsApp's own, not somebody's words.
    pub is_notification: bool,
    /// Marked as forwarded.
    pub is_forwarded: bool,
    /// How often it was forwarded; 5 and more is "forwarded many times".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward_score: Option<u32>,
    /// Disappears by itself.
    pub is_ephemeral: bool,
    /// After so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_duration: Option<u32>,
    /// Can be opened once.
    pub is_view_once: bool,
    /// Sent to a broadcast list.
    pub is_broadcast: bool,
    /// A short film that repeats.
    pub is_gif: bool,
    /// A position that moves while it is shared.
    pub is_live: bool,
    /// A document.
    pub is_doc: bool,
    /// Its text was changed.
    pub is_edited: bool,
    /// It was deleted for everybody.
    pub is_revoked: bool,
    /// Pinned in its chat.
    pub is_pinned: bool,
    /// Marked with a star on the number's own devices.
    pub is_star: bool,
    /// Kept although it would disappear.
    pub is_kept: bool,
    /// The first message of its chat.
    pub is_first_message: bool,
    /// The name the sender gives itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_name: Option<String>,
    /// The colour behind the text of a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// The font of the text of a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// `api`, `chat`, or where it was written.
    pub source: String,
    /// `app` for what was written on the phone, `platform` for what was sent here, `remote` for what was received.
    pub via: String,
}

/// Where to go on from a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageLinks {
    /// The message.
    pub message: Link,
    /// What came of it at each receiver.
    pub ackinfo: Link,
    /// The chat's other messages.
    pub chat_messages: Link,
    /// The number.
    pub device: Link,
}
