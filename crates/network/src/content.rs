//! What messages say, on their way out and in alike.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::wid::Wid;

/// A message that another one is about: it is reacted to, edited, voted on…
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its WhatsApp id.
    pub id: String,
    /// The chat it stands in.
    pub chat: Wid,
    /// Who wrote it.
    pub author: Wid,
    /// Whether the own account wrote it.
    pub from_me: bool,
}

/// Media that WhatsApp tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture, JPEG for all that WhatsApp's apps show.
    Image,
    /// A film with sound, MP4.
    Video,
    /// A short film without sound that repeats, MP4.
    Gif,
    /// A round film recorded in the chat.
    VideoNote,
    /// Music and other sound.
    Audio,
    /// A recording made in the chat: Opus in OGG, mono.
    Voice,
    /// Any file.
    Document,
    /// A sticker, WebP.
    Sticker,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Degrees, north positive.
    pub latitude: f64,
    /// Degrees, east positive.
    pub longitude: f64,
    /// What the place is called.
    pub name: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// A position that moves while it is shared.
    #[serde(default)]
    pub live: bool,
}

/// A person's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Shown name.
    pub name: String,
    /// vCard 3.0.
    pub vcard: String,
}

/// A question with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Poll {
    /// The question.
    pub name: String,
    /// The answers, in order; no two alike.
    pub options: Vec<String>,
    /// How many may be chosen; 0 for any number.
    pub selectable: u32,
}

/// An appointment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Where it takes place.
    pub location: Option<Location>,
    /// When it starts.
    pub starts_at: Millis,
    /// When it ends.
    pub ends_at: Option<Millis>,
    /// Link to join by.
    pub link: Option<String>,
    /// The kind of call that is made then.
    pub call: Option<Call>,
    /// Called off.
    #[serde(default)]
    pub canceled: bool,
}

/// Kinds of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Sound only.
    Voice,
    /// With pictures.
    Video,
}

/// What somebody answers to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attendance {
    /// Comes.
    Going,
    /// Does not come.
    NotGoing,
    /// Perhaps.
    Maybe,
}

/// Something from a business's catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Id within WhatsApp's catalog.
    pub id: String,
    /// Whose catalog it is in.
    pub seller: Wid,
    /// What it is called.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Price in thousandths of the currency's unit.
    pub price_1000: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The seller's own number of it.
    pub retailer_id: Option<String>,
    /// Its page.
    pub url: Option<String>,
}

/// An order placed from a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// WhatsApp's id of it.
    pub id: String,
    /// Whom it was placed with.
    pub seller: Option<Wid>,
    /// Its heading.
    pub title: Option<String>,
    /// What the buyer wrote along.
    pub message: Option<String>,
    /// How many things.
    pub items: u32,
    /// Sum in thousandths of the currency's unit.
    pub total_1000: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What it takes to ask WhatsApp for the items.
    pub token: Option<String>,
}

/// Something to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Menu {
    /// Up to a few buttons below a text.
    Buttons {
        /// Small text below.
        footer: Option<String>,
        /// In order.
        buttons: Vec<Button>,
    },
    /// A list that opens.
    List {
        /// Heading.
        title: Option<String>,
        /// Small text below.
        footer: Option<String>,
        /// What opens it.
        button: String,
        /// In order.
        sections: Vec<Section>,
    },
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back when it is pressed.
    pub id: String,
    /// What stands on it.
    pub text: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// In order.
    pub rows: Vec<Row>,
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Comes back when it is chosen.
    pub id: String,
    /// What it says.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
}

/// A thing of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderItem {
    /// Id within WhatsApp's catalog.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Price of one in thousandths of the currency's unit.
    pub price_1000: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
}
