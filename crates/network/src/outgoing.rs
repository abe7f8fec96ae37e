//! Messages on their way out.

use std::path::PathBuf;

use bytes::Bytes;

use crate::clock::Millis;
use crate::content::{Attendance, ContactCard, Event, Location, MediaKind, Menu, Poll, Product, Target};
use crate::status::StatusPost;
use crate::wid::Wid;

/// A message on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// WhatsApp message id, upper-case hexadecimal, chosen at enqueue.
    pub id: String,
    /// Person, group or channel.
    pub to: Wid,
    /// What it says.
    pub content: Content,
    /// The message it answers.
    pub quote: Option<Quote>,
    /// People named in the text as `@digits`.
    pub mentions: Vec<Wid>,
    /// Disappears after so many seconds, where the chat is set to that.
    pub ephemeral_seconds: Option<u32>,
    /// Key under which votes and answers to this message come; chosen at
    /// enqueue, so that a retry says the same as the first try.
    pub secret: Option<[u8; 32]>,
    /// For a status update, who sees it and how it looks.
    pub status: Option<StatusPost>,
}

impl Outgoing {
    /// A message that says `content` and nothing around it.
    #[must_use]
    pub fn new(id: impl Into<String>, to: Wid, content: Content) -> Self {
        Self {
            id: id.into(),
            to,
            content,
            quote: None,
            mentions: Vec::new(),
            ephemeral_seconds: None,
            secret: None,
            status: None,
        }
    }
}

/// What a message says.
#[derive(Debug, Clone)]
pub enum Content {
    /// UTF-8, with WhatsApp's marks for bold and the like.
    Text {
        /// What it says.
        body: String,
        /// How the first link in it is shown.
        preview: Option<Box<LinkPreview>>,
    },
    /// A file.
    Media(Box<Media>),
    /// A place.
    Location(Location),
    /// One or more cards.
    Contacts(Vec<ContactCard>),
    /// A question; needs [`Outgoing::secret`].
    Poll(Poll),
    /// A vote; replaces the one before. No options take it back.
    Vote {
        /// The poll.
        poll: Target,
        /// The poll as it was sent or received, for its key.
        raw: Bytes,
        /// Texts of what is chosen.
        options: Vec<String>,
    },
    /// An appointment; needs [`Outgoing::secret`].
    Event(Event),
    /// An answer to an event; replaces the one before.
    Attend {
        /// The event.
        event: Target,
        /// The event as it was sent or received, for its key.
        raw: Bytes,
        /// Whether one comes.
        answer: Attendance,
    },
    /// An emoji on a message; an empty one takes it back.
    Reaction {
        /// The message.
        of: Target,
        /// One emoji.
        emoji: String,
    },
    /// A new text or caption for a message of one's own.
    Edit {
        /// The message.
        of: Target,
        /// The message as it was sent, to keep what is not edited.
        raw: Option<Bytes>,
        /// The new text.
        body: String,
    },
    /// Deletes a message for everybody.
    Revoke {
        /// The message; one of somebody else's only as the group's admin.
        of: Target,
    },
    /// A product of a catalog.
    Product {
        /// The product.
        product: Box<Product>,
        /// Its picture.
        image: Option<Box<Media>>,
        /// Text along with it.
        body: Option<String>,
    },
    /// A message again, as it was sent or received.
    Forward {
        /// The protobuf.
        raw: Bytes,
    },
    /// Something to choose from.
    Menu {
        /// The text above.
        body: String,
        /// What can be chosen.
        menu: Menu,
    },
}

impl Content {
    /// A text without a preview.
    #[must_use]
    pub fn text(body: impl Into<String>) -> Self {
        Self::Text { body: body.into(), preview: None }
    }
}

/// A file and how it is shown.
#[derive(Debug, Clone)]
pub struct Media {
    /// How it is shown.
    pub kind: MediaKind,
    /// Where it lies; stays there until the send has returned.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// MIME type; with codec for voice, `audio/ogg; codecs=opus`.
    pub mime: String,
    /// Name, for documents.
    pub file_name: Option<String>,
    /// Text along with it.
    pub caption: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Length of sound and film.
    pub seconds: Option<u32>,
    /// Pages of a document.
    pub pages: Option<u32>,
    /// JPEG of at most some 100 pixels and 16 KiB, shown before the download.
    pub thumbnail: Option<Bytes>,
    /// 64 loudnesses of 0 to 100, for voice.
    pub waveform: Option<Bytes>,
    /// Moves, for stickers.
    pub animated: bool,
    /// Can be opened once.
    pub view_once: bool,
}

/// How a link is shown below the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// The link as it stands in the text.
    pub url: String,
    /// The page's title.
    pub title: Option<String>,
    /// The page's description.
    pub description: Option<String>,
    /// JPEG of at most some 300 pixels.
    pub thumbnail: Option<Bytes>,
}

/// Enough of a message to quote it.
#[derive(Debug, Clone)]
pub struct Quote {
    /// The quoted message's id.
    pub id: String,
    /// The chat it stands in, when it is another one than the answer's.
    pub chat: Option<Wid>,
    /// Who wrote it.
    pub author: Wid,
    /// Its text, as shown in the quote.
    pub text: String,
    /// The whole message, where it is known; shows more than the text.
    pub raw: Option<Bytes>,
}

/// WhatsApp's server has taken the message.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Server time of the acknowledgement.
    pub at: Option<Millis>,
    /// The id of the chat as WhatsApp knows it, when it differs from what was
    /// asked (a number that was normalised).
    pub chat: Option<Wid>,
    /// The protobuf as it was sent: what a forward, a quote, an edit or a vote
    /// needs later.
    pub raw: Bytes,
}
