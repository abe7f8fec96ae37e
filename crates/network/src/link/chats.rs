//! What a number does to its chats; WhatsApp keeps it in step on all devices.

use async_trait::async_trait;

use crate::clock::Millis;
use crate::content::Target;
use crate::error::NetworkError;
use crate::wid::Wid;

/// What a number does to its chats; WhatsApp keeps it in step on all devices.
#[async_trait]
pub trait ChatLink: Send + Sync {
    /// Changes how a chat stands on all devices of the account, and returns once
    /// WhatsApp has taken it. Doing the same again changes nothing.
    ///
    /// `newest` is the time of the newest message known here: what is newer is
    /// not touched by archiving, reading and deleting.
    async fn change_chat(&self, chat: &Wid, change: &ChatChange, newest: Option<Millis>) -> Result<(), NetworkError>;

    /// Marks a message with a star on all devices of the account, or takes it off.
    async fn star(&self, message: &Target, starred: bool) -> Result<(), NetworkError>;

    /// Shows in a chat that somebody types or records, or that they have stopped.
    async fn show_activity(&self, chat: &Wid, activity: Activity) -> Result<(), NetworkError>;
}

/// How a chat stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatChange {
    /// Put away, or taken back.
    Archived(bool),
    /// At the top of the list.
    Pinned(bool),
    /// Silent up to this time, -1 for ever; `None` for no longer.
    Muted(Option<Millis>),
    /// Read, or marked as unread.
    Read(bool),
    /// Gone, with its messages.
    Deleted,
    /// Its messages gone; starred ones stay when asked.
    Cleared {
        /// Whether starred messages stay.
        keep_starred: bool,
    },
}

/// What a chat shows of the one at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Typing…
    Typing,
    /// Recording…
    Recording,
    /// Neither.
    Stopped,
}
