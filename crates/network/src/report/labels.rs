//! What is reported of WhatsApp's own labels.

use crate::Millis;
use crate::wid::Wid;

/// A change of labels, made on the phone or another device.
#[derive(Debug, Clone)]
pub enum LabelReport {
    /// A label is there, or has changed.
    Saved {
        /// WhatsApp's id.
        id: String,
        /// Its name.
        name: String,
        /// WhatsApp's number of its colour.
        color: i32,
    },
    /// A label is gone.
    Deleted {
        /// WhatsApp's id.
        id: String,
    },
    /// A label was put on a chat, or taken off.
    Chat {
        /// WhatsApp's id.
        id: String,
        /// The chat.
        chat: Wid,
        /// Put on.
        on: bool,
        /// When it was done.
        at: Millis,
    },
}
