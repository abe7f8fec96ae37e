//! What other devices of the account have done to chats.

use crate::clock::Millis;
use crate::content::Target;
use crate::link::ChatChange;
use crate::wid::Wid;

/// What another device of the account has done to a chat.
#[derive(Debug, Clone)]
pub struct ChatReport {
    /// Which chat.
    pub chat: Wid,
    /// The private id of its person, where known.
    pub lid: Option<Wid>,
    /// When it was done.
    pub at: Millis,
    /// What.
    pub what: ChatAction,
}

/// What was done.
#[derive(Debug, Clone)]
pub enum ChatAction {
    /// The chat stands otherwise now. Where messages are concerned, those up to
    /// `until`; all when it does not say.
    Change {
        /// How.
        change: ChatChange,
        /// The newest message that the other device knew of.
        until: Option<Millis>,
    },
    /// A message was marked with a star, or the star taken off.
    Starred {
        /// Which message.
        message: Target,
        /// Whether it has one now.
        starred: bool,
    },
    /// A message was deleted on the own devices only.
    MessageDeleted {
        /// Which message.
        message: Target,
    },
}
