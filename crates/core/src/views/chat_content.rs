//! What messages of some kind say beyond their text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Link;

/// The file of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatMedia {
    /// Its id, for Chat Files.
    pub id: String,
    /// `image`, `video`, `audio`, `document` or `sticker`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `native`, `ptt` for a recording, `gif` for a short film that repeats, `ptv` for a round one.
    pub format: String,
    /// `new`, `fetching`, `available`, `failed`, `unavailable` or `expired`.
    pub status: String,
    /// Text along with it.
    pub caption: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// Name, for documents.
    pub filename: Option<String>,
    /// Ending of the name, without the dot.
    pub extension: Option<String>,
    /// SHA-256 in hexadecimal.
    pub sha2: Option<String>,
    /// Width, duration and so on.
    pub meta: ChatFileMeta,
    /// Small picture of it; only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<ChatFilePreview>,
    /// Where to get it.
    pub links: ChatMediaLinks,
}

/// Where to get a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatMediaLinks {
    /// What is known of it.
    pub resource: Link,
    /// The file itself.
    pub download: Link,
}

/// What is known of a file's inside.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatFileMeta {
    /// Whether there is a small picture of it.
    pub has_preview: bool,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Width by height.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect_ratio: Option<f64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// Pages of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count: Option<u32>,
    /// 64 loudnesses of a recording, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waveform: Option<Vec<u8>>,
    /// Can be opened once.
    pub is_view_once: bool,
}

/// A small picture of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatFilePreview {
    /// Base64.
    pub image: String,
    /// Always `image/jpeg`.
    pub mime: String,
}

/// A place.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatLocation {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// What the place is called.
    pub name: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// A position that moves while it is shared.
    pub is_live: bool,
}

/// A person's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatCard {
    /// Shown name.
    pub name: String,
    /// The first number on it, as written.
    pub phone: Option<String>,
    /// Every number on it, as written.
    pub phones: Vec<String>,
    /// WhatsApp ids that the numbers on it name.
    pub wids: Vec<String>,
    /// Every mail address on it.
    pub emails: Vec<String>,
    /// Company.
    pub organization: Option<String>,
    /// The card itself, vCard 3.0.
    pub vcard: String,
}

/// A question and its votes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatPoll {
    /// The question.
    pub name: String,
    /// The answers, in order.
    pub options: Vec<ChatPollOption>,
    /// How many may be chosen; 0 for any number.
    pub max: u32,
    /// Whether more than one may be chosen.
    pub multiple: bool,
    /// Choices in all.
    pub count: usize,
    /// People who have voted.
    pub participants: usize,
    /// ISO 8601.
    pub last_vote_at: Option<String>,
    /// Who voted last.
    pub last_voter: Option<String>,
}

/// An answer of a question.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatPollOption {
    /// Its text.
    pub name: String,
    /// How many have chosen it.
    pub votes: usize,
    /// Who has chosen it, by last vote.
    pub voters: Vec<ChatVoter>,
}

/// A person who has chosen an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatVoter {
    /// WhatsApp id.
    pub id: String,
    /// Number, where known.
    pub phone: Option<String>,
    /// When, ISO 8601.
    pub date: String,
}

/// An appointment and who comes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatEvent {
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// Degrees, north positive.
    pub latitude: Option<f64>,
    /// Degrees, east positive.
    pub longitude: Option<f64>,
    /// When it starts, ISO 8601.
    pub date: String,
    /// When it ends, ISO 8601.
    pub end_date: Option<String>,
    /// `voice` or `video`, when a call is made then.
    pub call: Option<String>,
    /// Link to join by.
    pub link: Option<String>,
    /// Called off.
    pub canceled: bool,
    /// Whether this number comes; absent while it has not answered.
    pub attending: Option<bool>,
    /// How many come.
    pub total_participants: usize,
    /// Who has answered, by last answer.
    pub participants: Vec<ChatAttendee>,
    /// The last answer, ISO 8601.
    pub updated_at: Option<String>,
}

/// A person's answer to an appointment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatAttendee {
    /// WhatsApp id.
    pub id: String,
    /// Number, where known.
    pub phone: Option<String>,
    /// `going`, `not_going` or `maybe`.
    pub answer: String,
    /// When, ISO 8601.
    pub date: String,
}

/// What can be chosen from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatList {
    /// `buttons` or `list`.
    pub kind: String,
    /// Heading.
    pub title: Option<String>,
    /// Small text below.
    pub footer: Option<String>,
    /// What opens the list.
    pub button: Option<String>,
    /// Buttons or rows; those of a list stand in sections.
    pub sections: Vec<ChatSection>,
}

/// A part of a list; buttons stand in one without a title.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatSection {
    /// Heading.
    pub title: Option<String>,
    /// In order.
    pub rows: Vec<ChatChoice>,
}

/// Something to choose, or what was chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatChoice {
    /// Id of the button or row.
    pub id: String,
    /// Its text.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
}

/// Something from a business's catalog.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatProduct {
    /// Id within WhatsApp's catalog.
    pub id: String,
    /// Whose catalog it is in.
    pub seller: String,
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// In the currency's unit.
    pub price: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The seller's own number of it.
    pub retailer_id: Option<String>,
    /// Its page.
    pub url: Option<String>,
}

/// An order placed from a catalog.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChatOrder {
    /// WhatsApp's id of it.
    pub id: String,
    /// Whom it was placed with.
    pub seller: Option<String>,
    /// Its heading.
    pub title: Option<String>,
    /// What the buyer wrote along.
    pub message: Option<String>,
    /// How many things.
    pub items: u32,
    /// Sum in the currency's unit.
    pub total: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
}

/// An invitation to a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChatInvite {
    /// The group.
    pub group: String,
    /// Its name.
    pub name: Option<String>,
    /// To join by.
    pub code: String,
    /// Until when, ISO 8601.
    pub expires_at: Option<String>,
}
