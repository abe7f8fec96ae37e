//! Messages on their way in.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::content::{Attendance, ContactCard, Event, Location, MediaKind, Menu, Order, Poll, Product, Target};
use crate::status::StatusLook;
use crate::wid::Wid;

/// A decrypted message that arrived, from a person or from another device of
/// the same account (`from_me`).
#[derive(Debug, Clone)]
pub struct Received {
    /// WhatsApp message id.
    pub id: String,
    /// Chat as a phone-number id where known, with the LID beside it.
    pub chat: Wid,
    /// The chat's private id where known.
    pub chat_lid: Option<Wid>,
    /// Who wrote it: in a one-to-one chat the chat itself or the own number.
    pub author: Wid,
    /// The author's private id where known.
    pub author_lid: Option<Wid>,
    /// Whether the own account wrote it (on the phone or another companion).
    pub from_me: bool,
    /// Server time.
    pub at: Millis,
    /// The name the sender gives itself.
    pub push_name: Option<String>,
    /// What kind of message, in the API's words: `text`, `image`, `poll`…
    pub kind: String,
    /// Text or caption.
    pub body: Option<String>,
    /// Id of the message it answers.
    pub quoted: Option<QuotedRef>,
    /// People named in the text.
    pub mentions: Vec<Wid>,
    /// Whether it was delivered from the offline queue.
    pub offline: bool,
    /// Forwarded, ephemeral and so on: what `meta` of a chat message shows.
    pub flags: Flags,
    /// What the kind adds to kind and body.
    pub content: ReceivedContent,
    /// The decrypted protobuf: what a download, a quote, a forward or a vote
    /// needs later.
    pub raw: Bytes,
}

/// What a received message says beyond its text.
#[derive(Debug, Clone)]
pub enum ReceivedContent {
    /// Nothing beyond the text.
    Plain,
    /// A file; [`crate::Link::download`] fetches it.
    Media(Box<MediaInfo>),
    /// A place.
    Location(Location),
    /// Cards.
    Contacts(Vec<ContactCard>),
    /// A question.
    Poll(Poll),
    /// An appointment.
    Event(Box<Event>),
    /// A product, with its picture.
    Product(Box<Product>, Option<Box<MediaInfo>>),
    /// An order.
    Order(Box<Order>),
    /// Something to choose from.
    Menu(Menu),
    /// What was chosen from it.
    Choice(Choice),
    /// An invitation to a group.
    GroupInvite(GroupInvite),
    /// A change of another message.
    Change {
        /// Which.
        of: Target,
        /// How.
        change: Change,
    },
    /// A note of WhatsApp's own (timers, calls…), in the API's words.
    System(String),
    /// Something this version does not know.
    Unknown,
}

/// How a message changes another one.
#[derive(Debug, Clone)]
pub enum Change {
    /// An emoji; `None` takes it back.
    Reaction(Option<String>),
    /// A new text or caption.
    Edit(Option<String>),
    /// Deleted for everybody, by its author or by an admin.
    Revoke,
    /// A vote: SHA-256 of each chosen option's text; empty takes it back.
    Vote(Vec<[u8; 32]>),
    /// An answer to an event.
    Attend(Attendance),
    /// Pinned in the chat (`true`) or no longer.
    Pin(bool),
    /// Kept although it would disappear (`true`) or no longer.
    Keep(bool),
    /// A comment below it.
    Comment(Option<String>),
    /// Encrypted under a key that is not known here.
    Sealed,
}

/// A file that can be downloaded.
#[derive(Debug, Clone)]
pub struct MediaInfo {
    /// How it is shown.
    pub kind: MediaKind,
    /// MIME type as the sender gave it.
    pub mime: Option<String>,
    /// Bytes as the sender gave it.
    pub size: Option<u64>,
    /// SHA-256 of the decrypted file.
    pub sha256: Option<[u8; 32]>,
    /// Name, for documents.
    pub file_name: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Length of sound and film.
    pub seconds: Option<u32>,
    /// Pages of a document.
    pub pages: Option<u32>,
    /// Small JPEG.
    pub thumbnail: Option<Bytes>,
    /// 64 loudnesses, for voice.
    pub waveform: Option<Bytes>,
    /// Can be opened once.
    pub view_once: bool,
}

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Id of the button or row.
    pub id: String,
    /// Its text.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
}

/// An invitation to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupInvite {
    /// The group.
    pub group: Wid,
    /// Its name.
    pub name: Option<String>,
    /// To join by.
    pub code: String,
    /// Until when, Unix milliseconds.
    pub expires_at: Option<Millis>,
}

/// The quoted message as the quoting one carries it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuotedRef {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Option<Wid>,
    /// Its text, when carried.
    pub body: Option<String>,
}

/// Small facts about a received message.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Flags {
    /// How often it was forwarded; 5 and more is "forwarded many times".
    #[serde(default)]
    pub forward_score: u32,
    /// Marked as forwarded.
    pub forwarded: bool,
    /// Disappears after this many seconds.
    pub ephemeral_seconds: Option<u32>,
    /// Can be opened once.
    pub view_once: bool,
    /// Sent to a broadcast list.
    pub broadcast: bool,
    /// How the text of a status update looks.
    #[serde(default)]
    pub look: Option<StatusLook>,
}
