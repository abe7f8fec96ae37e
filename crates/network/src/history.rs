//! What a phone tells a newly linked companion of the past, and what it tells
//! when it is asked for more.

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::Millis;
use crate::link::ObserverError;
use crate::received::Received;
use crate::wid::Wid;

/// A part of a phone's history as it arrived: packed, and not looked into yet.
#[derive(Debug, Clone)]
pub struct HistoryPart {
    /// What it is a part of.
    pub kind: HistoryKind,
    /// Its place among the parts of its kind, from 1.
    pub order: Option<u32>,
    /// How much of its kind is told with it, in percent.
    pub progress: Option<u32>,
    /// The request that it answers; see [`crate::link::HistoryLink::ask_history`].
    pub request: Option<String>,
    /// The protobuf, deflated.
    pub packed: Bytes,
}

/// What a part of a history belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// All chats with their state and newest messages; comes first.
    Initial,
    /// The last months.
    Recent,
    /// What is older.
    Full,
    /// The names that people give themselves.
    Names,
    /// What was asked for.
    OnDemand,
    /// Anything else.
    Other,
}

impl HistoryKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Initial, Self::Recent, Self::Full, Self::Names, Self::OnDemand, Self::Other];

    /// A word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Recent => "recent",
            Self::Full => "full",
            Self::Names => "names",
            Self::OnDemand => "on_demand",
            Self::Other => "other",
        }
    }

    /// From its word; [`HistoryKind::Other`] for any that is none.
    #[must_use]
    pub fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Other)
    }
}

/// A bearable piece of a part.
#[derive(Debug, Clone)]
pub enum HistoryPiece {
    /// Messages of one chat.
    Chat(Box<HistoryChat>),
    /// What is known of people: names, and which addresses are one person's.
    People(Vec<HistoryPerson>),
}

/// Messages of one chat, at most as many as the reader was told; a longer chat
/// comes in several of these.
#[derive(Debug, Clone)]
pub struct HistoryChat {
    /// The chat's place within the part, from 0.
    pub place: usize,
    /// Whether these are the last of the chat in this part.
    pub ends: bool,
    /// The chat as a phone-number id where known.
    pub chat: Wid,
    /// Its private id where known.
    pub lid: Option<Wid>,
    /// As the phone shows it.
    pub state: HistoryState,
    /// Newest first, as phones send them; each followed by what was done to it.
    pub messages: Vec<HistoryMessage>,
}

/// A chat as the phone shows it.
#[derive(Debug, Clone, Default)]
pub struct HistoryState {
    /// Name in the address book, or the group's.
    pub name: Option<String>,
    /// In the archive.
    pub archived: bool,
    /// When it was pinned to the top.
    pub pinned_at: Option<Millis>,
    /// Muted until then; `i64::MAX` for good.
    pub muted_until: Option<Millis>,
    /// Messages that were not read.
    pub unread: u32,
    /// Marked as not read by hand.
    pub marked_unread: bool,
    /// New messages disappear after so many seconds.
    pub ephemeral_seconds: Option<u32>,
    /// Nothing can be written there.
    pub read_only: bool,
    /// Newest message.
    pub last_message_at: Option<Millis>,
    /// Whether the phone has nothing that is older.
    pub complete: bool,
}

/// A message of the past.
#[derive(Debug, Clone)]
pub struct HistoryMessage {
    /// What was said, or done to another message.
    pub message: Received,
    /// How far a message of one's own has come.
    pub ack: HistoryAck,
    /// Deleted for everybody since.
    pub revoked: bool,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HistoryAck {
    /// It was not sent.
    Failed,
    /// It waits on the phone.
    Pending,
    /// WhatsApp has it.
    Sent,
    /// The other one's phone has it.
    Delivered,
    /// It was read.
    Read,
    /// It was played.
    Played,
}

impl HistoryAck {
    /// As chat messages say it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
}

/// What a history tells of a person.
#[derive(Debug, Clone)]
pub struct HistoryPerson {
    /// Its id: by phone number where known.
    pub wid: Wid,
    /// Its private id where known.
    pub lid: Option<Wid>,
    /// The name it gives itself.
    pub push_name: Option<String>,
}

/// How a part is read.
#[derive(Debug, Clone, Copy)]
pub struct HistoryReading {
    /// Chats of the part to leave out: they were taken before.
    pub skip: usize,
    /// Messages of one piece at most.
    pub piece: usize,
    /// Messages before this are left out.
    pub since: Option<Millis>,
}

/// Takes the pieces of a part, one after the other.
#[async_trait]
pub trait HistorySink: Send {
    /// Takes a piece; the next one is read when this returns.
    ///
    /// # Errors
    /// When it can't be kept; the reading ends with that.
    async fn take(&mut self, piece: HistoryPiece) -> Result<(), ObserverError>;
}
